"""An item cannot be had: its shopper is asked, and what they say happens; or what we said would.

A case opens in the transaction that learned of it (``cases.follow``, ``doubt``). All that follows
on a clock comes from the sweep: the question, its default, and the end of it when the item turns
up. Whoever changes units takes the order's task first, as everywhere.
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any, Final

from associates import second_looks, tasks
from associates.models import PickTask
from associates.tasks import Wanted
from associates.walk import effort
from bopis.kernel.database import Database, Tx
from bopis.kernel.ids import OrderId, Sku, StoreId
from bopis.orders import cases, orders, outlooks
from bopis.orders.choice import CaseState, Cause, Outcome, offer
from bopis.orders.choice_models import ChoiceCase
from bopis.orders.delays import delayed as delayed  # noqa: PLC0414 -- one of the questions
from bopis.orders.events import OrderChoiceAnswered, OrderChoiceOffered
from bopis.orders.orders import Held, hold, move, save, save_held
from bopis.orders.states import (
    FINAL,
    LIVE,
    PROMISED,
    TO_DO,
    WAITING,
    Attention,
    Bucket,
    CancelReason,
)
from bopis.promises import promise, promises
from bopis.promises.outlook import opens_at
from bopis.promises.promise import PromiseStatus
from inventory import stock, stores
from inventory.models import Store
from inventory.stock import Want
from notifications.facts import Choice, DelayReason

B: Final = Bucket
NAMED: Final = 2
"""Other stores that a question names: to know where one may still find it."""


class Due(StrEnum):
    """What a sweep finds to be done about a case."""

    OFFER = "offer"
    DEFAULT = "default"
    FOUND = "found"


class Taken(StrEnum):
    """What became of an answer. An outcome, not an error: the page says it in words."""

    TAKEN = "taken"
    AGAIN = "again"  # the same answer once more, from wherever: nothing changes
    LATE = "late"  # its time was over, and what we had said has happened
    OVER = "over"  # settled before: by another answer, a find, or the end of the order
    NOT_OFFERED = "not_offered"  # never asked, or asked anew meanwhile


_DUE: Final = """
    SELECT c.order_id,
           CASE WHEN CASE c.cause
                     WHEN 'doubted' THEN NOT EXISTS (
                          SELECT FROM jsonb_to_recordset(c.lines) AS m (line int)
                            JOIN order_lines AS l ON l.store_id = $1 AND l.order_id = c.order_id
                                                 AND l.line = m.line AND l.reserved > 0
                            JOIN stock_conflicts AS x
                              ON x.store_id = $1 AND x.sku = l.sku AND x.closed_at IS NULL)
                     ELSE EXISTS (
                          SELECT FROM jsonb_to_recordset(c.lines) AS m (line int)
                            JOIN order_lines AS l ON l.store_id = $1 AND l.order_id = c.order_id
                                                 AND l.line = m.line AND l.short > 0
                            JOIN stock AS s ON s.store_id = $1 AND s.sku = l.sku
                             AND s.on_hand - s.unsellable - s.reserved >= l.short
                           WHERE EXISTS (
                                 SELECT FROM stock_ledger AS g
                                  WHERE g.store_id = $1 AND g.sku = l.sku
                                    AND g.kind IN ('count', 'feed_delta', 'put_back')
                                    AND g.recorded_at > c.opened_at))
                      AND (o.state <> 'ready_for_pickup' OR c.answer = 'wait')
                     END THEN 'found'
                WHEN c.state = 'offered' AND c.answer_by <= $2 THEN 'default'
                WHEN c.state = 'opened' AND c.ask_after <= $2 THEN 'offer' END AS due
      FROM choice_cases AS c
      JOIN orders AS o ON o.store_id = $1 AND o.id = c.order_id
     WHERE c.store_id = $1 AND c.closed_at IS NULL
     ORDER BY c.order_id LIMIT 1000
