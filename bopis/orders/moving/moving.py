"""An order, or what is missing of it, moves to another store: a new order there, and a link.

No transaction touches two stores. The old store writes down what its shopper chose; the new one
takes an order in that *awaits*: its stock is set aside, and nobody walks for it or hears of it.
Then one row decides, in the very transaction in which the old order gives its units up. Whoever
has died when: an open move is carried on, and a new order that awaits asks that row
(docs/adr/0009).
"""

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, Final

import structlog

from associates.models import PickTask
from associates.picking import second_looks, tasks
from bopis.kernel import idempotency
from bopis.kernel.database import Database, Tx
from bopis.kernel.errors import Conflict, Problem, Unavailable
from bopis.kernel.ids import OrderId, Sku, StoreId
from bopis.orders import orders
from bopis.orders.amends import apologies, paid
from bopis.orders.choices import cases
from bopis.orders.choices.choice import LATE, LIVE_CASES, CaseState, Cause, MoveState, Outcome
from bopis.orders.choices.choice_models import ChoiceCase
from bopis.orders.choices.consent import Consent, Consented
from bopis.orders.choices.elsewhere import elsewhere as elsewhere  # noqa: PLC0414 -- where one may move to
from bopis.orders.choices.settling import ask_again, free
from bopis.orders.events import OrderKept, OrderRerouted
from bopis.orders.moving import moves
from bopis.orders.moving.move_models import Move
from bopis.orders.orders import Held, hold, judged, save_held, take_down
from bopis.orders.placing import outlooks, placing
from bopis.orders.placing.asked import DoesNotFit, NewOrder, Receipt
from bopis.orders.states import FINAL, LIVE, OPEN, Bucket, CancelReason
from bopis.promises.outlook import StoreNeverOpens
from inventory import stock
from notifications import messages, recipients
from notifications.facts import Choice
from notifications.recipients import Person

B: Final = Bucket
ACTOR: Final = "job:orders.moves"
TRIES: Final = 4
PATIENCE: Final = timedelta(seconds=30)
"""Store clock. Whoever began a move and has not come so far in this time has died."""

LONGEST: Final = timedelta(minutes=10)
"""After this, a store that does not answer is one that cannot take it."""

_log = structlog.get_logger(__name__)


async def begin(tx: Tx, held: Held, case: ChoiceCase, target: StoreId) -> Move:
    """Write down that a shopper chose to move what a case is about; the order is locked."""
    case.answer, case.target = Choice.OTHER_STORE, target
    await cases.save(tx, case)
    return await moves.begin(
        tx,
        held.order.store_id,
        held.order.id,
        case=case.number,
        to_store=target,
        lines=[{key: x[key] for key in ("line", "sku", "name", "quantity")} for x in case.lines],
        whole=case.cause in LATE,
    )


async def carry_on(db: Database, store_id: StoreId, order_id: OrderId, *, actor: str) -> None:
    """Carry through whatever of an order is to move; what cannot be now is left to the sweep."""
    async with db.reading(store_id) as tx:
        begun = [x for x in await moves.of(tx, store_id, order_id) if x.state is MoveState.OPEN]
    for move in begun:
        with suppress(Unavailable):
            await go(db, store_id, order_id, move.number, actor=actor)


async def go(
    db: Database, store_id: StoreId, order_id: OrderId, number: int, *, actor: str = ACTOR
) -> Move:
    """Carry a move through from wherever it stands; once it is decided, see to the new order.

    Doing it again, or twice at a time, changes nothing: there is one new order at most.

    Raises:
        Unavailable: The other store does not answer just now. It is tried again by the sweep.
    """
    async with db.transaction(store_id, actor=actor) as tx:
        move = await moves.get(tx, store_id, order_id, number)
        asked = await _asked(tx, move)
    if move.state is MoveState.OPEN:
        outcome = await _take(db, move, asked, actor=actor)
        async with db.transaction(store_id, actor=actor) as tx:
            move = await _decide(tx, move, outcome)
    await _settle(db, move, asked, actor=actor)
    return move


def _reference(reference: str, move: Move) -> str:
    return f"{reference}/moved-{move.number}"


