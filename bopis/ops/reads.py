"""What store operations ask of the database. Nothing here changes anything.

Every function takes a scope: the one store that a key may see, or None for all. Lists over all
stores are fan-outs and say so; none of them is on the path of an order.
"""

from datetime import datetime, timedelta
from typing import Any, Final

from bopis.kernel.database import Tx
from bopis.kernel.ids import OrderId, StoreId
from bopis.ops.views import MANY, Rows

Scope = StoreId | None

SOME: Final = 20
_HOUR: Final = timedelta(hours=1)


async def _all(tx: Tx, sql: str, *values: Any) -> Rows:
    return [dict(row) for row in await tx.rows(sql, *values)]


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
    return await _all(tx, _STORES, scope, tx.now)


_ORDERS: Final = """
    SELECT o.store_id, o.id, o.number, o.reference, o.channel, o.state, o.promise_status,
           o.attention, o.accepted_at, o.promised_at, o.estimate_at, o.p_late, o.ready_at,
           o.closed_at, o.close_reason, o.promise_version, s.name AS store, s.time_zone,
           p.latest AS first_promised_at
      FROM orders o  /* fanout: ops */
      JOIN stores s ON s.store_id = o.store_id
      LEFT JOIN promises p ON p.store_id = o.store_id AND p.order_id = o.id AND p.version = 1
     WHERE ($1::text IS NULL OR o.store_id = $1)
       AND CASE $2::text
           WHEN 'open' THEN o.closed_at IS NULL
           WHEN 'risk' THEN o.closed_at IS NULL AND o.ready_at IS NULL
                AND (o.promise_status IN ('at_risk', 'delayed') OR o.promised_at < $3
                     OR o.estimate_at > o.promised_at)
           WHEN 'late' THEN o.accepted_at > $3::timestamptz - interval '7 days'
                AND (coalesce(o.ready_at, $3) > p.latest)
                AND (o.closed_at IS NULL OR o.closed_at >= $4)
           WHEN 'waiting' THEN o.closed_at IS NULL AND o.ready_at IS NOT NULL
           WHEN 'staff' THEN o.closed_at IS NULL AND o.attention = 'staff_needed'
           WHEN 'today' THEN o.accepted_at >= $4::timestamptz
           WHEN 'closed' THEN o.closed_at >= $4
           ELSE true END
       AND ($5 = '' OR position(
           lower($5) IN lower(o.number || ' ' || o.reference || ' ' || s.name)) > 0)
     ORDER BY CASE WHEN $2 IN ('today', 'closed', 'all') THEN NULL ELSE o.promised_at END,
              o.accepted_at DESC, o.id
     LIMIT $6
"""


async def orders(
    tx: Tx, scope: Scope, *, show: str, since: datetime, find: str = "", limit: int = MANY
) -> Rows:
    """Return orders of one kind (see ``views.SHOWS``), the most urgent or else the newest first.

    One more than ``limit`` says that there are more.
    """
    return await _all(tx, _ORDERS, scope, show, tx.now, since, find, limit + 1)


_ORDER: Final = """
    SELECT o.*, s.name AS store, s.time_zone
      FROM orders o JOIN stores s ON s.store_id = o.store_id
     WHERE o.store_id = $1 AND o.id = $2
"""
_LINES: Final = "SELECT * FROM order_lines WHERE store_id = $1 AND order_id = $2 ORDER BY line"
_PROMISES: Final = "SELECT * FROM promises WHERE store_id = $1 AND order_id = $2 ORDER BY version"
_MESSAGES: Final = """
    SELECT m.id, m.kind, m.channel, m.state, m.reason, m.created_at, m.attempted_at, m.settled_at,
           m.promise_version, m.attempts,
           (SELECT array_agg(c.kind || CASE WHEN c.value = '' THEN '' ELSE ' ' || c.value END
                             ORDER BY c.kind)
              FROM message_claims c WHERE c.store_id = $1 AND c.message_id = m.id) AS claims
      FROM messages m WHERE m.store_id = $1 AND m.order_id = $2
     ORDER BY m.created_at, m.id LIMIT 200
"""
_FACTS: Final = """
    SELECT id, name, actor, payload, occurred_at
      FROM events WHERE store_id = $1 AND subject = $2 ORDER BY seq LIMIT 500
"""


_INCIDENTS: Final = """
    SELECT i.number, i.what, i.said, i.tier, i.late_minutes, i.warned, i.opened_at, i.call_by,
           i.called_at, i.called_by, i.call_note, c.amount, c.currency, c.settled_at
      FROM incidents i
      LEFT JOIN credits c ON c.store_id = $1 AND c.order_id = i.order_id AND c.incident = i.number
     WHERE i.store_id = $1 AND i.order_id = $2 ORDER BY i.number LIMIT 100
"""
_CASE: Final = """
    SELECT number, cause, lines, options, default_choice, answer_by, wait_until, elsewhere, answer,
           target, offered_at, call_by
      FROM choice_cases
     WHERE store_id = $1 AND order_id = $2 AND closed_at IS NULL AND state = 'offered'
"""
_MOVES: Final = """
    SELECT m.to_store, m.to_order, m.to_number, m.state, m.reason, m.begun_at, m.lines,
           s.name AS store
      FROM moves m JOIN stores s ON s.store_id = m.to_store
     WHERE m.store_id = $1 AND m.order_id = $2 ORDER BY m.number LIMIT 100
"""


