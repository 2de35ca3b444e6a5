"""What is left is told by what was left before: no more than it knows, and never the wrong way."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bopis.promises.predictor import WALK, share_over
from bopis.promises.promise import Basis
from bopis.promises.survival import (
    ENOUGH,
    MOST,
    POINTS,
    WEEK,
    Cell,
    Fitted,
    Observation,
    Stage,
    Survival,
    cell,
    fit,
    is_due,
    spread,
)

NOON = datetime(2026, 3, 6, 18, 0, tzinfo=UTC)
HERE = cell(Stage.WAITING, 7, 2)
MINUTE = timedelta(minutes=1)
heaps = st.lists(st.tuples(st.floats(0.01, MOST), st.booleans()), min_size=1, max_size=120)


def seen(n: int, where: Cell = HERE, ratio: float = 1.0) -> list[Observation]:
    return [Observation(where, 10, 10 * ratio) for _ in range(n)]


def test_too_few_give_way_to_a_coarser_cell_then_to_the_chain_then_to_the_assumption() -> None:
    few, enough = ENOUGH - 1, ENOUGH
    elsewhere = cell(Stage.WAITING, 90, 30)
    thin = Survival(fit([*seen(few), *seen(1, elsewhere)]), fit(seen(enough, ratio=2)))

    assert Survival(fit(seen(enough))).rest(HERE, WALK).basis is Basis.STORE
    assert thin.rest(HERE, WALK) == Survival(thin.of_store).rest(elsewhere, WALK)
    assert thin.rest(HERE, WALK).basis is Basis.STORE
    assert Survival({}, thin.of_all).rest(HERE, WALK).basis is Basis.POOLED
    assert Survival({}, thin.of_all).rest(HERE, WALK).ratios[0] == 2
    assert Survival(fit(seen(few)), {}).rest(HERE, WALK) is WALK
    assert thin.rest(cell(Stage.PICKED, 7, 2), WALK) is WALK


@given(heaps)
def test_a_spread_is_what_was_seen_in_order_and_what_never_ended_is_long(
    ratios: list[tuple[float, bool]],
) -> None:
    found = spread(ratios)

    assert len(found) == min(POINTS, len(ratios))
    assert list(found) == sorted(found)
    assert set(found) <= {ratio for ratio, is_over in ratios if is_over} | {MOST}
    if not any(is_over for _, is_over in ratios):
        assert set(found) == {MOST}
    if len(ratios) <= POINTS and all(is_over for _, is_over in ratios):
        assert list(found) == sorted(ratio for ratio, _ in ratios)


@given(heaps, st.data())
def test_what_has_not_ended_makes_the_rest_look_longer_never_shorter(
    ratios: list[tuple[float, bool]], data: st.DataObject
) -> None:
    n = data.draw(st.integers(0, len(ratios) - 1))
    open_ = [(ratio, is_over and at != n) for at, (ratio, is_over) in enumerate(ratios)]

    assert all(a >= b for a, b in zip(spread(open_), spread(ratios), strict=True))


@given(heaps, st.floats(0.5, 200), st.floats(-30, 600), st.floats(0, 60), st.floats(0, 60))
def test_odds_rise_as_time_runs_out_and_as_work_is_added(
    ratios: list[tuple[float, bool]], base: float, left: float, less: float, more: float
) -> None:
    known = sorted(Survival({HERE: Fitted(spread(ratios), ENOUGH)}).rest(HERE, WALK).ratios)

    p = share_over(known, left, base)

    assert 0 <= p <= 1
    assert p <= share_over(known, left - less, base) <= 1
    assert p <= share_over(known, left, base + more) <= 1


def test_what_nobody_worked_on_teaches_nothing() -> None:
    assert fit([Observation(HERE, 0, 10)] * 100) == {}


@pytest.mark.parametrize(
    ("since", "then", "now", "due"),
    [
        (None, 0, ENOUGH - 1, False),
        (None, 0, ENOUGH, True),
        (timedelta(hours=1), ENOUGH, 2 * ENOUGH - 1, False),
        (timedelta(hours=1), ENOUGH, 2 * ENOUGH, True),
        (WEEK - MINUTE, 500, 900, False),
        (WEEK, 500, 501, True),
        (-MINUTE, 500, 501, True),
    ],
)
def test_it_learns_each_week_sooner_while_young_and_when_the_clock_was_set_back(
    since: timedelta | None,
    then: int,
    now: int,
    due: bool,  # noqa: FBT001
) -> None:
    fitted_at = None if since is None else NOON - since

    assert is_due(NOON, fitted_at, then, now) is due