"""
# A snapshot that repeats the number which sent somebody in vain is not a find: a count, a delivery
# or a put-back is.


async def due(tx: Tx, store_id: StoreId) -> list[tuple[OrderId, Due]]:
    """Return what has to be done about the cases of a store now."""
    rows = await tx.rows(_DUE, store_id, tx.now)
    return [(OrderId(row["order_id"]), Due(row["due"])) for row in rows if row["due"]]


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


async def elsewhere(db: Database, store_id: StoreId, order_id: OrderId) -> list[dict[str, Any]]:
    """Return other stores that have all that is missing: a look at them, so outside of this one."""
    async with db.reading(store_id) as tx:
        case = await cases.live(tx, store_id, order_id)
    if case is None:
        return []
    wanted = {Sku(x["sku"]): int(x["quantity"]) for x in case.lines}
    async with db.transaction() as tx:
        found = await stock.stores_with(tx, wanted, except_store=store_id)
        having = [one for one in found[next(iter(found))] if all(one in x for x in found.values())]
        if not having:
            return []
        here = await stores.get(tx, store_id)
        named = [_named(here, await stores.get(tx, one)) for one in having]
    return sorted(named, key=lambda x: (x["km"] is None, x["km"], x["name"]))[:NAMED]


def _named(here: Store, there: Store) -> dict[str, Any]:
    km = None
    if None not in {here.latitude, here.longitude, there.latitude, there.longitude}:
        km = round(
            stores.kilometers(here.latitude, here.longitude, there.latitude, there.longitude),  # type: ignore[arg-type]
            1,
        )
    return {"name": there.name, "km": km}


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
        await _settle(tx, held, case, case.answer, CaseState.ANSWERED)
        return
    doubted = {x["line"] for x in case.lines} if case.cause is Cause.DOUBTED else set()
    rest = any(getattr(x, b) for x in held.lines for b in LIVE if x.line not in doubted)
    offered = offer(
        case.cause,
        rest=rest,
        recount=any(x["recount"] for x in case.lines),
        calendar=await stores.calendar(tx, store_id),
        now=tx.now,
        until=order.hold_until,
    )
    case.state, case.offered_at = CaseState.OFFERED, tx.now
    case.options, case.default_choice = list(offered.options), offered.default
    case.answer_by, case.wait_until = offered.answer_by, offered.wait_until
    case.elsewhere = [dict(x) for x in elsewhere]
    order.attention = Attention.AWAITING_SHOPPER_CHOICE
    if not held.units(*LIVE):  # nothing else will be said of it before then
        order.next_update_due_at = offered.answer_by + promise.END_TOLD_WITHIN
    await save(tx, order)
    await cases.save(tx, case)
    await tx.emit(
        OrderChoiceOffered(
            store_id=store_id,
            order_id=order_id,
            version=order.version,
            case=case.number,
            cause=case.cause,
            lines=[x["line"] for x in case.lines],
            options=list(offered.options),
            default=offered.default,
            answer_by=offered.answer_by,
            wait_until=offered.wait_until,
        )
    )


async def default(tx: Tx, store_id: StoreId, order_id: OrderId) -> None:
    """No answer came: do what we said we would, not a moment earlier."""
    await second_looks.lock(tx, store_id, order_id)
    held = await hold(tx, store_id, order_id)
    case = await cases.live(tx, store_id, order_id)
    if case is not None and case.state is CaseState.OFFERED and _is_over(case, tx):
        assert case.default_choice is not None
        await _settle(tx, held, case, case.default_choice, CaseState.DEFAULTED)


def _is_over(case: ChoiceCase, tx: Tx) -> bool:
    assert case.answer_by is not None
    return case.answer_by <= tx.now


async def answer(
    tx: Tx, store_id: StoreId, order_id: OrderId, number: int, choice: Choice, *, via: str
) -> Taken:
    """Take in what a shopper chose. Said twice it counts once; too late it changes nothing.

    Raises:
        OrderUnknown: There is no such order in this store.
    """
    await second_looks.lock(tx, store_id, order_id)
    held = await hold(tx, store_id, order_id)
    case = await cases.get(tx, store_id, order_id, number)
    if case is None or (case.state is CaseState.OPENED):
        return Taken.NOT_OFFERED
    if case.state is not CaseState.OFFERED:
        return Taken.AGAIN if case.answer is choice else Taken.OVER
    if _is_over(case, tx):
        assert case.default_choice is not None
        await _settle(tx, held, case, case.default_choice, CaseState.DEFAULTED)
        return Taken.LATE
    if case.answer is choice:
        return Taken.AGAIN
    if choice not in case.options:
        return Taken.NOT_OFFERED
    case.answer, case.via = choice, via
    await save(tx, held.order)
    await tx.emit(
        OrderChoiceAnswered(
            store_id=store_id,
            order_id=order_id,
            version=held.order.version,
            case=number,
            answer=choice,
            via=via,
        )
    )
    if choice is Choice.WAIT and case.cause is Cause.NOT_THERE:
        await _wait(tx, held, case)
    else:
        await _settle(tx, held, case, choice, CaseState.ANSWERED)
    return Taken.TAKEN


async def _wait(tx: Tx, held: Held, case: ChoiceCase) -> None:
    """Let the store count again. The case stays open: they may still choose otherwise."""
    assert case.wait_until is not None
    case.answer_by = case.wait_until
    case.options = [option for option in case.options if option != Choice.WAIT]
    await cases.save(tx, case)
    if not held.units(*LIVE):
        held.order.next_update_due_at = case.wait_until + promise.END_TOLD_WITHIN
        await save(tx, held.order)


async def _settle(tx: Tx, held: Held, case: ChoiceCase, choice: Choice, state: CaseState) -> None:
    """Do what was chosen, or what we had said would happen."""
    order = held.order
    if order.attention is Attention.AWAITING_SHOPPER_CHOICE:
        order.attention = Attention.NONE
    if case.cause is Cause.DOUBTED and choice is not Choice.CANCEL_ORDER:
        await save(tx, order)
        await cases.close(tx, order, case, state, Outcome.LOOKING)
        return
    lines = {x["line"] for x in case.lines}
    held.move(B.SHORT, B.CANCELLED, lines=lines if case.cause is Cause.NOT_THERE else ())
    if choice is Choice.CANCEL_ORDER or not held.units(*LIVE):
        doubted = case.cause is Cause.DOUBTED
        reason = CancelReason.FEED_CONFLICT if doubted else CancelReason.NOT_FOUND
        await cases.close(tx, order, case, state, Outcome.CANCELLED)
        await tasks.cancel(tx, order.store_id, order.id)
        await orders.end(tx, held, reason)
        return
    held.roll_up()
    await save_held(tx, held)
    await cases.close(tx, order, case, state, Outcome.WITHOUT)


async def found(tx: Tx, store_id: StoreId, order_id: OrderId) -> None:
    """What we asked about is there after all: it is set aside again, and somebody fetches it.

    Whoever has a bag waiting is not made to wait for it anew, unless they chose to.
    """
    task = await second_looks.lock(tx, store_id, order_id)
    held = await hold(tx, store_id, order_id)
    case = await cases.live(tx, store_id, order_id)
    if case is None or held.order.state in FINAL:
        return
    if case.cause is Cause.DOUBTED:
        await _free(tx, held)
        await cases.close(tx, held.order, case, CaseState.WITHDRAWN, Outcome.FOUND)
        return
    if held.order.state in WAITING and case.answer is not Choice.WAIT:
        return
    back: dict[int, int] = {}
    for line in held.lines:
        if line.short and not await stock.reserve(
            tx, store_id, [Want(order_id, line.sku, line.short)]
        ):
            back[line.line] = move(line, B.SHORT, B.RESERVED, line.short)
    if back:
        await _look_again(tx, held, task, back)
        await cases.follow(tx, held.order, held.lines)


async def _free(tx: Tx, held: Held) -> None:
    if held.order.attention is Attention.AWAITING_SHOPPER_CHOICE:
        held.order.attention = Attention.NONE
        await save(tx, held.order)


async def _look_again(tx: Tx, held: Held, task: PickTask | None, back: Mapping[int, int]) -> None:
    """Send somebody for units that were given up; what waited at the counter waits for them."""
    order = held.order
    if order.state in WAITING:
        staged = held.units(B.STAGED)
        await stock.stage(tx, order.store_id, order.id, {sku: -n for sku, n in staged.items()})
        order.ready_at = order.hold_until = None
    held.roll_up()
    if not any(line.short for line in held.lines):
        order.attention = Attention.NONE
    outlook = await promises.outlook(tx, order.store_id, outlooks.remembered(tx))
    base = outlook.of_order(effort(held.units(*TO_DO).values()))
    later = promise.revise(order.promised_at, outlook.ready_by(base, tx.now), tx.now)
    kept = order.promise_status
    if later is not None:
        await orders.move_promise(
            tx,
            order,
            later,
            calendar=outlook.calendar,
            reason=DelayReason.SEARCHING_ITEM,
            base_minutes=base,
        )
    else:
        order.next_update_due_at = promise.next_news_by(
            order.promised_at, tx.now, opens_at(outlook.calendar, tx.now)
        )
    if kept in {PromiseStatus.MET, PromiseStatus.MISSED}:
        order.promise_status = kept  # judged when it was ready, and that was true
    await save_held(tx, held)
    if task is not None:
        await second_looks.again(tx, task, back)
        await tasks.due(tx, order.store_id, order.id, order.promised_at)
        return
    await tasks.open(
        tx,
        order.store_id,
        order.id,
        number=order.number,
        due_at=order.promised_at,
        lines=[
            Wanted(line.line, line.sku, line.name, back[line.line])
            for line in held.lines
            if line.line in back
        ],
    )
