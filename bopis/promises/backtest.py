"""What each way of promising would have kept of the same orders. Pure.

Orders are played again in the order of time. Each way says how long a promise has to be, and hears
what became of it at the instant at which that was known: no earlier. How long an order took does
not depend on what was promised, so all ways are judged on the same days.
"""

import heapq
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, count
from math import ceil, exp
from typing import Final, NamedTuple, Protocol

from bopis.promises import predictor, tracking
from bopis.promises.tracking import (
    FIRST,
    NO_STORES,
    TARGET,
    Hour,
    Known,
    Levels,
    Quantile,
    Sums,
)

WINDOW: Final = 200
STEP_MINUTES: Final = 5.0

COVERED_WITHIN: Final = 0.02
"""So far from the target the share of misses may be, over all orders."""

WORST: Final = 2 * TARGET
"""So many may be missed of any 200 orders in a row."""


class Past(NamedTuple):
    """One order that was promised, and what became of it.

    Units:
        at: minutes on a clock that all stores share.
        base, took: open minutes; ``took`` is infinite where it is not known to have become ready.
    """

    store: str
    at: float
    base: float
    took: float
    hour: Hour = Hour.ALL


class Days(Protocol):
    """What a promise is on the clock of its store."""

    def named(self, past: Past, minutes: float) -> float:
        """Return the open minutes until the time that would have been named."""
        ...

    def at(self, past: Past, minutes: float) -> float:
        """Return when so many open minutes had passed, on the clock that all stores share."""
        ...


class AlwaysOpen:
    """A clock without nights, for made-up stores: all its minutes are open ones."""

    def named(self, past: Past, minutes: float) -> float:
        return ceil((past.at + minutes) / STEP_MINUTES) * STEP_MINUTES - past.at

    def at(self, past: Past, minutes: float) -> float:
        return past.at + minutes


class Way(Protocol):
    """A way of promising: what a base is multiplied by, and what is learned of each promise."""

    def times(self, past: Past) -> float: ...

    def hear(self, past: Past, ratio: float, *, missed: bool, at: float) -> None: ...


@dataclass(frozen=True, slots=True)
class Played:
    """What became of each promise, in the order in which they were made."""

    missed: Sequence[bool]
    promised: Sequence[float]

    @property
    def share(self) -> float:
        return sum(self.missed) / len(self.missed)

    @property
    def mean(self) -> float:
        return sum(self.promised) / len(self.promised)

    def within(self, first: int, end: int) -> float:
        part = self.missed[first:end]
        return sum(part) / max(len(part), 1)

    def windows(self) -> Iterator[float]:
        """Yield the share of misses of each ``WINDOW`` orders in a row; none, if they are fewer."""
        sums = [0, *accumulate(self.missed)]
        return ((b - a) / WINDOW for a, b in zip(sums, sums[WINDOW:], strict=False))

    @property
    def worst(self) -> float | None:
        return max(self.windows(), default=None)

    def faults(self) -> list[str]:
        """Return which limits were not kept, in words."""
        found = []
        if abs(self.share - TARGET) > COVERED_WITHIN:
            found.append(f"{self.share:.1%} missed overall, and not {TARGET:.0%} within 2 points")
        if self.worst is not None and self.worst > WORST:
            found.append(f"{self.worst:.1%} missed of the worst {WINDOW}, more than {WORST:.0%}")
        return found


def play(pasts: Sequence[Past], way: Way, days: Days | None = None) -> Played:
    """Return what a way of promising would have kept.

    Shapes:
        pasts: by ``at``.
    """
    days = days or AlwaysOpen()
    missed: list[bool] = []
    promised: list[float] = []
    news: list[tuple[float, int, Past, float, bool]] = []
    number = count()
    for past in pasts:
        while news and news[0][0] <= past.at:
            _hear(way, heapq.heappop(news))
        minutes = days.named(past, past.base * way.times(past))
        miss = past.took > minutes
        known = min(past.took, minutes)
        entry = (days.at(past, known), next(number), past, known / past.base, miss)
        heapq.heappush(news, entry)
        missed.append(miss)
        promised.append(minutes)
    return Played(missed, promised)


def _hear(way: Way, entry: tuple[float, int, Past, float, bool]) -> None:
    at, _, past, ratio, miss = entry
    way.hear(past, ratio, missed=miss, at=at)


