"""Pages about goods: conflicts as cases, one item explained, and what has to be counted."""

from typing import Annotated, Final
from urllib.parse import quote

from fastapi import APIRouter, Form, Query, Request, Response

from bopis.kernel.errors import Invalid
from bopis.kernel.http import Db
from bopis.kernel.ids import Sku, StoreId
from bopis.ops.frame import Csv, Done, Note, Text, around, to
from bopis.ops.goods import cases, counts, deeds, finding, inbox, item, positions, reads
from bopis.ops.goods.cases import Case
from bopis.ops.present import item_href
from bopis.ops.scope import NotYours, allow, within
from bopis.ops.sessions import Meant, Session, SignedIn
from bopis.ops.views import Listing, Outcome

router: Final = APIRouter(prefix="/ops", include_in_schema=False, default_response_class=Response)

Counted = Annotated[int, Form(ge=0, le=1_000_000)]
Remark = Annotated[str, Form(max_length=200)]


class NothingThere(NotYours):
    title = "We know nothing of this item"


@router.get("/conflicts")
async def conflicts_page(
    request: Request, db: Db, session: SignedIn, csv: Csv = "", done: Done = ""
) -> Response:
    """Where more is promised than there is: each as a case, the oldest first."""
    opened, closed = await cases.inbox(db, session.only_store)
    settled = await _settled(db, session, done)
    async with db.transaction() as tx:
        frame = await around(tx, request, session)
        page = inbox.page(opened, closed, tx.now, limit=cases.SHOWN, done=settled)
    return frame.show("ops/inbox.html", (page.closed,), csv, page=page)


async def _settled(db: Db, session: Session, done: str) -> Case | None:
    """Return the conflict that somebody has just acted on."""
    if not done:
        return None
    store_id, id_ = within(session.only_store, done)
    async with db.transaction(store_id) as tx:
        return await cases.one(tx, store_id, id_)


@router.post("/conflicts/count")
async def count_conflict(  # noqa: PLR0917 - FastAPI passes them by name
    db: Db,
    session: Meant,
    conflict: Text,
    counted: Counted,
    note: Remark = "",
    back: Text = "",
) -> Response:
    store_id, id_ = within(session.only_store, conflict)
    async with db.transaction(store_id, actor=session.actor) as tx:
        await deeds.count_conflict(tx, store_id, id_, counted=counted, note=note.strip())
    return _back(back) or to(f"/ops/conflicts?done={quote(conflict)}")


@router.post("/conflicts/close")
async def close_conflict(db: Db, session: Meant, conflict: Text, note: Note) -> Response:
    store_id, id_ = within(session.only_store, conflict)
    async with db.transaction(store_id, actor=session.actor) as tx:
        await deeds.close_conflict(tx, store_id, id_, note=note)
    return to(f"/ops/conflicts?done={quote(conflict)}")


def _back(path: str) -> Response | None:
    """Lead back to the item whose page the form was on, and nowhere else."""
    return to(f"{path}&done=counted") if path.startswith("/ops/stock/") and "?" in path else None


@router.get("/counts")
async def counts_page(
    request: Request, db: Db, session: SignedIn, csv: Csv = "", done: Done = ""
) -> Response:
    async with db.transaction() as tx:
        rows = await reads.counts(tx, session.only_store)
        frame = await around(tx, request, session)
        table = counts.table(rows, tx.now)
    page = Listing(
        counts.title(rows),
        "Each is on the handhelds of its store. A count that reaches you another way is entered"
        " here; it is believed over every older feed.",
        (table,),
        outcome=Outcome("The count is kept, and off the list.") if done else None,
    )
    return frame.show("ops/listing.html", page.tables, csv, page=page)


@router.post("/counts")
async def enter_count(  # noqa: PLR0917 - as above
    db: Db,
    session: Meant,
    request: Text,
    counted: Counted,
    note: Remark = "",
    back: Text = "",
) -> Response:
    store_id, id_ = within(session.only_store, request)
    async with db.transaction(store_id, actor=session.actor) as tx:
        await deeds.enter_count(tx, store_id, id_, counted=counted, note=note.strip())
    return _back(back) or to("/ops/counts?done=1")


@router.get("/stock")
async def stock_page(
    request: Request, db: Db, session: SignedIn, q: Annotated[str, Query(max_length=80)] = ""
) -> Response:
    """Find an item. What only one item can be meant by opens it."""
    async with db.transaction() as tx:
        found = await positions.search(tx, q.strip()) if q.strip() else []
        frame = await around(tx, request, session)
    if len(found) == 1:
        return to(item_href(found[0]["sku"]))
    page = finding.matches(found, q.strip())
    return frame.show("ops/listing.html", page=page)


@router.post("/stock/ask")
async def ask(db: Db, session: Meant, store: Text, sku: Text) -> Response:
    store_id = StoreId(store)
    allow(session.only_store, store_id)
    async with db.transaction(store_id, actor=session.actor) as tx:
        await deeds.ask_for_count(tx, store_id, Sku(sku))
    return to(f"{item_href(sku, store)}&done=asked")


class SkuUnreadable(Invalid):
    title = "This cannot be an item number"


@router.get("/stock/{sku:path}")
async def item_page(  # noqa: PLR0917 - as above
    sku: str,
    request: Request,
    db: Db,
    session: SignedIn,
    store: Annotated[str, Query(max_length=40)] = "",
    csv: Csv = "",
    done: Done = "",
) -> Response:
    """One item: store by store, or in one store with its number taken apart."""
    if "\0" in sku:
        raise SkuUnreadable("An item number has no such letters.")
    async with db.transaction() as tx:
        frame = await around(tx, request, session)
        known = await positions.item(tx, Sku(sku))
        rows = await positions.in_stores(tx, session.only_store, Sku(sku)) if known else []
        now = tx.now
    if known is None:
        raise NothingThere("No item has this number.")
    chosen = store or (rows[0]["store_id"] if len(rows) == 1 else "")
    if not chosen:
        listing = finding.in_stores(known, rows, now)
        return frame.show("ops/listing.html", listing.tables, csv, page=listing)
    allow(session.only_store, StoreId(chosen))
    async with db.transaction(StoreId(chosen)) as tx:
        position = await positions.explain(tx, StoreId(chosen), Sku(sku))
    if position is None:
        raise NothingThere("This store has never had the item, as far as we know.")
    page = item.explained(position, now, others=len(rows) > 1, done=done)
    tables = (page.holders, page.places, page.since, page.before)
    return frame.show("ops/item.html", tables, csv, page=page)
