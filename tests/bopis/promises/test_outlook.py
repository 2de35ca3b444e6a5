"""What a store's clock and calendar make of open minutes."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from bopis.promises.outlook import idle
from inventory.opening.hours import Calendar, WeeklyHours

MINUTE = timedelta(minutes=1)
NINE = datetime(2026, 3, 6, 15, 0, tzinfo=UTC)
"""A Friday, when the doors of Chicago open."""

WEEKDAYS = Calendar(
    ZoneInfo("America/Chicago"),
    tuple(WeeklyHours(day, time(9), time(21)) for day in range(5)),
)


@pytest.mark.parametrize(
    ("since", "now", "minutes"),
    [
        (NINE + 60 * MINUTE, NINE + 80 * MINUTE, 20),
        (NINE - 30 * MINUTE, NINE + 5 * MINUTE, 5),
        (NINE + timedelta(hours=11, minutes=50), NINE + timedelta(hours=13), 0),
        (NINE + timedelta(hours=11, minutes=50), NINE + timedelta(days=3, minutes=-40), 20),
        (NINE, NINE, 0),
    ],
)
def test_a_pause_begins_anew_when_the_doors_open(
    since: datetime, now: datetime, minutes: int
) -> None:
    assert idle(WEEKDAYS, since, now) == minutes * MINUTE
