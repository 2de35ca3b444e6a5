"""Somebody says that what is recorded about them is not so: store operations answer it."""

from typing import Final

from fastapi import APIRouter, Response

from associates.crew import own_records
from associates.crew.own_records import DisputeUnknown
from bopis.kernel.http import Db, OpsKey, problems
from bopis.ops.answers import Answer
from bopis.ops.frame import Note, Text, to
from bopis.ops.schemas import NoteIn
from bopis.ops.scope import NotYours, within
from bopis.ops.sessions import Meant

pages: Final = APIRouter(prefix="/ops/disputes", include_in_schema=False)
api: Final = APIRouter(prefix="/v1/ops/disputes", tags=["store operations"])


@pages.post("/answer")
async def answer(db: Db, session: Meant, dispute: Text, note: Note) -> Response:
    store_id, id_ = within(session.only_store, dispute)
    async with db.transaction(store_id, actor=session.actor) as tx:
        await own_records.answer(tx, store_id, id_, note)
    return to("/ops")


@api.post("/{dispute_id}/answer", responses=problems(NotYours, DisputeUnknown))
async def answer_by_program(dispute_id: str, body: NoteIn, db: Db, key: OpsKey) -> Answer:
    """Answer an associate's note on what is recorded about them. They read it, with your name."""
    store_id, id_ = within(key.only_store, dispute_id)
    async with db.transaction(store_id, actor=f"ops:{key.name}") as tx:
        await own_records.answer(tx, store_id, id_, body.note)
    return {"done": True}
