"""A store's times as its owner gives them: written only where they differ."""

from collections.abc import Sequence
from typing import Any, Final

from bopis.kernel.columns import Table
from bopis.kernel.database import Tx
from bopis.kernel.ids import StoreId
from inventory.models import StoreHours, StoreHoursException
from inventory.opening.hours_models import PickupHours, PickupHoursException, StoreSlot

Weekly = tuple[int, str, str]
Dated = tuple[str, str, str]
Slots = tuple[int, str, str, int, int]

_HOURS: Final = "SELECT weekday, opens, closes FROM store_hours WHERE store_id = $1"
_NO_HOURS: Final = "DELETE FROM store_hours WHERE store_id = $1"


async def hours(tx: Tx, store_id: StoreId, rows: Sequence[Weekly]) -> bool:
    """Write the weekly hours; return whether they differ from what they were."""
    made = [StoreHours(store_id=store_id, weekday=d, opens=o, closes=c) for d, o, c in rows]
    return await _replace(tx, store_id, (_HOURS, _NO_HOURS), rows, made)


_DATED: Final = "SELECT day, opens, closes FROM store_hours_exceptions WHERE store_id = $1"
_NOTES: Final = """
    SELECT DISTINCT day, note FROM store_hours_exceptions WHERE store_id = $1 AND note <> ''
"""
_NO_DATED: Final = "DELETE FROM store_hours_exceptions WHERE store_id = $1"


async def exceptions(tx: Tx, store_id: StoreId, rows: Sequence[Dated]) -> bool:
    """Write the dated exceptions: all of them. What is noted of a day is kept with it."""
    notes = {row["day"]: row["note"] for row in await tx.rows(_NOTES, store_id)}
    made = [
        StoreHoursException(store_id=store_id, day=d, opens=o, closes=c, note=notes.get(d, ""))
        for d, o, c in rows
    ]
    return await _replace(tx, store_id, (_DATED, _NO_DATED), rows, made)


_PICKUP: Final = "SELECT weekday, opens, closes FROM pickup_hours WHERE store_id = $1"
_NO_PICKUP: Final = "DELETE FROM pickup_hours WHERE store_id = $1"


async def pickup_hours(tx: Tx, store_id: StoreId, rows: Sequence[Weekly]) -> bool:
    """Write when orders are handed out; no rows: as the store is open."""
    made = [PickupHours(store_id=store_id, weekday=d, opens=o, closes=c) for d, o, c in rows]
    return await _replace(tx, store_id, (_PICKUP, _NO_PICKUP), rows, made)


_PICKUP_DATED: Final = "SELECT day, opens, closes FROM pickup_hours_exceptions WHERE store_id = $1"
_NO_PICKUP_DATED: Final = "DELETE FROM pickup_hours_exceptions WHERE store_id = $1"


async def pickup_exceptions(tx: Tx, store_id: StoreId, rows: Sequence[Dated]) -> bool:
    made = [PickupHoursException(store_id=store_id, day=d, opens=o, closes=c) for d, o, c in rows]
    return await _replace(tx, store_id, (_PICKUP_DATED, _NO_PICKUP_DATED), rows, made)


_SLOTS: Final = """
    SELECT weekday, opens, closes, minutes, capacity FROM store_slots WHERE store_id = $1
"""
_NO_SLOTS: Final = "DELETE FROM store_slots WHERE store_id = $1"


async def slots(tx: Tx, store_id: StoreId, rows: Sequence[Slots]) -> bool:
    """Write how many orders a stretch of the day holds; no rows: any number."""
    made = [
        StoreSlot(store_id=store_id, weekday=d, opens=o, closes=c, minutes=m, capacity=n)
        for d, o, c, m, n in rows
    ]
    return await _replace(tx, store_id, (_SLOTS, _NO_SLOTS), rows, made)


async def _replace(
    tx: Tx,
    store_id: StoreId,
    sql: tuple[str, str],
    rows: Sequence[tuple[Any, ...]],
    made: Sequence[Table],
) -> bool:
    read, drop = sql
    if {tuple(row) for row in await tx.rows(read, store_id)} == set(rows):
        return False
    await tx.run(drop, store_id)
    await tx.add(*made)
    return True
