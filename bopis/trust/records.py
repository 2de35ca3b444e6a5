"""The record of each store: a row a day, counted from what happened; and what is said of it.

A day is counted again and again until all its orders are closed, and then never again. Nobody can
write a figure: a note may stand beside it (``annotate``), and ``bopis verify`` counts anew.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime, time, timedelta
from operator import itemgetter
from typing import Any, Final
from zoneinfo import ZoneInfo

from bopis.kernel.database import Database, Tx
from bopis.kernel.errors import Invalid
from bopis.kernel.ids import StoreId
from bopis.promises import standing, standings
from bopis.promises.standing import Share, Standing
from bopis.trust import outcomes
from bopis.trust.outcome import Outcome
from bopis.trust.record import DAYS, ENOUGH_FOR_INDEX, Sums, count, padding, total
from bopis.trust.record_models import RecordNote
from inventory import stores

ACTOR: Final = "job:trust.record"
KEPT_DAYS: Final = 400
"""How long daily rows are kept: a year and the month before it."""
WEIGHED_DAYS: Final = 112
"""What is older than four half-lives moves no rank."""

_DAY: Final = timedelta(days=1)
_COLUMNS: Final = [one.name for one in fields(Sums)]


class DaysBackwards(Invalid):
    title = "The days of a note run backwards, or lie ahead"


async def take_down(db: Database) -> int:
    """Count the days that may have changed, store by store, and rank the stores by them all.

    A store in trouble does not keep the others from being counted: each is its own transaction.
    Returns how many daily rows were written.
    """
    async with db.transaction(actor=ACTOR) as tx:
        listed = [(store.store_id, store.time_zone) for store in await stores.listed(tx)]
    written = 0
    for store_id, zone in listed:
        async with db.transaction(store_id, actor=ACTOR) as tx:
            await tx.run("SET LOCAL statement_timeout = '2min'")
            written += await count_store(tx, store_id, ZoneInfo(zone))
    await rank(db)
    return written


_UNSETTLED: Final = """
    SELECT min(day) AS day FROM record_days
     WHERE store_id = $1 AND day >= $2 AND (open_orders > 0 OR day >= $3)
"""
_LAST: Final = "SELECT max(day) AS day FROM record_days WHERE store_id = $1"
_SETTLED: Final = """
    SELECT day FROM record_days
     WHERE store_id = $1 AND day >= $2 AND day < $3 AND open_orders = 0
"""


async def count_store(tx: Tx, store_id: StoreId, zone: ZoneInfo) -> int:
    """Count the days of a store that are not settled; a store never counted, its last 28."""
    today = tx.now.astimezone(zone).date()
    oldest = today - 2 * DAYS * _DAY
    last = await tx.value(_LAST, store_id)
    open_since = await tx.value(_UNSETTLED, store_id, oldest, today - _DAY)
    begin = oldest if last is None else min(filter(None, (open_since, last + _DAY)), default=today)
    begin = max(begin, oldest)
    settled = {row["day"] for row in await tx.rows(_SETTLED, store_id, begin, today - _DAY)}
    seen = await outcomes.due(
        tx, _midnight(begin, zone), tx.now + timedelta(microseconds=1), only_store=store_id
    )
    by_day: dict[date, list[Outcome]] = defaultdict(list)
    for one in seen:
        by_day[one.day].append(one)
    days = [begin + n * _DAY for n in range((today - begin).days + 1)]
    made = {day: count(by_day[day]) for day in days if day not in settled}
    await write(tx, store_id, made)
    await tx.run(_FORGET, store_id, today - KEPT_DAYS * _DAY)
    await tx.run(_FORGET_TRIALS, store_id, tx.now - KEPT_DAYS * _DAY)
    return len(made)


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone)


_WRITE: Final = """
    INSERT INTO record_days (store_id, day, due, kept, late_minutes, warned, knowable,
        knowable_warned, cancelled_by_us, excused, ready_said, false_ready, lines, lines_found,
        silent_minutes, silent_squares, revisions, revision_squares, pinball, pinball_squares,
        lengths, waits, open_orders, odds_said, odds_kept, odds_squares, computed_at, computed_by)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19,
            $20, $21, $22, $23, $24, $25, $26, $27, $28)
    ON CONFLICT (store_id, day) DO UPDATE
    SET due = EXCLUDED.due, kept = EXCLUDED.kept, late_minutes = EXCLUDED.late_minutes,
        warned = EXCLUDED.warned, knowable = EXCLUDED.knowable,
        knowable_warned = EXCLUDED.knowable_warned, cancelled_by_us = EXCLUDED.cancelled_by_us,
        excused = EXCLUDED.excused, ready_said = EXCLUDED.ready_said,
        false_ready = EXCLUDED.false_ready, lines = EXCLUDED.lines,
        lines_found = EXCLUDED.lines_found, silent_minutes = EXCLUDED.silent_minutes,
        silent_squares = EXCLUDED.silent_squares, revisions = EXCLUDED.revisions,
        revision_squares = EXCLUDED.revision_squares, pinball = EXCLUDED.pinball,
        pinball_squares = EXCLUDED.pinball_squares, lengths = EXCLUDED.lengths,
        waits = EXCLUDED.waits, open_orders = EXCLUDED.open_orders,
        odds_said = EXCLUDED.odds_said, odds_kept = EXCLUDED.odds_kept,
        odds_squares = EXCLUDED.odds_squares, computed_at = EXCLUDED.computed_at,
        computed_by = EXCLUDED.computed_by
