"""An item cannot be had: its shopper is asked, and what they say happens; or what we said would.

A case opens in the transaction that learned of it (``cases.follow``, ``doubt``). All that follows
on a clock comes from the sweep: the question, its default, and the end of it when the item turns
up. Whoever changes units takes the order's task first, as everywhere.
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

from associates.picking import second_looks
from bopis.kernel.database import Tx
from bopis.kernel.ids import OrderId, StoreId
from bopis.orders.choices import cases, substituting, unheard
from bopis.orders.choices.choice import CaseState, Cause, Reach, Then, Via, offer
from bopis.orders.choices.choice_models import ChoiceCase
from bopis.orders.choices.delays import delayed as delayed  # noqa: PLC0414 -- one of the questions
from bopis.orders.choices.settling import offered, settle
from bopis.orders.events import OrderChoiceAnswered
from bopis.orders.moving import moving
from bopis.orders.orders import hold, save
from bopis.orders.states import FINAL, LIVE, PROMISED, WAITING, Attention
from bopis.promises import promise
from inventory import stores
from notifications.facts import Choice


class Taken(StrEnum):
    """What became of an answer. An outcome, not an error: the page says it in words."""

    TAKEN = "taken"
    AGAIN = "again"  # the same answer once more, from wherever: nothing changes
    LATE = "late"  # its time was over, and what we had said has happened
    OVER = "over"  # settled before: by another answer, a find, or the end of the order
    NOT_OFFERED = "not_offered"  # never asked, or asked anew meanwhile


async def doubt(tx: Tx, store_id: StoreId, order_id: OrderId, lines: Sequence[int]) -> None:
    """Open a case for items of which the store's own numbers leave none for this order."""
    held = await hold(tx, store_id, order_id)
    if held.order.state not in PROMISED or await cases.live(tx, store_id, order_id):
        return
    doubted = [
        cases.missing(line, line.reserved, recount=True)
        for line in held.lines
        if line.line in lines and line.reserved
    ]
    if doubted:
        await cases.opened(tx, held.order, Cause.DOUBTED, doubted)


async def ask(
    tx: Tx, store_id: StoreId, order_id: OrderId, elsewhere: Sequence[Mapping[str, Any]]
) -> None:
    """Put the question, with its default and its clock; unless it has been answered before."""
    await second_looks.lock(tx, store_id, order_id)
    held = await hold(tx, store_id, order_id)
    order = held.order
    case = await cases.live(tx, store_id, order_id)
    if case is None or case.state is not CaseState.OPENED or order.state in FINAL:
        return
    if case.answer is not None:
        await settle(tx, held, case, case.answer, CaseState.ANSWERED)
        return
    agreed = None
    if case.cause is Cause.NOT_THERE:
        agreed = await substituting.propose(tx, store_id, held, case.lines)
    doubted = {x["line"] for x in case.lines} if case.cause is Cause.DOUBTED else set()
    rest = any(getattr(x, b) for x in held.lines for b in LIVE if x.line not in doubted)
    made = offer(
        case.cause,
        rest=rest,
        recount=any(x["recount"] for x in case.lines),
        calendar=await stores.calendar(tx, store_id),
        now=tx.now,
        until=order.hold_until,
        elsewhere=bool(elsewhere),
        instead=agreed is not None,
        agreed=bool(agreed) and order.state not in WAITING,
    )
    case.state, case.offered_at = CaseState.OFFERED, tx.now
    case.options, case.default_choice = list(made.options), made.default
    case.answer_by, case.wait_until = made.answer_by, made.wait_until
    case.elsewhere = [dict(x) for x in elsewhere]
    order.attention = Attention.AWAITING_SHOPPER_CHOICE
    if not held.units(*LIVE):  # nothing else will be said of it before then
        order.next_update_due_at = made.answer_by + promise.END_TOLD_WITHIN
    await save(tx, order)
    await cases.save(tx, case)
    await tx.emit(offered(held, case))


