"""How many orders a stretch of the day holds: cut in UTC, filled with what is promised."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from bopis.promises.slot import Rate, Slot, fill, lay_out
from inventory.opening import hours
from inventory.opening.hours import Calendar, WeeklyHours

NEW_YORK = ZoneInfo("America/New_York")
HOUR = timedelta(hours=1)
START = datetime(2026, 3, 6, tzinfo=UTC)
ALWAYS = tuple(WeeklyHours(day, time(0), time(0)) for day in range(7))
NIGHTS = tuple(Rate(WeeklyHours(day, time(22), time(6)), HOUR, capacity=4) for day in range(7))


def test_a_night_of_nine_hours_has_nine_slots_of_an_hour() -> None:
    counted = {}
    for evening in (date(2027, 3, 13), date(2027, 3, 20), date(2027, 11, 6)):
        begins = hours.on_wall(NEW_YORK, evening, time(22))
        night = lay_out(Calendar(NEW_YORK, ALWAYS), NIGHTS, begins, begins + 9 * HOUR)
        counted[evening.isoformat()] = sum(slot.begins < begins + 10 * HOUR for slot in night)
        assert all(slot.ends - slot.begins == HOUR for slot in night)

    assert counted == {"2027-03-13": 7, "2027-03-20": 8, "2027-11-06": 9}


def test_a_slot_behind_shut_doors_holds_nothing() -> None:
    begins = hours.on_wall(NEW_YORK, date(2027, 4, 2), time(22))
    shut = (begins + HOUR / 2, begins + 2 * HOUR)
    store = Calendar(NEW_YORK, ALWAYS, closures=(shut,))

    night = lay_out(store, NIGHTS, begins, begins + 3 * HOUR)

    assert [slot.capacity for slot in night] == [4, 0, 4]


def test_the_last_slot_of_a_stretch_may_be_shorter() -> None:
    rate = Rate(WeeklyHours(4, time(9), time(11, 15)), HOUR, capacity=2)
    friday = hours.on_wall(NEW_YORK, date(2026, 3, 6), time(0))

    found = lay_out(Calendar(NEW_YORK, ALWAYS), [rate], friday, friday + 24 * HOUR)

    assert [(slot.ends - slot.begins) / HOUR for slot in found] == [1, 1, 0.25]


@given(
    st.lists(st.integers(1, 24 * 60), max_size=30),
    st.integers(15, 600),
    st.integers(1, 20),
)
def test_every_promise_is_in_the_one_slot_that_ends_not_before_it(
    minutes: list[int], length: int, count: int
) -> None:
    each = timedelta(minutes=length)
    row = [Slot(START + n * each, START + (n + 1) * each, 5) for n in range(count)]
    promised = [START + timedelta(minutes=n) for n in minutes]

    filled = fill(row, promised)

    assert [slot.taken for slot in filled] == [
        sum(slot.begins < moment <= slot.ends for moment in promised) for slot in row
    ]
    assert [slot.is_full for slot in filled] == [slot.taken >= 5 for slot in filled]
