"""A number below what is promised: whose order is it, if the number is true?"""

from collections.abc import Sequence
from typing import Final

from bopis.kernel.database import Tx
from bopis.kernel.ids import OrderId, Sku, StoreId
from bopis.orders.looks import APOLOGIES
from bopis.orders.orders import lock, save
from bopis.orders.states import PROMISED, Attention
from bopis.promises import predictor, promises
from bopis.promises.promise import PromiseStatus
from bopis.promises.promises import Signal
from inventory import stock

EVIDENCE: Final = "stock_conflict"

_WANTS: Final = """
    SELECT order_id, reserved FROM order_lines
     WHERE store_id = $1 AND sku = $2 AND order_id = ANY($3::uuid[]) AND reserved > 0
"""


async def doubt(tx: Tx, store_id: StoreId, sku: Sku, *, on_hand: int) -> None:
    """Mark the orders that would go without: the first promise is served first.

    Nobody is written to yet, for a feed may be wrong and somebody is asked to look. But the store
    sees it at once, and what the predictor knew is on record.
    """
    for order_id in await _losers(tx, store_id, sku, on_hand):
        order = await lock(tx, store_id, order_id)
        if order.state not in PROMISED or order.attention is not Attention.NONE:
            continue
        order.attention = Attention.STAFF_NEEDED
        if order.promise_status is PromiseStatus.ON_TRACK:
            order.promise_status = PromiseStatus.AT_RISK
        await save(tx, order)
        lead = predictor.lead(order.promised_at - order.accepted_at)
        await promises.signal(
            tx,
            store_id,
            Signal(order_id, order.promise_version, order.p_late or 0.0, lead, EVIDENCE),
        )


async def _losers(tx: Tx, store_id: StoreId, sku: Sku, on_hand: int) -> Sequence[OrderId]:
    concerned = await stock.orders_concerned(tx, store_id, sku)
    rows = await tx.rows(_WANTS, store_id, sku, concerned)
    wants = {OrderId(row["order_id"]): row["reserved"] for row in rows}
    left = on_hand
    losers = []
    for order_id in concerned:
        if wants.get(order_id, 0) > left:
            losers.append(order_id)
        left -= wants.get(order_id, 0)
    return losers


async def settle(tx: Tx, store_id: StoreId, sku: Sku) -> None:
    """The numbers agree again: nobody who waits for this item needs help because of it."""
    for order_id in await stock.orders_concerned(tx, store_id, sku):
        order = await lock(tx, store_id, order_id)
        if (
            order.state in PROMISED
            and order.attention is Attention.STAFF_NEEDED
            and order.promise_version <= APOLOGIES
        ):
            order.attention = Attention.NONE
            await save(tx, order)
