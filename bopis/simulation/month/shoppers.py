"""When web orders come in, what is in them, and what their shoppers do. No rule knows it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Final
from uuid import UUID

from bopis.simulation.month.nature import Nature
from inventory.opening import hours
from inventory.opening.hours import Calendar
from notifications.facts import Choice

WEEK: Final = (0.95, 0.9, 0.9, 0.95, 1.15, 1.3, 0.85)
DAY: Final = (
    0.15, 0.08, 0.05, 0.05, 0.08, 0.2, 0.5, 0.9, 1.3, 1.6, 1.8, 1.9,
    1.8, 1.5, 1.4, 1.5, 1.8, 2.1, 2.1, 1.7, 1.3, 1.0, 0.6, 0.3,
)  # fmt: skip
"""How busy the web shop is, hour by hour, relative to its mean."""
LINES: Final = (30, 25, 18, 12, 9, 6)
UNITS: Final = (86, 11, 3)
CANCELS: Final = 0.015
GIVES_UP: Final = 0.03
"""Share of those who hear of a delay and cancel."""
NO_SHOW: Final = 0.02
ANSWERS: Final = 0.6
COMES_BACK: Final = 0.7
"""Share of those whom our outage turned away, and who try again when it is over."""
ALL_OR_NOTHING: Final = 0.15
"""Share of those who buy nothing when one of their items is sold out; others leave it out."""


@dataclass(frozen=True, slots=True)
class Shopper:
    """What the person behind one order will do."""

    cancels_after: timedelta | None
    comes: bool
    comes_after: timedelta
    """From being told *ready* to the counter."""
    answers_after: timedelta | None
    answer: float
    gives_up: bool

    @classmethod
    def of(cls, rng: Random) -> "Shopper":
        cancels = timedelta(minutes=rng.uniform(2, 90)) if rng.random() < CANCELS else None
        answers = (
            timedelta(minutes=rng.lognormvariate(3.0, 1.0)) if rng.random() < ANSWERS else None
        )
        return cls(
            cancels_after=cancels,
            comes=rng.random() >= NO_SHOW,
            comes_after=timedelta(hours=min(40.0, rng.lognormvariate(0.6, 1.0))),
            answers_after=answers,
            answer=rng.random(),
            gives_up=rng.random() < GIVES_UP,
        )

    def choose(self, options: tuple[Choice, ...]) -> Choice:
        for choice, share in ((Choice.CANCEL_ORDER, 0.15), (Choice.WAIT, 0.4)):
            if self.answer < share and choice in options:
                return choice
        return Choice.PARTIAL_NOW if Choice.PARTIAL_NOW in options else options[0]


def arrivals(nature: Nature, day: date, rng: Random) -> Iterator[datetime]:
    """Yield when web orders come in on a local day: a Poisson process, thinned to its shape."""
    midnight = datetime.combine(day, time(0), nature.zone).astimezone(UTC)
    most = max(DAY)
    rate = nature.orders * WEEK[day.weekday()] * most / sum(DAY)
    at = timedelta(0)
    while True:
        at += timedelta(hours=rng.expovariate(rate))
        if at >= timedelta(hours=24):
            return
        if rng.random() * most < DAY[at.seconds // 3600]:
            yield midnight + at


SAYS_SO: Final = 0.7
"""Share of those who come and say that they are here."""


def says_so(order_id: UUID) -> bool:
    return Random(f"{order_id.hex} says").random() < SAYS_SO


def waits(order_id: UUID) -> timedelta:
    """Return how long a bag takes to come from its place, by luck of its own."""
    return timedelta(seconds=Random(f"{order_id.hex} waits").uniform(40, 300))


def visit(calendar: Calendar, at: datetime, rng: Random) -> datetime:
    """Return when somebody who would come then finds the doors open."""
    if hours.is_open(calendar, at):
        return at
    opens = hours.next_opening(calendar, at)
    return (opens or at) + timedelta(minutes=rng.uniform(5, 240))
