"""A person calls: how to reach the customer, shown to whoever asks, and what came of it."""

from typing import Final

from fastapi import APIRouter, Request, Response

from bopis.kernel.database import Tx
from bopis.kernel.http import Db
from bopis.kernel.ids import OrderId, StoreId
from bopis.ops.events import OpsNoted
from bopis.ops.frame import Note, Text, around, to
from bopis.ops.orders import explained, reads
from bopis.ops.scope import NotYours, within
from bopis.ops.sessions import Meant
from bopis.orders.amends import apologies
from bopis.orders.amends.apologies import CallUnknown
from bopis.orders.choices import cases
from notifications import recipients

router: Final = APIRouter(prefix="/ops/orders", include_in_schema=False)


async def reach(tx: Tx, store_id: StoreId, order_id: OrderId) -> str:
    """Return how to reach an order's customer, if somebody has to call; asking leaves a trace.

    Raises:
        CallUnknown: Nobody has to be called about this order.
    """
    waits = await apologies.waits_for_call(tx, store_id, order_id)
    if not waits and not await cases.waits_for_call(tx, store_id, order_id):
        raise CallUnknown("Nobody has to be called about this order. Look at the list again.")
    person = await recipients.get(tx, store_id, order_id)
    act = "look up how to reach the customer"
    await tx.emit(OpsNoted(store_id=store_id, about=order_id, act=act, note=""))
    known = (person.first_name, person.phone or "no phone", person.email) if person else ()
    return ", ".join(part for part in known if part) or "We do not know how"


@router.post("/contact")
async def contact(request: Request, db: Db, session: Meant, order: Text) -> Response:
    """Show the order with its customer's number: this once, and on record."""
    store_id, id_ = within(session.only_store, order)
    async with db.transaction(store_id, actor=session.actor) as tx:
        known = await reach(tx, store_id, OrderId(id_))
    async with db.transaction() as tx:
        found = await reads.order(tx, store_id, OrderId(id_))
        if found is None:
            raise NotYours("There is no such order.")
        page = explained.order_page(found, tx.now, known)
        frame = await around(tx, request, session)
    return frame.show("ops/order.html", (), "", page=page)


@router.post("/called")
async def called(db: Db, session: Meant, order: Text, note: Note) -> Response:
    """Write down that a person has called, and what came of it."""
    store_id, id_ = within(session.only_store, order)
    async with db.transaction(store_id, actor=session.actor) as tx:
        await apologies.called(tx, store_id, OrderId(id_), note=note)
        act = "call the customer"
        await tx.emit(OpsNoted(store_id=store_id, about=OrderId(id_), act=act, note=note))
    return to(f"/ops/orders/{order}")
