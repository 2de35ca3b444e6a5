"""Feeds: a batch comes in, and each store that it names learns what is so, in its own transaction.

What a store learns is in ``inventory.merging``; how a batch runs, and why it may be interrupted
anywhere, in ``inventory.feeding``.
"""

from collections.abc import Sequence
from typing import Any, Final

from bopis.kernel.database import Tx
from bopis.kernel.errors import Conflict, NotFound
from bopis.kernel.ids import StoreId
from inventory import conflicts, merging
from inventory.events import FeedApplied
from inventory.feed import Batch, Tally
from inventory.models import BatchState, BooksPickup, FeedBatch, FeedKind, FeedReject, FeedRun


class BatchUnknown(NotFound):
    title = "There is no such batch"


class BatchDiffers(Conflict):
    title = "This batch came with another content before"


async def declare(tx: Tx, source: str, *, books_pickup: BooksPickup, cadence_minutes: int) -> None:
    """Say how a source works: when it takes a pickup off its stock, and how often it speaks.

    A source of deltas leaves the pickups of our orders out: we book those ourselves.
    """
    await tx.run(_DECLARE, source, books_pickup, cadence_minutes)


_DECLARE: Final = """
    INSERT INTO feed_sources (source, books_pickup, cadence_minutes) VALUES ($1, $2, $3)
    ON CONFLICT (source) DO UPDATE
    SET books_pickup = EXCLUDED.books_pickup, cadence_minutes = EXCLUDED.cadence_minutes
"""
_FIND: Final = "SELECT * FROM feed_batches WHERE source = $1 AND batch_id = $2"


async def find(tx: Tx, source: str, batch_id: str) -> FeedBatch | None:
    row = await tx.row(_FIND, source, batch_id)
    return None if row is None else FeedBatch.of(row)


async def get(tx: Tx, source: str, batch_id: str) -> FeedBatch:
    """Return a batch as it stands.

    Raises:
        BatchUnknown: The source never sent one of this name.
    """
    found = await find(tx, source, batch_id)
    if found is None:
        raise BatchUnknown(f"{source} has sent no batch {batch_id}.", batch_id=batch_id)
    return found


async def same(tx: Tx, batch: Batch) -> FeedBatch | None:
    """Return the batch as we know it, or None if it is new.

    Raises:
        BatchDiffers: Its name belongs to another content. Nothing was done.
    """
    known = await find(tx, batch.source, batch.batch_id)
    if known is not None and known.digest != batch.digest:
        raise BatchDiffers(
            f"Batch {batch.batch_id} of {batch.source} came with another content, kind, sequence "
            "or as_of. Send the correction under a new batch id.",
            source=batch.source,
            batch_id=batch.batch_id,
        )
    return known


_BEGIN: Final = """
    INSERT INTO feed_batches
           (source, batch_id, kind, as_of, sequence, digest, state, rows, rejected, received_at)
    VALUES ($1, $2, $3, $4, $5, $6, 'receiving', $7, $8, $9)
    ON CONFLICT (source, batch_id) DO NOTHING
"""
_NEW_SOURCE: Final = """
    INSERT INTO feed_sources (source) VALUES ($1) ON CONFLICT (source) DO NOTHING
"""
_REJECT: Final = """
    INSERT INTO feed_rejects (source, batch_id, line, field, reason, raw)
    SELECT $1, $2, r.line, r.field, r.reason, r.raw
      FROM unnest($3::int[], $4::text[], $5::text[], $6::text[]) AS r (line, field, reason, raw)
    ON CONFLICT (source, batch_id, line) DO NOTHING
"""


async def begin(
    tx: Tx, batch: Batch, *, rows: int, rejected: int, rejects: Sequence[tuple[Any, ...]]
) -> FeedBatch:
    """Write a batch down before any store hears of it, with the rows that cannot be used.

    Raises:
        BatchDiffers: Somebody sent another content under this name meanwhile.
    """
    await tx.run(_NEW_SOURCE, batch.source)
    await tx.run(
        _BEGIN,
        batch.source,
        batch.batch_id,
        batch.kind,
        batch.as_of,
        batch.sequence,
        batch.digest,
        rows,
        rejected,
        tx.now,
    )
    known = await same(tx, batch)
    assert known is not None
    columns = list(zip(*rejects, strict=True)) or [(), (), (), ()]
    await tx.run(_REJECT, batch.source, batch.batch_id, *map(list, columns))
    return known


_END: Final = """
    UPDATE feed_batches SET state = $3, problem = $4 WHERE source = $1 AND batch_id = $2
"""


async def end(tx: Tx, batch: Batch, state: BatchState, problem: str | None = None) -> None:
    await tx.run(_END, batch.source, batch.batch_id, state, problem)


_RUN: Final = """
    INSERT INTO feed_runs (store_id, source, batch_id, kind, as_of, applied_at, digest)
    VALUES ($1, $2, $3, $4, $5, $6, $7)
    ON CONFLICT DO NOTHING
"""
_RAN: Final = """
    UPDATE feed_runs
       SET applied = $4, unchanged = $5, stale = $6, unknown = $7, conflicts = $8
     WHERE store_id = $1 AND source = $2 AND batch_id = $3
"""


async def apply(tx: Tx, store_id: StoreId, batch: Batch, *, unknown: int) -> Tally | None:
    """Let one store learn what a batch says of it; None if it has learned it before.

    The rows wait in the temporary table ``feed_stage``, one for each item of a snapshot. The run
    is written first: it is the lock that keeps the same content from being applied twice.

    Units:
        unknown: rows of this store about items that are not in the catalog.
    """
    is_new = await tx.run(
        _RUN,
        store_id,
        batch.source,
        batch.batch_id,
        batch.kind,
        batch.as_of,
        tx.now,
        batch.digest,
    )
    if not is_new:
        return None
    merge = merging.snapshot if batch.kind is FeedKind.SNAPSHOT else merging.delta
    tally = await merge(tx, store_id, batch)
    if tally.applied:
        tally.conflicts = await conflicts.settle(
            tx, store_id, None, source=batch.source, batch_id=batch.batch_id
        )
    await tx.run(
        _RAN,
        store_id,
        batch.source,
        batch.batch_id,
        tally.applied,
        tally.unchanged,
        tally.stale,
        unknown,
        tally.conflicts,
    )
    await tx.emit(
        FeedApplied(
            store_id=store_id,
            source=batch.source,
            batch_id=batch.batch_id,
            as_of=batch.as_of,
            applied=tally.applied,
            unchanged=tally.unchanged,
            stale=tally.stale,
            conflicts=tally.conflicts,
        )
    )
    return tally


_RUNS: Final = """
    SELECT * FROM feed_runs WHERE source = $1 AND batch_id = $2  /* fanout: one batch */
     ORDER BY store_id LIMIT 10000
"""


async def runs(tx: Tx, source: str, batch_id: str) -> list[FeedRun]:
    """Return what a batch did in each store."""
    return [FeedRun.of(row) for row in await tx.rows(_RUNS, source, batch_id)]


_REJECTS: Final = """
    SELECT * FROM feed_rejects WHERE source = $1 AND batch_id = $2 ORDER BY line LIMIT $3
"""


async def rejects(tx: Tx, source: str, batch_id: str, *, limit: int) -> list[FeedReject]:
    return [FeedReject.of(row) for row in await tx.rows(_REJECTS, source, batch_id, limit)]
