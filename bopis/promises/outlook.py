"""What we know of a store when we say by when an order is ready. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cached_property
from operator import itemgetter
from typing import Final, Self

from bopis.kernel.errors import Unavailable
from bopis.kernel.ids import OrderId, StoreId
from bopis.promises import predictor, promise, timing, tracking
from bopis.promises.predictor import Evidence, Load, Tempo
from bopis.promises.promise import Basis
from bopis.promises.slot import Slot, fill
from bopis.promises.timing import Shift
from bopis.promises.tracking import Hour, Quantile
from inventory.opening import hours
from inventory.opening.hours import Calendar, Span
from notifications import sureness

EARLY: Final = 0.1
LATE: Final = 0.95
NARROW: Final = 20.0
"""A range is told if nine of ten end within so many minutes, or within half the wait: else only
its end. Ten minutes here or there help whoever plans the way; an hour does not."""

MINUTE: Final = timedelta(minutes=1)

USUAL: Final = Tempo()


class StoreNeverOpens(Unavailable):
    title = "The store does not open in the next 60 days"
    retry_after = 3600


class WorkBeyondSight(StoreNeverOpens):
    title = "More work waits in the store than can be done in 60 days"


@dataclass(frozen=True, slots=True)
class Offer:
    """By when an order can be ready, how sure that is, and on what it rests.

    Shapes:
        earliest: None where the range would be too wide to help anybody, or rests on nothing.
        kept: how many of ``sample_size`` recent orders were ready within so many times their base;
            None where nothing can be said.
        hour: the part of the day in which work on it can begin.
        promised_minutes: the open minutes until ``latest``.
    """

    earliest: datetime | None
    latest: datetime
    confidence: float
    sample_size: int
    basis: Basis
    base_minutes: float
    kept: int | None = None
    hour: Hour = Hour.ALL
    promised_minutes: float | None = None

    @property
    def words(self) -> str:
        """Return how sure it is, for a shopper."""
        return sureness.words(self.kept, self.sample_size, self.basis)


@dataclass(frozen=True)
class Outlook:
    """One store as it stood at ``taken_at``: its hours, its queue, its tempo, its experience.

    Shapes:
        calendar, pickup: when work goes on, and when orders can be collected; None: the same.
        orders_ahead, units_ahead: what is accepted and not picked yet.
        pickers: who walks; 0: nobody is signed in.
        tempo: what work takes today.
        idle: open time since any walk moved, while orders wait.
        shifts, slots: what the store plans; empty where it gives none.
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
    pickup: Calendar | None = None
    quantile: Quantile = field(default_factory=Quantile)
    shifts: Sequence[Shift] = ()
    slots: Sequence[Slot] = ()
    open_now: Span | None = None
    pickup_now: Span | None = None
    """From ``taken_at`` to the next closing, if it is open then: what nearly every question is
    about, so that an order need not walk through a calendar to be answered."""

    @cached_property
    def standstill(self) -> float:
        """Open minutes for which nobody will begin or go on with anything."""
        return predictor.standstill(self.idle, self.pickers) / MINUTE

    @cached_property
    def rho(self) -> float:
        """Projected load: the work that is there, as a share of the hands until the doors close."""
        return self._load(self.tempo.minutes(self.orders_ahead, self.units_ahead), self.taken_at)

    def offer(self, units: int, now: datetime) -> Offer:
        """Return by when an order of so many units would be ready if it came in now.

        Never a time at which it cannot be collected. On a day whose hands are spoken for, the next
        opening; where a slot is full, the next one with room.

        Raises:
            StoreNeverOpens: No opening is known, for work or for collecting.
            WorkBeyondSight: Openings are, and not enough of them for what waits.
        """
        base = self.of_order(units, orders_ahead=self.orders_ahead, units_ahead=self.units_ahead)
        hour = self._hour(now)
        minutes = base * self.quantile.times(hour)
        done = self.after(minutes, now)
        if self._is_full(units, now):
            tomorrow = self._tomorrow(units, now)
            done, hour = max((done, hour), (tomorrow, Hour.OPENING), key=itemgetter(0))
        latest = self._named(done)
        promised = self.open_between(now, latest) / MINUTE
        return Offer(
            earliest=self._earliest(base, minutes, now, latest),
            latest=latest,
            confidence=predictor.CONFIDENCE,
            sample_size=self.known.sample_size,
            basis=self.known.basis,
            base_minutes=round(base, 2),
            kept=self.known.kept(promised / base),
            hour=hour,
            promised_minutes=round(promised, 2),
        )

    def _hour(self, now: datetime) -> Hour:
        """Return the part of the day in which work that comes in now can begin."""
        return tracking.begins_in(now, self.opens_at(now), self.calendar.zone)

    def _load(self, minutes: float, now: datetime) -> float:
        soon = self.open_now if _holds(self.open_now, now) else None
        day = (now, soon[1]) if soon else timing.day_of(self.calendar, now)
        if day is None:
            return 0.0
        return timing.load(minutes * MINUTE, timing.hands(self.shifts, self.pickers, *day))

    def _is_full(self, units: int, now: datetime) -> bool:
        work = self.tempo.minutes(self.orders_ahead + 1, self.units_ahead + units)
        return self._load(work, now) > timing.FULL

    def _tomorrow(self, units: int, now: datetime) -> datetime:
        """Return when an order would be ready if it were begun as the doors open next."""
        closes = hours.closing_after(self.calendar, now)
        opens = None if closes is None else hours.next_opening(self.calendar, closes)
        day = None if opens is None else timing.day_of(self.calendar, opens)
        if day is None:
            return now  # it never closes, or never opens again: what work takes is all we know
        begins = timing.first_hands(self.shifts, *day)
        return self.after(self.of_order(units) * self.quantile.times(Hour.OPENING), begins)

    def _named(self, done: datetime) -> datetime:
        pickup = self.pickup or self.calendar
        named = self._collectable(done)
        if named is not None and self.slots:
            named = timing.with_room(self.slots, pickup, named)
        if named is None:
            raise StoreNeverOpens(f"Store {self.store_id} has no hours ahead to collect an order.")
        return named

    def _collectable(self, done: datetime) -> datetime | None:
        named = promise.first(done)
        if _holds(self.pickup_now, named):
            return named
        return timing.collectable(self.pickup or self.calendar, done)

    def _earliest(
        self, base: float, minutes: float, now: datetime, latest: datetime
    ) -> datetime | None:
        """Return from when on it may be ready, where that is worth saying.

        The range is judged by its 95th percentile and ends with the promise: a second, later time
        beside it would be a promise that nobody is held to.
        """
        if self.known.basis is Basis.FIXED:
            return None
        fast, slow = self._spread
        if base * (slow - fast) > max(NARROW, minutes / 2):
            return None
        earliest = self._collectable(self.after(base * fast, now))
        return earliest if earliest is not None and earliest < latest else None

    def wide(self, units: int) -> timedelta:
        """Return within what open time nine of ten orders of so many units end, told or not."""
        base = self.of_order(units, orders_ahead=self.orders_ahead, units_ahead=self.units_ahead)
        fast, slow = self._spread
        return base * (slow - fast) * MINUTE

    @cached_property
    def _spread(self) -> tuple[float, float]:
        ratios = self.known.ratios
        return predictor.quantile(ratios, EARLY), predictor.quantile(ratios, LATE)

    def of_order(self, units: int, *, orders_ahead: int = 0, units_ahead: int = 0) -> float:
        """Return the open minutes that an order which nobody has begun should still take."""
        load = Load(orders_ahead, units_ahead, units, self.pickers)
        return self.standstill + predictor.base_minutes(load, self.tempo)

    def of_search(self, items: int) -> float:
        """Return the open minutes that go into looking for items that should not be there."""
        return items * predictor.SEARCH_MINUTES

    def ready_by(
        self,
        base: float,
        now: datetime,
        *,
        walking: bool = False,
        share: float = predictor.CONFIDENCE,
    ) -> datetime:
        """Return the 90th percentile of when work of ``base`` minutes is done, or another.

        What is learned of promises is where one of ten breaks; how much further the few lie of
        which one in fifty breaks is read off how wrong the base has been.
        """
        if walking:
            return self.after(base * predictor.quantile(predictor.WALK.ratios, share), now)
        ratios = self.known.ratios
        usual = predictor.quantile(ratios, predictor.CONFIDENCE)
        further = predictor.quantile(ratios, share) / usual if usual > 0 else 1.0
        return self.after(base * self.quantile.times(self._hour(now)) * further, now)

    def after(self, minutes: float, now: datetime) -> datetime:
        """Return the instant by which the store has been open for so many minutes."""
        soon = now + minutes * MINUTE
        if _holds(self.open_now, now, soon):
            return soon
        moment = hours.add_open_time(self.calendar, now, minutes * MINUTE)
        if moment is None:
            raise self._never(now)
        return moment

    def _never(self, now: datetime) -> StoreNeverOpens:
        """Return why no instant can be named: it is shut, or it is buried."""
        if timing.day_of(self.calendar, now) is None:
            return StoreNeverOpens(f"Store {self.store_id} has no opening hours ahead.")
        return WorkBeyondSight(
            f"So much work waits in store {self.store_id} that no time can be promised. Choose"
            " another store."
        )

    def open_between(self, a: datetime, b: datetime) -> timedelta:
        if a <= b and _holds(self.open_now, a, b):
            return b - a
        return hours.open_time_between(self.calendar, a, b)

    def opens_at(self, now: datetime) -> datetime:
        """Return ``now`` while the store is open, else its next opening (or ``now``: never)."""
        return now if _holds(self.open_now, now) else opens_at(self.calendar, now)

    def with_more(self, orders: int, units: int, promised: Sequence[datetime] = ()) -> Self:
        """Return the outlook after so much more work has been accepted, promised for then."""
        return replace(
            self,
            orders_ahead=self.orders_ahead + orders,
            units_ahead=self.units_ahead + units,
            slots=_taken(self.slots, promised) if self.slots else (),
        )


def _holds(span: Span | None, *moments: datetime) -> bool:
    """Return whether all of these lie in an opening, before it closes."""
    return span is not None and all(span[0] <= moment < span[1] for moment in moments)


def _taken(slots: Sequence[Slot], promised: Sequence[datetime]) -> list[Slot]:
    more = fill(slots, promised)
    return [replace(one, taken=one.taken + new.taken) for one, new in zip(slots, more, strict=True)]


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
