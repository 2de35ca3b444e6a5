"""What shoppers are told, and when it is still true. No network here: the sender delivers it.

Facts come by the relay, so each of these first asks two honest questions: is it still so, and
what have they actually heard. A message names its claims, and each claim the fact that proves it.
"""

from datetime import datetime
from typing import Final

from bopis.kernel.database import Tx
from bopis.orders import asking, letters, likely, numbers, orders
from bopis.orders.events import (
    OrderAccepted,
    OrderCancelled,
    OrderCollected,
    OrderDelayed,
    OrderExpired,
    OrderFact,
    OrderHoldEnding,
    OrderKept,
    OrderNewsDue,
    OrderReady,
    OrderRetracted,
)
from bopis.orders.models import Order
from bopis.orders.states import (
    BY_SHOP,
    BY_SHOPPER,
    PROMISED,
    WAITING,
    Bucket,
    CancelReason,
    OrderState,
)
from inventory import stores
from notifications import facts, messages
from notifications.facts import CancelledBy, DelayReason
from notifications.messages import ClaimIn
from notifications.models import ClaimKind, Message, MessageKind, MessageState

C: Final = ClaimKind


async def say_received(tx: Tx, event: OrderAccepted) -> None:
    """Say that we have it and that it is not ready; unless it is, or has ended.

    A part of a purchase is not spoken of as long as other stores may refuse theirs.
    """
    await _say_received(tx, event)


async def say_kept(tx: Tx, event: OrderKept) -> None:
    await _say_received(tx, event)


async def _say_received(tx: Tx, event: OrderAccepted | OrderKept) -> None:
    order = await orders.lock(tx, event.store_id, event.order_id)
    if order.state in PROMISED and not order.awaits_basket:
        await likely.judge(tx, order, await orders.lines(tx, event.store_id, event.order_id))
        await _receive(tx, await orders.get(tx, event.store_id, event.order_id))


async def _receive(tx: Tx, order: Order) -> None:
    if order.moved_order is not None:
        await asking.say_moved(tx, order)
        return
    store = await stores.get(tx, order.store_id)
    lines = await orders.lines(tx, order.store_id, order.id)
    unsure = await likely.get(tx, order.store_id, order.id)
    said = facts.OrderReceived(
        number=order.number,
        store_name=store.name,
        promised_at=order.promised_at,
        next_news_at=orders.due(order),
        items=letters.items(lines, Bucket.RESERVED, Bucket.PICKED, Bucket.STAGED),
        likely=asking.unsure_items(unsure),
        confirm_by=unsure.confirm_by if unsure and unsure.closed_at is None else None,
    )
    proof = await messages.evidence(
        tx, order.store_id, order.id, OrderAccepted.name, OrderDelayed.name
    )
    claims = [
        ClaimIn(C.ACCEPTED, "", proof),
        ClaimIn(C.READY_BY, order.promised_at.isoformat(), proof),
        ClaimIn(C.NEWS_BY, orders.due(order).isoformat(), proof),
    ]
    await letters.queue(tx, order, said, claims, dedupe=f"v{order.promise_version}")


async def apologize_for_delay(tx: Tx, event: OrderDelayed) -> None:
    """Say that we cannot keep our word, unless that is no longer true."""
    order = await orders.get(tx, event.store_id, event.order_id)
    if order.promise_version != event.promise_version or order.state not in PROMISED:
        return  # overtaken: by a later delay, or by the end of the wait
    await _apologize(tx, order, event, event.reason, before=event.previously)


