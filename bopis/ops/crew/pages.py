"""The forms about who works in a store. They stand on the page of the handhelds."""

from typing import Final

from fastapi import APIRouter, Response

from associates.crew import own_records
from bopis.kernel.http import Db
from bopis.kernel.ids import AssociateId
from bopis.ops.crew import deeds
from bopis.ops.frame import Note, Text, to
from bopis.ops.scope import within
from bopis.ops.sessions import Meant

router: Final = APIRouter(prefix="/ops", include_in_schema=False, default_response_class=Response)


@router.post("/associates/deactivate")
async def deactivate(db: Db, session: Meant, associate: Text, note: Note) -> Response:
    store_id, id_ = within(session.only_store, associate)
    async with db.transaction(store_id, actor=session.actor) as tx:
        await deeds.deactivate(tx, store_id, AssociateId(id_), note=note)
    return to("/ops/devices")


@router.post("/associates/unlock")
async def unlock_person(db: Db, session: Meant, associate: Text, note: Note) -> Response:
    store_id, id_ = within(session.only_store, associate)
    async with db.transaction(store_id, actor=session.actor) as tx:
        await deeds.unlock_person(tx, store_id, AssociateId(id_), note=note)
    return to("/ops/devices")


@router.post("/disputes/answer")
async def answer(db: Db, session: Meant, dispute: Text, note: Note) -> Response:
    store_id, id_ = within(session.only_store, dispute)
    async with db.transaction(store_id, actor=session.actor) as tx:
        await own_records.answer(tx, store_id, id_, note)
    return to("/ops")
