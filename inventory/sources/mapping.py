"""How the files of one source are written, declared as data. Pure.

A declaration says what we must not guess: which column is the stock, what a comma means, in which
zone a clock without one stands. What it cannot mean is refused when it is declared, in words.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from typing import Annotated, Any, Final, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    field_validator,
    model_validator,
)

from inventory.codes.gtin import normalize
from inventory.feeds.feed import MOST
from inventory.feeds.records import Format
from inventory.feeds.rejects import LONGEST_CODE

Name = Literal["store_id", "sku", "gtin", "quantity", "as_of", "units"]
Code = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST_CODE)
]
Multiple = Annotated[int, Field(ge=1, le=MOST)]

NAMES: Final[tuple[Name, ...]] = ("store_id", "sku", "gtin", "quantity", "as_of", "units")
"""Our columns, in the order in which a record is handed on."""

ENCODINGS: Final = frozenset(
    {
        *("utf-8", "utf-16", "utf-16-le", "utf-16-be", "latin-1", "ascii"),
        *("cp437", "cp850", "cp852", "cp1250", "cp1251", "cp1252", "cp1253", "cp1254", "cp1257"),
        *("iso-8859-2", "iso-8859-15", "koi8-r", "mac-roman"),
        *("shift_jis", "cp932", "euc-jp", "gb18030", "big5", "euc-kr"),
    }
)
EPOCHS: Final[Mapping[str, int]] = {"epoch_seconds": 1, "epoch_milliseconds": 1000}
"""Formats of times that ``strptime`` has no letter for, with how many of them make a second."""

_SPELLED: Final = {
    "utf-8-sig": "utf-8",
    "utf8": "utf-8",
    "utf16": "utf-16",
    "latin1": "latin-1",
    "iso-8859-1": "latin-1",
    "windows-1252": "cp1252",
    "windows-1250": "cp1250",
}
_PROBE: Final = datetime(2026, 3, 4, 5, 6, 7)  # noqa: DTZ001 -- read back as it was written
_UNREAD: Final = re.compile(r"%[ZcxXUWjGVuwa-]", re.ASCII)


class Units(BaseModel):
    """How many units one of what the file counts is: a case of twelve is twelve."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    each: Multiple = 1
    items: dict[Code, Multiple] = Field(default_factory=dict, max_length=100_000)
    """By item number or GTIN: for the few that a system counts in cases."""


