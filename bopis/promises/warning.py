"""When a promise that has not been broken yet is taken back. Pure.

What is known shortly before is worth more than all that was known before: of the alarms that turn
out false most would have been spared by waiting. So early on somebody is told only if it is nearly
sure; and at the last call, after which a warning is none, if it is at all likely.

Source:
    Lead and hysteresis: a simulation of a three-stage store. The two thresholds: figures of each in
    ``docs/lateness.md``, made by ``python -m benchmarks.lateness --write``.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

LATE_AT: Final = 0.7
"""From this probability on a store sees that an order is at risk; and with evidence of it, which
does not go away by waiting, its shopper is told."""

EARLY_AT: Final = 0.85
"""From this probability on a shopper is told, while there is time to see whether it gets better."""

LAST_AT: Final = 0.2
"""The same at the last call: whoever is not told then is not warned. What we know by then is worth
more than all that we knew before, so that nearly all alarms that are false may be spent here."""

LEAST_LEAD: Final = timedelta(minutes=5)
LEAD_SHARE: Final = 0.1

LAST_CALL: Final = timedelta(minutes=1)
"""The last call begins so long before the lead is spent: a look is taken each minute, and a word
that is decided on when five minutes are left has left when there are fewer."""


def lead(promised_wait: timedelta) -> timedelta:
    """Return how long before the promise a warning has to leave to be one.

    Shapes:
        promised_wait: open time that was promised; none, or less, if the clock was set back.
    """
    return max(LEAST_LEAD, promised_wait * LEAD_SHARE)


@dataclass(frozen=True, slots=True)
class Threshold:
    """From which odds on a word is owed, while there is time and at the last call."""

    early: float = EARLY_AT
    last: float = LAST_AT

    def at(
        self,
        left: timedelta,
        promised_wait: timedelta,
        *,
        hard: bool = False,
        is_first: bool = True,
    ) -> float:
        """Return the odds from which on a word is owed when so much time is left.

        A second promise has a call of its own, and a dearer one: a second apology costs more.
        """
        if LEAST_LEAD < left <= lead(promised_wait) + LAST_CALL:
            return self.last if is_first else LATE_AT
        return min(self.early, LATE_AT) if hard else self.early

    @property
    def least(self) -> float:
        """Return the odds below which no word is owed, whatever the time."""
        return min(self.early, self.last, LATE_AT)


RULE: Final = Threshold()


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one look at an open order says.

    Shapes:
        hot: at or above the threshold; remembered, because the next look needs it.
        speak: it is time to move the promise and say so.
        threshold: what the odds were held against.
    """

    hot: bool
    speak: bool
    threshold: float


def judge(
    p: float,
    *,
    left: timedelta,
    promised_wait: timedelta,
    before: float = 0.0,
    hard: bool = False,
    certain: bool = False,
    is_first: bool = True,
    rule: Threshold = RULE,
) -> Verdict:
    """Decide whether to take back a promise that has not been broken yet.

    One bad look may be noise, so it takes two in a row; unless there is hard evidence (the item
    is gone, the store is shut), or no time for a second look before the warning would be too
    late to be one.

    Shapes:
        before: the odds that the last look has left behind.
        hard: something is on record, so one look and lower odds are enough. certain: no odds are
            asked for.
        is_first: it is the first promise that is at stake.
    """
    threshold = rule.at(left, promised_wait, hard=hard, is_first=is_first)
    hot = certain or p >= threshold
    at_once = certain or hard or left <= lead(promised_wait) + LAST_CALL
    return Verdict(hot, hot and (at_once or before >= threshold), threshold)
