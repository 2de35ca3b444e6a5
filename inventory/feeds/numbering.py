"""The numbers of a source's batches: which is next, what is missing, what cannot be. Pure."""

from dataclasses import dataclass, replace
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Numbering:
    """What we have heard of a source's numbers since it began to count.

    Shapes:
        first, last: the lowest and the highest number that came.
        as_of: the latest instant of a batch that moved ``last``.
        since: the instant of the batch that began to count anew; None: the source never did.
    """

    first: int
    last: int
    as_of: datetime
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Heard:
    """What a number means.

    Shapes:
        missing: the first and the last number that should have come before it, or after it.
        is_odd: it cannot be; a person has to say what it means.
        words: what is worth saying about it; None: nothing.
    """

    numbering: Numbering
    missing: tuple[int, int] | None = None
    is_odd: bool = False
    words: str | None = None


def begun(number: int, as_of: datetime, *, anew: bool = False) -> Numbering:
    return Numbering(number, number, as_of, as_of if anew else None)


def heard(
    known: Numbering, number: int, as_of: datetime, *, is_missed: bool, any_missing: bool
) -> Heard:
    """Return what the number of a batch means, after those that came before it.

    The instant decides what is true, never the number; a number only says that something is not
    here. A batch that is late fits in below; one that is lower and newer means that somebody
    counts anew, which we take from 0 or 1 when nothing is missing, and from a person otherwise.

    Args:
        known: What we have heard.
        number: Of the batch.
        as_of: Of the batch.
        is_missed: The number is one of those that are missing.
        any_missing: Numbers of this source are missing.
    """
    if is_missed or (known.since is not None and as_of < known.since):
        return Heard(known)  # late, or of the numbers before the count began anew
    if number > known.last:
        missing = (known.last + 1, number - 1) if number > known.last + 1 else None
        words = None
        if as_of < known.as_of:
            words = f"Its number {number} is the highest so far, but its as_of is not the latest."
        after = replace(known, last=number, as_of=max(known.as_of, as_of))
        return Heard(after, missing, words=words)
    if as_of > known.as_of:
        if number <= 1 and not any_missing:
            words = f"The numbers went back from {known.last} to {number}: counted anew from here."
            return Heard(begun(number, as_of, anew=True), words=words)
        words = (
            f"Its number {number} is not above {known.last}, which came before, but its as_of is "
            "later. If the source counts anew, release it."
        )
        return Heard(known, is_odd=True, words=words)
    if number < known.first:
        missing = (number + 1, known.first - 1) if number + 1 < known.first else None
        return Heard(replace(known, first=number), missing)
    return Heard(known)
