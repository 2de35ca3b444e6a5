"""What the floor says about an order: begun, found, taken back, short, and at the counter.

Called in the transaction of the scan itself, which holds the order's task. A fact about an order
that has ended meanwhile changes nothing: the scan is on record, and the units are put back.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final
from uuid import UUID

from associates.models import ShortReason
from associates.picking import tasks
from associates.walking.walk import effort
from bopis.kernel.database import Tx
from bopis.kernel.ids import OrderId, StoreId
from bopis.orders.choices import cases
from bopis.orders.events import OrderLineShort, OrderPicking, OrderReady
from bopis.orders.models import Order
from bopis.orders.orders import Held, hold, move, save, save_held
from bopis.orders.states import FINAL, LIVE, Bucket, OrderState
from bopis.promises import promise, promises
from inventory import stock, stores
from inventory.opening import hours
from inventory.opening.hours import Calendar
from notifications import messages
from notifications.models import MessageKind

B: Final = Bucket

OVERTAKEN: Final = frozenset(
    {
        MessageKind.ORDER_RECEIVED,
        MessageKind.ORDER_MOVED,
        MessageKind.DELAY_APOLOGY,
        MessageKind.NEWS_DUE,
        MessageKind.ITEM_SHORT,
        MessageKind.ITEMS_CONFIRMED,
        MessageKind.READY_WITHDRAWN,
    }
)
"""What need not be said any more once an order is ready: the ready message says it all."""

COUNTED_AGAIN: Final = frozenset(
    {ShortReason.NOT_FOUND, ShortReason.SHORT_QUANTITY, ShortReason.WRONG_ITEM_AT_LOCATION}
)
"""Shortages after which somebody counts, as ``inventory.reconcile`` has it: we only guess then."""


async def start(tx: Tx, store_id: StoreId, order_id: OrderId) -> None:
    """Somebody walks for it now."""
    held = await hold(tx, store_id, order_id)
    order = held.order
    if order.state in FINAL or order.picking_since is not None:
        return
    order.picking_since = tx.now
    held.roll_up()
    await save(tx, order)
    await tx.emit(OrderPicking(store_id=store_id, order_id=order_id, version=order.version))


PICKED: Final = """
    WITH seen AS (
        UPDATE orders SET version = version + 1
         WHERE store_id = $1 AND id = $2 AND state IN ('picking', 'partially_ready')
        RETURNING id
    )
    UPDATE order_lines AS l SET reserved = l.reserved - $4, picked = l.picked + $4
      FROM seen
     WHERE l.store_id = $1 AND l.order_id = seen.id AND l.line = $3
"""


async def found(tx: Tx, store_id: StoreId, order_id: OrderId, line: int, quantity: int) -> None:
    """Units are in a tote. While an order is being picked that cannot change what it is called."""
    if not await tx.run(PICKED, store_id, order_id, line, quantity):
        await _moved(tx, store_id, order_id, line, quantity, source=B.RESERVED, target=B.PICKED)


async def undone(
    tx: Tx, store_id: StoreId, order_id: OrderId, line: int, quantity: int, *, was_short: bool
) -> None:
    """A scan was taken back. A short one that nobody was asked about is never mentioned."""
    source = B.SHORT if was_short else B.PICKED
    held = await _moved(tx, store_id, order_id, line, quantity, source=source, target=B.RESERVED)
    if was_short and held is not None:
        await cases.follow(tx, held.order, held.lines)


async def short(
    tx: Tx,
    store_id: StoreId,
    order_id: OrderId,
    line: int,
    quantity: int,
    *,
    reason: ShortReason,
) -> None:
    """Units cannot be had: the shopper is asked before anything is taken off their order.

    The stock has been dealt with by whoever scanned. If nothing else is left of the order, nobody
    walks for it any more.
    """
    held = await _moved(tx, store_id, order_id, line, quantity, source=B.RESERVED, target=B.SHORT)
    if held is None:
        return
    order = held.order
    case = await cases.follow(tx, order, held.lines, recount=reason in COUNTED_AGAIN)
    assert case is not None
    await tx.emit(
        OrderLineShort(
            store_id=store_id,
            order_id=order_id,
            version=order.version,
            line=line,
            sku=next(row.sku for row in held.lines if row.line == line),
            quantity=quantity,
            reason=reason,
            case=case.number,
        )
    )
    if not held.units(*LIVE):
        await tasks.cancel(tx, store_id, order_id)


async def _moved(
    tx: Tx,
    store_id: StoreId,
    order_id: OrderId,
    line: int,
    quantity: int,
    *,
    source: Bucket,
    target: Bucket,
) -> Held | None:
    """Move units of one line; return the order, or None if it has ended."""
    held = await hold(tx, store_id, order_id)
    if held.order.state in FINAL:
        return None
    [row] = [row for row in held.lines if row.line == line]
    move(row, source, target, quantity)
    if held.order.picking_since is None:
        held.order.picking_since = tx.now
    held.roll_up()
    await save_held(tx, held)
    return held


_EVIDENCE: Final = """
    SELECT DISTINCT ON (e.payload->>'line') (e.payload->>'scan_id')::uuid AS scan_id
      FROM events AS e
      JOIN order_lines AS l ON l.store_id = e.store_id AND l.order_id = e.subject
                           AND l.line = (e.payload->>'line')::int
     WHERE e.store_id = $1 AND e.subject = $2 AND e.name = 'pick.line_found' AND l.staged > 0
     ORDER BY e.payload->>'line', e.seq DESC
