"""What shoppers are asked, and what they hear of the end of it. As ``telling``, no network."""

from typing import Any, Final

from bopis.kernel.database import Tx
from bopis.kernel.ids import StoreId
from bopis.orders import orders
from bopis.orders.choices import cases
from bopis.orders.choices.choice import LATE, CaseState, Cause, Outcome
from bopis.orders.choices.choice_models import ChoiceCase, Confirmation
from bopis.orders.events import (
    OrderAccepted,
    OrderChoiceClosed,
    OrderChoiceOffered,
    OrderConfirmed,
    OrderDelayed,
    OrderKept,
)
from bopis.orders.models import Order
from bopis.orders.placing import likely
from bopis.orders.states import LIVE, PROMISED, WAITING
from bopis.orders.telling import letters
from inventory import stores
from notifications import facts, messages
from notifications.facts import Choice, Item
from notifications.messages import ClaimIn
from notifications.models import ClaimKind

C: Final = ClaimKind


async def ask(tx: Tx, event: OrderChoiceOffered) -> None:
    """Put the question in words, unless it has been answered or is asked anew.

    What can be chosen about a delay is said in the very message that tells of it.
    """
    case = await cases.get(tx, event.store_id, event.order_id, event.case)
    order = await orders.get(tx, event.store_id, event.order_id)
    if case is None or case.state is not CaseState.OFFERED or case.answer_by != event.answer_by:
        return
    if case.answer is Choice.OTHER_STORE or (case.cause in LATE and not event.failed):
        return
    store = await stores.get(tx, event.store_id)
    lines = await orders.lines(tx, event.store_id, event.order_id)
    missing = {x["line"] for x in case.lines} if case.cause is Cause.DOUBTED else set()
    said = facts.ChoiceNeeded(
        number=order.number,
        store_name=store.name,
        missing=tuple(Item(x["name"], x["quantity"]) for x in case.lines),
        doubted=case.cause is Cause.DOUBTED,
        options=tuple(Choice(option) for option in case.options),
        default=event.default,
        answer_by=event.answer_by,
        wait_until=event.wait_until,
        rest=sum(getattr(x, b) for x in lines for b in LIVE if x.line not in missing),
        ready=order.state in WAITING,
        elsewhere=letters.elsewhere(case.elsewhere),
        instead=tuple(Item(x["instead"]["name"], x["quantity"]) for x in _instead(case)),
        failed=(await stores.get(tx, StoreId(event.failed))).name if event.failed else "",
        late=case.cause in LATE,
        open_end=cases.has_no_time(case, order.promised_at),
        case=event.case,
    )
    claims = [ClaimIn(C.CHOICE, event.answer_by.isoformat(), await letters.proof(tx, event))]
    dedupe = f"c{event.case}/o{event.version}"
    await letters.queue(tx, order, said, claims, dedupe=dedupe)


def _instead(case: ChoiceCase) -> list[dict[str, Any]]:
    return [x for x in case.lines if x.get("instead") and Choice.SUBSTITUTE in case.options]


async def say_moved(tx: Tx, order: Order) -> None:
    """Say where it is now, and by when: to whoever chose that, of the order that lives on."""
    assert order.moved_store is not None
    assert order.moved_from is not None
    assert order.next_update_due_at is not None
    known = await orders.history(tx, order.store_id, order.id)
    rest = all(one.payload["rest"] for one in known if one.name == OrderKept.name)
    store = await stores.get(tx, order.store_id)
    lines = await orders.lines(tx, order.store_id, order.id)
    said = facts.OrderMoved(
        number=order.number,
        store_name=store.name,
        from_store=(await stores.get(tx, order.moved_store)).name,
        from_number=order.moved_from,
        rest=rest,
        promised_at=order.promised_at,
        next_news_at=order.next_update_due_at,
        items=letters.items(lines, *LIVE),
    )
    proof = await messages.evidence(
        tx, order.store_id, order.id, OrderAccepted.name, OrderDelayed.name
    )
    claims = [
        ClaimIn(C.ACCEPTED, "", proof),
        ClaimIn(C.READY_BY, order.promised_at.isoformat(), proof),
        ClaimIn(C.NEWS_BY, order.next_update_due_at.isoformat(), proof),
    ]
    await letters.queue(tx, order, said, claims, dedupe=f"v{order.promise_version}")


async def say_settled(tx: Tx, event: OrderChoiceClosed) -> None:
    """Say how it ended, to whoever was asked. An order that ended is another message."""
    order = await orders.get(tx, event.store_id, event.order_id)
    case = await cases.get(tx, event.store_id, event.order_id, event.case)
    found = event.outcome is Outcome.FOUND
    if case is None or not event.was_offered or order.state not in PROMISED | WAITING:
        return
    if event.outcome not in {Outcome.FOUND, Outcome.WITHOUT, Outcome.SUBSTITUTED}:
        return
    instead = event.outcome is Outcome.SUBSTITUTED
    store = await stores.get(tx, event.store_id)
    ready = order.state in WAITING
    proof = await letters.proof(tx, event)
    said = facts.ChoiceSettled(
        number=order.number,
        store_name=store.name,
        items=tuple(Item(x["name"], x["quantity"]) for x in case.lines),
        found=found,
        answered=event.state is CaseState.ANSWERED,
        ready=ready,
        waited=case.answer is Choice.WAIT,
        doubted=case.cause is Cause.DOUBTED,
        promised_at=None if ready or order.promised_at <= tx.now else order.promised_at,
        instead=tuple(Item(x["instead"]["name"], x["quantity"]) for x in case.lines if instead),
    )
    claims = [ClaimIn(C.SETTLED, event.outcome, proof)]
    if said.promised_at is not None:
        claims.append(ClaimIn(C.READY_BY, said.promised_at.isoformat(), proof))
    await letters.queue(tx, order, said, claims, dedupe=f"c{event.case}/o{event.version}")


async def say_confirmed(tx: Tx, event: OrderConfirmed) -> None:
    """Say that we have in our hands what was only likely, to whoever was told that it was."""
    order = await orders.get(tx, event.store_id, event.order_id)
    known = await likely.get(tx, event.store_id, event.order_id)
    if order.state not in PROMISED or known is None or order.promised_at <= tx.now:
        return
    store = await stores.get(tx, event.store_id)
    proof = await letters.proof(tx, event)
    said = facts.ItemsConfirmed(
        number=order.number,
        store_name=store.name,
        items=tuple(Item(x["name"], x["quantity"]) for x in known.lines),
        promised_at=order.promised_at,
    )
    claims = [
        ClaimIn(C.CONFIRMED, "", proof),
        ClaimIn(C.READY_BY, order.promised_at.isoformat(), proof),
    ]
    await letters.queue(tx, order, said, claims, dedupe="once")


def unsure_items(known: Confirmation | None) -> tuple[Item, ...]:
    """Return what has still to be made sure of."""
    if known is None or known.closed_at is not None:
        return ()
    return tuple(Item(x["name"], x["quantity"]) for x in known.lines)
