"""What waits for a person: one question to the database for each kind of trouble."""

from datetime import timedelta
from typing import Any, Final

from bopis.kernel.database import Tx
from bopis.ops.goods.reads import conflicts
from bopis.ops.reads import SOME, Scope
from bopis.ops.views import PATIENCE
from bopis.orders.amends import grants

_DEAD: Final = """
    SELECT 'dead' AS kind, count(*) AS n, clock_timestamp() - min(dead_at) AS age,
           split_part(subscriber, '.', -1) AS what
      FROM deliveries  /* fanout: ops */
     WHERE dead_at IS NOT NULL AND ($1::text IS NULL OR store_id = $1)
     GROUP BY subscriber ORDER BY 3 DESC LIMIT $2
"""
_WORKER: Final = """
    SELECT 'worker' AS kind, clock_timestamp() - max(coalesce(succeeded_at, started_at)) AS age,
           count(*) AS n
      FROM leases
    HAVING max(coalesce(succeeded_at, started_at)) < clock_timestamp() - interval '2 minutes'
"""
_JOBS: Final = """
    SELECT 'job' AS kind, name AS what, failures AS n, error, clock_timestamp() - started_at AS age
      FROM leases WHERE failures >= 3 AND name <> 'notifications.send' ORDER BY name LIMIT $1
"""
_SENDER: Final = """
    SELECT 'sender' AS kind, m.n,
           clock_timestamp() - coalesce(l.succeeded_at, l.started_at) AS age
      FROM leases AS l,
           (SELECT count(*) AS n FROM messages  /* fanout: ops */
             WHERE state IN ('queued', 'sending') AND send_after <= $1) AS m
     WHERE l.name = 'notifications.send' AND l.failures > 0
"""
_CALLS: Final = """
    SELECT 'call' AS kind, i.store_id, s.name AS store, o.id, o.number, i.what, i.call_by,
           s.time_zone, $3::timestamptz - i.opened_at AS age, $3::timestamptz > i.call_by AS overdue
      FROM incidents i  /* fanout: ops */
      JOIN orders o ON o.store_id = i.store_id AND o.id = i.order_id
      JOIN stores s ON s.store_id = i.store_id
     WHERE i.call_by IS NOT NULL AND i.called_at IS NULL
       AND ($1::text IS NULL OR i.store_id = $1)
     ORDER BY i.call_by LIMIT $2
"""
_UNASKED: Final = """
    SELECT 'unasked' AS kind, c.store_id, s.name AS store, o.id, o.number, c.call_by, s.time_zone,
           $3::timestamptz - c.offered_at AS age, $3::timestamptz > c.call_by AS overdue
      FROM choice_cases c  /* fanout: ops */
      JOIN orders o ON o.store_id = c.store_id AND o.id = c.order_id
      JOIN stores s ON s.store_id = c.store_id
     WHERE c.closed_at IS NULL AND c.call_by IS NOT NULL AND c.answer IS NULL
       AND ($1::text IS NULL OR c.store_id = $1)
       AND NOT EXISTS (SELECT FROM messages m  -- it got there after all
                        WHERE m.store_id = c.store_id AND m.order_id = c.order_id
                          AND m.kind = 'choice_needed' AND m.state = 'sent'
                          AND (m.facts ->> 'case')::int = c.number
                          AND (m.facts ->> 'answer_by')::timestamptz = c.answer_by)
     ORDER BY c.call_by LIMIT $2
"""
_BUDGET: Final = """
    SELECT 'budget' AS kind, c.store_id, s.name AS store, sum(c.amount) AS amount, c.currency,
           count(*) AS n, $3::timestamptz - min(c.granted_at) AS age
      FROM credits c JOIN stores s ON s.store_id = c.store_id  /* fanout: ops */
     WHERE c.granted_at >= date_trunc('day', $3::timestamptz, s.time_zone)
       AND ($1::text IS NULL OR c.store_id = $1)
     GROUP BY c.store_id, s.name, c.currency HAVING sum(c.amount) > $4
     ORDER BY 4 DESC LIMIT $2
"""
_SILENT: Final = """
    SELECT 'silent' AS kind, o.store_id, s.name AS store, count(*) AS n,
           $3::timestamptz - min(o.next_update_due_at) AS age
      FROM orders o JOIN stores s ON s.store_id = o.store_id  /* fanout: ops */
     WHERE o.closed_at IS NULL AND o.next_update_due_at < $3::timestamptz - interval '1 minute'
       AND ($1::text IS NULL OR o.store_id = $1)
     GROUP BY o.store_id, s.name ORDER BY 5 DESC LIMIT $2
"""
_STAFF: Final = """
    SELECT 'staff' AS kind, o.store_id, s.name AS store, o.id, o.number, s.time_zone, o.promised_at,
           $3::timestamptz - o.promised_at AS age
      FROM orders o JOIN stores s ON s.store_id = o.store_id  /* fanout: ops */
     WHERE o.closed_at IS NULL AND o.attention = 'staff_needed'
       AND NOT EXISTS (SELECT FROM incidents i WHERE i.store_id = o.store_id AND i.order_id = o.id
                          AND i.call_by IS NOT NULL)
       AND ($1::text IS NULL OR o.store_id = $1)
     ORDER BY o.promised_at LIMIT $2
"""
_LATE: Final = """
    SELECT 'late' AS kind, o.store_id, s.name AS store, count(*) AS n,
           $3::timestamptz - min(o.promised_at) AS age
      FROM orders o JOIN stores s ON s.store_id = o.store_id  /* fanout: ops */
     WHERE o.closed_at IS NULL AND o.ready_at IS NULL AND o.promised_at < $3
       AND ($1::text IS NULL OR o.store_id = $1)
     GROUP BY o.store_id, s.name ORDER BY 5 DESC LIMIT $2
"""
_QUARANTINED: Final = """
    SELECT 'quarantined' AS kind, b.source, b.batch_id, b.problem AS what, b.rejected AS n,
           $2::timestamptz - b.received_at AS age
      FROM feed_batches b
     WHERE b.state = 'quarantined' AND b.received_at > $2::timestamptz - interval '2 days'
       AND NOT EXISTS (SELECT FROM feed_batches n WHERE n.source = b.source AND n.state = 'applied'
                          AND n.as_of > b.as_of)
     ORDER BY b.received_at LIMIT $1
"""
_GAPS: Final = """
    SELECT 'gap' AS kind, g.source, g.sequence, g.until, $2::timestamptz - g.opened_at AS age
      FROM feed_gaps g
     WHERE g.closed_at IS NULL
     ORDER BY g.opened_at LIMIT $1
"""
_STALE: Final = """
    SELECT 'stale' AS kind, f.store_id, s.name AS store, f.source, $3::timestamptz - f.as_of AS age
      FROM (SELECT store_id, source, max(as_of) AS as_of FROM feed_runs  /* fanout: ops */
             WHERE as_of > $3::timestamptz - interval '30 days' AND upto IS NULL
               AND ($1::text IS NULL OR store_id = $1)
             GROUP BY store_id, source) f
      JOIN stores s ON s.store_id = f.store_id
      JOIN feed_sources c ON c.source = f.source
      LEFT JOIN feed_declarations d ON d.source = f.source
     WHERE NOT coalesce(d.is_retired, false)
       AND f.as_of < $3::timestamptz - c.cadence_minutes * interval '1 minute' * $4::float
     ORDER BY f.as_of, f.store_id LIMIT $2
"""
_UNHEARD: Final = """
    SELECT 'unheard' AS kind, m.store_id, s.name AS store, o.id, o.number, m.kind AS what, m.reason,
           $3::timestamptz - coalesce(m.settled_at, m.created_at) AS age
      FROM messages m  /* fanout: ops */
      JOIN orders o ON o.store_id = m.store_id AND o.id = m.order_id
      JOIN stores s ON s.store_id = m.store_id
     WHERE m.state IN ('failed', 'unknown') AND o.closed_at IS NULL
       AND m.kind IN ('delay_apology', 'order_ready', 'ready_withdrawn')
       AND m.created_at > $3::timestamptz - interval '2 days'
       AND ($1::text IS NULL OR m.store_id = $1)
     ORDER BY m.created_at LIMIT $2
"""
_COUNTS: Final = """
    SELECT 'count' AS kind, c.store_id, s.name AS store, count(*) AS n,
           $3::timestamptz - min(c.opened_at) AS age,
           string_agg(coalesce(i.name, c.sku), ', ' ORDER BY c.opened_at) AS what
      FROM count_requests c  /* fanout: ops */
      JOIN stores s ON s.store_id = c.store_id
      LEFT JOIN items i ON i.sku = c.sku
      LEFT JOIN stock k ON k.store_id = c.store_id AND k.sku = c.sku
     WHERE c.done_at IS NULL AND ($1::text IS NULL OR c.store_id = $1)
       AND (c.priority = 0 OR c.due_at < $3)  -- the others are the floor's own affair
       AND (c.first_by IS NULL OR c.first_count IS NULL OR c.first_count >= k.on_hand) -- no doubt
     GROUP BY c.store_id, s.name ORDER BY 5 DESC LIMIT $2
"""
_DOUBTS: Final = """
    SELECT 'doubt' AS kind, c.store_id, s.name AS store, s.time_zone, c.first_count,
           coalesce(i.name, c.sku) AS item, h.until AS held_until,
           CASE WHEN h.until > $3 THEN l.quantity ELSE 0 END AS held_back,
           $3::timestamptz - coalesce(h.taken_at, c.opened_at) AS age,
           $3::timestamptz AS now
      FROM count_requests c  /* fanout: ops */
      JOIN stores s ON s.store_id = c.store_id
      LEFT JOIN items i ON i.sku = c.sku
      LEFT JOIN holds h ON h.store_id = c.store_id AND h.id = c.id
      LEFT JOIN hold_lines l ON l.store_id = c.store_id AND l.hold_id = c.id
      LEFT JOIN stock k ON k.store_id = c.store_id AND k.sku = c.sku
     WHERE c.done_at IS NULL AND c.first_by IS NOT NULL AND c.first_count < k.on_hand
       AND ($1::text IS NULL OR c.store_id = $1)
     ORDER BY age DESC LIMIT $2
"""
_PUT_BACKS: Final = """
    SELECT 'put_back' AS kind, d.store_id, s.name AS store, sum(d.quantity)::int AS n,
           $3::timestamptz - min(d.opened_at) AS age
      FROM put_back_duties d JOIN stores s ON s.store_id = d.store_id  /* fanout: ops */
     WHERE d.done_at IS NULL AND d.opened_at < $3::timestamptz - interval '4 hours'
       AND ($1::text IS NULL OR d.store_id = $1)
     GROUP BY d.store_id, s.name ORDER BY 5 DESC LIMIT $2
"""
_HANDHELDS: Final = """
    SELECT 'handheld' AS kind, c.store_id, s.name AS store, d.name AS what, c.kind AS reason,
           count(*) AS n, $3::timestamptz - min(c.opened_at) AS age
      FROM handheld_cases c  /* fanout: ops */
      JOIN stores s ON s.store_id = c.store_id
      JOIN devices d ON d.store_id = c.store_id AND d.id = c.device_id
     WHERE c.closed_at IS NULL AND c.opened_at > $3::timestamptz - interval '7 days'
       AND ($1::text IS NULL OR c.store_id = $1)
     GROUP BY c.store_id, s.name, d.name, c.device_id, c.kind ORDER BY 7 DESC LIMIT $2
"""


