"""What lies on a store's shelves, what its till thinks, and what we were told of it. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from random import Random
from typing import Final

from bopis.simulation.month.nature import Nature

ITEMS: Final = 240
SALES: Final = 90
"""Units that walk-in customers buy on a day, of the items that are also sold for pickup."""
RESTOCK: Final = frozenset({0, 2, 4})
"""Weekdays of a delivery, in the early morning."""
DEPARTMENTS: Final = (
    "Produce", "Dairy", "Bakery", "Pantry", "Drinks", "Household", "Care", "Toys",
)  # fmt: skip
MISCOUNTED: Final = 0.01
"""Share of delivered items of which a unit more or less came than the note says."""


@dataclass(slots=True)
class Slot:
    """One item: what is ``there``, what the store's ``till`` thinks, and what we were ``told``.

    Units:
        held: set aside for orders, and not picked yet.
        level: what a delivery fills it up to.
    """

    sku: str
    there: int
    till: int
    told: int
    level: int
    held: int = 0


class Shelves:
    """The items of one store. Every draw is its own, so that no order of events changes another."""

    def __init__(self, seed: int, nature: Nature) -> None:
        self._nature = nature
        rng = Random(f"{seed}:shelves:{nature.store}")
        self.rng = rng
        levels = [rng.randint(8, 36) for _ in range(ITEMS)]
        self.slots = [Slot(f"I{n:04}", x, x, x, x) for n, x in enumerate(levels)]
        self._weights = list(accumulate(1.0 / (n + 12) for n in range(ITEMS)))
        self._late = False

    def draw(self, rng: Random, lines: int) -> Sequence[Slot]:
        """Return different items, as people pick them: some far more often than others."""
        drawn = rng.choices(self.slots, cum_weights=self._weights, k=lines)
        return list({slot.sku: slot for slot in drawn}.values())

    def night(self, weekday: int) -> None:
        """Let units vanish, and bring the delivery, or not."""
        rng = self.rng
        for slot in self.slots:
            if rng.random() < self._nature.shrink:
                slot.there = max(0, slot.there - rng.randint(1, 2))
        if weekday in RESTOCK:
            self._late = rng.random() < self._nature.late_deliveries
            if not self._late:
                self._deliver()
        elif self._late:
            self._deliver()
            self._late = False

    def _deliver(self) -> None:
        for slot in self.slots:
            ordered = max(0, slot.level - slot.till)
            came = ordered
            if ordered and self.rng.random() < MISCOUNTED:
                came = max(0, ordered + self.rng.choice((-1, 1)))
            slot.there += came
            slot.till += ordered

    def hour(self, share: float) -> None:
        """Sell to whoever walks in."""
        for slot in self.rng.choices(
            self.slots, cum_weights=self._weights, k=max(0, round(self.rng.gauss(SALES * share, 2)))
        ):
            if slot.there:
                slot.there -= 1
                slot.till = max(0, slot.till - 1)

    def feed(self, day: int) -> bool:
        """Say to us what the till thinks; False if the feed is silent."""
        if day in self._nature.silent:
            return False
        for slot in self.slots:
            slot.told = slot.till
        return True

    def taken(self, slot: Slot, units: int, *, asked: int) -> None:
        """Units are in a tote; what was asked for is not set aside any more."""
        slot.held -= asked
        slot.there -= units
        slot.till = max(0, slot.till - units)
        slot.told = max(0, slot.told - units)

    def put_back(self, slot: Slot, units: int) -> None:
        slot.there += units
        slot.till += units
        slot.told += units

    def counted(self, slot: Slot) -> None:
        """Somebody looked properly: now everybody knows."""
        slot.till = slot.told = slot.there
