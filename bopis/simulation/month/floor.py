"""Who works in a store, and what happens to them between two shelves: the truth, not our record."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Final
from uuid import UUID

from associates.crew.shifts import Shift as Planned
from bopis.simulation.month.nature import Nature, Shift
from inventory.opening import hours
from inventory.opening.hours import Calendar

BREAK: Final = timedelta(minutes=30)
LEAST_LEFT: Final = timedelta(minutes=8)
"""Nobody begins a walk so shortly before going home."""


@dataclass(slots=True)
class Walker:
    """Somebody on shift.

    Shapes:
        bound_until: other work, or a break, holds them.
        walks: the reference of the order they walk for; None: free.
    """

    id: UUID
    begins: datetime
    ends: datetime
    bound_until: datetime
    walks: str | None = None
    called: bool = False
    """They have noticed that something waits, and will come."""

    def is_here(self, now: datetime) -> bool:
        return self.begins <= now < self.ends


def day_shifts(
    nature: Nature, calendar: Calendar, opens: datetime, day: int, rng: Random
) -> list[tuple[datetime, datetime]]:
    """Return who comes on a day that opens then, from when to when; the sick stay at home."""
    closes = hours.closing_after(calendar, opens)
    assert closes is not None
    planned: list[Shift] = list(nature.shifts)
    if day in nature.lost_shift:
        planned = planned[:-1]
    came = []
    for shift in planned:
        sick = rng.random() < nature.sick
        begins, ends = span(shift, opens, closes)
        if not sick and ends > begins:
            came.append((begins, ends))
    return came


def plan(nature: Nature, calendar: Calendar, first: date, days: int) -> tuple[Planned, ...]:
    """Return the shifts that a store gives us, if it gives any: its plan, not who came."""
    if not nature.gives_plan:
        return ()
    found = []
    for n in range(days):
        day = first + timedelta(days=n)
        midnight = datetime.combine(day, time(0), nature.zone).astimezone(UTC)
        opens = hours.next_opening(calendar, midnight)
        closes = None if opens is None else hours.closing_after(calendar, opens)
        if opens is None or closes is None or opens.astimezone(nature.zone).date() != day:
            continue
        found += [Planned(*span(shift, opens, closes), 1) for shift in nature.shifts]
    return tuple(sorted(found, key=lambda one: (one.begins, one.ends)))


def span(shift: Shift, opens: datetime, closes: datetime) -> tuple[datetime, datetime]:
    length = timedelta(hours=shift.hours)
    begins = opens if shift.early else max(opens, closes - length)
    return begins, min(closes, begins + length)


def spread(rng: Random, median: float, sigma: float) -> timedelta:
    """Draw a time of work: log-normal about its median, in minutes."""
    return timedelta(minutes=median * rng.lognormvariate(0.0, sigma)) if median else timedelta(0)


def other_work(
    nature: Nature, begins: datetime, ends: datetime, rng: Random
) -> list[tuple[datetime, datetime]]:
    """Return when one person is held by other work, and by their break, in order of time."""
    middle = begins + (ends - begins) / 2 + timedelta(minutes=rng.uniform(-45, 45))
    held = [(middle, middle + BREAK)]
    at = begins
    while True:
        at += timedelta(hours=rng.expovariate(nature.bound))
        if at >= ends:
            return sorted(held)
        held.append((at, at + timedelta(minutes=rng.uniform(8, 35))))
