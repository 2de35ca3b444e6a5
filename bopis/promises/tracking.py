"""How long a promise has to be so that nine of ten are kept: learned from whether they were. Pure.

Four layers, so that no padding hides in a forecast (the first is ``predictor.base_minutes``):

1. ``base``: what the queue and the order itself should take, in open minutes.
2. ``pace``: how the last orders of today compare with their base. A picker who is missing shows
   here after a handful of orders, and with its size; a yes or no would have to count for hours.
3. ``theta``: the logarithm of what base and pace have to be multiplied by. Each promise kept lets
   it fall a little, each one missed lifts it by nine times as much, so that it can rest only where
   one of ten is missed, whatever the world does.
4. ``caution``: where little was measured a promise is longer by how little that is worth.

``theta`` is a level of the store and an offset of the hour of the day, each drawn towards that of
all stores as long as few orders stand behind it. A tracker for each hour alone has to learn
each slump four times over.

What is learned is the promise itself, with its rounding, its slot and its doors, at the instant at
which it is known: when the order is ready, or when the promise passes, whichever comes first.

Source:
    I. Gibbs, E. Candès, "Adaptive conformal inference under distribution shift", NeurIPS 2021, for
    learning from misses alone; A. Angelopoulos, R. Barber, S. Bates, "Online conformal prediction
    with decaying step sizes", ICML 2024, for the step. The figures of each layer, and of the sorted
    window of 200 ratios that this replaces, are in ``docs/promises.md``, made by
    ``bopis backtest --write``.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from enum import StrEnum
from math import exp, log, sqrt
from statistics import median
from typing import Final, NamedTuple, Self

TARGET: Final = 0.1
"""The share of promises that may be missed."""

FIRST: Final = 0.679
"""Where nobody has measured: one in ten takes twice its base (``predictor.FIXED_RATIOS``)."""

FIRST_OPENING: Final = 0.15
"""What the night has gathered waits for one morning, and nobody knows who will come: until it is
measured, promises of it are longer by so much."""

LOWEST: Final = log(0.5)
HIGHEST: Final = log(6.0)
"""No promise is a sixth of a store's own arithmetic away from it: a day on which nobody came must
not be paid for by the shoppers of a month."""

FULL_STEP: Final = 0.05
LEAST_STEP: Final = 0.02
STEADY: Final = 300
"""From so many orders on a step is smaller than the first ones. It never ends: a store changes.
With the published floor of 0.01 the worst 200 orders of six made-up spells were a point worse,
promises the same to half a minute; with 0.03 nothing was gained."""

HOUR_STEP: Final = 0.01
OFFSET: Final = 0.5
"""An hour of the day is quicker or slower than the store by no more than this."""

THIN: Final = 50
"""So many orders of a store weigh as much as all stores do."""

CAUTION: Final = 0.3
CAUTIOUS: Final = 10
"""Where little was measured promises are longer, by the standard error of a 90th percentile of so
many orders: of ``n`` log-normal ratios with a sigma of a half it is ``0.85 / sqrt(n)``. Misses are
learned with it, so that it costs an old store nothing."""

PACE_OF: Final = 15
PACE_THIN: Final = 5
"""The pace is read from so many orders, with this many imagined ones that went as their base."""

MOST_PACE: Final = 1.0


class Hour(StrEnum):
    """The part of the day in which work on an order can begin, on the store's clock."""

    ALL = "all"  # whatever the hour: the level itself
    MORNING = "morning"
    NOON = "noon"
    AFTERNOON = "afternoon"
    EVENING = "evening"
    OPENING = "opening"  # not before the doors open next: whatever the night has gathered


_FROM: Final = ((17, Hour.EVENING), (14, Hour.AFTERNOON), (11, Hour.NOON))


def hour_of(wall_hour: int) -> Hour:
    """Return the part of the day of an hour on the wall, 0 to 23; the small hours are evening."""
    if wall_hour < 5:  # noqa: PLR2004 -- nobody calls that a morning
        return Hour.EVENING
    return next((part for begins, part in _FROM if wall_hour >= begins), Hour.MORNING)


def begins_in(now: datetime, begins: datetime, zone: tzinfo) -> Hour:
    """Return the part of the day in which work that comes in now can begin.

    Shapes:
        begins: ``now`` while the store is open, else its next opening.
    """
    return Hour.OPENING if begins > now else hour_of(begins.astimezone(zone).hour)


class Known(NamedTuple):
    """One promise of which we know whether it was kept, and in which part of the day it was made.

    Shapes:
        hour: ``Hour.ALL`` where that was not written down.
    """

    missed: bool
    hour: Hour = Hour.ALL


@dataclass(frozen=True, slots=True)
class Tracked:
    """What was learned from some promises: of a store, an hour of it, or of all stores.

    Units:
        theta: of ``Hour.ALL`` a logarithm of a multiple; of another an offset to that.
        orders, missed: how many promises were learned from, and how many of them were not kept.
    """

    theta: float
    orders: int = 0
    missed: int = 0

    def after(self, known: Iterable[bool], hour: Hour) -> Self:
        """Return the same after some more promises, the oldest first; ``True`` is a miss."""
        theta, orders, missed = self.theta, self.orders, self.missed
        least, most = (LOWEST, HIGHEST) if hour is Hour.ALL else (-OFFSET, OFFSET)
        for miss in known:
            orders += 1
            missed += miss
            eta = step(orders) if hour is Hour.ALL else HOUR_STEP
            theta = min(max(nudged(theta, eta, miss), least), most)
        return type(self)(theta, orders, missed)


