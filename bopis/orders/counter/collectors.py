"""Somebody else collects: the shopper gives them a code of their own, and may take it back.

Whoever has the shopper's page has the shopper's code, so a second code lets nobody in who could
not come in before. It says who comes, and it can be withdrawn while the first one lives on.
"""

from typing import Final

from bopis.kernel.database import Tx
from bopis.kernel.ids import OrderId, StoreId
from bopis.orders import numbers
from bopis.orders.orders import lock
from bopis.orders.states import FINAL
from notifications import recipients

_NAME: Final = "UPDATE orders SET other_code = $3 WHERE store_id = $1 AND id = $2"


async def name(tx: Tx, store_id: StoreId, order_id: OrderId, first_name: str) -> str | None:
    """Let somebody else collect an order; return their code. None: it is not open any more.

    Named again, whoever was named before needs not come: their code opens nothing now.
    """
    order = await lock(tx, store_id, order_id)
    if order.state in FINAL:
        return None
    code = numbers.code(tx.new_id())
    await tx.run(_NAME, store_id, order_id, code)
    await recipients.name_other(tx, store_id, order_id, first_name)
    return code


async def withdraw(tx: Tx, store_id: StoreId, order_id: OrderId) -> None:
    """Let nobody else collect an order. What has been handed over, has been."""
    order = await lock(tx, store_id, order_id)
    if order.state in FINAL or order.other_code is None:
        return
    await tx.run(_NAME, store_id, order_id, None)
    await recipients.name_other(tx, store_id, order_id, None)
