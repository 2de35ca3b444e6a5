"""Feeds: a batch comes in, and each store that it names learns what is so, in its own transactions.

What a store learns is in ``inventory.feeds.merging``; how a batch runs, and why it may be
interrupted anywhere, in ``inventory.feeds.feeding``.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from bopis.kernel.database import Tx
from bopis.kernel.errors import Conflict, NotFound
from bopis.kernel.ids import StoreId
from inventory.events import FeedApplied
from inventory.feeds import merging, slicing
from inventory.feeds.feed import Batch, Tally
from inventory.feeds.merging import Slice
from inventory.feeds.models import BatchState, BooksPickup, FeedBatch, FeedKind, FeedReject, FeedRun
from inventory.feeds.rejects import Reject
from inventory.feeds.verdict import SWING, Cause


class BatchUnknown(NotFound):
    title = "There is no such batch"


class BatchDiffers(Conflict):
    title = "This batch came with another content before"


async def declare(
    tx: Tx,
    source: str,
    *,
    books_pickup: BooksPickup,
    cadence_minutes: int,
    swing: float | None = SWING,
) -> None:
    """Say how a source works: when it takes a pickup off its stock, and how often it speaks.

    A source of deltas leaves the pickups of our orders out: we book those ourselves.

    Units:
        swing: the share of a store's units that one snapshot may add or take; None: any.
    """
    await tx.run(_DECLARE, source, books_pickup, cadence_minutes, swing)


_DECLARE: Final = """
    INSERT INTO feed_sources (source, books_pickup, cadence_minutes, swing)
    VALUES ($1, $2, $3, $4)
    ON CONFLICT (source) DO UPDATE
    SET books_pickup = EXCLUDED.books_pickup, cadence_minutes = EXCLUDED.cadence_minutes,
        swing = EXCLUDED.swing
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

    One of which we know only the name is new; so is one whose content, when it last came, was not
    what its sender had announced.

    Raises:
        BatchDiffers: Its name belongs to another content. Nothing was done.
    """
    return matched(await find(tx, batch.source, batch.batch_id), batch)


def matched(known: FeedBatch | None, batch: Batch) -> FeedBatch | None:
    """Return what is known under a batch's name if it is the same batch; ``same`` says more."""
    if known is None:
        return None
    said = (known.kind, known.as_of, known.sequence) == (batch.kind, batch.as_of, batch.sequence)
    was_broken = known.state is BatchState.QUARANTINED and known.cause is Cause.TOTALS
    if said and (not known.digest or (was_broken and known.digest != batch.digest)):
        return None
    if known.digest != batch.digest:
        raise BatchDiffers(
            f"Batch {batch.batch_id} of {batch.source} came with another content, kind, sequence "
            "or as_of. Send the correction under a new batch id.",
            source=batch.source,
            batch_id=batch.batch_id,
        )
    return known


_BEGIN: Final = """
    WITH heard AS (
        INSERT INTO feed_sources (source) VALUES ($1) ON CONFLICT (source) DO NOTHING
    ),
    replaced AS (
        DELETE FROM feed_rejects
         WHERE source = $1 AND batch_id = $2 AND EXISTS (
               SELECT FROM feed_batches AS b
                WHERE b.source = $1 AND b.batch_id = $2 AND b.digest <> $6)
    )
    INSERT INTO feed_batches
           (source, batch_id, kind, as_of, sequence, digest, state, rows, rejected, received_at,
            form, parts, only_store, rows_said, sha256_said)
    VALUES ($1, $2, $3, $4, $5, $6, 'validated', $7, $8, $9, $10, $11, $12, $13, $14)
    ON CONFLICT (source, batch_id) DO UPDATE
       SET digest = EXCLUDED.digest, state = EXCLUDED.state, rows = EXCLUDED.rows,
           rejected = EXCLUDED.rejected, form = EXCLUDED.form, parts = EXCLUDED.parts,
           only_store = EXCLUDED.only_store, rows_said = EXCLUDED.rows_said,
           sha256_said = EXCLUDED.sha256_said
     WHERE feed_batches.digest IN ('', EXCLUDED.digest)
           AND feed_batches.state NOT IN ('applied', 'superseded', 'discarded')
        OR feed_batches.state = 'quarantined' AND feed_batches.cause = 'totals'
    RETURNING *
"""
_REJECT: Final = """
    INSERT INTO feed_rejects (source, batch_id, line, field, reason, raw)
    SELECT $1, $2, r.line, r.field, r.reason, r.raw
      FROM unnest($3::int[], $4::text[], $5::text[], $6::text[]) AS r (line, field, reason, raw)
    ON CONFLICT (source, batch_id, line) DO NOTHING
"""


async def begin(
    tx: Tx,
    batch: Batch,
    *,
    rows: int,
    rejected: int,
    rejects: Sequence[Reject],
    only_store: StoreId | None = None,
) -> FeedBatch:
    """Write a batch down before any store hears of it, with the rows that cannot be used.

    Somebody may have settled the same batch meanwhile: then it is returned as it stands.

    Raises:
        BatchDiffers: Somebody sent another content under this name meanwhile.
    """
    row = await tx.row(
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
        batch.form,
        batch.parts,
        only_store,
        batch.rows_said,
        batch.sha256_said,
    )
    known = FeedBatch.of(row) if row else await same(tx, batch)
    assert known is not None
    await keep(tx, batch, rejects)
    return known


