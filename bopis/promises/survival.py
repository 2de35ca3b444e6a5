"""How much longer an order takes that stands where this one stands, as others have shown. Pure.

The base says what the rest should take (``predictor``); this says how wrong such a base has been
for orders at the same stage, after as long, on a floor as full. Each *cell* of these three holds
the spread of ratios of what was really left to what the base said. A cell that has seen too little
gives way to a coarser one, then to that of the whole chain, and in the end to the assumption that
we ship with.

Source:
    Survival of what has not ended yet: E. L. Kaplan and P. Meier, "Nonparametric estimation from
    incomplete observations", J. American Statistical Association 53 (1958).
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from bopis.promises.predictor import Evidence
from bopis.promises.promise import Basis

ENOUGH: Final = 30
"""With fewer orders than this a cell gives way to a coarser one."""

ELAPSED: Final = (5.0, 15.0, 40.0)
"""Open minutes at which one bucket of time in a stage ends and the next begins."""

QUEUES: Final = (1.0, 4.0, 12.0)
"""Orders that wait, for each picker: where one bucket of load ends and the next begins."""

MOST: Final = 8.0
"""What took longer than so many times its base counts as this much."""

POINTS: Final = 40
"""A cell is kept as so many equally likely ratios, however many orders it has seen."""

WEEK: Final = timedelta(days=7)
ANY: Final = -1
"""In place of a bucket: the cell is of all of them."""


class Stage(StrEnum):
    """How far an order has come, as far as it matters for what is left."""

    WAITING = "waiting"  # nobody has begun
    WALKING = "walking"  # somebody walks for it
    SEARCHING = "searching"  # something of it is not where it should be
    PICKED = "picked"  # all of it is in a tote; somebody has to put it down
    STILL = "still"  # it waits, and nobody moves though people are there


@dataclass(frozen=True, slots=True, order=True)
class Cell:
    """Orders that are alike. ``elapsed`` and ``load`` are buckets, or ``ANY``."""

    stage: Stage
    elapsed: int = ANY
    load: int = ANY

    def coarser(self) -> tuple["Cell", ...]:
        """Return this cell and those it is a part of, the narrowest first."""
        return tuple(dict.fromkeys((self, Cell(self.stage, self.elapsed), Cell(self.stage))))


@dataclass(frozen=True, slots=True)
class Observation:
    """What one look at an order expected, and what came of it.

    Units:
        base, took: open minutes from the look on: expected, and until it was ready.
        is_over: False while it is not ready yet; it will take longer than ``took``.
    """

    cell: Cell
    base: float
    took: float
    is_over: bool = True


@dataclass(frozen=True, slots=True)
class Fitted:
    """What a cell has seen.

    Shapes:
        ratios: ascending; ``POINTS`` equally likely ones, or fewer if it has seen fewer.
        n: orders behind it.
    """

    ratios: tuple[float, ...]
    n: int


@dataclass(frozen=True, slots=True)
class Survival:
    """What one store has shown, and the chain.

    Shapes:
        of_store, of_all: by cell; a cell with fewer than ``ENOUGH`` may be in it, or not.
    """

    of_store: Mapping[Cell, Fitted] = field(default_factory=dict)
    of_all: Mapping[Cell, Fitted] = field(default_factory=dict)

    def rest(self, cell: Cell, otherwise: Evidence) -> Evidence:
        """Return the ratios to believe for an order in a cell: the narrowest that are enough."""
        for fitted, basis in ((self.of_store, Basis.STORE), (self.of_all, Basis.POOLED)):
            for wider in cell.coarser():
                found = fitted.get(wider)
                if found is not None and found.n >= ENOUGH:
                    return Evidence(found.ratios, basis)
        return otherwise


UNLEARNED: Final = Survival()


def cell(stage: Stage, elapsed: float, load: float) -> Cell:
    """Return where an order belongs.

    Units:
        elapsed: open minutes since it was accepted, or since somebody began.
        load: orders that wait in the store, for each picker.
    """
    return Cell(stage, bisect_right(ELAPSED, elapsed), bisect_right(QUEUES, load))


def fit(seen: Iterable[Observation]) -> dict[Cell, Fitted]:
    """Return what orders have shown, for each cell and for the coarser ones that it is a part of.

    Shapes:
        seen: of one store, or of all; each order at most once for each cell.
        returns: no cell that has seen fewer than ``ENOUGH``.
    """
    heaps: dict[Cell, list[tuple[float, bool]]] = defaultdict(list)
    for one in seen:
        if one.base > 0:
            ratio = one.took / one.base
            for wider in one.cell.coarser():
                heaps[wider].append((min(ratio, MOST), one.is_over))
    return {
        where: Fitted(spread(heap), len(heap))
        for where, heap in sorted(heaps.items())
        if len(heap) >= ENOUGH
    }


def spread(ratios: Sequence[tuple[float, bool]]) -> tuple[float, ...]:
    """Return equally likely ratios, ascending: the product-limit estimate, cut into points.

    What never ended within what we have seen counts as ``MOST``.

    Shapes:
        ratios: 1..n pairs of a ratio and whether the order was ready then.
    """
    points = min(POINTS, len(ratios))
    levels = [1 - (point + 0.5) / points for point in range(points)]
    found: list[float] = []
    survives, at_risk = 1.0, len(ratios)
    for ratio, is_over in sorted(ratios, key=lambda pair: (pair[0], not pair[1])):
        if is_over:
            survives *= 1 - 1 / at_risk
            while len(found) < points and survives <= levels[len(found)] + 1e-12:
                found.append(ratio)
        at_risk -= 1
    return (*found, *[MOST] * (points - len(found)))


def is_due(now: datetime, fitted_at: datetime | None, n_then: int, n_now: int) -> bool:
    """Say whether to learn anew: each week, and while a store is young as its experience doubles.

    A clock that was set back does not keep a store from learning.
    """
    if n_now < ENOUGH:
        return False
    if fitted_at is None or not timedelta(0) <= now - fitted_at < WEEK:
        return True
    return n_now >= 2 * max(n_then, ENOUGH // 2)
