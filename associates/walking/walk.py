"""In which order to walk to the shelves. Pure."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from math import isinf
from typing import Final

from associates.walking import route
from associates.walking.route import Meters
from inventory.layout import floor as floors
from inventory.layout import ways
from inventory.layout.floor import Floor, PointKind
from inventory.layout.ways import Net, Spot

COLD: Final = ("chilled", "refrigerated", "dairy", "frozen")
"""Zones that come last, in this sequence: what is cold should stay so until it is staged."""

HANDFUL: Final = 4
"""Units of one item that cost a scan each. Of more, somebody counts and keys the number in, so that
a line of a hundred is no more work than a line of four."""

_DIGITS: Final = re.compile(r"(\d+)")
_Natural = tuple[tuple[int, int, str], ...]
_Aisle = tuple[int, _Natural, _Natural]


def effort(quantities: Iterable[int]) -> int:
    """Return how many scans' worth of work these lines are.

    Shapes:
        quantities: units still to be found, line by line.
    """
    return sum(min(quantity, HANDFUL) for quantity in quantities)


@dataclass(frozen=True, slots=True)
class Place:
    """A shelf, as its signs name it: words, often but not always numbers."""

    zone: str
    aisle: str
    bay: str
    shelf: str


@dataclass(frozen=True, slots=True)
class Stop:
    line: int
    place: Place | None
    skipped: int = 0
    is_heavy: bool = False


@dataclass(frozen=True, slots=True)
class Walk:
    """The stops in the order of a walk.

    Shapes:
        cut_off: lines whose place is on the plan, and to which no way leads just now.
        meters: how long it is, there and back; None: there is no plan of this floor.
    """

    stops: list[Stop]
    cut_off: frozenset[int] = frozenset()
    meters: float | None = None


def planned(
    stops: Iterable[Stop],
    floor: Floor | None,
    *,
    heavy_first: bool = False,
    here: Place | None = None,
) -> Walk:
    """Return the shortest walk over all stops; without a plan of the floor, an S-shaped one.

    It begins at the counter and ends where bags are staged: at the counter, if the plan names no
    such place; where it names neither, it begins and ends at any stop. What is heavy comes after
    the rest, so that nobody carries it farther than they must; then what is chilled, and what is
    frozen last of all. Whatever lies in one bay is one stop, in its turn with the last of it. Of
    what cannot be placed on the plan, or is cut off, somebody will have to ask: it comes last.

    Give it every stop, whether or not it is done or was skipped: the order then stays as it is
    while things are found, and nobody is turned round (``in_turn`` puts off what was skipped).

    Shapes:
        floor: as it is blocked now (``Floor.now``).
        heavy_first: what is heavy comes before all else instead, and lies at the bottom of the
            tote; a bay with something heavy in it is in its turn with the first of it.
        here: where somebody stands who is under way, and goes on from; None: at the counter.

    Source:
        Such classes cost little: in-store orienteering studies of a German retailer, and
        ``docs/walking.md`` for what they cost here.
    """
    every = [replace(stop, skipped=0) for stop in stops]
    foreseen = serpentine(every)
    if floor is None or not floor.ways:
        return Walk(foreseen)
    net = ways.net(floor)
    begins, ends = ends_of(net)
    bays: dict[Place, list[Stop]] = {}
    seen = sorted(every, key=lambda stop: _seen(stop, heavy_first=heavy_first))
    for stop in seen:
        if stop.place is not None:
            bays.setdefault(_bay_of(stop.place), []).append(stop)
    spots = {bay: net.at(_words(bay)) for bay in bays}
    stands = net.at(_words(here)) if here else None
    if stands is not None and any(_is_reached(net, stands, s, ends) for s in spots.values() if s):
        begins = stands
    reached = {
        bay: spot
        for bay, spot in spots.items()
        if spot is not None and _is_reached(net, begins, spot, ends)
    }
    numbers = {bay: number for number, bay in enumerate(reached)}
    meters = _meters(net, begins, list(reached.values()), ends)
    turn = min if heavy_first else max
    ranks = [turn(_rank(s, heavy_first=heavy_first) for s in bays[bay]) for bay in reached]
    known = dict.fromkeys(_bay_of(stop.place) for stop in foreseen if stop.place is not None)
    order = route.shortest(meters, ranks, [[numbers[bay] for bay in known if bay in numbers]])
    length = meters.of(order)
    if isinf(length):
        return Walk(foreseen)  # one-way aisles that lead nowhere: the plan cannot be right
    names = list(reached)
    walk = [stop for number in order for stop in bays[names[number]]]
    placed = {stop.line for stop in walk}
    return Walk(
        walk + [stop for stop in foreseen if stop.line not in placed],
        frozenset(
            stop.line
            for bay, group in bays.items()
            if bay not in reached and floor.way(bay.zone, bay.aisle) is not None
            for stop in group
        ),
        round(length, 1),
    )


def in_turn(stops: Iterable[Stop]) -> list[Stop]:
    """Return planned stops as they are to be walked now: what was skipped less often comes first.

    The order within a round is the plan's, whose walk ends where the next one begins.
    """
    return sorted(stops, key=lambda stop: stop.skipped)


def ends_of(net: Net) -> tuple[Spot | None, Spot | None]:
    """Return where walks of a store begin and end; None: anywhere."""
    begins = net.floor.point(PointKind.COUNTER)
    ends = net.floor.point(PointKind.STAGING, PointKind.COUNTER)
    return net.beside(begins) if begins else None, net.beside(ends) if ends else None


def _is_reached(net: Net, begins: Spot | None, spot: Spot, ends: Spot | None) -> bool:
    there = begins is None or not isinf(net.distance(begins, spot))
    return there and (ends is None or not isinf(net.distance(spot, ends)))


def _meters(net: Net, begins: Spot | None, spots: Sequence[Spot], ends: Spot | None) -> Meters:
    return Meters(
        [net.distance(begins, spot) if begins else 0.0 for spot in spots],
        [[net.distance(a, b) for b in spots] for a in spots],
        [net.distance(spot, ends) if ends else 0.0 for spot in spots],
    )


def _bay_of(place: Place) -> Place:
    zone, aisle, bay = (word.strip().casefold() for word in (place.zone, place.aisle, place.bay))
    return Place(zone, aisle, bay, "")


def _words(place: Place) -> floors.Place:
    return place.zone, place.aisle, place.bay, place.shelf


def _rank(stop: Stop, *, heavy_first: bool) -> int:
    zone = stop.place.zone.casefold() if stop.place else ""
    if zone in COLD:
        return 3 if zone == COLD[-1] else 2
    return int(stop.is_heavy is not heavy_first)


def _seen(stop: Stop, *, heavy_first: bool) -> tuple[_Aisle, _Natural, int, _Natural, int]:
    """Return a key by which the same stops come in the same order, whoever lists them."""
    return _aisle(stop), _bay(stop), _rank(stop, heavy_first=heavy_first), *_shelf(stop)


def serpentine(stops: Iterable[Stop]) -> list[Stop]:
    """Return the stops of one pick in the order of an S-shaped walk, zone by zone.

    Each aisle that holds an item is walked from end to end, alternately away from the front of
    the store and back towards it; other aisles are skipped. It is not the shortest walk, but it is
    one that a person can foresee, and so need not read off a screen. A stop that was skipped comes
    after all that were skipped less often; one whose place nobody knows comes last in its round.

    Give it every stop of the task, done ones too, and look for the first that is not done: were the
    done ones left out, the walk would turn round under the walker's feet. For the same reason an
    aisle keeps its direction when some of its stops are skipped.

    Shapes:
        stops: 0..n, in any order; several may share a place.
        returns: the same stops, each once.

    Raises:
        Nothing: an unknown place is a stop like any other.

    Source:
        S-shape heuristic: K. J. Roodbergen and R. de Koster, "Routing methods for warehouses
        with multiple cross aisles", Int. J. Production Research 39(9), 2001, pp. 1865-1883,
        doi:10.1080/00207540110028128.
    """
    every = list(stops)
    aisles = sorted({_aisle(stop) for stop in every})
    walk: list[Stop] = []
    for (_, aisle), group in groupby(sorted(every, key=_round), key=_round):
        in_aisle = sorted(group, key=_shelf)
        walk.extend(sorted(in_aisle, key=_bay, reverse=aisles.index(aisle) % 2 == 1))
    return walk


def natural(word: str) -> _Natural:
    """Return a key that sorts "9" before "12" and "12" before "12A"."""
    return tuple(
        (0, int(part), "") if part.isdecimal() else (1, 0, part.casefold())
        for part in _DIGITS.split(word)
        if part
    )


def _aisle(stop: Stop) -> _Aisle:
    if stop.place is None:
        return len(COLD) + 1, (), ()
    zone = stop.place.zone.casefold()
    rank = COLD.index(zone) + 1 if zone in COLD else 0
    return rank, natural(zone), natural(stop.place.aisle)


def _round(stop: Stop) -> tuple[int, _Aisle]:
    return stop.skipped, _aisle(stop)


def _bay(stop: Stop) -> _Natural:
    return natural(stop.place.bay) if stop.place else ()


def _shelf(stop: Stop) -> tuple[_Natural, int]:
    return natural(stop.place.shelf) if stop.place else (), stop.line
