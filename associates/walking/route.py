"""In which order to make some stops, so that the walk is the shortest. Pure.

What has to come before what is a rank for each stop: all stops of a lower rank come first.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import pairwise
from math import inf
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

EXACT: Final = 11
"""Up to so many stops the shortest walk itself is found, in a few milliseconds. Each further one
doubles that."""

_LESS: Final = 1e-6
"""Meters. What is not shorter by this much is as long."""

_SEGMENT: Final = 3
"""Up to so many stops in a row are moved elsewhere together."""

_STARTS: Final = 60
"""Stops over all walks that are mended: many starts for a short walk, two for a very long one."""

Order = list[int]


class Meters(NamedTuple):
    """How far it is.

    Shapes:
        out: from where the walk begins to each of n stops; all 0: it may begin anywhere.
        between: n rows of n; where aisles are one-way, there and back differ.
        home: from each stop to where the walk ends; all 0: it may end anywhere.

    Nothing is infinite: what cannot be reached is left out before.
    """

    out: Sequence[float]
    between: Sequence[Sequence[float]]
    home: Sequence[float]

    def of(self, order: Sequence[int]) -> float:
        """Return how long a walk is."""
        if not order:
            return 0.0
        inner = sum(self.between[a][b] for a, b in pairwise(order))
        return self.out[order[0]] + inner + self.home[order[-1]]


def shortest(meters: Meters, ranks: Sequence[int], known: Iterable[Sequence[int]] = ()) -> Order:
    """Return an order of the stops whose walk is short, and which keeps the ranks.

    Up to ``EXACT`` stops there is no shorter one. Beyond, it is no longer than any that is known
    already, and within a percent of the shortest on average (``docs/walking.md``). The same stops
    give the same order. Of two that are as long, it is the one that begins with the earlier stop.

    Shapes:
        ranks: n, one for each stop.
        known: orders that somebody would have walked otherwise; their ranks need not be kept.
        returns: 0..n-1, each once.

    Raises:
        Nothing: no stops have an order, too.
    """
    if not ranks:
        return []
    found = _exact(meters, ranks) if len(ranks) <= EXACT else _near(meters, ranks, known)
    back = found[::-1]
    if len(set(ranks)) == 1 and back[0] < found[0] and meters.of(back) <= meters.of(found) + _LESS:
        return back
    return found


def _exact(meters: Meters, ranks: Sequence[int]) -> Order:
    """Return the shortest order: of every set of stops, the shortest walk to each last one.

    Source:
        M. Held, R. M. Karp, "A dynamic programming approach to sequencing problems", J. SIAM 10(1),
        1962.
    """
    n = len(ranks)
    between = np.asarray(meters.between, dtype=np.float64).reshape(n, n)
    before = [sum(1 << i for i in range(n) if ranks[i] < ranks[j]) for j in range(n)]
    cost = np.full((1 << n, n), inf)
    last = np.zeros((1 << n, n), dtype=np.int8)
    for j in range(n):
        if not before[j]:
            cost[1 << j, j] = meters.out[j]
    for sets in _sets(n)[1:]:
        for j in range(n):
            into = sets[(sets >> j & 1 == 1) & (sets & before[j] == before[j])]
            through = cost[into ^ (1 << j)] + between[:, j]
            best = through.argmin(axis=1)
            cost[into, j] = through[np.arange(len(into)), best]
            last[into, j] = best
    done = (1 << n) - 1
    stop = int((cost[done] + np.asarray(meters.home)).argmin())
    order: Order = []
    while done:
        order.append(stop)
        stop, done = int(last[done, stop]), done ^ (1 << stop)
    return order[::-1]


@lru_cache(maxsize=32)
def _sets(n: int) -> list[npt.NDArray[np.int64]]:
    """Return all sets of n stops as bits, those of one stop first."""
    every = np.arange(1 << n)
    size = sum(every >> i & 1 for i in range(n))
    return [every[size == count] for count in range(1, n + 1)]


def _near(meters: Meters, ranks: Sequence[int], known: Iterable[Sequence[int]]) -> Order:
    """Return the best of some walks, each mended until no small change makes it shorter.

    Source:
        2-opt: G. A. Croes, Operations Research 6(6), 1958. Or-opt: I. Or, dissertation,
        Northwestern University, 1976.
    """
    first = [stop for stop in range(len(ranks)) if ranks[stop] == min(ranks)]
    first.sort(key=lambda stop: (meters.out[stop], stop))
    count = max(2, _STARTS // len(ranks))
    spread = first[:: -(-len(first) // count)]
    starts = [_nearest(meters, ranks, stop) for stop in spread]
    starts += [sorted(order, key=lambda stop: ranks[stop]) for order in known]
    return min((_mended(meters, ranks, order) for order in starts), key=meters.of)


def _nearest(meters: Meters, ranks: Sequence[int], stop: int) -> Order:
    """Return the walk that always goes to the nearest stop of the lowest rank that is left."""
    order, left = [stop], set(range(len(ranks))) - {stop}
    while left:
        rank = min(ranks[one] for one in left)
        here = meters.between[order[-1]]
        stop = min((one for one in left if ranks[one] == rank), key=lambda one: (here[one], one))
        order.append(stop)
        left.remove(stop)
    return order


def _mended(meters: Meters, ranks: Sequence[int], order: Order) -> Order:
    while (better := _turned(meters, ranks, order) or _moved(meters, ranks, order)) is not None:
        order = better
    return order


def _turned(meters: Meters, ranks: Sequence[int], order: Order) -> Order | None:
    """Return the order with the stretch turned round that saves most; None: none saves."""
    n, best, found = len(order), -_LESS, None
    for i in range(n - 1):
        forth = back = 0.0
        for j in range(i + 1, n):
            a, b = order[j - 1], order[j]
            if ranks[b] != ranks[order[i]]:
                break
            forth += meters.between[a][b]
            back += meters.between[b][a]
            saved = _into(meters, order, i, b) + back + _from(meters, order, order[i], j)
            saved -= _into(meters, order, i, order[i]) + forth + _from(meters, order, b, j)
            if saved < best:
                best, found = saved, (i, j)
    if found is None:
        return None
    i, j = found
    return [*order[:i], *order[i : j + 1][::-1], *order[j + 1 :]]


def _into(meters: Meters, order: Order, at: int, stop: int) -> float:
    """Return the way to a stop from what comes before position ``at``."""
    return meters.out[stop] if at == 0 else meters.between[order[at - 1]][stop]


def _from(meters: Meters, order: Order, stop: int, at: int) -> float:
    """Return the way from a stop to what comes after position ``at``."""
    return meters.home[stop] if at == len(order) - 1 else meters.between[stop][order[at + 1]]


def _moved(meters: Meters, ranks: Sequence[int], order: Order) -> Order | None:
    """Return the order with a few stops in a row moved to where that saves most; None: nowhere."""
    n, best, found = len(order), -_LESS, None
    for i in range(n):
        for j in range(i, min(i + _SEGMENT, n)):
            if ranks[order[j]] != ranks[order[i]]:
                break
            head, tail, rest = order[i], order[j], order[:i] + order[j + 1 :]
            gone = _into(meters, order, i, head) + _from(meters, order, tail, j)
            gone -= _joint(meters, rest, i)
            for to in range(len(rest) + 1):
                if to == i or not _fits(ranks, rest, to, ranks[head]):
                    continue
                here = _joint(meters, rest, to)
                for a, b in ((head, tail), (tail, head)):
                    ends = meters.out[a] if to == 0 else meters.between[rest[to - 1]][a]
                    ends += meters.home[b] if to == len(rest) else meters.between[b][rest[to]]
                    turned = 0.0 if a == head else _turn(meters, order[i : j + 1])
                    saved = ends + turned - here - gone
                    if saved < best:
                        best, found = saved, (i, j, to, a == head)
    if found is None:
        return None
    i, j, to, is_forth = found
    row, rest = order[i : j + 1], order[:i] + order[j + 1 :]
    return [*rest[:to], *(row if is_forth else row[::-1]), *rest[to:]]


def _turn(meters: Meters, row: Order) -> float:
    """Return how much longer a row of stops is the other way round."""
    return sum(meters.between[b][a] - meters.between[a][b] for a, b in pairwise(row))


def _joint(meters: Meters, rest: Order, at: int) -> float:
    """Return the way that a stop put in at ``at`` would replace."""
    if not rest:
        return 0.0
    if at == 0:
        return meters.out[rest[0]]
    if at == len(rest):
        return meters.home[rest[-1]]
    return meters.between[rest[at - 1]][rest[at]]


def _fits(ranks: Sequence[int], rest: Order, at: int, rank: int) -> bool:
    before = at == 0 or ranks[rest[at - 1]] <= rank
    return before and (at == len(rest) or rank <= ranks[rest[at]])