"""


async def make_ready(
    tx: Tx, store_id: StoreId, order_id: OrderId, *, place: str, scans: Sequence[UUID]
) -> None:
    """Every unit that was found is at a scanned place: the order is ready, and here is the proof.

    What was short is not settled by this: its shopper is asked, and the rest can be collected.
    """
    held = await hold(tx, store_id, order_id)
    order = held.order
    if order.state in FINAL:
        return
    held.move(B.PICKED, B.STAGED)
    order.staging_code = place
    if held.units(B.RESERVED):  # staged in part: the rest is still being looked for
        held.roll_up()
        await save_held(tx, held)
        return
    held.roll_up()
    calendar = await stores.calendar(tx, store_id)
    store = await stores.get(tx, store_id)
    collects = await stores.pickup_calendar(tx, store_id)
    hold_until = hours.last_closing_on_or_after(collects, tx.now, store.hold_days)
    order.hold_until = hold_until or tx.now + timedelta(days=store.hold_days)
    order.ready_at = tx.now
    order.next_update_due_at = promise.next_reminder_by(order.hold_until, tx.now)
    if order.first_ready_at is None:
        order.first_ready_at = tx.now
        await _judge(tx, held, calendar)
    await stock.stage(tx, store_id, order_id, held.units(B.STAGED))
    await messages.withdraw(tx, store_id, order_id, kinds=OVERTAKEN, reason="It is ready.")
    if order.promise_version > 1:
        await cases.no_longer_late(tx, order)
    await save_held(tx, held)
    if held.units(B.SHORT):
        await cases.follow(tx, order, held.lines)
    assert order.state is OrderState.READY_FOR_PICKUP
    await tx.emit(
        OrderReady(
            store_id=store_id,
            order_id=order_id,
            version=order.version,
            hold_until=order.hold_until,
            evidence=[*await _scans(tx, order), *scans],
        )
    )


async def _scans(tx: Tx, order: Order) -> list[UUID]:
    """Return the last scan that found each line which is at the counter."""
    await tx.flush()
    rows = await tx.rows(_EVIDENCE, order.store_id, order.id)
    assert rows, "ready without a scan"
    return [row["scan_id"] for row in rows]


async def _judge(tx: Tx, held: Held, calendar: Calendar) -> None:
    """Judge the first promise, and learn from how long it took."""
    order = held.order
    [first, *_] = await promises.versions(tx, order.store_id, order.id)
    order.promise_status = promise.kept(first.latest, tx.now, tx.now) or order.promise_status
    since = order.picking_since
    await promises.learn(
        tx,
        order.store_id,
        order.id,
        took=hours.open_time_between(calendar, order.accepted_at, tx.now),
        picked_in=hours.open_time_between(calendar, since, tx.now) if since else None,
        units=effort(line.ordered for line in held.lines),
    )
