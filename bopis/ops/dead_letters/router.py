"""What could not be carried out, for programs."""

from typing import Final

from fastapi import APIRouter

from bopis.kernel.http import Db, OpsKey, problems
from bopis.ops.answers import Answer, shown
from bopis.ops.dead_letters import deeds, reads
from bopis.ops.dead_letters.deeds import DeadLetterUnknown
from bopis.ops.schemas import DeadLetterIn, DiscardIn
from bopis.ops.scope import NotYours, within

router: Final = APIRouter(prefix="/v1/ops", tags=["store operations"])


@router.get("/dead-letters")
async def dead_letters(db: Db, key: OpsKey) -> Answer:
    async with db.transaction() as tx:
        return {"dead_letters": shown(await reads.dead_letters(tx, key.only_store))}


@router.post("/dead-letters/retry", responses=problems(NotYours, DeadLetterUnknown))
async def retry(body: DeadLetterIn, db: Db, key: OpsKey) -> Answer:
    """Let the relay try again."""
    store_id, event_id = within(key.only_store, body.event)
    async with db.transaction(store_id, actor=f"ops:{key.name}") as tx:
        await deeds.retry_dead_letter(tx, store_id, event_id, body.subscriber)
    return {"done": True}


@router.post("/dead-letters/discard", responses=problems(NotYours, DeadLetterUnknown))
async def discard(body: DiscardIn, db: Db, key: OpsKey) -> Answer:
    """Give up on a step that could not be carried out."""
    store_id, event_id = within(key.only_store, body.event)
    async with db.transaction(store_id, actor=f"ops:{key.name}") as tx:
        await deeds.discard_dead_letter(tx, store_id, event_id, body.subscriber, note=body.note)
    return {"done": True}