"""
_FORGET: Final = "DELETE FROM record_days WHERE store_id = $1 AND day < $2"
_FORGET_TRIALS: Final = "DELETE FROM offer_trials WHERE store_id = $1 AND at < $2"


async def write(tx: Tx, store_id: StoreId, days: Mapping[date, Sums]) -> None:
    """Put down the figures of some days, as counted now by whoever acts in this transaction."""
    rows = [
        (store_id, day, *(_value(getattr(sums, name)) for name in _COLUMNS), tx.now, tx.actor)
        for day, sums in days.items()
    ]
    await tx.run_many(_WRITE, rows)


def _value(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value


@dataclass(frozen=True, slots=True)
class Counted:
    """A store's month and the one before it, and when that was counted.

    Shapes:
        computed_at: of the row that was counted last; None: none was counted.
    """

    store_id: StoreId | None
    now: Sums
    before: Sums
    first_day: date
    last_day: date
    computed_at: datetime | None
    computed_by: str | None


_OF_STORE: Final = """
    SELECT * FROM record_days WHERE store_id = $1 AND day > $2 AND day <= $3
     ORDER BY day LIMIT 200
"""


async def of_store(tx: Tx, store_id: StoreId, last_day: date) -> Counted:
    """Return a store's record over the 28 days that end with ``last_day``."""
    rows = await tx.rows(_OF_STORE, store_id, last_day - 2 * DAYS * _DAY, last_day)
    return _counted(store_id, rows, last_day)


def first_day(last_day: date) -> date:
    """Return the first of the 28 days that end with one."""
    return last_day - (DAYS - 1) * _DAY


def _counted(store_id: StoreId | None, rows: Sequence[Any], last_day: date) -> Counted:
    first = first_day(last_day)
    newest = max(rows, key=itemgetter("computed_at"), default=None)
    return Counted(
        store_id=store_id,
        now=total(Sums.of(row) for row in rows if row["day"] >= first),
        before=total(Sums.of(row) for row in rows if row["day"] < first),
        first_day=first,
        last_day=last_day,
        computed_at=newest and newest["computed_at"],
        computed_by=newest and newest["computed_by"],
    )


_OF_ALL: Final = """
    SELECT * FROM record_days  /* fanout: report */
     WHERE day > $1 AND day <= $2
     ORDER BY store_id, day LIMIT 200000
"""


async def of_all(tx: Tx, last_day: date, *, days: int = 2 * DAYS) -> dict[StoreId, Counted]:
    """Return every store's record over the 28 days that end with ``last_day``."""
    by_store: dict[StoreId, list[Any]] = defaultdict(list)
    for row in await tx.rows(_OF_ALL, last_day - days * _DAY, last_day):
        by_store[StoreId(row["store_id"])].append(row)
    return {store_id: _counted(store_id, rows, last_day) for store_id, rows in by_store.items()}