_LOCKED: Final = """
    SELECT 'handheld' AS kind, d.store_id, s.name AS store, d.name AS what, 'locked' AS reason,
           d.wrong_tries AS n, $3::timestamptz - d.locked_at AS age
      FROM devices d  /* fanout: ops */
      JOIN stores s ON s.store_id = d.store_id
     WHERE d.locked_at IS NOT NULL AND d.revoked_at IS NULL
       AND ($1::text IS NULL OR d.store_id = $1)
     ORDER BY d.locked_at LIMIT $2
"""


_DISPUTES: Final = """
    SELECT 'dispute' AS kind, d.store_id, s.name AS store, d.id, d.about, d.words, a.name AS who,
           $3::timestamptz - d.made_at AS age
      FROM disputes d  /* fanout: ops */
      JOIN stores s ON s.store_id = d.store_id
      LEFT JOIN associates a ON a.store_id = d.store_id AND a.id = d.associate_id
     WHERE d.answered_at IS NULL AND ($1::text IS NULL OR d.store_id = $1)
     ORDER BY d.made_at LIMIT $2
"""


async def listed(tx: Tx, scope: Scope) -> list[dict[str, Any]]:
    """Return every trouble as a kind with its values, the gravest kinds first, the oldest within.

    What concerns no one store (the worker, a refused batch) is told only to who sees all stores.
    """
    found: list[Any] = []
    if scope is None:
        found += await tx.rows(_WORKER)
        found += await tx.rows(_SENDER, tx.now)
        found += await tx.rows(_JOBS, SOME)
    found += await tx.rows(_DEAD, scope, SOME)
    here = (scope, SOME, tx.now)
    for sql in (_SILENT, _CALLS, _UNASKED, _STAFF, _LATE, _UNHEARD):
        found += await tx.rows(sql, *here)
    found += await tx.rows(_BUDGET, *here, grants.policy().budget_per_store_day)
    clashes = await conflicts(tx, scope, open_only=True, limit=SOME)
    found += [{"kind": "conflict", "age": tx.now - row["opened_at"], **row} for row in clashes]
    if scope is None:
        found += await tx.rows(_QUARANTINED, SOME, tx.now)
        found += await tx.rows(_GAPS, SOME, tx.now)
    found += await tx.rows(_LOCKED, *here)
    found += await tx.rows(_HANDHELDS, *here)
    found += await tx.rows(_STALE, *here, PATIENCE)
    found += await tx.rows(_DOUBTS, *here)
    found += await tx.rows(_COUNTS, *here)
    found += await tx.rows(_PUT_BACKS, *here)
    found += await tx.rows(_DISPUTES, *here)
    return [{**row, "age": max(row["age"], timedelta(0))} for row in map(dict, found)]
