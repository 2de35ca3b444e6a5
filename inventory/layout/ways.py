"""The ways of a floor as a net: where they meet, and how far it is from here to there. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise
from math import hypot, inf
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from inventory.layout.floor import XY, Direction, Floor, Place, Point, Way

_NEAR: Final = 0.05
"""Lines that pass each other at no more than this touch: plans are drawn by hand."""


class Spot(NamedTuple):
    """A point on a way: which piece of it, how far along, and how far off to the side."""

    piece: int
    along: float
    off: float
    xy: XY


class _Piece(NamedTuple):
    """A stretch of a way between two crossings, and whether it is walked forth and back."""

    way: int
    begins: float
    ends: float
    first: int
    second: int
    forth: bool
    back: bool


@dataclass(frozen=True)
class Net:
    """The ways of a floor cut where they meet, with all shortest walks between the cuts."""

    floor: Floor
    nodes: Sequence[XY]
    pieces: Sequence[_Piece]
    meters: npt.NDArray[np.float64] = field(repr=False)
    nexts: npt.NDArray[np.int64] = field(repr=False)

    def at(self, place: Place) -> Spot | None:
        """Return where a place is; None: its aisle is not on the plan, or blocked just there."""
        zone, aisle, bay, _ = place
        way = self.floor.way(zone, aisle)
        return None if way is None else self._on(self.floor.ways.index(way), way.along(bay), 0.0)

    def beside(self, point: Point) -> Spot | None:
        """Return the nearest spot on any way that can be walked."""
        found: list[Spot] = []
        for number, way in enumerate(self.floor.ways):
            along = _foot(way, (point.x, point.y))
            x, y = way.at(along)
            spot = self._on(number, along, hypot(point.x - x, point.y - y))
            if spot is not None:
                found.append(spot)
        return min(found, key=lambda spot: spot.off, default=None)

    def _on(self, number: int, along: float, off: float) -> Spot | None:
        for index, piece in enumerate(self.pieces):
            if piece.way == number and piece.begins - 1e-9 <= along <= piece.ends + 1e-9:
                return Spot(index, along, off, self.floor.ways[number].at(along))
        return None

    def _doors(self, spot: Spot, *, out: bool) -> Iterator[tuple[int, float]]:
        """Yield the ends of its piece by which a spot is left, or entered, and how far they are."""
        piece = self.pieces[spot.piece]
        if piece.forth if out else piece.back:
            yield piece.second, piece.ends - spot.along + spot.off
        if piece.back if out else piece.forth:
            yield piece.first, spot.along - piece.begins + spot.off

    def distance(self, a: Spot, b: Spot) -> float:
        """Return the meters from one spot to another; infinite: there is no way."""
        return min((meters for meters, _, _ in self._ways(a, b)), default=inf)

    def _ways(self, a: Spot, b: Spot) -> Iterator[tuple[float, int, int]]:
        """Yield walks from a to b: how long, from which door to which; -1: straight along."""
        if a.piece == b.piece:
            piece = self.pieces[a.piece]
            if b.along == a.along or (piece.forth if b.along > a.along else piece.back):
                yield abs(b.along - a.along) + a.off + b.off, -1, -1
        for leaves, near in self._doors(a, out=True):
            for enters, far in self._doors(b, out=False):
                between = float(self.meters[leaves, enters])
                if between < inf:
                    yield near + between + far, leaves, enters

    def path(self, a: Spot, b: Spot) -> list[XY]:
        """Return the corners of the shortest walk, both ends included; empty: there is none."""
        found = min(self._ways(a, b), default=None)
        if found is None:
            return []
        _, leaves, enters = found
        corners: list[XY] = [a.xy]
        if leaves >= 0:
            corners.append(self.nodes[leaves])
            while leaves != enters:
                leaves = int(self.nexts[leaves, enters])
                corners.append(self.nodes[leaves])
        corners.append(b.xy)
        return [one for one, after in pairwise(corners) if one != after] + corners[-1:]


def _foot(way: Way, point: XY) -> float:
    """Return how far along a way its nearest point to ``point`` is."""
    (ax, ay), (bx, by) = way.start, way.end
    share = ((point[0] - ax) * (bx - ax) + (point[1] - ay) * (by - ay)) / way.length**2
    return min(max(share, 0.0), 1.0) * way.length


@lru_cache(maxsize=256)
def net(floor: Floor) -> Net:
    """Return the net of a floor, as it is blocked: made once for as long as it stays so."""
    nodes: dict[XY, int] = {}
    pieces: list[_Piece] = []
    for number, way in enumerate(floor.ways):
        for begins, ends in pairwise(_cuts(floor, number)):
            forth, back = _walked(way, (begins + ends) / 2)
            if not forth and not back:
                continue
            first, second = (
                nodes.setdefault(_node(nodes, way.at(along)), len(nodes))
                for along in (begins, ends)
            )
            pieces.append(_Piece(number, begins, ends, first, second, forth, back))
    meters, nexts = _shortest(pieces, len(nodes))
    return Net(floor, list(nodes), pieces, meters, nexts)


def _node(nodes: dict[XY, int], xy: XY) -> XY:
    """Return the node that is here already, or the point itself."""
    near = (known for known in nodes if hypot(known[0] - xy[0], known[1] - xy[1]) <= 2 * _NEAR)
    return next(near, xy)


def _cuts(floor: Floor, number: int) -> list[float]:
    """Return where a way has to be cut: at its ends, where others meet it, at what blocks it."""
    way = floor.ways[number]
    cuts = {0.0, way.length}
    for other in floor.ways:
        if other is not way:
            cuts.update(_meets(way, other))
    if way.block is not None and way.block.bays is not None:
        cuts.update(way.reach(*way.block.bays))
    kept: list[float] = []
    for cut in sorted(cuts):
        if not kept or cut - kept[-1] > _NEAR:
            kept.append(cut)
    kept[-1] = way.length
    return kept


def _walked(way: Way, along: float) -> tuple[bool, bool]:
    """Return whether a way is walked forth and back there, whatever stands in it."""
    forth, back = True, not way.is_one_way
    if way.block is not None:
        begins, ends = way.reach(*way.block.bays) if way.block.bays else (0.0, way.length)
        if begins < along < ends:
            forth = forth and way.block.direction is Direction.BACK
            back = back and way.block.direction is Direction.FORTH
    return forth, back


def _meets(way: Way, other: Way) -> Iterator[float]:
    """Yield where another way touches this one, in meters from its first end."""
    for point in (other.start, other.end):
        along = _foot(way, point)
        x, y = way.at(along)
        if hypot(point[0] - x, point[1] - y) <= _NEAR:
            yield along
    for along, point in ((0.0, way.start), (way.length, way.end)):
        x, y = other.at(_foot(other, point))
        if hypot(point[0] - x, point[1] - y) <= _NEAR:
            yield along
    (ax, ay), (bx, by) = way.start, way.end
    (cx, cy), (dx, dy) = other.start, other.end
    turn = (bx - ax) * (dy - cy) - (by - ay) * (dx - cx)
    if abs(turn) > 1e-9 * way.length * other.length:
        share = ((cx - ax) * (dy - cy) - (cy - ay) * (dx - cx)) / turn
        along = ((cx - ax) * (by - ay) - (cy - ay) * (bx - ax)) / turn
        if 0 <= share <= 1 and 0 <= along <= 1:
            yield share * way.length


def _shortest(
    pieces: Sequence[_Piece], count: int
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int64]]:
    """Return all shortest walks between nodes, and for each the node to go to first.

    Source:
        R. W. Floyd, "Algorithm 97: Shortest path", Communications of the ACM 5(6), 1962.
    """
    meters = np.full((count, count), inf)
    nexts = np.full((count, count), -1, dtype=np.int64)
    np.fill_diagonal(meters, 0.0)
    for piece in pieces:
        length = piece.ends - piece.begins
        both = ((piece.first, piece.second, piece.forth), (piece.second, piece.first, piece.back))
        for a, b, is_walked in both:
            if is_walked and length < meters[a, b]:
                meters[a, b], nexts[a, b] = length, b
    for k in range(count):
        through = meters[:, k, None] + meters[None, k, :]
        shorter = through < meters - 1e-9
        meters = np.where(shorter, through, meters)
        nexts = np.where(shorter, nexts[:, k, None], nexts)
    return meters, nexts
