"""Nobody waits in silence: every open order is looked at again and again, and spoken for in time.

A sweep asks five things of each. Will it be late: then say so before it is. Is news due: then
there is news, even if it is "we do not know yet". Is there a question to put, or has one ended:
then do that. Do we wait for somebody: remind them. Has the wait ended: put it back. Each word is a
transaction of its own, so that one order in trouble does not keep the others from being spoken for.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from operator import itemgetter
from typing import Any, Final

import structlog

from associates.walking import waves
from associates.walking.walk import HANDFUL
from bopis.kernel.database import Database, Tx
from bopis.kernel.errors import Problem
from bopis.kernel.ids import OrderId, StoreId
from bopis.orders import our_word
from bopis.orders.amends import apologies
from bopis.orders.amends.apologies import Met
from bopis.orders.choices import cases, choices, docket, refinding
from bopis.orders.counter import collecting
from bopis.orders.moving import moving
from bopis.orders.placing import likely, outlooks
from bopis.orders.states import PROMISED, Attention
from bopis.orders.watching import conflicts, foresight, haste, rounds
from bopis.orders.watching.conflicts import Doubt
from bopis.orders.watching.looks import AHEAD, Look, glance
from bopis.orders.watching.rounds import Round
from bopis.orders.watching.sight import Seen, Sight
from bopis.promises import promise, promises, signals, survivals
from bopis.promises.outlook import Outlook
from bopis.promises.predictor import Took
from bopis.promises.promise import PromiseStatus
from bopis.promises.signals import Signal
from notifications import messages
from notifications.facts import DelayReason

JOB: Final = "orders.watch"
ACTOR: Final = f"job:{JOB}"
Act = Callable[[Tx], Awaitable[object]]
_log = structlog.get_logger(__name__)


async def sweep(db: Database) -> int:
    """Look at every open order whose odds can have changed; return how many were spoken for."""
    pooled = await outlooks.pooled(db)
    async with db.transaction(actor=ACTOR) as tx:
        now = tx.now
        stores = await rounds.stores(tx, now + promise.END_TOLD_WITHIN)
        down = await rounds.down_since(db, tx, JOB)
    due = [here for here in stores if rounds.is_new(db, here, now)]
    return sum([await _watch(db, here, now, pooled, down) for here in due])


async def _watch(
    db: Database,
    here: Round,
    now: datetime,
    pooled: Sequence[Took],
    down: datetime | None,
) -> int:
    """Look at one store's open orders; return how many were spoken for."""
    store_id = here.store_id
    async with db.transaction(store_id, actor=ACTOR) as tx:
        rows = await _open(tx, store_id) if here.orders else []
        acts = [act for row in rows if row["state"] not in PROMISED for act in _waiting(tx, row)]
        waited = [row for row in rows if row["state"] in PROMISED]
        acts += await _look(tx, store_id, waited, pooled, down=down, conflicts_open=here.conflicts)
        if here.likely:
            found = await likely.found(tx, store_id)
            acts += [(order_id, partial(_confirm, order_id=order_id)) for order_id in found]
        asked = await docket.due(tx, store_id) if here.cases else []
    late = [order_id for order_id, act in acts if _speaks(act)]
    met = await apologies.met_in_others(db, store_id, late) if late else {}
    acts = [
        (order_id, await _with_others(db, store_id, act, met.get(order_id, (0, 0))))
        for order_id, act in acts
    ]
    acts += [(order_id, await _choice(db, store_id, order_id, what)) for order_id, what in asked]
    rounds.remember(db, here, now)
    if acts:
        rounds.forget(db, store_id)
    done = 0
    for order_id, act in acts:
        try:
            async with db.transaction(store_id, actor=ACTOR) as tx:
                await act(tx)
            done += 1
        except Problem as problem:
            _log.warning("order_not_spoken_for", order_id=order_id.hex, reason=problem.detail)
        except Exception:  # noqa: BLE001 -- the others go on; this one is looked at again
            _log.exception("order_not_spoken_for", order_id=order_id.hex)
    return done


def _speaks(act: Act) -> bool:
    return isinstance(act, partial) and act.func is _speak


