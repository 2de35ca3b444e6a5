"""What store operations ask of the database. Nothing here changes anything.

Every function takes a scope: the one store that a key may see, or None for all. Lists over all
stores are fan-outs and say so; none of them is on the path of an order.
"""

from typing import Any, Final

from bopis.kernel.database import Tx
from bopis.kernel.ids import StoreId
from bopis.ops.views import Rows

Scope = StoreId | None

SOME: Final = 20


async def all_rows(tx: Tx, sql: str, *values: Any) -> Rows:
    return [dict(row) for row in await tx.rows(sql, *values)]


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
