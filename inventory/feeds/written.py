"""A feed's records as they travel: the good ones as COPY takes them, the bad ones named. Pure.

What is read in another process crosses to ours as bytes that nobody has to take apart again, or, of
plain stretches, as the place where they stand in the file.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import islice
from operator import lt
from typing import IO, Final

import msgspec

from inventory.feeds.feed import FeedKind, Page, Plain, Row
from inventory.feeds.records import Format
from inventory.feeds.rejects import Reject, Unreadable
from inventory.sources import reading
from inventory.sources.mapping import FileMapping


class Rows(msgspec.Struct, frozen=True, array_like=True, tag="rows"):
    """A page of records that were read one by one.

    Shapes:
        content: the good ones in COPY's text format, with the columns of ``feed.Row``.

    Units:
        rows: good and bad.
        newest: the latest instant that any row says; None: none says one.
    """

    rows: int
    content: bytes
    rejects: list[Reject]
    stores: list[str]
    has_gtins: bool
    newest: datetime | None


class Stretch(msgspec.Struct, frozen=True, array_like=True, tag="stretch"):
    """Plain rows, as ``feed.Plain``, or where they stand in the file.

    Units:
        at, size: bytes.
    """

    line: int
    rows: int
    columns: tuple[str, ...]
    delimiter: str
    store_id: str | None
    at: int
    size: int
    content: bytes | None = None


class Seen(msgspec.Struct, frozen=True, array_like=True, tag="seen"):
    """What can be said of a file once all of it has been read; the last that comes.

    Shapes:
        is_in_order: all rows are plain, of one store, each item after the one before it: so that no
            item is there twice.

    Units:
        units: the sum of all quantities, if it is in order.
    """

    is_in_order: bool
    units: int


class Refused(msgspec.Struct, frozen=True, array_like=True, tag="refused"):
    """Nothing in the file can be understood."""

    words: str


class Job(msgspec.Struct, frozen=True, array_like=True):
    """How a file is to be read.

    Shapes:
        mapping: a ``FileMapping`` as JSON; None: as ours are written.
    """

    form: Format
    kind: FeedKind
    now: datetime
    mapping: bytes | None = None


APART: Final = f"{__name__}:apart"
"""What a child is told to call."""

Said = Rows | Stretch | Seen

_decoder: Final = msgspec.msgpack.Decoder(Said | Refused)


def apart(source: IO[bytes], said: bytes) -> Iterator[bytes]:
    """Yield what is in a file, as bytes, in a process that may die of it."""
    job = msgspec.msgpack.decode(said, type=Job)
    encoder = msgspec.msgpack.Encoder()
    try:
        for page in read(source, job, is_apart=True):
            yield encoder.encode(page)
    except Unreadable as error:
        yield encoder.encode(Refused(str(error)))


def heard(page: bytes | bytearray) -> Said:
    """Return what a child said.

    Raises:
        Unreadable: Nothing in the file can be understood.
    """
    found: Said | Refused = _decoder.decode(page)
    if isinstance(found, Refused):
        raise Unreadable(found.words)
    return found


def read(source: IO[bytes], job: Job, *, is_apart: bool = False) -> Iterator[Said]:
    """Yield a file in pages, and what was seen of it in passing.

    Each page is looked at when it has been handed on: while it is copied, if that is elsewhere.

    Args:
        source: Read once from its beginning, left open.
        job: How.
        is_apart: Whoever asks has the file too, and reads plain stretches off it.

    Raises:
        Unreadable: Nothing in the file can be understood.
    """
    mapping = None if job.mapping is None else FileMapping.model_validate_json(job.mapping)
    order = _Order()
    for page in reading.read(source, job.form, job.kind, job.now, mapping):
        yield _stretch(page, is_apart=is_apart) if isinstance(page, Plain) else _rows(page)
        order.look(page)
    yield Seen(order.holds, order.units if order.holds else 0)


class _Order:
    """Whether the rows of a file are in order so far, held by the last of its items alone."""

    __slots__ = ("_last", "_store_id", "holds", "units")

    def __init__(self) -> None:
        self.holds = True
        self.units = 0
        self._last = b""
        self._store_id: str | None = None

    def look(self, page: Page | Plain) -> None:
        if not self.holds:
            return
        self.holds = isinstance(page, Plain) and page.store_id is not None
        if isinstance(page, Plain) and self.holds:
            self.holds = self._store_id in {None, page.store_id} and self._goes_on(page)
            self._store_id = page.store_id

    def _goes_on(self, page: Plain) -> bool:
        delimiter, width = page.delimiter.encode(), len(page.columns)
        fields = page.content.replace(b"\r", b"").replace(b"\n", delimiter).split(delimiter)
        items = fields[page.columns.index("sku") : -1 : width]
        before, self._last = self._last, items[-1]
        self.units += sum(map(int, fields[page.columns.index("quantity") : -1 : width]))
        return before < items[0] and all(map(lt, items, islice(items, 1, None)))


def _stretch(page: Plain, *, is_apart: bool) -> Stretch:
    return Stretch(
        page.line,
        page.rows,
        page.columns,
        page.delimiter,
        page.store_id,
        page.at,
        len(page.content),
        None if is_apart else page.content,
    )


def _rows(page: Page) -> Rows:
    rows = page.rows
    instants = {row.as_of for row in rows} - {None}
    return Rows(
        len(rows) + len(page.rejects),
        _text(rows),
        page.rejects,
        sorted({row.store_id for row in rows}),
        any(row.gtin for row in rows),
        max((one for one in instants if one is not None), default=None),
    )


def _text(rows: Sequence[Row]) -> bytes:
    r"""Return rows in COPY's text format: codes are printable, so that only ``\` is special."""
    moments: dict[datetime | None, str] = {None: _NULL}
    lines = []
    for line, store_id, sku, gtin, quantity, as_of in rows:
        moment = moments.get(as_of)
        if moment is None:
            moment = moments[as_of] = str(as_of)
        item = _NULL if sku is None else _escaped(sku)
        code = gtin or _NULL
        lines.append(f"{line}\t{_escaped(store_id)}\t{item}\t{code}\t{quantity}\t{moment}\n")
    return "".join(lines).encode()


_NULL: Final = r"\N"


def _escaped(code: str) -> str:
    return code.replace("\\", r"\\") if "\\" in code else code
