"""What store operations ask of the database about handhelds. Nothing here changes anything."""

from typing import Final

from bopis.kernel.database import Tx
from bopis.ops.handhelds.signs import ACTS, LOOK_BACK
from bopis.ops.reads import Scope, all_rows
from bopis.ops.views import MANY, Rows

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
    return await all_rows(tx, _DEVICES, scope, limit)


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
    return await all_rows(tx, _CASES, scope, limit)


_LOOKED_OVER: Final = """
    SELECT d.store_id, d.id, d.name, d.enrolled_at, d.revoked_at, d.locked_at, d.wrong_tries,
           d.unsent, s.name AS store, s.time_zone, GREATEST(d.seen_at, x.last_at) AS seen_at,
           p.shelf_first IS NOT NULL AND p.shelf_first <> 'never' AS wants_shelf,
           x.acts, x.undone, x.strange, x.unproved, x.far, x.lag,
           h.conflicts, h.refused, h.withheld, GREATEST(x.span - x.acts - h.within, 0) AS missing
      FROM devices d  /* fanout: ops */
      JOIN stores s ON s.store_id = d.store_id
      LEFT JOIN picking p ON p.store_id = d.store_id
     CROSS JOIN LATERAL (
           SELECT count(*)::int AS acts, max(c.received_at) AS last_at,
                  min(c.received_at - c.scanned_at) AS lag,
                  min(c.device_seq) AS first_seq, max(c.device_seq) AS last_seq,
                  (max(c.device_seq) - min(c.device_seq) + 1)::int AS span,
                  (count(*) FILTER (WHERE c.kind = 'undo' AND c.outcome = 'applied'))::int
                      AS undone,
                  (count(*) FILTER (WHERE c.outcome IN ('unknown_code', 'not_a_code')))::int
                      AS strange,
                  (count(*) FILTER (WHERE c.outcome = 'second_person'))::int AS far,
                  (count(*) FILTER (WHERE c.kind = 'short' AND c.outcome = 'applied'
                      AND EXISTS (SELECT FROM locations l
                                   WHERE l.store_id = d.store_id AND l.sku = c.sku
                                     AND l.label <> '')
                      AND NOT EXISTS (SELECT FROM scans k
                                       WHERE k.store_id = d.store_id AND k.task_id = c.task_id
                                         AND k.line = c.line AND k.kind = 'look'
                                         AND k.outcome = 'applied' AND k.code <> '')))::int
                      AS unproved
             FROM (SELECT * FROM scans a
                    WHERE a.store_id = d.store_id AND a.device_id = d.id
                    ORDER BY a.device_seq DESC LIMIT $4) AS c
            WHERE c.received_at >= $2) AS x
     CROSS JOIN LATERAL (
           SELECT (count(*) FILTER (WHERE r.kind = 'conflict'))::int AS conflicts,
                  (count(*) FILTER (WHERE r.kind = 'refused'))::int AS refused,
                  (count(*) FILTER (WHERE r.kind = 'withheld'))::int AS withheld,
                  (count(*) FILTER (WHERE r.kind <> 'conflict'
                      AND r.device_seq BETWEEN x.first_seq AND x.last_seq))::int AS within
             FROM handheld_cases r
            WHERE r.store_id = d.store_id AND r.device_id = d.id AND r.opened_at >= $2) AS h
     WHERE ($1::text IS NULL OR d.store_id = $1)
       AND (d.revoked_at IS NULL OR d.revoked_at >= $2 OR h.withheld > 0)
     ORDER BY d.store_id, d.name, d.id LIMIT $3
"""


async def looked_over(tx: Tx, scope: Scope, *, limit: int = MANY) -> Rows:
    """Return the handhelds, each with what of the last days is odd: counts, and no names."""
    rows = await tx.rows(_LOOKED_OVER, scope, tx.now - LOOK_BACK, limit, ACTS)
    return [dict(row) for row in rows]
