"""What a customer's word means, whatever was said before."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bopis.orders.counter import arrival
from bopis.orders.counter.arrival import (
    CHANGES,
    LEAVES,
    Doors,
    Heard,
    Saying,
    Standing,
    Waits,
    Where,
    Word,
)
from bopis.orders.states import FINAL, Arrival, OrderState

NOON = datetime(2026, 3, 6, 18, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
words = st.builds(
    Saying,
    word=st.sampled_from(Word),
    minutes=st.none() | st.sampled_from([10, 45]),
    where=st.none() | st.sampled_from(Where),
    spot=st.sampled_from(["", "4", "B2"]),
)
here = Saying(word=Word.HERE)


@settings(max_examples=60)
@given(said=st.lists(words, max_size=30), order=st.sampled_from(OrderState), data=st.data())
def test_a_word_changes_what_it_says_once_and_a_refused_one_nothing(
    said: list[Saying], order: OrderState, data: st.DataObject
) -> None:
    standing, now = Standing(), NOON
    for one in said:
        door = data.draw(st.sampled_from(Doors))
        now += MINUTE
        heard, after = arrival.hear(standing, one, order=order, door=door, now=now)
        again, _ = arrival.hear(after, one, order=order, door=door, now=now)

        assert (heard is Heard.TAKEN) == (after != standing)
        assert again is not Heard.TAKEN
        assert after.changes == standing.changes + (heard is Heard.TAKEN) <= CHANGES
        assert (after.state is Arrival.ARRIVED) == (after.arrived_at is not None)
        assert not after.spot or after.state is Arrival.ARRIVED
        if standing.state is after.state is Arrival.ARRIVED:
            assert after.arrived_at == standing.arrived_at  # who moves waits no shorter
        if heard is Heard.TAKEN:
            assert order not in FINAL
            assert one.word is not Word.HERE or door is Doors.OPEN
            assert one.word is not Word.ON_MY_WAY or door is not Doors.SHUT
        standing = after


@pytest.mark.parametrize("state", [Arrival.NONE, Arrival.ON_MY_WAY, Arrival.LEFT])
def test_whoever_is_here_waits_from_then_on_and_can_take_it_back(state: Arrival) -> None:
    before = Standing(state=state, changes=3)
    ready = OrderState.READY_FOR_PICKUP
    _, after = arrival.hear(before, here, order=ready, door=Doors.OPEN, now=NOON)
    back = Saying(word=Word.NOT_YET)
    heard, gone = arrival.hear(after, back, order=ready, door=Doors.SHUT, now=NOON + MINUTE)

    assert (after.state, after.arrived_at) == (Arrival.ARRIVED, NOON)
    assert (heard, gone) == (Heard.TAKEN, Standing(changes=5))


def test_on_my_way_said_again_with_nearly_the_same_time_is_the_same() -> None:
    about = [(None, None, Heard.AGAIN), (20, 21, Heard.AGAIN), (20, 45, Heard.TAKEN)]
    for first, second, expected in [*about, (None, 20, Heard.TAKEN), (20, None, Heard.AGAIN)]:
        said = [Saying(word=Word.ON_MY_WAY, minutes=minutes) for minutes in (first, second)]
        order, door = OrderState.ACCEPTED, Doors.OPENING
        _, standing = arrival.hear(Standing(), said[0], order=order, door=door, now=NOON)
        heard, _ = arrival.hear(standing, said[1], order=order, door=door, now=NOON + MINUTE)

        assert heard is expected, (first, second)


def test_a_wait_is_from_here_to_the_hand_over_or_it_is_none() -> None:
    assert arrival.wait(None, NOON) is None
    assert arrival.wait(NOON, NOON + 4 * MINUTE) == 4 * MINUTE
    assert arrival.wait(NOON, NOON - MINUTE) == timedelta(0)
    assert arrival.wait(NOON, NOON + LEAVES + MINUTE) is None  # they had left in between
    assert [arrival.minutes(x) for x in (timedelta(0), MINUTE, MINUTE * 1.1)] == [1, 1, 2]


@given(waited=st.lists(st.integers(1, 240), min_size=1, max_size=40))
@settings(max_examples=40)
def test_half_waited_no_longer_than_the_median_and_nine_of_ten_than_the_other(
    waited: list[int],
) -> None:
    found = arrival.summed(waited)

    assert found is not None
    assert {found.median, found.p90} <= set(waited)
    assert 2 * sum(one <= found.median for one in waited) >= len(waited)
    assert 10 * sum(one <= found.p90 for one in waited) >= 9 * len(waited)
    assert arrival.summed([]) is None
    assert arrival.summed([3]) == Waits(1, 3, 3)
