"""Reads what an audit of our own word needs, and runs it."""

import asyncio
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from statistics import median, quantiles
from typing import Final

from bopis.kernel.database import Database, Tx
from bopis.kernel.ids import OrderId, StoreId
from bopis.trust import outcomes
from bopis.trust.audit import Audit, audit
from bopis.trust.gap import Beside
from bopis.trust.outcome import Outcome
from inventory.sources.cadence import GRACE

WINDOW: Final = timedelta(days=28)
_HOUR: Final = timedelta(hours=1)

_BESIDE: Final = """
    SELECT o.store_id, o.id AS order_id,
           coalesce((SELECT i.department FROM order_lines l JOIN items i ON i.sku = l.sku
                      WHERE l.store_id = o.store_id AND l.order_id = o.id
                      ORDER BY l.short + l.substituted DESC, l.line LIMIT 1), '') AS department,
           coalesce(f.source, '') AS feed,
           coalesce(f.as_of + c.cadence_minutes * interval '1 minute' * $4::float8
                    < o.accepted_at, false) AS stale_feed,
           w.contradictions, w.unproven,
           (SELECT count(*)::int FROM credits g
             WHERE g.store_id = o.store_id AND g.order_id = o.id
               AND coalesce(g.settled_at, $5) > g.granted_at + interval '1 day') AS unpaid
      FROM orders o  /* fanout: report */
      JOIN promises p ON p.store_id = o.store_id AND p.order_id = o.id AND p.version = 1
      LEFT JOIN LATERAL (
           SELECT r.source, r.as_of FROM feed_runs r
            WHERE r.store_id = o.store_id AND r.as_of <= o.accepted_at
              AND r.applied_at <= o.accepted_at
            ORDER BY r.as_of DESC LIMIT 1) f ON true
      LEFT JOIN feed_sources c ON c.source = f.source
     CROSS JOIN LATERAL (
           SELECT count(*) FILTER (WHERE cardinality(k.evidence) = 0)::int AS unproven,
                  count(*) FILTER (WHERE k.kind = 'ready_by' AND k.value <> ''
                                     AND k.value::timestamptz <> v.latest)::int AS contradictions
             FROM messages m
             JOIN message_claims k ON k.store_id = m.store_id AND k.message_id = m.id
             LEFT JOIN promises v ON v.store_id = m.store_id AND v.order_id = m.order_id
                                 AND v.version = m.promise_version
            WHERE m.store_id = o.store_id AND m.order_id = o.id
              AND m.attempted_at IS NOT NULL) w
     WHERE ($1::text IS NULL OR o.store_id = $1)
       AND p.latest >= $2 AND p.latest < $3 AND p.latest <= $5
       AND o.accepted_at >= $2::timestamptz - interval '60 days' AND o.accepted_at < $3
"""


async def run(
    db: Database,
    since: datetime,
    until: datetime,
    *,
    only_store: StoreId | None = None,
    seed: int = 1,
) -> Audit:
    """Audit the first promises due from ``since`` up to, and not at, ``until``.

    Each gap is told with its change since the stretch of the same length before. What is worked
    out, is worked out in a thread: nobody else waits for it.
    """
    async with db.transaction() as tx:
        await tx.run("SET LOCAL statement_timeout = '5min'")
        seen = await _seen(tx, since, until, only_store=only_store)
        before = await _seen(tx, since - (until - since), since, only_store=only_store)
    return await asyncio.to_thread(audit, seen, before, seed=seed)


async def _seen(
    tx: Tx, since: datetime, until: datetime, *, only_store: StoreId | None
) -> list[tuple[Outcome, Beside]]:
    seen = await outcomes.due(tx, since, until, only_store=only_store)
    rows = await tx.rows(_BESIDE, only_store, since, until, 1 + GRACE, tx.now)
    beside = {
        (row["store_id"], row["order_id"]): Beside(
            department=row["department"],
            feed=row["feed"],
            stale_feed=row["stale_feed"],
            contradictions=row["contradictions"],
            unproven=row["unproven"],
            unpaid=row["unpaid"],
        )
        for row in rows
    }
    loads = _loads(seen)
    nothing = Beside()
    return [
        (
            one,
            replace(beside.get((one.store_id, one.order_id), nothing), load=loads[one.order_id]),
        )
        for one in seen
    ]


def _loads(seen: Iterable[Outcome]) -> dict[OrderId, str]:
    """Return how much came in at the same store in the hour before each order, in a word.

    Against the store's own usual: what is busy in a small store is a quiet hour in a large one.
    """
    by_store: dict[StoreId, list[Outcome]] = defaultdict(list)
    for one in seen:
        by_store[one.store_id].append(one)
    loads: dict[OrderId, str] = {}
    for of_store in by_store.values():
        times = sorted(one.accepted_at for one in of_store)
        before = {
            one.order_id: bisect_left(times, one.accepted_at)
            - bisect_left(times, one.accepted_at - _HOUR)
            for one in of_store
        }
        counts = list(before.values())
        quiet = median(counts)
        busy = quantiles(counts, n=10)[7] if len(counts) > 1 else quiet
        for order_id, n in before.items():
            loads[order_id] = "busy" if n > max(busy, quiet) else "quiet" if n <= quiet else "usual"
    return loads