async def _with_others(db: Database, store_id: StoreId, act: Act, met: Met) -> Act:
    """Find out who else could take an order that is late, before anything is locked.

    Shapes:
        met: what its customer has met with in other stores.
    """
    if not isinstance(act, partial) or not _speaks(act):
        return act
    order_id = act.keywords["looked"].seen.id
    act = partial(act, met=met)
    try:
        return partial(act, elsewhere=await moving.elsewhere(db, store_id, order_id))
    except Problem as problem:  # the news does not wait for it
        _log.warning("other_stores_not_asked", order_id=order_id.hex, reason=problem.detail)
        return act


async def _choice(db: Database, store_id: StoreId, order_id: OrderId, what: docket.Due) -> Act:
    """Return what to do about a case; who else has an item is asked while nothing is locked."""
    if what is docket.Due.OFFER:
        elsewhere = await moving.elsewhere(db, store_id, order_id)
        return partial(_ask, order_id=order_id, elsewhere=elsewhere)
    return partial(_ABOUT_CASE[what], store_id=store_id, order_id=order_id)


_ABOUT_CASE: Final = {
    docket.Due.DEFAULT: choices.default,
    docket.Due.ASK_ANEW: choices.ask_anew,
    docket.Due.FOUND: refinding.found,
}


async def _ask(tx: Tx, *, order_id: OrderId, elsewhere: Sequence[Mapping[str, Any]]) -> None:
    assert tx.store_id is not None
    await choices.ask(tx, tx.store_id, order_id, elsewhere)


async def _confirm(tx: Tx, *, order_id: OrderId) -> None:
    assert tx.store_id is not None
    await likely.confirm(tx, tx.store_id, order_id)


_OPEN: Final = """
    SELECT o.id, o.state, o.promised_at, o.accepted_at, o.promise_version, o.promise_status,
           o.attention, o.p_late, o.next_update_due_at, o.hold_until,
           -- of the first walk only: one that began before a wrong "ready" says nothing of the next
           CASE WHEN o.first_ready_at IS NULL THEN o.picking_since END AS begun_at,
           u.reserved, u.short, u.ordered, u.to_give, f.latest AS first_promised_at,
           c.reason IS NOT DISTINCT FROM $5 AND NOT EXISTS (
               SELECT FROM events AS e
                WHERE e.store_id = $1 AND e.subject = o.id AND e.name = 'order.news_due'
                  AND e.occurred_at >= c.made_at AND (e.payload ->> 'cleared')::bool
           ) AS moved_by_doubt,
           c.version > 1 AND EXISTS (  -- as ``promises.has_no_time``
               SELECT FROM promises AS b
                WHERE b.store_id = $1 AND b.order_id = o.id
                  AND b.version = c.version - 1 AND b.latest = c.latest
           ) AS has_no_time,
           o.first_ready_at IS NULL AND f.latest < $2 AND NOT EXISTS (
               SELECT FROM preparations AS e WHERE e.store_id = $1 AND e.order_id = o.id
           ) AS missed
      FROM orders AS o
      JOIN promises AS f ON f.store_id = $1 AND f.order_id = o.id AND f.version = 1
      JOIN promises AS c
        ON c.store_id = $1 AND c.order_id = o.id AND c.version = o.promise_version
      JOIN (SELECT l.order_id, sum(LEAST(l.reserved, $3))::int AS reserved,
                   sum(l.short)::int AS short,
                   sum(LEAST(l.ordered, $3))::int AS ordered,
                   sum(l.reserved + l.picked + l.staged) > 0 AS to_give
              FROM orders AS q
              JOIN order_lines AS l ON l.store_id = $1 AND l.order_id = q.id
             WHERE q.store_id = $1 AND q.closed_at IS NULL
             GROUP BY l.order_id) AS u ON u.order_id = o.id
     WHERE o.store_id = $1 AND o.closed_at IS NULL AND NOT o.awaits_basket
       AND ($4::uuid[] IS NULL OR o.id = ANY($4))
       AND (o.state IN ('accepted', 'picking', 'partially_ready')
            OR LEAST(o.next_update_due_at, o.hold_until) <= $6)
     ORDER BY o.next_update_due_at, o.id LIMIT 5000
"""


