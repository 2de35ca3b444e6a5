"""What could not be carried out, from the database. Nothing here changes anything."""

from typing import Final

from bopis.kernel.database import Tx
from bopis.ops.reads import Scope, all_rows
from bopis.ops.views import MANY, Rows

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
    return await all_rows(tx, _DEAD, scope, limit)
