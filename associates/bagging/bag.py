"""Bags: what an order is carried away in, and which of them is where. Pure.

A bag has a code of its own on its label. It is not the pickup code and opens nothing: it says
which bag this is, so that nobody is given another one's.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Final
from uuid import UUID

from bopis.kernel.ids import Sku, TaskId
from bopis.kernel.speech import t

MOST: Final = 20
"""Bags of one order: what nobody carries in one go is a delivery."""
_ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's: nothing is misread aloud
_MARK: Final = "BG"
_LETTERS: Final = 10
_SPREAD: Final = 0x9E3779B97F4A7C15
_CODE: Final = re.compile(f"{_MARK}[{_ALPHABET}]{{{_LETTERS}}}")
_HEARD: Final = str.maketrans({"-": None, " ": None})


class BagState(StrEnum):
    PACKED = "packed"  # it has its label, and stands nowhere yet
    WAITING = "waiting"  # at a place that was scanned
    GIVEN = "given"  # the customer has it
    EMPTIED = "emptied"  # taken apart, lost, or never needed


class Collector(StrEnum):
    """Who came for an order. No more is noted of them."""

    SHOPPER = "shopper"
    OTHER = "other"  # somebody who has the code


@dataclass(frozen=True, slots=True)
class Bag:
    code: str
    number: int
    state: BagState
    task_id: TaskId
    place: str | None = None
    """The code of the place where it is, or last was."""


def code(chance: UUID, number: int) -> str:
    """Return what a label's bars say: 50 random bits, so that nobody makes one up.

    A handheld that cannot ask makes the same of the same: it knows the codes of its bags at once.

    Shapes:
        chance: the id of the act that counted the bags.
        number: which bag it is. The codes of one order's bags have no more in common than others.
    """
    bits = chance.int + number * _SPREAD
    return _MARK + "".join(_ALPHABET[bits >> 5 * i & 31] for i in range(_LETTERS))


def shown(code: str) -> str:
    """Return a bag's code as people read it off a label: ``BG7Q-K4M2-XP2T``."""
    return "-".join(code[i : i + 4] for i in range(0, len(code), 4))


def read(text: str) -> str | None:
    """Return the code of a bag that was scanned or typed, or None if none reads like this."""
    meant = text.strip().upper().translate(_HEARD)
    return meant if _CODE.fullmatch(meant) else None


@dataclass(frozen=True, slots=True)
class Given:
    """What was said of the bags when an order was handed over.

    Shapes:
        codes: as they were scanned, in any order, one may come twice.
        by_hand: numbers of bags whose label nobody can read.
        looked: whether an ID was looked at. Nothing of it is kept but this.
    """

    codes: Sequence[str] = ()
    by_hand: Collection[int] = ()
    looked: bool = False
    collector: Collector = Collector.SHOPPER


def left(bags: Sequence[Bag], given: Given) -> list[Bag]:
    """Return the bags that were neither scanned nor vouched for."""
    scanned = {read(code) for code in given.codes}
    return [bag for bag in bags if bag.code not in scanned and bag.number not in given.by_hand]


def strangers(bags: Sequence[Bag], codes: Sequence[str]) -> list[str]:
    """Return the codes that are none of these bags'."""
    own = {bag.code for bag in bags}
    return [code for code in codes if read(code) not in own]


def must_look(
    total: Decimal | None,
    goods: Collection[tuple[Sku, str]],
    *,
    over: Decimal | None,
    listed: Collection[str],
) -> str:
    """Return why an ID has to be looked at, as a part of a sentence; blank if it has not.

    Shapes:
        goods: each item that is handed over, with its department.
        listed: item numbers and departments for which the store looks.
    """
    named = {word.casefold() for word in listed}
    for sku, department in goods:
        if sku.casefold() in named:
            return t("one of its items asks for it")
        if department.casefold() in named:
            return t("it holds something from {department}", department=department)
    if over is not None and total is not None and total > over:
        return t("it is worth more than {sum}", sum=f"{over.normalize():f}")
    return ""
