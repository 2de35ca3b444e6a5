"""Our word about an order: moved when it cannot be kept, repeated before silence is too long."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from bopis.kernel.database import Tx
from bopis.kernel.ids import OrderId, StoreId
from bopis.orders import orders
from bopis.orders.amends import apologies
from bopis.orders.choices import cases
from bopis.orders.events import OrderDelayed, OrderNewsDue
from bopis.orders.models import Order
from bopis.orders.states import PROMISED, Attention
from bopis.orders.watching.looks import AHEAD, APOLOGIES
from bopis.promises import predictor, promise, promises, warning
from bopis.promises.outlook import opens_at
from bopis.promises.promise import PromiseStatus
from inventory import stores
from inventory.opening import hours
from inventory.opening.hours import Calendar
from notifications import messages
from notifications.facts import DelayReason
from notifications.models import MessageKind

PROMISING: Final = frozenset(
    {
        MessageKind.ORDER_RECEIVED,
        MessageKind.ORDER_MOVED,
        MessageKind.DELAY_APOLOGY,
        MessageKind.NEWS_DUE,
    }
)
"""Messages whose news is the promise itself: void when it moves."""


async def update_estimate(
    tx: Tx,
    store_id: StoreId,
    order_id: OrderId,
    ready_by: datetime,
    *,
    reason: DelayReason,
    p_late: float,
    base_minutes: float = 0.0,
    elsewhere: Sequence[Mapping[str, Any]] = (),
    surer: datetime | None = None,
) -> Order:
    """Take in a new estimate; if the promise can no longer be kept, move it and say so.

    The only place where a promise is taken back because of time. One estimate, however often it
    is repeated, moves the promise once. After two apologies words are used up: a person calls.
    Where nobody knows when the doors open again no time is named, and that is said, once: a version
    of the promise that ends when the last one did.

    Shapes:
        surer: the estimate for somebody who has been let down before, with another order.

    Raises:
        OrderUnknown: There is none with this id in this store.
    """
    order = await orders.lock(tx, store_id, order_id)
    if order.state not in PROMISED:
        return order
    again = surer is not None and (await apologies.past(tx, order)).again
    ready_by = surer if again and surer is not None else ready_by
    order.estimate_at, order.p_late = ready_by, p_late
    calendar = await stores.calendar(tx, store_id)
    promised_at = promise.revise(order.promised_at, ready_by, tx.now)
    if promised_at is None or order.promise_version > APOLOGIES:
        risk = p_late >= warning.LATE_AT
        if promised_at is not None and order.attention is Attention.NONE:
            order.attention = Attention.STAFF_NEEDED
        if promised_at is not None:
            await apologies.ask_for_call(tx, order)
        if risk and order.promise_status is PromiseStatus.ON_TRACK:
            order.promise_status = PromiseStatus.AT_RISK
        await orders.save(tx, order)
        return order
    previously = order.promised_at
    named = await collectable(tx, store_id, promised_at)
    if named is None and await promises.has_no_time(tx, order.store_id, order.id):
        await say_news(tx, store_id, order_id)
        return order
    await move_promise(
        tx,
        order,
        named or previously,
        calendar=calendar,
        reason=reason,
        base_minutes=base_minutes,
        again=again,
    )
    if named is None:
        order.next_update_due_at = tx.now + promise.UNKNOWN_FOR
    await orders.save(tx, order)
    await tx.emit(
        OrderDelayed(
            store_id=store_id,
            order_id=order_id,
            version=order.version,
            previously=previously,
            promised_at=named,
            promise_version=order.promise_version,
            reason=reason,
            p_late=p_late,
            elsewhere=tuple(dict(place) for place in elsewhere),
        )
    )
    return order


async def collectable(tx: Tx, store_id: StoreId, moment: datetime) -> datetime | None:
    """Return the first time from a moment on at which orders can be collected; None: there is none.

    At the minute of closing nobody is let in.
    """
    pickup = await stores.pickup_calendar(tx, store_id)
    return moment if hours.is_open(pickup, moment) else hours.next_opening(pickup, moment)


async def move_promise(
    tx: Tx,
    order: Order,
    promised_at: datetime,
    *,
    calendar: Calendar,
    reason: DelayReason,
    base_minutes: float = 0.0,
    again: bool = False,
) -> None:
    """Make a later promise for a locked order. What we meant to say before, and have not, is void.

    Shapes:
        promised_at: as from ``collectable``: a time at which the doors are shut helps nobody.
    """
    made = await promises.revise(
        tx,
        order.store_id,
        order.id,
        latest=promised_at,
        reason=reason,
        base_minutes=base_minutes,
        confidence=predictor.confidence(order.promise_version + 1, again=again),
    )
    order.promised_at, order.promise_version = made.latest, made.version
    order.promise_status = PromiseStatus.DELAYED
    news_by = promise.next_news_by(promised_at, tx.now, opens_at(calendar, tx.now))
    order.next_update_due_at = await cases.news_by(tx, order, news_by)
    await messages.withdraw(
        tx, order.store_id, order.id, kinds=PROMISING, reason="The time in it has changed."
    )


async def say_news(tx: Tx, store_id: StoreId, order_id: OrderId, *, cleared: bool = False) -> None:
    """It is time to write and there is nothing new: say that, and when we will write again.

    ``cleared``: what we apologized for is settled. That is worth a word before one is due, if the
    promise still holds.
    """
    order = await orders.lock(tx, store_id, order_id)
    if order.state not in PROMISED or (orders.due(order) > tx.now + AHEAD and not cleared):
        return
    calendar = await stores.calendar(tx, store_id)
    opens = await collectable(tx, store_id, max(order.promised_at, tx.now))
    still_on_time = order.promised_at > tx.now + AHEAD and opens is not None
    cleared = cleared and still_on_time
    believed = order.promised_at if still_on_time else tx.now
    news_by = promise.next_news_by(believed, tx.now, opens_at(calendar, tx.now))
    if opens is None:  # nobody is woken to hear that the doors are shut until further notice
        usual = replace(calendar, closures=())
        news_by = opens_at(usual, tx.now) + promise.SILENCE
    order.next_update_due_at = await cases.news_by(tx, order, news_by)
    if still_on_time:
        await cases.has_a_time(tx, order)
    else:
        order.promise_status = orders.judged(order, max(tx.now, order.promised_at + AHEAD))
        if order.promise_version > APOLOGIES:
            await apologies.ask_for_call(tx, order)
    await orders.save(tx, order)
    await tx.emit(
        OrderNewsDue(
            store_id=store_id,
            order_id=order_id,
            version=order.version,
            promised_at=order.promised_at,
            next_update_due_at=order.next_update_due_at,
            still_on_time=still_on_time,
            cleared=cleared,
        )
    )
