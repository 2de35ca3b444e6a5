"""What a batch said, kept while it is not applied: in pieces, compressed, beside the tables."""

import asyncio
import hashlib
import tempfile
import zlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import IO, Final

from bopis.kernel.database import Database, Tx
from bopis.kernel.errors import TooLarge
from inventory.feeds.intake import LIMIT, File
from inventory.feeds.models import FeedBatch, FeedPart
from inventory.feeds.records import Format
from inventory.sources import declarations

CHUNK: Final = 1 << 20
"""Bytes before compression: what is in memory at once."""

KEPT: Final = 128 * 1024 * 1024
"""Bytes after compression, of one part: more than any file of numbers that we take comes to."""

WHOLE: Final = 8 * LIMIT
"""Bytes of all the parts of one batch."""

LONGEST: Final = timedelta(days=30)

_IN_MEMORY: Final = 4 * 1024 * 1024


class ContentTooLarge(TooLarge):
    title = "The content is too large to be kept"


_PART: Final = """
    INSERT INTO feed_parts (source, batch_id, part, sha256, received_at)
    VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (source, batch_id, part) DO NOTHING
"""
_CHUNK: Final = """
    INSERT INTO feed_chunks (source, batch_id, part, chunk, content) VALUES ($1, $2, $3, $4, $5)
"""


async def keep(tx: Tx, source: str, batch_id: str, part: int, file: File) -> bool:
    """Keep a part; return False if one of this number was here already, whatever it says.

    Raises:
        ContentTooLarge: It is more than we keep, even compressed. Nothing was kept.
    """
    key = (source, batch_id, part)
    if not await tx.run(_PART, *key, file.sha256, tx.now):
        return False
    file.content.seek(0)
    number, size = 0, 0
    while packed := await asyncio.to_thread(_pack, file.content):
        size += len(packed)
        if size > KEPT:
            raise ContentTooLarge(f"At most {KEPT} bytes are kept, compressed. Nothing was kept.")
        await tx.run(_CHUNK, *key, number, packed)
        number += 1
    return True


def _pack(content: IO[bytes]) -> bytes:
    data = content.read(CHUNK)
    return zlib.compress(data, 1) if data else b""


_PARTS: Final = """
    SELECT * FROM feed_parts WHERE source = $1 AND batch_id = $2 ORDER BY part LIMIT 1000
"""


async def parts(tx: Tx, source: str, batch_id: str) -> list[FeedPart]:
    """Return the parts that have come, in order; their content may be forgotten since."""
    return [FeedPart.of(row) for row in await tx.rows(_PARTS, source, batch_id)]


_HERE: Final = """
    SELECT part FROM feed_chunks WHERE source = $1 AND batch_id = $2 AND chunk = 0
     ORDER BY part LIMIT 1000
"""
_CHUNK_AT: Final = """
    SELECT content FROM feed_chunks
     WHERE source = $1 AND batch_id = $2 AND part = $3 AND chunk = $4
"""


@asynccontextmanager
async def whole(db: Database, batch: FeedBatch) -> AsyncIterator[File | None]:
    """Lend a batch's content as it came, its parts one after the other; None if it is not here.

    Raises:
        ContentTooLarge: All parts together are more than we take.
    """
    key = (batch.source, batch.batch_id)
    if not await _is_whole(db, batch):
        yield None
        return
    digest, size = hashlib.sha256(), 0
    with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY) as content:
        for part in range(1, batch.parts + 1):
            number = 0
            while data := await _chunk(db, *key, part, number):
                size += len(data)
                if size > WHOLE:
                    raise ContentTooLarge(f"At most {WHOLE} bytes are taken in one batch.")
                digest.update(data)
                content.write(data)
                number += 1
        if not await _is_whole(db, batch):  # it was dropped while it was read
            yield None
            return
        content.seek(0)
        mapping = await declarations.reading_of(db, batch.source, batch.batch_id)
        yield File(content, Format(batch.form), digest.hexdigest(), mapping)


async def _is_whole(db: Database, batch: FeedBatch) -> bool:
    async with db.transaction() as tx:
        here = [row["part"] for row in await tx.rows(_HERE, batch.source, batch.batch_id)]
    return here == list(range(1, batch.parts + 1))


async def _chunk(db: Database, source: str, batch_id: str, part: int, number: int) -> bytes:
    """Return one chunk. Each has a transaction: nobody waits while a long file is written out."""
    async with db.transaction() as tx:
        packed = await tx.value(_CHUNK_AT, source, batch_id, part, number)
    return await asyncio.to_thread(zlib.decompress, packed) if packed else b""


_DROP: Final = "DELETE FROM feed_chunks WHERE source = $1 AND batch_id = $2"


async def drop(tx: Tx, source: str, batch_id: str) -> None:
    """Forget what a batch said: it is applied, or will not be. Its parts are known again."""
    await tx.run(_DROP, source, batch_id)


_FORGET: Final = """
    WITH parts AS (
        DELETE FROM feed_parts WHERE source = $1 AND batch_id = $2
    )
    DELETE FROM feed_chunks WHERE source = $1 AND batch_id = $2
"""


async def replace(tx: Tx, source: str, batch_id: str, file: File) -> None:
    """Keep a file as all that a batch says, in place of what it said before.

    Raises:
        ContentTooLarge: It is more than we keep, even compressed. Nothing was kept.
    """
    await tx.run(_FORGET, source, batch_id)
    await keep(tx, source, batch_id, 1, file)


_AGED: Final = """
    DELETE FROM feed_chunks AS c USING feed_parts AS p
     WHERE p.received_at < $1
       AND c.source = p.source AND c.batch_id = p.batch_id AND c.part = p.part
"""
_AGED_PARTS: Final = """
    DELETE FROM feed_parts WHERE received_at < $1
"""


async def forget(tx: Tx) -> None:
    """Drop what nobody has released or completed for a month."""
    before = tx.now - LONGEST
    await tx.run(_AGED, before)
    await tx.run(_AGED_PARTS, before)
