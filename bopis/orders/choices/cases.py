"""The rows of choice cases: read, opened, written and closed, under the lock of their order."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from bopis.kernel.database import Tx
from bopis.kernel.ids import OrderId, StoreId
from bopis.orders.choices import choice
from bopis.orders.choices.choice import LATE, LIVE_CASES, CaseState, Cause, Outcome, ask_at
from bopis.orders.choices.choice_models import ChoiceCase
from bopis.orders.events import OrderChoiceClosed
from bopis.orders.models import Order, OrderLine
from bopis.orders.states import Attention
from notifications import messages
from notifications.facts import Choice
from notifications.models import MessageKind

_LIVE: Final = """
    SELECT * FROM choice_cases WHERE store_id = $1 AND order_id = $2 AND closed_at IS NULL
"""


async def live(tx: Tx, store_id: StoreId, order_id: OrderId) -> ChoiceCase | None:
    row = await tx.row(_LIVE, store_id, order_id)
    return None if row is None else ChoiceCase.of(row)


_GET: Final = """
    SELECT * FROM choice_cases WHERE store_id = $1 AND order_id = $2 AND number = $3
"""


async def get(tx: Tx, store_id: StoreId, order_id: OrderId, number: int) -> ChoiceCase | None:
    row = await tx.row(_GET, store_id, order_id, number)
    return None if row is None else ChoiceCase.of(row)


_OPEN: Final = """
    INSERT INTO choice_cases
           (store_id, order_id, number, cause, lines, options, elsewhere, answer, ask_after,
            opened_at)
    SELECT $1, $2, coalesce(max(number), 0) + 1, $3, $4, '[]', '[]', $5, $6, $7
      FROM choice_cases WHERE store_id = $1 AND order_id = $2
    RETURNING *
"""


async def opened(
    tx: Tx,
    order: Order,
    cause: Cause,
    lines: Sequence[Mapping[str, Any]],
    *,
    answer: Choice | None = None,
) -> ChoiceCase:
    """Open a case of an order that is locked and has none. Its shopper is asked a little later.

    Shapes:
        answer: what they have said already, in case it should come to this.
    """
    at = ask_at(order.promised_at, tx.now)
    row = await tx.row(_OPEN, order.store_id, order.id, cause, list(lines), answer, at, tx.now)
    assert row is not None
    return ChoiceCase.of(row)


_SAVE: Final = """
    UPDATE choice_cases
       SET state = $4, cause = $5, lines = $6, options = $7, elsewhere = $8, default_choice = $9,
           answer_by = $10, wait_until = $11, answer = $12, via = $13, outcome = $14,
           ask_after = $15, offered_at = $16, opened_at = $17, closed_at = $18, delays = $19,
           target = $20, call_by = $21
     WHERE store_id = $1 AND order_id = $2 AND number = $3
"""


async def save(tx: Tx, case: ChoiceCase) -> None:
    await tx.run(
        _SAVE,
        case.store_id,
        case.order_id,
        case.number,
        case.state,
        case.cause,
        case.lines,
        case.options,
        case.elsewhere,
        case.default_choice,
        case.answer_by,
        case.wait_until,
        case.answer,
        case.via,
        case.outcome,
        case.ask_after,
        case.offered_at,
        case.opened_at,
        case.closed_at,
        case.delays,
        case.target,
        case.call_by,
    )


async def close(
    tx: Tx, order: Order, case: ChoiceCase, state: CaseState, outcome: Outcome, *, via: str = ""
) -> None:
    """End a case of an order that is locked and written; a question that waits is void."""
    assert case.state in LIVE_CASES
    assert state not in LIVE_CASES
    case.state, case.outcome, case.closed_at = state, outcome, tx.now
    case.via = via or case.via
    await save(tx, case)
    await messages.withdraw(
        tx,
        order.store_id,
        order.id,
        kinds=[MessageKind.CHOICE_NEEDED],
        reason="It was settled meanwhile.",
    )
    await tx.emit(
        OrderChoiceClosed(
            store_id=order.store_id,
            order_id=order.id,
            version=order.version,
            case=case.number,
            state=state,
            outcome=outcome,
            was_offered=case.offered_at is not None,
            news_by=order.next_update_due_at,
        )
    )


_WAITS: Final = """
    SELECT EXISTS (SELECT FROM choice_cases
                    WHERE store_id = $1 AND order_id = $2 AND closed_at IS NULL
                      AND call_by IS NOT NULL AND answer IS NULL)
