"""The rule against one that is written out literally, and what must hold whatever happens."""

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inventory.belief import filter as belief
from inventory.belief import isotonic, odds, states
from inventory.belief.filter import BINS, TOP, Rows, Trust, Units
from inventory.belief.odds import Curve, Terms

SEEN = belief.witness(Trust())
F, LOSS = 0.97, 0.002


def one(n: int) -> Units:
    return np.array([n], dtype=np.int64)


def real(x: float) -> belief.Each:
    return np.array([x], dtype=np.float32)


def literal(bins: list[float], what: str, n: int, demand: float, record: int) -> list[float]:
    """Do what the vectorized rule does, a bin at a time, as one would write it on paper."""

    def poisson(k: int) -> float:
        return math.exp(k * math.log(demand) - demand - math.lgamma(k + 1))

    def likely(x: int) -> float:
        at_least = max(1 - sum(poisson(k) for k in range(n)), poisson(n))
        return {
            "sold": poisson(n) if x > n else at_least if x == n else 0,
            "found": F if x >= n else 0,
            "missed": 1 - F if x > n else 1,
            "silence": math.exp(-demand) if x > 0 else 1,
            "told": float(SEEN[n, x]),
        }.get(what, 1)

    weighed = [b * likely(x) for x, b in enumerate(bins)]
    weighed = literally_normal(weighed, record + n if what == "sold" else record)
    moved = [0.0] * BINS
    for x, b in enumerate(weighed):
        for by, share in literal_moves(what, n):
            if x + by >= 0 or what == "overnight":
                moved[min(max(x + by, 0), TOP)] += b * share
    moved = literally_normal(moved, record)
    if what == "overnight":
        doubt, flat = 1 - 0.995**n, literally_normal([0.0] * BINS, record)
        return [(1 - doubt) * b + doubt * u for b, u in zip(moved, flat, strict=True)]
    if what == "sold":
        corrected = 0.001 / (0.001 + poisson(n))
        first = literally_normal([float(v) for v in SEEN[record]], record)
        return [(1 - corrected) * b + corrected * u for b, u in zip(moved, first, strict=True)]
    return moved


def literal_moves(what: str, n: int) -> list[tuple[int, float]]:
    """Return by how much what is there moves, and how likely."""
    gone = 1 - math.exp(-LOSS * n)
    return {
        "sold": [(-n, 1.0)],
        "received": [(n, 0.97), (n + 1, 0.015), (max(n - 1, 0), 0.015)],
        "overnight": [(0, 1 - gone), (-1, gone)],
    }.get(what, [(0, 1.0)])


def literally_normal(bins: list[float], record: int) -> list[float]:
    mass = sum(bins)
    upto = min(max(record, 1), TOP)
    if mass < 1e-12:
        return [1 / (upto + 1) if x <= upto else 0.0 for x in range(BINS)]
    return [b / mass for b in bins]


RULES: dict[str, Callable[[Rows, int, float, int], Rows]] = {
    "sold": lambda rows, n, d, r: belief.sold(rows, one(n), real(d), one(r), SEEN),
    "received": lambda rows, n, d, r: belief.received(rows, one(n), one(r)),
    "found": lambda rows, n, d, r: belief.found(rows, one(n), real(F), one(r)),
    "missed": lambda rows, n, d, r: belief.missed(rows, one(n), real(1 - F), one(r)),
    "silence": lambda rows, n, d, r: belief.silence(rows, real(d), one(r)),
    "told": lambda rows, n, d, r: belief.told(rows, one(n), SEEN),
    "overnight": lambda rows, n, d, r: belief.overnight(rows, real(n), LOSS, one(r)),
}
STEPS = st.lists(
    st.tuples(
        st.sampled_from(sorted(RULES)), st.integers(1, 9), st.floats(0.05, 4), st.integers(1, 20)
    ),
    min_size=1,
    max_size=8,
)


@settings(max_examples=60, deadline=None)
@given(record=st.integers(0, 20), steps=STEPS)
def test_whatever_happens_it_is_what_paper_says_and_sums_to_one(
    record: int, steps: list[tuple[str, int, float, int]]
) -> None:
    rows = belief.prior(one(record), SEEN)
    paper = [float(v) for v in rows[0]]
    for what, n, demand, told in steps:
        rows = RULES[what](rows, n, demand, told)
        paper = literal(paper, what, n, demand, told if what != "told" else n)
        assert np.isfinite(rows).all()
        assert (rows >= 0).all()
        assert abs(float(rows.sum()) - 1) < 1e-4
        assert rows[0] == pytest.approx(paper, abs=2e-3)