async def default(tx: Tx, store_id: StoreId, order_id: OrderId) -> None:
    """No answer came: do what we said we would, not a moment earlier, and to nobody unheard."""
    await second_looks.lock(tx, store_id, order_id)
    held = await hold(tx, store_id, order_id)
    case = await cases.live(tx, store_id, order_id)
    if case is None or case.state is not CaseState.OFFERED or _is_moving(case):
        return
    if not _is_over(case, tx):
        return
    what = await unheard.then(tx, case)
    if what is Then.DEFAULT:
        assert case.default_choice is not None
        await settle(tx, held, case, case.default_choice, CaseState.DEFAULTED)
    elif what is Then.KEPT:
        await settle(tx, held, case, Choice.WAIT, CaseState.WITHDRAWN)
    else:
        await unheard.ask_on(tx, held, case, what)


async def ask_anew(tx: Tx, store_id: StoreId, order_id: OrderId) -> None:
    """A question did not get there: put it again, with as much time; or let a person ask."""
    await second_looks.lock(tx, store_id, order_id)
    held = await hold(tx, store_id, order_id)
    case = await cases.live(tx, store_id, order_id)
    if case is None or case.state is not CaseState.OFFERED or case.answer is not None:
        return
    if await unheard.reach(tx, case) is Reach.ASKED:
        return
    what = await unheard.then(tx, case)
    if what in {Then.EXTENDED, Then.PERSON}:
        await unheard.ask_on(tx, held, case, what)


def _is_moving(case: ChoiceCase) -> bool:
    """Say whether another store is being asked for it: the answer is there, and the clock stops."""
    return case.answer is Choice.OTHER_STORE


def _is_over(case: ChoiceCase, tx: Tx) -> bool:
    assert case.answer_by is not None
    return case.answer_by <= tx.now


async def answer(
    tx: Tx,
    store_id: StoreId,
    order_id: OrderId,
    number: int,
    choice: Choice,
    *,
    via: Via,
    target: StoreId | None = None,
) -> Taken:
    """Take in what a shopper chose. Said twice it counts once; too late it changes nothing.

    A move to another store is only begun by this: ``moving.carry_on`` has to follow, or the sweep.

    Shapes:
        target: to which store, for ``other_store``.

    Raises:
        OrderUnknown: There is no such order in this store.
    """
    await second_looks.lock(tx, store_id, order_id)
    held = await hold(tx, store_id, order_id)
    case = await cases.get(tx, store_id, order_id, number)
    if case is None or (case.state is CaseState.OPENED):
        return Taken.NOT_OFFERED
    same = case.answer is choice and case.target == target
    if case.state is not CaseState.OFFERED or _is_moving(case):
        return Taken.AGAIN if same else Taken.OVER
    if _is_over(case, tx) and await unheard.then(tx, case) is Then.DEFAULT:
        assert case.default_choice is not None
        await settle(tx, held, case, case.default_choice, CaseState.DEFAULTED)
        return Taken.LATE
    if same:
        return Taken.AGAIN
    places = {x["store_id"] for x in case.elsewhere if x.get("store_id")}
    if choice not in case.options or (choice is Choice.OTHER_STORE) != (target in places):
        return Taken.NOT_OFFERED
    case.answer, case.via = choice, via
    waits = choice is Choice.WAIT and case.cause is Cause.NOT_THERE
    if waits and not held.units(*LIVE):  # nothing else will be said of it before then
        assert case.wait_until is not None
        held.order.next_update_due_at = case.wait_until + promise.END_TOLD_WITHIN
    await save(tx, held.order)
    await tx.emit(
        OrderChoiceAnswered(
            store_id=store_id,
            order_id=order_id,
            version=held.order.version,
            case=number,
            answer=choice,
            via=via,
            news_by=held.order.next_update_due_at,
        )
    )
    if choice is Choice.OTHER_STORE:
        assert target is not None
        await moving.begin(tx, held, case, target)
    elif waits:
        await _wait(tx, case)
    else:
        await settle(tx, held, case, choice, CaseState.ANSWERED)
    return Taken.TAKEN


async def _wait(tx: Tx, case: ChoiceCase) -> None:
    """Let the store count again. The case stays open: they may still choose otherwise."""
    assert case.wait_until is not None
    case.answer_by = case.wait_until
    case.options = [option for option in case.options if option != Choice.WAIT]
    await cases.save(tx, case)