async def _open(tx: Tx, store_id: StoreId, only: Sequence[OrderId] | None = None) -> list[Any]:
    """Return the orders that are waited for, and those of others that something is due of."""
    corrected = DelayReason.STOCK_CORRECTED
    return await tx.rows(_OPEN, store_id, tx.now, HANDFUL, only, corrected, tx.now + AHEAD)


async def look_again(tx: Tx, store_id: StoreId, order_ids: Sequence[OrderId] | None) -> None:
    """Look at some orders of a store now, or at all, because of something that was just learned."""
    rows = [row for row in await _open(tx, store_id, order_ids) if row["state"] in PROMISED]
    acts = await _look(tx, store_id, rows, outlooks.remembered(tx))
    for _, act in sorted(acts, key=itemgetter(0)):  # orders are locked in order of their ids
        await act(tx)


async def _look(
    tx: Tx,
    store_id: StoreId,
    rows: Sequence[Any],
    pooled: Sequence[Took],
    *,
    down: datetime | None = None,
    conflicts_open: int | None = None,
) -> list[tuple[OrderId, Act]]:
    """Write down what is new about orders that are waited for; return what has to be said."""
    if not rows:
        return []
    outlook = await promises.outlook(tx, store_id, pooled)
    doubted = {} if conflicts_open == 0 else await conflicts.doubted(tx, store_id)
    acts = await _doubts(tx, store_id, rows, doubted) if doubted else []
    sight = Sight(
        outlook,
        tx.now,
        await survivals.of(tx, store_id),
        await foresight.known(tx, outlook, down),
        since=min(row["accepted_at"] for row in rows),
        until=max(row["promised_at"] for row in rows),
    )
    seen = [_seen(row, doubted) for row in rows if row["to_give"]]
    looks = [looked for one in seen if (looked := glance(sight, one)) is not None]
    for row in rows:
        if row["missed"]:
            await _learn_of_miss(tx, row, outlook)
    material = [looked for looked in looks if looked.is_material]
    odds = {looked.seen.id: haste.of_look(looked, outlook.tempo) for looked in material}
    await waves.foresee(tx, store_id, odds)
    await _note(tx, store_id, material)
    await signals.note(
        tx,
        store_id,
        [_signal(looked) for looked in looks if looked.is_foreseen or looked.begins_doubt],
    )
    await foresight.expect(tx, sight, seen)
    for looked in looks:
        if looked.speak:
            acts.append((looked.seen.id, partial(_speak, looked=looked)))
            continue
        cleared = looked.cleared and await _has_heard_of_doubt(tx, store_id, looked.seen)
        if cleared or looked.news:
            acts.append((looked.seen.id, partial(_news, order_id=looked.seen.id, cleared=cleared)))
    return acts


async def _doubts(
    tx: Tx, store_id: StoreId, rows: Sequence[Any], doubted: Mapping[OrderId, Doubt]
) -> list[tuple[OrderId, Act]]:
    """Return who has to be asked, because by the store's numbers nothing is left for them."""
    open_ = {row["id"] for row in rows}
    none = {id_: set(doubt.none_left) for id_, doubt in doubted.items() if doubt.none_left}
    new = none.keys() & open_
    asked = await cases.asked_before(tx, store_id, new) if new else {}
    return [
        (
            order_id,
            partial(choices.doubt, store_id=store_id, order_id=order_id, lines=sorted(lines)),
        )
        for order_id in sorted(new)
        if (lines := none[order_id] - asked.get(order_id, set()))
    ]


def _seen(row: Any, doubted: Mapping[OrderId, Doubt]) -> Seen:
    return Seen(
        id=OrderId(row["id"]),
        promised_at=row["promised_at"],
        accepted_at=row["accepted_at"],
        promise_version=row["promise_version"],
        promise_status=PromiseStatus(row["promise_status"]),
        attention=Attention(row["attention"]),
        p_late=row["p_late"],
        next_update_due_at=row["next_update_due_at"],
        begun_at=row["begun_at"],
        reserved=row["reserved"],
        ordered=row["ordered"],
        short=row["short"],
        doubted=doubted[row["id"]].items if row["id"] in doubted else 0,
        moved_by_doubt=row["moved_by_doubt"],
        has_no_time=row["has_no_time"],
    )


