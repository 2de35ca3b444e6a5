"""The pages of a file about the chain, wherever they are read: a long one next door, as feeds are.

A child is told the name of the sheet, and sends records back as they are used here.
"""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from importlib import import_module
from typing import IO, Final

import msgspec

from bopis.kernel.database import Database
from inventory.catalog import bulk
from inventory.catalog.bulk import BulkPage, Entry, Sheet
from inventory.feeds import intake, pages
from inventory.feeds.intake import File
from inventory.feeds.records import Format
from inventory.feeds.rejects import Reject, Unreadable
from inventory.feeds.written import Refused

Value = str | int | float | bool | list[tuple[str | int, ...]] | None


class Records(msgspec.Struct, frozen=True, array_like=True, tag="records"):
    rows: list[tuple[int, dict[str, Value]]]
    rejects: list[Reject]


class Job(msgspec.Struct, frozen=True, array_like=True):
    form: Format
    sheet: str


APART: Final = f"{__name__}:apart"
"""What a child is told to call."""

_THEN: Final = (
    "What came before that may be written already; the same file again changes nothing twice. Send"
    " it in smaller parts."
)
_decoder: Final = msgspec.msgpack.Decoder(Records | Refused)


@asynccontextmanager
async def read(db: Database, file: File, sheet: str) -> AsyncIterator[AsyncIterator[BulkPage]]:
    """Lend a file's pages of records, each good one with its line.

    Args:
        db: Whose turns are taken: few files are read at once.
        file: Read once from its beginning, left open.
        sheet: What it may say, as ``module:NAME``.

    Raises:
        FileUnreadable: Nothing in the file can be understood, or whoever read it died of it.
            Nothing was done.
    """
    if pages.is_small(file.content):
        here = bulk.read(file.content, file.form, _named(sheet))
        async with intake.paged(here) as found:
            yield found
        return
    said = msgspec.msgpack.encode(Job(file.form, sheet))
    async with pages.next_door(db, file.content, APART, said, then=_THEN) as (_, found_there):

        async def each() -> AsyncIterator[BulkPage]:
            async for page in found_there:
                yield heard(page)

        yield pages.in_words(each())


def apart(source: IO[bytes], said: bytes) -> Iterator[bytes]:
    """Yield what is in a file, as bytes, in a process that may die of it."""
    job = msgspec.msgpack.decode(said, type=Job)
    try:
        for page in bulk.read(source, job.form, _named(job.sheet)):
            yield encoded(page.rows, page.rejects)
    except Unreadable as error:
        yield msgspec.msgpack.encode(Refused(str(error)))


def encoded(rows: list[tuple[int, Entry]], rejects: list[Reject]) -> bytes:
    return msgspec.msgpack.encode(Records(rows, rejects))


def heard(page: bytes | bytearray) -> BulkPage:
    """Return what a child said.

    Raises:
        Unreadable: Nothing in the file can be understood.
    """
    found: Records | Refused = _decoder.decode(page)
    if isinstance(found, Refused):
        raise Unreadable(found.words)
    return BulkPage(found.rows, found.rejects)


def _named(sheet: str) -> Sheet:
    module, _, name = sheet.partition(":")
    found = getattr(import_module(module), name)
    assert isinstance(found, Sheet)
    return found
