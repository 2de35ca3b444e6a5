"""How sure a time is, in words: how many orders like it were ready by then. Pure.

Counted, never assumed: where nothing was counted, that is what is said.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Final

UNKNOWN: Final = (
    "We do not have enough experience here yet to say how sure that is, so we chose a careful time."
)
"""Of a time that rests on an assumption."""

HALF: Final = 5


def words(kept: int | None, of: int, basis: str) -> str:
    """Return how many of the orders that a time was drawn from were ready within it.

    Tenths are rounded down: 89 of 100 are "8 of 10". Empty where nothing was counted and nothing
    assumed either, as for a time that has moved: how often such a time holds is not known.

    Shapes:
        basis: ``store``, ``pooled`` or ``fixed``.
    """
    if basis == "fixed":
        return UNKNOWN
    if kept is None or of <= 0:
        return ""
    whose = " of all our stores" if basis == "pooled" else ""
    tenths = kept * 10 // of
    if kept == of:
        return f"All of the last {of} orders like this{whose} were ready by then."
    if tenths < HALF:
        return f"{kept} of {of} orders like this{whose} were ready by then."
    return f"{tenths} of 10 orders like this{whose} were ready by then ({of} orders)."


def span(earliest: datetime | None, latest: datetime, at: Callable[[datetime], str]) -> str:
    """Return a range in words; where none is told, its end.

    Shapes:
        at: how an instant is read out in the store.
    """
    return f"by {at(latest)}" if earliest is None else f"between {at(earliest)} and {at(latest)}"
