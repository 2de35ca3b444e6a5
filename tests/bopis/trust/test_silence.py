"""A question is a word, and says by when the next one comes."""

from datetime import UTC, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from bopis.trust import silence
from inventory.opening.hours import Calendar, WeeklyHours

ALWAYS: Final = Calendar(
    ZoneInfo("UTC"), tuple(WeeklyHours(day, time(0), time(0)) for day in range(7))
)
NOON: Final = datetime(2026, 3, 6, 12, tzinfo=UTC)
HOUR: Final = timedelta(hours=1)
ACCEPTED: Final = (NOON, "order.accepted", {"promised_at": (NOON + HOUR).isoformat()})


def _fact(name: str, hours: float, news_by: float | None) -> silence.Fact:
    by = {} if news_by is None else {"news_by": (NOON + news_by * HOUR).isoformat()}
    return (NOON + hours * HOUR, f"order.{name}", by)


def _silent(*facts: silence.Fact, said: list[float], until: float) -> timedelta:
    words = [NOON + hours * HOUR for hours in said]
    return silence.silent([ACCEPTED, *facts], words, ALWAYS, since=NOON, until=NOON + until * HOUR)


def test_who_was_asked_knows_when_the_next_word_comes() -> None:
    asked = _fact("choice_offered", 0.5, 6)
    assert _silent(asked, said=[0, 0.5], until=6) == timedelta(0)
    assert _silent(asked, said=[0, 0.5], until=7) == HOUR
    assert _silent(said=[0, 0.5], until=6) == 5 * HOUR


def test_a_question_that_names_no_time_leaves_what_was_owed_before() -> None:
    assert _silent(_fact("choice_offered", 0.5, None), said=[0, 0.5], until=2) == HOUR


def test_who_answers_reads_what_follows() -> None:
    asked, answered = _fact("choice_offered", 0.5, 2), _fact("choice_answered", 1.5, 8)
    assert _silent(asked, answered, said=[0, 0.5], until=8) == timedelta(0)
    assert _silent(asked, answered, said=[0, 0.5], until=9) == HOUR
