"""How a store looks to a sweep, and how each of its open orders stands. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import cached_property
from math import inf
from typing import Final

from bopis.kernel.ids import OrderId
from bopis.orders.states import Attention
from bopis.promises import predictor, survival
from bopis.promises.outlook import Outlook, StoreNeverOpens
from bopis.promises.predictor import WALK, Load
from bopis.promises.promise import PromiseStatus
from bopis.promises.ruler import Ruler
from bopis.promises.survival import UNLEARNED, Cell, Stage, Survival
from bopis.promises.warning import RULE, Threshold
from inventory.opening import hours
from inventory.opening.hours import Span
from notifications.facts import DelayReason

LEAST_OUTAGE: Final = timedelta(minutes=2)
"""A shorter one of ours is none: a process that was started anew takes about as long."""

_DAY: Final = timedelta(days=1)
_MINUTE: Final = timedelta(minutes=1)
_NEVER: Final = datetime.max.replace(tzinfo=UTC)


class Hard(StrEnum):
    """What is on record against a promise: no matter of odds, so no second look is needed."""

    ITEM_NOT_FOUND = "item_not_found"  # somebody has looked for it and given up
    STOCK_CONFLICT = "stock_conflict"  # by the store's own numbers an item is not there
    STANDSTILL = "standstill"  # people are there, and nobody has moved
    NOBODY_THERE = "nobody_there"  # nobody is signed in; or by the plan nobody comes in time
    CLOSING = "closing"  # the doors shut before the work can end
    PAUSED = "paused"  # somebody has shut the store for a while, for longer than there was room
    OUTAGE = "outage"  # this software was down for longer than there was room


CERTAIN: Final = frozenset({Hard.CLOSING, Hard.PAUSED, Hard.OUTAGE})
"""With these no odds are asked for: by the middle estimate already it is too late."""

_BECAUSE: Final = {
    Hard.ITEM_NOT_FOUND: DelayReason.ITEM_NOT_FOUND,
    Hard.STOCK_CONFLICT: DelayReason.STOCK_CORRECTED,
    Hard.STANDSTILL: DelayReason.STANDSTILL,
    Hard.NOBODY_THERE: DelayReason.STANDSTILL,
    Hard.CLOSING: DelayReason.STORE_CLOSES,
    Hard.PAUSED: DelayReason.STORE_INCIDENT,
    Hard.OUTAGE: DelayReason.OUR_SYSTEM,
}


@dataclass(frozen=True, slots=True)
class Known:
    """What is on record about a store, beside its orders and its floor.

    Shapes:
        closures: stretches for which somebody has shut it, as in its calendar.
        shifts: when somebody is planned to be there; None where the store gives no plan.
        down_since: since when this software was down until just now; None: it was not.
    """

    closures: Sequence[Span] = ()
    shifts: Sequence[Span] | None = None
    down_since: datetime | None = None


NOTHING: Final = Known()


@dataclass(frozen=True, slots=True)
class Seen:
    """An open order as a sweep finds it.

    Shapes:
        reserved, short: units still to be found, and units given up.
        ordered: units asked for; of each item a handful at most, as in ``reserved``.
        begun_at: when an associate started, if one has.
        doubted: items that have still to be found, and of which the stock has too few.
        moved_by_doubt: the promise moved because of such a doubt, and nobody has told its end.
        has_no_time: they have been told that nobody knows when it will be ready.
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
    has_no_time: bool = False

    @property
    def stage(self) -> Stage:
        if self.doubted or (self.short and self.reserved):
            return Stage.SEARCHING
        if self.begun_at is None:
            return Stage.WAITING
        return Stage.WALKING if self.reserved else Stage.PICKED


