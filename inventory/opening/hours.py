"""When a store is open: weekly rows, dated exceptions, one time zone. Pure.

People set hours on a wall clock, and a day on a wall clock is 23, 24, 25 or (on Lord Howe Island)
24.5 hours long. So wall times become UTC instants first, and everything after that is UTC.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Final
from zoneinfo import ZoneInfo

HORIZON: Final = timedelta(days=60)
"""How far ahead we look for an opening; a store closed for longer is closed."""

REMEMBERED: Final = 400
"""Days that a calendar keeps at most."""

_DAY: Final = timedelta(days=1)
_DAY_MINUTES: Final = 1440
_ZERO: Final = timedelta(0)

Span = tuple[datetime, datetime]
Hours = tuple[time, time]


@dataclass(frozen=True, slots=True)
class WeeklyHours:
    """One opening of every week; a day with a lunch break has two.

    Units:
        weekday: 0 is Monday.
        closes: on the same day, or after midnight if it is not later than ``opens``.
    """

    weekday: int
    opens: time
    closes: time

    def __post_init__(self) -> None:
        assert 0 <= self.weekday <= 6  # noqa: PLR2004 - days of a week
        assert self.opens.tzinfo is None
        assert self.closes.tzinfo is None


@dataclass(frozen=True, slots=True)
class Calendar:
    """The hours of one store.

    Shapes:
        weekly: 0..n rows in any order; a weekday without a row is closed.
        exceptions: replace the rows of that date altogether; an empty tuple means closed. The
            small hours of a night belong to the date on which the store opened.
        closures: taken out of every opening, in any order; they may overlap.
    """

    zone: ZoneInfo
    weekly: tuple[WeeklyHours, ...]
    exceptions: Mapping[date, tuple[Hours, ...]] = field(default_factory=dict)
    closures: tuple[Span, ...] = ()
    _days: dict[date, tuple[Sequence[Span], datetime]] = field(
        default_factory=dict, init=False, repr=False, compare=False, hash=False
    )
    """Days worked out already, and their midnights: every order asks about the same few."""


def is_open(calendar: Calendar, at: datetime) -> bool:
    return any(opens <= at < closes for opens, closes in _spans(calendar, at, at))


def next_opening(calendar: Calendar, at: datetime) -> datetime | None:
    """Return the first opening that is not before ``at``; None if there is none for 60 days."""
    spans = _spans(calendar, at, at + HORIZON)
    return next((opens for opens, _ in spans if opens >= at), None)


def closing_after(calendar: Calendar, at: datetime) -> datetime | None:
    """Return when the present opening ends or, while closed, when the next one will.

    None if no closing comes for 60 days: a store that is always open has no closing.
    """
    limit = at + HORIZON
    spans = _spans(calendar, at, limit)
    return next((closes for _, closes in spans if at < closes <= limit), None)


def add_open_time(calendar: Calendar, start: datetime, duration: timedelta) -> datetime | None:
    """Return the first instant by which the store has been open for ``duration`` since ``start``.

    So that work of half an hour, begun ten minutes before closing, is done twenty minutes after
    the next opening. None if 60 days do not hold that much open time.
    """
    assert duration >= _ZERO
    if not duration:
        return start
    left = duration
    for opens, closes in _spans(calendar, start, start + HORIZON):
        begins = max(opens, start)
        if closes - begins >= left:
            return begins + left
        left -= closes - begins
    return None


def open_time_between(calendar: Calendar, a: datetime, b: datetime) -> timedelta:
    """Return for how long the store is open from ``a`` to ``b``; zero if ``b`` is not after it."""
    spans = _spans(calendar, a, b)
    return sum((min(closes, b) - max(opens, a) for opens, closes in spans if opens < b), _ZERO)


def last_closing_on_or_after(calendar: Calendar, at: datetime, days: int) -> datetime | None:
    """Return when the doors close ``days`` open days after ``at``: until then an order is held.

    A customer who was told "until Friday" may come on Friday until the doors close. Days on which
    the store does not open do not count; with 0 days it is the next closing. None if there are
    not so many open days in the next 60 beyond them.
    """
    today = at.astimezone(calendar.zone).date()
    left = days
    for ahead in range(HORIZON.days + days + 1):
        closes = max((end for _, end in _spans_of(calendar, today + ahead * _DAY)), default=at)
        if closes <= at:
            continue
        left -= ahead > 0
        if left <= 0:
            return closes
    return None


def openings(calendar: Calendar, day: date) -> Sequence[Span]:
    """Return the openings that begin on a local date, in order, with the closures taken out."""
    return _spans_of(calendar, day)


def _spans(calendar: Calendar, start: datetime, end: datetime) -> Iterator[Span]:
    """Yield the openings between two instants, in order, joined where they touch.

    The first day looked at is two dates back: a night may be long, and a zone may be far.
    """
    current: Span | None = None
    day = start.astimezone(calendar.zone).date() - 2 * _DAY
    while True:
        spans, midnight = _day(calendar, day)
        day += _DAY
        for opens, closes in spans:
            if current is None or opens > current[1]:
                if current is not None and current[1] > start:
                    yield current
                current = (opens, closes)
            else:
                current = (current[0], max(current[1], closes))
        if midnight > end:
            break
    if current is not None and current[1] > start and current[0] <= end:
        yield current


def _spans_of(calendar: Calendar, day: date) -> Sequence[Span]:
    return _day(calendar, day)[0]


def _day(calendar: Calendar, day: date) -> tuple[Sequence[Span], datetime]:
    """Return the openings that begin on a local date, and when it ends."""
    days = calendar._days  # noqa: SLF001 -- its memory of itself
    known = days.get(day)
    if known is None:
        if len(days) > REMEMBERED:
            days.clear()
        midnight = on_wall(calendar.zone, day + _DAY, time.min)
        known = days[day] = (_worked_out(calendar, day), midnight)
    return known


def _worked_out(calendar: Calendar, day: date) -> Sequence[Span]:
    """Return the openings that begin on a local date, in order.

    An opening that lies wholly inside a skipped hour does not happen.
    """
    hours = calendar.exceptions.get(day)
    if hours is None:
        weekday = day.weekday()
        hours = tuple((row.opens, row.closes) for row in calendar.weekly if row.weekday == weekday)
    spans = [span for one in hours if (span := on_day(calendar.zone, day, one)) is not None]
    return [left for span in sorted(spans) for left in without(span, calendar.closures)]


def on_day(zone: ZoneInfo, day: date, hours: Hours) -> Span | None:
    """Return the instants of one opening on one date; None: the clocks skip all of it."""
    opens, closes = hours
    begins = on_wall(zone, day, opens)
    ends = on_wall(zone, day if closes > opens else day + _DAY, closes)
    return (begins, ends) if begins < ends else None


def without(span: Span, closures: Iterable[Span]) -> list[Span]:
    """Return what is left of a span when the closures are taken out, in order."""
    begins, ends = span
    left = []
    for shuts, reopens in sorted(closures):
        if shuts < ends and reopens > begins:
            if begins < shuts:
                left.append((begins, shuts))
            begins = reopens
    if begins < ends:
        left.append((begins, ends))
    return left


def on_wall(zone: ZoneInfo, day: date, wall: time) -> datetime:
    """Return when the clock on the wall first shows a time, or first a later one.

    So a time that a clock change repeats is its first occurrence; one that it skips is the instant
    of the change: doors that open at 2:30 open when the clock jumps from 2 to 3.
    """
    first = datetime.combine(day, wall.replace(fold=0), zone)
    at = first.astimezone(UTC)
    if at.astimezone(zone).time() == first.time():
        return at
    return _change(zone, first.replace(fold=1).astimezone(UTC), at)  # skipped: fold=1 is earlier


def _change(zone: ZoneInfo, before: datetime, after: datetime) -> datetime:
    """Return when the offset changes between two instants, to the second."""
    offset = before.astimezone(zone).utcoffset()
    seconds = range(int((after - before).total_seconds()) + 1)
    changed = bisect_left(
        seconds,
        True,
        key=lambda n: (before + timedelta(seconds=n)).astimezone(zone).utcoffset() != offset,
    )
    return before + timedelta(seconds=changed)


def pickup(
    opening: Calendar,
    weekly: tuple[WeeklyHours, ...],
    exceptions: Mapping[date, tuple[Hours, ...]],
) -> Calendar:
    """Return when orders can be collected, where a store gives hours of its own for that.

    A date on which the store has other hours than usual, and says nothing of pickup, hands out
    while both its usual pickup hours and the hours of that date allow: a closed day is closed.

    Shapes:
        weekly: empty: as the store is open.
    """
    if not weekly and not exceptions:
        return opening
    usual = weekly or opening.weekly
    dated = {
        day: _shared(
            rows, [(row.opens, row.closes) for row in usual if row.weekday == day.weekday()]
        )
        for day, rows in opening.exceptions.items()
    }
    return Calendar(opening.zone, usual, dated | dict(exceptions), opening.closures)


def _shared(some: Iterable[Hours], others: Iterable[Hours]) -> tuple[Hours, ...]:
    """Return the stretches of one date that lie in both."""
    pairs = ((_minutes(one), _minutes(other)) for one in some for other in others)
    return tuple(
        (_wall(begins), _wall(ends))
        for a, b in pairs
        if (begins := max(a[0], b[0])) < (ends := min(a[1], b[1]))
    )


def overlaps(hours: tuple[Hours, ...]) -> bool:
    """Say whether the openings of one day overlap: then somebody mistyped.

    Units:
        hours: wall times of one date; not later than its opening means after midnight.
    """
    minutes = sorted(_minutes(one) for one in hours)
    return any(later[0] < earlier[1] for earlier, later in pairwise(minutes))


def _minutes(hours: Hours) -> tuple[int, int]:
    """Return an opening as minutes since midnight; a night ends after 1440."""
    opens, closes = hours
    begins, ends = opens.hour * 60 + opens.minute, closes.hour * 60 + closes.minute
    return begins, ends + (_DAY_MINUTES if closes <= opens else 0)


def _wall(minutes: int) -> time:
    return time(minutes // 60 % 24, minutes % 60)
