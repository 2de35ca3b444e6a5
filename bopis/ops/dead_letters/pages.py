"""The page of what could not be carried out, and its forms."""

from typing import Final

from fastapi import APIRouter, Request, Response

from bopis.kernel.http import Db
from bopis.ops.dead_letters import deeds, present, reads
from bopis.ops.frame import Csv, Note, Text, around, to
from bopis.ops.scope import within
from bopis.ops.sessions import Meant, SignedIn
from bopis.ops.views import Listing

router: Final = APIRouter(prefix="/ops", include_in_schema=False, default_response_class=Response)


@router.get("/dead-letters")
async def dead_letters_page(request: Request, db: Db, session: SignedIn, csv: Csv = "") -> Response:
    async with db.transaction() as tx:
        table = present.dead_letters_table(await reads.dead_letters(tx, session.only_store))
        frame = await around(tx, request, session)
    lead = "A step that failed for good holds back its own order, and nobody else's."
    page = Listing("Dead letters", lead, (table,))
    return frame.show("ops/listing.html", page.tables, csv, page=page)


@router.post("/dead-letters/retry")
async def retry(db: Db, session: Meant, event: Text, subscriber: Text) -> Response:
    store_id, event_id = within(session.only_store, event)
    async with db.transaction(store_id, actor=session.actor) as tx:
        await deeds.retry_dead_letter(tx, store_id, event_id, subscriber)
    return to("/ops/dead-letters")


@router.post("/dead-letters/discard")
async def discard(db: Db, session: Meant, event: Text, subscriber: Text, note: Note) -> Response:
    store_id, event_id = within(session.only_store, event)
    async with db.transaction(store_id, actor=session.actor) as tx:
        await deeds.discard_dead_letter(tx, store_id, event_id, subscriber, note=note)
    return to("/ops/dead-letters")
