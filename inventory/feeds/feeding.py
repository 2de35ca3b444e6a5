"""How a batch runs: staged whole, judged whole, then applied store by store.

Each store has its own transactions, and each ends with how far its run has come. Whoever is
interrupted sends the same batch again: stores that are done are passed over, the others go on from
there. Until the last one is done the batch is ``validated``.
"""

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import datetime
from hashlib import sha256 as digested
from typing import Final

import asyncpg

from bopis.kernel.database import Database, DatabaseBusy
from bopis.kernel.ids import StoreId
from inventory.feeds import batches, contents, gaps, intake, judging, staging
from inventory.feeds.batches import Share
from inventory.feeds.contents import ContentTooLarge
from inventory.feeds.feed import Batch, FeedKind
from inventory.feeds.intake import File
from inventory.feeds.models import BatchState, FeedBatch, FeedRun
from inventory.feeds.numbering import Heard
from inventory.feeds.rejects import Reject
from inventory.feeds.verdict import Cause, Verdict
from inventory.sources import declarations

TRIES: Final = 3

SETTLED: Final = frozenset({BatchState.APPLIED, BatchState.SUPERSEDED, BatchState.DISCARDED})


def batch_of(
    source: str,
    batch_id: str,
    file: File,
    *,
    kind: FeedKind,
    as_of: datetime,
    sequence: int | None,
    rows: int | None = None,
    sha256: str | None = None,
    parts: int = 1,
) -> Batch:
    """Return the batch that a file is, with the digest of all that was said.

    Args:
        source: Whose it is.
        batch_id: Its name.
        file: Its content.
        kind: What its numbers mean.
        as_of: When they were true, where a row does not say it.
        sequence: Its number among the source's batches, if the source counts them.
        rows: How many records there should be; None: not said.
        sha256: The checksum that the content should have, in hex; None: not said.
        parts: In how many pieces it came.
    """
    said = f"{kind} {as_of.timestamp()} {sequence} {file.form} {file.sha256}"
    if file.mapping is not None:  # read in another way, it says something else
        said += file.mapping.digest
    return Batch(
        source,
        batch_id,
        kind,
        as_of,
        digest=digested(said.encode()).hexdigest(),
        sequence=sequence,
        form=file.form,
        sha256=file.sha256,
        rows_said=rows,
        sha256_said=sha256,
        parts=parts,
    )


def again(known: FeedBatch, file: File) -> Batch:
    """Return a batch that has come before, from what was said about it then."""
    return batch_of(
        known.source,
        known.batch_id,
        file,
        kind=known.kind,
        as_of=known.as_of,
        sequence=known.sequence,
        rows=known.rows_said,
        sha256=known.sha256_said,
        parts=known.parts,
    )


async def take(
    db: Database,
    file: File,
    batch: Batch,
    *,
    actor: str,
    only_store: StoreId | None = None,
    despite_rejects: bool = False,
) -> FeedBatch:
    """Take in a batch and return it as it then stands. The same batch again changes nothing.

    What speaks against the batch as a whole sets it aside, with its content, until a person
    releases or discards it (``inventory.feeds.quarantine``). One that is released is not judged
    again.

    Args:
        db: Where the stores are.
        file: The content.
        batch: Its name, and what was said about it.
        actor: For the audit trail.
        only_store: Rows of any other store are rejected.
        despite_rejects: Apply the good rows even if too many are bad for us to trust the file.

    Raises:
        BatchDiffers: The name belongs to another content.
        FileUnreadable: Nothing in the file can be understood; nothing was done.
        DatabaseBusy: A store could not be locked in time. Those before it are done: send it again.
    """
    async with db.reading() as tx:
        found = await batches.find(tx, batch.source, batch.batch_id)
    known = batches.matched(found, batch)
    if found is not None:
        batch = _as_announced(batch, found)
    waits = known is not None and known.state is BatchState.QUARANTINED
    if known is not None and (
        known.state in SETTLED or (waits and not _goes(known, despite_rejects))
    ):
        return known
    stage = intake.staging(db, "feed_stage", staging.COLUMNS, is_unhurried=True)
    async with AsyncExitStack() as stack:
        connection = await stack.enter_async_context(stage)
        staged = await staging.stage(db, connection, file, batch, only_store)
        async with db.transaction(actor=actor, on=connection) as tx:
            shares, verdicts = await judging.judge(tx, batch, staged.told())
            entry = await batches.begin(
                tx,
                batch,
                rows=staged.rows,
                rejected=staged.rejected,
                rejects=staged.rejects,
                only_store=only_store,
            )
            await declarations.read_as(tx, batch.source, batch.batch_id, file.mapping)
            heard = await gaps.heard(tx, batch) if known is None else None
        if entry.state in SETTLED:
            return entry
        if heard is not None and heard.is_odd:
            verdicts.append(Verdict(Cause.SEQUENCE, heard.words or ""))
        if stop := _stopped(verdicts, entry, despite_rejects=despite_rejects):
            late = await staging.unknown_items(connection, staged)
            return await _set_aside(db, connection, batch, file, stop, late)
        runs = [await _store(db, connection, batch, share, actor=actor) for share in shares]
        late = []
        if known is not None or any(run and run.unknown for run in runs):
            late = await staging.unknown_items(connection, staged)
        state = BatchState.SUPERSEDED if _is_superseded(runs) else BatchState.APPLIED
        problem = " ".join(_words(verdicts, entry, heard, runs)) or None
        # The stage is cleared beside the last commit: neither has to wait for the other.
        clearing = asyncio.create_task(stack.aclose())
        try:
            return await _ended(db, batch, state, problem, late, was_kept=found is not None)
        finally:
            await clearing


