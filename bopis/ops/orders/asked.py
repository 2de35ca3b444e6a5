"""A question that waits for a customer: as they read it, and as somebody answers for them. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from bopis.kernel.ids import outward
from bopis.ops.views import Action, Ask
from bopis.orders.choices.choice import LATE, Cause, Via, has_no_time
from bopis.orders.telling import letters
from notifications import wording
from notifications.facts import Choice
from notifications.wording import Clock

Row = Mapping[str, Any]

CHOOSE: Final = ("", "Choose")
"""Comes first, and cannot be sent: nobody's answer is what the form happened to begin with."""

HEARD: Final = (
    (Via.PHONE.value, "They called, or were called"),
    (Via.COUNTER.value, "They stood at the counter"),
)
NOTE: Final = Ask("note", "What did they say? It is kept with your name.")


def answers(order: Row, now: datetime) -> tuple[Action, ...]:
    """Return the form with which somebody writes down what a customer chose; none: not asked."""
    case = order["case"]
    if case is None or case["answer"] == Choice.OTHER_STORE:
        return ()
    return (
        Action(
            "Write down what the customer chose",
            "/ops/orders/choose",
            {"order": outward(order["store_id"], order["id"]), "number": str(case["number"])},
            (
                Ask("choice", "What they chose", [CHOOSE, *_options(case, _clock(order, now))]),
                Ask("heard", "How they said so", [CHOOSE, *HEARD]),
                NOTE,
            ),
            tone="go",
        ),
    )


def pairs(order: Row, now: datetime) -> list[tuple[str, str]]:
    """Return what the customer is asked, and what happens if they say nothing."""
    case = order["case"]
    if case is None:
        return []
    if case["answer"] == Choice.OTHER_STORE:
        return [("Asked", "They chose another store, and it is being asked.")]
    clock = _clock(order, now)
    names = ", ".join(f"{line['quantity']} {line['name']}" for line in case["lines"])
    about = "Whether to wait, for it is late" if case["cause"] in LATE else f"Without {names}?"
    if case["call_by"] is not None:
        call = f"Our letters did not get there: call by {clock.when(case['call_by'])}"
        return [("Asked", about), ("A person asks", f"{call}. Until they answer, nothing happens.")]
    default = dict(_options(case, clock))[case["default_choice"]]
    said = f"{default[:1].lower()}{default[1:]}"
    if not has_no_time(case["cause"], case["answer_by"], order["promised_at"]):
        said += f", from {clock.when(case['answer_by'])} on"
    return [("Asked", about), ("If they say nothing", said)]


def _clock(order: Row, now: datetime) -> Clock:
    return Clock(ZoneInfo(order["time_zone"]), wording.spoken("en"), now)


def _options(case: Row, clock: Clock) -> Sequence[tuple[str, str]]:
    instead = " and ".join(x["instead"]["name"] for x in case["lines"] if x.get("instead"))
    found: list[tuple[str, str]] = []
    for choice in map(Choice, case["options"]):
        if choice is Choice.OTHER_STORE:
            found += [
                (f"{choice} {place.store_id}", wording.move_to(place, clock))
                for place in letters.elsewhere(case["elsewhere"])
                if place.store_id
            ]
            continue
        words = wording.option(
            choice,
            doubted=case["cause"] == Cause.DOUBTED,
            wait_until=case["wait_until"],
            clock=clock,
            late=case["cause"] in LATE,
            instead=instead,
        )
        found.append((choice.value, words))
    return found
