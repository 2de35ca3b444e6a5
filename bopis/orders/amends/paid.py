"""What was paid for an order goes along with its units: what a credit is a share of."""

from collections.abc import Sequence
from typing import Final

from bopis.kernel.database import Tx
from bopis.orders.amends.credit import Money, shared
from bopis.orders.models import Order, OrderLine


def split(order: Order, lines: Sequence[OrderLine], units: int) -> tuple[Money, Money] | None:
    """Return what so many units take along, and what stays; None: nobody said what was paid."""
    if order.total is None or order.currency is None:
        return None
    here = sum(line.ordered - line.rerouted - line.substituted for line in lines)
    return shared(Money(order.total, order.currency), units, max(here, units))


_LEAVE: Final = "UPDATE orders SET total = $3 WHERE store_id = $1 AND id = $2"


async def take_along(tx: Tx, order: Order, lines: Sequence[OrderLine], units: int) -> Money | None:
    """Let units take along what was paid for them; the order is locked, and has them yet."""
    parts = split(order, lines, units)
    if parts is None:
        return None
    share, left = parts
    order.total = left.amount
    await tx.run(_LEAVE, order.store_id, order.id, left.amount)
    return share
