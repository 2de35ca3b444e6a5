"""Who works in a store, for programs: taken on, given a badge, let in no more."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Query

from associates import badges, people
from associates.people import NumberTaken, PinTooWeak
from bopis.kernel.http import Db, OpsKey, problems
from bopis.kernel.ids import AssociateId, StoreId, outward
from bopis.ops import actions, reads, views
from bopis.ops.actions import AssociateGone
from bopis.ops.schemas import HireIn, NoteIn
from bopis.ops.scope import NotYours, allow, within
from inventory import stores
from inventory.stores import StoreUnknown

router: Final = APIRouter(prefix="/v1/ops", tags=["store operations"])
Answer = dict[str, Any]


@router.get("/associates")
async def listed(
    db: Db, key: OpsKey, limit: Annotated[int, Query(ge=1, le=1000)] = views.MANY
) -> Answer:
    """Who works where, and who has left. Not what they do, nor how fast."""
    async with db.transaction() as tx:
        rows = await reads.associates(tx, key.only_store, limit=limit)
    shown = [row | {"id": outward(row["store_id"], row["id"])} for row in rows[:limit]]
    return {"associates": shown, "more": len(rows) > limit}


@router.post(
    "/stores/{store_id}/associates",
    status_code=201,
    responses=problems(NotYours, StoreUnknown, NumberTaken, PinTooWeak),
)
async def hire(store_id: StoreId, body: HireIn, db: Db, key: OpsKey) -> Answer:
    """Take somebody on. Their badge's code is shown this once; print it as Code 128."""
    allow(key.only_store, store_id)
    pin_hash = await people.hash_pin(body.pin) if body.pin is not None else None
    badge = badges.make()
    async with db.transaction(store_id, actor=f"ops:{key.name}") as tx:
        await stores.get(tx, store_id)
        id_ = await people.add(
            tx, store_id, number=body.number, name=body.name, badge=badge, pin_hash=pin_hash
        )
    return {"id": outward(store_id, id_), "badge": badge}


@router.post("/associates/{associate_id}/badge", responses=problems(NotYours, AssociateGone))
async def new_badge(associate_id: str, body: NoteIn, db: Db, key: OpsKey) -> Answer:
    """Replace a badge. It is shown this once; the old one opens nothing from now on."""
    store_id, id_ = within(key.only_store, associate_id)
    async with db.transaction(store_id, actor=f"ops:{key.name}") as tx:
        return {"badge": await actions.new_badge(tx, store_id, AssociateId(id_), note=body.note)}


@router.post("/associates/{associate_id}/deactivate", responses=problems(NotYours, AssociateGone))
async def deactivate(associate_id: str, body: NoteIn, db: Db, key: OpsKey) -> Answer:
    """Let somebody in no more: their session ends now, and their walk is free for another."""
    store_id, id_ = within(key.only_store, associate_id)
    async with db.transaction(store_id, actor=f"ops:{key.name}") as tx:
        await actions.deactivate(tx, store_id, AssociateId(id_), note=body.note)
    return {"done": True}
