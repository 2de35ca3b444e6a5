"""The pages of orders: all of a kind, and one explained."""

from typing import Annotated, Final

from fastapi import APIRouter, Query, Request, Response

from bopis.kernel.http import Db
from bopis.kernel.ids import OrderId
from bopis.ops import days, views
from bopis.ops.frame import Csv, Note, Text, around, to
from bopis.ops.orders import deeds, explained, present, reads
from bopis.ops.scope import NotYours, within
from bopis.ops.sessions import Meant, SignedIn

router: Final = APIRouter(prefix="/ops", include_in_schema=False, default_response_class=Response)


@router.get("/orders")
async def orders_page(  # noqa: PLR0917 - FastAPI passes them by name
    request: Request,
    db: Db,
    session: SignedIn,
    show: Annotated[str, Query(max_length=20)] = "open",
    q: Annotated[str, Query(max_length=80)] = "",
    csv: Csv = "",
) -> Response:
    show = show if show in views.SHOWS else "open"
    async with db.transaction() as tx:
        since, _ = await days.span(tx, session.only_store)
        rows = await reads.orders(tx, session.only_store, show=show, since=since, find=q.strip())
        page = present.orders_page(rows, tx.now, show=show, find=q.strip())
        frame = await around(tx, request, session)
    return frame.show("ops/listing.html", page.tables, csv, page=page)


@router.get("/orders/{order_id}")
async def order_page(order_id: str, request: Request, db: Db, session: SignedIn) -> Response:
    """One order, explained."""
    store_id, id_ = within(session.only_store, order_id)
    async with db.transaction() as tx:
        found = await reads.order(tx, store_id, OrderId(id_))
        if found is None:
            raise NotYours("There is no such order.")
        page = explained.order_page(found, tx.now)
        frame = await around(tx, request, session)
    return frame.show("ops/order.html", (), "", page=page)


@router.post("/orders/retract")
async def retract(db: Db, session: Meant, order: Text, note: Note) -> Response:
    store_id, id_ = within(session.only_store, order)
    async with db.transaction(store_id, actor=session.actor) as tx:
        await deeds.retract_ready(tx, store_id, OrderId(id_), note=note)
    return to(f"/ops/orders/{order}")