_WEIGHED: Final = """
    SELECT d.store_id, sum(w.x * d.lines_found) AS found_ok, sum(w.x * d.lines) AS found_n,
           sum(w.x * d.kept) AS on_time_ok, sum(w.x * d.due) AS on_time_n,
           sum(w.x * greatest(d.ready_said - d.false_ready, 0)) AS ready_true_ok,
           sum(w.x * d.ready_said) AS ready_true_n,
           sum(d.lines_found) FILTER (WHERE w.recent) AS found_ok_now,
           sum(d.lines) FILTER (WHERE w.recent) AS found_n_now,
           sum(d.kept) FILTER (WHERE w.recent) AS on_time_ok_now,
           sum(d.due) FILTER (WHERE w.recent) AS on_time_n_now,
           sum(greatest(d.ready_said - d.false_ready, 0)) FILTER (WHERE w.recent)
               AS ready_true_ok_now,
           sum(d.ready_said) FILTER (WHERE w.recent) AS ready_true_n_now
      FROM record_days AS d  /* fanout: report */
      JOIN stores AS s ON s.store_id = d.store_id
     CROSS JOIN LATERAL (
           SELECT ($1::timestamptz AT TIME ZONE s.time_zone)::date AS today) AS t
     CROSS JOIN LATERAL (
           SELECT power(0.5::float8, (t.today - d.day) / $2::float8) AS x,
                  d.day > t.today - $3::int AS recent) AS w
     WHERE d.day > t.today - $4::int AND d.day <= t.today
     GROUP BY d.store_id ORDER BY d.store_id LIMIT 100000
"""
_RANKED: Final = ("found", "on_time", "ready_true")


async def rank(db: Database) -> None:
    """Work out how far each store's word may be relied on; the chain stands in for the unknown."""
    async with db.transaction(actor=ACTOR) as tx:
        half_life = standing.HALF_LIFE / _DAY
        rows = await tx.rows(_WEIGHED, tx.now, half_life, DAYS, WEIGHED_DAYS)
        counted = await of_all(tx, tx.now.date(), days=DAYS)
    chain = {name: _of_chain(rows, name) for name in _RANKED}
    for row in rows:
        store_id = StoreId(row["store_id"])
        shares = [_share(row, name, chain[name]) for name in _RANKED]
        async with db.transaction(store_id, actor=ACTOR) as tx:
            found, on_time, ready_true = shares
            long = padding_of(counted.get(store_id))
            await standings.put(tx, Standing(store_id, found, on_time, ready_true, long))


def padding_of(counted: Counted | None) -> float:
    """Return how padded a store's times are; few orders do not convict anybody."""
    if counted is None or counted.now.due < ENOUGH_FOR_INDEX:
        return 1.0
    return max(padding(counted.now), 1.0)


def _of_chain(rows: Sequence[Any], name: str) -> float:
    of = float(sum(row[f"{name}_n"] for row in rows))
    held = float(sum(row[f"{name}_ok"] for row in rows))
    return held / of if of else standing.NOBODY_KNOWS


def _share(row: Any, name: str, of_chain: float) -> Share:
    held, of = row[f"{name}_ok"], row[f"{name}_n"]
    return Share(
        lower=standing.lower(held, of, of_chain),
        ok=row[f"{name}_ok_now"] or 0,
        n=row[f"{name}_n_now"] or 0,
    )


_NOTES: Final = """
    SELECT * FROM record_notes WHERE store_id = $1 AND last_day >= $2
     ORDER BY made_at DESC, id LIMIT 50
"""


async def notes(tx: Tx, store_id: StoreId, since: date) -> list[RecordNote]:
    """Return what was said of a store's days, the newest first."""
    return [RecordNote.of(row) for row in await tx.rows(_NOTES, store_id, since)]


async def annotate(
    tx: Tx, store_id: StoreId, *, words: str, first_day: date, last_day: date
) -> RecordNote:
    """Say something of a store's days, for everybody to read beside the figures; for ever.

    Raises:
        DaysBackwards: The last day is before the first, or after tomorrow.
        StoreUnknown: There is no such store.
    """
    await stores.get(tx, store_id)
    if not first_day <= last_day <= tx.now.date() + _DAY:
        raise DaysBackwards("Give the first and the last day that you speak of, none ahead.")
    note = RecordNote(
        store_id=store_id,
        id=tx.new_id(),
        first_day=first_day,
        last_day=last_day,
        words=words.strip(),
        made_by=tx.actor,
        made_at=tx.now,
    )
    await tx.add(note)
    return note