async def _asked(tx: Tx, move: Move) -> NewOrder:
    """Return the order that the other store is asked for: with what it must know, and no more."""
    order = await orders.get(tx, move.store_id, move.order_id)
    person = await recipients.get(tx, move.store_id, move.order_id)
    quantities = {Sku(x["sku"]): int(x["quantity"]) for x in move.lines}
    lines = await orders.lines(tx, move.store_id, move.order_id)
    share = paid.split(order, lines, sum(quantities.values()))
    return NewOrder(
        channel=order.channel,
        reference=_reference(order.reference, move),
        fingerprint=idempotency.fingerprint({"moved": order.id.hex, "number": move.number}),
        lines=list(quantities.items()),
        total=share[0] if share else None,
        customer=Person(
            person.first_name, person.last_name, person.email, person.phone, person.locale
        )
        if person
        else Person(None),
        consents={
            line.sku: Consented(line.consent, tuple(Sku(sku) for sku in line.accepts or ()))
            for line in lines
            if line.sku in quantities and line.consent is not Consent.NEVER
        },
    )


_MARK: Final = """
    UPDATE orders
       SET awaits_basket = awaits_basket OR moved_order IS NULL, moved_store = $4, moved_order = $5,
           moved_number = $6, moved_from = $7, met_before = $8, sorry_before = $9
     WHERE store_id = $1 AND channel = $2 AND reference = $3 AND closed_at IS NULL
    RETURNING id
"""


_SILENT: Final = """
    UPDATE recipients SET opted_out_at = $3 WHERE store_id = $1 AND order_id = $2
"""


async def _take(db: Database, move: Move, asked: NewOrder, *, actor: str) -> Receipt | str:
    """Have the other store take it in; return what it is there, or why it cannot be.

    Raises:
        Unavailable: It did not answer, and may the next time.
    """
    async with db.transaction(move.store_id, actor=actor) as tx:
        order = await orders.get(tx, move.store_id, move.order_id)
        met = await apologies.met_with(tx, order)
        late = tx.now > move.begun_at + LONGEST
        person = await recipients.get(tx, move.store_id, move.order_id)
    link = (move.store_id, move.order_id, move.number, order.number, *met)
    silent_since = person.opted_out_at if person else None
    for _ in range(TRIES):
        try:
            return await _placed(db, move.to_store, asked, link, silent_since, actor=actor)
        except DoesNotFit:
            continue
        except StoreNeverOpens:
            return "shut"
        except Unavailable:
            if late:
                return "shut"
            raise
        except outlooks.StoreTakesNoOrders:
            return "shut"
        except Problem:
            return "short"
    return "short"


async def _placed(
    db: Database,
    to_store: StoreId,
    asked: NewOrder,
    link: tuple[Any, ...],
    silent_since: datetime | None,
    *,
    actor: str,
) -> Receipt:
    outlook = await outlooks.of(db, to_store)
    async with db.transaction(to_store, actor=actor) as tx:
        [outcome] = await placing.accept(tx, to_store, [asked], outlook=outlook)
        if isinstance(outcome, Problem):
            raise outcome  # and keep nothing: it is no order that was refused to a web shop
        if await tx.value(_MARK, to_store, asked.channel, asked.reference, *link) is None:
            raise Overtaken("The order that was taken in there has ended already.")
        if silent_since is not None:  # who wants no letters wants none from there either
            await tx.run(_SILENT, to_store, outcome.order_id, silent_since)
        return outcome


class Overtaken(Conflict):
    title = "What was to move has changed"


async def _decide(tx: Tx, move: Move, outcome: Receipt | str) -> Move:
    """Give the units up here, if they are there and here still to be moved; or say why not."""
    store_id, order_id = move.store_id, move.order_id
    task = await second_looks.lock(tx, store_id, order_id)
    held = await hold(tx, store_id, order_id)
    move = await moves.get(tx, store_id, order_id, move.number)
    if move.state is not MoveState.OPEN:
        return move
    case = await cases.get(tx, store_id, order_id, move.case_number)
    assert case is not None
    is_live = case.state in LIVE_CASES and held.order.state not in FINAL
    if isinstance(outcome, Receipt) and is_live and _fits(held, case, move):
        await moves.done(tx, move, outcome.order_id, outcome.number, outcome.offer.latest)
        await _give_up(tx, held, case, move, task)
        await _say(tx, held, case, move, outcome)
        return await moves.get(tx, store_id, order_id, move.number)
    await moves.void(tx, move, outcome if isinstance(outcome, str) else "overtaken")
    if is_live and case.state is CaseState.OFFERED and case.answer is Choice.OTHER_STORE:
        await ask_again(tx, held, case, failed=move.to_store, without=Choice.OTHER_STORE)
    return await moves.get(tx, store_id, order_id, move.number)


_SOURCE: Final = {Cause.NOT_THERE: (B.SHORT,), Cause.DOUBTED: (B.RESERVED,)}


