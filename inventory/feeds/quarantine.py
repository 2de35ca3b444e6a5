"""Batches that were set aside whole: a person releases them, as they came, or discards them.

Both can be done twice without doing more, and both are written down with who and why.
"""

from datetime import timedelta
from typing import Final

from bopis.kernel.database import Database, Tx
from bopis.kernel.errors import Conflict
from inventory.feeds import batches, contents, feeding, gaps, parts
from inventory.feeds.models import BatchState, FeedBatch
from inventory.feeds.verdict import Cause

EVERY: Final = timedelta(minutes=1)


class BatchNotWaiting(Conflict):
    title = "This batch does not wait for a decision"


class BatchDecided(Conflict):
    title = "Somebody has decided this already"


_WAITING: Final = """
    SELECT * FROM feed_batches
     WHERE state = 'quarantined' ORDER BY received_at DESC, source, batch_id LIMIT 1000
"""


async def waiting(tx: Tx) -> list[FeedBatch]:
    """Return the batches that wait for a person, the newest first."""
    return [FeedBatch.of(row) for row in await tx.rows(_WAITING)]


_RELEASE: Final = """
    UPDATE feed_batches
       SET is_released = true, decided_at = $3, decided_by = $4, decision = $5
     WHERE source = $1 AND batch_id = $2 AND NOT is_released
"""


async def release(
    db: Database, source: str, batch_id: str, *, actor: str, reason: str
) -> FeedBatch:
    """Apply a batch that was set aside, as it came. One that is applied already stays as it is.

    If its content is not here any more, or was too long to be kept, it is applied when its sender
    sends it again.

    Raises:
        BatchUnknown: The source never sent one of this name.
        BatchDecided: Somebody discarded it.
        BatchNotWaiting: It is neither quarantined nor applied.
    """
    async with db.transaction(actor=actor) as tx:
        known = await batches.get(tx, source, batch_id)
        if known.state is BatchState.DISCARDED:
            raise BatchDecided(
                f"{known.decided_by} discarded this batch: {known.decision} Send it under a new "
                "batch id if that was wrong.",
                batch_id=batch_id,
            )
        if known.state in feeding.SETTLED:
            return known
        if known.state is not BatchState.QUARANTINED and not known.is_released:
            raise _not_waiting(known)
        await tx.run(_RELEASE, source, batch_id, tx.now, actor, reason)
        known = await batches.get(tx, source, batch_id)
        if known.cause is Cause.SEQUENCE:
            await gaps.count_anew(
                tx, source, known.sequence, known.as_of, actor=actor, reason=reason
            )
    return await parts.complete(db, known, actor=actor)


def _not_waiting(known: FeedBatch) -> BatchNotWaiting:
    return BatchNotWaiting(
        f"Batch {known.batch_id} of {known.source} is {known.state}. Nothing was done.",
        batch_id=known.batch_id,
    )


_DISCARD: Final = """
    UPDATE feed_batches
       SET state = 'discarded', decided_at = $3, decided_by = $4, decision = $5
     WHERE source = $1 AND batch_id = $2 AND state IN ('quarantined', 'timed_out')
       AND NOT is_released
"""


async def discard(tx: Tx, source: str, batch_id: str, *, reason: str) -> FeedBatch:
    """Decide that a batch is not to be believed. What it said is forgotten, that it came is not.

    A number that was missing because of it is given up; ``gaps.lift`` has to follow.

    Raises:
        BatchUnknown: The source never sent one of this name.
        BatchNotWaiting: It is applied, or on its way.
    """
    if not await tx.run(_DISCARD, source, batch_id, tx.now, tx.actor, reason):
        known = await batches.get(tx, source, batch_id)
        if known.state is BatchState.DISCARDED:
            return known
        raise _not_waiting(known)
    await contents.drop(tx, source, batch_id)
    known = await batches.get(tx, source, batch_id)
    if known.sequence is not None:
        await gaps.without(tx, source, known.sequence, actor=tx.actor, reason=reason)
    return known


async def tidy(db: Database) -> None:
    """Wait no longer for parts, forget what is old, and lift what is held down for nothing."""
    async with db.transaction() as tx:
        await parts.time_out(tx)
        await contents.forget(tx)
    await gaps.lift_all(db)