async def keep(tx: Tx, batch: Batch, rejects: Sequence[Reject]) -> None:
    """Write down rows that cannot be used; those that are written already stay as they are."""
    if rejects:
        columns = zip(*rejects, strict=True)
        await tx.run(_REJECT, batch.source, batch.batch_id, *map(list, columns))


_END: Final = """
    UPDATE feed_batches SET state = $3, problem = $4, cause = COALESCE($5, cause)
     WHERE source = $1 AND batch_id = $2
    RETURNING *
"""


async def end(
    tx: Tx,
    batch: Batch,
    state: BatchState,
    problem: str | None = None,
    cause: Cause | None = None,
) -> FeedBatch:
    """Say what has become of a batch, and return it."""
    row = await tx.row(_END, batch.source, batch.batch_id, state, problem, cause)
    assert row is not None
    return FeedBatch.of(row)


@dataclass(frozen=True, slots=True)
class Share:
    """What waits in ``feed_stage`` for one store.

    Units:
        rows: at most.
        since: no row is older.
        unknown: rows about codes that are not in the catalog; they do not wait there any more.
        units: all that a snapshot says there is; None: not added up.
    """

    store_id: StoreId
    rows: int
    since: datetime
    unknown: int = 0
    units: int | None = None


SLICE: Final = 25_000
"""Rows that are judged in one statement, at most."""

TURN: Final = 5_000
"""Rows. A transaction ends when it has written so many: an order that needs one of them waits for
about a tenth of a second, and not for a whole store's file. Only where a
file begins with rows that change little and goes on otherwise may one be as long as a slice."""

_RUN: Final = """
    WITH turn AS (          -- as ``turn``, in one go with what comes next
        INSERT INTO feed_turns (store_id, taken_at) VALUES ($1, $6)
        ON CONFLICT (store_id) DO UPDATE SET taken_at = EXCLUDED.taken_at
    )
    INSERT INTO feed_runs (store_id, source, batch_id, kind, as_of, applied_at, digest, unknown,
                           sequence, units)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
    ON CONFLICT DO NOTHING
"""
_GO_ON: Final = """
    SELECT upto FROM feed_runs WHERE store_id = $1 AND source = $2 AND digest = $3 FOR UPDATE
"""
_RAN: Final = """
    UPDATE feed_runs
       SET applied = applied + $4, unchanged = unchanged + $5, stale = stale + $6,
           unknown = unknown + $7, conflicts = conflicts + $8, upto = $9
     WHERE store_id = $1 AND source = $2 AND digest = $3
    RETURNING *
"""


_TURN: Final = """
    INSERT INTO feed_turns (store_id, taken_at) VALUES ($1, $2)
    ON CONFLICT (store_id) DO UPDATE SET taken_at = EXCLUDED.taken_at
"""


async def turn(tx: Tx, store_id: StoreId) -> None:
    """Wait until no other feed teaches this store; others wait until this transaction ends."""
    await tx.run(_TURN, store_id, tx.now)


async def apply(tx: Tx, batch: Batch, share: Share) -> FeedRun | None:
    """Let one store learn what a batch says of it, or a good part; None if it knew all of it.

    The rows wait in the temporary table ``feed_stage``, one for each item of a snapshot. The run
    is written first: it keeps the same content from being applied twice. Call it
    in one transaction after the other until the run has no ``upto``. Whoever reads between two of
    them sees some items as they are told and others as they were: each item is right by itself,
    with its own instant, and no number is about several.
    """
    store_id = share.store_id
    key = (store_id, batch.source, batch.digest)
    upto: str | None = ""
    if not await tx.run(
        _RUN,
        store_id,
        batch.source,
        batch.batch_id,
        batch.kind,
        batch.as_of,
        tx.now,
        batch.digest,
        share.unknown,
        batch.sequence,
        share.units,
    ):
        upto = await tx.value(_GO_ON, *key)
        if upto is None:
            return None
    merge = merging.snapshot if batch.kind is FeedKind.SNAPSHOT else merging.delta
    tally, enough = Tally(), min(TURN, SLICE)
    size = enough
    if share.rows > enough and batch.kind is FeedKind.SNAPSHOT:
        size = await slicing.first(tx, store_id, upto or "", least=enough, most=SLICE)
    is_long = share.rows > size or upto != ""
    if is_long and share.rows <= SLICE:
        await slicing.prepare(tx)
    while upto is not None and tally.applied < enough:
        after, upto = upto, None
        if is_long:
            upto = await slicing.last(tx, store_id, after, size)
        done = await merge(tx, Slice(store_id, batch, share.since, after, upto))
        tally.add(done)
        # Where little changes, many rows are judged at once: few of them will be written.
        size = SLICE if done.applied * SLICE <= enough * size else enough
    row = await tx.row(
        _RAN,
        *key,
        tally.applied,
        tally.unchanged,
        tally.stale,
        tally.unknown,
        tally.conflicts,
        upto,
    )
    assert row is not None
    run = FeedRun.of(row)
    if run.upto is None:
        if batch.kind is FeedKind.SNAPSHOT:
            await merging.forget(tx, store_id, batch)
        await tx.emit(
            FeedApplied(
                store_id=store_id,
                source=batch.source,
                batch_id=batch.batch_id,
                as_of=batch.as_of,
                applied=run.applied,
                unchanged=run.unchanged,
                stale=run.stale,
                conflicts=run.conflicts,
            )
        )
    return run


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
