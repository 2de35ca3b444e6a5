"""Files that describe the chain: stores, items, and where items are. Pure.

Only the columns that a file has are written: whoever sends new hours need not send every address.
Hours read ``Mon-Fri 09:00-21:00; Sat 09:00-12:00, 13:00-18:00; Sun closed``, dated exceptions
``2026-12-24 09:00-13:00; 2026-12-25 closed``, orders that a stretch of the day holds
``Mon-Fri 09:00-21:00 12 per 60 min; Sat 09:00-18:00 20 per 30 min``, staging places
``A1=Shelf A, top; A2``, GTINs ``4006381333931; 14006381333938*12`` (a case of twelve).
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, time
from enum import StrEnum
from functools import partial
from typing import IO, Any, Final, NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from bopis.kernel.ids import STORE_ID_PATTERN
from inventory.codes.gtin import normalize
from inventory.feeds import records, values
from inventory.feeds.records import Columns, Format, Place
from inventory.feeds.rejects import Bad, Reason, Reject, kept
from inventory.opening import hours

PAGE: Final = 2000
CLOSED: Final = "closed"

Parse = Callable[[str, str], Any]
Entry = dict[str, Any]

WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
KINDS: Final = frozenset({"shelf", "backroom", "display"})
_CLOCK: Final = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
_STORE: Final = re.compile(STORE_ID_PATTERN)
_SLOT: Final = re.compile(r"(?P<when>.+?) +(?P<orders>\d{1,6}) per (?P<minutes>\d{1,6}) ?min")


class BulkPage(NamedTuple):
    """Some records, each with its line, and the rejects between them."""

    rows: list[tuple[int, Entry]]
    rejects: list[Reject]


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a file of one kind may say, column by column."""

    required: Mapping[str, Parse]
    optional: Mapping[str, Parse]

    @property
    def columns(self) -> Columns:
        return Columns(frozenset(self.required), frozenset(self.optional))

    def entry(self, texts: Mapping[str, str]) -> Entry:
        """Return a record of what was written; a blank optional field is its default.

        Raises:
            Bad: A field is missing, unknown, or does not say what it should.
        """
        found = {}
        for name, parse in self.required.items():
            if not texts.get(name, "").strip():
                raise Bad(name, Reason.MISSING)
            found[name] = parse(name, texts[name])
        for name, text in texts.items():
            if name not in found:
                if name not in self.optional:
                    raise Bad(name, Reason.UNKNOWN_FIELD)
                found[name] = self.optional[name](name, text)
        return found


def read(source: IO[bytes], form: Format, sheet: Sheet) -> Iterator[BulkPage]:
    """Yield a file in pages of records, good and bad.

    Raises:
        Unreadable: Nothing in the file can be understood.
    """
    page = BulkPage([], [])
    for entry in _csv(source, sheet) if form is Format.CSV else _ndjson(source, sheet):
        if isinstance(entry, Reject):
            page.rejects.append(entry)
        else:
            page.rows.append(entry)
        if len(page.rows) + len(page.rejects) >= PAGE:
            yield page
            page = BulkPage([], [])
    if page.rows or page.rejects:
        yield page


def _csv(source: IO[bytes], sheet: Sheet) -> Iterator[tuple[int, Entry] | Reject]:
    header = records.csv_header(source, sheet.columns)
    for line, fields, raw in records.csv_rows(source, header, Place(header.size, 1)):
        try:
            if isinstance(fields, Bad):
                raise fields
            yield line, sheet.entry(dict(zip(header.names, fields, strict=True)))
        except Bad as bad:
            yield Reject(line, bad.field, bad.reason, kept("".join(raw)))


def _ndjson(source: IO[bytes], sheet: Sheet) -> Iterator[tuple[int, Entry] | Reject]:
    decoder = msgspec.json.Decoder(dict[str, str | int | float | bool | None])
    for line, value, raw in records.json_records(source, decoder):
        try:
            if isinstance(value, Bad):
                raise value
            texts = {kept(name): _text(given) for name, given in value.items()}
            yield line, sheet.entry(texts)
        except Bad as bad:
            yield Reject(line, bad.field, bad.reason, kept(raw))


def _text(value: str | float | bool | None) -> str:  # noqa: FBT001 -- JSON has booleans
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def store(name: str, text: str) -> str:
    code = values.code(name, text)
    if not _STORE.fullmatch(code):
        raise Bad(name, Reason.NOT_A_CODE)
    return code


def _zone(name: str, text: str) -> str:
    try:
        return ZoneInfo(text.strip()).key
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise Bad(name, Reason.UNKNOWN_ZONE) from None


def _degrees(most: int, name: str, text: str) -> float | None:
    if not text.strip():
        return None
    try:
        value = float(text)
    except ValueError:
        raise Bad(name, Reason.NOT_A_NUMBER) from None
    if not -most <= value <= most:
        raise Bad(name, Reason.OUT_OF_RANGE)
    return value


def _units(least: int, most: int, default: int, name: str, text: str) -> int:
    return values.whole(name, text, least, most) if text.strip() else default


def _flag(name: str, text: str) -> bool:
    answers = {"": True, "true": True, "1": True, "yes": True}
    answers |= {"false": False, "0": False, "no": False}
    if text.strip().lower() not in answers:
        raise Bad(name, Reason.NOT_A_CHOICE)
    return answers[text.strip().lower()]


