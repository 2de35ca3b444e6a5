"""Items that are likely there: picked first, and made sure of by a time that we name.

Nothing of this is on the way of an order that comes in: how sure we are is asked when its walk is
put on the list, and whether it was found is seen by the sweep.
"""

from datetime import datetime, timedelta
from typing import Final

from associates.picking import tasks
from bopis.kernel.database import Tx
from bopis.kernel.ids import OrderId, StoreId
from bopis.orders import orders
from bopis.orders.choices.choice import confirm_by
from bopis.orders.choices.choice_models import Confirmation
from bopis.orders.events import OrderConfirmed
from bopis.orders.models import Order, OrderLine
from bopis.orders.states import PROMISED
from bopis.promises import promises
from inventory import stores
from inventory.belief import beliefs, policies
from inventory.belief.beliefs import Tier
from inventory.belief.models import BeliefMode

CONFIRM_WITHIN: Final = timedelta(minutes=15)
"""Open time in which somebody has looked for what is only likely there."""

REMEMBERED: Final = 10.0
"""Seconds for which a process remembers whether a store is believed."""

_OPEN: Final = """
    INSERT INTO confirmations (store_id, order_id, lines, confirm_by, opened_at)
    VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING
"""
_NEWS_BY: Final = """
    UPDATE orders SET next_update_due_at = LEAST(next_update_due_at, $3), version = version + 1
     WHERE store_id = $1 AND id = $2 AND closed_at IS NULL
"""
_GET: Final = "SELECT * FROM confirmations WHERE store_id = $1 AND order_id = $2"


async def get(tx: Tx, store_id: StoreId, order_id: OrderId) -> Confirmation | None:
    """Return what we said we would make sure of, if anything."""
    row = await tx.row(_GET, store_id, order_id)
    return None if row is None else Confirmation.of(row)


async def _is_believed(tx: Tx, store_id: StoreId) -> bool:
    """Say whether a store's belief is acted on: if not, nothing there is called likely."""

    async def ask() -> bool:
        return (await policies.get(tx, store_id)).mode is BeliefMode.ON

    return await tx.memory.lately(("is believed", store_id), REMEMBERED, ask)


async def judge(tx: Tx, order: Order, lines: list[OrderLine]) -> Confirmation | None:
    """Decide, once, whether anything of a new order has to be made sure of, and by when.

    The order is locked. Its own units are promised by now, so what is asked is whether all that
    is promised can be found, and nothing beside it.
    """
    if not await _is_believed(tx, order.store_id):
        return None
    known = await get(tx, order.store_id, order.id)
    if known is not None or order.state not in PROMISED:
        return known
    odds = await beliefs.odds(tx, order.store_id, {line.sku: 0 for line in lines})
    unsure = [
        {
            "line": line.line,
            "sku": line.sku,
            "name": line.name,
            "quantity": line.ordered,
            "p_find": round(odds[line.sku].p_find, 4),
        }
        for line in lines
        if line.sku in odds and odds[line.sku].tier is not Tier.AVAILABLE
    ]
    if not unsure:
        return None
    calendar = await stores.calendar(tx, order.store_id)
    by = confirm_by(calendar, order.accepted_at, CONFIRM_WITHIN)
    await tx.run(_OPEN, order.store_id, order.id, unsure, by, tx.now)
    await tx.run(_NEWS_BY, order.store_id, order.id, by)
    return await get(tx, order.store_id, order.id)


_FOUND: Final = """
    SELECT c.order_id FROM confirmations AS c
     WHERE c.store_id = $1 AND c.closed_at IS NULL AND NOT EXISTS (
           SELECT FROM jsonb_to_recordset(c.lines) AS m (line int)
             JOIN order_lines AS l ON l.store_id = $1 AND l.order_id = c.order_id
                                  AND l.line = m.line AND l.reserved > 0)
     ORDER BY c.order_id LIMIT 1000
"""


async def found(tx: Tx, store_id: StoreId) -> list[OrderId]:
    """Return the orders of which nothing likely has still to be looked for."""
    return [OrderId(row["order_id"]) for row in await tx.rows(_FOUND, store_id)]


_CLOSE: Final = """
    UPDATE confirmations SET closed_at = $3, is_found = $4
     WHERE store_id = $1 AND order_id = $2 AND closed_at IS NULL
"""


async def confirm(tx: Tx, store_id: StoreId, order_id: OrderId) -> None:
    """Say that we have in our hands what was only likely; what was not found is asked about."""
    held = await orders.hold(tx, store_id, order_id)
    known = await get(tx, store_id, order_id)
    if known is None or known.closed_at is not None:
        return
    numbers = {x["line"] for x in known.lines}
    unsure = [line for line in held.lines if line.line in numbers]
    if any(line.reserved for line in unsure):
        return
    is_found = all(line.picked + line.staged + line.handed_over == line.ordered for line in unsure)
    await tx.run(_CLOSE, store_id, order_id, tx.now, is_found)
    await tasks.due(tx, store_id, order_id, await task_due(tx, held.order))
    if is_found and held.order.state in PROMISED:
        await orders.save(tx, held.order)
        await tx.emit(
            OrderConfirmed(
                store_id=store_id,
                order_id=order_id,
                version=held.order.version,
                lines=sorted(numbers),
            )
        )


async def task_due(tx: Tx, order: Order) -> datetime:
    """Return by when an order's walk should be done: sooner, while something has to be sure.

    By the first promise, whatever has been said since. Whoever was told of a delay would else lose
    their place to all who came later: a warning that makes itself true.
    """
    first = await promises.first(tx, order.store_id, order.id)
    known = await get(tx, order.store_id, order.id)
    if known is None or known.closed_at is not None:
        return first
    return min(first, known.confirm_by)
