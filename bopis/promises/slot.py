"""How many orders a stretch of a store's day holds, where the store says so. Pure."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final

from inventory.opening import hours
from inventory.opening.hours import Calendar, WeeklyHours

_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Slot:
    """A stretch, how many orders may be promised for it, and how many are.

    Shapes:
        capacity: 0 where the store is paused for all of it.
        taken: may be more than the capacity: it was lowered, or promises have moved.
    """

    begins: datetime
    ends: datetime
    capacity: int
    taken: int = 0

    @property
    def is_full(self) -> bool:
        return self.taken >= self.capacity


@dataclass(frozen=True, slots=True)
class Rate:
    """So many orders for each so many minutes of one weekly stretch."""

    stretch: WeeklyHours
    each: timedelta
    capacity: int


def lay_out(
    calendar: Calendar, rates: Iterable[Rate], since: datetime, until: datetime
) -> list[Slot]:
    """Return the slots that touch a stretch of time, in order.

    Cut in UTC from the beginning of each weekly stretch, so that on a day whose clocks change a
    slot is still as long as it is said to be, and a night of 25 hours has more of them. A slot in
    which the doors are shut throughout holds nothing.
    """
    rates = list(rates)
    first = since.astimezone(calendar.zone).date() - 2 * _DAY
    last = until.astimezone(calendar.zone).date()
    slots = [
        slot
        for ahead in range((last - first).days + 1)
        for rate in rates
        for slot in _of_day(calendar, rate, first + ahead * _DAY)
        if slot.ends > since and slot.begins < until
    ]
    return sorted(slots, key=lambda slot: (slot.begins, slot.ends))


def _of_day(calendar: Calendar, rate: Rate, day: date) -> list[Slot]:
    if rate.stretch.weekday != day.weekday():
        return []
    span = hours.on_day(calendar.zone, day, (rate.stretch.opens, rate.stretch.closes))
    if span is None:
        return []
    slots, (begins, ends) = [], span
    while begins < ends:
        until = min(begins + rate.each, ends)
        works = hours.open_time_between(calendar, begins, until)
        slots.append(Slot(begins, until, rate.capacity if works else 0))
        begins = until
    return slots


def fill(slots: Sequence[Slot], promised: Iterable[datetime]) -> list[Slot]:
    """Return the slots with what is promised for each: one for the end of which it is ready.

    An order that is ready by 10:00 takes the slot that ends at 10:00, not the one that begins.

    Shapes:
        slots: in order, and none overlaps another.
    """
    taken = [0] * len(slots)
    begins = [slot.begins for slot in slots]
    for at in promised:
        n = bisect_right(begins, at - timedelta.resolution) - 1
        if n >= 0 and at <= slots[n].ends:
            taken[n] += 1
    return [replace(slot, taken=n) for slot, n in zip(slots, taken, strict=True)]
