"""Who has fallen silent: each source says how often it speaks, and is heard by the as-of it brings.

Silence is judged when it is asked about, by the store's clock, so that a page is right even where
no worker runs. A job besides writes it down for each store concerned (``feed_silences``) and tells
it as a fact, for those who have to act when it begins and when it ends.

What belief may do with it: ``silent_for`` for one store; for many rows at once, join
``feed_silences`` by ``store_id``; from its ``expected_at`` on the stock is older than it should be.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from bopis.kernel.database import Database, Tx
from bopis.kernel.ids import StoreId
from bopis.kernel.metrics import Question
from inventory.events import FeedHeardAgain, FeedSilent

GRACE: Final = 0.5
"""Cadences. What is due at ten and is there at half past was on its way; later it is silence."""

REMEMBERED: Final = timedelta(days=30)
"""A source that has not spoken for so long is not noticed any more; one noticed before stays so."""


@dataclass(frozen=True, slots=True)
class Silence:
    """When a source was last heard, and when it should have been again."""

    source: str
    last_as_of: datetime | None
    """None: it never was."""
    expected_at: datetime
    is_silent: bool
    cadence: timedelta = timedelta(days=1)
    stores: int = 0
    """How many stores it owes news, as far as the job has noticed: it may speak of others."""


def judge(
    source: str, last_as_of: datetime | None, since: datetime, cadence: timedelta, now: datetime
) -> Silence:
    """Return whether a source is silent.

    Args:
        source: Whose numbers they are.
        last_as_of: Of the newest numbers that we have; None: we have none.
        since: Where we have none, since when we wait.
        cadence: How often it should speak.
        now: By the store's clock.
    """
    expected_at = (last_as_of or since) + cadence
    is_silent = now > expected_at + GRACE * cadence
    return Silence(source, last_as_of, expected_at, is_silent, cadence)


_SOURCES: Final = """
    SELECT c.source, c.cadence_minutes, heard.last_as_of,
           COALESCE(d.declared_at, heard.first_at) AS since, COALESCE(s.stores, 0) AS stores
      FROM feed_sources AS c  /* fanout: ops */
      LEFT JOIN feed_declarations AS d ON d.source = c.source
      LEFT JOIN (SELECT source, max(as_of) FILTER (WHERE state = 'applied') AS last_as_of,
                        min(received_at) AS first_at
                   FROM feed_batches GROUP BY source) AS heard ON heard.source = c.source
      LEFT JOIN (SELECT source, count(*) AS stores FROM feed_silences GROUP BY source) AS s
             ON s.source = c.source
     WHERE NOT COALESCE(d.is_retired, false)
       AND (d.source IS NOT NULL OR heard.source IS NOT NULL)
     ORDER BY c.source LIMIT 1000
"""


async def silences(tx: Tx) -> list[Silence]:
    """Return every source that anybody waits for, silent or not, by name. For staff."""
    found = []
    for row in await tx.rows(_SOURCES):
        cadence = timedelta(minutes=row["cadence_minutes"])
        one = judge(row["source"], row["last_as_of"], row["since"], cadence, tx.now)
        found.append(
            Silence(
                one.source, one.last_as_of, one.expected_at, one.is_silent, cadence, row["stores"]
            )
        )
    return found


_OF_STORE: Final = """
    SELECT r.source, r.as_of, c.cadence_minutes
      FROM feed_runs AS r
      JOIN feed_sources AS c ON c.source = r.source
      LEFT JOIN feed_declarations AS d ON d.source = c.source
     WHERE r.store_id = $1 AND r.upto IS NULL AND NOT COALESCE(d.is_retired, false)
     ORDER BY r.as_of DESC LIMIT 1
