"""How people move, what they buy, and whether they come. Seeded through the world. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from math import exp
from random import Random
from typing import Final, Self

from bopis.simulation.chain import BAYS, Shelf
from bopis.simulation.world import World

CURVE: Final = (0.2, 0.1, 0.1, 0.1, 0.1, 0.2, 0.5, 1, 2, 3.5, 5, 6, 7, 6, 5, 5, 6, 8, 8, 6, 4, 2.5,
                1, 0.5)  # fmt: skip
"""How busy the web shop is in each hour of the store's day, relative to the other hours."""


SETS_OFF: Final = 0.5
"""The share of shoppers who say that they are on their way."""
SAYS_HERE: Final = 0.7
"""The share who say that they are here; the others just stand there."""


@dataclass(frozen=True, slots=True)
class Walker:
    """How one associate moves: some are quick, and a good scanner hand is not a quick walk.

    Units:
        pace: seconds from one bay to the next. cross: seconds from one aisle to the next.
    """

    pace: float
    cross: float

    @classmethod
    def of(cls, world: World, badge: str) -> Self:
        rng = world.rng("walker", badge)
        return cls(
            pace=rng.uniform(1.4, 2.6),
            cross=rng.uniform(5, 9),
        )

    def seconds(self, here: Shelf | None, there: Shelf | None) -> float:
        """Return the walk between two places; None is the pickup counter, by aisle 1."""
        a_aisle, a_bay = (here.aisle, here.bay) if here else (1, 0)
        b_aisle, b_bay = (there.aisle, there.bay) if there else (1, 0)
        along = (
            abs(a_bay - b_bay)
            if a_aisle == b_aisle
            else min(a_bay + b_bay, 2 * BAYS + 2 - a_bay - b_bay)
        )
        return 3 + self.pace * abs(along) + self.cross * abs(a_aisle - b_aisle)


class Plan(StrEnum):
    COLLECT = "collect"
    CANCEL = "cancel"
    NO_SHOW = "no_show"


@dataclass(frozen=True, slots=True)
class Shopper:
    """What the person behind one order is going to do.

    Shapes:
        after: for ``collect``, from being told *ready* to standing at the counter; for ``cancel``,
            from ordering to changing their mind.
    """

    plan: Plan
    after: timedelta
    answers: bool
    """Whether they answer the one question that they are asked afterwards."""
    travels: timedelta | None = None
    """How long before they come they say that they are on their way; None: they do not say it."""
    says_here: bool = False
    fetched_in: timedelta = timedelta(0)
    """How long the bag takes to come from its place, once they stand there."""

    @classmethod
    def of(cls, world: World, reference: str) -> Self:
        rng, temper = world.rng("shopper", reference), world.temper
        luck = rng.random()
        answers = rng.random() < temper.answers
        if luck < temper.cancels:
            return cls(Plan.CANCEL, timedelta(minutes=rng.uniform(2, 90)), answers=False)
        if luck < temper.cancels + temper.no_show:
            return cls(Plan.NO_SHOW, timedelta(0), answers=False)
        after = timedelta(hours=min(20.0, rng.lognormvariate(0.2, 0.9)))
        coming = world.rng("coming", reference)  # of its own: who is told of less draws no less
        travels = timedelta(minutes=coming.randint(4, 25))
        return cls(
            Plan.COLLECT,
            after,
            answers=answers,
            travels=travels if coming.random() < SETS_OFF else None,
            says_here=coming.random() < SAYS_HERE,
            fetched_in=timedelta(seconds=coming.uniform(40, 300)),
        )


def orders_of_day(
    world: World, store: str, midnight: datetime, count: float
) -> Iterator[tuple[datetime, Sequence[tuple[str, int]]]]:
    """Yield the web orders of one demo day: when, and what.

    Shapes:
        midnight: the start of the day in the store's zone.
        yields: in order of time; 1..8 lines each, no sku twice.
    """
    rng = world.rng("orders", store, midnight.isoformat())
    stocked = [
        item for (where, sku), n in world.chain.opening.items()
        if where == store and n and (item := world.chain.items[sku])
    ]  # fmt: skip
    weights = [item.weight for item in stocked]
    for hour, share in enumerate(CURVE):
        expected = count * share / sum(CURVE)
        moments = sorted(rng.uniform(0, 3600) for _ in range(_poisson(rng, expected)))
        for second in moments:
            skus = dict.fromkeys(
                item.good.sku for item in rng.choices(stocked, weights, k=rng.randint(1, 8))
            )
            lines = [(sku, rng.choices((1, 2, 3), (8, 3, 1))[0]) for sku in skus]
            yield midnight + timedelta(hours=hour, seconds=second), lines


def _poisson(rng: Random, mean: float) -> int:
    """Return a Poisson draw (Knuth's product method: fine for the small means of an hour)."""
    limit, product, n = exp(-mean), rng.random(), 0
    while product > limit:
        product *= rng.random()
        n += 1
    return n
