"""Pages about feeds: what stock systems sent, what we made of it, and what waits for a person."""

from typing import Final

from fastapi import APIRouter, Request, Response

from bopis.kernel.http import Db
from bopis.ops import reads
from bopis.ops.feeds import present
from bopis.ops.frame import Csv, around
from bopis.ops.scope import NotYours
from bopis.ops.sessions import SignedIn
from bopis.ops.views import Listing

router: Final = APIRouter(prefix="/ops", include_in_schema=False, default_response_class=Response)


@router.get("/feeds")
async def feeds_page(request: Request, db: Db, session: SignedIn, csv: Csv = "") -> Response:
    scope = session.only_store
    async with db.transaction() as tx:
        zone = await reads.zone(tx, scope)
        rows = await reads.feeds(tx, scope)
        table = present.feeds_table(rows, zone, tx.now, details=scope is None)
        frame = await around(tx, request, session)
    page = Listing("Feeds", "What stock systems told us, and what we made of it.", (table,))
    return frame.show("ops/listing.html", page.tables, csv, page=page)


@router.get("/feeds/{source}/{batch_id}")
async def rejects_page(  # noqa: PLR0917 - FastAPI passes them by name
    source: str, batch_id: str, request: Request, db: Db, session: SignedIn, csv: Csv = ""
) -> Response:
    """The rows of a batch that we could not use; they may be of any store, so not for one alone."""
    if session.only_store is not None:
        raise NotYours("There is no such thing here.")
    async with db.transaction() as tx:
        table = present.rejects_table(await reads.rejects(tx, source, batch_id), batch_id)
        frame = await around(tx, request, session)
    page = Listing("Rejected rows", f"Sent by {source}. Good rows were not held up.", (table,))
    return frame.show("ops/listing.html", page.tables, csv, page=page)
