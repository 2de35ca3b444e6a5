"""Files of other people: CSV and NDJSON, cut into records with their line and their raw text. Pure.

A bad record never spoils its neighbors: it becomes a ``Reject`` with a reason from a closed list.
Only a file of which nothing can be understood is refused as a whole.
"""

import codecs
import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import partial
from typing import IO, Final, NamedTuple, TypeVar

import msgspec

from inventory.codes import gtin

T = TypeVar("T")

LONGEST_CODE: Final = 64
LONGEST_LINE: Final = 1 << 17
LONGEST_RAW: Final = 500
"""Characters of a bad record that we keep for whoever has to mend it."""
EARLIEST: Final = datetime(2000, 1, 1, tzinfo=UTC)
FUTURE_ALLOWED: Final = timedelta(minutes=5)
"""Clocks of tills differ; a reading later than this has a broken one."""

_DELIMITERS: Final = ",;\t|"
_MARKS: Final = {
    codecs.BOM_UTF32_LE: "UTF-32",
    codecs.BOM_UTF32_BE: "UTF-32",
    codecs.BOM_UTF16_LE: "UTF-16",
    codecs.BOM_UTF16_BE: "UTF-16",
    b"\x1f\x8b": "gzip",
    b"PK\x03\x04": "a ZIP archive or a spreadsheet",
    b"PAR1": "Parquet",
    b"%PDF": "PDF",
}


class Format(StrEnum):
    CSV = "csv"
    NDJSON = "ndjson"
    PARQUET = "parquet"


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


@dataclass(frozen=True, slots=True)
class Columns:
    """What the header may and must say."""

    required: frozenset[str]
    optional: frozenset[str] = frozenset()
    one_of: frozenset[str] = frozenset()
    """At least one of these must be there."""

    def check(self, header: Sequence[str]) -> None:
        """Refuse a header that we would have to guess at.

        Raises:
            Unreadable: A column is missing, unknown or there twice.
        """
        known = self.required | self.optional | self.one_of
        if strange := [name for name in header if name not in known]:
            raise Unreadable(
                f"The header names columns that we do not know: {_listed(strange)}. "
                f"We know {_listed(sorted(known))}."
            )
        if len(set(header)) < len(header):
            raise Unreadable("The header names a column twice.")
        if missing := self.required.difference(header):
            raise Unreadable(f"The header lacks {_listed(sorted(missing))}.")
        if self.one_of and not self.one_of.intersection(header):
            raise Unreadable(f"The header names none of {_listed(sorted(self.one_of))}.")


@dataclass(frozen=True, slots=True)
class Header:
    """The first line of a CSV file.

    Units:
        size: bytes, with its mark and its line end.
    """

    names: list[str]
    delimiter: str
    size: int


@dataclass(slots=True)
class Place:
    """How far a file has been read, in bytes and in lines: always the end of a record."""

    at: int = 0
    line: int = 0


def csv_header(source: IO[bytes], columns: Columns) -> Header:
    """Return what the first line says. Delimiters are comma, semicolon, tab or bar.

    Raises:
        Unreadable: The file is empty, in another encoding or format, or its header is strange.
    """
    identify(source)
    mark = len(codecs.BOM_UTF8) if source.read(3) == codecs.BOM_UTF8 else 0
    source.seek(mark)
    with decoded(source) as text:
        head = text.readline(LONGEST_LINE)
    delimiter = delimiter_of(head)
    names = fields_of(head, delimiter)
    if not any(names):
        raise Unreadable("The first line should name the columns; it is empty.")
    columns.check([kept(name) for name in names])
    return Header(names, delimiter, mark + _size(head))


def delimiter_of(head: str) -> str:
    return max(_DELIMITERS, key=head.count)


def fields_of(head: str, delimiter: str) -> list[str]:
    """Return the words of a first line, as names are compared."""
    return [name.strip().lower() for name in next(csv.reader([head], delimiter=delimiter), [])]


def csv_rows(
    source: IO[bytes],
    header: Header,
    place: Place,
    enough: int | None = None,
    *,
    encoding: str = "utf-8",
    skip: int = 0,
) -> Iterator[tuple[int, list[str] | Bad, list[str]]]:
    """Yield (line, fields, raw lines) from a place on, and move the place along.

    Empty lines are passed over. The list of raw lines is reused: whoever keeps it copies it. Of a
    line that is too long only the beginning is looked at, and nothing in it is a record.

    Units:
        enough: bytes; the record that reaches them is the last one. None: to the end.
        skip: lines that are no records. In another encoding than UTF-8, a place is worth nothing.
    """
    source.seek(place.at)
    until = None if enough is None else place.at + enough
    recent: list[str] = []
    is_too_long = False
    with decoded(source, encoding) as text:
        place.line += sum(bool(text.readline(LONGEST_LINE)) for _ in range(skip))

        def lines() -> Iterator[str]:
            nonlocal is_too_long
            for line in iter(partial(text.readline, LONGEST_LINE), ""):
                recent.append(line)
                place.line += 1
                place.at += _size(line)
                if is_too_long := _is_cut(line):
                    place.at += _rest(text)
                first = line if place.line > 1 else line.removeprefix("\ufeff")
                yield "\n" if is_too_long else first

        reader = csv.reader(lines(), delimiter=header.delimiter)
        width = len(header.names)
        while until is None or place.at < until:
            try:
                fields = next(reader, None)
            except csv.Error:  # an endless quoted field: give it up, go on with the next line
                yield place.line, Bad("row", Reason.NOT_CSV), recent
            else:
                if fields is None:
                    break
                if len(fields) == width:
                    yield place.line, fields, recent
                elif fields or is_too_long:
                    reason = Reason.TOO_LONG if is_too_long else Reason.COLUMNS
                    yield place.line, Bad("row", reason), recent
            recent.clear()


