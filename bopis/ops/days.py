"""Which day it is at a store, and when it began."""

from datetime import date, datetime
from typing import Final

from bopis.kernel.database import Tx
from bopis.kernel.errors import Invalid
from bopis.ops import words
from bopis.ops.reads import Scope


class DayUnreadable(Invalid):
    title = "This is not a day"


def read(text: str) -> date | None:
    """Return the day that somebody wrote; of nothing, none.

    Raises:
        DayUnreadable: It is not written as a day.
    """
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise DayUnreadable("Write the day as 2026-03-06.") from None


_ZONE: Final = """
    SELECT time_zone FROM stores WHERE is_active AND ($1::text IS NULL OR store_id = $1)
     ORDER BY store_id LIMIT 1
"""


async def zone(tx: Tx, scope: Scope) -> str:
    """Return the zone whose midnight begins the day: the store's own, or the first store's."""
    return await tx.value(_ZONE, scope) or "UTC"


async def span(tx: Tx, scope: Scope, day: date | None = None) -> tuple[datetime, datetime]:
    """Return when a day begins and ends at the store; without one, today.

    Raises:
        DayUnreadable: It begins or ends where no calendar reaches.
    """
    its_zone = await zone(tx, scope)
    try:
        return words.day_span(day or words.local_day(tx.now, its_zone), its_zone)
    except OverflowError:
        raise DayUnreadable("No calendar reaches there. Write the day as 2026-03-06.") from None
