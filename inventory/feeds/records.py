"""Files of other people: CSV and NDJSON, cut into records with their line and their raw text. Pure.

A bad record never spoils its neighbors: it becomes a ``Reject`` with a reason from a closed list.
Only a file of which nothing can be understood is refused as a whole.
"""

import codecs
import csv
import io
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import IO, Final, TypeVar

import msgspec

from inventory.feeds.rejects import (
    LONGEST_CODE,
    Bad,
    Reason,
    Unreadable,
    kept,
)

T = TypeVar("T")

LONGEST_LINE: Final = 1 << 17

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


def _listed(names: Sequence[str]) -> str:
    return ", ".join(name[:LONGEST_CODE] or "(no name)" for name in names[:20])
