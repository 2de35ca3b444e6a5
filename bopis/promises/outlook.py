"""What we know of a store when we say by when an order is ready. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import Final, Self

from bopis.kernel.errors import Unavailable
from bopis.kernel.ids import OrderId, StoreId
from bopis.promises import predictor, promise
from bopis.promises.predictor import Evidence, Load, Tempo
from bopis.promises.promise import Basis
from inventory import hours
from inventory.hours import Calendar

EARLY: Final = 1 - predictor.CONFIDENCE
NARROW: Final = timedelta(minutes=20)
"""A range is told if it is no wider than this, or than half the wait: else only its end."""

USUAL: Final = Tempo()


class StoreNeverOpens(Unavailable):
    title = "The store does not open in the next 60 days"
    retry_after = 3600


@dataclass(frozen=True, slots=True)
class Offer:
    """By when an order can be ready, how sure that is, and on what it rests.

    Shapes:
        earliest: None where the range would be too wide to help anybody.
    """

    earliest: datetime | None
    latest: datetime
    confidence: float
    sample_size: int
    basis: Basis
    base_minutes: float


@dataclass(frozen=True)
class Outlook:
    """One store as it stood at ``taken_at``: its hours, its queue, its tempo, its experience.

    Shapes:
        orders_ahead, units_ahead: what is accepted and not picked yet.
        pickers: who walks; 0: nobody is signed in.
        tempo: what work takes today.
        idle: open time since any walk moved, while orders wait.
    """

    store_id: StoreId
    calendar: Calendar
    taken_at: datetime
    orders_ahead: int
    units_ahead: int
    pickers: int
    tempo: Tempo
    known: Evidence
    idle: timedelta = timedelta(0)
    before: Mapping[OrderId, tuple[int, int]] = field(default_factory=dict)
    """For each order that waits: the units and the orders that are due before it."""

    @cached_property
    def standstill(self) -> float:
        """Open minutes for which nobody will begin or go on with anything."""
        return predictor.standstill(self.idle, self.pickers) / timedelta(minutes=1)

    @cached_property
    def _slow(self) -> float:
        return predictor.upper(self.known, predictor.CONFIDENCE)

    @cached_property
    def _fast(self) -> float:
        return predictor.quantile(self.known.ratios, EARLY)

    def offer(self, units: int, now: datetime) -> Offer:
        """Return by when an order of so many units would be ready if it came in now.

        Raises:
            StoreNeverOpens: No opening is known.
        """
        base = self.of_order(units, orders_ahead=self.orders_ahead, units_ahead=self.units_ahead)
        latest = promise.first(self.after(base * self._slow, now))
        earliest = promise.first(self.after(base * self._fast, now))
        wide = latest - earliest > max(NARROW, (latest - now) / 2)
        return Offer(
            earliest=None if wide else earliest,
            latest=latest,
            confidence=predictor.CONFIDENCE,
            sample_size=self.known.sample_size,
            basis=self.known.basis,
            base_minutes=round(base, 2),
        )

    def of_order(self, units: int, *, orders_ahead: int = 0, units_ahead: int = 0) -> float:
        """Return the open minutes that an order which nobody has begun should still take."""
        load = Load(orders_ahead, units_ahead, units, self.pickers)
        return self.standstill + predictor.base_minutes(load, self.tempo)

    def of_walk(self, *, left: int, done: int, begun_at: datetime, now: datetime) -> float:
        """Return the open minutes that a walk under way should still take."""
        elapsed = self.open_between(begun_at, now) / timedelta(minutes=1)
        return self.standstill + predictor.walk_minutes(
            left=left, done=done, elapsed=elapsed, tempo=self.tempo
        )

    def of_search(self, items: int) -> float:
        """Return the open minutes that go into looking for items that should not be there."""
        return items * predictor.SEARCH_MINUTES

    def ready_by(self, base: float, now: datetime, *, walking: bool = False) -> datetime:
        """Return the 90th percentile of when work of ``base`` minutes is done."""
        slow = predictor.quantile(predictor.WALK.ratios, predictor.CONFIDENCE)
        return self.after(base * (slow if walking else self._slow), now)

    def p_late(
        self, base: float, promised_at: datetime, now: datetime, *, walking: bool = False
    ) -> float:
        known = predictor.WALK if walking else self.known
        return predictor.p_late(base, self.open_between(now, promised_at), known)

    def after(self, minutes: float, now: datetime) -> datetime:
        """Return the instant by which the store has been open for so many minutes."""
        moment = hours.add_open_time(self.calendar, now, timedelta(minutes=minutes))
        if moment is None:
            raise StoreNeverOpens(f"Store {self.store_id} has no opening hours ahead.")
        return moment

    def open_between(self, a: datetime, b: datetime) -> timedelta:
        return hours.open_time_between(self.calendar, a, b)

    def shuts_on(self, base: float, promised_at: datetime, now: datetime) -> bool:
        """Return whether the doors close on work of ``base`` minutes, promised before they do."""
        closes = hours.closing_after(self.calendar, now)
        if closes is None or promised_at > closes or not hours.is_open(self.calendar, now):
            return False
        return self.open_between(now, closes) < timedelta(minutes=base)

    def opens_at(self, now: datetime) -> datetime:
        """Return ``now`` while the store is open, else its next opening (or ``now``: never)."""
        return opens_at(self.calendar, now)

    def with_more(self, orders: int, units: int) -> Self:
        """Return the outlook after so much more work has been accepted."""
        return replace(
            self, orders_ahead=self.orders_ahead + orders, units_ahead=self.units_ahead + units
        )


def idle(calendar: Calendar, since: datetime, now: datetime) -> timedelta:
    """Return for how long nothing has moved, in open time; a night is no pause, and ends one."""
    while (closes := hours.closing_after(calendar, since)) is not None and closes <= now:
        since = hours.next_opening(calendar, closes) or now
    return hours.open_time_between(calendar, since, now)


def opens_at(calendar: Calendar, now: datetime) -> datetime:
    """Return ``now`` while a store is open, else its next opening; ``now`` if there is none."""
    if hours.is_open(calendar, now):
        return now
    return hours.next_opening(calendar, now) or now
