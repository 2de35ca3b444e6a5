"""How likely an item is at one of its places, by what hands have found there. Pure.

What was learned fades, by time and by newer looks: a shelf that was full in spring says little
about today, and one empty hour says more than ten full ones of last month.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Protocol, TypeVar

HALF_LIFE: Final = timedelta(days=14)
"""After so long, what was learned counts half."""
KEEP: Final = 0.8
"""What each new look leaves of the older ones: of many, about the last five count."""
REFILLED: Final = timedelta(hours=24)
"""For so long a place where the item was last missed is believed to be still empty."""

_FIRST: Final = {"shelf": 0.7, "display": 0.5, "backroom": 0.35}
"""How often a planned place holds what the plan says, before anybody has looked there."""
_UNPLANNED: Final = 0.2
"""The same of a place that is not in the plan: only what was found there speaks for it."""
_STILL_EMPTY: Final = 0.25
"""What a recent miss leaves of the odds."""
_KINDS: Final = tuple(_FIRST)


class Known(Protocol):
    """A place of one item, and what was learned there.

    Units:
        found, missed: looks that count, faded as of ``learned_at``.
    """

    @property
    def zone(self) -> str: ...
    @property
    def aisle(self) -> str: ...
    @property
    def bay(self) -> str: ...
    @property
    def shelf(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def planned(self) -> bool: ...
    @property
    def found(self) -> float: ...
    @property
    def missed(self) -> float: ...
    @property
    def learned_at(self) -> datetime | None: ...
    @property
    def last_found_at(self) -> datetime | None: ...
    @property
    def last_missed_at(self) -> datetime | None: ...


class Sure(StrEnum):
    """How sure we are, as a person would say it."""

    SURE = "sure"
    LIKELY = "likely"
    MAYBE = "maybe"
    HARDLY = "hardly"
    UNTRIED = "untried"  # the plan says so, and nobody has looked


def faded(since: datetime | None, now: datetime) -> float:
    """Return what is left of something learned at ``since``: 1 for now, a half per half-life."""
    if since is None or since >= now:
        return 1.0
    return float(0.5 ** ((now - since) / HALF_LIFE))


def odds(place: Known, now: datetime) -> float:
    """Return how likely the item is here, between 0 and 1.

    The mean of a beta distribution: what was found and missed, beside one look's worth of what is
    usual for such a place. Not calibrated: it only has to put the places in order.
    """
    left = faded(place.learned_at, now)
    found, missed = place.found * left, place.missed * left
    first = _FIRST[place.kind] if place.planned else _UNPLANNED
    chance = (found + first) / (found + missed + 1)
    return chance * _STILL_EMPTY if is_still_empty(place, now) else chance


def is_still_empty(place: Known, now: datetime) -> bool:
    """Say whether it was missed here not long ago, and not found since."""
    missed, found = place.last_missed_at, place.last_found_at
    if missed is None or now - missed >= REFILLED:
        return False
    return found is None or missed > found


def sure(place: Known, now: datetime) -> Sure:
    """Return the odds in a word."""
    if place.last_found_at is None and place.last_missed_at is None:
        return Sure.UNTRIED if place.planned else Sure.HARDLY
    chance = odds(place, now)
    bounds = ((0.75, Sure.SURE), (0.5, Sure.LIKELY), (0.25, Sure.MAYBE))
    return next((word for least, word in bounds if chance >= least), Sure.HARDLY)


_Place = TypeVar("_Place", bound=Known)


def ranked(places: Iterable[_Place], now: datetime) -> list[_Place]:
    """Return places of one item, the likeliest first; of equals the one where it was found last."""

    def key(place: _Place) -> tuple[float, float, int, str, str, str, str]:
        last = place.last_found_at
        return (
            -odds(place, now),
            -last.timestamp() if last else 0.0,
            _KINDS.index(place.kind),
            place.zone,
            place.aisle,
            place.bay,
            place.shelf,
        )

    return sorted(places, key=key)
