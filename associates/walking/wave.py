"""Orders that are walked together: which may be, and which tote is whose. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from bopis.kernel.ids import TaskId
from bopis.kernel.speech import phrase, t

MOST: Final = 4
"""Totes on one cart that a person still tells apart."""


@dataclass(frozen=True, slots=True)
class Tote:
    """Told by its number, its color and a word: never by color alone."""

    number: int
    color: str

    @property
    def words(self) -> str:
        return t("tote {number}, {color}", number=self.number, color=t(self.color))


TOTES: Final = {
    number: Tote(number, color)
    for number, color in enumerate(
        (phrase("blue"), phrase("yellow"), phrase("red"), phrase("green")), 1
    )
}


_MARK: Final = "TOTE-"


def label(number: int) -> str:
    """Return what the label of a tote says: it is the same on every cart."""
    return f"{_MARK}{number}"


def read(text: str) -> int | None:
    """Return which tote wears a label that was scanned or typed; None: no tote does."""
    return _LABELS.get(text.upper())


_LABELS: Final = {label(number): number for number in TOTES}


@dataclass(frozen=True, slots=True)
class Odds:
    """What whoever makes promises thinks of one order.

    Shapes:
        slow_minutes: open minutes that nine of ten such walks need, from here on; to be compared
            with what is left until it is due.
        is_at_risk: it may be late as it is.
    """

    slow_minutes: float
    is_at_risk: bool = False


@dataclass(frozen=True, slots=True)
class Candidate:
    """A walk that nobody has begun.

    Shapes:
        slow_minutes: open minutes that nine of ten such walks need; None: nobody has said.
        is_at_risk: whoever made the promise fears for it.
    """

    task_id: TaskId
    due_at: datetime
    slow_minutes: float | None
    is_at_risk: bool = False


def together(waiting: Iterable[Candidate], now: datetime) -> list[Candidate]:
    """Return which walks to offer as one; fewer than two: none.

    The first on the list is one of them, and what joins it must not make any of them late: all that
    nine of ten such walks take together has to end before the first is due, so the odds of each to
    be late stay under one in ten. One walk for all of them is shorter than that, which nobody
    counts on. An order at risk waits for nobody, and nobody waits for it; of one whose odds nobody
    has told us, we promise nothing.

    Shapes:
        waiting: in the order of the list.
        returns: at most ``MOST``, in the same order.
    """
    chosen: list[Candidate] = []
    taken = 0.0
    for one in waiting:
        if one.is_at_risk or one.slow_minutes is None:
            if not chosen:
                return []
            continue
        until = min(other.due_at for other in (*chosen, one))
        if (taken + one.slow_minutes) * _MINUTE <= until - now:
            chosen.append(one)
            taken += one.slow_minutes
        elif not chosen:
            return []
        if len(chosen) == MOST:
            break
    return chosen if len(chosen) > 1 else []


_MINUTE: Final = timedelta(minutes=1)


def totes(tasks: Sequence[TaskId]) -> dict[TaskId, Tote]:
    """Return which tote is whose, the first order's the first."""
    return {task: TOTES[number] for number, task in enumerate(tasks, 1)}
