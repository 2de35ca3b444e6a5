"""Batches that come in pieces: announced or not, kept until all are here, then applied as one.

The pieces of one file, cut anywhere, are put together in the order of their numbers: ``split`` is
all that a sender needs. They may come in any order, and twice.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from bopis.kernel.database import Database, Tx
from bopis.kernel.errors import Conflict, Invalid
from bopis.kernel.ids import StoreId
from inventory.feeds import batches, contents, feeding
from inventory.feeds.feed import FeedKind
from inventory.feeds.intake import File
from inventory.feeds.models import BatchState, FeedBatch
from inventory.feeds.records import Format

MOST: Final = 100
"""Parts of one batch."""

WITHIN: Final = timedelta(hours=1)
"""How long the next part may take; after that somebody should know."""


class PartDiffers(Conflict):
    title = "This part came with another content before"


class BatchSaidOtherwise(Conflict):
    title = "This batch was announced otherwise"


class PartInvalid(Invalid):
    title = "There can be no such part"


@dataclass(frozen=True, slots=True)
class Announcement:
    """What a batch is to be. All of its parts say the same, or leave the totals out."""

    source: str
    batch_id: str
    kind: FeedKind
    as_of: datetime
    sequence: int | None
    form: Format
    parts: int
    rows: int | None = None
    sha256: str | None = None


_ANNOUNCE: Final = """
    WITH heard AS (
        INSERT INTO feed_sources (source) VALUES ($1) ON CONFLICT (source) DO NOTHING
    )
    INSERT INTO feed_batches (source, batch_id, kind, as_of, sequence, digest, state, received_at,
                              form, parts, only_store, rows_said, sha256_said)
    VALUES ($1, $2, $3, $4, $5, '', 'announced', $6, $7, $8, $9, $10, $11)
    ON CONFLICT (source, batch_id) DO NOTHING
"""
_TOTALS: Final = """
    UPDATE feed_batches
       SET rows_said = COALESCE($3, rows_said), sha256_said = COALESCE($4, sha256_said)
     WHERE source = $1 AND batch_id = $2
"""


async def announce(tx: Tx, said: Announcement, *, only_store: StoreId | None = None) -> FeedBatch:
    """Say that a batch comes, and what it is to be. Saying it again changes nothing.

    Raises:
        BatchSaidOtherwise: It was announced, or sent, as something else. Nothing was done.
    """
    await tx.run(
        _ANNOUNCE,
        said.source,
        said.batch_id,
        said.kind,
        said.as_of,
        said.sequence,
        tx.now,
        said.form,
        said.parts,
        only_store,
        said.rows,
        said.sha256,
    )
    known = await batches.get(tx, said.source, said.batch_id)
    _agree(said, known)
    if (said.rows, said.sha256) != (None, None):
        await tx.run(_TOTALS, said.source, said.batch_id, said.rows, said.sha256)
    return await batches.get(tx, said.source, said.batch_id)


def _agree(said: Announcement, known: FeedBatch) -> None:
    before = (known.kind, known.as_of, known.sequence, known.form, known.parts)
    totals = (
        (known.rows_said, said.rows),
        (known.sha256_said, said.sha256),
    )
    if before != (said.kind, said.as_of, said.sequence, said.form, said.parts) or any(
        None not in pair and pair[0] != pair[1] for pair in totals
    ):
        raise BatchSaidOtherwise(
            f"Batch {said.batch_id} of {said.source} was announced or sent with another kind, "
            "as_of, sequence, format, number of parts or total. Nothing was done: say the same "
            "with every part, or send it under a new batch id.",
            batch_id=said.batch_id,
        )


_RECEIVED: Final = """
    UPDATE feed_batches
       SET state = CASE WHEN $4 THEN 'complete' ELSE 'receiving' END, received_at = $3,
           problem = NULL
     WHERE source = $1 AND batch_id = $2 AND state IN ('announced', 'receiving', 'timed_out')
"""


async def take(
    db: Database,
    file: File,
    said: Announcement,
    part: int,
    *,
    actor: str,
    only_store: StoreId | None = None,
) -> FeedBatch:
    """Take in one part; with the last of them, the batch. The same part again changes nothing.

    Raises:
        BatchSaidOtherwise: The batch was announced, or sent, as something else.
        PartDiffers: This part came with another content before.
        PartInvalid: It is empty, or its number is beyond the last.
        ContentTooLarge: It is more than we keep.
    """
    if not 1 <= part <= said.parts:
        raise PartInvalid(f"Of {said.parts} parts none has the number {part}.")
    if not file.content.read(1):
        raise PartInvalid("The part is empty. Nothing was done.")
    async with db.transaction(actor=actor) as tx:
        known = await announce(tx, said, only_store=only_store)
        here = {one.part: one.sha256 for one in await contents.parts(tx, *_key(said))}
        if part not in here and known.state not in feeding.SETTLED:
            await contents.keep(tx, *_key(said), part, file)
        here = {one.part: one.sha256 for one in await contents.parts(tx, *_key(said))}
        if here.get(part, file.sha256) != file.sha256:
            raise PartDiffers(
                f"Part {part} of batch {said.batch_id} came with another content before. Nothing "
                "was done: send the correction under a new batch id.",
                part=part,
            )
        is_whole = len(here) == said.parts
        await tx.run(_RECEIVED, *_key(said), tx.now, is_whole)
        known = await batches.get(tx, *_key(said))
    return await complete(db, known, actor=actor) if is_whole else known


def _key(said: Announcement) -> tuple[str, str]:
    return said.source, said.batch_id


async def complete(db: Database, known: FeedBatch, *, actor: str) -> FeedBatch:
    """Apply a batch of which all parts are here. Whoever is interrupted sends any part again."""
    if known.state in feeding.SETTLED:
        return known
    async with contents.whole(db, known) as file:
        if file is None:  # somebody else has just applied it
            async with db.transaction() as tx:
                return await batches.get(tx, known.source, known.batch_id)
        batch = feeding.again(known, file)
        return await feeding.take(db, file, batch, actor=actor, only_store=known.only_store)


async def missing(tx: Tx, batch: FeedBatch) -> list[int]:
    """Return the numbers of the parts that have not come."""
    here = {one.part for one in await contents.parts(tx, batch.source, batch.batch_id)}
    return [part for part in range(1, batch.parts + 1) if part not in here]


_LATE: Final = """
    SELECT * FROM feed_batches
     WHERE state IN ('announced', 'receiving') AND digest = '' AND received_at < $1
     ORDER BY received_at LIMIT 1000
"""
_TIME_OUT: Final = """
    UPDATE feed_batches SET state = $3, problem = $4
     WHERE source = $1 AND batch_id = $2 AND state IN ('announced', 'receiving')
"""


async def time_out(tx: Tx) -> None:
    """Give up waiting for parts that should have come. They may still: then the batch goes on."""
    for row in await tx.rows(_LATE, tx.now - WITHIN):
        batch = FeedBatch.of(row)
        words = _late(batch, await missing(tx, batch))
        await tx.run(_TIME_OUT, batch.source, batch.batch_id, BatchState.TIMED_OUT, words)


def _late(batch: FeedBatch, gone: list[int]) -> str:
    if batch.parts == 1:
        return "It was announced and did not come within an hour. It still may."
    named = ", ".join(map(str, gone[:_NAMED])) + (", …" if len(gone) > _NAMED else "")
    return (
        f"Of {batch.parts} parts {len(gone)} did not come within an hour: {named}. Nothing was "
        "applied. Send what is missing, and it goes on."
    )


_NAMED: Final = 10
