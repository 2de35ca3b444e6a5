"""What was chosen about a case happens, or what we had said would."""

from typing import Final

from associates.picking import tasks
from bopis.kernel.database import Tx
from bopis.orders import orders
from bopis.orders.choices import cases, splitting, substituting
from bopis.orders.choices.choice import LATE, CaseState, Cause, Outcome, answer_time
from bopis.orders.choices.choice_models import ChoiceCase
from bopis.orders.events import OrderChoiceOffered
from bopis.orders.orders import Held, save, save_held
from bopis.orders.states import LIVE, Attention, Bucket, CancelReason
from bopis.promises import promise
from inventory import stores
from notifications.facts import Choice

B: Final = Bucket
_BECAUSE: Final = {
    Cause.NOT_THERE: CancelReason.NOT_FOUND,
    Cause.DOUBTED: CancelReason.FEED_CONFLICT,
    Cause.DELAYED: CancelReason.SHOPPER_REQUEST,
    Cause.CLOSED: CancelReason.SHOPPER_REQUEST,
}


async def settle(tx: Tx, held: Held, case: ChoiceCase, choice: Choice, state: CaseState) -> None:
    """Do what was chosen, or what we had said would happen. The task and the order are locked.

    What cannot be done any more is not replaced by something else: they are asked anew.
    """
    free(held)
    if choice is Choice.CANCEL_ORDER:
        await _cancel(tx, held, case, state)
    elif choice is Choice.SUBSTITUTE:
        if await substituting.give(tx, held, case):
            await cases.close(tx, held.order, case, state, Outcome.SUBSTITUTED)
        else:
            await ask_again(tx, held, case)
    elif case.cause in LATE:
        split = choice is Choice.PARTIAL_NOW and await splitting.split(tx, held, case)
        await save(tx, held.order)
        await cases.close(tx, held.order, case, state, Outcome.SPLIT if split else Outcome.KEPT)
    elif case.cause is Cause.DOUBTED:
        await save(tx, held.order)
        await cases.close(tx, held.order, case, state, Outcome.LOOKING)
    else:
        await _without(tx, held, case, state)


def free(held: Held) -> None:
    if held.order.attention is Attention.AWAITING_SHOPPER_CHOICE:
        held.order.attention = Attention.NONE


async def _without(tx: Tx, held: Held, case: ChoiceCase, state: CaseState) -> None:
    """Go on without what is missing; an order of which nothing else is left has ended."""
    if not held.units(*LIVE):
        await _cancel(tx, held, case, state)
        return
    held.move(B.SHORT, B.CANCELLED, lines={x["line"] for x in case.lines})
    held.roll_up()
    await save_held(tx, held)
    await cases.close(tx, held.order, case, state, Outcome.WITHOUT)


async def _cancel(tx: Tx, held: Held, case: ChoiceCase, state: CaseState) -> None:
    order = held.order
    await cases.close(tx, order, case, state, Outcome.CANCELLED)
    await tasks.cancel(tx, order.store_id, order.id)
    await orders.end(tx, held, _BECAUSE[case.cause])


async def ask_again(
    tx: Tx, held: Held, case: ChoiceCase, *, failed: str = "", without: Choice = Choice.SUBSTITUTE
) -> None:
    """Put a question anew of which one answer has turned out not to be possible.

    Whoever had answered gets as long as before to answer anew.

    Shapes:
        failed: the store that could not take it.
        without: what can no longer be chosen.
    """
    order = held.order
    case.answer = case.target = None
    case.elsewhere = [x for x in case.elsewhere if x.get("store_id") != failed]
    gone = without is not Choice.OTHER_STORE or not case.elsewhere
    case.options = [x for x in case.options if x != without or not gone]
    if case.default_choice is without:
        rest = bool(held.units(*LIVE))
        case.default_choice = Choice.PARTIAL_NOW if rest else Choice.CANCEL_ORDER
    assert case.answer_by is not None
    if case.cause not in LATE:
        calendar = await stores.calendar(tx, order.store_id)
        again = answer_time(calendar, tx.now, order.hold_until)
        case.answer_by = max(case.answer_by, again)
    order.attention = Attention.AWAITING_SHOPPER_CHOICE
    if not held.units(*LIVE):
        order.next_update_due_at = case.answer_by + promise.END_TOLD_WITHIN
    await save(tx, order)
    await cases.save(tx, case)
    await tx.emit(offered(held, case, failed=failed))


def offered(held: Held, case: ChoiceCase, *, failed: str = "") -> OrderChoiceOffered:
    """Return the fact that a case was put to its shopper, as it stands now."""
    assert case.default_choice is not None
    assert case.answer_by is not None
    return OrderChoiceOffered(
        store_id=case.store_id,
        order_id=case.order_id,
        version=held.order.version,
        case=case.number,
        cause=case.cause,
        lines=[x["line"] for x in case.lines],
        options=[Choice(option) for option in case.options],
        default=case.default_choice,
        answer_by=case.answer_by,
        wait_until=case.wait_until,
        failed=failed,
        news_by=held.order.next_update_due_at,
    )