class FileMapping(BaseModel):
    """How to read the files of a source. Everything that is not said is as ours are written."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: Format | None = None
    """None: as the file's name or its Content-Type says."""
    encoding: str = "utf-8"
    delimiter: Literal[",", ";", "\t", "|"] | None = None
    """None: the one that is most frequent in the header."""
    header: bool = True
    skip_lines: int = Field(default=0, ge=0, le=1000)
    """Lines before the header, or before the first record where there is none."""
    columns: dict[Name, Annotated[str, StringConstraints(max_length=200)] | int] = Field(
        default_factory=dict
    )
    """Ours to theirs: a name as the header spells it, or a place, counted from 1."""
    other_columns: Literal["refuse", "ignore"] = "refuse"
    store: Code | None = None
    """Every row is about this store."""
    stores: dict[Code, Code] = Field(default_factory=dict, max_length=100_000)
    """Theirs to ours. Where there is any, a code that is not among them is rejected."""
    decimal: Literal[".", ","] = "."
    thousands: Literal["", ".", ",", " ", "'"] = ""
    units: Units = Field(default_factory=Units)
    time_zone: str | None = None
    """Of instants that do not say theirs."""
    time_formats: tuple[Annotated[str, StringConstraints(min_length=2, max_length=60)], ...] = (
        Field(default=(), max_length=10)
    )
    """As ``strptime`` has them, or ``epoch_seconds``, ``epoch_milliseconds``; ISO 8601 besides."""
    require_as_of: bool = False
    """A row without an instant of its own is rejected."""

    @field_validator("encoding")
    @classmethod
    def _known(cls, value: str) -> str:
        name = value.strip().lower().replace("_", "-").replace("shift-jis", "shift_jis")
        name = _SPELLED.get(name, name)
        if name not in ENCODINGS:
            raise ValueError(f"is not an encoding that we read: {', '.join(sorted(ENCODINGS))}")
        return name

    @field_validator("time_zone")
    @classmethod
    def _exists(cls, value: str | None) -> str | None:
        if value is not None:
            try:
                ZoneInfo(value)
            except (ZoneInfoNotFoundError, ValueError, OSError):
                raise ValueError("is no time zone: write it as Europe/Berlin") from None
        return value

    @field_validator("time_formats")
    @classmethod
    def _tell_apart(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        """Refuse formats that lose the day, and two that read one text as two instants."""
        formats = [one for one in value if one not in EPOCHS]
        for one in formats:
            if _UNREAD.search(one):
                raise ValueError(f"{one}: write zones as %z, and days as %d, %m and %Y")
            try:
                read = datetime.strptime(_PROBE.strftime(one), one)  # noqa: DTZ007
            except ValueError:
                raise ValueError(f"{one} is not a format that strptime reads") from None
            if read.date() != _PROBE.date():
                raise ValueError(f"{one} does not say day, month and year")
        for one in formats:
            for other in formats:
                written = _PROBE.strftime(one)
                if _reads(written, one) != (_reads(written, other) or _reads(written, one)):
                    raise ValueError(f"{one} and {other} read {written} as different times")
        return value

    @model_validator(mode="after")
    def _can_be_read(self) -> Self:
        if self.store is not None and "store_id" in self.columns:
            raise ValueError("store: the files are of one store, or a column says which; not both")
        if self.thousands and self.thousands == self.decimal:
            raise ValueError("thousands and decimal cannot be the same character")
        if "units" in self.columns and self.units.each > 1:
            raise ValueError("units: a column says how many, or units.each does; not both")
        if not self.header:
            self._places()
        elif numbers := [
            str(theirs) for theirs in self.columns.values() if isinstance(theirs, int)
        ]:
            raise ValueError(f"columns: {', '.join(numbers)}: places are for header = false")
        theirs = [str(one).strip().lower() for one in self.columns.values()]
        if len(set(theirs)) < len(theirs):
            raise ValueError("columns: two of ours are read from one of theirs")
        return self

    def _places(self) -> None:
        if not all(isinstance(place, int) and place >= 1 for place in self.columns.values()):
            raise ValueError("columns: without a header, say each by its place, counted from 1")
        if "quantity" not in self.columns or not {"sku", "gtin"} & self.columns.keys():
            raise ValueError("columns: without a header, say where quantity and sku or gtin are")
        if self.store is None and "store_id" not in self.columns:
            raise ValueError("columns: without a header, say where store_id is, or name the store")

    @property
    def is_plain(self) -> bool:
        """Whether files are read just as ours are."""
        return not self.model_dump(exclude_defaults=True, exclude={"format"})

    @property
    def digest(self) -> str:
        """Tell apart two readings of one file; empty where it is read as it stands."""
        if self.is_plain:
            return ""
        said = self.model_dump(mode="json", exclude_defaults=True, exclude={"format"})
        return sha256(msgspec.json.encode(said, order="sorted")).hexdigest()

    def multiple_of(self, sku: str, gtin: str) -> int | None:
        """Return how many units one of an item is, if that is said of this item."""
        items = self.units.items
        if not items:
            return None
        return items.get(sku) or items.get(gtin) or items.get(normalize(gtin) or "")

    def spelled(self, name: Name) -> str | None:
        """Return the header's word for a column of ours; None: it is not read from the file."""
        if name == "store_id" and self.store is not None:
            return None
        if name in self.columns:
            return str(self.columns[name]).strip().lower()
        return None if name == "units" else name


def _reads(text: str, form: str) -> datetime | None:
    try:
        return datetime.strptime(text, form)  # noqa: DTZ007 -- compared, never kept
    except ValueError:
        return None


def words_of(fault: Mapping[str, Any]) -> str:
    """Return one fault that pydantic found, as a line that names the place and the reason."""
    place = ".".join(str(part) for part in fault["loc"])
    said = str(fault["msg"]).removeprefix("Value error, ")
    return f"{place}: {said}" if place else said