async def order(tx: Tx, store_id: StoreId, order_id: OrderId) -> dict[str, Any] | None:
    """Return an order with its lines, promises, messages and facts; None if there is none."""
    row = await tx.row(_ORDER, store_id, order_id)
    if row is None:
        return None
    key = (store_id, order_id)
    case = await tx.row(_CASE, *key)
    return dict(row) | {
        "lines": await _all(tx, _LINES, *key),
        "case": dict(case) if case else None,
        "moves": await _all(tx, _MOVES, *key),
        "promises": await _all(tx, _PROMISES, *key),
        "incidents": await _all(tx, _INCIDENTS, *key),
        "messages": await _all(tx, _MESSAGES, *key),
        "facts": await _all(tx, _FACTS, *key),
    }


_CONFLICTS: Final = """
    SELECT c.store_id, c.id, c.sku, c.source, c.on_hand, c.reserved, c.opened_at, c.closed_at,
           c.resolution, s.name AS store, s.time_zone, coalesce(i.name, c.sku) AS item,
           k.on_hand - k.unsellable AS there, k.reserved AS promised,
           (SELECT count(*) FROM reservations r
             WHERE r.store_id = c.store_id AND r.sku = c.sku AND r.quantity > 0) AS orders
      FROM stock_conflicts c  /* fanout: ops */
      JOIN stores s ON s.store_id = c.store_id
      LEFT JOIN stock k ON k.store_id = c.store_id AND k.sku = c.sku
      LEFT JOIN items i ON i.sku = c.sku
     WHERE ($1::text IS NULL OR c.store_id = $1)
       AND (c.closed_at IS NULL OR (NOT $2 AND c.closed_at > $3::timestamptz - interval '1 day'))
     ORDER BY c.closed_at DESC NULLS FIRST, c.opened_at, c.id LIMIT $4
"""


async def conflicts(tx: Tx, scope: Scope, *, open_only: bool, limit: int = MANY) -> Rows:
    """Return where more is promised than there is, the oldest first; then those just closed."""
    return await _all(tx, _CONFLICTS, scope, open_only, tx.now, limit)


_COUNTS: Final = """
    SELECT c.store_id, c.id, c.sku, c.reason, c.priority, c.opened_at, c.due_at, c.first_count,
           c.first_by IS NOT NULL AS by_another, h.until AS held_until,
           CASE WHEN h.until > $3 THEN l.quantity ELSE 0 END AS held_back,
           coalesce(c.claimed_until > clock_timestamp(), false) AS in_hand,
           s.name AS store, s.time_zone, coalesce(i.name, c.sku) AS item, k.on_hand, k.reserved
      FROM count_requests c  /* fanout: ops */
      JOIN stores s ON s.store_id = c.store_id
      LEFT JOIN holds h ON h.store_id = c.store_id AND h.id = c.id
      LEFT JOIN hold_lines l ON l.store_id = c.store_id AND l.hold_id = c.id
      LEFT JOIN stock k ON k.store_id = c.store_id AND k.sku = c.sku
      LEFT JOIN items i ON i.sku = c.sku
     WHERE c.done_at IS NULL AND ($1::text IS NULL OR c.store_id = $1)
     ORDER BY c.priority, c.opened_at, c.id LIMIT $2
"""


async def counts(tx: Tx, scope: Scope, *, limit: int = MANY) -> Rows:
    """Return what somebody should count, as the floor has it: failed picks, doubts, low records.

    Shapes:
        held_back: units that are not sold until somebody else than the first has counted, or until
            ``held_until``; if that is None, and one person found far fewer, nothing is held back.
    """
    return await _all(tx, _COUNTS, scope, limit, tx.now)


_DEAD: Final = """
    SELECT d.store_id, d.event_id, d.subscriber, d.attempts, d.error, d.dead_at,
           clock_timestamp() - d.dead_at AS age, e.name AS fact, e.subject, e.occurred_at,
           o.number, s.name AS store
      FROM deliveries d  /* fanout: ops */
      JOIN events e ON e.store_id = d.store_id AND e.id = d.event_id
      JOIN stores s ON s.store_id = d.store_id
      LEFT JOIN orders o ON o.store_id = d.store_id AND o.id = d.subject
     WHERE d.dead_at IS NOT NULL AND ($1::text IS NULL OR d.store_id = $1)
     ORDER BY d.dead_at, d.event_id LIMIT $2
"""


