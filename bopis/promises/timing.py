"""Which instants may be promised: doors that are open, slots with room, hands enough. Pure."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from math import inf
from typing import Final, Protocol

from bopis.promises import promise
from bopis.promises.slot import Slot
from inventory.opening import hours
from inventory.opening.hours import HORIZON, Calendar

FULL: Final = 0.85
"""With more of a day's hands spoken for than this, a wait has no end that anybody can name."""

NEVER_CLOSES: Final = timedelta(hours=12)
"""So far ahead hands are counted in a store that has no closing."""


class Shift(Protocol):
    """A stretch for which a store plans so many people (``associates.crew.shifts.Shift``)."""

    @property
    def begins(self) -> datetime: ...

    @property
    def ends(self) -> datetime: ...

    @property
    def people(self) -> int: ...


_ZERO: Final = timedelta(0)
_DAY: Final = timedelta(days=1)


def collectable(pickup: Calendar, moment: datetime) -> datetime | None:
    """Return the first time to name, from a moment on, at which orders can be collected.

    A multiple of the step of first promises; at the minute of closing nobody is let in. None:
    there is no such time for as far ahead as we look.
    """
    named = promise.first(moment)
    while not hours.is_open(pickup, named):
        opens = hours.next_opening(pickup, named)
        if opens is None or opens > moment + HORIZON:
            return None
        named = promise.first(opens)
    return named


def with_room(slots: Sequence[Slot], pickup: Calendar, named: datetime) -> datetime | None:
    """Return ``named``, or the end of the next slot with room where its own slot is full.

    The end, because it is by then that the store says it can do so many. A time in no slot is not
    limited by any.

    Shapes:
        slots: in order; none overlaps another.
        returns: a time to name, as from ``collectable``; None: there is none.
    """
    own = next((slot for slot in slots if slot.begins < named <= slot.ends), None)
    if own is None or not own.is_full:
        return named
    for slot in slots:
        if slot.begins >= own.ends and not slot.is_full:
            end = promise.round_down(slot.ends)
            for at in (end, end - promise.FIRST_STEP):
                if at > slot.begins and hours.is_open(pickup, at):
                    return at
    return collectable(pickup, slots[-1].ends + timedelta.resolution)


def day_of(calendar: Calendar, now: datetime) -> tuple[datetime, datetime] | None:
    """Return from when work can go on, and when the doors close on it; None: it never does."""
    begins = now if hours.is_open(calendar, now) else hours.next_opening(calendar, now)
    if begins is None:
        return None
    return begins, hours.closing_after(calendar, begins) or begins + NEVER_CLOSES


def going_on(calendar: Calendar, now: datetime) -> tuple[datetime, datetime] | None:
    """Return the rest of the opening that goes on; None: it is closed, or never closes."""
    closes = hours.closing_after(calendar, now) if hours.is_open(calendar, now) else None
    return None if closes is None else (now, closes)


def hands(shifts: Sequence[Shift], pickers: int, begins: datetime, closes: datetime) -> timedelta:
    """Return how much work a store's hands can do until it closes.

    By its plan where it gives one for that day, else by who is there now; somebody will come.
    """
    if any(shift.begins < closes and shift.ends > closes - _DAY for shift in shifts):
        overlaps = (
            (min(shift.ends, closes) - max(shift.begins, begins)) * shift.people for shift in shifts
        )
        return sum((time for time in overlaps if time > _ZERO), _ZERO)
    return (closes - begins) * max(pickers, 1)


def load(work: timedelta, capacity: timedelta) -> float:
    """Return what share of the hands is spoken for; more than 1: not all of it can be done."""
    return work / capacity if capacity > _ZERO else inf


def first_hands(shifts: Sequence[Shift], opens: datetime, closes: datetime) -> datetime:
    """Return from when on somebody works in an opening: its beginning, where no plan says more."""
    begin = [shift.begins for shift in shifts if shift.begins < closes and shift.ends > opens]
    return max(opens, min(begin, default=opens))