class Fixed:
    """The 90th percentile of the first orders, for ever."""

    def __init__(self, pasts: Sequence[Past], learn_from: int = 1000) -> None:
        ratios = [past.took / past.base for past in pasts[:learn_from]]
        self._times = predictor.quantile(ratios, predictor.CONFIDENCE)

    def times(self, past: Past) -> float:
        return self._times

    def hear(self, past: Past, ratio: float, *, missed: bool, at: float) -> None:
        pass


class Rolling:
    """The 90th percentile of the last ratios of a store: a window, as conformal prediction has it.

    ``gamma``: by how much the percentile moves with each promise (adaptive conformal inference).
    """

    def __init__(self, last: int = 400, gamma: float = 0.0) -> None:
        self._last, self._gamma = last, gamma
        self._target: dict[str, float] = {}
        self._seen: dict[str, list[float]] = {}
        self._sorted: dict[str, list[float]] = {}

    def times(self, past: Past) -> float:
        seen = self._seen.get(past.store, [])
        if len(seen) < predictor.ENOUGH:
            return exp(FIRST)
        share = 1 - self._target.get(past.store, TARGET)
        ranked = self._sorted.setdefault(past.store, sorted(seen))
        return ranked[min(max(ceil((len(ranked) + 1) * share), 1), len(ranked)) - 1]

    def hear(self, past: Past, ratio: float, *, missed: bool, at: float) -> None:
        seen = self._seen.setdefault(past.store, [])
        seen.append(ratio)
        del seen[: -self._last]
        self._sorted.pop(past.store, None)
        target = self._target.get(past.store, TARGET)
        self._target[past.store] = target + self._gamma * (TARGET - missed)


class Tracking:
    """A level for each store, moved by a constant step; no pace, no hours, no other stores."""

    def __init__(self, eta: float = 0.05) -> None:
        self._eta = eta
        self._theta: dict[str, float] = {}

    def times(self, past: Past) -> float:
        return exp(self._theta.get(past.store, FIRST))

    def hear(self, past: Past, ratio: float, *, missed: bool, at: float) -> None:
        theta = self._theta.get(past.store, FIRST)
        self._theta[past.store] = tracking.nudged(theta, self._eta, missed)


class Ours:
    """What ``Outlook.offer`` does: level, hour and pace of a store, leaning on all stores."""

    TODAY: Final = 8 * 60.0
    TOGETHER: Final = 20
    """So many promises of any store are added to what all know at a time; it is a job that does."""

    def __init__(self) -> None:
        self._stores: dict[str, Levels] = {}
        self._of_all: Levels = {}
        self._seen: dict[str, list[tuple[float, float]]] = {}
        self._heard = 0

    def times(self, past: Past) -> float:
        seen = self._seen.get(past.store, [])[-tracking.PACE_OF :]
        today = [ratio for at, ratio in reversed(seen) if at >= past.at - self.TODAY]
        own = self._stores.get(past.store, {})
        return Quantile(own, self._of_all, tracking.pace(today)).times(past.hour)

    def hear(self, past: Past, ratio: float, *, missed: bool, at: float) -> None:
        own = self._stores.get(past.store, {})
        known = [Known(missed, past.hour)]
        self._stores[past.store] = tracking.learned(own, known, of_all=self._of_all)
        self._seen.setdefault(past.store, []).append((at, ratio))
        self._heard += 1
        if self._heard % self.TOGETHER == 0:
            self._of_all = tracking.together(self._of_all, self._sums())

    def _sums(self) -> dict[Hour, Sums]:
        sums: dict[Hour, Sums] = {}
        for levels in self._stores.values():
            for hour, one in levels.items():
                sums[hour] = sums.get(hour, NO_STORES).plus(one)
        return sums


OURS: Final = "ours: tracking, pace, hours"

WAYS: Final[dict[str, Callable[[Sequence[Past]], Way]]] = {
    "fixed p90 of the first 1,000": Fixed,
    "p90 of the last 200": lambda _: Rolling(200),
    "p90 of the last 400": lambda _: Rolling(),
    "the same, adaptive (0.01)": lambda _: Rolling(gamma=0.01),
    "tracking, step 0.05": lambda _: Tracking(),
    OURS: lambda _: Ours(),
}


def compared(pasts: Sequence[Past], days: Days | None = None) -> dict[str, Played]:
    """Return what each way would have kept of the same orders.

    Shapes:
        pasts: at least one, by ``at``.
    """
    return {name: play(pasts, way(pasts), days) for name, way in WAYS.items()}
