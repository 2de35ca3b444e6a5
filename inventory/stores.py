"""The stores: who they are, when they open, which is near."""

import math
import time as machine
from collections.abc import Iterable
from datetime import date, time
from typing import Final
from zoneinfo import ZoneInfo

from sqlmodel import col, select

from bopis.kernel.database import Tx
from bopis.kernel.errors import NotFound
from bopis.kernel.ids import StoreId
from inventory.catalog.bulk import CLOSED
from inventory.hours import Calendar, WeeklyHours
from inventory.models import Store

REMEMBERED: Final = 10.0
"""Seconds for which a process remembers hours: how long a changed one may be told wrong."""

_EARTH_KM: Final = 6371.0088


class StoreUnknown(NotFound):
    title = "There is no such store"


async def get(tx: Tx, store_id: StoreId) -> Store:
    """Return one store.

    Raises:
        StoreUnknown: There is none with this code.
    """
    found = await tx.row("SELECT * FROM stores WHERE store_id = $1", store_id)
    if found is None:
        raise StoreUnknown(f"We have no store {store_id}.", store_id=store_id)
    return Store.of(found)


async def listed(tx: Tx) -> list[Store]:
    """Return the stores that take orders, by their code."""
    query = select(Store).where(col(Store.is_active)).order_by(col(Store.store_id)).limit(5000)
    return await tx.select(query)


async def nearest(
    tx: Tx, latitude: float, longitude: float, limit: int
) -> list[tuple[Store, float]]:
    """Return the nearest stores that say where they are, with the distance in kilometers."""
    near = [
        (store, kilometers(latitude, longitude, store.latitude, store.longitude))
        for store in await listed(tx)
        if store.latitude is not None and store.longitude is not None
    ]
    return sorted(near, key=lambda pair: (pair[1], pair[0].store_id))[:limit]


def kilometers(
    latitude: float, longitude: float, other_latitude: float, other_longitude: float
) -> float:
    """Return the distance between two points, as the crow flies.

    Units:
        degrees, north and east positive.

    Source:
        Haversine formula: R. W. Sinnott, "Virtues of the Haversine", Sky and Telescope 68(2), 1984.
    """
    a, b = math.radians(latitude), math.radians(other_latitude)
    turn = math.radians(other_longitude - longitude)
    half = math.sin((b - a) / 2) ** 2 + math.cos(a) * math.cos(b) * math.sin(turn / 2) ** 2
    return 2 * _EARTH_KM * math.asin(min(1.0, math.sqrt(half)))


_CALENDAR: Final = """
    SELECT s.time_zone,
           (SELECT jsonb_agg(jsonb_build_array(w.weekday, w.opens, w.closes))
              FROM store_hours AS w WHERE w.store_id = s.store_id) AS weekly,
           (SELECT jsonb_agg(jsonb_build_array(e.day, e.opens, e.closes))
              FROM store_hours_exceptions AS e WHERE e.store_id = s.store_id) AS dated
      FROM stores AS s WHERE s.store_id = $1
"""


async def calendar(tx: Tx, store_id: StoreId) -> Calendar:
    """Return when a store is open, from memory for a few seconds: every promise asks.

    Raises:
        StoreUnknown: There is no such store.
    """
    key = ("calendar", store_id)
    until, known = tx.memory.get(key, (0.0, None))
    if known is not None and until > machine.monotonic():
        assert isinstance(known, Calendar)
        return known
    row = await tx.row(_CALENDAR, store_id)
    if row is None:
        raise StoreUnknown(f"We have no store {store_id}.", store_id=store_id)
    made = _calendar(row["time_zone"], row["weekly"] or (), row["dated"] or ())
    tx.memory[key] = (machine.monotonic() + REMEMBERED, made)
    return made


def forget(tx: Tx, store_id: StoreId) -> None:
    """Drop a remembered calendar: its store's hours have changed."""
    tx.memory.pop(("calendar", store_id), None)


def _calendar(
    zone: str, weekly: Iterable[tuple[int, str, str]], dated: Iterable[tuple[str, str, str]]
) -> Calendar:
    exceptions: dict[date, tuple[tuple[time, time], ...]] = {}
    for day, opens, closes in dated:
        rows = exceptions.setdefault(date.fromisoformat(day), ())
        if opens != CLOSED:
            span = time.fromisoformat(opens), time.fromisoformat(closes)
            exceptions[date.fromisoformat(day)] = (*rows, span)
    hours = (
        WeeklyHours(weekday, time.fromisoformat(opens), time.fromisoformat(closes))
        for weekday, opens, closes in weekly
    )
    return Calendar(ZoneInfo(zone), tuple(hours), exceptions)
