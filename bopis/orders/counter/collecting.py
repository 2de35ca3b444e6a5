"""A ready order waits: collected, called to mind, expired, or not ready after all."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from associates.picking import tasks
from associates.walking.walk import effort
from bopis.kernel.database import Tx
from bopis.kernel.ids import OrderId, Sku, StoreId
from bopis.orders.choices import cases
from bopis.orders.choices.choice import CaseState, Outcome, Via
from bopis.orders.events import OrderCollected, OrderExpired, OrderHoldEnding, OrderRetracted
from bopis.orders.orders import Held, due, hold, lock, move, save, save_held
from bopis.orders.our_word import collectable, move_promise
from bopis.orders.placing import outlooks
from bopis.orders.states import PROMISED, WAITING, Bucket
from bopis.orders.watching.looks import AHEAD
from bopis.promises import predictor, promise, promises
from bopis.promises.outlook import opens_at
from bopis.promises.promise import PromiseStatus
from inventory import stock, stores
from inventory.opening import hours
from notifications import messages
from notifications.facts import DelayReason
from notifications.models import MessageKind

B: Final = Bucket
WAITED: Final = (MessageKind.ORDER_READY, MessageKind.PICKUP_REMINDER)
"""What we say to somebody whom we wait for."""


async def collect(tx: Tx, store_id: StoreId, order_id: OrderId) -> None:
    """The customer has it: off the shelf and out of the building."""
    held = await hold(tx, store_id, order_id)
    order = held.order
    if order.state not in WAITING:
        return
    taken = held.units(B.STAGED)
    held.move(B.STAGED, B.HANDED_OVER)
    held.move(B.SHORT, B.CANCELLED)
    held.roll_up()
    held.close(tx.now, "collected")
    await stock.consume(tx, store_id, order_id, taken)
    await messages.withdraw(tx, store_id, order_id, reason="It has been collected.")
    await save_held(tx, held)
    await cases.end(tx, order, CaseState.ANSWERED, Outcome.WITHOUT, via=Via.COUNTER)
    await tx.emit(OrderCollected(store_id=store_id, order_id=order_id, version=order.version))


async def remind(tx: Tx, store_id: StoreId, order_id: OrderId) -> None:
    """Call a waiting order to mind, once, a day before it goes back on the shelf."""
    order = await lock(tx, store_id, order_id)
    if order.state not in WAITING or order.hold_until is None:
        return
    if not due(order) <= tx.now + AHEAD < order.hold_until:
        return
    order.next_update_due_at = order.hold_until  # said a little early, it is said all the same
    await save(tx, order, seen=False)
    await tx.emit(
        OrderHoldEnding(
            store_id=store_id,
            order_id=order_id,
            version=order.version,
            hold_until=order.hold_until,
        )
    )


_ENDING: Final = """
    SELECT id, hold_until FROM orders
     WHERE store_id = $1 AND closed_at IS NULL AND hold_until > $2
       AND state IN ('ready_for_pickup', 'partially_picked_up')
     ORDER BY id LIMIT 5000
