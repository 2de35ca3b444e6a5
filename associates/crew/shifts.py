"""How many people a store plans to have on the floor: a plan that it gives, not what we saw."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from bopis.kernel.database import Tx
from bopis.kernel.ids import StoreId


@dataclass(frozen=True, slots=True)
class Shift:
    """A stretch and how many are planned for it. Stretches that overlap add up."""

    begins: datetime
    ends: datetime
    people: int


_PLANNED: Final = """
    SELECT begins_at, ends_at, people FROM planned_shifts
     WHERE store_id = $1 AND begins_at < $3 AND ends_at > $2
     ORDER BY begins_at, ends_at LIMIT 2000
"""


async def planned(tx: Tx, store_id: StoreId, since: datetime, until: datetime) -> tuple[Shift, ...]:
    """Return the shifts that touch a stretch of time, in order; () where the store gives none."""
    rows = await tx.rows(_PLANNED, store_id, since, until)
    return tuple(Shift(row["begins_at"], row["ends_at"], row["people"]) for row in rows)
