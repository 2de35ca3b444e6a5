"""Choice cases in memory, as ``cases`` and ``choices`` keep them, by the rules of ``choice``."""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from associates.models import ShortReason
from associates.picking.scans import TaskState
from bopis.orders import events
from bopis.orders.choices import choice
from bopis.orders.choices.choice import LATE, CaseState, Cause, Outcome
from bopis.orders.choices.delays import SHUT
from bopis.orders.states import LIVE, PROMISED, WAITING, Attention, Bucket, CancelReason
from bopis.promises import predictor, promise
from bopis.promises.outlook import opens_at
from bopis.promises.promise import PromiseStatus
from bopis.simulation.month import counter
from bopis.simulation.month import desk as desks
from bopis.simulation.month.desk import B, C, Desk, M
from bopis.simulation.month.kept import Case, Line, Order
from notifications.facts import Choice, DelayReason
from notifications.models import ClaimKind

BECAUSE: Final = {
    Cause.NOT_THERE: CancelReason.NOT_FOUND,
    Cause.DOUBTED: CancelReason.FEED_CONFLICT,
    Cause.DELAYED: CancelReason.SHOPPER_REQUEST,
    Cause.CLOSED: CancelReason.SHOPPER_REQUEST,
}
FINDS: Final = {Outcome.FOUND, Outcome.WITHOUT}


def gone(
    desk: Desk, order: Order, line: Line, units: int, *, reason: ShortReason, now: datetime
) -> bool:
    """Take in that units were not found, and return what ``short`` does: their shopper is asked."""
    left = desks.short(desk, order, line, units, reason=reason, now=now)
    if order.closed_at is not None:
        return left
    no_longer_late(desk, order, now)
    case = order.case
    lines = [_missing(x, x.units[B.SHORT]) for x in order.lines if x.units[B.SHORT]]
    if case is None:
        case = _open(order, Cause.NOT_THERE, lines, now)
    else:
        case.cause, case.lines, case.state, case.answer = (
            Cause.NOT_THERE,
            lines,
            CaseState.OPENED,
            None,
        )
        case.opened_at, case.ask_after = now, choice.ask_at(order.promised_at, now)
    desks.tell(
        desk, order, events.OrderLineShort, now,
        line=line.line, sku=line.sku, quantity=units, reason=reason, case=case.number,
    )  # fmt: skip
    if not left:
        order.task, order.task_ended_at = TaskState.CANCELLED, now
    return left


def _missing(line: Line, units: int) -> dict[str, Any]:
    name = f"Item {line.sku}"
    return {"line": line.line, "sku": line.sku, "name": name, "quantity": units, "recount": True}


def _open(order: Order, cause: Cause, lines: list[dict[str, Any]], now: datetime) -> Case:
    at = choice.ask_at(order.promised_at, now)
    order.cases.append(Case(len(order.cases) + 1, cause, lines, at, now))
    return order.cases[-1]


def delayed(desk: Desk, order: Order, reason: DelayReason, now: datetime) -> None:
    """Open the case of a delay that has been told: keep the order, or cancel it.

    To collect a part now, and to move to another store, are not played.
    """
    if order.promised_at <= now or (order.case is not None and order.case.cause not in LATE):
        return
    no_longer_late(desk, order, now)
    cause = Cause.CLOSED if reason in SHUT else Cause.DELAYED
    lines = [_missing(x, n) for x in order.lines if (n := sum(x.units[b] for b in LIVE))]
    case = _open(order, cause, lines, now)
    delays = len(order.promises) - 1
    made = choice.offer_late(
        part=False, elsewhere=False, delays=delays, answer_by=order.promised_at
    )
    case.state, case.offered_at = CaseState.OFFERED, now
    case.options, case.default, case.answer_by = made.options, made.default, made.answer_by
    if order.attention is Attention.NONE:
        order.attention = Attention.AWAITING_SHOPPER_CHOICE
    _offered(desk, order, case, now)


def no_longer_late(desk: Desk, order: Order, now: datetime) -> None:
    """Withdraw what was asked about a delay: it is ready, or late anew, or something is missing."""
    case = order.case
    if case is not None and case.cause in LATE:
        _free(order)
        _close(desk, order, case, CaseState.WITHDRAWN, Outcome.KEPT, now=now)