"""


async def keep_longer(tx: Tx, store_id: StoreId) -> None:
    """Keep what would go back on the shelf while the doors are shut until they shut once more.

    Whoever was told "until Friday, 9 PM" and finds the store closed at 5 PM was told wrong: they
    hear of the new end at once. A hold is never made shorter.
    """
    calendar = await stores.pickup_calendar(tx, store_id)
    for row in await tx.rows(_ENDING, store_id, tx.now):
        if hours.is_open(calendar, row["hold_until"] - timedelta.resolution):
            continue
        until = hours.closing_after(calendar, row["hold_until"])
        if until is not None:
            await _keep_until(tx, store_id, OrderId(row["id"]), until)


async def _keep_until(tx: Tx, store_id: StoreId, order_id: OrderId, until: datetime) -> None:
    order = await lock(tx, store_id, order_id)
    if order.state not in WAITING or order.hold_until is None or order.hold_until >= until:
        return
    order.hold_until = until
    order.next_update_due_at = promise.next_reminder_by(until, tx.now)
    await messages.withdraw(
        tx,
        store_id,
        order_id,
        kinds=(MessageKind.PICKUP_REMINDER,),
        reason="It is kept longer.",
    )
    await save(tx, order)
    await tx.emit(
        OrderHoldEnding(
            store_id=store_id, order_id=order_id, version=order.version, hold_until=until
        )
    )


async def expire(tx: Tx, store_id: StoreId, order_id: OrderId) -> None:
    """Nobody came in time: it goes back on the shelf, and is sold to others when it is there."""
    await tasks.expire(tx, store_id, order_id)
    held = await hold(tx, store_id, order_id)
    order = held.order
    assert order.state in WAITING
    assert order.hold_until is not None
    assert order.hold_until <= tx.now
    waited = held.units(B.STAGED)
    held.move(B.STAGED, B.EXPIRED)
    held.move(B.SHORT, B.CANCELLED)
    held.roll_up()
    held.close(tx.now, "no_show")
    await stock.release(tx, store_id, order_id, waited, picked=waited)
    await messages.withdraw(tx, store_id, order_id, reason="It has expired.")
    await save_held(tx, held)
    await cases.end(tx, order, CaseState.DEFAULTED, Outcome.WITHOUT)
    await tx.emit(OrderExpired(store_id=store_id, order_id=order_id, version=order.version))


async def retract(
    tx: Tx, store_id: StoreId, order_id: OrderId, *, missing: Mapping[Sku, int]
) -> None:
    """It was called ready, and it is not: back to the floor, with a new time and a correction.

    Counts against the store for ever: the fact stays, and so does the first promise.

    Shapes:
        missing: units that are not there; empty: the bag itself is not, so all of it.
    """
    held = await hold(tx, store_id, order_id)
    order = held.order
    if order.state not in WAITING:
        return
    staged = held.units(B.STAGED)
    await stock.stage(tx, store_id, order_id, {sku: -units for sku, units in staged.items()})
    _take_down(held, missing)
    held.roll_up()
    assert order.state in PROMISED
    order.ready_at = order.first_ready_at = order.hold_until = order.staging_code = None
    order.promise_status = (
        PromiseStatus.DELAYED if order.promise_version > 1 else PromiseStatus.ON_TRACK
    )
    outlook = await promises.outlook(tx, store_id, outlooks.remembered(tx))
    base = outlook.of_order(effort(held.units(B.RESERVED).values()))
    share = predictor.confidence(order.promise_version + 1)
    ready_by = order.estimate_at = outlook.ready_by(base, tx.now, share=share)
    new = promise.revise(order.promised_at, ready_by, tx.now)
    if new is None:
        order.next_update_due_at = promise.next_news_by(
            order.promised_at, tx.now, opens_at(outlook.calendar, tx.now)
        )
    else:
        await move_promise(
            tx,
            order,
            await collectable(tx, store_id, new) or new,
            calendar=outlook.calendar,
            reason=DelayReason.SEARCHING_ITEM,
            base_minutes=base,
        )
    await messages.withdraw(tx, store_id, order_id, kinds=WAITED, reason="It was not ready.")
    await save_held(tx, held)
    await tx.emit(
        OrderRetracted(
            store_id=store_id,
            order_id=order_id,
            version=order.version,
            promised_at=order.promised_at,
            promise_version=order.promise_version,
        )
    )


def _take_down(held: Held, missing: Mapping[Sku, int]) -> None:
    """What is missing is to be found again; what is there is in somebody's hands."""
    for line in held.lines:
        lost = min(line.staged, missing.get(line.sku, 0)) if missing else line.staged
        move(line, B.STAGED, B.PICKED, line.staged)
        move(line, B.PICKED, B.RESERVED, lost)
