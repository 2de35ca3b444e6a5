"""The forms beside handhelds and associates that let somebody go on."""

from typing import Final

from fastapi import APIRouter, Response

from bopis.kernel.http import Db
from bopis.kernel.ids import AssociateId, DeviceId
from bopis.ops import actions
from bopis.ops.frame import Note, Text, to
from bopis.ops.scope import within
from bopis.ops.sessions import Meant

router: Final = APIRouter(prefix="/ops", include_in_schema=False, default_response_class=Response)


@router.post("/devices/unlock")
async def unlock_device(db: Db, session: Meant, device: Text, note: Note) -> Response:
    store_id, id_ = within(session.only_store, device)
    async with db.transaction(store_id, actor=session.actor) as tx:
        await actions.unlock_device(tx, store_id, DeviceId(id_), note=note)
    return to("/ops/devices")


@router.post("/associates/unlock")
async def unlock_person(db: Db, session: Meant, associate: Text, note: Note) -> Response:
    store_id, id_ = within(session.only_store, associate)
    async with db.transaction(store_id, actor=session.actor) as tx:
        await actions.unlock_person(tx, store_id, AssociateId(id_), note=note)
    return to("/ops/devices")
