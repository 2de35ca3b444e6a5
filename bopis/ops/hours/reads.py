"""What the pages about hours ask of the database. Nothing here changes anything."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final

from associates.crew import shifts as planned
from associates.crew.shifts import Shift
from bopis.kernel.database import Tx
from bopis.kernel.ids import StoreId
from bopis.ops.hours import plan
from bopis.ops.views import Rows
from bopis.promises import slots as promised
from bopis.promises.slot import Slot

_STORES: Final = """
    SELECT s.store_id, s.name, s.time_zone, o.due
      FROM stores AS s  /* fanout: ops */
      LEFT JOIN (SELECT store_id, count(*) AS due FROM orders
                  WHERE closed_at IS NULL AND ready_at IS NULL GROUP BY store_id) AS o
             ON o.store_id = s.store_id
     WHERE s.is_active AND ($1::text IS NULL OR s.store_id = $1)
     ORDER BY s.name, s.store_id LIMIT 500
"""
_PAUSES: Final = """
    SELECT p.store_id, p.id, p.begins_at, p.ends_at, p.reason, p.takes_orders, p.closes, p.note,
           p.made_at, s.name AS store, s.time_zone
      FROM pauses AS p  /* fanout: ops */
      JOIN stores AS s ON s.store_id = p.store_id
     WHERE ($1::text IS NULL OR p.store_id = $1) AND p.ends_at > $2
     ORDER BY p.begins_at, p.id LIMIT 200
"""
_TOUCHED: Final = """
    SELECT count(*) FROM orders
     WHERE store_id = $1 AND closed_at IS NULL AND first_ready_at IS NULL
       AND promised_at > $2 AND promised_at <= $3
"""
_NOTES: Final = """
    SELECT DISTINCT day, note FROM store_hours_exceptions
     WHERE store_id = $1 AND day >= $2 ORDER BY day LIMIT 400
"""


async def stores(tx: Tx, scope: StoreId | None) -> Rows:
    """Return the stores, with the orders that still have to be prepared."""
    return [dict(row) for row in await tx.rows(_STORES, scope)]


async def pauses(tx: Tx, scope: StoreId | None) -> Rows:
    """Return the pauses that are on or to come, the first to begin first."""
    return [dict(row) for row in await tx.rows(_PAUSES, scope, tx.now)]


async def touched(tx: Tx, store_id: StoreId, since: datetime, until: datetime) -> int:
    """Return how many orders are promised for a stretch of time and not ready yet."""
    found: Any = await tx.value(_TOUCHED, store_id, since, until)
    return int(found)


async def slots(tx: Tx, store_id: StoreId) -> Sequence[Slot]:
    """Return the slots of the next days, first the one that is on; none where none are given."""
    return await promised.of(tx, store_id, tx.now, tx.now + plan.SLOTS_AHEAD)


async def shifts(tx: Tx, store_id: StoreId) -> Sequence[Shift]:
    """Return the planned shifts of the next days; none where a store gives no plan."""
    return await planned.planned(tx, store_id, tx.now, tx.now + plan.SHIFTS_AHEAD)


async def notes(tx: Tx, store_id: StoreId, since: date) -> dict[date, str]:
    """Return the dates with hours of their own, and what is said of each."""
    rows = await tx.rows(_NOTES, store_id, since.isoformat())
    return {date.fromisoformat(row["day"]): row["note"] for row in rows}