@dataclass(frozen=True)
class Sight:
    """One store as a sweep sees it: made once, asked about each of its orders.

    ``since`` and ``until`` span the instants that its orders are about; others cost more to ask.
    """

    outlook: Outlook
    now: datetime
    survival: Survival = UNLEARNED
    known: Known = NOTHING
    since: datetime | None = None
    until: datetime | None = None
    rule: Threshold = RULE
    _ranked: dict[int, tuple[Sequence[float], bool]] = field(default_factory=dict, repr=False)
    """By the identity of what is believed: ascending, and whether it was learned."""

    @cached_property
    def ruler(self) -> Ruler:
        since = min(self.since or self.now, self.now) - _DAY
        return Ruler(self.outlook.calendar, since, max(self.until or self.now, self.now) + _DAY)

    @cached_property
    def _here(self) -> timedelta:
        return self.ruler.mark(self.now)

    def left(self, until: datetime) -> float:
        """Return the open minutes until an instant; none if it has passed."""
        if not self.now < until <= self.ruler.until:
            return self.ruler.between(self.now, until) / _MINUTE
        return (self.ruler.mark(until) - self._here) / _MINUTE

    def passed(self, since: datetime) -> float:
        """Return the open minutes since an instant; none if the clock was set back meanwhile."""
        if not self.ruler.since <= since < self.now:
            return self.ruler.between(since, self.now) / _MINUTE
        return (self._here - self.ruler.mark(since)) / _MINUTE

    @cached_property
    def is_shut(self) -> bool:
        """Say whether nobody knows when the doors open again."""
        pickup = self.outlook.pickup or self.outlook.calendar
        return not hours.is_open(pickup, self.now) and hours.next_opening(pickup, self.now) is None

    @cached_property
    def load(self) -> float:
        return self.outlook.orders_ahead / max(self.outlook.pickers, 1)

    @cached_property
    def away(self) -> float:
        """Open minutes until, by the store's own plan, somebody comes who could begin."""
        if self.outlook.pickers or not self.outlook.orders_ahead or self.known.shifts is None:
            return 0.0
        begins = [max(begins, self.now) for begins, ends in self.known.shifts if ends > self.now]
        return self.left(min(begins)) if begins else 0.0

    @cached_property
    def still(self) -> float:
        """Open minutes for which nobody will move: at the longest until the doors close.

        Whoever comes in the morning begins; where nobody does, that morning will show it.
        """
        _, before_closing = self._closes
        return max(min(self.outlook.standstill, before_closing), self.away)

    def base(self, seen: Seen) -> float:
        """Return the open minutes that what remains of an order should take."""
        outlook = self.outlook
        if seen.begun_at is None:
            units, ahead = outlook.before.get(seen.id, (0, 0))
            load = Load(ahead, units, seen.reserved, outlook.pickers)
            base = predictor.base_minutes(load, outlook.tempo)
        else:
            base = predictor.walk_minutes(
                left=seen.reserved,
                done=seen.ordered - seen.reserved,
                elapsed=self.passed(seen.begun_at),
                tempo=outlook.tempo,
            )
        return self._pause(seen) + base + outlook.of_search(seen.doubted)

    def _pause(self, seen: Seen) -> float:
        """Return for how long nobody will come to an order yet.

        Somebody has come to one whose walk has begun: that they are slow, the walk itself shows.
        """
        return self.still if seen.begun_at is None or not self.outlook.pickers else 0.0

    def cell(self, seen: Seen) -> Cell:
        """Return which earlier orders this one is like.

        On a floor that stands still the pause is what matters, and for how long it has lasted.
        """
        if self.outlook.pickers and self.still and seen.stage is Stage.WAITING:
            return survival.cell(Stage.STILL, self.outlook.idle / _MINUTE, self.load)
        since = seen.accepted_at if seen.begun_at is None else seen.begun_at
        return survival.cell(seen.stage, self.passed(since), self.load)

    def p_late(self, seen: Seen, base: float) -> float:
        ratios, _ = self._spread(seen)
        return predictor.share_over(ratios, self.left(seen.promised_at), base)

    def ready_by(self, seen: Seen, base: float, *, again: bool = False) -> datetime:
        """Return when it is ready, as surely as the next promise has to be (``confidence``).

        Where no opening is known it is its promise: no estimate is no reason to name a time.
        """
        share = predictor.confidence(seen.promise_version + 1, again=again)
        ratios, is_learned = self._spread(seen)
        if is_learned:
            slow = predictor.quantile(ratios, share)
            return self.ruler.after(base * slow * _MINUTE, self.now) or seen.promised_at
        walking = seen.begun_at is not None
        try:
            return self.outlook.ready_by(base, self.now, walking=walking, share=share)
        except StoreNeverOpens:
            return seen.promised_at

    def _spread(self, seen: Seen) -> tuple[Sequence[float], bool]:
        """Return the ratios to believe, ascending, and whether they were learned for its cell."""
        otherwise = self.outlook.known if seen.begun_at is None else WALK
        known = otherwise
        if self.survival is not UNLEARNED:
            known = self.survival.rest(self.cell(seen), otherwise)
        found = self._ranked.get(id(known.ratios))
        if found is None:
            found = self._ranked[id(known.ratios)] = sorted(known.ratios), known is not otherwise
        return found

    @cached_property
    def _closes(self) -> tuple[datetime, float]:
        """When the doors close next, and in how many open minutes; never, while they are shut."""
        calendar = self.outlook.calendar
        is_open = hours.is_open(calendar, self.now)
        closes = hours.closing_after(calendar, self.now) if is_open else None
        return (_NEVER, inf) if closes is None else (closes, self.left(closes))

    def hard(self, seen: Seen, base: float) -> Hard | None:
        """Return what is on record against a promise, the most certain first."""
        certain = self._certain(seen, base)
        if certain is not None:
            return certain
        if seen.short and seen.reserved:
            return Hard.ITEM_NOT_FOUND
        if seen.doubted:
            return Hard.STOCK_CONFLICT
        if self._pause(seen):
            return Hard.STANDSTILL if self.outlook.pickers else Hard.NOBODY_THERE
        return None

    def _certain(self, seen: Seen, base: float) -> Hard | None:
        """Return why even the middle estimate is too late, where that is on record."""
        until, (closes, before_closing) = seen.promised_at, self._closes
        if before_closing < base and until <= closes:
            return Hard.CLOSING
        closures, down = self.known.closures, self.known.down_since
        if not (closures or down) or base <= self.left(until):
            return None
        if any(begins < until and ends > self.now for begins, ends in closures):
            return Hard.PAUSED
        return Hard.OUTAGE if self._was_down_for(seen, base) else None

    def _was_down_for(self, seen: Seen, base: float) -> bool:
        """Say whether there was room for it before this software stopped, and now there is not."""
        down = self.known.down_since
        if down is None or self.now - down < LEAST_OUTAGE or seen.accepted_at > down:
            return False
        return self.ruler.between(down, seen.promised_at) / _MINUTE >= base

    def reason(self, seen: Seen, hard: Hard | None) -> DelayReason:
        """Give a cause only where something on record shows it."""
        if seen.short:
            return DelayReason.ITEM_NOT_FOUND
        if hard is not None:
            return _BECAUSE[hard]
        if seen.begun_at is not None:
            return DelayReason.PICKING
        _, ahead = self.outlook.before.get(seen.id, (0, 0))
        return DelayReason.QUEUE if ahead else DelayReason.UNKNOWN
