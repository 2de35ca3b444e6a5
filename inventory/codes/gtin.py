"""What a barcode says: GTINs, and what a scanner makes of them. Pure.

A GTIN has 8, 12, 13 or 14 digits; the last is a check digit. With zeros in front they are all
fourteen digits long, and that is the one form we keep. A Digital Link is read, never opened.
"""

import re
from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Final

from inventory.codes import gs1
from inventory.codes.gs1 import GS

LENGTHS: Final = frozenset({8, 12, 13, 14})
LONGEST: Final = 90
"""Characters of one code; GS1-128 holds 48, and no label of ours comes near."""
LONGEST_2D: Final = 500
"""Characters of a web address, or of a code made of dots: those do hold more."""


def check_digit(body: str) -> str:
    """Return the check digit of the digits before it.

    Source:
        GS1 General Specifications, section 7.9: weights 3, 1, 3, … from the right.
    """
    odd = sum(map(int, body[-1::-2]))
    even = sum(map(int, body[-2::-2]))
    return str(-(3 * odd + even) % 10)


def normalize(text: str) -> str | None:
    """Return a GTIN of any length as 14 digits, or None if it is not one.

    The check digit does not notice two neighbors swapped that differ by five: a valid GTIN is not
    yet a GTIN of ours. Whoever asks looks it up as well.
    """
    if len(text) not in LENGTHS or not text.isascii() or not text.isdigit():
        return None
    return text.zfill(14) if check_digit(text[:-1]) == text[-1] else None


def from_upc_e(text: str) -> str | None:
    """Return the GTIN that the eight digits of a UPC-E stand for: zeros were left out of it.

    Source:
        GS1 General Specifications, section 5.2.2.4.2, decoding a UPC-E.
    """
    body, last = text[1:6], text[6]
    if last in "012":
        company_item = f"{body[:2]}{last}0000{body[2:]}"
    elif last == "3":
        company_item = f"{body[:3]}00000{body[3:]}"
    elif last == "4":
        company_item = f"{body[:4]}00000{body[4:]}"
    else:
        company_item = f"{body}0000{last}"
    return normalize(f"0{company_item}{text[7]}")


_RESTRICTED: Final = re.compile("0(?:02|2[0-9])")
"""GTIN-13 with these prefixes are a company's own; most hold a price or a weight.

Source:
    GS1 General Specifications, section 2.1.11 (restricted circulation), 1.4.2 (prefixes).
"""


def masked(gtin14: str) -> tuple[str, ...]:
    """Return under which codes an item of varying weight or price may stand in the catalog.

    The last four, five or six digits before the check digit are the weight or the price, or a
    price with a check digit of its own: each country, and many a chain, has its own cut. So each is
    tried, the longest number of an item first; the catalog has it with zeros there.
    """
    if not _RESTRICTED.match(gtin14):
        return ()
    bodies = (f"{gtin14[: 13 - zeros]:0<13}" for zeros in (4, 5, 6))
    found = dict.fromkeys(f"{body}{check_digit(body)}" for body in bodies)
    found.pop(gtin14, None)
    return tuple(found)


class Refusal(StrEnum):
    """Why a scan cannot be read at all."""

    EMPTY = "empty"
    TOO_LONG = "too_long"
    CONTROL_CHARACTER = "control_character"


@dataclass(frozen=True, slots=True)
class Scanned:
    """One scan, read.

    Shapes:
        text: what was scanned without symbology and surrounding blanks, so that it compares with
            the code of a shelf, tote or place; empty if refused.
        gtin: 14 digits, or None: not every barcode is an item.
        symbology: the AIM identifier without its bracket ("d2"), if the scanner sends it.
        others: what else it may stand for, the likelier first; whoever asks looks each up.
        count: how many of ``gtin`` the code says there are: the content of a case, or loose ones.
        fields: all that a GS1 code says, by AI.
    """

    text: str
    gtin: str | None = None
    symbology: str | None = None
    refused: Refusal | None = None
    others: tuple[str, ...] = ()
    count: int = 1
    fields: Mapping[str, str] = field(default_factory=dict)

    @property
    def gtins(self) -> tuple[str, ...]:
        return () if self.gtin is None else (self.gtin, *self.others)

    def last_day(self, year: int) -> date | None:
        """Return the last day on which it may be sold: expiry, sell by or best before.

        Args:
            year: The present one: codes have two digits of a year, and mean the nearest.
        """
        said = (self.fields.get(ai, "") for ai in _LAST_DAYS)
        return min((day for text in said if (day := _day(text, year))), default=None)

    def is_past(self, today: date) -> bool:
        last = self.last_day(today.year)
        return last is not None and last < today


