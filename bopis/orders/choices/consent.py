"""Whether something else may be given for an item, and what. Pure.

Said when the order is placed, line by line, and never assumed: who says nothing has said no.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from bopis.kernel.ids import Sku


class Consent(StrEnum):
    NEVER = "never"
    ASK = "ask"  # something like it may be proposed; given only on a yes
    LISTED = "listed"  # these items and no others may be given


@dataclass(frozen=True, slots=True)
class Consented:
    """What a shopper has said about one item.

    Shapes:
        accepts: best first; only where ``consent`` is ``listed``, and then at least one.
    """

    consent: Consent = Consent.NEVER
    accepts: tuple[Sku, ...] = ()


_WORD: Final = re.compile(r"\w+")
ALIKE: Final = 0.4
"""The share of words that two names must have in common to be called alike."""


def alike(name: str, other: str) -> float:
    """Return how much of their words two names share: 0 nothing, 1 all.

    Numbers count as words: another size is less alike than another flavor of the same size, and
    nobody is surprised by a proposal that reads like what they had ordered.
    """
    mine, theirs = set(_WORD.findall(name.casefold())), set(_WORD.findall(other.casefold()))
    return len(mine & theirs) / len(mine | theirs) if mine and theirs else 0.0


def proposal(
    name: str, consent: Consent, accepts: Sequence[Sku], at_hand: Sequence[tuple[Sku, str]]
) -> Sku | None:
    """Return what to propose for an item, or None: nothing that this shopper has agreed to.

    Shapes:
        accepts: the items they named, best first; only of a ``listed`` line.
        at_hand: items that this store has enough of and that are not in the order, with names.
    """
    if consent is Consent.NEVER:
        return None
    if consent is Consent.LISTED:
        there = {sku for sku, _ in at_hand}
        return next((sku for sku in accepts if sku in there), None)
    ranked = sorted((-alike(name, other), sku) for sku, other in at_hand)
    return next((sku for score, sku in ranked if -score >= ALIKE), None)
