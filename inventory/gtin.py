"""What a barcode says: GTINs, and what a scanner makes of them. Pure.

A GTIN has 8, 12, 13 or 14 digits; the last is a check digit. With zeros in front they are all
fourteen digits long, and that is the one form we keep. A Digital Link is read, never opened.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import biip
from biip.gs1_digital_link_uris import GS1DigitalLinkURI
from biip.gs1_element_strings import GS1ElementStrings
from biip.gs1_messages import GS1Message
from biip.upc import Upc

LENGTHS: Final = frozenset({8, 12, 13, 14})
LONGEST: Final = 128
"""Characters of a scan; the longest element strings in use are shorter."""

_GS: Final = "\x1d"  # FNC1 as scanners send it: ends a field of variable length
_AIM: Final = 3  # "]d2": flag, code, modifier


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
    """

    text: str
    gtin: str | None = None
    symbology: str | None = None
    refused: Refusal | None = None


def scanned(text: str) -> Scanned:
    """Read one scan: an EAN or UPC, a GS1 element string, a Digital Link, or something else.

    Raises:
        Nothing: a scan is a fact, and nonsense is one of the things it can be.
    """
    if len(text) > LONGEST:
        return Scanned("", refused=Refusal.TOO_LONG)
    text = text.strip(" \r\n\t")
    if not text:
        return Scanned("", refused=Refusal.EMPTY)
    if not text.replace(_GS, "").isprintable():
        return Scanned("", refused=Refusal.CONTROL_CHARACTER)
    symbology = None
    if text.startswith("]") and len(text) > _AIM:
        symbology, text = text[1:_AIM], text[_AIM:]
    return Scanned(text, _gtin(text, symbology), symbology)


def _gtin(text: str, symbology: str | None) -> str | None:
    scheme, colon, rest = text.partition(":")
    if colon and scheme.lower() in {"http", "https"}:
        return _linked(f"{scheme.lower()}:{rest}")
    if symbology not in _EAN_8 and len(text) == 8 and text.startswith("0"):  # noqa: PLR2004
        return _upc_e(text) or normalize(text)
    return normalize(text) or _in_element_string(text)


_EAN_8: Final = frozenset({"E4"})


def _upc_e(text: str) -> str | None:
    """Return the GTIN that eight digits stand for in UPC-E.

    Eight digits with a leading zero could also be a GTIN-8, but those are for use inside one
    store, and what a scanner sends in that form is UPC-E.
    """
    try:
        return normalize(Upc.parse(text).as_upc_a())
    except biip.BiipException:
        return None


def _in_element_string(text: str) -> str | None:
    try:
        elements = GS1Message.parse(text.lstrip(_GS)).element_strings
    except biip.BiipException:
        return None
    return _item(elements)


def _linked(url: str) -> str | None:
    try:
        elements = GS1DigitalLinkURI.parse(url).element_strings
    except (biip.BiipException, ValueError):  # ValueError: not even a URL
        return None
    return _item(elements)


def _item(elements: GS1ElementStrings) -> str | None:
    found = elements.get(ai="01")
    return None if found is None else normalize(found.value)