async def dead_letters(tx: Tx, scope: Scope, *, limit: int = MANY) -> Rows:
    """Return what could not be carried out, the oldest first. Ages are the machine's."""
    return await _all(tx, _DEAD, scope, limit)


_DEVICES: Final = """
    SELECT d.store_id, d.id, d.name, d.enrolled_at, d.revoked_at, d.locked_at, s.name AS store,
           s.time_zone,
           (SELECT max(c.received_at) FROM scans c
             WHERE c.store_id = d.store_id AND c.device_id = d.id) AS last_scan_at,
           EXISTS (SELECT FROM associate_sessions a
                    WHERE a.store_id = d.store_id AND a.device_id = d.id
                      AND a.ends_at > clock_timestamp()) AS in_use
      FROM devices d  /* fanout: ops */
      JOIN stores s ON s.store_id = d.store_id
     WHERE ($1::text IS NULL OR d.store_id = $1)
     ORDER BY d.revoked_at NULLS FIRST, d.store_id, d.name, d.id LIMIT $2
"""


async def devices(tx: Tx, scope: Scope, *, limit: int = MANY) -> Rows:
    """Return the handhelds. Whether one is in use, not who uses it."""
    return await _all(tx, _DEVICES, scope, limit)


_CASES: Final = """
    SELECT c.store_id, c.device_id, c.kind, c.act, c.why, c.scanned_at, c.opened_at,
           d.name, s.name AS store, s.time_zone, a.name AS who, t.number,
           coalesce(i.name, x.sku) AS item
      FROM handheld_cases c  /* fanout: ops */
      JOIN devices d ON d.store_id = c.store_id AND d.id = c.device_id
      JOIN stores s ON s.store_id = c.store_id
      LEFT JOIN associates a ON a.store_id = c.store_id AND a.id = c.associate_id
      LEFT JOIN scans x ON x.store_id = c.store_id AND x.id = c.id
      LEFT JOIN pick_tasks t ON t.store_id = c.store_id AND t.id = x.task_id
      LEFT JOIN items i ON i.sku = x.sku
     WHERE c.closed_at IS NULL AND ($1::text IS NULL OR c.store_id = $1)
     ORDER BY c.opened_at DESC, c.device_seq DESC, c.id LIMIT $2
"""


async def cases(tx: Tx, scope: Scope, *, limit: int = MANY) -> Rows:
    """Return what handhelds said and we did not do as they had shown, the newest first."""
    return await _all(tx, _CASES, scope, limit)


_ASSOCIATES: Final = """
    SELECT a.store_id, a.id, a.number, a.name, a.is_active, a.left_at, s.name AS store,
           s.time_zone,
           a.badge_digest IS NOT NULL AS has_badge, a.pin_hash IS NOT NULL AS has_pin,
           (SELECT max(f.locked_until) FROM sign_in_failures f
             WHERE f.store_id = a.store_id AND f.number = a.number
               AND f.locked_until > clock_timestamp()) AS waits_until
      FROM associates a  /* fanout: ops */
      JOIN stores s ON s.store_id = a.store_id
     WHERE ($1::text IS NULL OR a.store_id = $1)
     ORDER BY a.is_active DESC, a.left_at DESC NULLS LAST, a.store_id, a.number LIMIT $2
"""


async def associates(tx: Tx, scope: Scope, *, limit: int = MANY) -> Rows:
    """Return who works where, and who has left; nothing of what they did.

    One more than ``limit`` says that there are more.
    """
    return await _all(tx, _ASSOCIATES, scope, limit + 1)


_BADGES: Final = """
    SELECT (SELECT count(*) FROM feed_batches
             WHERE state = 'quarantined' AND $1::text IS NULL)
         + (SELECT count(*) FROM feed_gaps
             WHERE closed_at IS NULL AND $1::text IS NULL) AS feeds,
           (SELECT count(*) FROM stock_conflicts
             WHERE closed_at IS NULL AND ($1::text IS NULL OR store_id = $1)) AS conflicts,
           (SELECT count(*) FROM deliveries  /* fanout: ops */
             WHERE dead_at IS NOT NULL AND ($1::text IS NULL OR store_id = $1)) AS dead_letters
"""


async def badges(tx: Tx, scope: Scope) -> dict[str, int]:
    """Return the small numbers beside the names of pages."""
    row = await tx.row(_BADGES, scope)
    return dict(row or {})


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


async def zone(tx: Tx, scope: Scope) -> str:
    """Return the zone whose midnight begins the day: the store's own, or the first store's."""
    sql = """
        SELECT time_zone FROM stores WHERE is_active AND ($1::text IS NULL OR store_id = $1)
         ORDER BY store_id LIMIT 1
    """
    return await tx.value(sql, scope) or "UTC"
