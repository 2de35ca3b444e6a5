"""The tables allow exactly what units can do, and every state is the only word for its buckets."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bopis.orders import statebook
from bopis.orders.states import (
    FINAL,
    LIVE,
    MOVES,
    OPEN,
    PROMISED,
    TRANSITIONS,
    WAITING,
    Bucket,
    IllegalTransition,
    OrderState,
    check,
    roll_up,
)

B, S = Bucket, OrderState
Units = tuple[Bucket, ...]
Order = tuple[Units, bool, bool]  # where each unit is; started; refused


def state_of(order: Order) -> OrderState:
    units, started, refused = order
    return roll_up(({unit: 1} for unit in units), started=started, refused=refused)


def moved(units: Units, which: Iterable[int], to: Bucket) -> Units:
    chosen = set(which)
    assert all((units[i], to) in MOVES for i in chosen)
    return tuple(to if i in chosen else unit for i, unit in enumerate(units))


def where(units: Units, *buckets: Bucket) -> list[int]:
    return [i for i, unit in enumerate(units) if unit in buckets]


def settled(units: Units) -> Units:
    """What is short when an order ends will not be supplied."""
    return moved(units, where(units, B.SHORT), B.CANCELLED)


def steps(order: Order) -> Iterator[Order]:
    """Everything that people can do to an order, as the buckets see it."""
    units, started, refused = order
    state = state_of(order)
    if state is S.REJECTED:
        yield moved(units, where(units, B.CANCELLED), B.REROUTED), started, refused
    if state is S.EXPIRED:
        yield moved(units, where(units, B.EXPIRED), B.STAGED), started, refused
    if state in FINAL:
        return
    ended = moved(settled(units), where(units, *LIVE), B.CANCELLED)
    yield ended, started, refused
    if state in PROMISED and not where(units, B.SHORT):
        yield moved(units, where(units, *LIVE), B.REROUTED), started, refused
    if state is S.ACCEPTED:
        yield ended, started, True
    if not started:
        yield units, True, refused
    if state in WAITING and not where(units, B.RESERVED, B.PICKED):
        yield moved(settled(units), where(units, B.STAGED), B.EXPIRED), started, refused
    for after in at_work(units) if started else ():
        yield after, started, refused


def at_work(units: Units) -> Iterator[Units]:
    """What one scan, one search or one hand-over can do."""
    for i, unit in enumerate(units):
        for to in (B.PICKED, B.RESERVED, B.STAGED, B.HANDED_OVER, B.SHORT):
            if (unit, to) in MOVES and (unit, to) != (B.EXPIRED, B.STAGED):
                yield moved(units, [i], to)
    if short := where(units, B.SHORT):
        yield settled(units)
        yield moved(units, short, B.REROUTED)


def test_what_people_can_do_is_what_the_table_allows() -> None:
    seen: set[Order] = set()
    stepped: set[tuple[OrderState, OrderState]] = set()
    todo: list[Order] = [((B.RESERVED,) * 3, False, False)]
    while todo:
        order = todo.pop()
        if order in seen:
            continue
        seen.add(order)
        for after in steps(order):
            stepped.add((state_of(order), state_of(after)))
            todo.append(after)

    assert {(a, b) for a, b in stepped if a is not b} == set(TRANSITIONS)


def test_every_move_of_a_unit_is_between_different_buckets_and_none_leaves_the_customer() -> None:
    assert all(a is not b for a, b in MOVES)
    assert all(a is not B.HANDED_OVER for a, _ in MOVES)


@pytest.mark.parametrize("before", OrderState)
@pytest.mark.parametrize("after", OrderState)
def test_check(before: OrderState, after: OrderState) -> None:
    if before is after or (before, after) in TRANSITIONS:
        assert check(before, after) is after
    else:
        with pytest.raises(IllegalTransition):
            check(before, after)


buckets = st.dictionaries(st.sampled_from(Bucket), st.integers(1, 9), min_size=1)


@given(st.lists(buckets, min_size=1, max_size=4), st.sets(st.sampled_from(["started", "refused"])))
def test_the_word_is_true_of_the_buckets(lines: list[dict[Bucket, int]], said: set[str]) -> None:
    state = roll_up(lines, started="started" in said, refused="refused" in said)

    held = {bucket for line in lines for bucket in line}
    assert (state in FINAL) == (not held & OPEN)
    if state is S.READY_FOR_PICKUP:
        assert held & LIVE == {B.STAGED}
    if state in PROMISED:
        assert B.HANDED_OVER not in held
    if state is S.PICKED_UP:
        assert B.HANDED_OVER in held


def test_the_states_are_three_groups() -> None:
    assert set(OrderState) == PROMISED | WAITING | FINAL
    assert not PROMISED & WAITING
    assert not (PROMISED | WAITING) & FINAL


def test_the_page_is_current() -> None:
    assert Path("docs/states.md").read_text(encoding="utf-8") == statebook.page()