def _offered(desk: Desk, order: Order, case: Case, now: datetime) -> UUID:
    assert case.default is not None
    assert case.answer_by is not None
    _owe(desk, order, now)
    return desks.tell(
        desk, order, events.OrderChoiceOffered, now,
        case=case.number, cause=case.cause, lines=[x["line"] for x in case.lines],
        options=list(case.options), default=case.default, answer_by=case.answer_by,
        wait_until=case.wait_until, news_by=order.next_due,
    )  # fmt: skip


def doubt(order: Order, none_left: tuple[int, ...], now: datetime) -> None:
    """Open a case for items of which the store's own numbers leave none for this order."""
    before = {
        x["line"]
        for case in order.cases
        if case.closed_at is None or case.cause is Cause.DOUBTED
        for x in case.lines
    }
    new = [
        line
        for line in order.lines
        if line.line in none_left and line.line not in before and line.units[B.RESERVED]
    ]
    if new and order.case is None and order.state in PROMISED:
        _open(order, Cause.DOUBTED, [_missing(x, x.units[B.RESERVED]) for x in new], now)


def due(desk: Desk, order: Order, now: datetime, *, doubted: bool) -> None:
    """Do what is to be done about a case now: ask, or what we said would happen, or end it."""
    case = order.case
    if case is None:
        return
    if case.cause is Cause.DOUBTED and not doubted:
        _free(order)
        _close(desk, order, case, CaseState.WITHDRAWN, Outcome.FOUND, now=now)
    elif case.state is CaseState.OPENED and case.ask_after <= now:
        _ask(desk, order, case, now)
    elif case.state is CaseState.OFFERED and case.answer_by is not None and case.answer_by <= now:
        assert case.default is not None
        _settle(desk, order, case, case.default, CaseState.DEFAULTED, now=now)


def _ask(desk: Desk, order: Order, case: Case, now: datetime) -> None:
    doubted = {x["line"] for x in case.lines} if case.cause is Cause.DOUBTED else set()
    offered = choice.offer(
        case.cause,
        rest=any(x.units[b] for x in order.lines for b in LIVE if x.line not in doubted),
        recount=any(x["recount"] for x in case.lines),
        calendar=desk.calendar,
        now=now,
        until=order.hold_until,
    )
    case.state, case.offered_at = CaseState.OFFERED, now
    case.options, case.default = offered.options, offered.default
    case.answer_by, case.wait_until = offered.answer_by, offered.wait_until
    order.attention = Attention.AWAITING_SHOPPER_CHOICE
    if not order.sum(*LIVE):
        order.next_due = offered.answer_by + promise.END_TOLD_WITHIN
    proof = _offered(desk, order, case, now)
    desks.say(
        desk, order, M.CHOICE_NEEDED, [(C.CHOICE, offered.answer_by.isoformat(), [proof])], now
    )


def answer(desk: Desk, order: Order, number: int, chosen: Choice, now: datetime) -> bool:
    """Take in what a shopper chose; return whether it still counted."""
    case = order.case
    if case is None or case.number != number or case.state is not CaseState.OFFERED:
        return False
    assert case.answer_by is not None
    if case.answer_by <= now or chosen not in case.options:
        return False
    case.answer = chosen
    waits = chosen is Choice.WAIT and case.cause is Cause.NOT_THERE
    if waits and not order.sum(*LIVE):
        assert case.wait_until is not None
        order.next_due = case.wait_until + promise.END_TOLD_WITHIN
    _owe(desk, order, now)
    order.answered.append(now)
    desks.tell(
        desk, order, events.OrderChoiceAnswered, now,
        case=case.number, answer=chosen, via="page", news_by=order.next_due,
    )  # fmt: skip
    if waits:
        case.answer_by = case.wait_until
        case.options = tuple(x for x in case.options if x is not Choice.WAIT)
    else:
        _settle(desk, order, case, chosen, CaseState.ANSWERED, now=now)
    return True