def unlearned(hour: Hour) -> float:
    """Return where learning begins: the level, or the offset of an hour."""
    if hour is Hour.ALL:
        return FIRST
    return FIRST_OPENING if hour is Hour.OPENING else 0.0


def step(orders: int) -> float:
    """Return how far the promise that is the ``orders``-th to be learned from moves theta."""
    return max(LEAST_STEP, FULL_STEP * exp(-0.6 * max(0.0, log(max(orders, 1) / STEADY))))


def nudged(theta: float, eta: float, miss: bool, target: float = TARGET) -> float:  # noqa: FBT001
    """Return theta after one promise.

    Whatever happens, with a constant step the share of misses is no further from the target than
    ``(range + eta) / (eta * T)`` after T promises: what it moved by is the sum of what was missed.
    """
    return theta + eta * (miss - target)


Levels = Mapping[Hour, Tracked]


def learned(levels: Levels, known: Sequence[Known], *, of_all: Levels | None = None) -> Levels:
    """Return what a store knows after some more promises, the oldest first.

    A store that begins to learn begins where all stores are.
    """
    start = (of_all or {}).get(Hour.ALL, Tracked(FIRST)).theta
    new = dict(levels)
    new[Hour.ALL] = new.get(Hour.ALL, Tracked(start)).after((one.missed for one in known), Hour.ALL)
    for hour in {one.hour for one in known} - {Hour.ALL}:
        of_hour = [one.missed for one in known if one.hour is hour]
        new[hour] = new.get(hour, Tracked(unlearned(hour))).after(of_hour, hour)
    return new


class Sums(NamedTuple):
    """What some stores have learned from since they began."""

    orders: int
    missed: int
    stores: int = 1

    def plus(self, other: Tracked) -> "Sums":
        """Return the sums with those of another store."""
        return Sums(self.orders + other.orders, self.missed + other.missed, self.stores + 1)


NO_STORES: Final = Sums(0, 0, 0)


def together(of_all: Levels, sums: Mapping[Hour, Sums]) -> Levels:
    """Return what all stores know, once they have learned from so many orders, so many missed.

    Only sums are known here, and that is all it takes: what is learned of one promise does not
    depend on the others. Sums that have shrunk (a store has gone) teach nothing.

    The more stores, the more promises are under way before the first of them is known. With the
    step of one store the level of a chain swings, each time further: a good first day made all
    promises of the next too short. So a step is smaller by the root of how many stores take it.

    Shapes:
        sums: of all stores, by hour.
    """
    new = dict(of_all)
    for hour, (orders, missed, stores) in sums.items():
        was = of_all.get(hour, Tracked(unlearned(hour)))
        more, worse = orders - was.orders, missed - was.missed
        theta = was.theta
        if 0 <= worse <= more:
            eta = (step(orders) if hour is Hour.ALL else HOUR_STEP) / sqrt(max(stores, 1))
            least, most = (LOWEST, HIGHEST) if hour is Hour.ALL else (-OFFSET, OFFSET)
            theta = min(max(theta + eta * (worse - TARGET * more), least), most)
        new[hour] = Tracked(theta, orders, missed)
    return new


def pace(ratios: Sequence[float]) -> float:
    """Return the logarithm of how the last orders of today went against their base.

    Shapes:
        ratios: actual to base, the newest first; of an order that is late still, so far.
    """
    recent = [log(max(ratio, 0.05)) for ratio in ratios[:PACE_OF]]
    if not recent:
        return 0.0
    drawn = median(recent) * len(recent) / (len(recent) + PACE_THIN)
    return min(max(drawn, -MOST_PACE), MOST_PACE)


@dataclass(frozen=True, slots=True)
class Quantile:
    """What a base is multiplied by in a store, by the part of the day."""

    store: Levels = field(default_factory=dict)
    of_all: Levels = field(default_factory=dict)
    pace: float = 0.0

    def theta(self, hour: Hour) -> float:
        """Return the store's level and its hour's offset, each with its weight."""
        level = self._pooled(Hour.ALL)
        return level if hour is Hour.ALL else level + self._pooled(hour)

    def times(self, hour: Hour) -> float:
        """Return what a base is multiplied by so that one of ten takes longer.

        The pace of a quiet Sunday evening says nothing of Monday morning.
        """
        pace = 0.0 if hour is Hour.OPENING else self.pace
        return exp(self.theta(hour) + pace + self.caution)

    @property
    def caution(self) -> float:
        """Return by how much a promise is longer for how little this store has been measured."""
        own = self.store.get(Hour.ALL)
        return CAUTION / sqrt(1 + (own.orders if own else 0) / CAUTIOUS)

    def _pooled(self, hour: Hour) -> float:
        all_stores = self.of_all.get(hour, Tracked(unlearned(hour))).theta
        own = self.store.get(hour)
        if own is None:
            return all_stores
        weight = own.orders / (own.orders + THIN)
        return weight * own.theta + (1 - weight) * all_stores
