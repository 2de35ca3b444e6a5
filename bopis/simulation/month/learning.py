"""What a store learns from its orders, in memory.

As ``promises``, ``calibrations`` and ``survivals`` keep it in tables, by the rules of
``predictor``, ``tracking`` and ``survival``.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import islice
from operator import itemgetter
from typing import Final, Protocol
from uuid import UUID

from bopis.promises import promises, survival, survivals, tracking
from bopis.promises.predictor import Took
from bopis.promises.survival import Cell, Fitted, Observation, Survival
from bopis.promises.tracking import NO_STORES, Hour, Known, Levels, Sums

OF_STORE: Final = 200
"""Orders of a store that are learned from, and of all stores ``OF_ALL``: as the queries have it."""
OF_ALL: Final = 400
_MINUTE: Final = timedelta(minutes=1)


class First(Protocol):
    """The first version of a promise, as far as anything is learned from it."""

    base_minutes: float
    latest: datetime
    hour: Hour
    promised_minutes: float | None


class Order(Protocol):
    """An order, as far as anything is learned from it."""

    id: UUID

    @property
    def first(self) -> First: ...
    @property
    def effort(self) -> int: ...


@dataclass(frozen=True, slots=True)
class OfAll:
    """What the chain knows: told to its stores each midnight, and kept by them for a day."""

    took: Sequence[Took] = ()
    levels: Levels = field(default_factory=dict)
    cells: Mapping[Cell, Fitted] = field(default_factory=dict)
    fitted_at: datetime | None = None
    fitted_orders: int = 0


@dataclass(slots=True)
class Prepared:
    """A row of what promises are learned from."""

    order_id: UUID
    base_minutes: float
    open_minutes: float
    pick_minutes: float | None
    units: int
    known_at: datetime
    missed: bool
    hour: Hour
    promised_minutes: float | None
    took: Took = field(init=False)

    def __post_init__(self) -> None:
        ratio = self.open_minutes / self.base_minutes
        self.took = Took(ratio, is_ready=self.pick_minutes is not None)


@dataclass(frozen=True, slots=True)
class Noted:
    """What the first look at an order in each stage and stretch of time expected."""

    at: datetime
    order_id: UUID
    cell: Cell
    base: float
    since_accepted: float


@dataclass(slots=True)
class Experience:
    """One store's.

    Shapes:
        prepared: by order, the oldest knowledge first.
        fresh: what the quantile has not taken in yet; in the product that takes a minute.
    """

    of_all: OfAll = field(default_factory=OfAll)
    prepared: dict[UUID, Prepared] = field(default_factory=dict)
    noted: dict[tuple[UUID, str, int], Noted] = field(default_factory=dict)
    levels: Levels = field(default_factory=dict)
    fresh: list[Known] = field(default_factory=list)
    cells: Mapping[Cell, Fitted] = field(default_factory=dict)
    fitted_at: datetime | None = None
    fitted_orders: int = 0
    watched: set[UUID] = field(default_factory=set)
    _survival: Survival | None = None

    def lately(self, now: datetime) -> list[Prepared]:
        since = now - promises.EXPERIENCE
        newest = islice(reversed(self.prepared.values()), OF_STORE)
        return [one for one in newest if one.known_at >= since]

    def quantile(self, today: Iterable[Prepared]) -> tracking.Quantile:
        if self.fresh:
            self.levels = tracking.learned(self.levels, self.fresh, of_all=self.of_all.levels)
            self.fresh = []
        pace = tracking.pace([one.took.ratio for one in today])
        return tracking.Quantile(self.levels, self.of_all.levels, pace)

    def learn(
        self, order: Order, took: timedelta, picked_in: timedelta | None, now: datetime
    ) -> None:
        """Take in how long an order took, as ``promises.learn`` does: a miss is known at once."""
        before = self.prepared.pop(order.id, None)
        if before is not None and before.pick_minutes is not None:
            self.prepared[order.id] = before
            return
        first = order.first
        missed = now > first.latest if before is None else before.missed
        self.prepared[order.id] = Prepared(
            order.id,
            first.base_minutes,
            took / _MINUTE,
            None if picked_in is None else picked_in / _MINUTE,
            order.effort,
            now,
            missed,
            first.hour,
            first.promised_minutes,
        )
        if before is None:
            self.fresh.append(Known(missed, first.hour))

    def give_up(self, order: Order, now: datetime) -> None:
        """Take in that we cancelled: a promise that was not kept."""
        first = order.first
        if order.id in self.prepared or first.promised_minutes is None:
            return
        self.prepared[order.id] = Prepared(
            order.id, first.base_minutes, first.promised_minutes, None, order.effort, now, True,
            first.hour, first.promised_minutes,
        )  # fmt: skip
        self.fresh.append(Known(missed=True, hour=first.hour))

    def note(self, order: Order, cell: Cell, base: float, since: float, now: datetime) -> None:
        key = (order.id, cell.stage, cell.elapsed)
        if key not in self.noted:
            self.noted[key] = Noted(now, order.id, cell, base, since)
            self.watched.add(order.id)

    def survival(self) -> Survival:
        if self._survival is None:
            either = self.cells or self.of_all.cells
            learned = Survival(self.cells, self.of_all.cells)
            self._survival = learned if either else survival.UNLEARNED
        return self._survival

    def told(self, of_all: OfAll, now: datetime) -> None:
        """Hear what the chain knows, and learn anew of one's own where it is time to."""
        self.of_all, self._survival = of_all, None
        orders = len(self.watched)
        if survival.is_due(now, self.fitted_at, self.fitted_orders, orders):
            self.cells = survival.fit(one for _, one in self.observed(now))
            self.fitted_at, self.fitted_orders = now, orders

    def observed(self, now: datetime) -> list[tuple[datetime, Observation]]:
        """Return what looks expected and what came of it, the newest first."""
        since = now - survivals.EXPERIENCE
        seen = []
        for one in self.noted.values():
            known = self.prepared.get(one.order_id)
            if known is not None and one.at >= since:
                took = max(known.open_minutes - one.since_accepted, 0.0)
                over = known.pick_minutes is not None
                seen.append((one.at, Observation(one.cell, one.base, took, is_over=over)))
        return seen[::-1][: survivals.MOST]


