"""Ids ascend and carry their store; the virtual clock says the same in every process."""

import os
import random
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bopis.kernel.clock import ManualClock, ScaledClock, machine_clock
from bopis.kernel.ids import Ids, IdUnknown, StoreId, inward, outward

NOON = datetime(2026, 3, 6, 12, tzinfo=UTC)
moments = st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@given(st.lists(moments, min_size=2, max_size=50))
def test_ids_ascend_even_when_time_does_not(when: list[datetime]) -> None:
    ids = Ids(random.Random(7))

    made = [ids(moment) for moment in when]

    assert made == sorted(made)
    assert len(set(made)) == len(made)
    assert {one.version for one in made} == {7}


def test_five_thousand_ids_of_one_millisecond_are_distinct() -> None:
    ids = Ids()
    made = [ids(NOON) for _ in range(5000)]

    assert made == sorted(set(made))


def test_a_process_that_was_forked_off_makes_ids_of_its_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fetched: list[int] = []

    def fetch(size: int) -> bytes:
        fetched.append(os.getpid())
        return bytes(range(256)) * (size // 256)

    monkeypatch.setattr(os, "urandom", fetch)
    ids = Ids()
    ids(NOON)
    monkeypatch.setattr(os, "getpid", lambda: -1)
    ids(NOON)

    assert fetched[-1] == -1


def test_a_seed_makes_the_same_ids_again() -> None:
    first, again = Ids(random.Random(1)), Ids(random.Random(1))

    assert [first(NOON) for _ in range(5)] == [again(NOON) for _ in range(5)]


def test_the_outward_form_carries_the_store() -> None:
    id_ = Ids()(NOON)

    assert inward(outward(StoreId("RIV-01"), id_)) == ("RIV-01", id_)


@pytest.mark.parametrize(
    "text", ["", "RIV", "RIV.", "RIV.xyz", "a b." + "0" * 32, "RIV." + "0" * 31, "é." + "0" * 32]
)
def test_what_is_not_an_id_is_not_found(text: str) -> None:
    with pytest.raises(IdUnknown):
        inward(text)


def test_a_scaled_clock_reads_its_own_text() -> None:
    clock = ScaledClock(NOON, machine_clock(), 60.0)

    again = ScaledClock.parse(str(clock))

    assert again == clock
    assert again() >= NOON


@pytest.mark.parametrize(
    "text", ["", "noon", "2026-03-06T12:00:00@2026-03-06T12:00:00*60", f"{NOON}@{NOON}*0"]
)
def test_what_is_not_a_clock_stops_the_process(text: str) -> None:
    with pytest.raises(ValueError, match=r"not a clock|isoformat|could not convert"):
        ScaledClock.parse(text)


def test_a_manual_clock_never_runs_backwards() -> None:
    clock = ManualClock(NOON)
    clock.advance_to(NOON - timedelta(hours=1))

    assert clock() == NOON