@settings(max_examples=60, deadline=None)
@given(record=st.integers(0, 60), steps=STEPS, n=st.integers(1, 5))
def test_a_miss_never_raises_the_odds_and_a_find_never_lowers_them(
    record: int, steps: list[tuple[str, int, float, int]], n: int
) -> None:
    rows = belief.prior(one(record), SEEN)
    for what, units, demand, told in steps:
        rows = RULES[what](rows, units, demand, told)
    before = belief.at_least(rows)[0]
    missed = belief.at_least(belief.missed(rows, one(0), real(1 - F), one(record)))[0]
    if before[n] > 1e-9:
        found = belief.at_least(belief.found(rows, one(n), real(F), one(record)))[0]
        assert (found >= before - 1e-5).all()
    assert (missed <= before + 1e-5).all()


@given(record=st.integers(1, 20), order=st.permutations(("told", "missed", "silence", "found")))
@settings(max_examples=24, deadline=None)
def test_witnesses_may_speak_in_any_order(record: int, order: list[str]) -> None:
    def heard(words: list[str]) -> Rows:
        rows = belief.flat(one(20))
        for word in words:
            rows = RULES[word](rows, 3, 0.7, record)
        return rows

    assert heard(order)[0] == pytest.approx(heard(sorted(order))[0], abs=1e-5)


def test_what_nobody_thought_of_begins_anew_from_nothing_to_the_record() -> None:
    certain = np.zeros((1, BINS), dtype=np.float32)
    certain[0, 2] = 1

    rows = belief.found(certain, one(5), real(F), one(3))

    assert rows[0, :6] == pytest.approx([1 / 6] * 6)


def test_more_than_sixty_stay_more_than_sixty_while_the_record_says_so() -> None:
    rows = belief.prior(one(300), SEEN)

    assert belief.moved(rows, one(-5), one(295))[0, TOP] > 0.5
    assert odds.caps(rows, real(F), Terms())[0] == TOP


def test_many_nights_at_once_are_nearly_the_nights_one_by_one() -> None:
    rows = one_by_one = belief.prior(one(6), SEEN)
    for _ in range(14):
        one_by_one = belief.overnight(one_by_one, real(1), LOSS, one(6))

    assert belief.overnight(rows, real(14), LOSS, one(6))[0] == pytest.approx(
        one_by_one[0], abs=2e-3
    )


def test_what_a_moment_takes_from_a_belief_is_less_than_its_bytes_can_tell() -> None:
    rows = np.concatenate([belief.prior(np.arange(20), SEEN), belief.counted(np.arange(20))])
    record = np.tile(np.arange(20), 2)
    days = np.full(len(rows), 1.01 * belief.MOMENT, dtype=np.float32)

    passed = belief.overnight(rows, days, LOSS, record)
    before, after = (
        np.frombuffer(states.packed(one), dtype=np.uint8).astype(int) for one in (rows, passed)
    )

    assert not np.array_equal(passed, rows), "more than a moment counts"
    assert belief.overnight(rows, days * np.float32(0.98), LOSS, record) is rows
    assert np.abs(passed - rows).max() < 1e-4
    assert np.abs(after - before).max() <= 1


def test_sixty_one_bytes_hold_a_belief_and_what_is_hardly_thinkable() -> None:
    rows = np.concatenate([belief.prior(np.arange(20), SEEN), belief.counted(np.arange(20))])
    content = states.packed(rows)
    back = states.unpacked(content)

    assert len(content) == 61 * len(rows)
    assert np.abs(belief.at_least(back) - belief.at_least(rows)).max() < 0.01
    assert back[21, 3] > 0, "a count of one leaves some doubt that there are three"


def test_a_curve_only_rises_and_says_what_was_found() -> None:
    rng = np.random.default_rng(1)
    raw = rng.uniform(0.5, 1, 4000)
    curve = isotonic.fitted(raw, rng.random(4000) < raw**3, np.ones(4000))

    said = curve(np.linspace(0, 1, 101, dtype=np.float32))
    assert (np.diff(said) >= 0).all()
    assert abs(float(said[80]) - 0.8**3) < 0.05
    assert Curve()(said) is said


def test_of_what_was_rarely_looked_for_each_look_counts_more() -> None:
    raw = np.repeat([0.5, 0.9], 100)
    hit = np.tile([1, 0], 100)
    weight = np.where(hit == 1, 3.0, 1.0)

    assert isotonic.fitted(raw, hit, weight).true[-1] == pytest.approx(0.75)
