"""Every cell of the table: what was read, in which state of the task."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from associates.picking.scans import (
    ItemCode,
    Line,
    Noise,
    PlaceCode,
    Reading,
    ScanKind,
    ScanOutcome,
    Stranger,
    TaskState,
    Verdict,
    after_pick,
    judge,
)
from bopis.kernel.ids import Sku

OAT, RYE, JAM = Sku("oat"), Sku("rye"), Sku("jam")
LINES = [Line(1, OAT, asked=3, found=1), Line(2, RYE, asked=1, found=1)]
ITEM, STAGE = ScanKind.ITEM, ScanKind.STAGE
O = ScanOutcome  # noqa: E741 -- the table below is read, not said

TABLE: dict[Reading, dict[TaskState, ScanOutcome]] = {
    Noise(): dict.fromkeys(TaskState, O.NOT_A_CODE),
    Stranger(): dict.fromkeys(TaskState, O.UNKNOWN_CODE),
    ItemCode(JAM): dict.fromkeys(TaskState, O.NOT_NOW)
    | {TaskState.CLAIMED: O.WRONG_ITEM, TaskState.PICKED: O.WRONG_ITEM},
    ItemCode(OAT): dict.fromkeys(TaskState, O.NOT_NOW)
    | {TaskState.CLAIMED: O.APPLIED, TaskState.PICKED: O.APPLIED},
    ItemCode(OAT, 3): dict.fromkeys(TaskState, O.NOT_NOW)
    | {TaskState.CLAIMED: O.TOO_MANY, TaskState.PICKED: O.TOO_MANY},
    ItemCode(OAT, is_past=True): dict.fromkeys(TaskState, O.NOT_NOW)
    | {TaskState.CLAIMED: O.PAST_DATE, TaskState.PICKED: O.PAST_DATE},
    ItemCode(JAM, is_past=True): dict.fromkeys(TaskState, O.NOT_NOW)
    | {TaskState.CLAIMED: O.WRONG_ITEM, TaskState.PICKED: O.WRONG_ITEM},
    ItemCode(RYE): dict.fromkeys(TaskState, O.NOT_NOW)
    | {TaskState.CLAIMED: O.TOO_MANY, TaskState.PICKED: O.TOO_MANY},
    PlaceCode("A1"): dict.fromkeys(TaskState, O.NOT_NOW) | {TaskState.PICKED: O.APPLIED},
}
CELLS = [(reading, state, o) for reading, row in TABLE.items() for state, o in row.items()]


@pytest.mark.parametrize(("reading", "state", "outcome"), CELLS)
def test_every_cell(reading: Reading, state: TaskState, outcome: ScanOutcome) -> None:
    verdict = judge(state, LINES, reading, mine=True, at=1)

    assert verdict.outcome is outcome
    assert verdict.kind is (STAGE if isinstance(reading, PlaceCode) else ITEM)
    assert (verdict.quantity > 0) is (outcome is O.APPLIED)


@pytest.mark.parametrize(("reading", "state", "outcome"), CELLS)
def test_under_an_older_claim_nothing_is_applied(
    reading: Reading, state: TaskState, outcome: ScanOutcome
) -> None:
    verdict = judge(state, LINES, reading, mine=False, at=1)

    readable = not isinstance(reading, Noise | Stranger)
    assert verdict.outcome is (O.SUPERSEDED if readable else outcome)
    assert verdict.quantity == 0


def test_another_line_of_the_order_counts_too() -> None:
    lines = [Line(1, OAT, asked=1), Line(2, RYE, asked=1)]

    assert judge(TaskState.CLAIMED, lines, ItemCode(RYE), mine=True, at=1) == Verdict(
        ITEM, O.APPLIED, line=2, quantity=1
    )


def test_the_line_on_the_screen_goes_first() -> None:
    lines = [Line(1, OAT, asked=1), Line(2, OAT, asked=1)]

    assert judge(TaskState.CLAIMED, lines, ItemCode(OAT), mine=True, at=2).line == 2


def test_a_full_line_hands_on_to_the_next_of_its_item() -> None:
    lines = [Line(1, OAT, asked=1, found=1), Line(2, OAT, asked=1)]

    assert judge(TaskState.CLAIMED, lines, ItemCode(OAT), mine=True, at=1).line == 2


def test_nothing_found_is_nothing_to_stage() -> None:
    lines = [Line(1, OAT, asked=1, short=1)]

    assert judge(TaskState.PICKED, lines, PlaceCode("A1"), mine=True).outcome is O.NOT_NOW


@given(st.lists(st.integers(0, 2).flatmap(lambda f: st.tuples(st.just(f), st.integers(0, 2)))))
def test_picked_when_nothing_is_left(counts: list[tuple[int, int]]) -> None:
    lines = [Line(n, OAT, asked=4, found=f, short=s) for n, (f, s) in enumerate(counts)]

    done = after_pick(lines) is TaskState.PICKED

    assert done is all(f + s == 4 for f, s in counts)
