"""A ruler reads what the calendar would say, and nothing runs backwards."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from bopis.promises.ruler import Ruler
from inventory.opening import hours
from inventory.opening.hours import Calendar, WeeklyHours

walls = st.builds(time, st.integers(0, 23), st.sampled_from((0, 30)))
minutes = st.integers(-600, 12_000).map(lambda n: timedelta(minutes=n))
starts = st.datetimes(datetime(2026, 3, 20), datetime(2026, 4, 12)).map(  # noqa: DTZ001
    lambda at: at.replace(tzinfo=UTC)
)
calendars = st.builds(
    lambda zone, rows: Calendar(ZoneInfo(zone), tuple(rows)),
    st.sampled_from(("Europe/Paris", "Australia/Lord_Howe")),
    st.lists(st.builds(WeeklyHours, st.integers(0, 6), walls, walls), max_size=8),
)


@given(calendars, starts, minutes, st.integers(0, 9_000), st.integers(0, 7))
def test_a_ruler_agrees_with_its_calendar_within_and_beyond_its_ends(
    calendar: Calendar, since: datetime, offset: timedelta, span: int, days: int
) -> None:
    ruler = Ruler(calendar, since, since + timedelta(days=days))
    a = since + offset
    b = a + timedelta(minutes=span)

    assert ruler.between(a, b) == hours.open_time_between(calendar, a, b)
    assert ruler.after(b - a, a) == hours.add_open_time(calendar, a, b - a)


@given(calendars, starts, minutes)
def test_no_time_passes_backwards(calendar: Calendar, since: datetime, offset: timedelta) -> None:
    ruler = Ruler(calendar, since, since + timedelta(days=3))
    earlier, later = sorted((since, since + offset))

    assert ruler.between(later, earlier) == timedelta(0)
    assert ruler.after(earlier - later, later) == later