@dataclass(frozen=True, slots=True)
class Heard:
    """What the chain hears of one store at midnight."""

    lately: Sequence[tuple[datetime, UUID, Took]]
    levels: Levels
    watched: int


def heard(one: Experience, now: datetime) -> Heard:
    lately = [(known.known_at, known.order_id, known.took) for known in one.lately(now)]
    return Heard(lately, one.levels, len(one.watched))


def is_due(was: OfAll, stores: Sequence[Heard], now: datetime) -> bool:
    """Say whether the chain learns anew how much longer orders take that stand alike."""
    return survival.is_due(now, was.fitted_at, was.fitted_orders, _watched(stores))


def _watched(stores: Sequence[Heard]) -> int:
    return sum(store.watched for store in stores)


def together(was: OfAll, stores: Sequence[Heard]) -> OfAll:
    """Return what the chain knows now, as ``promises.pooled`` and ``calibrations`` read it."""
    lately = sorted((one for store in stores for one in store.lately), key=itemgetter(0, 1))
    sums: dict[Hour, Sums] = {}
    for store in stores:
        for hour, level in store.levels.items():
            sums[hour] = sums.get(hour, NO_STORES).plus(level)
    took = [took for _, _, took in lately[::-1][:OF_ALL]]
    return replace(was, took=took, levels=tracking.together(was.levels, sums))


def fitted(
    was: OfAll,
    stores: Sequence[Heard],
    seen: Iterable[tuple[datetime, Observation]],
    now: datetime,
) -> OfAll:
    """Return the same with what the looks of all stores have shown, as ``survivals`` fits it."""
    newest = sorted(seen, key=itemgetter(0), reverse=True)[: survivals.MOST]
    cells = survival.fit(one for _, one in newest)
    return replace(was, cells=cells, fitted_at=now, fitted_orders=_watched(stores))
