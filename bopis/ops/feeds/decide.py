"""What a person decides about feeds. Who, and why, stays with the batch or the gap for good."""

from bopis.kernel.database import Database
from inventory import gaps, quarantine
from inventory.feed_models import FeedGap
from inventory.models import FeedBatch


async def release(
    db: Database, source: str, batch_id: str, *, actor: str, reason: str
) -> FeedBatch:
    """Apply a batch that was set aside, as it came: store by store, each in its own transaction.

    Raises:
        BatchUnknown: The source never sent one of this name.
        BatchDecided: Somebody discarded it.
        BatchNotWaiting: It is neither set aside nor applied.
    """
    return await quarantine.release(db, source, batch_id, actor=actor, reason=reason)


async def discard(
    db: Database, source: str, batch_id: str, *, actor: str, reason: str
) -> FeedBatch:
    """Decide that a batch is not to be believed; what waited for its number waits no longer.

    Raises:
        BatchUnknown: The source never sent one of this name.
        BatchNotWaiting: It is applied, or on its way.
    """
    async with db.transaction(actor=actor) as tx:
        batch = await quarantine.discard(tx, source, batch_id, reason=reason)
    await gaps.lift(db, source)
    return batch


async def give_up(db: Database, source: str, sequence: int, *, actor: str, reason: str) -> FeedGap:
    """Wait no longer for what is missing, and sell what we know.

    Raises:
        GapUnknown: Nothing of this number is missing.
    """
    return await gaps.give_up(db, source, sequence, actor=actor, reason=reason)
