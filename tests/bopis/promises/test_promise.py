"""A promise moves later, is believed, and is apologized for once."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bopis.promises.promise import (
    END_TOLD_WITHIN,
    EPOCH,
    FIRST_STEP,
    LEAST_MOVE,
    SILENCE,
    STEP,
    PromiseStatus,
    first,
    kept,
    next_news_by,
    next_reminder_by,
    revise,
)

moments = st.integers(0, 10**6).map(lambda second: EPOCH + timedelta(seconds=second))
NOON = EPOCH + timedelta(days=20_000, hours=12)
MINUTE = timedelta(minutes=1)


@given(moments, moments, moments)
def test_revise(promised_at: datetime, ready_by: datetime, now: datetime) -> None:
    believed = max(ready_by, now)
    new = revise(promised_at, ready_by, now)

    if new is None:
        small = now < promised_at and believed < promised_at + LEAST_MOVE
        assert believed <= promised_at or small
        return
    assert promised_at < believed <= new
    assert promised_at + LEAST_MOVE <= new < max(believed, promised_at + LEAST_MOVE) + STEP
    assert (new - EPOCH) % STEP == timedelta(0)
    assert revise(new, ready_by, now) is None


def test_a_small_slip_waits_until_the_promise_breaks() -> None:
    slip = NOON + 9 * MINUTE

    assert revise(NOON, slip, NOON - MINUTE) is None
    assert revise(NOON, slip, NOON) == NOON + 15 * MINUTE


@given(moments)
def test_a_first_promise_is_never_earlier_than_the_estimate(ready_by: datetime) -> None:
    assert ready_by <= first(ready_by) < ready_by + FIRST_STEP


@pytest.mark.parametrize(
    ("ready_at", "now", "status"),
    [
        (None, NOON, None),
        (None, NOON + MINUTE, PromiseStatus.MISSED),
        (NOON, NOON + MINUTE, PromiseStatus.MET),
        (NOON + MINUTE, NOON + MINUTE, PromiseStatus.MISSED),
    ],
)
def test_kept(ready_at: datetime | None, now: datetime, status: PromiseStatus | None) -> None:
    assert kept(NOON, ready_at, now) is status


@given(moments, moments, moments)
def test_nobody_waits_long_without_a_word_but_at_night(
    promised_at: datetime, now: datetime, opens_at: datetime
) -> None:
    assert now < next_news_by(promised_at, now, opens_at) <= max(now, opens_at) + SILENCE


@given(moments, moments)
def test_the_reminder_comes_before_the_end_and_the_end_is_told(
    hold_until: datetime, now: datetime
) -> None:
    due = next_reminder_by(hold_until, now)

    assert due <= hold_until + END_TOLD_WITHIN
    assert due > now or hold_until < now
