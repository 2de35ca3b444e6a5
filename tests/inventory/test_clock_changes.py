"""Every change of the clocks from 2024 to 2030 in four zones, against another implementation.

``opening-hours-py`` is the oracle. It differs from us in two ways, and each is settled here by what
a clock on the wall shows: an opening that the change skips altogether is for it one of no length;
and a time that the clock shows twice is for it the second time, for us the first (as RFC 5545,
section 3.3.5, reads such a time).
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import pytest
from opening_hours import OpeningHours, State

from inventory.opening import hours
from inventory.opening.hours import Calendar, Span, WeeklyHours

ZONES: Final = (
    "America/New_York",
    "Europe/Paris",
    "Australia/Lord_Howe",  # by half an hour
    "Africa/Casablanca",  # back for Ramadan, which moves: twice in 2030
)
SHAPES: Final = (
    ("09:00", "21:00"),
    ("00:00", "24:00"),
    ("22:00", "03:00"),
    ("23:00", "02:15"),  # closes in the hour that is skipped, or shown twice
    ("02:30", "05:00"),  # opens in it
    ("01:30", "02:30"),
    ("02:15", "02:45"),  # lies in it
)
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)


def offset(zone: ZoneInfo, at: datetime) -> timedelta:
    found = at.astimezone(zone).utcoffset()
    assert found is not None
    return found


def changes(zone: ZoneInfo) -> Iterator[datetime]:
    """Yield the instants from 2024 to 2030 at which the clocks of a zone change."""
    at = datetime(2024, 1, 1, tzinfo=UTC)
    while at.year <= 2030:
        if offset(zone, at) != offset(zone, at + DAY):
            quarters = (at + n * 15 * MINUTE for n in range(1, 97))
            yield next(one for one in quarters if offset(zone, one) == offset(zone, at + DAY))
        at += DAY


def wall(text: str) -> time:
    return time.fromisoformat("00:00" if text == "24:00" else text)


def second(zone: ZoneInfo, at: datetime) -> datetime:
    """Return when the clock shows the same once more, if it does; else the instant itself."""
    return at.astimezone(zone).replace(fold=1).astimezone(UTC)


def theirs(oracle: OpeningHours, zone: ZoneInfo, since: datetime, until: datetime) -> list[Span]:
    found = oracle.intervals(since.astimezone(zone), until.astimezone(zone))
    return [
        (begins.astimezone(UTC), ends.astimezone(UTC))
        for begins, ends, state, _ in found
        if state == State.OPEN and begins < ends
    ]


def ours(calendar: Calendar, since: datetime, until: datetime) -> list[Span]:
    """Return the openings of a stretch, found as a caller would: from one door to the next."""
    spans = []
    at = since
    while at < until:
        opens = at if hours.is_open(calendar, at) else hours.next_opening(calendar, at)
        if opens is None or opens >= until:
            break
        at = min(hours.closing_after(calendar, opens) or until, until)
        spans.append((opens, at))
    return spans


@pytest.mark.parametrize("name", ZONES)
def test_every_change_of_the_clocks_as_another_implementation_has_it(name: str) -> None:
    zone = ZoneInfo(name)
    found = list(changes(zone))
    assert len(found) >= 14
    for opens, closes in SHAPES:
        calendar = Calendar(
            zone, tuple(WeeklyHours(day, wall(opens), wall(closes)) for day in range(7))
        )
        oracle = OpeningHours(f"Mo-Su {opens}-{closes}", timezone=zone)
        for at in found:
            since, until = at - DAY, at + DAY
            mine = ours(calendar, since, until)
            said = theirs(oracle, zone, since, until)
            assert [
                (max(since, second(zone, a)), min(until, second(zone, b))) for a, b in mine
            ] == said, (at, opens)
            total = sum((b - a for a, b in mine), timedelta(0))
            assert hours.open_time_between(calendar, since, until) == total
            assert hours.add_open_time(calendar, since, total) == mine[-1][1]


@pytest.mark.parametrize("name", ZONES)
def test_doors_are_open_while_the_clock_on_the_wall_says_so(name: str) -> None:
    """From first principles: look at the clock around the change, but in an hour shown twice."""
    zone = ZoneInfo(name)
    for opens, closes in SHAPES:
        first, last = wall(opens), wall(closes)
        calendar = Calendar(zone, tuple(WeeklyHours(day, first, last) for day in range(7)))
        for at in changes(zone):
            for n in range(-20, 20):
                moment = at + n * 15 * MINUTE
                shown = moment.astimezone(zone)
                if shown.fold or second(zone, moment) != moment:
                    continue
                now = shown.time()
                says = first <= now < last if first < last else now >= first or now < last
                assert hours.is_open(calendar, moment) is says, (shown, opens)


def test_a_time_that_no_clock_shows_is_the_instant_of_the_change() -> None:
    new_york, lord_howe = ZoneInfo("America/New_York"), ZoneInfo("Australia/Lord_Howe")
    spring = datetime(2027, 3, 14, 7, tzinfo=UTC)

    assert {hours.on_wall(new_york, date(2027, 3, 14), time(2, m)) for m in (0, 17, 59)} == {spring}
    assert hours.on_wall(new_york, date(2027, 3, 14), time(1, 59)) == spring - MINUTE
    assert hours.on_wall(new_york, date(2027, 3, 14), time(3, 1)) == spring + MINUTE
    half = hours.on_wall(lord_howe, date(2027, 10, 3), time(2, 15)).astimezone(lord_howe)
    assert half.time() == time(2, 30)


def test_work_that_ends_in_a_skipped_hour_ends_after_it() -> None:
    zone = ZoneInfo("Europe/Paris")
    always = Calendar(zone, tuple(WeeklyHours(day, time(0), time(0)) for day in range(7)))
    start = hours.on_wall(zone, date(2027, 3, 28), time(1, 50))

    done = hours.add_open_time(always, start, 25 * MINUTE)

    assert done is not None
    assert f"{done.astimezone(zone):%H:%M}" == "03:15"
