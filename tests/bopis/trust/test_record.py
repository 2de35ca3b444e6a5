"""What a record says, and an index that cannot be bought."""

from dataclasses import asdict, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bopis.kernel.ids import StoreId
from bopis.orders.counter.arrival import binned
from bopis.promises.standing import (
    Share,
    beta_below,
    beta_quantile,
    lower,
    of_hundred,
    unknown,
)
from bopis.trust.intervals import change, wilson
from bopis.trust.outcome import Outcome
from bopis.trust.record import Sums, count, index, padding, total
from bopis.trust.record_words import figures, headline
from tests.bopis.trust.made import MINUTE, MONDAY, outcome

few = settings(max_examples=10, deadline=None)


def store(n: int = 200, late: int = 16, *, warned: int = 16, times: float = 1.0) -> list[Outcome]:
    """Return orders promised nine-in-ten of what they need, ``times`` longer than that."""
    return [
        outcome(
            i + 1,
            took=80.0 if i < late else 20.0 + 38 * i / n,
            promised=60.0 * times,
            told_at=MONDAY + MINUTE if i < warned else None,
            knowable_at=MONDAY if i < late else None,
        )
        for i in range(n)
    ]


CHAIN = count(store(3000, 240, warned=240))


def honesty(orders: list[Outcome]) -> float:
    found = index(count(orders), CHAIN)
    assert found is not None
    return found.value


@few
@given(st.floats(1.35, 20.0), st.integers(0, 14))
def test_longer_promises_than_needed_lower_it(times: float, late: int) -> None:
    honest = store(late=late, warned=late)
    padded = [
        outcome(i + 1, took=one.took_minutes, promised=60.0 * times) for i, one in enumerate(honest)
    ]

    assert padding(count(padded)) > padding(count(honest))
    assert honesty(padded) < honesty(honest)


def test_tomorrow_buys_nothing() -> None:
    assert honesty(store(late=0, warned=0, times=24.0)) < 1


@few
@given(st.integers(1, 16), st.integers(0, 15))
def test_hiding_a_delay_lowers_it(late: int, hidden: int) -> None:
    told = store(late=late, warned=late)
    silent = store(late=late, warned=min(hidden, late - 1))

    assert honesty(silent) < honesty(told)


@few
@given(st.floats(1, 300), st.integers(1, 200))
def test_silence_lowers_it(minutes: float, orders: int) -> None:
    quiet = [outcome(i + 1, silent_minutes=minutes if i < orders else 0.0) for i in range(200)]

    assert honesty(quiet) < honesty([outcome(i + 1) for i in range(200)])


@pytest.mark.parametrize("wrong", [{"false_ready": 1}, {"versions": 3}, {"took": None}])
def test_each_other_fault_lowers_it(wrong: dict[str, object]) -> None:
    faulty = [outcome(i + 1, **(wrong if i < 60 else {})) for i in range(200)]

    assert honesty(faulty) < honesty([outcome(i + 1) for i in range(200)])


