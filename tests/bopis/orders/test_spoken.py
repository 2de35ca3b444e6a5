"""A question that is read out at the counter: no time is named that nobody knows."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bopis.orders.choices import spoken
from bopis.orders.choices.choice import Cause
from notifications.facts import Choice

NOON = datetime(2026, 3, 6, 18, tzinfo=UTC)
CHICAGO = ZoneInfo("America/Chicago")


def late(answer_by: datetime) -> dict[str, Any]:
    return {
        "number": 1,
        "cause": Cause.CLOSED,
        "lines": [],
        "options": [Choice.WAIT, Choice.CANCEL_ORDER],
        "default_choice": Choice.WAIT,
        "answer_by": answer_by,
        "call_by": None,
        "elsewhere": [],
    }


def test_an_answer_is_due_by_the_new_time() -> None:
    said = spoken.asked(late(NOON), CHICAGO, promised_at=NOON).otherwise

    assert said.replace("\u202f", " ") == "Without an answer by 12:00 PM: Wait for all of it."


def test_without_a_new_time_none_is_named() -> None:
    said = spoken.asked(late(NOON + timedelta(days=60)), CHICAGO, promised_at=NOON).otherwise

    assert said == "Without an answer: Wait for all of it."
