"""What we told the customer, and when we owe them a correction.

An *estimate* is what we think. A *promise* is what we said. *Told* is what they have heard. Pure:
values in, values out; open hours have been dealt with before an instant gets here.
"""

from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

FIRST_STEP: Final = timedelta(minutes=5)
"""A first promise ends on a multiple of this: nobody has heard anything yet, so no need to pad."""

STEP: Final = timedelta(minutes=15)
"""A promise that moves ends on a multiple of this: a time people keep, and hear only once."""

LEAST_MOVE: Final = timedelta(minutes=10)
"""A smaller slip is noise: not worth the one apology that still counts."""

SILENCE: Final = timedelta(hours=4)
"""Nobody who waits for us goes longer than this without a word, but when told a later time."""

UNKNOWN_FOR: Final = timedelta(minutes=30)
"""When we do not know, we say so, and when we will write again."""

END_TOLD_WITHIN: Final = timedelta(minutes=5)

REMIND_BEFORE_END: Final = timedelta(hours=24)
"""A waiting order is called to mind this long before it goes back on the shelf."""


class PromiseStatus(StrEnum):
    """How our word stands. An overlay: it can lie over any state of the order."""

    ON_TRACK = "on_track"
    AT_RISK = "at_risk"  # we begin to doubt it, and have not said so yet
    DELAYED = "delayed"  # it moved, and we said so
    MET = "met"  # ready by the first time we named
    MISSED = "missed"  # ready after it, or never


class Basis(StrEnum):
    """What a promise was drawn from."""

    STORE = "store"  # this store's own recent orders
    POOLED = "pooled"  # too few of them: the whole chain's
    FIXED = "fixed"  # too few of any: the assumption we ship with


def first(ready_by: datetime) -> datetime:
    """Return the instant to name to the customer for an order that is new."""
    return round_up(ready_by, FIRST_STEP)


def revise(promised_at: datetime, ready_by: datetime, now: datetime) -> datetime | None:
    """Return the promise we now owe the customer, or None while the old one holds.

    ``ready_by`` is the 90th percentile, not the median: one long apology costs less trust
    than two short ones. A promise only ever moves later, never to an instant already past, and
    always to a quarter-hour, because "by 5:45" is a time people keep and "by 5:38" is not.

    A slip of less than ``LEAST_MOVE`` waits: it may yet be made good. It cannot wait longer than
    the promise itself, for then the customer knows before we have said a word.
    """
    ready_by = max(ready_by, now)  # an estimate in the past is not an estimate
    if ready_by <= promised_at:
        return None
    if ready_by < promised_at + LEAST_MOVE and now < promised_at:
        return None
    return round_up(max(ready_by, promised_at + LEAST_MOVE), STEP)


def round_up(moment: datetime, step: timedelta) -> datetime:
    """Return the first multiple of ``step`` since the epoch that is not before ``moment``."""
    return moment + (EPOCH - moment) % step


def round_down(moment: datetime, step: timedelta = FIRST_STEP) -> datetime:
    """Return the last multiple of ``step`` since the epoch that is not after ``moment``."""
    return moment - (moment - EPOCH) % step


def kept(promised_at: datetime, ready_at: datetime | None, now: datetime) -> PromiseStatus | None:
    """Return whether a promise was kept, or None while nobody can know.

    A miss is known when the time passes, not when the late order finishes: waiting for the end
    would make a store look best in the very hour in which it sinks.
    """
    if ready_at is not None:
        return PromiseStatus.MET if ready_at <= promised_at else PromiseStatus.MISSED
    return PromiseStatus.MISSED if now > promised_at else None


def next_news_by(
    promised_at: datetime, now: datetime, opens_at: datetime | None = None
) -> datetime:
    """Return by when somebody who waits for us hears from us next, whatever happens.

    Normally that is the promise itself. One that is far off is not left without a word for so
    long; one that has passed is owed an answer soon, even if it is "we do not know yet". Nobody
    is written to at night to hear that the store is closed.

    Shapes:
        opens_at: ``now`` while the store is open (so it need not be said), else its next opening.
        returns: always after ``now``.
    """
    begins = now if opens_at is None else max(now, opens_at)
    if promised_at <= now:
        return begins + UNKNOWN_FOR
    return min(promised_at, begins + SILENCE)


def next_reminder_by(hold_until: datetime, now: datetime) -> datetime:
    """Return by when somebody whom we wait for hears from us next: a reminder, then the end.

    The end is told after it has come, so it is due a little later than the hold itself.

    Shapes:
        returns: after ``now``, unless the hold itself is long over.
    """
    remind_at = hold_until - REMIND_BEFORE_END
    return remind_at if now < remind_at else hold_until + END_TOLD_WITHIN
