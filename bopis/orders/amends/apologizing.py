"""How we say that we broke our word: once, with its cause if that is on record, and its price.

Every such message is an incident (``apologies.met``): it counts against the apologies that still
mean something, and the policy says what it is worth. As ``telling``, no network.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from bopis.kernel.database import Tx
from bopis.orders import orders
from bopis.orders.amends import apologies
from bopis.orders.amends.apology import Said
from bopis.orders.amends.credit import Incident
from bopis.orders.choices import cases, delays
from bopis.orders.choices.choice import LATE
from bopis.orders.choices.choice_models import ChoiceCase
from bopis.orders.events import (
    OrderCancelled,
    OrderDelayed,
    OrderFact,
    OrderLineShort,
    OrderPicking,
    OrderRetracted,
)
from bopis.orders.models import Order
from bopis.orders.states import BY_SHOP, BY_SHOPPER, PROMISED, CancelReason
from bopis.orders.telling import letters, telling
from bopis.promises import warning
from inventory import stores
from notifications import facts, messages
from notifications.facts import CancelledBy, Choice, DelayReason
from notifications.messages import ClaimIn
from notifications.models import ClaimKind, MessageKind

C: Final = ClaimKind


async def apologize_for_delay(tx: Tx, event: OrderDelayed) -> None:
    """Say that we cannot keep our word, unless that is no longer true."""
    await _apologize(tx, event, event.reason, before=event.previously, elsewhere=event.elsewhere)


async def _apologize(
    tx: Tx,
    event: OrderDelayed | OrderRetracted,
    reason: DelayReason,
    *,
    before: datetime | None = None,
    elsewhere: Sequence[Mapping[str, Any]] = (),
) -> None:
    """Take back the time that they have heard, give the one that holds, and what they may do.

    What we *told* the customer is what we last wrote to them, not what the order row last held.
    Whoever has heard no promise yet is told the true one, and has nothing to forgive.
    """
    order = await orders.get(tx, event.store_id, event.order_id)
    if _is_overtaken(order, event):
        return
    told = await messages.told(tx, order.store_id, order.id) or before
    if told is None or not await letters.heard(tx, order):
        await telling.receive(tx, order)
        return
    has_time = not (isinstance(event, OrderDelayed) and event.promised_at is None)
    case = await delays.delayed(
        tx,
        order.store_id,
        order.id,
        promised_at=order.promised_at if has_time else None,
        elsewhere=elsewhere,
        reason=reason,
    )
    order = await orders.lock(tx, event.store_id, event.order_id)
    if _is_overtaken(order, event):
        return
    cause, proof = await evidence(tx, event, reason)
    incident, credit = await apologies.met(
        tx,
        order,
        Incident.LATE,
        order_version=event.version,
        until=order.promised_at,
        warned=tx.now < told,
    )
    words = await _words(tx, order, told, cause, case)
    said = replace(
        words,
        promised_at=words.promised_at if has_time else None,
        sorry=incident.said is Said.APOLOGY,
        credit=letters.owed(credit),
        unsure=isinstance(event, OrderDelayed) and event.p_late < warning.LATE_AT,
    )
    claims = [
        ClaimIn(C.DELAY, told.isoformat(), proof),
        *([ClaimIn(C.READY_BY, order.promised_at.isoformat(), proof)] if has_time else []),
        ClaimIn(C.NEWS_BY, orders.due(order).isoformat(), proof),
        *([ClaimIn(C.APOLOGY, cause, proof)] if said.sorry else []),
        *await letters.credited(tx, order, credit),
    ]
    await letters.queue(tx, order, said, claims, dedupe=f"v{order.promise_version}")


def _is_overtaken(order: Order, event: OrderDelayed | OrderRetracted) -> bool:
    """Say whether a later delay, or the end of the wait, has made this one old."""
    return order.promise_version != event.promise_version or order.state not in PROMISED


async def _words(
    tx: Tx,
    order: Order,
    told: datetime,
    cause: DelayReason,
    case: ChoiceCase | None,
) -> facts.DelayApology:
    store = await stores.get(tx, order.store_id)
    lines = await orders.lines(tx, order.store_id, order.id)
    said = facts.DelayApology(
        number=order.number,
        store_name=store.name,
        told=told,
        promised_at=order.promised_at,
        reason=cause,
        next_news_at=orders.due(order),
        found=sum(line.staged for line in lines),
        ordered=sum(line.ordered for line in lines),
    )
    if case is None or case.cause not in LATE:
        return said  # whoever misses an item is asked about that, in a letter of its own
    return replace(
        said,
        case=case.number,
        options=tuple(Choice(option) for option in case.options),
        default=case.default_choice,
        answer_by=case.answer_by,
        open_end=cases.has_no_time(case, order.promised_at),
        elsewhere=letters.elsewhere(case.elsewhere),
    )


_SHOWN_BY: Final = {
    DelayReason.ITEM_NOT_FOUND: OrderLineShort.name,
    DelayReason.PICKING: OrderPicking.name,
}
"""Causes that somebody's hands leave on the order's own record."""


async def evidence(tx: Tx, event: OrderFact, reason: DelayReason) -> tuple[DelayReason, list[UUID]]:
    """Return the cause that can be given, and what proves it; without proof it is not known."""
    proof = await letters.proof(tx, event)
    shown_by = _SHOWN_BY.get(reason)
    if shown_by is None:
        return reason, proof  # the fact itself holds what was seen then: see ``looks``
    shown = await messages.evidence(tx, event.store_id, event.order_id, shown_by)
    return (reason, [*proof, *shown]) if shown else (DelayReason.UNKNOWN, proof)


async def correct_ready(tx: Tx, event: OrderRetracted) -> None:
    """Take back a *ready* that somebody has heard, before they put on their coat."""
    order = await orders.get(tx, event.store_id, event.order_id)
    if _is_overtaken(order, event):
        return
    said_ready = await letters.last(tx, order, MessageKind.ORDER_READY)
    if said_ready is None:  # it never left: all they can have heard is a time
        if await messages.told(tx, order.store_id, order.id) != order.promised_at:
            await _apologize(tx, event, DelayReason.SEARCHING_ITEM)
        return
    order = await orders.lock(tx, event.store_id, event.order_id)
    if _is_overtaken(order, event):
        return
    incident, credit = await apologies.met(
        tx, order, Incident.NOT_READY, order_version=event.version, until=order.promised_at
    )
    store = await stores.get(tx, event.store_id)
    said = facts.ReadyWithdrawn(
        number=order.number,
        store_name=store.name,
        said_at=said_ready.settled_at or said_ready.created_at,
        promised_at=order.promised_at,
        next_news_at=orders.due(order),
        sorry=incident.said is Said.APOLOGY,
        credit=letters.owed(credit),
    )
    proof = await letters.proof(tx, event)
    claims = [
        ClaimIn(C.NOT_READY, "", proof),
        ClaimIn(C.READY_BY, order.promised_at.isoformat(), proof),
        ClaimIn(C.NEWS_BY, orders.due(order).isoformat(), proof),
        *await letters.credited(tx, order, credit),
    ]
    dedupe = f"o{event.version}"
    await letters.queue(tx, order, said, claims, dedupe=dedupe, corrects=said_ready.id)


async def say_cancelled(tx: Tx, event: OrderCancelled) -> None:
    """Say that it has ended; but not of an order that its shopper has never heard of.

    An end that is ours, after we had promised, is an incident. One that nobody had heard a promise
    about is none, and one that another store's refusal brought about was never promised whole.
    """
    order = await orders.lock(tx, event.store_id, event.order_id)
    if order.awaits_basket:
        return
    store = await stores.get(tx, event.store_id)
    by = cancelled_by(event.reason)
    sorry, credit = True, None
    ours = by is CancelledBy.STORE and event.reason is not CancelReason.BASKET_INCOMPLETE
    if ours and await letters.heard(tx, order):
        incident, credit = await apologies.met(
            tx, order, Incident.CANCELLED, order_version=event.version
        )
        sorry = incident.said is Said.APOLOGY
    said = facts.OrderCancelled(
        number=order.number,
        store_name=store.name,
        by=by,
        reason=_BECAUSE.get(event.reason) if by is CancelledBy.STORE else None,
        sorry=sorry,
        credit=letters.owed(credit),
    )
    claims = [
        ClaimIn(C.CANCELLED, event.reason, await letters.proof(tx, event)),
        *await letters.credited(tx, order, credit),
    ]
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
