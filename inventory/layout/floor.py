"""The floor of a store: its aisles, and what stands in the way. Pure.

A way is a straight line that people walk: an aisle between shelves, or a cross aisle that joins
them. Ways meet wherever their lines touch. Where a way is blocked nobody passes, and what stands
beside the obstacle cannot be reached; what stands before or behind it can, from its own side.

Units:
    coordinates and lengths in meters; x to the right and y away from the front of the store, as on
    a plan that somebody reads with the entrance at its foot.
"""

import re
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from math import hypot
from typing import Final

XY = tuple[float, float]
Place = tuple[str, str, str, str]
"""Zone, aisle, bay, shelf."""


class PointKind(StrEnum):
    COUNTER = "counter"  # where walks begin, and end if nothing else is said
    STAGING = "staging"  # where what was picked waits
    ENTRANCE = "entrance"
    BACKROOM = "backroom"  # its door


class Direction(StrEnum):
    """Which way nobody walks."""

    BOTH = "both"
    FORTH = "forth"  # from the first end to the second
    BACK = "back"


@dataclass(frozen=True, slots=True)
class Block:
    """Something in the way.

    Shapes:
        bays: the first and the last bay beside it; None: the whole way is shut.
        until: None: until somebody says that it is free.
    """

    reason: str
    until: datetime | None = None
    bays: tuple[int, int] | None = None
    direction: Direction = Direction.BOTH


@dataclass(frozen=True, slots=True)
class Way:
    """One aisle, or a cross aisle, which has a name but no bays.

    Shapes:
        zone: blank: the aisle's name is enough, whatever zone its items are in.
        bays: the numbers of its first and its last bay, from its first end on; None: not known.
        is_one_way: walked from its first end to its second only.
    """

    aisle: str
    start: XY
    end: XY
    zone: str = ""
    bays: tuple[int, int] | None = None
    is_one_way: bool = False
    is_cross: bool = False
    block: Block | None = None

    @property
    def length(self) -> float:
        return hypot(self.end[0] - self.start[0], self.end[1] - self.start[1])

    def blocked(self, block: Block | None) -> "Way":
        return replace(self, block=block)

    def at(self, along: float) -> XY:
        """Return the point so many meters from the first end."""
        share = along / self.length
        (ax, ay), (bx, by) = self.start, self.end
        return ax + (bx - ax) * share, ay + (by - ay) * share

    def reach(self, first: int, last: int) -> tuple[float, float]:
        """Return from where to where some bays stand, in meters; all of it, if none are known."""
        if self.bays is None:
            return 0.0, self.length
        begins, ends = self.bays
        count = abs(ends - begins) + 1
        turns = sorted(
            min(max((bay - begins) * (1 if ends >= begins else -1), 0), count - 1)
            for bay in (first, last)
        )
        return turns[0] / count * self.length, (turns[1] + 1) / count * self.length

    def along(self, bay: str) -> float:
        """Return how far from the first end a bay is; of a bay without a number, the middle."""
        number = _number(bay)
        if number is None or self.bays is None:
            return self.length / 2
        begins, ends = self.reach(number, number)
        return (begins + ends) / 2


@dataclass(frozen=True, slots=True)
class Point:
    kind: PointKind
    x: float
    y: float
    label: str = ""


@dataclass(frozen=True, slots=True)
class Floor:
    """All that is known of one store's floor.

    Shapes:
        ways: at least one; no zone and aisle twice.
    """

    ways: tuple[Way, ...]
    points: tuple[Point, ...] = ()

    def now(self, now: datetime) -> "Floor":
        """Return the floor with only those blocks that are still there."""
        return replace(self, ways=tuple(_unblocked(way, now) for way in self.ways))

    def point(self, *kinds: PointKind) -> Point | None:
        """Return the first point of the first of these kinds that has one."""
        return next((point for kind in kinds for point in self.points if point.kind is kind), None)

    def way(self, zone: str, aisle: str) -> Way | None:
        """Return the aisle that signs name so; None: the plan has none, or more than one."""
        called = [way for way in self.ways if _same(way.aisle, aisle) and not way.is_cross]
        exact = [way for way in called if _same(way.zone, zone)]
        if exact:
            return exact[0]
        open_ = [way for way in called if not way.zone] or called
        return open_[0] if len(open_) == 1 else None


def _unblocked(way: Way, now: datetime) -> Way:
    is_over = way.block is not None and way.block.until is not None and way.block.until <= now
    return way.blocked(None) if is_over else way


def _same(one: str, other: str) -> bool:
    return one.strip().casefold() == other.strip().casefold()


_DIGITS: Final = re.compile(r"\d+")


def _number(bay: str) -> int | None:
    if found := _DIGITS.search(bay):
        return int(found[0])
    letter = bay.strip().casefold()
    return ord(letter) - ord("a") + 1 if len(letter) == 1 and "a" <= letter <= "z" else None
