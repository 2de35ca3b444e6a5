"""What may be promised: a time to come, while the doors are open, that somebody can keep."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from associates.crew.shifts import Shift
from bopis.kernel.ids import StoreId
from bopis.promises import timing
from bopis.promises.outlook import Offer, Outlook, StoreNeverOpens, WorkBeyondSight
from bopis.promises.predictor import ENOUGH, FIXED_RATIOS, Evidence, Tempo, Took, evidence
from bopis.promises.promise import EPOCH, FIRST_STEP, Basis
from bopis.promises.slot import Slot
from bopis.promises.tracking import FIRST, Hour, Quantile, Tracked
from inventory.opening import hours
from inventory.opening.hours import Calendar, WeeklyHours

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
CHICAGO = ZoneInfo("America/Chicago")
NOON = datetime(2026, 3, 6, 18, 0, tzinfo=UTC)
"""A Friday, 12 PM in Chicago; the doors close nine hours later, and open again after twelve."""

DAILY = Calendar(CHICAGO, tuple(WeeklyHours(day, time(9), time(21)) for day in range(7)))
CLOSES = NOON + 9 * HOUR
OPENS = NOON + 21 * HOUR
STORE = Outlook(
    store_id=StoreId("S1"),
    calendar=DAILY,
    taken_at=NOON,
    orders_ahead=0,
    units_ahead=0,
    pickers=2,
    tempo=Tempo(),
    known=Evidence(FIXED_RATIOS, Basis.FIXED),
)
walls = st.integers(0, 1439).map(lambda minute: time(minute // 60, minute % 60))
weeks = st.lists(st.builds(WeeklyHours, st.integers(0, 6), walls, walls), min_size=1, max_size=5)
calendars = weeks.map(lambda week: Calendar(CHICAGO, tuple(week)))
moments = st.integers(0, 14 * 24 * 60).map(lambda minute: NOON + minute * MINUTE)
stores = st.builds(
    lambda calendar, pickup, orders, units, pickers, theta: replace(
        STORE,
        calendar=calendar,
        pickup=pickup,
        orders_ahead=orders,
        units_ahead=orders + units,
        pickers=pickers,
        quantile=Quantile({Hour.ALL: Tracked(theta, 500, 50)}),
    ),
    calendars,
    st.none() | calendars,
    st.integers(0, 60),
    st.integers(0, 200),
    st.integers(0, 5),
    st.floats(-0.7, 1.8),
)


def offered(store: Outlook, units: int, now: datetime) -> Offer | None:
    try:
        return store.offer(units, now)
    except StoreNeverOpens:
        return None


@given(stores, st.integers(0, 40), moments)
def test_a_promise_is_a_time_to_come_at_which_the_doors_are_open(
    store: Outlook, units: int, now: datetime
) -> None:
    offer, larger = offered(store, units, now), offered(store, units + 3, now)
    assert offer is not None or larger is None
    if offer is None:
        return

    assert offer.latest > now
    assert (offer.latest - EPOCH) % FIRST_STEP == timedelta(0)
    assert hours.is_open(store.pickup or store.calendar, offer.latest)
    assert larger is None or offer.latest <= larger.latest
    quick = replace(
        store,
        taken_at=now,
        open_now=timing.going_on(store.calendar, now),
        pickup_now=timing.going_on(store.pickup or store.calendar, now),
    )
    for at in (now, now + MINUTE):
        assert offered(quick.with_more(0, 0), units, at) == offered(store, units, at)


def test_no_opening_is_no_promise() -> None:
    with pytest.raises(StoreNeverOpens):
        replace(STORE, calendar=Calendar(CHICAGO, ())).offer(3, NOON)
    with pytest.raises(StoreNeverOpens):
        replace(STORE, pickup=Calendar(CHICAGO, ())).offer(3, NOON)


def test_a_store_with_two_months_of_work_is_not_said_to_be_shut() -> None:
    buried = replace(STORE, orders_ahead=50_000, units_ahead=150_000)

    with pytest.raises(WorkBeyondSight, match="work waits") as refused:
        buried.offer(3, NOON)
    assert "open" not in f"{refused.value.title} {refused.value}"


def test_two_minutes_between_two_steps_are_no_time_to_name() -> None:
    never = Calendar(CHICAGO, tuple(WeeklyHours(d, time(9, 6), time(9, 8)) for d in range(7)))

    assert timing.collectable(never, NOON) is None


def test_a_minute_before_a_week_of_closing() -> None:
    week = {(NOON + n * 24 * HOUR).date(): () for n in range(1, 8)}
    nights = Calendar(CHICAGO, (*(WeeklyHours(d, time(9), time(23, 59)) for d in range(7)),), week)
    late = NOON + 11 * HOUR + 58 * MINUTE

    offer = replace(STORE, calendar=nights).offer(3, late)

    assert offer.latest >= late + 7 * 24 * HOUR
    assert hours.is_open(nights, offer.latest)


def test_what_cannot_be_collected_today_is_not_promised_for_today() -> None:
    mornings = Calendar(CHICAGO, tuple(WeeklyHours(d, time(10), time(13)) for d in range(7)))

    assert replace(STORE, pickup=mornings).offer(3, NOON).latest < NOON + HOUR
    assert replace(STORE, pickup=mornings).offer(3, NOON + HOUR).latest == NOON + 22 * HOUR


def test_a_day_whose_hands_are_spoken_for_promises_the_next_opening() -> None:
    sure = Quantile({Hour.ALL: Tracked(0.0, 10**6, 10**5)})
    busy = replace(STORE, quantile=sure, orders_ahead=90, units_ahead=300)  # 900 of 1,080 minutes
    full = replace(busy, orders_ahead=94, units_ahead=320)

    assert busy.rho == pytest.approx(900 / 1080)
    assert busy.offer(3, NOON).latest < CLOSES
    assert full.rho > timing.FULL
    assert full.after(full.of_order(3, orders_ahead=94, units_ahead=320), NOON) < CLOSES
    assert full.offer(3, NOON).latest == OPENS + 15 * MINUTE


def test_a_plan_says_more_of_the_afternoon_than_who_is_there_now() -> None:
    work = replace(STORE, orders_ahead=20, units_ahead=60, pickers=4)
    alone = replace(work, shifts=(Shift(NOON - 3 * HOUR, NOON + 3 * HOUR, 1),))
    gone = replace(work, shifts=(Shift(NOON - 3 * HOUR, NOON, 3),))
    later = replace(gone, shifts=(*gone.shifts, Shift(OPENS + HOUR, CLOSES + 24 * HOUR, 2)))

    assert work.offer(3, NOON).latest < CLOSES
    assert alone.rho == pytest.approx(190 / 180)
    assert OPENS < alone.offer(3, NOON).latest < OPENS + HOUR
    assert later.offer(3, NOON).latest > OPENS + HOUR


def test_a_full_slot_leads_to_the_end_of_the_next_with_room() -> None:
    def slots(*taken: int) -> list[Slot]:
        return [
            Slot(NOON + n * HOUR, NOON + (n + 1) * HOUR, 2, count) for n, count in enumerate(taken)
        ]

    plain = STORE.offer(3, NOON).latest
    roomy = replace(STORE, slots=slots(1, 2, 0))

    assert NOON < plain < NOON + HOUR
    assert roomy.offer(3, NOON).latest == plain
    assert roomy.with_more(1, 3, [plain]).offer(3, NOON).latest == NOON + 3 * HOUR
    assert replace(STORE, slots=slots(2, 2, 9)).offer(3, NOON).latest > NOON + 3 * HOUR


def test_only_a_range_that_helps_is_told() -> None:
    narrow = evidence([Took(0.9 + n / 100) for n in range(ENOUGH)], [])
    wide = evidence([Took(0.2 + n / 5) for n in range(ENOUGH)], [])

    told = replace(STORE, known=narrow).offer(3, NOON)

    assert told.earliest is not None
    assert NOON < told.earliest < told.latest
    assert replace(STORE, known=wide).offer(3, NOON).earliest is None
    assert STORE.offer(3, NOON).earliest is None  # an assumption has no range


def test_what_is_said_of_a_promise_is_what_was_counted() -> None:
    known = evidence([*[Took(1.0)] * 27, Took(5.0), *[Took(1.5, is_ready=False)] * 2], [])
    offer = replace(STORE, known=known).offer(3, NOON)

    assert offer.promised_minutes == pytest.approx((offer.latest - NOON) / MINUTE)
    assert (offer.kept, offer.sample_size, offer.basis) == (27, 30, Basis.STORE)
    assert offer.words == "9 of 10 orders like this were ready by then (30 orders)."
    assert STORE.offer(3, NOON).kept is None


def test_who_works_slower_is_promised_for_later() -> None:
    slow = Quantile({Hour.ALL: Tracked(FIRST, 500, 50)}, pace=0.4)

    assert replace(STORE, quantile=slow).offer(9, NOON).latest > STORE.offer(9, NOON).latest


def test_a_quiet_evening_says_nothing_of_the_morning() -> None:
    levels = {Hour.ALL: Tracked(FIRST, 500, 50), Hour.OPENING: Tracked(0.4, 10**6, 10**5)}
    quick, usual = (replace(STORE, quantile=Quantile(levels, pace=p)) for p in (-0.8, 0.0))
    spent = replace(quick, orders_ahead=94, units_ahead=320)
    night = CLOSES + HOUR

    assert quick.offer(9, NOON).latest < usual.offer(9, NOON).latest
    assert quick.offer(9, NOON).hour is Hour.NOON
    assert quick.offer(9, night) == usual.offer(9, night)
    assert quick.offer(9, night).hour is Hour.OPENING
    assert spent.offer(9, NOON).hour is Hour.OPENING