_LAST_DAYS: Final = ("15", "16", "17")


def _day(text: str, year: int) -> date | None:
    """Return a day of six digits; day 00 is the last of its month.

    Source:
        GS1 General Specifications, section 7.12 (the century), 3.4 (dates).
    """
    if not text:
        return None
    short, month, day = int(text[:2]), int(text[2:4]), int(text[4:])
    apart = short - year % 100
    century = year // 100 + (-1 if apart > 50 else 1 if apart < -49 else 0)  # noqa: PLR2004
    full = century * 100 + short
    if not 1 <= month <= 12 or day > monthrange(full, month)[1]:  # noqa: PLR2004
        return None
    return date(full, month, day or monthrange(full, month)[1])


_AIM: Final = re.compile(r"\]([A-Za-z][0-9A-Za-z])(?=.)", re.DOTALL)
_UNREADABLE: Final = re.compile(
    "[^ -~\xa1-\xac\xae-\u061b\u061d-\u167f\u1681-\u180d\u180f-\u1fff\u2010-\u2027\u2030-\u205e"
    "\u2070-\u2fff\u3001-\ud7ff\uf900-\ufefe\uff00-\ufff8\x1d]"
)
"""All but letters, signs and plain blanks: nothing that hides, turns the line, or acts."""
_IS_GS1: Final = frozenset({"C1", "d2", "e0", "e1", "e2", "J1", "Q3"})
_IS_EAN_8: Final = "E4"
_UPC_E: Final = re.compile("0[0-9]{7}")
_HAS_ADD_ON: Final = "E3"  # a few digits more behind an EAN-13: the issue of a magazine
_BLANKS: Final = " \r\n\t"


def scanned(text: str) -> Scanned:
    """Read one scan: an EAN or UPC, a GS1 element string, a Digital Link, or something else.

    Raises:
        Nothing: a scan is a fact, and nonsense is one of the things it can be.
    """
    bare, symbology = text.strip(_BLANKS), None
    if aim := _AIM.match(bare):
        symbology, bare = aim[1], bare[aim.end() :]
    is_gs1 = symbology in _IS_GS1 or bare.startswith(GS)
    is_link = not is_gs1 and gs1.is_link(bare)
    is_2d = is_gs1 or is_link or (symbology or "")[:1] in {"Q", "d"}
    if refused := _refusal(text, bare, is_2d=is_2d):
        return Scanned("", refused=refused)
    if is_gs1:
        return _said(bare.strip(GS), symbology, gs1.elements(bare))
    if is_link:
        return _said(bare, symbology, gs1.linked(bare))
    if numbers := _numbers(bare, symbology):
        return Scanned(bare, numbers[0], symbology, others=(*numbers[1:], *masked(numbers[0])))
    return _said(bare, symbology, gs1.elements(bare))


def _refusal(text: str, bare: str, *, is_2d: bool) -> Refusal | None:
    if len(text) > LONGEST_2D:
        return Refusal.TOO_LONG
    if not bare.strip(GS):
        return Refusal.EMPTY
    if _UNREADABLE.search(bare):
        return Refusal.CONTROL_CHARACTER
    return Refusal.TOO_LONG if len(bare) > LONGEST and not is_2d else None


def _numbers(text: str, symbology: str | None) -> list[str]:
    """Return what the digits of an EAN or a UPC may stand for, the likelier first.

    Eight digits with a leading zero are a UPC-E; but they may be a GTIN-8 too, of those for use
    inside one store.
    """
    number = text[:13] if symbology == _HAS_ADD_ON else text
    is_upc_e = symbology != _IS_EAN_8 and _UPC_E.fullmatch(number)
    return list(filter(None, (from_upc_e(number) if is_upc_e else None, normalize(number))))


def _said(text: str, symbology: str | None, fields: Mapping[str, str] | None) -> Scanned:
    """Read the fields of a GS1 code.

    A case that is no item itself says what it holds: (02), and how many: (37). A count of loose
    units (30) belongs to items of varying measure, whose number begins with 9.
    """
    fields = fields or {}
    found = normalize(fields.get("01", ""))
    counted = fields.get("30", "") if found and found.startswith("9") else ""
    if found is None:
        found, counted = normalize(fields.get("02", "")), fields.get("37", "")
    if found is None:
        return Scanned(text, symbology=symbology)
    count = int(counted) if _COUNT.fullmatch(counted) else 1
    return Scanned(text, found, symbology, others=masked(found), count=count, fields=fields)


_COUNT: Final = re.compile("0*[1-9][0-9]{0,7}")
