"""Where a sweep has to go: which stores have open orders, and where something can have changed.

Odds move with the minute, the queue and the facts. Where none of these has changed since a sweep
was last there and had nothing to do, nothing can be said that was not said then.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from bopis.kernel.clock import ScaledClock
from bopis.kernel.database import Database, Tx
from bopis.kernel.ids import StoreId

_STORES: Final = """
    WITH waited AS (
        SELECT store_id, count(*) AS orders, sum(version) AS versions
          FROM orders  /* fanout: watch */
         WHERE closed_at IS NULL
           AND (state IN ('accepted', 'picking', 'partially_ready') OR next_update_due_at <= $1)
         GROUP BY store_id
    ),
    asked AS (
        SELECT store_id, count(*) AS cases FROM choice_cases WHERE closed_at IS NULL
         GROUP BY store_id
    ),
    unsure AS (
        SELECT store_id, count(*) AS likely FROM confirmations WHERE closed_at IS NULL
         GROUP BY store_id
    ),
    doubted AS (
        SELECT store_id, count(*) AS conflicts FROM stock_conflicts WHERE closed_at IS NULL
         GROUP BY store_id
    )
    SELECT store_id, coalesce(orders, 0)::int AS orders, coalesce(versions, 0)::bigint AS versions,
           coalesce(cases, 0)::int AS cases, coalesce(likely, 0)::int AS likely,
           coalesce(conflicts, 0)::int AS conflicts
      FROM waited FULL JOIN asked USING (store_id) LEFT JOIN unsure USING (store_id)
      LEFT JOIN doubted USING (store_id)
     ORDER BY store_id LIMIT 10000
"""


@dataclass(frozen=True, slots=True)
class Round:
    """What there is to look at in one store.

    Shapes:
        orders: that are waited for, or whose news is due soon.
        versions: rises with every change of one of them.
        cases, likely, conflicts: of each kind that are open; with none, nobody need ask.
    """

    store_id: StoreId
    orders: int
    versions: int
    cases: int
    likely: int
    conflicts: int


async def stores(tx: Tx, soon: datetime) -> list[Round]:
    """Return every store with something open; ``soon``: news due later than this can wait."""
    return [Round(**row) for row in await tx.rows(_STORES, soon)]


def is_new(db: Database, here: Round, now: datetime) -> bool:
    """Say whether a sweep that goes there can find what the last one did not."""
    return bool(db.memory.get(("watched", here.store_id)) != (here, _minute(now)))


_TURN: Final = timedelta(seconds=30)
"""Promises end on whole minutes. A look in the second half of each is the last before there is no
time left to warn, by half a minute more: what is known then is worth most (``warning``)."""


def _minute(now: datetime) -> datetime:
    """Return which look of the minute it is time for."""
    return (now + _TURN).replace(second=0, microsecond=0)


def remember(db: Database, here: Round, now: datetime) -> None:
    """Keep that a sweep was there at this minute and left nothing to do."""
    db.memory["watched", here.store_id] = (here, _minute(now))


def forget(db: Database | Tx, store_id: StoreId) -> None:
    """Something was done there, or could not be: look again with the next sweep."""
    db.memory.pop(("watched", store_id), None)


_STOPPED: Final = """
    SELECT t.now, (SELECT succeeded_at FROM leases WHERE name = $1) AS watched_at,
           (SELECT min(due_at) FROM deliveries  /* fanout: watch */
             WHERE dead_at IS NULL AND attempts = 0) AS carried_until
      FROM (SELECT clock_timestamp()) AS t (now)
"""


async def down_since(db: Database, tx: Tx, job: str) -> datetime | None:
    """Return since when nobody watched, or no fact was carried, by what is on record.

    Leases and deliveries are on the machine's clock, orders on the store's.
    """
    row = await tx.row(_STOPPED, job)
    assert row is not None
    marks = [at for at in (row["watched_at"], row["carried_until"]) if at is not None]
    if not marks:
        return None
    speed = db.clock.speed if isinstance(db.clock, ScaledClock) else 1.0
    gone: timedelta = max(row["now"] - min(marks), timedelta(0))
    return tx.now - gone * speed
