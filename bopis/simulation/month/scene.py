"""What everything that happens in one simulated store shares: its clock, its dice and its desk."""

import heapq
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from random import Random
from typing import Any, Final
from uuid import UUID

from bopis.kernel.ids import Ids
from bopis.simulation.month.desk import Desk
from bopis.simulation.month.kept import Book
from bopis.simulation.month.nature import Month, Nature
from bopis.simulation.month.shelves import Shelves, Slot
from bopis.simulation.month.shoppers import Shopper

TICK: Final = timedelta(minutes=1)
PHASE: Final = timedelta(seconds=35)
"""Looks are taken in the second half of each minute, by the first sweep of it (``rounds``)."""


@dataclass(slots=True)
class Truth:
    """What is so of an order and not on record."""

    shopper: Shopper
    slots: dict[int, Slot]
    bag_lacks: int | None = None
    """A line that was called ready and is not in the bag."""
    dropped: bool = False


class Scene:
    """One store's heap of things to come. Each kind of chance has dice of its own."""

    desk: Desk

    def __init__(self, month: Month, nature: Nature) -> None:
        seed, name = month.seed, nature.store
        self.month, self.nature = month, nature
        self.calendar = nature.calendar
        self.shelves = Shelves(seed, nature)
        self.book = Book(name, seed)
        self.counts: Counter[str] = Counter()
        self._work = Random(f"{seed}:work:{name}")
        self._web = Random(f"{seed}:web:{name}")
        self._people = Ids(Random(f"{seed}:people:{name}"))
        self._heap: list[tuple[datetime, int, Callable[[datetime], None]]] = []
        self._turn = count()
        self._truth: dict[UUID, Truth] = {}

    def _at(self, at: datetime, act: Callable[[datetime], None]) -> None:
        heapq.heappush(self._heap, (at, next(self._turn), act))

    def _is_down(self, now: datetime) -> datetime | None:
        """Return when our own system answers again, if it does not now."""
        down = self.month.outage
        return down[1] if down and down[0] <= now < down[1] else None

    def _was_down(self, now: datetime) -> datetime | None:
        down = self.month.outage
        return down[0] if down and down[1] <= now < down[1] + TICK else None

    def _tell(self, now: datetime, act: Callable[..., object], *values: Any) -> None:
        """Let the desk hear of something: now, or when our system is there again."""
        until = self._is_down(now)
        if until is None:
            act(*values, now)
        else:
            self._at(until, lambda at: (act(*values, at), None)[1])
