"""What one look at an order that is waited for says. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from bopis.orders.states import Attention
from bopis.orders.watching.sight import CERTAIN, NOTHING, Hard, Known, Seen, Sight
from bopis.promises import promise, warning
from bopis.promises.outlook import Outlook
from bopis.promises.promise import LEAST_MOVE, PromiseStatus
from bopis.promises.survival import UNLEARNED, Survival
from bopis.promises.warning import EARLY_AT, LATE_AT
from notifications.facts import DelayReason

AHEAD: Final = timedelta(minutes=1)
"""News leave this long before they are due: a sweep is not a clock."""

APOLOGIES: Final = 2
"""Later promises that a shopper is written to about. After that a person calls."""

MATERIAL: Final = 0.05
"""A smaller change of the odds is not written down: it would only wear out the disk."""

_MARKS: Final = (LATE_AT, EARLY_AT)
"""Odds that mean something to the next look."""


@dataclass(frozen=True, slots=True)
class Look:
    """What a sweep makes of it.

    Shapes:
        base: open minutes that what remains should take.
        ready_by: the 90th percentile of when it is ready; surer: the same for somebody who has
            been let down before.
        speak: the promise cannot be kept, and this is the moment to say so.
        news: a word is due, and the promise is not what it is about.
        cleared: what we apologized for is settled, and the time that we named then will hold.
        is_foreseen: it will be late by all that we know; kept on record even if nothing can be
            said yet, because the slip is too small or words are used up.
    """

    seen: Seen
    base: float
    p_late: float
    ready_by: datetime
    lead: timedelta
    hard: Hard | None
    reason: DelayReason
    speak: bool
    news: bool
    cleared: bool
    is_foreseen: bool = False
    threshold: float = EARLY_AT
    surer: datetime | None = None

    @property
    def status(self) -> PromiseStatus:
        """Where doubt begins or ends, before anything has been said."""
        if self.seen.promise_status not in {PromiseStatus.ON_TRACK, PromiseStatus.AT_RISK}:
            return self.seen.promise_status
        at_risk = self.seen.doubted or self.p_late >= LATE_AT
        return PromiseStatus.AT_RISK if at_risk else PromiseStatus.ON_TRACK

    @property
    def attention(self) -> Attention:
        """Somebody has to look for what the stock has too few of; after two apologies, to call."""
        seen = self.seen
        if seen.attention is Attention.NONE and seen.doubted:
            return Attention.STAFF_NEEDED
        spent = seen.promise_version > APOLOGIES
        if seen.attention is Attention.STAFF_NEEDED and not seen.doubted and not spent:
            return Attention.NONE
        return seen.attention

    @property
    def begins_doubt(self) -> bool:
        return self.attention is Attention.STAFF_NEEDED and self.seen.attention is Attention.NONE

    @property
    def is_material(self) -> bool:
        """Whether it differs enough from the last look to be written down."""
        before = self.seen.p_late
        crossed = any(((before or 0.0) >= mark) != (self.p_late >= mark) for mark in _MARKS)
        moved = before is None or abs(self.p_late - before) >= MATERIAL
        return (
            crossed
            or moved
            or self.status is not self.seen.promise_status
            or self.attention is not self.seen.attention
        )


def look(
    seen: Seen,
    outlook: Outlook,
    now: datetime,
    survival: Survival = UNLEARNED,
    known: Known = NOTHING,
) -> Look:
    """Work out how an order stands; of many of a store, ``glance`` through one ``Sight``.

    A promise that ends now, with the order not ready, is broken whatever the odds: then the word
    leaves at once, and names a time that is far enough away to be kept.
    """
    sight = Sight(outlook, now, survival, known, since=seen.accepted_at, until=seen.promised_at)
    return look_through(sight, seen)


def look_through(sight: Sight, seen: Seen) -> Look:
    """Work out how an order stands, whatever comes of it."""
    base = sight.base(seen)
    return _look(sight, seen, base, sight.p_late(seen, base), sight.hard(seen, base))


def glance(sight: Sight, seen: Seen) -> Look | None:
    """Work out how an order stands; None if there is nothing to write down and nothing to say.

    Most orders are like that most of the time, and a sweep has thousands of them.
    """
    base = sight.base(seen)
    p_late, hard = sight.p_late(seen, base), sight.hard(seen, base)
    before, soon = seen.p_late, sight.now + AHEAD
    is_calm = (
        hard is None
        and before is not None
        and p_late < sight.rule.least > before
        and abs(p_late - before) < MATERIAL
        and seen.promised_at > soon < seen.next_update_due_at
        and seen.promise_status is not PromiseStatus.AT_RISK
        and seen.attention is not Attention.STAFF_NEEDED
        and not seen.moved_by_doubt
    )
    return None if is_calm else _look(sight, seen, base, p_late, hard)


def _look(sight: Sight, seen: Seen, base: float, p_late: float, hard: Hard | None) -> Look:
    now, ends = sight.now, seen.promised_at <= sight.now + AHEAD
    ready_by = sight.ready_by(seen, base)
    if ends:
        ready_by = max(ready_by, seen.promised_at + LEAST_MOVE)
    wait = sight.ruler.between(seen.accepted_at, seen.promised_at)
    verdict = warning.judge(
        p_late,
        left=sight.ruler.between(now, seen.promised_at),
        promised_wait=wait,
        before=seen.p_late or 0.0,
        hard=hard not in {None, Hard.STANDSTILL},
        certain=ends or hard in CERTAIN,
        is_first=seen.promise_version == 1,
        rule=sight.rule,
    )
    if verdict.speak:
        ready_by = max(ready_by, seen.promised_at + LEAST_MOVE)
    may_move = promise.revise(seen.promised_at, ready_by, now) is not None
    spent = seen.promise_version > APOLOGIES and seen.attention is not Attention.NONE
    said = seen.has_no_time and sight.is_shut  # there is no more to say than that
    speak = verdict.speak and may_move and not spent and not said
    surer = max(sight.ready_by(seen, base, again=True), ready_by) if speak else None
    return Look(
        seen=seen,
        base=base,
        p_late=p_late,
        ready_by=ready_by,
        lead=warning.lead(wait),
        hard=hard,
        reason=sight.reason(seen, hard),
        speak=speak,
        is_foreseen=verdict.speak,
        threshold=verdict.threshold,
        surer=surer,
        news=seen.next_update_due_at <= now + AHEAD and not speak,
        cleared=seen.moved_by_doubt
        and not seen.doubted
        and seen.reserved > 0
        and not seen.short
        and not speak
        and p_late < LATE_AT,
    )


__all__ = [
    "AHEAD",
    "APOLOGIES",
    "MATERIAL",
    "Hard",
    "Known",
    "Look",
    "Seen",
    "Sight",
    "glance",
    "look",
    "look_through",
]