def _waiting(tx: Tx, row: Any) -> list[tuple[OrderId, Act]]:
    """Return what to do about an order that waits for its customer."""
    if row["hold_until"] is None:
        return []  # collected in part: the counter decides about the rest
    if row["hold_until"] <= tx.now:
        return [(row["id"], partial(_expire, order_id=row["id"]))]
    if row["next_update_due_at"] <= min(tx.now + AHEAD, row["hold_until"]):
        return [(row["id"], partial(_remind, order_id=row["id"]))]
    return []


async def _speak(
    tx: Tx, *, looked: Look, elsewhere: Sequence[Mapping[str, Any]] = (), met: Met = (0, 0)
) -> None:
    """Move the promise and say so; what the look knew is kept with it."""
    seen = looked.seen
    assert tx.store_id is not None
    await apologies.tell_of_others(tx, tx.store_id, seen.id, met)
    await our_word.update_estimate(
        tx,
        tx.store_id,
        seen.id,
        looked.ready_by,
        reason=looked.reason,
        p_late=looked.p_late,
        base_minutes=looked.base,
        elsewhere=elsewhere,
        surer=looked.surer,
    )


def _signal(looked: Look) -> Signal:
    seen = looked.seen
    return Signal(
        seen.id, seen.promise_version, looked.p_late, looked.threshold, looked.lead, looked.hard
    )


async def _has_heard_of_doubt(tx: Tx, store_id: StoreId, seen: Seen) -> bool:
    """Whoever heard no promise before was told the later one, and has nothing to be relieved of."""
    reason = await messages.apologized(tx, store_id, seen.id, promise_version=seen.promise_version)
    return reason is DelayReason.STOCK_CORRECTED


async def _news(tx: Tx, *, order_id: OrderId, cleared: bool) -> None:
    assert tx.store_id is not None
    await our_word.say_news(tx, tx.store_id, order_id, cleared=cleared)


async def _remind(tx: Tx, *, order_id: OrderId) -> None:
    assert tx.store_id is not None
    await collecting.remind(tx, tx.store_id, order_id)


async def _expire(tx: Tx, *, order_id: OrderId) -> None:
    assert tx.store_id is not None
    await collecting.expire(tx, tx.store_id, order_id)


async def _learn_of_miss(tx: Tx, row: Any, outlook: Outlook) -> None:
    await promises.learn(
        tx,
        outlook.store_id,
        OrderId(row["id"]),
        took=outlook.open_between(row["accepted_at"], row["first_promised_at"]),
        picked_in=None,
        units=row["ordered"],
    )


_NOTE: Final = """
    WITH free AS (      -- whoever holds one of them is not waited for: it is looked at again
        SELECT id FROM orders WHERE store_id = $1 AND id = ANY($2::uuid[])
         ORDER BY id FOR UPDATE SKIP LOCKED
    )
    UPDATE orders AS o
       SET p_late = n.p_late, estimate_at = n.ready_by,
           version = o.version + (o.promise_status <> n.status OR o.attention <> n.attention)::int,
           promise_status = n.status, attention = n.attention
      FROM unnest($2::uuid[], $3::float[], $4::timestamptz[], $5::text[], $6::text[])
           AS n (id, p_late, ready_by, status, attention)
      JOIN free ON free.id = n.id
     WHERE o.store_id = $1 AND o.id = n.id
       AND o.state IN ('accepted', 'picking', 'partially_ready')
       AND o.promise_status IN ('on_track', 'at_risk', n.status)
"""


async def _note(tx: Tx, store_id: StoreId, looks: Sequence[Look]) -> None:
    """Write down odds and estimates that have changed: what a store sees before a shopper does."""
    if not looks:
        return
    await tx.run(
        _NOTE,
        store_id,
        [looked.seen.id for looked in looks],
        [looked.p_late for looked in looks],
        [looked.ready_by for looked in looks],
        [looked.status for looked in looks],
        [looked.attention for looked in looks],
    )