def _settle(
    desk: Desk, order: Order, case: Case, chosen: Choice, state: CaseState, *, now: datetime
) -> None:
    _free(order)
    if case.cause in LATE and chosen is not Choice.CANCEL_ORDER:
        _close(desk, order, case, state, Outcome.KEPT, now=now)
        return
    if case.cause is Cause.DOUBTED and chosen is not Choice.CANCEL_ORDER:
        _close(desk, order, case, state, Outcome.LOOKING, now=now)
        return
    lines = {x["line"] for x in case.lines} if case.cause is Cause.NOT_THERE else set()
    if chosen is Choice.CANCEL_ORDER or not order.sum(*LIVE):
        _close(desk, order, case, state, Outcome.CANCELLED, now=now)
        counter.cancel(desk, order, BECAUSE[case.cause], now)
        return
    for line in order.lines:
        if line.line in lines:
            line.move(Bucket.SHORT, Bucket.CANCELLED)
    order.roll_up()
    _close(desk, order, case, state, Outcome.WITHOUT, now=now)


def _owe(desk: Desk, order: Order, now: datetime) -> None:
    """A question and its end say by when the next word comes: what is owed now."""
    if order.next_due is not None:
        desks.owe(desk, order, order.next_due, now)


def _free(order: Order) -> None:
    if order.attention is Attention.AWAITING_SHOPPER_CHOICE:
        order.attention = Attention.NONE


def _close(
    desk: Desk, order: Order, case: Case, state: CaseState, outcome: Outcome, *, now: datetime
) -> None:
    case.state, case.outcome, case.closed_at = state, outcome, now
    _owe(desk, order, now)
    proof = desks.tell(
        desk, order, events.OrderChoiceClosed, now,
        case=case.number, state=state, outcome=outcome, was_offered=case.offered_at is not None,
        news_by=order.next_due,
    )  # fmt: skip
    if case.offered_at is None or outcome not in FINDS or order.state not in PROMISED | WAITING:
        return
    claims: list[tuple[ClaimKind, str, list[UUID]]] = [(C.SETTLED, outcome, [proof])]
    if order.state in PROMISED and order.promised_at > now:
        claims.append((C.READY_BY, order.promised_at.isoformat(), [proof]))
    desks.say(desk, order, M.CHOICE_SETTLED, claims, now)


def end(desk: Desk, order: Order, now: datetime, state: CaseState, outcome: Outcome) -> None:
    """End a case of an order that is over."""
    case = order.case
    if case is None:
        return
    if case.cause is Cause.DOUBTED and outcome is Outcome.WITHOUT:
        state, outcome = CaseState.WITHDRAWN, Outcome.FOUND
    elif state is CaseState.ANSWERED:
        case.answer = Choice.PARTIAL_NOW
    _close(desk, order, case, state, outcome, now=now)


def found(desk: Desk, order: Order, line: Line, now: datetime) -> bool:
    """What was counted again is there: somebody is sent for it; False if that is of no use now."""
    case = order.case
    if case is None or case.cause is not Cause.NOT_THERE or not line.units[B.SHORT]:
        return False
    if order.state in WAITING and case.answer is not Choice.WAIT:
        return False
    if order.state in WAITING:
        for other in order.lines:
            other.asked = 0
        order.ready_at = order.hold_until = None
    line.asked = line.move(B.SHORT, B.RESERVED)
    line.given_up -= line.asked
    if order.task is not TaskState.CLAIMED:
        order.task, order.task_ended_at, order.walker = TaskState.OPEN, None, None
    order.roll_up()
    if not order.sum(B.SHORT):
        order.attention = Attention.NONE
    outlook = desks.outlook(desk, now)
    base = outlook.of_order(order.to_find)
    share = predictor.confidence(len(order.promises) + 1)
    later = promise.revise(order.promised_at, outlook.ready_by(base, now, share=share), now)
    kept = order.status
    if later is not None:
        desks.move_promise(desk, order, later, DelayReason.SEARCHING_ITEM, base=base, now=now)
    else:
        by = promise.next_news_by(order.promised_at, now, opens_at(desk.calendar, now))
        desks.owe(desk, order, by, now)
    if kept in {PromiseStatus.MET, PromiseStatus.MISSED}:
        order.status = kept
    if not order.sum(B.SHORT):
        _close(desk, order, case, CaseState.WITHDRAWN, Outcome.FOUND, now=now)
    return True
