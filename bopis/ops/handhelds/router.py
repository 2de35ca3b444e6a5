"""Handhelds for programs: the same as on the page, as JSON."""

from typing import Final

from fastapi import APIRouter

from associates.handheld import devices
from bopis.kernel.http import Db, OpsKey, problems
from bopis.kernel.ids import DeviceId, StoreId, outward
from bopis.ops.answers import Answer, shown
from bopis.ops.handhelds import deeds, reads, signs
from bopis.ops.handhelds.deeds import DeviceGone, NotLocked
from bopis.ops.schemas import NoteIn
from bopis.ops.scope import NotYours, allow, within
from inventory import stores
from inventory.stores import StoreUnknown

router: Final = APIRouter(prefix="/v1/ops", tags=["store operations"])


@router.get("/devices")
async def devices_listed(db: Db, key: OpsKey) -> Answer:
    async with db.transaction() as tx:
        return {"devices": shown(await reads.devices(tx, key.only_store))}


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


@router.post(
    "/stores/{store_id}/enrolment-codes",
    status_code=201,
    responses=problems(NotYours, StoreUnknown),
)
async def new_code(store_id: StoreId, db: Db, key: OpsKey) -> Answer:
    """Make a code with which one handheld joins the store. It is shown this once."""
    allow(key.only_store, store_id)
    async with db.transaction(store_id, actor=f"ops:{key.name}") as tx:
        await stores.get(tx, store_id)
        return {"code": await devices.new_code(tx, store_id)}


@router.post("/devices/{device_id}/revoke", responses=problems(NotYours, DeviceGone))
async def revoke(device_id: str, body: NoteIn, db: Db, key: OpsKey) -> Answer:
    """Shut a handheld out."""
    store_id, id_ = within(key.only_store, device_id)
    async with db.transaction(store_id, actor=f"ops:{key.name}") as tx:
        await deeds.revoke_device(tx, store_id, DeviceId(id_), note=body.note)
    return {"done": True}


@router.post("/devices/{device_id}/unlock", responses=problems(NotYours, NotLocked))
async def unlock_device(device_id: str, body: NoteIn, db: Db, key: OpsKey) -> Answer:
    """Let people sign in on a handheld at once that wrong tries had locked."""
    store_id, id_ = within(key.only_store, device_id)
    async with db.transaction(store_id, actor=f"ops:{key.name}") as tx:
        await deeds.unlock_device(tx, store_id, DeviceId(id_), note=body.note)
    return {"done": True}
