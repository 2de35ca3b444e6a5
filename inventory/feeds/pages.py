"""The pages of a file, wherever they are read.

Parquet, and every file that is not small, is read in a process of its own (``kernel.apart``): what
a stranger wrote can neither end this one nor keep it from answering. A small text file has not
enough in it for that, and is read in a thread.
"""

import io
import os
import shutil
import tempfile
from asyncio import Semaphore, to_thread
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from datetime import datetime
from typing import IO, Final, TypeVar

import msgspec
import structlog

from bopis.kernel import apart
from bopis.kernel.database import Database
from inventory.feeds import intake, written
from inventory.feeds.feed import FeedKind
from inventory.feeds.intake import File, FileUnreadable
from inventory.feeds.records import Format
from inventory.feeds.rejects import Unreadable
from inventory.feeds.written import Job, Said, Stretch

SMALL: Final = 1 << 16
"""Bytes. Row by row that is some ten milliseconds of a thread."""

AT_ONCE: Final = 2
"""Files that are read apart at once; the others wait."""

T = TypeVar("T")

log = structlog.get_logger()


@asynccontextmanager
async def read(
    db: Database, file: File, kind: FeedKind, now: datetime
) -> AsyncIterator[AsyncIterator[Said]]:
    """Lend a file's pages, one after the other: the next is read while one is used.

    Raises:
        FileUnreadable: Nothing in the file can be understood, or whoever read it died of it.
            Nothing was done.
    """
    mapping = None if file.mapping is None else file.mapping.model_dump_json().encode()
    job = Job(file.form, kind, now, mapping)
    if file.form is not Format.PARQUET and is_small(file.content):
        async with intake.paged(written.read(file.content, job)) as pages:
            yield pages
        return
    said = msgspec.msgpack.encode(job)
    then = "Nothing was done. Look at it with `bopis feed check`, or send it as CSV."
    async with next_door(db, file.content, written.APART, said, then=then) as (known, there):

        async def each() -> AsyncIterator[Said]:
            async for page in there:
                found = written.heard(page)
                if isinstance(found, Stretch):
                    piece = await to_thread(os.pread, known, found.size, found.at)
                    found = msgspec.structs.replace(found, content=piece)
                yield found

        yield in_words(each())


@asynccontextmanager
async def next_door(
    db: Database, content: IO[bytes], call: str, said: bytes, *, then: str
) -> AsyncIterator[tuple[int, AsyncIterator[bytearray]]]:
    """Lend the file's descriptor, and what a child that is told to ``call`` yields of it.

    Raises:
        FileUnreadable: The child died of it; ``then`` says what that means.
    """
    turns = db.memory.setdefault("reading apart", Semaphore(AT_ONCE))
    with ExitStack() as stack:
        descriptor = (await to_thread(_on_disk, content, stack)).fileno()
        async with turns, apart.pages(call, said, descriptor) as pages:

            async def each() -> AsyncIterator[bytearray]:
                try:
                    async for page in pages:
                        yield page
                except apart.Died as error:
                    log.warning("feed.reader_died", how=str(error))
                    raise FileUnreadable(
                        f"The file cannot be read safely: reading it was given up, for {error}. "
                        f"{then}"
                    ) from None

            yield descriptor, each()


async def in_words(pages: AsyncIterator[T]) -> AsyncIterator[T]:
    """Yield pages, and say to whoever sent the file that it cannot be understood.

    Raises:
        FileUnreadable: It cannot. Nothing was done.
    """
    try:
        async for page in pages:
            yield page
    except Unreadable as error:
        raise FileUnreadable(f"{error} Nothing was done.") from None


def is_small(content: IO[bytes]) -> bool:
    size = content.seek(0, os.SEEK_END)
    content.seek(0)
    return size <= SMALL


def _on_disk(content: IO[bytes], stack: ExitStack) -> IO[bytes]:
    """Return a file that another process can be handed."""
    try:
        content.fileno()  # of one that was spooled in memory this puts it on the disk
    except io.UnsupportedOperation:
        copy = stack.enter_context(tempfile.TemporaryFile())  # noqa: SIM115 -- it is
        shutil.copyfileobj(content, copy)
        content.seek(0)
        content = copy
    content.flush()
    return content