def _undecodable(error: UnicodeError) -> tuple[str, int]:
    """Put a lone surrogate where bytes mean nothing: no code, number or name of ours holds one."""
    assert isinstance(error, UnicodeDecodeError)
    return "\udcff", error.end


codecs.register_error("bopis.undecodable", _undecodable)


def _is_cut(line: str) -> bool:
    return len(line) == LONGEST_LINE and not line.endswith(("\n", "\r"))


def _rest(text: IO[str]) -> int:
    """Pass over the rest of a line; return how many bytes it has."""
    size = 0
    for piece in iter(partial(text.readline, LONGEST_LINE), ""):
        size += _size(piece)
        if not _is_cut(piece):
            break
    return size


@contextmanager
def decoded(source: IO[bytes], encoding: str = "utf-8") -> Iterator[io.TextIOWrapper]:
    """Lend a file as text with its line ends as they are; the file is left open."""
    errors = "surrogateescape" if encoding == "utf-8" else "bopis.undecodable"
    text = io.TextIOWrapper(source, encoding, errors=errors, newline="")
    try:
        yield text
    finally:
        text.detach()  # or it would close a file that is not ours


def _size(line: str) -> int:
    return len(line) if line.isascii() else len(line.encode("utf-8", "surrogateescape"))


def json_records(
    source: IO[bytes], decoder: "msgspec.json.Decoder[T]"
) -> Iterator[tuple[int, T | Bad, bytes]]:
    """Yield (line, value, raw line) of a file with one JSON object on each line.

    Raises:
        Unreadable: The file is in another encoding or format.
    """
    identify(source)
    for number, line in enumerate(iter(partial(source.readline, LONGEST_LINE), b""), 1):
        raw = line.removeprefix(codecs.BOM_UTF8) if number == 1 else line
        rest = line
        while len(rest) == LONGEST_LINE and not rest.endswith(b"\n"):
            rest = source.readline(LONGEST_LINE)
        if rest is not line:
            yield number, Bad("row", Reason.TOO_LONG), raw
            continue
        if not raw.strip():
            continue
        value: T | Bad
        try:
            value = decoder.decode(raw)
        except msgspec.ValidationError as error:
            value = _wrong_shape(str(error))
        except UnicodeDecodeError:
            value = Bad("row", Reason.NOT_UTF8)
        except (msgspec.DecodeError, RecursionError):
            value = Bad("row", Reason.NOT_JSON)
        yield number, value, raw


def _wrong_shape(error: str) -> Bad:
    """Return what msgspec found, as one of our reasons."""
    named = re.search(r"`\$\.(\w+)|field `(\w+)`", error)
    field = (named[1] or named[2]) if named else "row"
    if "missing required" in error:
        return Bad(field, Reason.MISSING)
    if "unknown field" in error:
        return Bad(field, Reason.UNKNOWN_FIELD)
    if "out of range" in error:
        return Bad(field, Reason.OUT_OF_RANGE)
    return Bad(field, Reason.WRONG_TYPE if named else Reason.NOT_JSON)


def identify(source: IO[bytes], encoding: str = "utf-8") -> None:
    """Refuse a file that is not text in its encoding, by name; it is left at its beginning.

    Raises:
        Unreadable: It is empty, compressed, a spreadsheet, or in UTF-16 where nobody said so.
    """
    head = source.read(64)
    source.seek(0)
    if not head:
        raise Unreadable("The file is empty.")
    is_wide = encoding.startswith("utf-16")
    for mark, name in _MARKS.items():
        if head.startswith(mark) and not (is_wide and name == "UTF-16"):
            raise Unreadable(f"The file seems to be {name}; send plain UTF-8 text.")
    if head.startswith(codecs.BOM_UTF8) and encoding != "utf-8":
        raise Unreadable(f"The file says that it is UTF-8; its source declares {encoding}.")
    if is_wide:
        return
    if head[1::2].count(0) > len(head) // 4 or head[::2].count(0) > len(head) // 4:
        raise Unreadable("The file seems to be UTF-16; send plain UTF-8 text.")


def kept(raw: str | bytes) -> str:
    """Return raw text in a form that a database, a screen and a log can hold."""
    if isinstance(raw, bytes):
        raw = raw[: 4 * LONGEST_RAW].decode("utf-8", "surrogateescape")
    raw = raw[:LONGEST_RAW].replace("\0", "\N{SYMBOL FOR NULL}").rstrip("\r\n")
    return raw.encode("utf-8", "backslashreplace").decode("utf-8")


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


def _listed(names: Sequence[str]) -> str:
    return ", ".join(name[:LONGEST_CODE] or "(no name)" for name in names[:20])
