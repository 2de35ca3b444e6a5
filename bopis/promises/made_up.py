"""A store that does not exist, with a spell in which somebody is missing: to try promises on. Pure.

Shoppers come as they like, more of them at noon and in the evening. Whoever is free takes the order
that came first. Days differ, walks differ, and one order of twenty hides an item. In the spell one
of three is away, and nobody has said so: the base goes on counting three.
"""

from dataclasses import dataclass
from itertools import chain as chained
from math import exp
from operator import attrgetter
from random import Random
from typing import Final

from bopis.promises import predictor
from bopis.promises.backtest import Past
from bopis.promises.predictor import Load, Tempo
from bopis.promises.tracking import hour_of

ORDERS: Final = 8000
SPELL: Final = range(4000, 4800)

OPENS_AT: Final = 9
DAY: Final = 12 * 60.0

AN_HOUR: Final = (4, 5, 7, 9, 8, 7, 6, 7, 9, 8, 6, 3)
"""Orders in each of the twelve hours of a day."""

USUAL: Final = Tempo()
SLOWER_AT: Final = {"morning": 0.95, "noon": 1.15, "afternoon": 1.0, "evening": 1.05}
"""What walks take, against what is assumed: the aisles are full at noon."""


@dataclass(slots=True)
class _Store:
    """Its hands, and what waits for them."""

    dice: Random
    free_at: list[float]
    waits: list[tuple[float, int]]
    day: int = -1
    mood: float = 1.0

    def take(self, at: float, people: int, units: int, slower: float) -> tuple[float, float]:
        """Take in an order; return its base, and how long it takes."""
        self.waits = [one for one in self.waits if one[0] > at]
        load = Load(len(self.waits), sum(n for _, n in self.waits), units, len(self.free_at))
        base = predictor.base_minutes(load, USUAL)
        work = USUAL.minutes(1, units) * slower * self._mood(at) * exp(self.dice.gauss(0, 0.3))
        if self.dice.random() < 0.05:  # noqa: PLR2004 -- one of twenty hides
            work += self.dice.uniform(8, 30)
        who = min(range(people), key=self.free_at.__getitem__)
        begins = max(at + self.dice.uniform(0.5, 4), self.free_at[who])
        self.free_at[who] = begins + work
        self.waits.append((begins, units))
        return base, begins + work - at

    def _mood(self, at: float) -> float:
        if int(at // DAY) != self.day:
            self.day, self.mood = int(at // DAY), exp(self.dice.gauss(0, 0.12))
        return self.mood


def chain(seed: int, stores: int = 20, orders: int = ORDERS) -> list[Past]:
    """Return the orders of many small stores, which know too little to learn alone."""
    each = orders // stores
    of_each = (
        [past._replace(store=f"S{n + 1}") for past in days(1000 * seed + n, orders=each)]
        for n in range(stores)
    )
    return sorted(chained(*of_each), key=attrgetter("at", "store"))


def days(seed: int, *, orders: int = ORDERS, spell: range = SPELL, people: int = 3) -> list[Past]:
    """Return the orders of some weeks, on a clock that only runs while the store is open."""
    dice = Random(seed)  # noqa: S311 -- shoppers, not secrets
    store = _Store(dice, [0.0] * people, [])
    at = 0.0
    pasts: list[Past] = []
    while len(pasts) < orders:
        at += dice.expovariate(AN_HOUR[int(at % DAY // 60)] / 60)
        here = people - 1 if len(pasts) in spell else people
        hour = hour_of(OPENS_AT + int(at % DAY // 60))
        units = min(1 + int(dice.expovariate(0.2)), 25)
        base, took = store.take(at, here, units, SLOWER_AT[hour])
        pasts.append(Past("S1", at, base, took, hour))
    return pasts
