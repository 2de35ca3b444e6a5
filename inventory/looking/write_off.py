"""Who may take units off the record: one person a few; for more it takes two. Pure.

A look that finds much less than the record says is a mistake, a theft, or somebody else's mistake.
So what one person says of many units is not believed before another person has looked, blind, too.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from uuid import UUID

ALONE: Final = 10
"""Units, unless the store says otherwise."""


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


def judge(counted: int, record: int, first: First, by: UUID | None, alone: int) -> Word:
    """Return what a count is worth.

    The record falls no further than two people have seen, give or take what one may say alone.

    Shapes:
        by: whose count it is; None: store operations', who answer for it themselves.
    """
    if by is None:
        return Word.ENOUGH
    if first.by is not None and (first.counted is None or first.counted > record):
        return Word.SAME if first.by == by and counted <= record else Word.ENOUGH
    if record - counted <= alone:
        return Word.ENOUGH
    if first.by is None or first.counted is None:
        return Word.SECOND
    if first.by == by:
        return Word.SAME
    return Word.ENOUGH if first.counted - counted <= alone else Word.SECOND