async def _apologize(
    tx: Tx, order: Order, event: OrderFact, reason: DelayReason, *, before: datetime | None
) -> None:
    """Take back the time that they have heard, and give the one that holds.

    What we *told* the customer is what we last wrote to them, not what the order row last held.
    Whoever has heard no promise yet is told the true one, and has nothing to forgive.
    """
    told = await messages.told(tx, order.store_id, order.id) or before
    if told is None or not await _heard(tx, order):
        await _receive(tx, order)
        return
    store = await stores.get(tx, order.store_id)
    said = facts.DelayApology(
        number=order.number,
        store_name=store.name,
        told=told,
        promised_at=order.promised_at,
        reason=reason,
        next_news_at=orders.due(order),
    )
    proof = await letters.proof(tx, event)
    claims = [
        ClaimIn(C.DELAY, told.isoformat(), proof),
        ClaimIn(C.APOLOGY, reason, proof),
        ClaimIn(C.READY_BY, order.promised_at.isoformat(), proof),
        ClaimIn(C.NEWS_BY, orders.due(order).isoformat(), proof),
    ]
    await letters.queue(tx, order, said, claims, dedupe=f"v{order.promise_version}")


async def _heard(tx: Tx, order: Order) -> bool:
    said = await messages.history(tx, order.store_id, order.id)
    return any(message.state in _LEFT for message in said)


_LEFT: Final = frozenset({MessageState.SENT, MessageState.SENDING, MessageState.UNKNOWN})


async def say_news(tx: Tx, event: OrderNewsDue) -> None:
    """Say that nothing is new; "we do not know yet" is news too."""
    order = await orders.get(tx, event.store_id, event.order_id)
    if order.state not in PROMISED or order.next_update_due_at != event.next_update_due_at:
        return
    store = await stores.get(tx, event.store_id)
    lines = await orders.lines(tx, event.store_id, event.order_id)
    said = facts.NewsDue(
        number=order.number,
        store_name=store.name,
        promised_at=event.promised_at if event.still_on_time else None,
        next_news_at=event.next_update_due_at,
        found=sum(line.picked + line.staged for line in lines),
        ordered=sum(line.ordered for line in lines),
        cleared=event.cleared,
        unconfirmed=asking.unsure_items(await likely.get(tx, event.store_id, event.order_id)),
    )
    proof = await letters.proof(tx, event)
    claims = [ClaimIn(C.NEWS_BY, event.next_update_due_at.isoformat(), proof)]
    if event.still_on_time:
        claims.append(ClaimIn(C.READY_BY, event.promised_at.isoformat(), proof))
    occasion = f"cleared/v{order.promise_version}" if event.cleared else f"o{event.version}"
    await letters.queue(tx, order, said, claims, dedupe=occasion)


async def say_ready(tx: Tx, event: OrderReady) -> None:
    order = await orders.get(tx, event.store_id, event.order_id)
    if order.state not in WAITING or order.hold_until != event.hold_until:
        return
    store = await stores.get(tx, event.store_id)
    lines = await orders.lines(tx, event.store_id, event.order_id)
    assert order.ready_at is not None
    said = facts.OrderReady(
        number=order.number,
        store_name=store.name,
        ready_at=order.ready_at,
        told=await messages.told(tx, event.store_id, event.order_id),
        place=await letters.place(tx, store),
        code=numbers.shown(order.pickup_code),
        hold_until=event.hold_until,
        items=letters.items(lines, Bucket.STAGED),
        missing=letters.items(lines, Bucket.SHORT, Bucket.CANCELLED),
        asked=any(line.short for line in lines),
    )
    proof = await letters.proof(tx, event)
    claims = [
        ClaimIn(C.READY, order.ready_at.isoformat(), proof),
        ClaimIn(C.HELD_UNTIL, event.hold_until.isoformat(), proof),
    ]
    await letters.queue(tx, order, said, claims, dedupe=f"o{event.version}")


