"""Public holidays, on request: which there are, and what a person says of each.

A holiday does not mean closed. Nothing is written of a day of which nobody has said anything.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

import holidays

from bopis.kernel.database import Tx
from bopis.kernel.errors import Invalid
from bopis.kernel.ids import StoreId
from inventory import stores
from inventory.catalog import bulk
from inventory.catalog.bulk import CLOSED
from inventory.feeds.rejects import Bad

Spans = tuple[tuple[str, str], ...]
"""The openings of a day, as HH:MM; empty: closed."""

EVERY: Final = "all"
_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d")


class HolidaysUnknown(Invalid):
    title = "We know no holidays there"


class HolidayUnknown(Invalid):
    title = "This is not one of the holidays"


@dataclass(frozen=True, slots=True)
class Change:
    """One holiday in one store.

    Shapes:
        was: what the store said of this date before; None: nothing, so the weekly hours hold.
        usual: what its weekly hours say.
        becomes: what is written; None: the date stays as it is.
    """

    day: date
    name: str
    usual: Spans
    was: Spans | None
    becomes: Spans | None


def listed(country: str, subdivision: str | None, year: int) -> dict[date, str]:
    """Return the public holidays of a year, with the days off in lieu, by their date.

    Raises:
        HolidaysUnknown: Neither the country nor the part of it is known under this code.
    """
    try:
        found = holidays.country_holidays(country, subdiv=subdivision or None, years=year)
    except NotImplementedError:
        where = f"{country}-{subdivision}" if subdivision else country
        raise HolidaysUnknown(
            f"No holidays are known for {where}. Write a country as US, and a part of it as TX."
        ) from None
    return {day: found[day] for day in sorted(found) if day.year == year}


def decide(
    days: Mapping[date, str], *, closed: Iterable[str], hours: Iterable[str]
) -> dict[date, Spans]:
    """Return what is said of each day; of those that are not in it, nothing is.

    Shapes:
        closed: a date, a part of a name that only one holiday has, or ``all``.
        hours: ``2027-12-24 09:00-13:00`` or ``christmas eve 09:00-13:00, 14:00-16:00``; goes before
            ``closed all``.

    Raises:
        HolidayUnknown: One names no holiday, or several; two say something else of the same day;
            or these are no hours.
    """
    said: dict[date, Spans] = {}
    for text in hours:
        named, spans = _hours(text)
        for day in _meant(days, named):
            _say(said, day, spans)
    for text in closed:
        if text.strip().lower() == EVERY:
            said = {day: said.get(day, ()) for day in days}
            continue
        for day in _meant(days, text):
            _say(said, day, ())
    return said


def _say(said: dict[date, Spans], day: date, spans: Spans) -> None:
    if said.setdefault(day, spans) != spans:
        raise HolidayUnknown(f"Two things are said of {day}. Say one.")


_SPANS: Final = re.compile(r"(?P<named>.+?)\s+(?P<spans>\d\d:\d\d\s*-.*)")


def _hours(text: str) -> tuple[str, Spans]:
    found = _SPANS.fullmatch(text.strip())
    try:
        rows = bulk.dated("hours", f"2000-01-01 {found['spans']}") if found else []
    except Bad:
        rows = []
    if found is None or not rows:
        raise HolidayUnknown(f"Write {text!r} as 2027-12-24 09:00-13:00.")
    return found["named"], tuple((opens, closes) for _, opens, closes in rows)


def _meant(days: Mapping[date, str], named: str) -> list[date]:
    """Return the day that is named; a day and the one off in its lieu are two."""
    wanted = named.strip().lower()
    if _DAY.fullmatch(wanted):
        found = [day for day in days if day.isoformat() == wanted]
    else:
        found = [day for day, name in days.items() if wanted and wanted == name.lower()]
        found = found or [day for day, name in days.items() if wanted and wanted in name.lower()]
    if len(found) == 1:
        return found
    why = "is none of them" if not found else f"may be {', '.join(map(str, found))}"
    raise HolidayUnknown(f"{named!r} {why}. Name it by its date.")


_EXCEPTIONS: Final = """
    SELECT day, opens, closes FROM store_hours_exceptions
     WHERE store_id = $1 AND day = ANY($2::text[]) ORDER BY day, opens
"""


async def compare(
    tx: Tx, store_id: StoreId, days: Mapping[date, str], said: Mapping[date, Spans]
) -> list[Change]:
    """Return what a store says of each holiday now, and what it would say.

    Raises:
        StoreUnknown: There is no such store.
    """
    weekly = (await stores.calendar(tx, store_id)).weekly
    was: dict[date, Spans] = {}
    for row in await tx.rows(_EXCEPTIONS, store_id, [day.isoformat() for day in days]):
        day = date.fromisoformat(row["day"])
        span = () if row["opens"] == CLOSED else ((row["opens"], row["closes"]),)
        was[day] = was.get(day, ()) + span
    return [
        Change(
            day=day,
            name=name,
            usual=tuple(
                (f"{row.opens:%H:%M}", f"{row.closes:%H:%M}")
                for row in sorted(weekly, key=lambda row: row.opens)
                if row.weekday == day.weekday()
            ),
            was=was.get(day),
            becomes=said.get(day) if was.get(day) != said.get(day) else None,
        )
        for day, name in days.items()
    ]


_DROP: Final = "DELETE FROM store_hours_exceptions WHERE store_id = $1 AND day = ANY($2::text[])"
_ADD: Final = """
    INSERT INTO store_hours_exceptions (store_id, day, opens, closes, note)
    SELECT $1, n.day, n.opens, n.closes, n.note
      FROM unnest($2::text[], $3::text[], $4::text[], $5::text[]) AS n (day, opens, closes, note)
"""


async def apply(tx: Tx, store_id: StoreId, changes: Iterable[Change]) -> int:
    """Write what was decided; return how many days differ from what they were."""
    written = [change for change in changes if change.becomes is not None]
    rows = [
        (change.day.isoformat(), opens, closes, change.name)
        for change in written
        for opens, closes in change.becomes or ((CLOSED, ""),)
    ]
    if rows:
        await tx.run(_DROP, store_id, [change.day.isoformat() for change in written])
        await tx.run(_ADD, store_id, *([row[n] for row in rows] for n in range(4)))
        stores.forget(tx, store_id)
    return len(written)
