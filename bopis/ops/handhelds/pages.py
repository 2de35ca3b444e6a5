"""The page of the handhelds and of who carries them, and the forms about handhelds."""

from typing import Final

from fastapi import APIRouter, Request, Response

from associates.handheld import devices
from bopis.kernel.http import Db
from bopis.kernel.ids import DeviceId, StoreId
from bopis.ops.crew.present import associates_table
from bopis.ops.crew.reads import associates
from bopis.ops.frame import Csv, Note, Text, around, to
from bopis.ops.handhelds import deeds, present, reads
from bopis.ops.scope import allow, within
from bopis.ops.sessions import Meant, Session, SignedIn
from bopis.ops.views import Action, Ask, Listing
from inventory import stores

router: Final = APIRouter(prefix="/ops", include_in_schema=False, default_response_class=Response)


@router.get("/devices")
async def devices_page(request: Request, db: Db, session: SignedIn, csv: Csv = "") -> Response:
    return await _devices(request, db, session, csv=csv)


async def _devices(
    request: Request, db: Db, session: Session, *, csv: str = "", secret: str = ""
) -> Response:
    async with db.transaction() as tx:
        tables = (
            present.signs_table(await reads.looked_over(tx, session.only_store), tx.now),
            present.devices_table(await reads.devices(tx, session.only_store), tx.now),
            present.cases_table(await reads.cases(tx, session.only_store), tx.now),
            associates_table(await associates(tx, session.only_store), tx.now),
        )
        known = [
            (store.store_id, store.name)
            for store in await stores.listed(tx)
            if session.only_store in {None, store.store_id}
        ]
        frame = await around(tx, request, session)
    make = Action(
        "Make a code", "/ops/devices/codes", asks=(Ask("store", "Store", known),), tone="go"
    )
    page = Listing(
        "Handhelds and associates",
        "A new handheld joins with a code that works once, for 15 minutes.",
        tables,
        forms=(make,) if known else (),
        secret=secret,
    )
    return frame.show("ops/listing.html", page.tables, csv, page=page)


@router.post("/devices/codes")
async def new_code(request: Request, db: Db, session: Meant, store: Text) -> Response:
    store_id = StoreId(store)
    allow(session.only_store, store_id)
    async with db.transaction(store_id, actor=session.actor) as tx:
        await stores.get(tx, store_id)
        code = await devices.new_code(tx, store_id)
    return await _devices(request, db, session, secret=code)


@router.post("/devices/revoke")
async def revoke(db: Db, session: Meant, device: Text, note: Note) -> Response:
    store_id, id_ = within(session.only_store, device)
    async with db.transaction(store_id, actor=session.actor) as tx:
        await deeds.revoke_device(tx, store_id, DeviceId(id_), note=note)
    return to("/ops/devices")


@router.post("/devices/looked")
async def look_at_cases(db: Db, session: Meant, device: Text, note: Note) -> Response:
    store_id, id_ = within(session.only_store, device)
    async with db.transaction(store_id, actor=session.actor) as tx:
        await deeds.look_at_cases(tx, store_id, DeviceId(id_), note=note)
    return to("/ops/devices")


@router.post("/devices/unlock")
async def unlock_device(db: Db, session: Meant, device: Text, note: Note) -> Response:
    store_id, id_ = within(session.only_store, device)
    async with db.transaction(store_id, actor=session.actor) as tx:
        await deeds.unlock_device(tx, store_id, DeviceId(id_), note=note)
    return to("/ops/devices")
