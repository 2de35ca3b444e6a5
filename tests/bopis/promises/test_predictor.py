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
    LEAST_PER_ORDER,
    LEAST_PER_UNIT,
    MOST,
    NOTICE_MINUTES,
    STAGING_MINUTES,
    STILL_AFTER,
    STILL_MOST,
    Evidence,
    Load,
    Tempo,
    Took,
    Worked,
    base_minutes,
    evidence,
    quantile,
    share_over,
    standstill,
    today,
    walk_minutes,
)
from bopis.promises.promise import Basis

USUAL = Tempo(per_order=8, per_unit=2)
tempos = st.builds(Tempo, st.floats(1, 40), st.floats(0.05, 20))
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
    assert base_minutes(Load(0, 0, 3), USUAL) == NOTICE_MINUTES + 14


def test_two_pickers_halve_the_queue_and_not_the_walk() -> None:
    assert base_minutes(Load(4, 12, 3, pickers=1), USUAL) == NOTICE_MINUTES + 56 + 14
    assert base_minutes(Load(4, 12, 3, pickers=2), USUAL) == NOTICE_MINUTES + 28 + 14


@given(loads, tempos)
def test_more_work_never_takes_less(load: Load, tempo: Tempo) -> None:
    base = base_minutes(load, tempo)
    longer = replace(load, units_ahead=load.units_ahead + 2, units=load.units + 1)
    slower = replace(tempo, per_unit=tempo.per_unit + 1)

    assert base_minutes(longer, tempo) >= base >= NOTICE_MINUTES
    assert base_minutes(load, slower) >= base


def walk(left: int, done: int, elapsed: float, tempo: Tempo = USUAL) -> float:
    return walk_minutes(left=left, done=done, elapsed=elapsed, tempo=tempo)


def test_a_walk_that_has_just_begun_goes_at_the_tempo_of_the_day() -> None:
    assert walk(3, 0, 4.0) == 4 + 6
    assert walk(0, 3, 10.0) == pytest.approx(4)
    assert walk(0, 0, 0.0, Tempo(0.1, 0.1)) == STAGING_MINUTES


@given(st.integers(0, 40), st.integers(0, 40), st.floats(0, 300), tempos)
def test_a_slow_walk_stays_slow(left: int, done: int, elapsed: float, tempo: Tempo) -> None:
    now = walk(left, done, elapsed, tempo)

    assert now >= STAGING_MINUTES
    assert now <= walk(left, done, elapsed + 1, tempo)
    assert now <= walk(left + 1, done, elapsed, tempo)


def test_a_slow_pick_moves_the_tempo_a_little_and_a_slow_morning_all_the_way() -> None:
    slow = [Worked(1, 20), Worked(20, 96)]

    assert today([], USUAL).minutes(1, 7) == pytest.approx(USUAL.minutes(1, 7))
    assert USUAL.minutes(1, 1) < today(slow[:1], USUAL).minutes(1, 1) < 20
    assert today(slow * 100, USUAL).minutes(1, 10) == pytest.approx(56, rel=0.02)


def test_what_an_order_costs_and_what_a_unit_costs_are_told_apart() -> None:
    seen = [Worked(units, 6 + 0.25 * units) for units in (4, 9, 24, 56, 88, 141)] * 10

    learned = today(seen, USUAL)

    assert learned.per_order == pytest.approx(6, abs=1)
    assert learned.per_unit == pytest.approx(0.25, abs=0.05)


@given(st.lists(st.builds(Worked, st.integers(0, 300), st.floats(0, 300)), max_size=20))
def test_no_day_is_quicker_than_hands(worked: list[Worked]) -> None:
    learned = today(worked, USUAL)

    assert learned.per_order >= LEAST_PER_ORDER
    assert learned.per_unit >= LEAST_PER_UNIT


def test_the_narrowest_experience_that_is_wide_enough() -> None:
    few, many = [Took(1.0)] * (ENOUGH - 1), [Took(1.0)] * ENOUGH

    assert evidence(many, many).basis is Basis.STORE
    assert evidence(few, many).basis is Basis.POOLED
    assert evidence(few, few).basis is Basis.FIXED
    assert evidence(few, few).sample_size == 0


@given(ratios, st.floats(0.01, 1))
def test_a_quantile_is_one_of_them_and_covers_its_share(values: list[float], share: float) -> None:
    q = quantile(values, share)

    assert q in values
    assert sum(value <= q for value in values) >= min(share * len(values), len(values))


def test_only_what_was_ready_by_then_is_counted() -> None:
    known = evidence([*[Took(0.8)] * 18, Took(1.2, is_ready=False), Took(9.0)], [])

    assert known.sample_size == 20
    assert [known.kept(ratio) for ratio in (0.7, 0.8, 2.0, 9.0)] == [0, 18, 18, 19]
    assert max(known.ratios) == MOST
    assert evidence([], []).kept(9.0) is None


def test_a_pause_is_a_pause_and_nobody_is_nobody() -> None:
    pause, still = STILL_AFTER - MINUTE, STILL_AFTER

    assert standstill(pause, pickers=1) == timedelta(0)
    assert standstill(still, pickers=1) == still
    assert standstill(2 * STILL_MOST, pickers=1) == STILL_MOST
    assert standstill(pause, pickers=0) == pause
    assert standstill(2 * STILL_MOST, pickers=0) == 2 * STILL_MOST


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
    values.sort()
    p = share_over(values, left, base)

    assert 0 <= p <= share_over(values, left - less, base) <= 1


@given(ratios, st.floats(1, 300))
def test_a_promise_at_the_quantile_is_late_as_often_as_it_says(
    values: list[float], base: float
) -> None:
    within = base * quantile(values, CONFIDENCE) + 1e-6

    assert share_over(sorted(values), within, base) <= 1 - CONFIDENCE + 1e-9


@given(st.integers(1, 40))
def test_a_share_is_what_it_counts_to_and_no_rounding_under_a_threshold(over: int) -> None:
    """Eight of forty are LAST_AT: one minus the rest is a hair less, and nobody was told."""
    ratios = [1.0] * (40 - over) + [3.0] * over

    assert share_over(ratios, 20.0, 10.0) == over / 40
