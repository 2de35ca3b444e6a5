"""What a store's system says it has: one row for each store and item. Pure.

A snapshot says how many there are; a delta says how many more or fewer. Both may say as of when,
row by row; where a row does not, the batch does.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from operator import itemgetter
from typing import IO, Final, NamedTuple, TypeVar

import msgspec

from inventory.feeds import records, rejects, values
from inventory.feeds.records import Columns, Format, Header, Place
from inventory.feeds.rejects import Bad, Reason, Reject, kept

T = TypeVar("T")

MOST: Final = 10**6
"""Units. A larger number is a barcode in the wrong column."""

PAGE: Final = 5000
"""Records that are parsed before anybody else gets a turn: some twenty milliseconds."""

SUSPECT: Final = 10
SUSPECT_SHARE: Final = 0.02

CHUNK: Final = 1 << 19
"""Bytes that are looked at together: some milliseconds in which nobody else gets a turn."""

WORTH: Final = 1 << 13
"""Bytes. A shorter plain stretch between others is not worth a COPY of its own."""

PATIENCE: Final = (1 << 10, 1 << 16)
"""Bytes that are read row by row before the next glance: more and more where nothing is plain."""

_REMEMBERED: Final = 100_000
_NAMES: Final = ("store_id", "sku", "gtin", "quantity", "as_of")
_COLUMNS: Final = Columns(
    required=frozenset({"store_id", "quantity"}),
    optional=frozenset({"as_of"}),
    one_of=frozenset({"sku", "gtin"}),
)


class FeedKind(StrEnum):
    SNAPSHOT = "snapshot"  # what there is
    DELTA = "delta"  # what came or went


@dataclass(frozen=True, slots=True)
class Batch:
    """The name and the content of one message.

    Shapes:
        digest: of the content and of what was said about it; the same digest is the same message.
        sha256: of the content alone.
        rows_said, sha256_said: what the sender told us to expect; None: nothing.
        parts: in how many pieces it came.
    """

    source: str
    batch_id: str
    kind: FeedKind
    as_of: datetime
    digest: str
    sequence: int | None = None
    form: Format = Format.CSV
    sha256: str = ""
    rows_said: int | None = None
    sha256_said: str | None = None
    parts: int = 1


@dataclass(slots=True)
class Tally:
    """What became of the rows of one store."""

    applied: int = 0
    unchanged: int = 0
    stale: int = 0
    unknown: int = 0
    conflicts: int = 0

    def add(self, other: "Tally") -> None:
        self.applied += other.applied
        self.unchanged += other.unchanged
        self.stale += other.stale
        self.unknown += other.unknown
        self.conflicts += other.conflicts


class Row(NamedTuple):
    """One reading. Of ``sku`` and ``gtin`` exactly one is there; a GTIN has 14 digits.

    Units:
        quantity: 0 to 10**6 units on hand, or -(10**6) to 10**6 units more.
    """

    line: int
    store_id: str
    sku: str | None
    gtin: str | None
    quantity: int
    as_of: datetime | None


class Page(NamedTuple):
    rows: list[Row]
    rejects: list[Reject]


class Plain(NamedTuple):
    """Rows of a CSV file that may be copied as they stand: every one of them is known to be good.

    Shapes:
        columns: in the order of the file.
        content: whole lines, each a row.
        store_id: the store of all of them; None: of several, or not looked for.

    Units:
        line: of the first row.
        rows: lines.
        at: bytes of the file before the first row.
    """

    line: int
    rows: int
    columns: tuple[str, ...]
    delimiter: str
    content: bytes
    at: int
    store_id: str | None = None


class _Line(msgspec.Struct, forbid_unknown_fields=True):
    store_id: str
    quantity: int | float
    sku: str | None = None
    gtin: str | None = None
    as_of: str | None = None


class Rules:
    """The checks of one batch, with a memory for what repeats in nearly every row."""

    __slots__ = ("_gtins", "_least", "_now", "_stores", "_times")

    def __init__(self, kind: FeedKind, now: datetime) -> None:
        self._least = 0 if kind is FeedKind.SNAPSHOT else -MOST
        self._now = now
        self._stores: dict[str, str] = {}
        self._times: dict[str, datetime] = {}
        self._gtins: dict[str, str] = {}

    def row(self, line: int, texts: tuple[str, ...]) -> Row:
        """Return what the texts, in the order of ``_NAMES``, say.

        Raises:
            Bad: They do not say it.
        """
        store, sku, gtin, quantity, as_of = texts
        store_id = self._stores.get(store) or self._store(store)
        found: str | None = None
        item: str | None = None
        if sku and not sku.isspace():
            item = values.code("sku", sku)
        elif gtin:
            found = self._gtins.get(gtin) or self._gtin(gtin)
        else:
            raise Bad("sku", Reason.MISSING)
        count = values.whole("quantity", quantity, self._least, MOST)
        moment = (self._times.get(as_of) or self._time(as_of)) if as_of else None
        return Row(line, store_id, item, found, count, moment)

    def are_times(self, texts: Iterable[bytes]) -> bool:
        """Say whether each text is an instant that we take, or blank."""
        try:
            return all(
                text in self._times or self._time(text) for text in map(bytes.decode, texts) if text
            )
        except Bad:
            return False

    def _store(self, text: str) -> str:
        return _remembered(self._stores, text, values.code("store_id", text))

    def _gtin(self, text: str) -> str:
        return _remembered(self._gtins, text, values.item_gtin("gtin", text))

    def _time(self, text: str) -> datetime:
        return _remembered(self._times, text, values.instant("as_of", text, self._now))


def _remembered(memory: dict[str, T], text: str, value: T) -> T:
    if len(memory) >= _REMEMBERED:
        memory.clear()
    memory[text] = value
    return value


def is_suspect(rows: int, rejected: int) -> bool:
    """Say whether so many rows are bad that the good ones cannot be trusted either.

    One bad row in a short file is somebody's slip; more than ten, and more than two in a hundred,
    is a broken export.
    """
    return rejected > SUSPECT and rejected > SUSPECT_SHARE * rows


def read(source: IO[bytes], form: Format, kind: FeedKind, now: datetime) -> Iterator[Page | Plain]:
    """Yield a feed in pages of a few thousand records, good and bad.

    Shapes:
        source: a file that can seek; read once from its beginning, left open.
        returns: every record once, its line with it; the same store and item may come again.

    Raises:
        Unreadable: Nothing in the file can be understood.
    """
    rules = Rules(kind, now)
    return pages(_csv(source, rules, kind) if form is Format.CSV else _ndjson(source, rules))


def pages(found: Iterable[Row | Reject | Plain]) -> Iterator[Page | Plain]:
    """Gather records, good and bad, into pages; what is plain is passed on as it stands."""
    rows: list[Row] = []
    rejects: list[Reject] = []
    for row in found:
        if isinstance(row, Row):
            rows.append(row)
        elif isinstance(row, Plain):
            yield row
            continue
        else:
            rejects.append(row)
        if len(rows) + len(rejects) >= PAGE:
            yield Page(rows, rejects)
            rows, rejects = [], []
    if rows or rejects:
        yield Page(rows, rejects)


def _csv(source: IO[bytes], rules: Rules, kind: FeedKind) -> Iterator[Row | Reject | Plain]:
    """Read plain stretches of a file at a glance, and what lies between them row by row.

    Row by row is what is right; a plain stretch is one of which a regular expression proves that
    reading it row by row would say the same. Most files are nothing else, and are read twenty
    times as fast.
    """
    header = records.csv_header(source, _COLUMNS)
    place = Place(header.size, 1)
    pattern = _plain(header, kind)
    patience = PATIENCE[0]
    while True:
        source.seek(place.at)
        chunk = source.read(CHUNK)
        if not chunk:
            return
        found = pattern.match(chunk) if pattern else None
        if found and found.end() >= min(WORTH, len(chunk)) and _in_time(found[0], header, rules):
            lines = found[0].count(b"\n")
            yield Plain(
                line=place.line + 1,
                rows=lines,
                columns=tuple(header.names),
                delimiter=header.delimiter,
                content=found[0],
                at=place.at,
                store_id=_only_store(found[0], lines, header),
            )
            place.at += found.end()
            place.line += lines
            patience = PATIENCE[0]
        else:
            yield from _row_by_row(source, header, place, rules, patience)
            patience = min(2 * patience, PATIENCE[1])


def _row_by_row(
    source: IO[bytes], header: Header, place: Place, rules: Rules, enough: int
) -> Iterator[Row | Reject]:
    names = header.names
    width = len(names)  # the field after the last one stands for a column that is not there
    pick = itemgetter(*(names.index(name) if name in names else width for name in _NAMES))
    for line, fields, raw in records.csv_rows(source, header, place, enough):
        try:
            if isinstance(fields, Bad):
                raise fields
            fields.append("")
            yield rules.row(line, pick(fields))
        except Bad as bad:
            yield Reject(line, bad.field, bad.reason, kept("".join(raw)))


def _plain(header: Header, kind: FeedKind) -> re.Pattern[bytes] | None:
    """Return what plain rows look like under a header; None if none could be.

    No quotes, no blanks, no letters beyond ASCII; an item by its number, not by its GTIN; units
    without a sign that is not needed. What is not plain is not wrong: it is read row by row.
    """
    if "sku" not in header.names:
        return None
    left_out = set(f'"\\{header.delimiter}')
    mark = "".join(re.escape(chr(n)) for n in range(0x21, 0x7F) if chr(n) not in left_out)
    code = f"[{mark}]{{1,{rejects.LONGEST_CODE}}}+"
    looks = {
        "store_id": code,
        "sku": code,
        "gtin": f"[{mark}]{{0,{rejects.LONGEST_CODE}}}+",  # not read where there is an item number
        "quantity": "[0-9]{1,6}+" if kind is FeedKind.SNAPSHOT else "-?+[0-9]{1,6}+",
        "as_of": "(?:20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\\.[0-9]{1,6}+)?+"
        "(?:Z|[+-](?:0[0-9]|1[0-4]):[0-5][0-9]))?+",
    }
    row = re.escape(header.delimiter).join(looks[name] for name in header.names)
    return re.compile(f"(?:{row}\n)++|(?:{row}\r\n)++".encode())


def _only_store(content: bytes, lines: int, header: Header) -> str | None:
    """Return the store of plain rows, if it comes first in all of them and is the same."""
    if header.names[0] != "store_id":
        return None
    begin = content[: content.index(header.delimiter.encode()) + 1]
    return begin[:-1].decode() if content.count(b"\n" + begin) == lines - 1 else None


def _in_time(content: bytes, header: Header, rules: Rules) -> bool:
    """Say whether we take all the instants of plain rows. They repeat, so that this is quick."""
    if "as_of" not in header.names:
        return True
    delimiter = header.delimiter.encode()
    fields = content.replace(b"\r", b"").replace(b"\n", delimiter).split(delimiter)
    return rules.are_times(set(fields[header.names.index("as_of") : -1 : len(header.names)]))


def _ndjson(source: IO[bytes], rules: Rules) -> Iterator[Row | Reject]:
    for line, value, raw in records.json_records(source, msgspec.json.Decoder(_Line)):
        try:
            if isinstance(value, Bad):
                raise value
            count = str(value.quantity)
            texts = value.store_id, value.sku or "", value.gtin or "", count, value.as_of or ""
            yield rules.row(line, texts)
        except Bad as bad:
            yield Reject(line, bad.field, bad.reason, kept(raw))
