"""How long an order takes, and how wrong that usually is. Pure.

Everything here counts minutes of *open* time; whoever calls turns them into instants by the
store's calendar. The forecast has two layers, so that no padding hides in the first:

1. ``base_minutes``: what the work ahead of this order and its own lines would take at the tempo
   of this store today. Plain arithmetic on things an associate could count by walking past.
2. ratios of *actual to base* of recent orders: how wrong layer 1 usually is. The share of them that
   would be too long is the probability to be late; the share that was ready within what is promised
   is what we say of a promise. How long a promise has to be is learned from promises themselves
   (``tracking``): it follows a slump for which a window of ratios has no eyes.

What it does not know: shifts that begin later, aisles that are crowded, items that hide. They
show up as ratios a day later, and as an order that does not move at once.

Source:
    Base times empirical ratio, quantile by rank: split conformal prediction as in Lei, G'Sell,
    Rinaldo, Tibshirani, Wasserman, "Distribution-free predictive inference for regression",
    J. American Statistical Association 113 (2018).
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from math import ceil, exp
from statistics import NormalDist
from typing import Final, NamedTuple

from bopis.promises.promise import Basis

CONFIDENCE: Final = 0.9

SURER: Final = 0.98
"""What is promised after a second failure is to hold: there is no third apology."""
SECOND: Final = 2

ENOUGH: Final = 20
"""With fewer recent orders than this, a quantile is an anecdote."""

NOTICE_MINUTES: Final = 3.0
"""Before anybody walks somebody has to notice, however empty the store and quick the day."""

STAGING_MINUTES: Final = 2.0
"""What is left at the least while somebody still holds the tote."""

SEARCH_MINUTES: Final = 10.0
"""To look in other places for an item of which the stock record says that it is not there, and to
count it."""

OWN_PRIOR_MINUTES: Final = 15.0
"""After so much expected work of its own, a walk counts as much as the day does. With less, the
first item that is not on its shelf makes a long walk look hopeless: false alarms."""

STILL_AFTER: Final = timedelta(minutes=15)
"""A floor on which nothing moves for so long, while orders wait, is not about to notice them."""

STILL_MOST: Final = timedelta(minutes=30)

IMAGINED: Final = (1, 20)
"""Units of the two orders that are taken to have gone as usual."""

LEAST_PER_ORDER: Final = 1.0
LEAST_PER_UNIT: Final = 0.05
"""Nobody is quicker than that; a line through a few points may think so."""

MOST: Final = 4.0
"""What took longer than so many times its base tells of a mishap, and not of the next order.
It counts as this much: else the one mishap of a month would be what everybody is promised."""

FIXED_RATIOS: Final[Sequence[float]] = tuple(
    round(exp(NormalDist(0.0, 0.5).inv_cdf((i + 0.5) / 40)), 4) for i in range(40)
)
"""Where nobody has measured: log-normal, median 1, and one in ten takes twice the base."""


@dataclass(frozen=True, slots=True)
class Tempo:
    """What work takes: as assumed where nothing is known of today, or as today has shown.

    Units:
        per_order: open minutes for what every order costs: walking out and back, staging.
        per_unit: open minutes for each unit that has to be found and scanned; many of one item
            count as a handful (``associates.walking.walk.effort``).
    """

    per_order: float = 5.0
    per_unit: float = 1.5

    def minutes(self, orders: float, units: int) -> float:
        return orders * self.per_order + units * self.per_unit


@dataclass(frozen=True, slots=True)
class Load:
    """What has to be done before an order is ready.

    Shapes:
        orders_ahead, units_ahead: of this store, due before it; without the order itself.
        units: its own units that still have to be found; 0 when all that is left is to stage.
        pickers: associates at work; 0 is taken as 1, because somebody will have to come.
    """

    orders_ahead: int
    units_ahead: int
    units: int
    pickers: int = 1


@dataclass(frozen=True, slots=True)
class Worked:
    """One order that was picked today: what it held, and how long it took from start to staged."""

    units: int
    minutes: float


class Took(NamedTuple):
    """How one recent order went: actual to base; of one that is not ready, by its promise."""

    ratio: float
    is_ready: bool = True


@dataclass(frozen=True, slots=True)
class Evidence:
    """The ratios to believe, and where they come from.

    Shapes:
        ratios: at least one, at most ``MOST`` each.
        ready: those of orders that became ready, as they were, the smallest first.
    """

    ratios: Sequence[float]
    basis: Basis
    ready: Sequence[float] = ()

    @property
    def sample_size(self) -> int:
        """How many orders stand behind it; none stand behind an assumption."""
        return 0 if self.basis is Basis.FIXED else len(self.ratios)

    def kept(self, ratio: float) -> int | None:
        """Return how many of these orders were ready within so many times their base.

        What is not ready yet was not. None: nothing stands behind it, so nothing can be said.
        """
        if self.basis is Basis.FIXED:
            return None
        return bisect_right(self.ready, ratio)


WALK: Final = Evidence(FIXED_RATIOS, Basis.FIXED)
"""What a walk under way is judged by: nobody has measured how wrong its rest usually is."""


def today(worked: Iterable[Worked], usual: Tempo) -> Tempo:
    """Return what work takes today: a line through what was seen, by order and by unit.

    One number for both would not do: where many items lie on one walk the tenth costs little, and
    a long order would look hopeless from its first minute. Few orders prove little, so two orders
    that went as usual, a small and a large one, are seen with them; a slow pick of the morning
    moves the line a little, a slow morning moves it all the way. Long walks vary more than short
    ones, so each counts by the inverse of what it should have taken.

    Source:
        Weighted least squares of a line, with the prior as observations: any textbook.
    """
    seen = [*(Worked(units, usual.minutes(1, units)) for units in IMAGINED), *worked]
    points = [(1 / usual.minutes(1, work.units), work.units, work.minutes) for work in seen]
    weight = sum(w for w, _, _ in points)
    units = sum(w * u for w, u, _ in points) / weight
    minutes = sum(w * m for w, _, m in points) / weight
    along = sum(w * (u - units) * (m - minutes) for w, u, m in points)
    spread = sum(w * (u - units) ** 2 for w, u, _ in points)
    per_unit = max(along / spread, LEAST_PER_UNIT)
    return Tempo(max(minutes - per_unit * units, LEAST_PER_ORDER), per_unit)


def base_minutes(load: Load, tempo: Tempo) -> float:
    """Return what the queue and the order itself would take if all went as it goes today.

    The queue is shared by everybody on the floor; the order itself is one person's walk.
    """
    queue = tempo.minutes(load.orders_ahead, load.units_ahead) / max(load.pickers, 1)
    return NOTICE_MINUTES + queue + tempo.minutes(1, load.units)


def standstill(idle: timedelta, pickers: int) -> timedelta:
    """Return for how long nobody will come yet, where orders wait and no walk has moved.

    What has lasted for a while lasts about as long again: we look at it at no special moment. With
    people signed in a pause is just a pause until ``STILL_AFTER``, and no more than ``STILL_MOST``
    is held against them: what is due in the afternoon may wait. With nobody there every minute
    counts.

    Source:
        J. R. Gott, "Implications of the Copernican principle for our future prospects",
        Nature 363 (1993): the median of what is left is what has passed.
    """
    if not pickers:
        return idle
    return timedelta(0) if idle < STILL_AFTER else min(idle, STILL_MOST)


def walk_minutes(*, left: int, done: int, elapsed: float, tempo: Tempo) -> float:
    """Return what is left of a walk that goes on as it went so far.

    The walk is its own best witness: one that has taken ten minutes for a third of its items is not
    done in five more, whatever was usual today. At its beginning the day's tempo speaks for it.

    Units:
        left, done: units, a handful of one item at most (``associates.walking.walk.effort``).
        elapsed: open minutes since somebody began.
    """
    expected = tempo.minutes(0.5, done)
    own = (OWN_PRIOR_MINUTES + elapsed) / (OWN_PRIOR_MINUTES + expected)
    return max(STAGING_MINUTES, own * tempo.minutes(0.5, left))


def evidence(of_store: Sequence[Took], of_all: Sequence[Took]) -> Evidence:
    """Return the narrowest experience that is wide enough to be one.

    Shapes:
        of_store, of_all: actual / base of recent finished orders, in any order; may be empty.
    """
    if len(of_store) >= ENOUGH:
        return _of(of_store, Basis.STORE)
    if len(of_all) >= ENOUGH:
        return _of(of_all, Basis.POOLED)
    return Evidence(FIXED_RATIOS, Basis.FIXED)


def _of(seen: Sequence[Took], basis: Basis) -> Evidence:
    ready = sorted(one.ratio for one in seen if one.is_ready)
    return Evidence(sorted(min(one.ratio, MOST) for one in seen), basis, ready)


def quantile(ratios: Sequence[float], share: float) -> float:
    """Return the ratio that ``share`` of orders like these did not exceed.

    By rank ``ceil((n + 1) * share)``: the + 1 is the order we speak about, which is why the
    promise holds as often as it says even for small samples.

    Shapes:
        ratios: at least one.
    """
    ranked = sorted(ratios)
    return ranked[min(ceil((len(ranked) + 1) * share), len(ranked)) - 1]


def share_over(ratios: Sequence[float], left: float, base: float) -> float:
    """Return which share of such orders needs more than is left: 1 - F(left).

    Shapes:
        ratios: at least one, ascending.

    Units:
        left, base: open minutes; with none left it is too late, however little there is to do.
    """
    if left <= 0:
        return 1.0
    if base <= 0:
        return 0.0
    return (len(ratios) - bisect_right(ratios, left / base)) / len(ratios)  # 8 of 40 are 0.2


def confidence(version: int, *, again: bool = False) -> float:
    """Return how sure a version of a promise has to be: after a second failure, surer.

    Shapes:
        again: their shopper has been let down before, with another order.
    """
    failures = version - 1 + again
    return SURER if failures >= SECOND else CONFIDENCE
