"""What is odd about handhelds, and unlocking them, for programs: the same as on the page."""

from typing import Final

from fastapi import APIRouter

from bopis.kernel.http import Db, OpsKey, problems
from bopis.kernel.ids import AssociateId, DeviceId, outward
from bopis.ops import actions
from bopis.ops.actions import NotLocked
from bopis.ops.answers import Answer
from bopis.ops.handhelds import reads, signs
from bopis.ops.schemas import NoteIn
from bopis.ops.scope import NotYours, within

router: Final = APIRouter(prefix="/v1/ops", tags=["store operations"])


@router.get("/devices/signs")
async def odd(db: Db, key: OpsKey) -> Answer:
    """What is odd about handhelds, within the last seven days, each with what to do next.

    Of devices, and not of people: nothing says who held one.
    """
    async with db.transaction() as tx:
        rows = await reads.looked_over(tx, key.only_store)
        now = tx.now
    return {
        "signs": [
            {
                "device": outward(row["store_id"], row["id"]),
                "name": row["name"],
                "store_id": row["store_id"],
                "kind": sign.kind,
                "words": sign.sentence,
                "next": sign.next_step,
            }
            for row in rows
            for sign in signs.of(row, now)
        ]
    }


@router.post("/devices/{device_id}/unlock", responses=problems(NotYours, NotLocked))
async def unlock_device(device_id: str, body: NoteIn, db: Db, key: OpsKey) -> Answer:
    """Let people sign in on a handheld at once that wrong tries had locked."""
    store_id, id_ = within(key.only_store, device_id)
    async with db.transaction(store_id, actor=f"ops:{key.name}") as tx:
        await actions.unlock_device(tx, store_id, DeviceId(id_), note=body.note)
    return {"done": True}


@router.post("/associates/{associate_id}/unlock", responses=problems(NotYours, NotLocked))
async def unlock_person(associate_id: str, body: NoteIn, db: Db, key: OpsKey) -> Answer:
    """Let somebody sign in at once who had to wait after wrong tries, on whichever handheld."""
    store_id, id_ = within(key.only_store, associate_id)
    async with db.transaction(store_id, actor=f"ops:{key.name}") as tx:
        await actions.unlock_person(tx, store_id, AssociateId(id_), note=body.note)
    return {"done": True}
