"""Who may take units off the record: one person a few; for more it takes two. Pure.

A look that finds much less than the record says is a mistake, a theft, or somebody else's mistake.
So what one person says of many units is not believed before another person has looked, blind, too.
A few, and again a few, are many: what single words took off an item within a day is added up, by
whichever door it went, and whoever said so. It is summed by item and not by person: it takes two
people to vouch for an item, and nobody has to keep a tally of anyone.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

ALONE: Final = 10
"""Units, unless the store says otherwise."""
WINDOW: Final = timedelta(hours=24)
"""For so long what was taken off by single words is added up. Store clock."""
BY_ONE: Final = "counted by one person"
"""What the ledger says of a count that nobody else has confirmed."""


@dataclass(frozen=True, slots=True)
class Look:
    """What one look did to the record.

    Units:
        moved: below zero: taken off.
    """

    moved: int
    by_one: bool
    """False: two people have seen it, or store operations answer for it."""


def gone(looks: Iterable[Look]) -> int:
    """Return how many units are off the record by single words alone.

    Found again, they are off no more; found beyond that, they do not count for the next time: what
    somebody put on the record first is not theirs to take off.

    Shapes:
        looks: at one item, the oldest first.
    """
    off = 0
    for look in looks:
        off = max(off - look.moved, 0) if look.by_one else 0
    return off


class Word(StrEnum):
    """What somebody's word of a count is worth."""

    ENOUGH = "enough"
    SECOND = "second"  # kept: another person has to look before it is believed
    SAME = "same"  # the other person was this one


@dataclass(frozen=True, slots=True)
class First:
    """Who said before that much is gone, and what they counted.

    Shapes:
        by: None: nobody said so.
        counted: None, or more than the record: what is gone is off the record already, because
            they, alone, did not find it.
    """

    by: UUID | None = None
    counted: int | None = None


def judge(  # noqa: PLR0917 -- what was counted, against what, after whom, by whom, under which rule
    counted: int, record: int, first: First, by: UUID | None, alone: int, off: int = 0
) -> Word:
    """Return what a count is worth.

    The record falls no further than two people have seen, give or take what one may say alone.

    Shapes:
        by: whose count it is; None: store operations', who answer for it themselves.

    Units:
        off: what single words took off it already, see ``gone``. Whoever looks as the second
            vouches for that, too, and begins anew.
    """
    if by is None:
        return Word.ENOUGH
    falls = record - counted
    if first.by == by and (first.counted is None or first.counted > record):
        return Word.SAME if falls >= 0 else Word.ENOUGH
    if first.by is None or first.by == by:
        if falls <= 0 or falls + off <= alone:
            return Word.ENOUGH
        return Word.SECOND if first.by is None else Word.SAME
    if falls <= alone or (first.counted is not None and first.counted - counted <= alone):
        return Word.ENOUGH
    return Word.SECOND
