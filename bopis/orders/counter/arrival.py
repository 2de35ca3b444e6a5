"""How near a customer is, by their own word, and how long they waited. Pure.

A customer says it with a button; nothing follows them. What they said can be taken back, and said
again it changes nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from bopis.orders.states import PROMISED, WAITING, Arrival, OrderState
from inventory.opening import hours
from inventory.opening.hours import Calendar

SPOT: Final = 12
"""Characters of a parking spot or a counter number."""

CHANGES: Final = 20
"""How often one order's customer may change their word: each change is a fact for ever."""

ABOUT: Final = timedelta(minutes=5)
"""Two rough times that lie closer together than this are the same one."""

LEAVES: Final = timedelta(hours=4)
"""Who said "I am here" so long ago, or was expected so long ago, is not waiting any more."""


NEAR: Final = timedelta(hours=3)
"""Nobody is on the way to a door that opens later than this."""


class Doors(StrEnum):
    """Whether somebody who comes is met."""

    OPEN = "open"
    OPENING = "opening"  # before long
    SHUT = "shut"


def doors(calendar: Calendar, now: datetime) -> Doors:
    """Return whether orders are handed out now, or before long, by the hours of pickup."""
    if hours.is_open(calendar, now):
        return Doors.OPEN
    opens = hours.next_opening(calendar, now)
    return Doors.OPENING if opens is not None and opens <= now + NEAR else Doors.SHUT


class Word(StrEnum):
    """What the customer's page can say."""

    ON_MY_WAY = "on_my_way"
    HERE = "here"
    NOT_YET = "not_yet"


class Where(StrEnum):
    """Where somebody waits; the number of the spot stands beside it."""

    COUNTER = "counter"
    PARKING = "parking"


class Heard(StrEnum):
    """What became of a word. An outcome, not an error: the page says it in words."""

    TAKEN = "taken"
    AGAIN = "again"  # said before: nothing changes
    OVER = "over"  # the order has ended
    SHUT = "shut"  # nobody hands anything over just now
    TOO_OFTEN = "too_often"  # it has changed too many times: a person at the counter helps


@dataclass(frozen=True, slots=True, kw_only=True)
class Saying:
    """One press of a button."""

    word: Word
    minutes: int | None = None
    """On the way: in how many minutes, roughly; None: they did not say."""
    where: Where | None = None
    spot: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What one order's customer has said so far, as far as it still holds."""

    state: Arrival = Arrival.NONE
    expected_at: datetime | None = None
    arrived_at: datetime | None = None
    where: Where | None = None
    spot: str = ""
    changes: int = 0


def hear(
    before: Standing, said: Saying, *, order: OrderState, door: Doors, now: datetime
) -> tuple[Heard, Standing]:
    """Return what a word means, and what holds after it; refused, all stays as it was.

    Args:
        before: What was said before.
        said: What is said now.
        order: The state of the order: one that has ended has nobody to wait for.
        door: Whether orders are handed out at this moment.
        now: The store's clock.
    """
    if order not in PROMISED | WAITING:
        return Heard.OVER, before
    after = _after(before, said, now)
    if after is None:
        return Heard.AGAIN, before
    if door not in _MET[said.word]:
        return Heard.SHUT, before
    if before.changes >= CHANGES:
        return Heard.TOO_OFTEN, before
    return Heard.TAKEN, replace(after, changes=before.changes + 1)


_MET: Final = {
    Word.ON_MY_WAY: frozenset({Doors.OPEN, Doors.OPENING}),
    Word.HERE: frozenset({Doors.OPEN}),
    Word.NOT_YET: frozenset(Doors),
}


def _after(before: Standing, said: Saying, now: datetime) -> Standing | None:
    """Return what holds after a word; None: nothing changes."""
    match said.word:
        case Word.NOT_YET:
            return Standing() if before.state in {Arrival.ON_MY_WAY, Arrival.ARRIVED} else None
        case Word.ON_MY_WAY:
            return _set_off(before, said, now)
        case Word.HERE:
            return _arrived(before, said, now)


def _set_off(before: Standing, said: Saying, now: datetime) -> Standing | None:
    """Whoever is here is not on the way: an old page that says so changes nothing."""
    expected = None if said.minutes is None else now + timedelta(minutes=said.minutes)
    if before.state is Arrival.ARRIVED:
        return None
    if before.state is Arrival.ON_MY_WAY and _is_same(before.expected_at, expected):
        return None
    return Standing(state=Arrival.ON_MY_WAY, expected_at=expected)


def _is_same(before: datetime | None, after: datetime | None) -> bool:
    """No time after one takes nothing back."""
    if before is None or after is None:
        return after is None
    return abs(after - before) < ABOUT


def _arrived(before: Standing, said: Saying, now: datetime) -> Standing | None:
    """Said again with another spot, they have moved; since when they wait stays as it was."""
    is_here = before.state is Arrival.ARRIVED
    where, spot = said.where or before.where, said.spot or before.spot
    if is_here and (where, spot) == (before.where, before.spot):
        return None
    return Standing(
        state=Arrival.ARRIVED,
        arrived_at=before.arrived_at if is_here else now,
        where=where,
        spot=spot,
    )


def wait(arrived_at: datetime | None, served_at: datetime) -> timedelta | None:
    """Return how long somebody waited from "I am here" to the hand-over.

    None: they never said that they were here, or so long before that they had left in between.
    """
    if arrived_at is None:
        return None
    waited = max(served_at - arrived_at, timedelta(0))
    return waited if waited <= LEAVES else None


@dataclass(frozen=True, slots=True)
class Waits:
    """How long people waited, by their own word and the hand-over.

    Units:
        median, p90: whole minutes, begun ones counted: half of them, nine of ten, waited no longer.
    """

    n: int
    median: int
    p90: int


def minutes(waited: timedelta) -> int:
    """Return a wait in whole minutes, a begun one counted: nobody waited "0 minutes"."""
    return max(1, -(-waited // timedelta(minutes=1)))


def waited(arrived_at: datetime | None, served_at: datetime | None) -> int | None:
    """Return a wait in whole minutes; None: there was none that we know of."""
    found = None if served_at is None else wait(arrived_at, served_at)
    return None if found is None else minutes(found)


LONGEST: Final = 60
"""Waits are kept to the minute up to here; what was longer is counted together."""


def binned(waited: Sequence[int]) -> tuple[int, ...]:
    """Return how many waited one minute, two, and so on; in the last, all that waited longer."""
    found = [0] * (LONGEST + 1)
    for one in waited:
        found[min(one, LONGEST + 1) - 1] += 1
    return tuple(found)


def unbinned(bins: Sequence[int]) -> list[int]:
    """Return the waits that were counted, to the minute; a longer one as just over an hour."""
    return [n for n, count in enumerate(bins, 1) for _ in range(count)]


def summed(waited: Sequence[int]) -> Waits | None:
    """Return what some waits come to; None where nobody said that they were here.

    Shapes:
        waited: minutes, in any order.
    """
    if not waited:
        return None
    ranked = sorted(waited)
    return Waits(len(ranked), _rank(ranked, 50), _rank(ranked, 90))


def _rank(ranked: Sequence[int], percent: int) -> int:
    """Return the nearest-rank percentile: a wait that somebody really had."""
    return ranked[max(0, -(-len(ranked) * percent // 100) - 1)]


def spoken(waited: int) -> str:
    """Return a wait as a person says it."""
    if waited > LONGEST:
        return "more than an hour"
    return "1 minute" if waited == 1 else f"{waited} minutes"
