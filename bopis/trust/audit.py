"""The three widest gaps between what was said and what was so, if there are as many. Pure.

A gap is shown when enough orders have it and its loss is more than chance; what drives it is looked
for in one half of the days and has to show again in the other. Fewer than three is an answer: an
audit that always finds three is not evidence.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import sqrt
from statistics import NormalDist
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from bopis.trust.gap import DIMENSIONS, SAYINGS, Beside, Gap, fix, points, traits
from bopis.trust.intervals import wilson
from bopis.trust.outcome import Outcome

MOST: Final = 3
LEAST_ORDERS: Final = 30
"""With fewer orders that lost anything, or in a group, nothing is said."""
RESAMPLES: Final = 1000
NINETY: Final = (5, 95)
"""Percentiles of the bootstrap between which a loss lies nine times out of ten."""
FALSE_DISCOVERIES: Final = 0.10
TRIED: Final = 40
"""Groups that are carried over to the other half of the days."""
DRIVERS: Final = 2
EXAMPLES: Final = 5

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Driver:
    """A group of orders that lost more than the rest, on days on which nobody had looked for it.

    Units:
        loss, rest: points for each 1,000 orders, in the group and outside it.
        effect: points for each 1,000 orders of all that would go, were the group as the rest.
        q: the share of such findings that chance alone would bring.
    """

    group: tuple[tuple[str, str], ...]
    orders: int
    loss: float
    rest: float
    effect: float
    q: float

    @property
    def words(self) -> str:
        return ", ".join(f"{dimension} {value}" for dimension, value in self.group)


@dataclass(frozen=True, slots=True)
class Change:
    """By how much a gap is wider than in the period before; below zero, narrower.

    Units:
        low, mid, high: points for each 1,000 orders, by the 90 % bootstrap interval.
        orders: judged in the period before.
    """

    low: float
    mid: float
    high: float
    orders: int

    @property
    def is_chance(self) -> bool:
        return self.low <= 0 <= self.high


@dataclass(frozen=True, slots=True)
class Finding:
    """One gap that qualified.

    Shapes:
        change: None where too few orders came before to compare with.

    Units:
        low, mid, high: points lost for each 1,000 orders, by the 90 % bootstrap interval.
        orders: with a loss of this kind.
    """

    gap: Gap
    says: str
    orders: int
    low: float
    mid: float
    high: float
    drivers: tuple[Driver, ...]
    examples: tuple[str, ...]
    fix: str
    effect_if_fixed: float
    change: Change | None = None


@dataclass(frozen=True, slots=True)
class Passed:
    """A gap that did not qualify, and why."""

    gap: Gap
    orders: int
    why: str


@dataclass(frozen=True, slots=True)
class Audit:
    """What an audit found.

    Shapes:
        findings: 0..3, the widest first; passed: all other kinds.
    """

    orders: int
    store_days: int
    seed: int
    findings: tuple[Finding, ...]
    passed: tuple[Passed, ...]


Seen = Iterable[tuple[Outcome, Beside]]


def audit(seen: Seen, before: Seen = (), *, seed: int = 1) -> Audit:
    """Return the widest gaps among some orders; the same orders and seed give the same answer.

    Args:
        seen: The orders of a period.
        before: Those of the period before, to tell by how much each gap has changed.
        seed: Of the bootstrap.

    Source:
        Bootstrap over clusters: A. C. Davison and D. V. Hinkley, "Bootstrap Methods and their
        Application" (1997), 3.8. False discoveries: Y. Benjamini and Y. Hochberg, "Controlling the
        false discovery rate", J. Royal Statistical Society B 57 (1995), pp. 289-300.
    """
    judged, earlier = _judged(seen), _judged(before)
    if not judged:
        return Audit(0, 0, seed, (), tuple(Passed(gap, 0, _FEW) for gap in Gap))
    table = _Table(judged, seed)
    old = _Table(earlier, seed + 1) if len(earlier) >= LEAST_ORDERS else None
    looked = [table.look(gap, old) for gap in Gap]
    found = sorted((one for one in looked if isinstance(one, Finding)), key=lambda one: -one.mid)
    passed = [one for one in looked if isinstance(one, Passed)]
    passed += [Passed(one.gap, one.orders, _NARROWER) for one in found[MOST:]]
    return Audit(
        orders=len(judged),
        store_days=table.clusters,
        seed=seed,
        findings=tuple(found[:MOST]),
        passed=tuple(sorted(passed, key=lambda one: list(Gap).index(one.gap))),
    )


def _judged(seen: Seen) -> list[tuple[Outcome, Beside]]:
    return sorted(
        ((one, beside) for one, beside in seen if not one.is_excused),
        key=lambda pair: (pair[0].store_id, pair[0].day, pair[0].order_id),
    )


_FEW: Final = f"too few to judge, it takes {LEAST_ORDERS}"
_CHANCE: Final = "no more than chance, or than what was said, allows"
_NARROWER: Final = "three others are wider"


class _Table:
    """The orders as columns: points by gap, words by dimension, the store-day that each is of."""

    def __init__(self, judged: Sequence[tuple[Outcome, Beside]], seed: int) -> None:
        self.judged = judged
        self.seed = seed
        self.n = len(judged)
        lost = [points(*pair) for pair in judged]
        self.loss = {
            gap: np.array([one.get(gap, 0.0) for one in lost], dtype=np.float64) for gap in Gap
        }
        self.cluster, self.clusters = _codes([(one.store_id, one.day) for one, _ in judged])
        words = list(zip(*(traits(*pair) for pair in judged), strict=True))
        self.names = [sorted(set(column)) for column in words]
        self.codes = [
            _codes(column, names)[0] for names, column in zip(self.names, words, strict=True)
        ]
        self.sizes = np.bincount(self.cluster, minlength=self.clusters).astype(np.float64)
        days = sorted({one.day for one, _ in judged})
        rng = np.random.default_rng(seed)
        held_out = {days[i] for i in rng.permutation(len(days))[: len(days) // 2]}
        self.held_out = np.array([one.day in held_out for one, _ in judged])
        self.weights = [
            rng.multinomial(self.clusters, np.full(self.clusters, 1 / self.clusters), size=100)
            for _ in range(RESAMPLES // 100)
        ]

    def look(self, gap: Gap, old: "_Table | None" = None) -> Finding | Passed:
        loss = self.loss[gap]
        orders = int((loss > 0).sum())
        if orders < LEAST_ORDERS:
            return Passed(gap, orders, _FEW)
        beyond = self._beyond(gap, loss)
        means = self._means(beyond)
        low, high = _ninety(means)
        if low <= 0:
            return Passed(gap, orders, _CHANCE)
        drivers = self._drivers(loss, beyond)
        inside = self._mask(drivers[0].group) if drivers else np.ones(self.n, dtype=np.bool_)
        worst = self._worst(loss, inside)
        return Finding(
            gap=gap,
            says=SAYINGS[gap],
            orders=orders,
            low=round(1000 * low, 1),
            mid=round(1000 * float(beyond.mean()), 1),
            high=round(1000 * high, 1),
            drivers=drivers,
            examples=tuple(
                f"{self.judged[i][0].store_id} {self.judged[i][0].number}" for i in worst
            ),
            fix=fix(gap, *self._common(loss, inside)),
            effect_if_fixed=round(max((one.effect for one in drivers), default=0.0), 1),
            change=None if old is None else self._change(gap, beyond, means, old),
        )

    def _change(self, gap: Gap, beyond: Floats, means: Floats, old: "_Table") -> Change:
        """Return how far a gap has moved: two periods have no order in common, nor any day."""
        earlier = old._beyond(gap, old.loss[gap])  # noqa: SLF001 -- of its own kind
        low, high = _ninety(means - old._means(earlier))  # noqa: SLF001
        moved = float(beyond.mean() - earlier.mean())
        return Change(round(1000 * low, 1), round(1000 * moved, 1), round(1000 * high, 1), old.n)

    def _beyond(self, gap: Gap, loss: Floats) -> Floats:
        """Return the loss that was not announced: of ten first promises one may be late.

        Each store gave its word for itself: one that is late too often is not made good by the
        others. Only what is beyond chance counts, in the store or in the whole chain.
        """
        if gap is not Gap.TIME:
            return loss
        stated = float(np.mean([1 - one.confidence for one, _ in self.judged]))
        late = np.array([not one.is_kept for one, _ in self.judged])
        store = self.codes[0]
        sizes = np.bincount(store)
        shares = [
            _unannounced(int(n), int(of), stated)
            for n, of in zip(np.bincount(store, weights=late), sizes, strict=True)
        ]
        in_all = _unannounced(int(late.sum()), self.n, stated)
        beyond: Floats = loss * np.maximum(np.array(shares)[store], in_all)
        return beyond

    def _means(self, loss: Floats) -> Floats:
        """Return the mean loss of each resample of the store-days."""
        sums = np.bincount(self.cluster, weights=loss, minlength=self.clusters)
        means: Floats = np.concatenate([(w @ sums) / (w @ self.sizes) for w in self.weights])
        return means

    def _drivers(self, loss: Floats, beyond: Floats) -> tuple[Driver, ...]:
        tried = self._candidates(loss)
        tested = [(group, self._chance(loss, self._mask(group))) for group in tried]
        kept = _discoveries([p for _, p in tested])
        chosen: list[Driver] = []
        found = [
            (self._driver(group, beyond, q), group)
            for (group, _), q in zip(tested, kept, strict=True)
            if q is not None
        ]
        for driver, group in sorted(found, key=lambda one: (-one[0].effect, len(one[1]), one[1])):
            nested = any(
                set(group) <= set(other.group) or set(group) >= set(other.group) for other in chosen
            )
            if driver.effect > 0 and not nested and len(chosen) < DRIVERS:
                chosen.append(driver)
        return tuple(chosen)

    def _candidates(self, loss: Floats) -> list[tuple[tuple[str, str], ...]]:
        """Return the groups that lose more than the rest, on days that may be looked at."""
        seen = ~self.held_out
        all_n, all_loss = int(seen.sum()), float(loss[seen].sum())
        scored: list[tuple[float, tuple[tuple[str, str], ...]]] = []
        for dims in (*combinations(range(len(DIMENSIONS)), 1), *combinations(range(6), 2)):
            code, many = self._crossed(dims)
            n = np.bincount(code[seen], minlength=many)
            lost = np.bincount(code[seen], weights=loss[seen], minlength=many)
            whole = np.bincount(code, minlength=many)
            fits = np.flatnonzero((whole >= LEAST_ORDERS) & (n > 0) & (n < all_n))
            for i in fits:
                excess = lost[i] / n[i] - (all_loss - lost[i]) / (all_n - n[i])
                group = self._named(dims, int(i))
                if excess > 0 and group is not None:
                    scored.append((float(n[i] / all_n * excess), group))
        scored.sort(key=lambda one: (-one[0], len(one[1]), one[1]))
        return [group for _, group in scored[:TRIED]]

    def _crossed(self, dims: tuple[int, ...]) -> tuple[Ints, int]:
        code, many = self.codes[dims[0]], len(self.names[dims[0]])
        for dim in dims[1:]:
            code, many = code * len(self.names[dim]) + self.codes[dim], many * len(self.names[dim])
        return code, many

    def _named(self, dims: tuple[int, ...], code: int) -> tuple[tuple[str, str], ...] | None:
        """Return a group in words; None where one of them is not known."""
        words = []
        for dim in reversed(dims):
            code, place = divmod(code, len(self.names[dim]))
            words.append((DIMENSIONS[dim], self.names[dim][place]))
        return None if any(not word for _, word in words) else tuple(reversed(words))

    def _mask(self, group: Iterable[tuple[str, str]]) -> Bools:
        mask = np.ones(self.n, dtype=np.bool_)
        for dimension, word in group:
            dim = DIMENSIONS.index(dimension)
            mask &= self.codes[dim] == self.names[dim].index(word)
        return mask

    def _chance(self, loss: Floats, inside: Bools) -> float:
        """Return how likely chance alone would show such a difference on the days held out.

        One-sided, and by store-days: orders of one bad day are not independent of each other.
        """
        held = self.held_out
        a, b = held & inside, held & ~inside
        n_a, n_b = int(a.sum()), int(b.sum())
        if n_a < LEAST_ORDERS // 3 or n_b < LEAST_ORDERS // 3:
            return 1.0
        mean_a, mean_b = loss[a].mean(), loss[b].mean()
        share = np.where(a, (loss - mean_a) / n_a, 0.0) - np.where(b, (loss - mean_b) / n_b, 0.0)
        by_day = np.bincount(self.cluster, weights=share, minlength=self.clusters)
        error = sqrt(float((by_day**2).sum()))
        if not error:
            return 0.0 if mean_a > mean_b else 1.0
        return 1 - NormalDist().cdf(float(mean_a - mean_b) / error)

    def _driver(self, group: tuple[tuple[str, str], ...], loss: Floats, q: float) -> Driver:
        inside = self._mask(group)
        inner, outer = float(loss[inside].mean()), float(loss[~inside].mean())
        return Driver(
            group=group,
            orders=int(inside.sum()),
            loss=round(1000 * inner, 1),
            rest=round(1000 * outer, 1),
            effect=round(1000 * float(inside.mean()) * (inner - outer), 1),
            q=round(q, 4),
        )

    def _worst(self, loss: Floats, inside: Bools) -> list[int]:
        ranked = np.argsort(-np.where(inside, loss, -1.0), kind="stable")
        return [int(i) for i in ranked[:EXAMPLES] if loss[i] > 0]

    def _common(self, loss: Floats, inside: Bools) -> tuple[str, str]:
        """Return the commonest reason on record, and the load under which most of it came."""
        reasons: Counter[str] = Counter()
        loads: Counter[str] = Counter()
        for i in np.flatnonzero((loss > 0) & inside):
            one, beside = self.judged[int(i)]
            loads[beside.load] += 1
            if one.is_ours_to_answer and one.close_reason:
                reasons[one.close_reason] += 1
            reasons.update(one.short_reasons)
        return _most(reasons, 1), _most(loads, 2)


def _ninety(means: Floats) -> tuple[float, float]:
    low, high = np.percentile(means, NINETY)
    return float(low), float(high)


def _unannounced(late: int, n: int, stated: float) -> float:
    """Return the part of the late orders that is beyond what was said, and beyond chance."""
    return max(wilson(late, n).low - stated, 0.0) * n / late if late else 0.0


def _most(counted: Counter[str], parts: int) -> str:
    """Return the commonest word, if it is more than one in ``parts``."""
    [(word, times)] = counted.most_common(1) or [("", 0)]
    return word if times * parts >= sum(counted.values()) else ""


def _codes(values: Sequence[Any], names: Sequence[Any] | None = None) -> tuple[Ints, int]:
    place = {name: i for i, name in enumerate(names or sorted(set(values)))}
    return np.array([place[value] for value in values], dtype=np.int64), len(place)


def _discoveries(chances: Sequence[float]) -> list[float | None]:
    """Return the q value of each that may be believed, None for the others."""
    m = len(chances)
    order = sorted(range(m), key=lambda i: chances[i])
    q_of: list[float | None] = [None] * m
    least = 1.0
    for rank in range(m, 0, -1):
        i = order[rank - 1]
        least = min(least, chances[i] * m / rank)
        q_of[i] = least if least < FALSE_DISCOVERIES else None
    return q_of
