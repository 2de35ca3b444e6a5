"""Records that are not taken, and why: a closed list, with words for whoever mends them. Pure."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final, NamedTuple

LONGEST_CODE: Final = 64
LONGEST_RAW: Final = 500
"""Characters of a bad record that we keep for whoever has to mend it."""


class Reason(StrEnum):
    """Why a record was not taken. The words for people are in ``EXPLAINED``."""

    MISSING = "missing"
    COLUMNS = "columns"
    TOO_LONG = "too_long"
    NUL = "nul"
    CONTROL_CHARACTER = "control_character"
    NOT_UTF8 = "not_utf8"
    NOT_A_NUMBER = "not_a_number"
    NOT_WHOLE = "not_whole"
    OUT_OF_RANGE = "out_of_range"
    CHECK_DIGIT = "check_digit"
    NOT_A_TIME = "not_a_time"
    NO_ZONE = "no_zone"
    IN_FUTURE = "in_future"
    NOT_CSV = "not_csv"
    NOT_JSON = "not_json"
    WRONG_TYPE = "wrong_type"
    UNKNOWN_FIELD = "unknown_field"
    UNKNOWN_ZONE = "unknown_zone"
    NOT_HOURS = "not_hours"
    NOT_SLOTS = "not_slots"
    NOT_A_CHOICE = "not_a_choice"
    NOT_A_CODE = "not_a_code"
    UNKNOWN_STORE = "unknown_store"
    UNKNOWN_ITEM = "unknown_item"
    CONTRADICTED = "contradicted"
    UNDECODABLE = "undecodable"
    UNTRANSLATED = "untranslated"
    SKIPPED_TIME = "skipped_time"
    AMBIGUOUS_TIME = "ambiguous_time"


EXPLAINED: Final[Mapping[Reason, str]] = {
    Reason.MISSING: "Nothing is written here.",
    Reason.COLUMNS: "The row has not as many fields as the header.",
    Reason.TOO_LONG: "The text is longer than we take.",
    Reason.NUL: "The text holds a NUL character.",
    Reason.CONTROL_CHARACTER: "The text holds a control character.",
    Reason.NOT_UTF8: "The text is not UTF-8.",
    Reason.NOT_A_NUMBER: "This is not a number.",
    Reason.NOT_WHOLE: "Only whole units can be counted.",
    Reason.OUT_OF_RANGE: "The value is outside what is possible here.",
    Reason.CHECK_DIGIT: "The check digit says that this is not a GTIN.",
    Reason.NOT_A_TIME: "This is not a time as ISO 8601 writes it.",
    Reason.NO_ZONE: "The time does not say its zone: end it with Z or an offset.",
    Reason.IN_FUTURE: "The time has not come yet.",
    Reason.NOT_CSV: "The row cannot be read as CSV.",
    Reason.NOT_JSON: "The line is not one JSON object.",
    Reason.WRONG_TYPE: "The value has the wrong JSON type.",
    Reason.UNKNOWN_FIELD: "We do not know this field.",
    Reason.UNKNOWN_ZONE: "No such time zone exists.",
    Reason.NOT_HOURS: "These are not opening hours.",
    Reason.NOT_SLOTS: "This is not a number of orders per minutes, such as 12 per 60 min.",
    Reason.NOT_A_CHOICE: "The value is not among those that are allowed.",
    Reason.NOT_A_CODE: "A store's code has up to 32 letters, digits, hyphens and underscores.",
    Reason.UNKNOWN_STORE: "We do not know this store.",
    Reason.UNKNOWN_ITEM: "We do not know this item.",
    Reason.CONTRADICTED: "Another row of this file says something else about the same item.",
    Reason.UNDECODABLE: "The text is not in the encoding that its source declares.",
    Reason.UNTRANSLATED: "The source translates store codes, and this is none of them.",
    Reason.SKIPPED_TIME: "No clock showed this time: they were put forward over it.",
    Reason.AMBIGUOUS_TIME: "The clocks showed this time twice, when they were put back.",
}


class Reject(NamedTuple):
    """A record that was not taken.

    Units:
        line: 1-based, the header included; of a record over several lines, the last.
    """

    line: int
    field: str
    reason: Reason
    raw: str


class Bad(Exception):
    """A verdict on one field; whoever reads the record catches it."""

    def __init__(self, field: str, reason: Reason) -> None:
        super().__init__(field, reason)
        self.field = field
        self.reason = reason


class Unreadable(Exception):
    """The file as a whole cannot be understood; the message says what it seems to be."""


def kept(raw: str | bytes) -> str:
    """Return raw text in a form that a database, a screen and a log can hold."""
    if isinstance(raw, bytes):
        raw = raw[: 4 * LONGEST_RAW].decode("utf-8", "surrogateescape")
    raw = raw[:LONGEST_RAW].replace("\0", "\N{SYMBOL FOR NULL}").rstrip("\r\n")
    return raw.encode("utf-8", "backslashreplace").decode("utf-8")
