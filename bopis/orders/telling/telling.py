"""What shoppers are told, and when it is still true. No network here: the sender delivers it.

Facts come by the relay, so each of these first asks two honest questions: is it still so, and
what have they actually heard. A message names its claims, and each claim the fact that proves it.
How we say that we broke our word is in ``apologizing``.
"""

from typing import Final

from bopis.kernel.database import Tx
from bopis.orders import numbers, orders
from bopis.orders.amends import apologies
from bopis.orders.choices import asking
from bopis.orders.events import (
    OrderAccepted,
    OrderCollected,
    OrderDelayed,
    OrderExpired,
    OrderHoldEnding,
    OrderKept,
    OrderNewsDue,
    OrderReady,
)
from bopis.orders.models import Order
from bopis.orders.placing import likely
from bopis.orders.states import PROMISED, WAITING, Bucket, OrderState
from bopis.orders.telling import letters
from bopis.promises import promises
from inventory import stores
from notifications import facts, messages
from notifications.messages import ClaimIn
from notifications.models import ClaimKind

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
        await receive(tx, await orders.get(tx, event.store_id, event.order_id))


async def receive(tx: Tx, order: Order) -> None:
    """Tell what we promise to somebody who has heard nothing yet."""
    if order.moved_order is not None:
        await asking.say_moved(tx, order)
        return
    store = await stores.get(tx, order.store_id)
    lines = await orders.lines(tx, order.store_id, order.id)
    unsure = await likely.get(tx, order.store_id, order.id)
    [*_, promised] = await promises.versions(tx, order.store_id, order.id)
    said = facts.OrderReceived(
        number=order.number,
        store_name=store.name,
        promised_at=order.promised_at,
        next_news_at=orders.due(order),
        items=letters.items(lines, Bucket.RESERVED, Bucket.PICKED, Bucket.STAGED),
        likely=asking.unsure_items(unsure),
        confirm_by=unsure.confirm_by if unsure and unsure.closed_at is None else None,
        kept=promised.kept,
        sample_size=promised.sample_size,
        basis=promised.basis,
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
    """Say that it can be collected: sooner than we feared, or, if it is so, later than we said."""
    order = await orders.lock(tx, event.store_id, event.order_id)
    if order.state not in WAITING or order.hold_until != event.hold_until:
        return
    store = await stores.get(tx, event.store_id)
    lines = await orders.lines(tx, event.store_id, event.order_id)
    assert order.ready_at is not None
    told = await messages.told(tx, event.store_id, event.order_id)
    feared, sorry, credit = await apologies.of_ready(tx, order, told)
    said = facts.OrderReady(
        number=order.number,
        store_name=store.name,
        ready_at=order.ready_at,
        told=told,
        place=await letters.place(tx, store),
        code=numbers.shown(order.pickup_code),
        hold_until=event.hold_until,
        items=letters.items(lines, Bucket.STAGED),
        missing=letters.items(lines, Bucket.SHORT, Bucket.CANCELLED),
        asked=any(line.short for line in lines),
        feared=feared,
        sorry=sorry,
        credit=letters.owed(credit),
    )
    proof = await letters.proof(tx, event)
    claims = [
        ClaimIn(C.READY, order.ready_at.isoformat(), proof),
        ClaimIn(C.HELD_UNTIL, event.hold_until.isoformat(), proof),
        *await letters.credited(tx, order, credit),
    ]
    await letters.queue(tx, order, said, claims, dedupe=f"o{event.version}")


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


async def thank(tx: Tx, event: OrderCollected) -> None:
    order = await orders.get(tx, event.store_id, event.order_id)
    store = await stores.get(tx, event.store_id)
    assert order.closed_at is not None
    said = facts.PickedUp(number=order.number, store_name=store.name, picked_up_at=order.closed_at)
    claims = [ClaimIn(C.COLLECTED, order.closed_at.isoformat(), await letters.proof(tx, event))]
    await letters.queue(tx, order, said, claims, dedupe="once")
