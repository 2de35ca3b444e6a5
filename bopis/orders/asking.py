"""What shoppers are asked, and what they hear of the end of it. As ``telling``, no network."""

from typing import Final

from bopis.kernel.database import Tx
from bopis.orders import cases, delays, letters, likely, orders
from bopis.orders.choice import CaseState, Cause, Outcome
from bopis.orders.choice_models import Confirmation
from bopis.orders.events import OrderChoiceClosed, OrderChoiceOffered, OrderConfirmed
from bopis.orders.states import LIVE, PROMISED, WAITING
from inventory import stores
from notifications import facts
from notifications.facts import Choice, Item
from notifications.messages import ClaimIn
from notifications.models import ClaimKind

C: Final = ClaimKind


async def ask(tx: Tx, event: OrderChoiceOffered) -> None:
    """Put the question in words, unless it has been answered or is asked anew."""
    if event.cause in delays.LATE:
        return  # the apology asks: see ``apologizing``
    case = await cases.get(tx, event.store_id, event.order_id, event.case)
    order = await orders.get(tx, event.store_id, event.order_id)
    if case is None or case.state is not CaseState.OFFERED or case.answer_by != event.answer_by:
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
        case=event.case,
    )
    claims = [ClaimIn(C.CHOICE, event.answer_by.isoformat(), await letters.proof(tx, event))]
    dedupe = f"c{event.case}/o{event.version}"
    await letters.queue(tx, order, said, claims, dedupe=dedupe)


async def say_settled(tx: Tx, event: OrderChoiceClosed) -> None:
    """Say how it ended, to whoever was asked. An order that ended is another message."""
    order = await orders.get(tx, event.store_id, event.order_id)
    case = await cases.get(tx, event.store_id, event.order_id, event.case)
    found = event.outcome is Outcome.FOUND
    if case is None or not event.was_offered or order.state not in PROMISED | WAITING:
        return
    if event.outcome not in {Outcome.FOUND, Outcome.WITHOUT}:
        return
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
