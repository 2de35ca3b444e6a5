"""What store operations ask of the database about conflicts and counts."""

from typing import Final

from bopis.kernel.database import Tx
from bopis.ops.reads import Scope, all_rows
from bopis.ops.views import MANY, Rows

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
    return await all_rows(tx, _CONFLICTS, scope, open_only, tx.now, limit)


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
    return await all_rows(tx, _COUNTS, scope, limit, tx.now)
