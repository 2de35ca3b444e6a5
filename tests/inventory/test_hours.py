"""Open time is counted in UTC, whatever the clocks on the wall do."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inventory.opening import hours
from inventory.opening.hours import Calendar, WeeklyHours

NEW_YORK = ZoneInfo("America/New_York")
PARIS = ZoneInfo("Europe/Paris")
LORD_HOWE = ZoneInfo("Australia/Lord_Howe")
CASABLANCA = ZoneInfo("Africa/Casablanca")

NINE, NOON, FIVE, NINE_PM = time(9), time(12), time(17), time(21)


def daily(zone: ZoneInfo, opens: time, closes: time) -> Calendar:
    return Calendar(zone, tuple(WeeklyHours(day, opens, closes) for day in range(7)))


def local(zone: ZoneInfo, *parts: int, fold: int = 0) -> datetime:
    return datetime(*parts, tzinfo=zone, fold=fold).astimezone(UTC)  # type: ignore[arg-type,misc]


def test_open_from_the_first_instant_to_just_before_the_last() -> None:
    store = daily(PARIS, NINE, NINE_PM)

    assert not hours.is_open(store, local(PARIS, 2026, 3, 6, 8, 59, 59))
    assert hours.is_open(store, local(PARIS, 2026, 3, 6, 9))
    assert hours.is_open(store, local(PARIS, 2026, 3, 6, 20, 59, 59))
    assert not hours.is_open(store, local(PARIS, 2026, 3, 6, 21))


def test_a_lunch_break_is_closed() -> None:
    friday = 4
    store = Calendar(PARIS, (WeeklyHours(friday, time(14), FIVE), WeeklyHours(friday, NINE, NOON)))
    start = local(PARIS, 2026, 3, 6, 11, 30)

    assert hours.closing_after(store, start) == local(PARIS, 2026, 3, 6, 12)
    assert hours.add_open_time(store, start, timedelta(hours=1)) == local(PARIS, 2026, 3, 6, 14, 30)
    assert hours.next_opening(store, start) == local(PARIS, 2026, 3, 6, 14)


def test_a_night_belongs_to_the_date_it_began_on() -> None:
    saturday = 5
    store = Calendar(NEW_YORK, (WeeklyHours(saturday, time(18), time(2)),), {date(2026, 3, 15): ()})

    assert hours.is_open(store, local(NEW_YORK, 2026, 3, 15, 1, 30))  # a Sunday, and closed
    assert not hours.is_open(store, local(NEW_YORK, 2026, 3, 15, 2))


def test_a_dated_exception_replaces_the_day() -> None:
    christmas_eve, christmas = date(2026, 12, 24), date(2026, 12, 25)
    store = Calendar(
        PARIS,
        daily(PARIS, NINE, NINE_PM).weekly,
        {christmas_eve: ((NINE, NOON),), christmas: ()},
    )
    eve = local(PARIS, 2026, 12, 24, 11)

    assert hours.closing_after(store, eve) == local(PARIS, 2026, 12, 24, 12)
    assert hours.add_open_time(store, eve, timedelta(hours=2)) == local(PARIS, 2026, 12, 26, 10)


@pytest.mark.parametrize(
    ("zone", "day", "length"),
    [
        pytest.param(NEW_YORK, (2026, 3, 8), 23, id="New York, spring"),
        pytest.param(NEW_YORK, (2026, 11, 1), 25, id="New York, autumn"),
        pytest.param(PARIS, (2026, 3, 29), 23, id="Paris, spring"),
        pytest.param(PARIS, (2026, 10, 25), 25, id="Paris, autumn"),
        pytest.param(LORD_HOWE, (2026, 10, 4), 23.5, id="Lord Howe, spring"),
        pytest.param(LORD_HOWE, (2026, 4, 5), 24.5, id="Lord Howe, autumn"),
    ],
)
def test_a_day_is_as_long_as_it_is(
    zone: ZoneInfo, day: tuple[int, int, int], length: float
) -> None:
    store = daily(zone, time(0), time(0))
    midnight = local(zone, *day)
    next_midnight = local(zone, *day[:2], day[2] + 1)

    assert hours.open_time_between(store, midnight, next_midnight) == timedelta(hours=length)


def test_the_night_of_the_clock_change_is_an_hour_longer() -> None:
    bar = daily(NEW_YORK, time(23), time(3))
    eleven = local(NEW_YORK, 2026, 10, 31, 23)

    assert hours.closing_after(bar, eleven) == local(NEW_YORK, 2026, 11, 1, 3)
    assert hours.add_open_time(bar, eleven, timedelta(hours=5)) == local(NEW_YORK, 2026, 11, 1, 3)


def test_an_opening_inside_the_skipped_hour_does_not_happen() -> None:
    sunday = 6
    store = Calendar(NEW_YORK, (WeeklyHours(sunday, time(2, 30), time(3)),))

    assert hours.next_opening(store, local(NEW_YORK, 2026, 3, 8)) == local(
        NEW_YORK, 2026, 3, 15, 2, 30
    )


def test_always_open_never_closes() -> None:
    store = daily(PARIS, time(0), time(0))
    at = local(PARIS, 2026, 3, 6, 9)

    assert hours.is_open(store, at)
    assert hours.closing_after(store, at) is None
    assert hours.add_open_time(store, at, timedelta(days=30)) == at + timedelta(days=30)


def test_a_store_without_hours_is_closed() -> None:
    store = Calendar(PARIS, ())
    at = local(PARIS, 2026, 3, 6, 9)

    assert not hours.is_open(store, at)
    assert hours.next_opening(store, at) is None
    assert hours.closing_after(store, at) is None
    assert hours.add_open_time(store, at, timedelta(seconds=1)) is None
    assert hours.last_closing_on_or_after(store, at, 3) is None


def test_a_hold_ends_when_the_doors_close() -> None:
    weekdays = tuple(WeeklyHours(day, NINE, FIVE) for day in range(5))
    store = Calendar(PARIS, weekdays)
    noon, evening = local(PARIS, 2026, 3, 4, 12), local(PARIS, 2026, 3, 4, 20)  # a Wednesday

    assert hours.last_closing_on_or_after(store, noon, 0) == local(PARIS, 2026, 3, 4, 17)
    assert hours.last_closing_on_or_after(store, evening, 0) == local(PARIS, 2026, 3, 5, 17)
    assert hours.last_closing_on_or_after(store, noon, 1) == local(PARIS, 2026, 3, 5, 17)
    assert hours.last_closing_on_or_after(store, evening, 1) == local(PARIS, 2026, 3, 5, 17)
    assert hours.last_closing_on_or_after(store, noon, 3) == local(PARIS, 2026, 3, 9, 17)


walls = st.times().map(lambda t: t.replace(second=0, microsecond=0))
openings = st.tuples(walls, walls)
instants = st.integers(0, 60 * 24 * 40).map(  # around the spring and autumn changes of all four
    lambda minute: datetime(2026, 3, 1, tzinfo=UTC) + timedelta(minutes=minute)
)
closures = st.tuples(instants, st.integers(1, 4000)).map(
    lambda drawn: (drawn[0], drawn[0] + timedelta(minutes=drawn[1]))
)
calendars = st.builds(
    Calendar,
    zone=st.sampled_from([NEW_YORK, PARIS, LORD_HOWE, CASABLANCA]),
    weekly=st.lists(st.builds(WeeklyHours, st.integers(0, 6), walls, walls), max_size=9).map(tuple),
    exceptions=st.dictionaries(
        st.dates(date(2026, 2, 20), date(2026, 5, 1)),
        st.lists(openings, max_size=2).map(tuple),
        max_size=3,
    ),
    closures=st.lists(closures, max_size=3).map(tuple),
)


@given(calendars, instants, st.integers(0, 3000))
def test_added_open_time_is_open_time(store: Calendar, start: datetime, minutes: int) -> None:
    duration = timedelta(minutes=minutes)
    end = hours.add_open_time(store, start, duration)

    if end is None:
        assert hours.open_time_between(store, start, start + hours.HORIZON) < duration
        return
    assert hours.open_time_between(store, start, end) == duration
    assert duration == timedelta(0) or hours.is_open(store, end - timedelta(seconds=1))


@given(calendars, instants, instants, instants)
def test_open_time_adds_up(store: Calendar, a: datetime, b: datetime, c: datetime) -> None:
    a, b, c = sorted((a, b, c))
    parts = hours.open_time_between(store, a, b) + hours.open_time_between(store, b, c)

    assert hours.open_time_between(store, a, c) == parts
    assert timedelta(0) <= parts <= c - a


@given(calendars, instants)
def test_doors_move_where_we_say(store: Calendar, at: datetime) -> None:
    second = timedelta(seconds=1)
    opens, closes = hours.next_opening(store, at), hours.closing_after(store, at)

    if opens is not None:
        assert opens >= at
        assert hours.is_open(store, opens)
        assert not hours.is_open(store, opens - second)
    if closes is not None:
        assert closes > at
        assert not hours.is_open(store, closes)
        assert hours.is_open(store, closes - second)


@settings(max_examples=40)
@given(calendars, closures, instants, instants)
def test_a_closure_takes_away_what_lies_in_it_and_nothing_else(
    store: Calendar, closure: hours.Span, a: datetime, b: datetime
) -> None:
    a, b = sorted((a, b))
    shut = replace(store, closures=(*store.closures, closure))
    begins, ends = max(a, closure[0]), min(b, closure[1])

    lost = hours.open_time_between(store, begins, ends) if begins < ends else timedelta(0)

    assert hours.open_time_between(shut, a, b) == hours.open_time_between(store, a, b) - lost
    assert not hours.is_open(shut, closure[0])
    assert hours.is_open(shut, closure[1]) == hours.is_open(store, closure[1])


@settings(max_examples=40)
@given(calendars, closures, instants, st.integers(0, 1500), st.integers(0, 1500))
def test_more_work_is_not_done_sooner_nor_is_any_by_closing(
    store: Calendar, closure: hours.Span, at: datetime, minutes: int, more: int
) -> None:
    shut = replace(store, closures=(*store.closures, closure))
    never = at + 2 * hours.HORIZON

    def done(calendar: Calendar, start: datetime, duration: int) -> datetime:
        return hours.add_open_time(calendar, start, timedelta(minutes=duration)) or never

    assert at <= done(store, at, minutes) <= done(store, at, minutes + more)
    assert done(store, at, minutes) <= done(shut, at, minutes)
    assert done(store, at, minutes) <= done(store, at + timedelta(minutes=more), minutes)


@settings(max_examples=40)
@given(calendars, calendars, st.dates(date(2026, 2, 20), date(2026, 5, 1)))
def test_pickup_keeps_to_the_hours_of_a_day_that_differs(
    store: Calendar, own: Calendar, day: date
) -> None:
    pickup = hours.pickup(store, own.weekly, own.exceptions)
    spans = hours.openings(pickup, day)

    if day in own.exceptions:
        assert spans == hours.openings(replace(store, exceptions=own.exceptions), day)
    elif own.weekly and day not in store.exceptions:
        assert spans == hours.openings(replace(store, weekly=own.weekly), day)
    else:
        for begins, ends in spans:
            assert any(a <= begins and ends <= b for a, b in _joined(hours.openings(store, day)))


def _joined(spans: Sequence[hours.Span]) -> list[hours.Span]:
    """Return openings that overlap or touch as one."""
    joined: list[hours.Span] = []
    for begins, ends in spans:
        if joined and begins <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], ends))
        else:
            joined.append((begins, ends))
    return joined


def test_the_last_minute_before_a_week_of_closing() -> None:
    """Work of half an hour that comes in then is done on the first day after it, not in it."""
    last = date(2026, 8, 1)
    week = {last + timedelta(days=n): () for n in range(1, 8)}
    store = Calendar(PARIS, daily(PARIS, NINE, time(0)).weekly, week)
    late = local(PARIS, 2026, 8, 1, 23, 59)

    done = hours.add_open_time(store, late, timedelta(minutes=30))

    assert hours.closing_after(store, late) == local(PARIS, 2026, 8, 2)
    assert done == local(PARIS, 2026, 8, 9, 9, 29)


def test_who_is_closed_for_longer_than_we_look_ahead_never_opens() -> None:
    at = local(PARIS, 2026, 3, 6, 12)
    long = ((at, at + timedelta(days=61)),)
    store = Calendar(PARIS, daily(PARIS, NINE, NINE_PM).weekly, closures=long)

    assert not hours.is_open(store, at)
    assert hours.next_opening(store, at) is None
    assert hours.add_open_time(store, at, timedelta(minutes=1)) is None
    assert hours.closing_after(store, at) is None
    assert hours.last_closing_on_or_after(store, at, 0) is None


@pytest.mark.parametrize(
    ("openings", "expected"),
    [
        (((NINE, NOON), (NOON, FIVE)), False),
        (((NINE, FIVE), (NOON, NINE_PM)), True),
        (((time(18), time(2)), (NINE, NOON)), False),
        (((time(18), time(2)), (NINE_PM, time(23))), True),
        ((), False),
    ],
)
def test_overlapping_openings_are_seen(
    openings: tuple[tuple[time, time], ...], *, expected: bool
) -> None:
    assert hours.overlaps(openings) is expected
