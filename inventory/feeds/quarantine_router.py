"""What store operations decide about feeds: release or discard, wait or give up.

For keys of the kind ``ops`` that see the whole chain: a batch is about many stores.
"""

from typing import Annotated, Final

from fastapi import APIRouter, Depends, Path

from bopis.kernel.errors import Refused
from bopis.kernel.http import Db, OpsKey, problems, refusing
from bopis.kernel.keys import ApiKey
from inventory.feeds import batches, contents, feeding, gaps, previews, quarantine
from inventory.feeds.batches import BatchUnknown
from inventory.feeds.gaps import GapUnknown
from inventory.feeds.quarantine import BatchDecided, BatchNotWaiting
from inventory.router import BatchId, Source, shown
from inventory.schemas import (
    BatchOut,
    DecisionIn,
    GapOut,
    GapsOut,
    PreviewOut,
    QuarantineOut,
)

router = APIRouter(prefix="/v1/ops/feeds", tags=["store operations"])


class NotWholeChain(Refused):
    title = "This key is for one store"


@refusing(NotWholeChain)
def whole_chain(key: OpsKey) -> ApiKey:
    if key.only_store is not None:
        raise NotWholeChain("A batch is about many stores; use a key that is not for one of them.")
    return key


ChainKey = Annotated[ApiKey, Depends(whole_chain)]
_BATCH: Final = "/{source}/batches/{batch_id}"


@router.get("/quarantine")
async def waiting(key: ChainKey, db: Db) -> QuarantineOut:
    """List the batches that wait for a person, the newest first."""
    async with db.transaction() as tx:
        found = await quarantine.waiting(tx)
    return QuarantineOut(batches=[BatchOut.of(batch, [], []) for batch in found])


@router.post(
    _BATCH + "/release",
    responses=problems(BatchUnknown, BatchDecided, BatchNotWaiting),
)
async def release(
    source: Source, batch_id: BatchId, body: DecisionIn, key: ChainKey, db: Db
) -> BatchOut:
    """Apply a batch that was set aside, as it came. Twice is as good as once."""
    await quarantine.release(db, source, batch_id, actor=_actor(key), reason=body.reason)
    return await shown(db, source, batch_id)


@router.post(_BATCH + "/discard", responses=problems(BatchUnknown, BatchNotWaiting))
async def discard(
    source: Source, batch_id: BatchId, body: DecisionIn, key: ChainKey, db: Db
) -> BatchOut:
    """Decide that a batch is not to be believed. What it said is deleted."""
    async with db.transaction(actor=_actor(key)) as tx:
        await quarantine.discard(tx, source, batch_id, reason=body.reason)
    await gaps.lift(db, source)
    return await shown(db, source, batch_id)


@router.post(_BATCH + "/dry-run", responses=problems(BatchUnknown, BatchNotWaiting))
async def dry_run(source: Source, batch_id: BatchId, key: ChainKey, db: Db) -> PreviewOut:
    """Say what would change if a batch that waits were released. Nothing is written."""
    async with db.transaction() as tx:
        known = await batches.get(tx, source, batch_id)
    async with contents.whole(db, known) as file:
        if file is None:
            raise BatchNotWaiting(
                f"What batch {batch_id} said is not kept any more. Let its sender send it again "
                "with dry_run=true.",
                batch_id=batch_id,
            )
        batch = feeding.again(known, file)
        found = await previews.preview(db, file, batch, only_store=known.only_store)
    return PreviewOut.of(found)


@router.get("/gaps")
async def missing(key: ChainKey, db: Db) -> GapsOut:
    """List the numbers that are missing, the oldest first. Each holds down what came after it."""
    async with db.transaction() as tx:
        found = await gaps.opened(tx)
    return GapsOut(gaps=[GapOut.model_validate(gap.model_dump()) for gap in found])


@router.post("/{source}/gaps/{sequence}/give-up", responses=problems(GapUnknown))
async def give_up(
    source: Source,
    sequence: Annotated[int, Path(ge=0, le=2**31 - 1)],
    body: DecisionIn,
    key: ChainKey,
    db: Db,
) -> GapOut:
    """Wait no longer for what is missing, and sell what we know."""
    gap = await gaps.give_up(db, source, sequence, actor=_actor(key), reason=body.reason)
    return GapOut.model_validate(gap.model_dump())


def _actor(key: ApiKey) -> str:
    return f"ops:{key.name}"