"""


async def silent_for(tx: Tx, store_id: StoreId) -> Silence | None:
    """Return the silence of the source that a store's stock comes from; None: it speaks.

    That is the one that spoke last: where two feed a store, one of them silent, its stock is not
    old. One read by an index; works in ``db.reading`` too.
    """
    row = await tx.row(_OF_STORE, store_id)
    if row is None:
        return None
    cadence = timedelta(minutes=row["cadence_minutes"])
    found = judge(row["source"], row["as_of"], row["as_of"], cadence, tx.now)
    return found if found.is_silent else None


_FELL_SILENT: Final = """
    SELECT f.store_id, f.source, f.as_of AS last_as_of,
           f.as_of + c.cadence_minutes * interval '1 minute' AS expected_at
      FROM (SELECT store_id, source, max(as_of) AS as_of FROM feed_runs  /* fanout: watch */
             WHERE as_of > $2 AND upto IS NULL GROUP BY store_id, source) AS f
      JOIN stores AS s ON s.store_id = f.store_id AND s.is_active
      JOIN feed_sources AS c ON c.source = f.source
      LEFT JOIN feed_declarations AS d ON d.source = f.source
      LEFT JOIN feed_silences AS known ON known.store_id = f.store_id AND known.source = f.source
     WHERE known.source IS NULL AND NOT COALESCE(d.is_retired, false)
       AND f.as_of < $1::timestamptz - c.cadence_minutes * interval '1 minute' * $3::float
     ORDER BY f.store_id, f.source LIMIT 10000
"""
_HEARD_AGAIN: Final = """
    SELECT n.store_id, n.source,
           (SELECT max(r.as_of) FROM feed_runs AS r
             WHERE r.store_id = n.store_id AND r.source = n.source AND r.upto IS NULL
               AND r.as_of >= n.last_as_of) AS as_of,
           $1::timestamptz - c.cadence_minutes * interval '1 minute' * $2::float AS enough,
           COALESCE(d.is_retired, false) AS is_retired
      FROM feed_silences AS n  /* fanout: watch */
      JOIN feed_sources AS c ON c.source = n.source
      LEFT JOIN feed_declarations AS d ON d.source = n.source
     ORDER BY n.store_id, n.source LIMIT 10000
"""


async def notice(db: Database) -> int:
    """Write down who has fallen silent or is heard again, store by store; return how many."""
    async with db.transaction() as tx:
        now = tx.now
        silent = await tx.rows(_FELL_SILENT, now, now - REMEMBERED, 1 + GRACE)
        known = await tx.rows(_HEARD_AGAIN, now, 1 + GRACE)
    fallen: Mapping[StoreId, list[Any]] = defaultdict(list)
    heard: Mapping[StoreId, list[Any]] = defaultdict(list)
    for row in silent:
        fallen[row["store_id"]].append(row)
    for row in known:
        if row["is_retired"] or (row["as_of"] is not None and row["as_of"] >= row["enough"]):
            heard[row["store_id"]].append(row)
    for store_id in sorted({*fallen, *heard}):
        async with db.transaction(store_id) as tx:
            for row in heard.get(store_id, ()):
                await _end(tx, store_id, row["source"], row["as_of"])
            for row in fallen.get(store_id, ()):
                await _begin(tx, store_id, row["source"], row["last_as_of"], row["expected_at"])
    return sum(map(len, fallen.values())) + sum(map(len, heard.values()))


_BEGIN: Final = """
    INSERT INTO feed_silences (store_id, source, last_as_of, expected_at, noticed_at)
    VALUES ($1, $2, $3, $4, $5) ON CONFLICT (store_id, source) DO NOTHING
"""
_END: Final = "DELETE FROM feed_silences WHERE store_id = $1 AND source = $2"


async def _begin(
    tx: Tx, store_id: StoreId, source: str, last_as_of: datetime, expected_at: datetime
) -> None:
    if await tx.run(_BEGIN, store_id, source, last_as_of, expected_at, tx.now):
        await tx.emit(
            FeedSilent(
                store_id=store_id, source=source, last_as_of=last_as_of, expected_at=expected_at
            )
        )


async def _end(tx: Tx, store_id: StoreId, source: str, as_of: datetime | None) -> None:
    if await tx.run(_END, store_id, source):
        await tx.emit(FeedHeardAgain(store_id=store_id, source=source, as_of=as_of))


GAUGES: Final = (
    Question(
        "bopis_feed_age_seconds",
        "How old the newest applied numbers of each source are.",
        """
        SELECT source AS label, extract(epoch FROM $1::timestamptz - max(as_of))::float8 AS value
          FROM feed_batches WHERE state = 'applied' GROUP BY source
        """,
        label="source",
        clock="store",
    ),
    Question(
        "bopis_feed_silent_stores",
        "How many stores each silent source owes news.",
        """
        SELECT source AS label, count(*) AS value FROM feed_silences  /* fanout: metrics */
         GROUP BY source
        """,
        label="source",
    ),
)
"""What a monitor may ask."""
