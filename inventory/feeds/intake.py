"""Big files, from a request or a disk: kept aside, read a page at a time, staged beside the tables.

Nothing here decides anything. The event loop never parses: a page of some thousand records is
read in a thread, or in another process (``feeds.pages``), while the one before it is copied.
"""

import asyncio
import hashlib
import tempfile
from collections.abc import AsyncIterable, AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import IO, Final, TypeVar

import asyncpg

from bopis.kernel.database import Database
from bopis.kernel.errors import Invalid, TooLarge
from inventory.feeds.records import Format
from inventory.feeds.rejects import Unreadable
from inventory.sources.mapping import FileMapping

T = TypeVar("T")

LIMIT: Final = 512 * 1024 * 1024
"""Bytes of one file: some ten million rows. A larger one comes in parts."""
AT_ONCE: Final = 2
_IN_MEMORY: Final = 4 * 1024 * 1024
_GZIP: Final = b"\x1f\x8b"
_FORMATS: Final = {
    "text/csv": Format.CSV,
    "application/csv": Format.CSV,
    "application/x-ndjson": Format.NDJSON,
    "application/ndjson": Format.NDJSON,
    "application/jsonl": Format.NDJSON,
    "application/x-jsonlines": Format.NDJSON,
    "application/vnd.apache.parquet": Format.PARQUET,
    "application/x-parquet": Format.PARQUET,
}


class FileTooLarge(TooLarge):
    title = "The file is too large"


class FileUnreadable(Invalid):
    title = "The file cannot be read"


class FormatUnknown(Invalid):
    title = "We do not read files of this kind"


@dataclass(frozen=True, slots=True)
class File:
    """A file that somebody sent, whole, with what tells it from another."""

    content: IO[bytes]
    form: Format
    sha256: str
    mapping: FileMapping | None = None
    """How its source writes; None: as ours are written."""


def format_of(content_type: str) -> Format:
    """Return how a body is written.

    Raises:
        FormatUnknown: Neither CSV nor NDJSON nor Parquet.
    """
    kind = content_type.partition(";")[0].strip().lower()
    if kind not in _FORMATS:
        raise FormatUnknown(
            "Send text/csv, application/x-ndjson or application/vnd.apache.parquet, and say so in "
            "Content-Type. Nothing was done."
        )
    return _FORMATS[kind]


@asynccontextmanager
async def received(
    chunks: AsyncIterable[bytes], form: Format, mapping: FileMapping | None = None
) -> AsyncIterator[File]:
    """Keep a body aside, on disk if it is long, until it has been read.

    Raises:
        FileTooLarge: It is longer than we take. Nothing was kept.
        FileUnreadable: It is compressed: the first bytes say so, and the rest is not waited for.
    """
    digest, size = hashlib.sha256(), 0
    with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY) as content:
        async for chunk in chunks:
            if not size and chunk.startswith(_GZIP):
                raise FileUnreadable("The file is compressed with gzip. Send it as it is.")
            size += len(chunk)
            if size > LIMIT:
                raise FileTooLarge(f"At most {LIMIT} bytes are taken. Send it in parts.")
            digest.update(chunk)
            content.write(chunk)
        content.seek(0)
        yield File(content, form, digest.hexdigest(), mapping)


@asynccontextmanager
async def paged(pages: Iterator[T]) -> AsyncIterator[AsyncIterator[T]]:
    """Lend what an iterator makes in a thread: one page is read while the one before it is used.

    Raises:
        FileUnreadable: Nothing in the file can be understood. Nothing was done.
    """
    coming = asyncio.ensure_future(asyncio.to_thread(next, pages, None))

    async def each() -> AsyncIterator[T]:
        nonlocal coming
        while True:
            try:
                page = await coming
            except Unreadable as error:
                raise FileUnreadable(f"{error} Nothing was done.") from None
            if page is None:
                return
            coming = asyncio.ensure_future(asyncio.to_thread(next, pages, None))
            yield page

    try:
        yield each()
    finally:
        # The file is not closed under the thread that reads it.
        await asyncio.gather(coming, return_exceptions=True)


_SESSION: Final = {
    "statement_timeout": "120s",
    "lock_timeout": "10s",
    "plan_cache_mode": "force_custom_plan",  # one plan for all stores takes each to be tiny
    "work_mem": "64MB",  # a million items are hashed, and two files at a time are taken
    "default_statistics_target": "10",  # how many rows there are is all that a plan has to know
}
UNHURRIED: Final = "SET LOCAL synchronous_commit = off"
"""What is done to a temporary table need not outlive a crash: nobody waits for the disk."""

_SET: Final = "; ".join(f"SET {name} = '{value}'" for name, value in _SESSION.items())
_RESET: Final = "; ".join(f"RESET {name}" for name in (*_SESSION, "synchronous_commit"))


@asynccontextmanager
async def staging(
    db: Database, table: str, columns: str, *, is_unhurried: bool = False
) -> AsyncIterator[asyncpg.Connection]:
    """Lend a connection with a temporary table, which outlives transactions but not this block.

    Two at a time in a process; the others wait. A file may take its time, an order may not.

    Args:
        db: Where.
        table: Its name.
        columns: What it has.
        is_unhurried: No commit on this connection waits for the disk. Whoever says so answers only
            after a commit on another one: by the order of the log that waits for all before it.
    """
    turns = db.memory.setdefault("staging", asyncio.Semaphore(AT_ONCE))
    async with turns, db.connection() as connection:
        patience = "off" if is_unhurried else "on"
        await connection.execute(
            f"{_SET}; SET synchronous_commit = {patience}; {UNHURRIED};"
            f" DROP TABLE IF EXISTS pg_temp.{table};"
            f" CREATE TEMP TABLE {table} ({columns})"
        )
        try:
            yield connection
        finally:
            if not connection.is_closed():  # the next to borrow it finds it as it was
                await connection.execute(
                    f"{UNHURRIED}; DROP TABLE IF EXISTS pg_temp.{table}; {_RESET}"
                )
