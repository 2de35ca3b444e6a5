"""Which day it is at a store, and when it began."""

from datetime import date, datetime
from typing import Final

from bopis.kernel.database import Tx
from bopis.ops import words
from bopis.ops.reads import Scope

_ZONE: Final = """
    SELECT time_zone FROM stores WHERE is_active AND ($1::text IS NULL OR store_id = $1)
     ORDER BY store_id LIMIT 1
"""


async def zone(tx: Tx, scope: Scope) -> str:
    """Return the zone whose midnight begins the day: the store's own, or the first store's."""
    return await tx.value(_ZONE, scope) or "UTC"


async def span(tx: Tx, scope: Scope, day: date | None = None) -> tuple[datetime, datetime]:
    """Return when a day begins and ends at the store; without one, today."""
    its_zone = await zone(tx, scope)
    return words.day_span(day or words.local_day(tx.now, its_zone), its_zone)
