"""The values of a record, each read by what it has to be: a code, words, a number, a time. Pure."""

import re
from datetime import UTC, datetime, timedelta
from typing import Final

from inventory.codes import gtin
from inventory.feeds.rejects import LONGEST_CODE, Bad, Reason

EARLIEST: Final = datetime(2000, 1, 1, tzinfo=UTC)
FUTURE_ALLOWED: Final = timedelta(minutes=5)
"""Clocks of tills differ; a reading later than this has a broken one."""


def code(field: str, text: str) -> str:
    """Return a store code or item number as it was written, without blanks around it.

    Raises:
        Bad: It is empty, longer than 64 characters, or not printable.
    """
    text = text.strip()
    if not text:
        raise Bad(field, Reason.MISSING)
    if len(text) > LONGEST_CODE:
        raise Bad(field, Reason.TOO_LONG)
    if not text.isprintable():
        raise Bad(field, unprintable(text))
    return text


def words(field: str, text: str, *, longest: int) -> str:
    """Return text for people: any language, but no control characters; may be empty.

    Raises:
        Bad: It is too long or not printable.
    """
    text = text.strip()
    if len(text) > longest:
        raise Bad(field, Reason.TOO_LONG)
    if not text.isprintable():
        raise Bad(field, unprintable(text))
    return text


def unprintable(text: str) -> Reason:
    if "\0" in text:
        return Reason.NUL
    if any("\ud800" <= character <= "\udfff" for character in text):
        return Reason.NOT_UTF8
    return Reason.CONTROL_CHARACTER


_WHOLE: Final = re.compile(r"[+-]?[0-9]{1,18}(?:\.0{1,18})?", re.ASCII)

_FRACTION: Final = re.compile(r"[+-]?(?:[0-9]{1,18}\.[0-9]{0,18}|\.[0-9]{1,18})", re.ASCII)

_DIGITS: Final = re.compile(r"[+-]?[0-9]+(?:\.[0-9]*)?", re.ASCII)


def whole(field: str, text: str, least: int, most: int) -> int:
    """Return a whole number, also from "12.0", as spreadsheets and tills like to write it.

    Raises:
        Bad: It is empty, not a number, not whole, or out of range.
    """
    text = text.strip()
    if not _WHOLE.fullmatch(text):
        if not text:
            raise Bad(field, Reason.MISSING)
        if _FRACTION.fullmatch(text):
            raise Bad(field, Reason.NOT_WHOLE)
        raise Bad(field, Reason.OUT_OF_RANGE if _DIGITS.fullmatch(text) else Reason.NOT_A_NUMBER)
    number = int(text.partition(".")[0])
    if not least <= number <= most:
        raise Bad(field, Reason.OUT_OF_RANGE)
    return number


def item_gtin(field: str, text: str) -> str:
    """Return a GTIN as 14 digits.

    Raises:
        Bad: Its check digit or length is wrong.
    """
    found = gtin.normalize(text.strip())
    if found is None:
        raise Bad(field, Reason.CHECK_DIGIT if text.strip() else Reason.MISSING)
    return found


def instant(field: str, text: str, now: datetime) -> datetime:
    """Return an instant that says its zone and is not later than now, clocks being clocks.

    Raises:
        Bad: It is not ISO 8601, has no zone, lies in the future or before the year 2000.
    """
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        raise Bad(field, Reason.NOT_A_TIME) from None
    if moment.tzinfo is None:
        raise Bad(field, Reason.NO_ZONE)
    if moment > now + FUTURE_ALLOWED:
        raise Bad(field, Reason.IN_FUTURE)
    if moment < EARLIEST:
        raise Bad(field, Reason.OUT_OF_RANGE)
    return moment.astimezone(UTC)
