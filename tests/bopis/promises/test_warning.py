"""Nearly sure while there is time, likely at the last call: when somebody is told."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from bopis.promises.warning import EARLY_AT, LAST_AT, LATE_AT, RULE, judge, lead

MINUTE = timedelta(minutes=1)


def test_two_bad_looks_or_hard_evidence() -> None:
    far, wait = 40 * MINUTE, 60 * MINUTE

    calm = judge(EARLY_AT - 0.01, left=far, promised_wait=wait, before=1.0)
    once = judge(EARLY_AT, left=far, promised_wait=wait, before=EARLY_AT - 0.01)
    twice = judge(EARLY_AT, left=far, promised_wait=wait, before=EARLY_AT)
    record = judge(LATE_AT, left=far, promised_wait=wait, hard=True)
    certain = judge(0, left=far, promised_wait=wait, certain=True)

    assert (calm.hot, calm.speak) == (False, False)
    assert (once.hot, once.speak) == (True, False)
    assert (twice.hot, twice.speak) == (True, True)
    assert (record.speak, certain.speak) == (True, True)
    assert not judge(LAST_AT, left=far, promised_wait=wait, hard=True).hot


def test_at_the_last_call_one_look_and_lower_odds_are_enough() -> None:
    """A word that is decided on five minutes before has left when there are fewer."""
    assert lead(30 * MINUTE) == 5 * MINUTE
    assert lead(200 * MINUTE) == 20 * MINUTE

    def spoken(left: float, p: float, wait: int, *, is_first: bool = True) -> bool:
        return judge(p, left=left * MINUTE, promised_wait=wait * MINUTE, is_first=is_first).speak

    assert spoken(6, LAST_AT, 30)
    assert spoken(5.1, LAST_AT, 30)
    assert spoken(21, LAST_AT, 200)
    assert not spoken(6, LAST_AT - 0.01, 30)
    assert not spoken(6.1, EARLY_AT, 30)
    assert not spoken(5, LAST_AT, 30)  # it would not be a warning any more
    assert spoken(5, EARLY_AT, 30)
    assert not spoken(6, LATE_AT - 0.01, 30, is_first=False)
    assert spoken(6, LATE_AT, 30, is_first=False)


@given(st.floats(0, 1), st.floats(-30, 300), st.floats(0, 300), st.integers(1, 2))
def test_below_the_least_odds_nobody_is_told(
    p: float, left: float, wait: float, version: int
) -> None:
    said = judge(
        p, left=left * MINUTE, promised_wait=wait * MINUTE, before=1, is_first=version == 1
    )

    assert said.speak == (p >= said.threshold)
    assert RULE.least <= said.threshold <= EARLY_AT
