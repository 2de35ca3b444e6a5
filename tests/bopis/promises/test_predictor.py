"""The forecast is monotone where it must be, calibrated where it can be, and says what it knows."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bopis.promises.predictor import (
    CONFIDENCE,
    ENOUGH,
    FIXED_RATIOS,
    LATE_AT,
    LEAST_MINUTES,
    STAGING_MINUTES,
    STILL_AFTER,
    Evidence,
    Load,
    Usual,
    Worked,
    base_minutes,
    evidence,
    judge,
    lead,
    p_late,
    pace,
    quantile,
    standstill,
    upper,
    walk_minutes,
)
from bopis.promises.promise import Basis

USUAL = Usual(per_order=8, per_unit=2)
MINUTE = timedelta(minutes=1)
ratios = st.lists(st.floats(0.05, 20), min_size=1, max_size=60)
loads = st.builds(
    Load,
    orders_ahead=st.integers(0, 50),
    units_ahead=st.integers(0, 300),
    units=st.integers(0, 40),
    pickers=st.integers(0, 9),
)


def of(values: Sequence[float]) -> Evidence:
    return Evidence(values, Basis.STORE)


def test_an_empty_store_takes_what_the_order_takes() -> None:
    assert base_minutes(Load(0, 0, 3), 1.0, USUAL) == 14


def test_two_pickers_halve_the_queue_and_not_the_walk() -> None:
    assert base_minutes(Load(4, 12, 3, pickers=1), 1.0, USUAL) == 56 + 14
    assert base_minutes(Load(4, 12, 3, pickers=2), 1.0, USUAL) == 28 + 14


@given(loads, st.floats(0.2, 5))
def test_more_work_never_takes_less(load: Load, tempo: float) -> None:
    base = base_minutes(load, tempo, USUAL)
    longer = replace(load, units_ahead=load.units_ahead + 2, units=load.units + 1)

    assert LEAST_MINUTES <= base <= base_minutes(longer, tempo, USUAL)
    assert base <= base_minutes(load, tempo + 1, USUAL)


def walk(left: int, done: int, elapsed: float, tempo: float = 1.0) -> float:
    return walk_minutes(left=left, done=done, elapsed=elapsed, pace=tempo, usual=USUAL)


def test_a_walk_that_has_just_begun_goes_at_the_pace_of_the_day() -> None:
    assert walk(3, 0, 4.0, tempo=1.0) == 4 + 6
    assert walk(0, 3, 10.0) == pytest.approx(4)
    assert walk(0, 0, 0.0, tempo=0.1) == STAGING_MINUTES


@given(st.integers(0, 40), st.integers(0, 40), st.floats(0, 300), st.floats(0.2, 5))
def test_a_slow_walk_stays_slow(left: int, done: int, elapsed: float, tempo: float) -> None:
    now = walk(left, done, elapsed, tempo)

    assert now >= STAGING_MINUTES
    assert now <= walk(left, done, elapsed + 1, tempo)
    assert now <= walk(left + 1, done, elapsed, tempo)


def test_a_slow_pick_moves_the_pace_a_little_and_a_slow_morning_all_the_way() -> None:
    assert pace([], USUAL) == 1
    assert pace([Worked(1, 20)], USUAL) == pytest.approx(80 / 70)
    assert 1.9 < pace([Worked(1, 20)] * 100, USUAL) < 2


def test_the_narrowest_experience_that_is_wide_enough() -> None:
    few, many = [1.0] * (ENOUGH - 1), [1.0] * ENOUGH

    assert evidence(many, many).basis is Basis.STORE
    assert evidence(few, many).basis is Basis.POOLED
    assert evidence(few, few).basis is Basis.FIXED
    assert evidence(few, few).sample_size == 0


@given(ratios, st.floats(0.01, 1))
def test_a_quantile_is_one_of_them_and_covers_its_share(values: list[float], share: float) -> None:
    q = quantile(values, share)

    assert q in values
    assert sum(value <= q for value in values) >= min(share * len(values), len(values))


@given(ratios)
def test_what_few_have_shown_is_taken_with_care(values: list[float]) -> None:
    few, many = of(values), of(values * 50)

    assert upper(few, CONFIDENCE) >= quantile(values, CONFIDENCE)
    assert upper(few, CONFIDENCE) >= upper(many, CONFIDENCE)


def test_an_assumption_is_taken_as_it_is() -> None:
    assert upper(evidence([], []), CONFIDENCE) == quantile(FIXED_RATIOS, CONFIDENCE)


def test_a_pause_is_a_pause_and_nobody_is_nobody() -> None:
    pause, still = STILL_AFTER - MINUTE, STILL_AFTER

    assert standstill(pause, pickers=1) == timedelta(0)
    assert standstill(still, pickers=1) == still
    assert standstill(pause, pickers=0) == pause


def test_nine_of_ten_next_orders_are_ready_in_time() -> None:
    dice = Random(7)
    kept = 0
    for _ in range(4000):
        seen = [dice.lognormvariate(0, 0.6) for _ in range(30)]
        kept += dice.lognormvariate(0, 0.6) <= quantile(seen, CONFIDENCE)

    assert 0.88 < kept / 4000 < 0.93


def test_the_assumption_we_ship_with_is_about_twice_the_base() -> None:
    assert quantile(FIXED_RATIOS, CONFIDENCE) == pytest.approx(1.97, abs=0.02)
    assert quantile(FIXED_RATIOS, 0.5) == pytest.approx(1, abs=0.05)


@given(ratios, st.floats(1, 300), st.floats(-60, 900), st.floats(0, 60))
def test_less_time_is_never_less_likely_to_be_late(
    values: list[float], base: float, left: float, less: float
) -> None:
    p = p_late(base, left * MINUTE, of(values))

    assert 0 <= p <= p_late(base, (left - less) * MINUTE, of(values)) <= 1


@given(ratios, st.floats(1, 300))
def test_a_promise_at_the_quantile_is_late_as_often_as_it_says(
    values: list[float], base: float
) -> None:
    within = timedelta(minutes=base * quantile(values, CONFIDENCE), microseconds=1)

    assert p_late(base, within, of(values)) <= 1 - CONFIDENCE + 1e-9


def test_two_bad_looks_or_hard_evidence() -> None:
    far = 40 * MINUTE
    wait = 60 * MINUTE

    calm = judge(LATE_AT - 0.01, left=far, promised_wait=wait, was_hot=True)
    once = judge(LATE_AT, left=far, promised_wait=wait, was_hot=False)
    twice = judge(LATE_AT, left=far, promised_wait=wait, was_hot=True)
    hard = judge(0, left=far, promised_wait=wait, was_hot=False, hard=True)

    assert (calm.hot, calm.speak) == (False, False)
    assert (once.hot, once.speak) == (True, False)
    assert (twice.hot, twice.speak) == (True, True)
    assert (hard.hot, hard.speak) == (True, True)


def test_there_is_no_time_for_a_second_look_when_the_lead_is_spent() -> None:
    assert lead(30 * MINUTE) == 5 * MINUTE
    assert lead(200 * MINUTE) == 20 * MINUTE
    assert judge(LATE_AT, left=20 * MINUTE, promised_wait=200 * MINUTE, was_hot=False).speak
