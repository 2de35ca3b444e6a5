"""In which order to walk to the shelves. Pure."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import Final

COLD: Final = ("chilled", "refrigerated", "dairy", "frozen")
"""Zones that come last, in this sequence: what is cold should stay so until it is staged."""

HANDFUL: Final = 4
"""Units of one item that cost a scan each. Of more, somebody counts and keys the number in, so that
a line of a hundred is no more work than a line of four."""

_DIGITS: Final = re.compile(r"(\d+)")


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


_Natural = tuple[tuple[int, int, str], ...]


def natural(word: str) -> _Natural:
    """Return a key that sorts "9" before "12" and "12" before "12A"."""
    return tuple(
        (0, int(part), "") if part.isdecimal() else (1, 0, part.casefold())
        for part in _DIGITS.split(word)
        if part
    )


_Aisle = tuple[int, _Natural, _Natural]


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
