"""What store operations ask of the database about who works where: never what they do."""

from typing import Final

from bopis.kernel.database import Tx
from bopis.ops.reads import Scope, all_rows
from bopis.ops.views import MANY, Rows

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
    return await all_rows(tx, _ASSOCIATES, scope, limit + 1)