def _words(
    verdicts: Sequence[Verdict],
    entry: FeedBatch,
    heard: Heard | None,
    runs: Sequence[FeedRun | None],
) -> list[str]:
    """Return what is to be said of a batch that was applied."""
    words = [one.words for one in verdicts]
    if verdicts or entry.is_released:
        words.append(_nevertheless(entry))
    if heard is not None and heard.words and not heard.is_odd:
        words.append(heard.words)
    if runs and not any(runs):
        words.append("Every store has learned this before.")
    return words


def _as_announced(batch: Batch, found: FeedBatch) -> Batch:
    return replace(
        batch,
        rows_said=found.rows_said if batch.rows_said is None else batch.rows_said,
        sha256_said=batch.sha256_said or found.sha256_said,
    )


def _goes(known: FeedBatch, despite_rejects: bool) -> bool:  # noqa: FBT001
    """Say whether a batch that was set aside may be taken when it is sent again."""
    return known.is_released or (despite_rejects and known.cause in _OF_ROWS)


def _stopped(verdicts: list[Verdict], entry: FeedBatch, *, despite_rejects: bool) -> list[Verdict]:
    """Return the verdicts that set a batch aside: all of them, if any of them does."""
    if entry.is_released:
        return []
    if despite_rejects and all(one.cause in _OF_ROWS for one in verdicts):
        return []
    return verdicts


_OF_ROWS: Final = frozenset({Cause.REJECTS, Cause.UNKNOWN_STORES})


def _nevertheless(entry: FeedBatch) -> str:
    if entry.is_released:
        return f"Applied all the same, as {entry.decided_by} decided: {entry.decision}"
    return "Applied all the same, as its sender asked."


def _is_superseded(runs: Sequence[FeedRun | None]) -> bool:
    """Say whether nothing was learned, because all that a batch says is older than what we know."""
    ran = [run for run in runs if run]
    return any(run.stale for run in ran) and not any(run.applied or run.unchanged for run in ran)


async def _set_aside(  # noqa: PLR0917 -- as it goes
    db: Database,
    connection: asyncpg.Connection,
    batch: Batch,
    file: File,
    verdicts: Sequence[Verdict],
    late: Sequence[Reject],
) -> FeedBatch:
    """Keep a batch with what it says until a person has decided."""
    words = [one.words for one in verdicts]
    words.append("Nothing was applied.")
    if batch.parts == 1:
        try:
            async with db.transaction(on=connection) as tx:
                await contents.replace(tx, batch.source, batch.batch_id, file)
        except ContentTooLarge:
            words.append("It is too long to be kept: send it again once it is released.")
    async with db.transaction() as tx:  # on another connection: it waits for the disk, for all
        await batches.keep(tx, batch, late)
        if batch.kind is FeedKind.DELTA and batch.sequence is not None:
            # What comes after a delta builds on it; a snapshot says again what an older one said.
            await gaps.open_gap(tx, batch.source, batch.sequence, batch.sequence)
        return await batches.end(
            tx, batch, BatchState.QUARANTINED, " ".join(words), verdicts[0].cause
        )


async def _ended(
    db: Database,
    batch: Batch,
    state: BatchState,
    problem: str | None,
    rejects: Sequence[Reject],
    *,
    was_kept: bool,
) -> FeedBatch:
    async with db.transaction() as tx:
        await batches.keep(tx, batch, rejects)
        ended = await batches.end(tx, batch, state, problem)
        if was_kept:
            await contents.drop(tx, batch.source, batch.batch_id)
        was_missing = await gaps.arrived(tx, batch)
        may_lift = was_missing or (
            batch.sequence is not None and await gaps.opened(tx, batch.source)
        )
    if may_lift:
        await gaps.lift(db, batch.source)
    return ended


async def _store(
    db: Database, connection: asyncpg.Connection, batch: Batch, share: Share, *, actor: str
) -> FeedRun | None:
    """Apply the rows of one store, in as many transactions as it takes; None if it knew them."""
    last = None
    while run := await _step(db, connection, batch, share, actor=actor):
        last = run
        if run.upto is None:
            break
    return last


async def _step(
    db: Database, connection: asyncpg.Connection, batch: Batch, share: Share, *, actor: str
) -> FeedRun | None:
    """Apply the next rows of one store; if somebody holds them for too long, try again."""
    for _ in range(TRIES - 1):
        try:
            async with db.transaction(share.store_id, actor=actor, on=connection) as tx:
                return await batches.apply(tx, batch, share)
        except DatabaseBusy:
            continue
    async with db.transaction(share.store_id, actor=actor, on=connection) as tx:
        return await batches.apply(tx, batch, share)
