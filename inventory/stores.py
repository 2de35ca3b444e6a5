"""The stores: who they are, when they open, which is near."""

import math
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from babel.core import get_global
from sqlmodel import col, select

from bopis.kernel import speech
from bopis.kernel.database import Tx
from bopis.kernel.errors import NotFound
from bopis.kernel.ids import StoreId
from bopis.kernel.memory import Memory
from inventory.catalog.bulk import CLOSED
from inventory.models import Store
from inventory.opening import hours
from inventory.opening.hours import Calendar, Hours, WeeklyHours
from inventory.opening.pause import Pause, PauseReason, closures

REMEMBERED: Final = 10.0
"""Seconds for which a process remembers hours: how long a changed one may be told wrong."""

PAST: Final = timedelta(days=100)
"""How long ago a pause may have ended and still counts, when the past is judged."""

_EARTH_KM: Final = 6371.0088


class StoreUnknown(NotFound):
    title = "There is no such store"


GET: Final = "SELECT * FROM stores WHERE store_id = $1"


async def get(tx: Tx, store_id: StoreId) -> Store:
    """Return one store.

    Raises:
        StoreUnknown: There is none with this code.
    """
    found = await tx.row(GET, store_id)
    if found is None:
        raise StoreUnknown(f"We have no store {store_id}.", store_id=store_id)
    return Store.of(found)


_FRENCH: Final = frozenset("GHJ")
"""Letters that postal codes of Quebec begin with."""


def language(store: Store) -> str:
    """Return what is spoken in a store, for what hangs or sticks there: it is read by everybody.

    By its country, else by that of its time zone; in Canada by its postal code, too.
    """
    country = store.country.upper() or get_global("zone_territories").get(store.time_zone, "")
    if country == "CA" and store.postal_code[:1].upper() in _FRENCH:
        return "fr"
    return speech.of_country(country)


async def known(tx: Tx, store_id: StoreId) -> Store:
    """Return one store as it was some seconds ago: for what is shown again and again.

    Raises:
        StoreUnknown: There is none with this code.
    """
    return await tx.memory.lately(("store", store_id), REMEMBERED, lambda: get(tx, store_id))


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


_HOURS: Final = """
    SELECT s.time_zone,
           (SELECT jsonb_agg(jsonb_build_array(w.weekday, w.opens, w.closes))
              FROM store_hours AS w WHERE w.store_id = s.store_id) AS weekly,
           (SELECT jsonb_agg(jsonb_build_array(e.day, e.opens, e.closes))
              FROM store_hours_exceptions AS e WHERE e.store_id = s.store_id) AS dated,
           (SELECT jsonb_agg(jsonb_build_array(w.weekday, w.opens, w.closes))
              FROM pickup_hours AS w WHERE w.store_id = s.store_id) AS pickup_weekly,
           (SELECT jsonb_agg(jsonb_build_array(e.day, e.opens, e.closes))
              FROM pickup_hours_exceptions AS e WHERE e.store_id = s.store_id) AS pickup_dated,
           (SELECT jsonb_agg(jsonb_build_array(p.id, p.begins_at, p.ends_at, p.reason,
                                               p.takes_orders, p.closes))
              FROM (SELECT * FROM pauses WHERE store_id = $1 AND ends_at > $2
                     ORDER BY ends_at DESC LIMIT 500) AS p) AS pauses
      FROM stores AS s WHERE s.store_id = $1
"""


class StoreTime(NamedTuple):
    """All that a store says of its time."""

    opening: Calendar
    pickup: Calendar
    pauses: tuple[Pause, ...]


async def calendar(tx: Tx, store_id: StoreId) -> Calendar:
    """Return when work goes on: while a store is open and not paused.

    Raises:
        StoreUnknown: There is no such store.
    """
    return (await time_of(tx, store_id)).opening


async def pickup_calendar(tx: Tx, store_id: StoreId) -> Calendar:
    """Return when orders can be collected: while it is open, where the store says nothing else.

    Raises:
        StoreUnknown: There is no such store.
    """
    return (await time_of(tx, store_id)).pickup


async def time_of(tx: Tx, store_id: StoreId) -> StoreTime:
    """Return a store's hours and pauses, from memory for a few seconds: every promise asks.

    Raises:
        StoreUnknown: There is no such store.
    """
    return await tx.memory.lately(
        ("calendar", store_id), REMEMBERED, lambda: _read_time(tx, store_id)
    )


async def _read_time(tx: Tx, store_id: StoreId) -> StoreTime:
    row = await tx.row(_HOURS, store_id, tx.now - PAST)
    if row is None:
        raise StoreUnknown(f"We have no store {store_id}.", store_id=store_id)
    return _time(row)


def forget(tx: Tx, store_id: StoreId) -> None:
    """Drop what is remembered of a store: it has changed."""
    tx.memory.forget(("calendar", store_id), ("store", store_id))


def remembered(memory: Memory, store_id: StoreId) -> StoreTime | None:
    """Return the hours that this process last read; None: they have changed since, or never."""
    known = memory.last(("calendar", store_id))
    return known if isinstance(known, StoreTime) else None


def instant(moment: datetime, zone: str) -> datetime:
    """Return an instant in UTC; one without a zone is read off the store's wall."""
    if moment.tzinfo is not None:
        return moment.astimezone(UTC)
    return hours.on_wall(ZoneInfo(zone), moment.date(), moment.time())


def _time(row: Mapping[str, Any]) -> StoreTime:
    return time_from(
        row["time_zone"],
        weekly=row["weekly"] or (),
        dated=row["dated"] or (),
        pickup_weekly=row["pickup_weekly"] or (),
        pickup_dated=row["pickup_dated"] or (),
        pauses=row["pauses"] or (),
    )


def time_from(
    zone: str,
    *,
    weekly: Iterable[tuple[int, str, str]],
    dated: Iterable[tuple[str, str, str]],
    pickup_weekly: Iterable[tuple[int, str, str]],
    pickup_dated: Iterable[tuple[str, str, str]],
    pauses: Iterable[tuple[str, str, str, str, bool, bool]],
) -> StoreTime:
    """Return a store's time, as the rows of its tables have it in JSON."""
    known = tuple(
        Pause(
            UUID(id_),
            datetime.fromisoformat(begins_at),
            datetime.fromisoformat(ends_at),
            PauseReason(reason),
            takes_orders,
            closes,
        )
        for id_, begins_at, ends_at, reason, takes_orders, closes in pauses
    )
    opening = Calendar(ZoneInfo(zone), _weekly(weekly), _dated(dated), closures(known))
    pickup = hours.pickup(opening, _weekly(pickup_weekly), _dated(pickup_dated))
    return StoreTime(opening, pickup, known)


def _weekly(rows: Iterable[tuple[int, str, str]]) -> tuple[WeeklyHours, ...]:
    """Return weekly rows as a calendar has them."""
    return tuple(
        WeeklyHours(weekday, time.fromisoformat(opens), time.fromisoformat(closes))
        for weekday, opens, closes in rows
    )


def _dated(rows: Iterable[tuple[str, str, str]]) -> dict[date, tuple[Hours, ...]]:
    """Return dated rows as a calendar has them; a day marked closed has no hours at all."""
    exceptions: dict[date, tuple[Hours, ...]] = {}
    for day, opens, closes in rows:
        when = date.fromisoformat(day)
        before = exceptions.setdefault(when, ())
        if opens != CLOSED:
            exceptions[when] = (*before, (time.fromisoformat(opens), time.fromisoformat(closes)))
    return exceptions