def test_the_same_record_of_more_orders_is_worth_more_and_of_few_is_not_told() -> None:
    by_size = [honesty(store(n, n // 20, warned=n // 20)) for n in (100, 400, 2000)]

    assert by_size == sorted(by_size)
    assert index(count(store(99)), CHAIN) is None
    assert 0 < by_size[0] < by_size[-1] <= 100


@few
@given(st.lists(st.sampled_from(store(40, 9, warned=4)), max_size=40), st.integers(0, 40))
def test_any_split_into_days_adds_up_to_the_same(seen: list[Outcome], cut: int) -> None:
    parts = total([count(seen[:cut]), count(seen[cut:])])
    whole = count(seen)

    assert parts.pinball == pytest.approx(whole.pinball)
    for name in ("due", "kept", "late_minutes", "warned", "knowable", "lengths", "revisions"):
        assert getattr(parts, name) == getattr(whole, name)
    assert 0 <= whole.warned <= whole.late <= whole.due


def test_known_values_of_the_incomplete_beta_function_and_its_inverse() -> None:
    assert beta_below(0.5, 2, 2) == pytest.approx(0.5)
    assert beta_below(0.3, 2, 5) == pytest.approx(0.579825)  # P(Bin(6, 0.3) >= 2)
    assert beta_below(0.2, 1, 5) == pytest.approx(1 - 0.8**5)
    assert beta_quantile(0.1, 19, 1) == pytest.approx(0.1 ** (1 / 19))
    assert beta_quantile(0.1, 1, 9) == pytest.approx(1 - 0.9 ** (1 / 9))
    assert (beta_below(0, 3, 4), beta_below(1, 3, 4)) == (0, 1)


@few
@given(st.floats(0.02, 0.98), st.floats(0.5, 3000), st.floats(0.5, 3000))
def test_the_inverse_is_one(q: float, a: float, b: float) -> None:
    x = beta_quantile(q, a, b)

    assert 0 <= x <= 1
    if 1e-9 < x < 1 - 1e-9:
        assert beta_below(x, a, b) == pytest.approx(q, abs=1e-6)


@few
@given(st.integers(0, 500), st.integers(0, 500), st.floats(0, 1))
def test_a_lower_bound_is_below_the_share_and_rises_with_every_success(
    ok: int, missed: int, of_chain: float
) -> None:
    n = ok + missed
    bound = lower(ok, n, of_chain)

    assert 0 < bound < 1
    assert lower(ok + 1, n + 1, of_chain) > bound
    assert lower(ok, n + 1, of_chain) < bound


@few
@given(st.integers(0, 400), st.integers(1, 400))
def test_an_interval_holds_its_share_and_narrows(ok: int, n: int) -> None:
    ok = min(ok, n)
    room, more = wilson(ok, n), wilson(10 * ok, 10 * n)

    assert 0 <= room.low <= ok / n <= room.high <= 1
    assert more.high - more.low < room.high - room.low
    moved = change(ok, n, ok, n)
    assert moved is not None
    assert moved.low <= 0 <= moved.high


def test_wilson_as_published() -> None:
    """10 of 100 at 95 %, as in any table of it."""
    room = wilson(10, 100, 1.959964)

    assert (round(room.low, 4), round(room.high, 4)) == (0.0552, 0.1744)


def test_words_for_few_for_none_and_for_those_whom_others_cancelled() -> None:
    assert headline(Sums()) == "Nothing to say yet: no promise came due in the last 28 days."
    assert headline(Sums(due=19, kept=19)) == (
        "Too few orders to say: 19 promises came due in the last 28 days."
    )
    assert headline(Sums(excused=4)) == (
        "Nothing to judge: 4 orders were cancelled by those who placed them, and no other promise"
        " came due in the last 28 days."
    )
    assert headline(Sums(due=212, kept=199)) == "93 of 100 first promises kept, last 28 days."
    assert figures(Sums(due=19, kept=19), Sums()) == []


@given(st.lists(st.tuples(st.integers(0, 20), st.booleans()), min_size=20, max_size=60))
def test_odds_are_judged_by_what_happened_beside_saying_nine_of_ten_to_everybody(
    said: list[tuple[int, bool]],
) -> None:
    now = count(
        outcome(n, odds=kept / 20, took=40.0 if came else 90.0)
        for n, (kept, came) in enumerate(said)
    )

    shown = next(one for one in figures(now, Sums()) if one.name == "odds")
    score = sum((kept / 20 - came) ** 2 for kept, came in said) / len(said)
    usual = sum((0.9 - came) ** 2 for _, came in said) / len(said)
    assert shown.value == round(score, 4)
    assert shown.says == f"Brier score {score:.3f}"
    assert f"{usual:.3f}" in shown.room
    assert f"({len(said)} counted)" in shown.room


def test_where_no_odds_were_said_none_are_judged() -> None:
    assert "odds" not in {one.name for one in figures(count(outcome(n) for n in range(30)), Sums())}


def test_a_share_is_never_told_bare_nor_rounded_up() -> None:
    now = Sums(due=999, kept=998, lines=50, lines_found=50, ready_said=999)
    said = {one.name: one for one in figures(now, Sums(due=100, kept=60))}

    assert of_hundred(998, 999) == "99 of 100"
    assert said["kept"].says == "99 of 100"
    assert said["kept"].room == "Between 99 and 100 of 100 (999 counted)"
    assert said["kept"].moved.startswith("+39.9 of 100 since the 28 days before")
    assert all(one.room for one in said.values() if one.share and one.share[1])


def test_a_standing_in_one_line() -> None:
    share, few_ = Share(0.9, 206, 212), Share(0.9, 11, 12)
    known = replace(
        unknown(StoreId("S1")), found=share, on_time=Share(0.9, 202, 212), ready_true=share
    )

    assert known.words == "Found 97 of 100, on time 95 of 100, last 28 days."
    assert replace(known, on_time=few_).words == (
        "Too few orders to say how this store keeps its word: 12 in the last 28 days."
    )


def test_a_wait_is_told_with_its_median_nine_of_ten_and_how_many_said_so() -> None:
    seen = [1, 1, 2, 3, 4, 4, 5, 7, 30, 90]
    month = Sums(due=100, kept=90, waits=binned(seen[:5])) + Sums(waits=binned(seen[5:]))
    [told] = [one for one in figures(month, Sums()) if one.name == "wait_minutes"]

    assert (told.says, told.room) == (
        "Half: 4 minutes or less",
        "Nine of ten: 30 minutes or less (10 said so)",
    )
    assert Sums.of({**asdict(month), "waits": []}).waits == Sums().waits  # a day from before
