"""A question that did not reach its shopper: nothing is decided by it, and it is put anew.

Letters wait for a mail server that is away, come back, or have nobody to go to. The clock of a
question runs only for somebody who has heard it.
"""

from typing import Final

from bopis.kernel.database import Tx
from bopis.orders.amends import apologies
from bopis.orders.choices import cases
from bopis.orders.choices.choice import Reach, Then, at_the_end, is_enough, more_time
from bopis.orders.choices.choice_models import ChoiceCase
from bopis.orders.choices.settling import offered
from bopis.orders.orders import Held, save
from bopis.orders.states import LIVE, Attention
from bopis.promises import promise
from inventory import stores
from notifications import messages, sender
from notifications.facts import Choice
from notifications.models import MessageKind, MessageState

_PUT: Final = """
    SELECT state, reason, created_at, coalesce(settled_at, attempted_at) AS left_at FROM messages
     WHERE store_id = $1 AND order_id = $2 AND kind IN ('choice_needed', 'delay_apology')
       AND (facts ->> 'case')::int = $3
     ORDER BY created_at DESC, id DESC LIMIT 1
"""
_LEFT: Final = frozenset({MessageState.SENT, MessageState.UNKNOWN})


async def reach(tx: Tx, case: ChoiceCase) -> Reach:
    """Return how far the newest letter about a question has come.

    Whoever has chosen to wait has read it; the longer clock of that choice needs no letter.
    """
    if case.answer is not None:
        return Reach.ASKED
    row = await tx.row(_PUT, case.store_id, case.order_id, case.number)
    if row is None:
        return Reach.WAITS  # the fact is recorded, and nobody has carried it yet
    state = MessageState(row["state"])
    if state in _LEFT:
        assert case.answer_by is not None
        in_time = is_enough(row["created_at"], row["left_at"], case.answer_by)
        return Reach.ASKED if in_time else Reach.WAITS
    nobody = state is MessageState.FAILED or row["reason"] in sender.NOBODY
    return Reach.NEVER if nobody else Reach.WAITS


async def then(tx: Tx, case: ChoiceCase) -> Then:
    """Return what follows if nobody answers a question any more."""
    assert case.default_choice is not None
    assert case.offered_at is not None
    how_far = await reach(tx, case)
    return at_the_end(case.cause, case.default_choice, how_far, tx.now - case.offered_at)


async def ask_on(tx: Tx, held: Held, case: ChoiceCase, what: Then) -> None:
    """Give more time and put the question anew; the order is locked.

    Where a person has to ask, the clock begins when they are to have called. A question does not
    outlive the hold of what is ready.
    """
    order = held.order
    if what is Then.PERSON and case.call_by is None:
        case.call_by = await apologies.call_by(tx, order.store_id)
    since = max(case.call_by or tx.now, tx.now)
    calendar = await stores.calendar(tx, order.store_id)
    case.answer_by, wait_until = more_time(calendar, since, order.hold_until)
    if case.wait_until is not None:
        case.wait_until = wait_until
        case.options = [x for x in case.options if x != Choice.WAIT or wait_until is not None]
    order.attention = Attention.AWAITING_SHOPPER_CHOICE
    if not held.units(*LIVE):
        order.next_update_due_at = case.answer_by + promise.END_TOLD_WITHIN
    await messages.withdraw(
        tx,
        order.store_id,
        order.id,
        kinds=[MessageKind.CHOICE_NEEDED],
        reason="There is more time to answer.",
    )
    await save(tx, order)
    await cases.save(tx, case)
    await tx.emit(offered(held, case))