def _fits(held: Held, case: ChoiceCase, move: Move) -> bool:
    """Say whether exactly what was to move is still there to be given up."""
    if case.answer is not Choice.OTHER_STORE or case.target != move.to_store:
        return False
    buckets = _SOURCE.get(case.cause, tuple(LIVE))
    there = {line.line: sum(getattr(line, b) for b in buckets) for line in held.lines}
    wanted = {x["line"]: x["quantity"] for x in move.lines}
    if move.whole:
        return {line: n for line, n in there.items() if n} == wanted
    return all(there.get(line) == quantity for line, quantity in wanted.items())


async def _give_up(tx: Tx, held: Held, case: ChoiceCase, move: Move, task: PickTask | None) -> None:
    """Let go of the units here: what was picked is to be put back, and the rest goes on."""
    order = held.order
    lines = {x["line"]: x["quantity"] for x in move.lines}
    freed = {} if case.cause is Cause.NOT_THERE else {x["sku"]: x["quantity"] for x in move.lines}
    picked = held.units(B.PICKED, B.STAGED) if move.whole else {}
    await paid.take_along(tx, order, held.lines, sum(lines.values()))
    for bucket in _SOURCE.get(case.cause, tuple(LIVE)):
        held.move(bucket, B.REROUTED, lines=lines)
    if not held.units(*LIVE):
        await tasks.cancel(tx, order.store_id, order.id)
    elif task is not None and freed:
        take_down(held)
        await second_looks.leave(tx, task, lines)
    if freed:
        await stock.release(tx, order.store_id, order.id, freed, picked=picked)
    free(held)
    held.roll_up(moved=True)
    if not held.units(*OPEN):
        held.close(tx.now, "rerouted")
        order.promise_status = judged(order, tx.now)
        await messages.withdraw(tx, order.store_id, order.id, reason="It has moved.")
    await save_held(tx, held)


async def _say(tx: Tx, held: Held, case: ChoiceCase, move: Move, receipt: Receipt) -> None:
    order = held.order
    await cases.close(tx, order, case, CaseState.ANSWERED, Outcome.MOVED)
    if order.state in FINAL:
        await cases.end(tx, order, CaseState.ANSWERED, Outcome.MOVED)
    await tx.emit(
        OrderRerouted(
            store_id=order.store_id,
            order_id=order.id,
            version=order.version,
            case=case.number,
            to_store=move.to_store,
            to_order=receipt.order_id,
            lines=[x["line"] for x in move.lines],
            whole=order.state in FINAL,
        )
    )


_KEEP: Final = """
    UPDATE orders SET awaits_basket = false, version = version + 1
     WHERE store_id = $1 AND id = $2 AND awaits_basket AND closed_at IS NULL
    RETURNING version
"""
_NEW: Final = """
    SELECT id FROM orders
     WHERE store_id = $1 AND channel = $2 AND reference = $3 AND awaits_basket
       AND closed_at IS NULL
"""


async def _settle(db: Database, move: Move, asked: NewOrder, *, actor: str) -> None:
    """Keep the new order, or withdraw it before anybody heard of it."""
    if move.state is MoveState.DONE:
        async with db.reading(move.store_id) as tx:
            rest = (await orders.get(tx, move.store_id, move.order_id)).closed_at is None
    async with db.transaction(move.to_store, actor=actor) as tx:
        id_ = await tx.value(_NEW, move.to_store, asked.channel, asked.reference)
        if id_ is None:
            return
        if move.state is MoveState.VOID:
            await orders.cancel(
                tx, move.to_store, OrderId(id_), reason=CancelReason.BASKET_INCOMPLETE
            )
            return
        version = await tx.value(_KEEP, move.to_store, id_)
        if version is not None:
            await tx.emit(
                OrderKept(store_id=move.to_store, order_id=id_, version=version, rest=rest)
            )


_FORGOTTEN: Final = """
    SELECT store_id, order_id, number FROM moves  /* fanout: watch */
     WHERE state = 'open' AND begun_at <= $1
     UNION
    SELECT moved_store, moved_order, moved_number FROM orders
     WHERE awaits_basket AND closed_at IS NULL AND moved_order IS NOT NULL AND accepted_at <= $1
     ORDER BY 1, 2, 3 LIMIT 1000
"""


async def sweep(db: Database) -> int:
    """Carry on with the moves of which nobody has spoken for a while; return how many."""
    async with db.transaction(actor=ACTOR) as tx:
        rows = await tx.rows(_FORGOTTEN, tx.now - PATIENCE)
    done = 0
    for row in rows:
        try:
            await go(db, StoreId(row["store_id"]), OrderId(row["order_id"]), row["number"])
            done += 1
        except Exception as error:  # noqa: BLE001 -- the others go on; this one is tried again
            said: Mapping[str, Any] = {"order_id": row["order_id"].hex, "reason": repr(error)}
            _log.warning("move_not_carried_on", **said)
    return done
