"""What the page of today asks of the database. Nothing here changes anything."""

from datetime import datetime, timedelta
from typing import Final

from bopis.kernel.database import Tx
from bopis.ops.reads import Scope, all_rows
from bopis.ops.views import Rows

_HOUR: Final = timedelta(hours=1)

_STORES: Final = """
    SELECT s.store_id, s.name, s.time_zone, f.as_of, f.source,
           coalesce(c.cadence_minutes, 1440) AS cadence_minutes,
           coalesce(o.open, 0) AS open, coalesce(o.waiting, 0) AS waiting,
           coalesce(o.late, 0) AS late, coalesce(k.conflicts, 0) AS conflicts
      FROM stores s  /* fanout: ops */
      LEFT JOIN (SELECT DISTINCT ON (store_id) store_id, as_of, source FROM feed_runs
                  WHERE as_of > $2::timestamptz - interval '30 days' AND upto IS NULL
                  ORDER BY store_id, as_of DESC) f ON f.store_id = s.store_id
      LEFT JOIN feed_sources c ON c.source = f.source
      LEFT JOIN (SELECT store_id, count(*) AS open,
                        count(*) FILTER (WHERE ready_at IS NOT NULL) AS waiting,
                        count(*) FILTER (WHERE ready_at IS NULL AND promised_at < $2) AS late
                   FROM orders WHERE closed_at IS NULL GROUP BY store_id) o
             ON o.store_id = s.store_id
      LEFT JOIN (SELECT store_id, count(*) AS conflicts FROM stock_conflicts
                  WHERE closed_at IS NULL GROUP BY store_id) k ON k.store_id = s.store_id
     WHERE s.is_active AND ($1::text IS NULL OR s.store_id = $1)
     ORDER BY f.as_of NULLS FIRST, s.store_id LIMIT 500
"""


async def stores(tx: Tx, scope: Scope) -> Rows:
    """Return the stores, those whose stock news is oldest first."""
    return await all_rows(tx, _STORES, scope, tx.now)


_HOURLY: Final = """
    SELECT floor(extract(epoch FROM o.accepted_at - $2::timestamptz) / 3600)::int AS hour,
           count(*) AS n
      FROM orders o  /* fanout: ops */
     WHERE o.accepted_at >= $2 AND o.accepted_at <= $3 AND ($1::text IS NULL OR o.store_id = $1)
     GROUP BY 1 LIMIT 10000
"""


async def hourly(tx: Tx, scope: Scope, since: datetime) -> list[int]:
    """Return how many orders each hour brought, from ``since`` until now."""
    brought = {row["hour"]: row["n"] for row in await tx.rows(_HOURLY, scope, since, tx.now)}
    return [brought.get(hour, 0) for hour in range((tx.now - since) // _HOUR + 1)]