async def correct_ready(tx: Tx, event: OrderRetracted) -> None:
    """Take back a *ready* that somebody has heard, before they put on their coat."""
    order = await orders.get(tx, event.store_id, event.order_id)
    if order.state not in PROMISED or order.promise_version != event.promise_version:
        return
    said_ready = await _last(tx, order, MessageKind.ORDER_READY)
    if said_ready is None:  # it never left: all they can have heard is a time
        if await messages.told(tx, order.store_id, order.id) != order.promised_at:
            await _apologize(tx, order, event, DelayReason.SEARCHING_ITEM, before=None)
        return
    store = await stores.get(tx, event.store_id)
    said = facts.ReadyWithdrawn(
        number=order.number,
        store_name=store.name,
        said_at=said_ready.settled_at or said_ready.created_at,
        promised_at=order.promised_at,
        next_news_at=orders.due(order),
    )
    proof = await letters.proof(tx, event)
    claims = [
        ClaimIn(C.NOT_READY, "", proof),
        ClaimIn(C.READY_BY, order.promised_at.isoformat(), proof),
        ClaimIn(C.NEWS_BY, orders.due(order).isoformat(), proof),
    ]
    dedupe = f"o{event.version}"
    await letters.queue(tx, order, said, claims, dedupe=dedupe, corrects=said_ready.id)


async def _last(tx: Tx, order: Order, kind: MessageKind) -> Message | None:
    said = await messages.history(tx, order.store_id, order.id)
    left = [message for message in said if message.kind is kind and message.state in _LEFT]
    return left[-1] if left else None


async def remind(tx: Tx, event: OrderHoldEnding) -> None:
    order = await orders.get(tx, event.store_id, event.order_id)
    if order.state not in WAITING or order.hold_until != event.hold_until:
        return
    store = await stores.get(tx, event.store_id)
    said = facts.PickupReminder(
        number=order.number,
        store_name=store.name,
        place=await letters.place(tx, store),
        code=numbers.shown(order.pickup_code),
        hold_until=event.hold_until,
    )
    claims = [ClaimIn(C.HELD_UNTIL, event.hold_until.isoformat(), await letters.proof(tx, event))]
    await letters.queue(tx, order, said, claims, dedupe=f"o{event.version}")


async def say_expired(tx: Tx, event: OrderExpired) -> None:
    order = await orders.get(tx, event.store_id, event.order_id)
    if order.state is not OrderState.EXPIRED:
        return
    store = await stores.get(tx, event.store_id)
    assert order.hold_until is not None
    said = facts.OrderExpired(
        number=order.number, store_name=store.name, held_until=order.hold_until
    )
    claims = [ClaimIn(C.EXPIRED, order.hold_until.isoformat(), await letters.proof(tx, event))]
    await letters.queue(tx, order, said, claims, dedupe="once")


async def say_cancelled(tx: Tx, event: OrderCancelled) -> None:
    """Say that it has ended; but not of an order that its shopper has never heard of."""
    order = await orders.get(tx, event.store_id, event.order_id)
    if order.awaits_basket:
        return
    store = await stores.get(tx, event.store_id)
    by = cancelled_by(event.reason)
    said = facts.OrderCancelled(
        number=order.number,
        store_name=store.name,
        by=by,
        reason=_BECAUSE.get(event.reason) if by is CancelledBy.STORE else None,
    )
    claims = [ClaimIn(C.CANCELLED, event.reason, await letters.proof(tx, event))]
    await letters.queue(tx, order, said, claims, dedupe="once")


def cancelled_by(reason: CancelReason) -> CancelledBy:
    if reason in BY_SHOPPER:
        return CancelledBy.SHOPPER
    return CancelledBy.SHOP if reason in BY_SHOP else CancelledBy.STORE


_BECAUSE: Final = {
    CancelReason.NOT_FOUND: DelayReason.ITEM_NOT_FOUND,
    CancelReason.STORE_CLOSED: DelayReason.STORE_INCIDENT,
    CancelReason.OVERLOAD: DelayReason.QUEUE,
    CancelReason.OUTAGE: DelayReason.OUR_SYSTEM,
}


async def thank(tx: Tx, event: OrderCollected) -> None:
    order = await orders.get(tx, event.store_id, event.order_id)
    store = await stores.get(tx, event.store_id)
    assert order.closed_at is not None
    said = facts.PickedUp(number=order.number, store_name=store.name, picked_up_at=order.closed_at)
    claims = [ClaimIn(C.COLLECTED, order.closed_at.isoformat(), await letters.proof(tx, event))]
    await letters.queue(tx, order, said, claims, dedupe="once")