def _kind(name: str, text: str) -> str:
    kind = text.strip().lower() or "shelf"
    if kind not in KINDS:
        raise Bad(name, Reason.NOT_A_CHOICE)
    return kind


def _spans(name: str, text: str) -> tuple[tuple[str, str], ...]:
    """Return the openings of one day, as HH:MM; empty if it says ``closed``."""
    if text.strip().lower() == "closed":
        return ()
    spans = []
    for part in text.split(","):
        opens, dash, closes = (half.strip() for half in part.partition("-"))
        closes = "00:00" if closes == "24:00" else closes
        if not dash or not _CLOCK.fullmatch(opens) or not _CLOCK.fullmatch(closes):
            raise Bad(name, Reason.NOT_HOURS)
        spans.append((opens, closes))
    walls = tuple(
        (time.fromisoformat(opens), time.fromisoformat(closes)) for opens, closes in spans
    )
    if hours.overlaps(walls):
        raise Bad(name, Reason.NOT_HOURS)
    return tuple(sorted(spans))


def weekly(name: str, text: str) -> list[tuple[int, str, str]]:
    """Return (weekday, opens, closes) rows; a day that is not named is closed."""
    rows: dict[int, tuple[tuple[str, str], ...]] = {}
    for part in _parts(text):
        days, _, spans = part.partition(" ")
        first, _, last = days.lower().partition("-")
        try:
            start, end = WEEKDAYS.index(first[:3]), WEEKDAYS.index((last or first)[:3])
        except ValueError:
            raise Bad(name, Reason.NOT_HOURS) from None
        for ahead in range((end - start) % 7 + 1):
            day = (start + ahead) % 7
            if day in rows:
                raise Bad(name, Reason.NOT_HOURS)
            rows[day] = _spans(name, spans)
    return [(day, *span) for day, spans in sorted(rows.items()) for span in spans]


def dated(name: str, text: str) -> list[tuple[str, str, str]]:
    """Return (day, opens, closes) rows; a closed day has one row that says ``closed``."""
    rows: list[tuple[str, str, str]] = []
    for part in _parts(text):
        day, _, spans = part.partition(" ")
        try:
            day = date.fromisoformat(day).isoformat()
        except ValueError:
            raise Bad(name, Reason.NOT_HOURS) from None
        openings = _spans(name, spans)
        rows.extend((day, *span) for span in openings)
        if not openings:
            rows.append((day, CLOSED, ""))
    if len({row[:2] for row in rows}) < len(rows):
        raise Bad(name, Reason.NOT_HOURS)
    return rows


def slots(name: str, text: str) -> list[tuple[int, str, str, int, int]]:
    """Return (weekday, opens, closes, minutes, capacity) rows; a day not named has no limit."""
    parts = [_SLOT.fullmatch(part) for part in _parts(text)]
    if None in parts:
        raise Bad(name, Reason.NOT_SLOTS)
    found = [part for part in parts if part]
    weekly(name, "; ".join(part["when"] for part in found))  # no day twice
    return [
        (*row, minutes, values.whole(name, part["orders"], 0, 10_000))
        for part in found
        for minutes in (values.whole(name, part["minutes"], 15, 1440),)
        for row in weekly(name, part["when"])
    ]


def _staging(name: str, text: str) -> list[tuple[str, str]]:
    places = []
    for part in _parts(text):
        code, _, label = (half.strip() for half in part.partition("="))
        code = values.code(name, code)
        places.append((code, values.words(name, label, longest=100) or code))
    if len(dict(places)) < len(places):
        raise Bad(name, Reason.CONTRADICTED)
    return places


def _gtins(name: str, text: str) -> list[tuple[str, int]]:
    found = {}
    for part in _parts(text):
        code, star, units = (half.strip() for half in part.partition("*"))
        gtin = normalize(code)
        if gtin is None:
            raise Bad(name, Reason.CHECK_DIGIT)
        found[gtin] = values.whole(name, units, 1, 10_000) if star else 1
    return list(found.items())


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.split(";") if part.strip()]


_NAME: Final = partial(values.words, longest=200)
_LONG: Final = partial(values.words, longest=500)


def _place(name: str, text: str) -> str:
    return values.words(name, text, longest=40)


def _label(name: str, text: str) -> str:
    return values.code(name, text) if text.strip() else ""


class Catalog(StrEnum):
    STORES = "stores"
    ITEMS = "items"
    LOCATIONS = "locations"


STORES: Final = Sheet(
    required={"store_id": store, "name": _NAME, "time_zone": _zone},
    optional={
        "street": _NAME,
        "city": _NAME,
        "postal_code": _NAME,
        "country": _NAME,
        "latitude": partial(_degrees, 90),
        "longitude": partial(_degrees, 180),
        "phone": _NAME,
        "pickup_instructions": _LONG,
        "hold_days": partial(_units, 0, 60, 3),
        "safety": partial(_units, 0, 1000, 0),
        "is_active": _flag,
        "hours": weekly,
        "exceptions": dated,
        "pickup_hours": weekly,
        "pickup_exceptions": dated,
        "slots": slots,
        "staging": _staging,
    },
)
ITEMS: Final = Sheet(
    required={"sku": values.code, "name": _NAME},
    optional={"size": _NAME, "department": _NAME, "gtins": _gtins},
)
LOCATIONS: Final = Sheet(
    required={"store_id": store, "sku": values.code, "aisle": _place},
    optional={"zone": _place, "bay": _place, "shelf": _place, "kind": _kind, "label": _label},
)
