"""A promise that learns is as often late as it says, and never forgets itself."""

from math import exp, log
from random import Random
from statistics import NormalDist

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bopis.promises.predictor import CONFIDENCE, FIXED_RATIOS, quantile
from bopis.promises.tracking import (
    CAUTION,
    FIRST,
    FULL_STEP,
    HIGHEST,
    LEAST_STEP,
    LOWEST,
    MOST_PACE,
    OFFSET,
    TARGET,
    THIN,
    Hour,
    Known,
    Levels,
    Quantile,
    Sums,
    Tracked,
    hour_of,
    learned,
    nudged,
    pace,
    step,
    together,
)

hours = st.sampled_from(Hour)
known = st.lists(st.builds(Known, st.booleans(), hours), max_size=40)


@given(
    st.lists(st.floats(-1, 2), min_size=1, max_size=400),
    st.floats(0.005, 0.3),
    st.floats(-1, 2),
)
def test_whatever_happens_the_share_of_misses_is_near_the_target(
    taken: list[float], eta: float, theta: float
) -> None:
    """The bound that needs no assumption: an adversary may choose how long each order takes."""
    missed = 0
    for ratio in taken:
        miss = ratio > theta
        missed += miss
        theta = nudged(theta, eta, miss)

    spread = 3.0 + eta  # theta may leave the range of what is taken by one step
    assert abs(missed / len(taken) - TARGET) <= (spread + eta) / (eta * len(taken)) + 1e-9


def test_it_rests_where_one_of_ten_is_missed() -> None:
    dice = Random(5)
    store = Tracked(FIRST)
    for _ in range(6000):
        store = store.after([dice.gauss(0.2, 0.5) > store.theta], Hour.ALL)

    assert store.missed / store.orders == pytest.approx(TARGET, abs=0.01)
    assert store.theta == pytest.approx(0.2 + 0.5 * 1.2816, abs=0.15)


@given(st.integers(1, 10**6))
def test_steps_shrink_and_never_end(orders: int) -> None:
    assert FULL_STEP >= step(orders) >= step(orders + 1) >= LEAST_STEP


@given(known, st.integers(0, 40))
def test_it_does_not_matter_in_how_many_goes_it_is_learned(said: list[Known], cut: int) -> None:
    at_once = learned({}, said)
    in_two = learned(learned({}, said[:cut]), said[cut:])

    assert at_once.keys() == in_two.keys()
    for hour, one in at_once.items():
        assert one.theta == pytest.approx(in_two[hour].theta)
        assert (one.orders, one.missed) == (in_two[hour].orders, in_two[hour].missed)


@given(st.lists(st.booleans(), max_size=300), hours)
def test_no_slump_is_paid_for_without_end(said: list[bool], hour: Hour) -> None:
    theta = learned({}, [Known(miss, hour) for miss in said] * 3)[Hour.ALL].theta
    offset = Tracked(0.0).after(said * 3, Hour.NOON).theta

    assert LOWEST <= theta <= HIGHEST
    assert -OFFSET <= offset <= OFFSET


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), max_size=6))
def test_all_stores_learn_each_promise_once(growth: list[tuple[int, int]]) -> None:
    of_all: Levels = {}
    orders = missed = 0
    for more, worse in growth:
        orders, missed = orders + more, missed + min(worse, more)
        of_all = together(of_all, {Hour.ALL: Sums(orders, missed)})
        again = together(of_all, {Hour.ALL: Sums(orders, missed)})

        assert again == of_all
        assert (of_all[Hour.ALL].orders, of_all[Hour.ALL].missed) == (orders, missed)

    assert together(of_all, {Hour.ALL: Sums(0, 0)}).get(Hour.ALL, Tracked(FIRST)).theta == (
        of_all.get(Hour.ALL, Tracked(FIRST)).theta
    )


@pytest.mark.parametrize("stores", [1, 5, 20])
def test_what_a_chain_learns_once_a_day_settles_and_does_not_swing(stores: int) -> None:
    """A lucky first day made all promises of the second too short, and those of the third long."""
    of_all: Levels = {}
    orders = missed = 0
    shares = []
    for day in range(20):
        orders += 17 * stores
        theta = of_all.get(Hour.ALL, Tracked(FIRST)).theta
        shares.append(1 - NormalDist(0, 0.5).cdf(theta) if day else TARGET / 2)
        missed += round(17 * stores * shares[-1])
        of_all = together(of_all, {Hour.ALL: Sums(orders, missed, stores)})

    assert max(shares) < 0.18
    assert shares[-1] == pytest.approx(TARGET, abs=0.035)


@given(st.integers(0, 2000), st.integers(0, 2000))
def test_the_less_was_measured_the_longer_is_a_promise(some: int, more: int) -> None:
    def times(orders: int) -> float:
        return Quantile({Hour.ALL: Tracked(FIRST, orders)}, {}).times(Hour.NOON)

    assert exp(FIRST) < times(some + more) <= times(some) <= exp(FIRST + CAUTION)
    assert times(5000) < 1.02 * exp(FIRST)


def test_a_new_store_leans_on_all_stores() -> None:
    of_all = {Hour.ALL: Tracked(1.0, 4000, 400), Hour.NOON: Tracked(0.2, 900, 90)}
    own = {Hour.ALL: Tracked(0.4, THIN, 5)}

    assert Quantile().theta(Hour.NOON) == FIRST < Quantile().theta(Hour.OPENING)
    assert Quantile(of_all=of_all).theta(Hour.NOON) == pytest.approx(1.2)
    assert Quantile(own, of_all).theta(Hour.ALL) == pytest.approx(0.7)
    assert learned({}, [Known(missed=False)], of_all=of_all)[Hour.ALL].theta < 1.0


def test_the_first_guess_is_the_assumption_that_we_ship_with() -> None:
    assert log(quantile(FIXED_RATIOS, CONFIDENCE)) == pytest.approx(FIRST, abs=0.001)


@given(st.lists(st.floats(0, 100), max_size=30))
def test_the_pace_of_a_few_moves_little(ratios: list[float]) -> None:
    assert -MOST_PACE <= pace(ratios) <= MOST_PACE
    assert abs(pace(ratios[:1])) <= abs(pace(ratios[:1] * 15))
    assert pace([]) == 0


@pytest.mark.parametrize(
    ("wall", "part"),
    [
        (0, Hour.EVENING),
        (5, Hour.MORNING),
        (11, Hour.NOON),
        (16, Hour.AFTERNOON),
        (23, Hour.EVENING),
    ],
)
def test_parts_of_a_day(wall: int, part: Hour) -> None:
    assert hour_of(wall) is part
