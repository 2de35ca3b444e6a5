"""What one look at an order that is waited for says. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from bopis.kernel.ids import OrderId
from bopis.orders.states import Attention
from bopis.promises import predictor, promise
from bopis.promises.outlook import Outlook, StoreNeverOpens
from bopis.promises.predictor import LATE_AT
from bopis.promises.promise import LEAST_MOVE, PromiseStatus
from notifications.facts import DelayReason

AHEAD: Final = timedelta(minutes=1)
"""News leave this long before they are due: a sweep is not a clock."""

APOLOGIES: Final = 2
"""Later promises that a shopper is written to about. After that a person calls."""

MATERIAL: Final = 0.05
"""A smaller change of the odds is not written down: it would only wear out the disk."""


class Hard(StrEnum):
    """What is on record against a promise: no matter of odds, so no second look is needed."""

    STOCK_CONFLICT = "stock_conflict"  # by the store's own numbers an item is not there
    STANDSTILL = "standstill"  # nobody has moved, or nobody is there
    CLOSING = "closing"  # the doors shut before the work can end


_BECAUSE: Final = {
    Hard.STOCK_CONFLICT: DelayReason.STOCK_CORRECTED,
    Hard.STANDSTILL: DelayReason.STANDSTILL,
    Hard.CLOSING: DelayReason.STORE_CLOSES,
}


@dataclass(frozen=True, slots=True)
class Seen:
    """An open order as a sweep finds it.

    Shapes:
        reserved, short: units still to be found, and units given up.
        ordered: units asked for; of each item a handful at most, as in ``reserved``.
        begun_at: when an associate started, if one has.
        doubted: items that have still to be found, and of which the stock has too few.
        moved_by_doubt: the promise moved because of such a doubt, and nobody has told its end.
    """

    id: OrderId
    promised_at: datetime
    accepted_at: datetime
    promise_version: int
    promise_status: PromiseStatus
    attention: Attention
    p_late: float | None
    next_update_due_at: datetime
    begun_at: datetime | None
    reserved: int
    ordered: int
    short: int
    doubted: int = 0
    moved_by_doubt: bool = False


@dataclass(frozen=True, slots=True)
class Look:
    """What a sweep makes of it.

    Shapes:
        base: open minutes that what remains should take.
        ready_by: the 90th percentile of when it is ready.
        speak: the promise cannot be kept, and this is the moment to say so.
        news: a word is due, and the promise is not what it is about.
        cleared: what we apologized for is settled, and the time that we named then will hold.
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
        crossed = ((before or 0.0) >= LATE_AT) != (self.p_late >= LATE_AT)
        moved = before is None or abs(self.p_late - before) >= MATERIAL
        return (
            crossed
            or moved
            or self.status is not self.seen.promise_status
            or self.attention is not self.seen.attention
        )


def look(seen: Seen, outlook: Outlook, now: datetime) -> Look:
    """Work out how an order stands.

    A promise that ends now, with the order not ready, is broken whatever the odds: then the word
    leaves at once, and names a time that is far enough away to be kept.
    """
    units, ahead = outlook.before.get(seen.id, (0, 0))
    if seen.begun_at is not None:
        done = seen.ordered - seen.reserved
        base = outlook.of_walk(left=seen.reserved, done=done, begun_at=seen.begun_at, now=now)
    else:
        base = outlook.of_order(seen.reserved, orders_ahead=ahead, units_ahead=units)
    base += outlook.of_search(seen.doubted)
    p_late = outlook.p_late(base, seen.promised_at, now, walking=seen.begun_at is not None)
    wait = outlook.open_between(seen.accepted_at, seen.promised_at)
    ends = seen.promised_at <= now + AHEAD
    hard = _hard(seen, outlook, base, now)
    ready_by = _ready_by(outlook, base, seen, now)
    if ends:
        ready_by = max(ready_by, seen.promised_at + LEAST_MOVE)
    verdict = predictor.judge(
        p_late,
        left=outlook.open_between(now, seen.promised_at),
        promised_wait=wait,
        was_hot=hard is not None or (seen.p_late or 0.0) >= LATE_AT,
        hard=ends or hard is Hard.CLOSING,
    )
    may_move = promise.revise(seen.promised_at, ready_by, now) is not None
    spent = seen.promise_version > APOLOGIES and seen.attention is not Attention.NONE
    speak = verdict.speak and may_move and not spent
    return Look(
        seen=seen,
        base=base,
        p_late=p_late,
        ready_by=ready_by,
        lead=predictor.lead(wait),
        hard=hard,
        reason=_reason(seen, ahead, hard),
        speak=speak,
        news=seen.next_update_due_at <= now + AHEAD and not speak,
        cleared=seen.moved_by_doubt
        and not seen.doubted
        and seen.reserved > 0
        and not seen.short
        and not speak
        and p_late < LATE_AT,
    )


def _ready_by(outlook: Outlook, base: float, seen: Seen, now: datetime) -> datetime:
    try:
        return outlook.ready_by(base, now, walking=seen.begun_at is not None)
    except StoreNeverOpens:
        return seen.promised_at  # no estimate is no reason to name a time


def _hard(seen: Seen, outlook: Outlook, base: float, now: datetime) -> Hard | None:
    if outlook.shuts_on(base, seen.promised_at, now):
        return Hard.CLOSING
    if seen.doubted:
        return Hard.STOCK_CONFLICT
    return Hard.STANDSTILL if outlook.standstill else None


def _reason(seen: Seen, ahead: int, hard: Hard | None) -> DelayReason:
    """Give a cause only where something on record shows it."""
    if seen.short:
        return DelayReason.ITEM_NOT_FOUND
    if hard is not None:
        return _BECAUSE[hard]
    if seen.begun_at is not None:
        return DelayReason.PICKING
    return DelayReason.QUEUE if ahead else DelayReason.UNKNOWN