"""


async def waits_for_call(tx: Tx, store_id: StoreId, order_id: OrderId) -> bool:
    """Say whether a person has to ask, because our letters did not get there."""
    return await tx.value(_WAITS, store_id, order_id)  # type: ignore[no-any-return]


async def no_longer_late(tx: Tx, order: Order) -> None:
    """An order is ready, and about to be written: whatever was asked about its delay is void."""
    case = await live(tx, order.store_id, order.id)
    if case is not None and case.cause in LATE:
        await close(tx, order, case, CaseState.WITHDRAWN, Outcome.KEPT)
        if order.attention is Attention.AWAITING_SHOPPER_CHOICE:
            order.attention = Attention.NONE


def has_no_time(case: ChoiceCase, promised_at: datetime) -> bool:
    """Say whether a question is about a delay of which nobody knows the end."""
    return choice.has_no_time(case.cause, case.answer_by, promised_at)


async def has_a_time(tx: Tx, order: Order) -> None:
    """Our word holds after all: what was asked while nobody knew a time is void.

    The order is locked, and about to be written.
    """
    case = await live(tx, order.store_id, order.id)
    if case is not None and has_no_time(case, order.promised_at):
        await close(tx, order, case, CaseState.WITHDRAWN, Outcome.KEPT)
        if order.attention is Attention.AWAITING_SHOPPER_CHOICE:
            order.attention = Attention.NONE


async def end(tx: Tx, order: Order, state: CaseState, outcome: Outcome, *, via: str = "") -> None:
    """End what is still open about an order that has ended; mostly there is nothing.

    A doubt that lasted until somebody had everything in hand was none.
    """
    await tx.run(_NO_MATTER, order.store_id, order.id, tx.now)
    case = await live(tx, order.store_id, order.id)
    if case is None:
        return
    if case.cause is Cause.DOUBTED and outcome is Outcome.WITHOUT:
        state, outcome, via = CaseState.WITHDRAWN, Outcome.FOUND, ""
    elif state is CaseState.ANSWERED:
        case.answer = Choice.PARTIAL_NOW
    await close(tx, order, case, state, outcome, via=via)


_NO_MATTER: Final = """
    UPDATE confirmations SET closed_at = $3
     WHERE store_id = $1 AND order_id = $2 AND closed_at IS NULL
"""
_CONFIRM_BY: Final = """
    SELECT confirm_by FROM confirmations
     WHERE store_id = $1 AND order_id = $2 AND closed_at IS NULL AND confirm_by > $3
"""


async def news_by(tx: Tx, order: Order, otherwise: datetime) -> datetime:
    """Return by when an order is owed news: no later than what we said we would be sure of."""
    sure = await tx.value(_CONFIRM_BY, order.store_id, order.id, tx.now)
    return otherwise if sure is None else min(sure, otherwise)


_CONSENTED: Final = """
    SELECT lines FROM choice_cases
     WHERE store_id = $1 AND order_id = $2 AND cause = 'doubted' AND state = 'answered'
       AND answer = 'partial_now'
     ORDER BY number LIMIT 100
"""


async def consented(tx: Tx, store_id: StoreId, order_id: OrderId) -> set[int]:
    """Return the lines that a shopper has told us to leave out if they are not there."""
    rows = await tx.rows(_CONSENTED, store_id, order_id)
    return {line["line"] for row in rows for line in row["lines"]}


_DOUBTED_BEFORE: Final = """
    SELECT order_id, lines FROM choice_cases
     WHERE store_id = $1 AND order_id = ANY($2::uuid[])
       AND (closed_at IS NULL OR cause = 'doubted')
     LIMIT 5000
"""


async def asked_before(
    tx: Tx, store_id: StoreId, order_ids: Collection[OrderId]
) -> dict[OrderId, set[int]]:
    """Return the lines that shoppers are being asked about, or were, because of a doubt."""
    asked: dict[OrderId, set[int]] = {}
    for row in await tx.rows(_DOUBTED_BEFORE, store_id, list(order_ids)):
        asked.setdefault(OrderId(row["order_id"]), set()).update(x["line"] for x in row["lines"])
    return asked


def missing(line: OrderLine, quantity: int, *, recount: bool) -> dict[str, Any]:
    """Return how a case keeps one line."""
    return {
        "line": line.line,
        "sku": line.sku,
        "name": line.name,
        "quantity": quantity,
        "recount": recount,
    }


async def follow(
    tx: Tx, order: Order, lines: Sequence[OrderLine], *, recount: bool = False
) -> ChoiceCase | None:
    """Bring an order's case in line with what is short of it now; return the case, if any is live.

    What is newly short is asked about a little later, with all the rest; what is short no longer
    is not mentioned again. The order is locked and written.

    Shapes:
        recount: what is newly short will be counted again.
    """
    case = await live(tx, order.store_id, order.id)
    known = {x["line"]: x for x in case.lines} if case and case.cause is Cause.NOT_THERE else {}
    now = [
        missing(line, line.short, recount=known.get(line.line, {}).get("recount", recount))
        for line in lines
        if line.short
    ]
    if not now:
        if case is not None and case.cause is Cause.NOT_THERE:
            await close(tx, order, case, CaseState.WITHDRAWN, Outcome.FOUND)
            case = None
        return case
    agreed = await consented(tx, order.store_id, order.id)
    answer = Choice.PARTIAL_NOW if {x["line"] for x in now} <= agreed else None
    if case is None:
        return await opened(tx, order, Cause.NOT_THERE, now, answer=answer)
    grown = any(x["quantity"] > known.get(x["line"], {}).get("quantity", 0) for x in now)
    case.cause, case.lines = Cause.NOT_THERE, now
    if grown:
        case.state, case.answer = CaseState.OPENED, answer
        case.opened_at, case.ask_after = tx.now, ask_at(order.promised_at, tx.now)
        await messages.withdraw(
            tx,
            order.store_id,
            order.id,
            kinds=[MessageKind.CHOICE_NEEDED],
            reason="There was more to ask.",
        )
    await save(tx, case)
    return case
