"""What one look says: whether to speak, why, and on what evidence."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bopis.kernel.ids import OrderId, StoreId
from bopis.orders.states import Attention
from bopis.orders.watching.looks import APOLOGIES, Hard, Known, Look, Seen, Sight, glance, look
from bopis.promises import promise
from bopis.promises.outlook import Outlook
from bopis.promises.predictor import (
    CONFIDENCE,
    FIXED_RATIOS,
    SURER,
    Evidence,
    Tempo,
    quantile,
)
from bopis.promises.promise import Basis, PromiseStatus
from bopis.promises.survival import UNLEARNED, Cell, Fitted, Stage, Survival
from bopis.promises.warning import EARLY_AT, LAST_AT, LATE_AT
from inventory.opening.hours import Calendar, WeeklyHours
from notifications.facts import DelayReason

MINUTE = timedelta(minutes=1)
ID = OrderId(UUID(int=7))
NOON = datetime(2026, 3, 6, 18, 0, tzinfo=UTC)
CLOSING = NOON + timedelta(hours=9)
NINE_TO_NINE = tuple(WeeklyHours(day, time(9), time(21)) for day in range(7))
STORE = Outlook(
    store_id=StoreId("S1"),
    calendar=Calendar(ZoneInfo("America/Chicago"), NINE_TO_NINE),
    taken_at=NOON,
    orders_ahead=1,
    units_ahead=3,
    pickers=1,
    tempo=Tempo(),
    known=Evidence(FIXED_RATIOS, Basis.FIXED),
    before={ID: (0, 0)},
)
ORDER = Seen(
    id=ID,
    promised_at=NOON + 30 * MINUTE,
    accepted_at=NOON,
    promise_version=1,
    promise_status=PromiseStatus.ON_TRACK,
    attention=Attention.NONE,
    p_late=None,
    next_update_due_at=NOON + 30 * MINUTE,
    begun_at=None,
    reserved=3,
    ordered=3,
    short=0,
)
BUSY = replace(STORE, before={ID: (9, 2)})


def after(minutes: float, seen: Seen = ORDER, store: Outlook = STORE) -> Look:
    return look(seen, store, NOON + minutes * MINUTE)


def test_what_goes_well_needs_no_word() -> None:
    calm = after(0)

    assert (calm.speak, calm.news, calm.hard) == (False, False, None)
    assert calm.status is PromiseStatus.ON_TRACK


def test_a_promise_that_ends_is_spoken_for_whatever_the_odds() -> None:
    ends = after(30)

    assert (ends.speak, ends.news) == (True, False)
    assert ends.ready_by >= ORDER.promised_at + 10 * MINUTE


def test_odds_are_looked_at_twice_and_a_record_once() -> None:
    noisy = after(23)
    doubted = after(18, replace(ORDER, doubted=1))

    assert (noisy.status, noisy.speak) == (PromiseStatus.AT_RISK, False)
    assert after(23, replace(ORDER, p_late=noisy.p_late)).speak
    assert not after(18).speak
    assert doubted.speak
    assert doubted.hard is Hard.STOCK_CONFLICT


def test_whoever_is_not_told_six_minutes_before_is_not_warned() -> None:
    nearly = replace(ORDER, begun_at=NOON + 23 * MINUTE, reserved=2)
    call, too_late = after(24, nearly), after(25, nearly)

    assert EARLY_AT > call.p_late >= LAST_AT
    assert (call.speak, call.threshold) == (True, LAST_AT)
    assert (too_late.p_late > call.p_late, too_late.speak) == (True, False)
    assert after(24).speak  # though it is the first look that is sure enough


@pytest.mark.parametrize(
    ("seen", "store", "reason"),
    [
        (replace(ORDER, short=1, doubted=1), BUSY, DelayReason.ITEM_NOT_FOUND),
        (replace(ORDER, doubted=1), BUSY, DelayReason.STOCK_CORRECTED),
        (ORDER, replace(BUSY, idle=20 * MINUTE), DelayReason.STANDSTILL),
        (ORDER, BUSY, DelayReason.QUEUE),
        (replace(ORDER, begun_at=NOON), BUSY, DelayReason.PICKING),
        (replace(ORDER, begun_at=NOON), replace(BUSY, idle=20 * MINUTE), DelayReason.PICKING),
    ],
)
def test_a_cause_is_given_only_where_something_on_record_shows_it(
    seen: Seen, store: Outlook, reason: DelayReason
) -> None:
    assert after(25, seen, store).reason is reason


def test_a_floor_that_stands_still_or_is_empty_costs_as_long_again() -> None:
    for pickers, idle, more in ((1, 10, 0), (1, 15, 15), (0, 10, 10), (0, 0, 0)):
        store = replace(STORE, pickers=pickers, idle=idle * MINUTE)

        assert after(0, store=store).base == pytest.approx(after(0).base + more)

    begun = replace(ORDER, begun_at=NOON - 5 * MINUTE)
    pause = replace(STORE, idle=20 * MINUTE)
    assert after(0, begun, pause).base == after(0, begun).base  # somebody has come to it
    assert after(0, begun, replace(pause, pickers=0)).base > after(0, begun).base + 19


def test_doors_that_shut_on_it_are_no_matter_of_odds() -> None:
    tonight = replace(ORDER, promised_at=CLOSING - MINUTE, accepted_at=CLOSING - 30 * MINUTE)
    tomorrow = replace(tonight, promised_at=CLOSING + timedelta(hours=13))

    before = look(tonight, STORE, CLOSING - 14 * MINUTE)
    shut = look(tonight, STORE, CLOSING - 12 * MINUTE)

    assert (before.speak, before.hard) == (False, None)
    assert shut.p_late < 0.7
    assert (shut.speak, shut.hard, shut.reason) == (True, Hard.CLOSING, DelayReason.STORE_CLOSES)
    assert shut.ready_by > CLOSING + timedelta(hours=12)
    assert look(tomorrow, STORE, CLOSING - 12 * MINUTE).hard is None
    assert look(tonight, STORE, CLOSING + MINUTE).hard is None


def test_somebody_has_to_look_while_there_is_doubt_and_to_call_when_words_are_spent() -> None:
    doubted = replace(ORDER, doubted=1)
    asked = replace(doubted, attention=Attention.STAFF_NEEDED)
    spent = replace(asked, doubted=0, promise_version=APOLOGIES + 1)

    assert after(0, doubted).begins_doubt
    assert after(0, doubted).status is PromiseStatus.AT_RISK
    assert not after(0, asked).begins_doubt
    assert after(0, replace(asked, doubted=0)).attention is Attention.NONE
    assert after(0, spent).attention is Attention.STAFF_NEEDED
    assert not after(30, spent).speak


def test_an_end_of_doubt_is_told_only_if_it_is_one_and_there_is_something_to_find() -> None:
    told = replace(ORDER, promise_version=2, moved_by_doubt=True)

    assert after(0, told).cleared
    assert not after(0).cleared
    assert not after(0, replace(told, doubted=1)).cleared
    assert not after(0, replace(told, short=1)).cleared
    assert not after(0, replace(told, reserved=0)).cleared
    assert not after(29, told).cleared


def test_a_pause_an_outage_or_a_plan_without_people_is_evidence_only_if_it_leaves_no_room() -> None:
    now = NOON + 5 * MINUTE
    tight = replace(ORDER, promised_at=now + 10 * MINUTE)
    hour = (NOON - MINUTE, NOON + 60 * MINUTE)
    shut = replace(STORE, calendar=replace(STORE.calendar, closures=(hour,)))
    paused, down = Known(closures=(hour,)), Known(down_since=NOON)
    empty = replace(STORE, pickers=0)

    def hard(seen: Seen, store: Outlook, known: Known, at: datetime = now) -> tuple[object, ...]:
        looked = look(seen, store, at, known=known)
        return looked.hard, looked.reason, looked.speak

    assert hard(tight, STORE, Known())[0] is None
    assert hard(ORDER, shut, paused) == (Hard.PAUSED, DelayReason.STORE_INCIDENT, True)
    assert hard(replace(ORDER, promised_at=NOON + 120 * MINUTE), shut, paused)[0] is None
    assert hard(tight, STORE, down) == (Hard.OUTAGE, DelayReason.OUR_SYSTEM, True)
    assert hard(ORDER, STORE, down)[0] is None  # there is room still
    assert hard(replace(tight, accepted_at=now), STORE, down)[0] is None  # it came afterwards
    assert hard(tight, STORE, Known(down_since=now - MINUTE))[0] is None  # a mere restart
    nobody = Known(shifts=((NOON + 45 * MINUTE, CLOSING),))
    assert hard(ORDER, empty, nobody)[:2] == (Hard.NOBODY_THERE, DelayReason.STANDSTILL)
    assert look(ORDER, empty, now, known=nobody).p_late >= LATE_AT
    assert hard(ORDER, STORE, nobody)[0] is None  # somebody is there, whatever the plan says


def test_after_a_second_failure_the_next_time_is_a_surer_one() -> None:
    learned = Survival({Cell(Stage.WAITING): Fitted(tuple(n / 10 for n in range(1, 41)), 400)})
    walking = replace(ORDER, begun_at=NOON)

    def named(seen: Seen, version: int, survival: Survival = UNLEARNED) -> float:
        late = replace(seen, promise_version=version, promised_at=NOON - 20 * MINUTE)
        return (look(late, STORE, NOON, survival).ready_by - NOON) / MINUTE

    for seen, survival, further in (
        (ORDER, learned, 4.0 / 3.7),
        (ORDER, UNLEARNED, quantile(FIXED_RATIOS, SURER) / quantile(FIXED_RATIOS, CONFIDENCE)),
        (walking, UNLEARNED, quantile(FIXED_RATIOS, SURER) / quantile(FIXED_RATIOS, CONFIDENCE)),
    ):
        assert named(seen, 2, survival) == pytest.approx(named(seen, 1, survival) * further)


def test_nobody_stands_still_into_the_morning() -> None:
    tomorrow = replace(ORDER, promised_at=CLOSING + timedelta(hours=13))
    left_at_noon = replace(STORE, pickers=0, idle=timedelta(hours=8))

    late = look(tomorrow, left_at_noon, CLOSING - 30 * MINUTE)

    assert late.base == pytest.approx(after(0).base + 30)
    assert not late.speak


@pytest.mark.parametrize("back", [timedelta(0), timedelta(hours=2), timedelta(days=3)])
def test_a_clock_that_was_set_back_makes_nothing_late_and_nothing_quicker(back: timedelta) -> None:
    begun = replace(ORDER, begun_at=NOON)
    fresh = look(begun, STORE, NOON)

    then = look(begun, STORE, NOON - back)

    assert then.base == fresh.base
    assert then.p_late <= fresh.p_late
    assert not then.speak


def test_a_promise_that_had_passed_when_it_was_made_is_spoken_for_at_once_and_moved_ahead() -> None:
    passed = replace(ORDER, promised_at=NOON - 5 * MINUTE, next_update_due_at=NOON)

    found = after(0, passed)

    assert found.p_late == 1
    assert found.speak
    assert found.lead == 5 * MINUTE
    assert found.ready_by >= NOON + 5 * MINUTE


instants = st.integers(-120, 600).map(lambda minutes: minutes * MINUTE)
orders = st.builds(
    lambda promised, reserved, begun, before, doubted: replace(
        ORDER,
        promised_at=NOON + promised,
        next_update_due_at=NOON + promised,
        reserved=reserved,
        ordered=max(reserved, 3),
        begun_at=None if begun is None else NOON - begun,
        p_late=before,
        doubted=doubted,
    ),
    instants,
    st.integers(0, 40),
    st.none() | instants,
    st.none() | st.floats(0, 1),
    st.integers(0, 2),
)
floors = st.builds(
    lambda pickers, orders, units, idle: replace(
        STORE, pickers=pickers, idle=idle * MINUTE, before={ID: (units, orders)}
    ),
    st.integers(0, 3),
    st.integers(0, 30),
    st.integers(0, 90),
    st.integers(0, 90),
)


@given(orders, floors)
def test_odds_are_odds_and_nobody_is_told_twice_of_one_thing(seen: Seen, store: Outlook) -> None:
    first = look(seen, store, NOON)
    assert 0 <= first.p_late <= 1
    if not first.speak:
        return

    later = promise.revise(seen.promised_at, first.ready_by, NOON)
    assert later is not None
    assert later >= max(seen.promised_at + 10 * MINUTE, NOON)
    told = replace(
        seen, promised_at=later, next_update_due_at=later, promise_version=2, p_late=first.p_late
    )
    assert not look(told, store, NOON).speak


@given(orders, floors, st.integers(0, 120), st.integers(0, 10))
def test_odds_rise_with_the_minutes_and_with_the_work(
    seen: Seen, store: Outlook, minutes: int, more: int
) -> None:
    now = look(seen, store, NOON)
    worse = replace(seen, promised_at=seen.promised_at - minutes * MINUTE, doubted=seen.doubted + 1)
    longer = replace(seen, reserved=seen.reserved + more, ordered=seen.ordered + more)

    assert look(worse, store, NOON).p_late >= now.p_late
    assert look(longer, store, NOON).p_late >= now.p_late


@given(orders, floors)
def test_a_glance_misses_nothing_that_a_look_would_write_or_say(seen: Seen, store: Outlook) -> None:
    sight = Sight(store, NOON, since=NOON - timedelta(hours=2), until=NOON + timedelta(hours=3))

    found, looked = glance(sight, seen), look(seen, store, NOON)

    assert found is None or found == looked
    if found is None:
        assert not any((looked.speak, looked.news, looked.cleared, looked.is_foreseen))
        assert not any((looked.is_material, looked.begins_doubt))
