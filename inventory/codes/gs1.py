"""GS1's two ways of saying more than a number: element strings and Digital Links. Pure.

Both give pairs of an application identifier (AI, "17") and its value ("261231"). What is cut where
follows the General Specifications alone: which fields end by their length is laid down once and
for all, so an AI that is assigned tomorrow is read today. ``associates/static/handheld/gs1.js``
does the same on the handheld; one corpus of cases keeps the two alike.
"""

import re
from typing import Final

GS: Final = "\x1d"
"""FNC1 as scanners send it: ends a field of variable length; in front, it says "this is GS1"."""

_WIDTH: Final = {
    prefix: width
    for width, prefixes in (
        (2, "00 01 02 03 10 11 12 13 15 16 17 20 21 22 30 37 90 91 92 93 94 95 96 97 98 99"),
        (3, "23 24 25 40 41 42 71"),
        (4, "31 32 33 34 35 36 39 43 70 72 80 81 82"),
    )
    for prefix in prefixes.split()
}
"""How many digits an AI has, by its first two.

Source:
    GS1 General Specifications, section 3.2 (the list of AIs).
"""
_FIXED: Final = (
    {"00": 18, "01": 14, "02": 14, "03": 14, "20": 2, "41": 13}
    | dict.fromkeys(("11", "12", "13", "15", "16", "17"), 6)
    | dict.fromkeys(("31", "32", "33", "34", "35", "36"), 6)
)
"""Digits of the value, for AIs that need no separator, by the first two digits of the AI.

Source:
    GS1 General Specifications, section 7.8.5, element strings with predefined length.
"""
_VALUE: Final = re.compile(r"""[!"#%-?A-Z_a-z]{1,90}""")
"""GS1's character sets 82 and 39 together (section 7.11)."""
_DIGITS: Final = re.compile(r"[0-9]+")
_LINK: Final = re.compile(
    r"[Hh][Tt]{2}[Pp][Ss]?://[^/?#]+(/[^?#]*)?(?:\?([^#]*))?(?:#.*)?", re.DOTALL
)
_ESCAPE: Final = re.compile(r"%([0-7][0-9A-Fa-f])")
_QUALIFIERS: Final = ("22", "10", "21", "235")
"""What may follow a GTIN in a path, in this order (GS1 Digital Link: URI syntax, 4.3)."""


def is_link(text: str) -> bool:
    """Tell whether a scan is a web address. It is read; it is never opened."""
    return text[:8].lower().startswith(("http://", "https://"))


def elements(text: str) -> dict[str, str] | None:
    """Return the fields of an element string by their AI; None if it is not one from end to end."""
    found: dict[str, str] = {}
    at = 0
    while at < len(text):
        if text[at] == GS:
            at += 1
            continue
        width = _WIDTH.get(text[at : at + 2], 0)
        ai = text[at : at + width]
        if width == 0 or len(ai) < width or not _DIGITS.fullmatch(ai):
            return None
        at += width
        fixed = _FIXED.get(ai[:2])
        end = text.find(GS, at)
        end = at + fixed if fixed else len(text) if end < 0 else end
        value = text[at:end]
        if not _fits(value, fixed) or found.setdefault(ai, value) != value:
            return None
        at = end
    return found


def _fits(value: str, fixed: int | None) -> bool:
    if fixed is None:
        return _VALUE.fullmatch(value) is not None
    return len(value) == fixed and _DIGITS.fullmatch(value) is not None


def linked(url: str) -> dict[str, str] | None:
    """Return what a Digital Link says; None if it is another web address, or a compressed one.

    A compressed link hides its fields in one long word, to be unfolded with a table that changes;
    whoever holds the thing has its bars to scan as well.
    """
    match = _LINK.fullmatch(url)
    if match is None:
        return None
    words = [_plain(word) for word in (match[1] or "").split("/")[1:]]
    if words and not words[-1]:
        words.pop()
    for start, word in enumerate(words):
        if word == "01" and (found := _path(words[start:])):
            return _queried(match[2] or "") | found
    return None


def _path(words: list[str]) -> dict[str, str] | None:
    keys, values = words[::2], words[1::2]
    if len(keys) != len(values) or not all(map(_VALUE.fullmatch, values)):
        return None
    if keys[1:] != [key for key in _QUALIFIERS if key in keys[1:]]:
        return None
    return dict(zip(keys, values, strict=True))


def _queried(query: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for part in re.split("[&;]", query):
        key, _, value = map(_plain, part.partition("="))
        is_ai = _DIGITS.fullmatch(key) and len(key) == _WIDTH.get(key[:2])
        if is_ai and _fits(value, _FIXED.get(key[:2])):
            found.setdefault(key, value)
    return found


def _plain(word: str) -> str:
    return _ESCAPE.sub(lambda escape: chr(int(escape[1], 16)), word)
