"""Open time near now, measured once and read off often. Pure.

``inventory.opening.hours`` works out each question anew; a sweep asks it some twenty thousand. A
ruler lays the openings of a stretch of days end to end, and then every answer is a bisection.
"""

from bisect import bisect_right
from datetime import datetime, timedelta
from typing import Final

from inventory.opening import hours
from inventory.opening.hours import Calendar, Span

_ZERO: Final = timedelta(0)
_INSTANT: Final = timedelta(microseconds=1)


class Ruler:
    """Open time of one store from ``since`` to ``until``; outside of that the calendar is asked.

    Agrees with ``hours.open_time_between`` and ``hours.add_open_time`` everywhere.
    """

    __slots__ = ("_begins", "_calendar", "_closes", "_open_before", "since", "until")

    def __init__(self, calendar: Calendar, since: datetime, until: datetime) -> None:
        self._calendar = calendar
        self.since, self.until = since, until
        self._begins: list[datetime] = []
        self._closes: list[datetime] = []
        self._open_before: list[timedelta] = []
        total = _ZERO
        for opens, closes in _openings(calendar, since, until):
            self._begins.append(opens)
            self._closes.append(closes)
            self._open_before.append(total)
            total += closes - opens

    def between(self, a: datetime, b: datetime) -> timedelta:
        """Return for how long the store is open from ``a`` to ``b``; zero if ``b`` is not later."""
        if b <= a:
            return _ZERO
        if a < self.since or b > self.until:
            return hours.open_time_between(self._calendar, a, b)
        return self.mark(b) - self.mark(a)

    def mark(self, at: datetime) -> timedelta:
        """Return the open time from ``since`` to an instant that is not outside of the ruler."""
        place = bisect_right(self._begins, at) - 1
        if place < 0:
            return _ZERO
        return self._open_before[place] + min(at, self._closes[place]) - self._begins[place]

    def after(self, duration: timedelta, start: datetime) -> datetime | None:
        """Return the first instant by which the store has been open so long since ``start``.

        None if sixty days do not hold that much open time.
        """
        if duration <= _ZERO:
            return start
        if not self.since <= start < self.until:
            return hours.add_open_time(self._calendar, start, duration)
        mark = self.mark(start) + duration
        place = bisect_right(self._open_before, mark - _INSTANT) - 1
        if place >= 0:
            found = self._begins[place] + (mark - self._open_before[place])
            if found <= self._closes[place] and found < self.until:
                return found
        return hours.add_open_time(self._calendar, start, duration)


def _openings(calendar: Calendar, since: datetime, until: datetime) -> list[Span]:
    """Return the openings of a stretch, in order, cut at its ends."""
    found: list[Span] = []
    at: datetime | None = since
    if not hours.is_open(calendar, since):
        at = hours.next_opening(calendar, since)
    while at is not None and at < until:
        closes = hours.closing_after(calendar, at)
        found.append((at, until if closes is None else min(closes, until)))
        at = None if closes is None else hours.next_opening(calendar, closes)
    return found
