"""What a web shop may ask: can it be had and by when, take this order, how is it, cancel it."""

from typing import Annotated, Final

from fastapi import APIRouter, Header, Request

from bopis.kernel.database import Database, Tx
from bopis.kernel.errors import Problem, Refused
from bopis.kernel.http import ChannelKey, Db, KeyMissing, KeyOfAnotherKind, problems
from bopis.kernel.idempotency import KeyReused
from bopis.kernel.ids import IdUnknown, OrderId, StoreId, inward
from bopis.kernel.keys import ApiKey, KeyUnknown
from bopis.orders import likely, orders
from bopis.orders.intake import Intake
from bopis.orders.models import Order
from bopis.orders.orders import OrderClosed, OrderUnknown
from bopis.orders.outlooks import StoreTakesNoOrders
from bopis.orders.placing import ItemsShort, ItemsUnknown, ReferenceReused
from bopis.orders.quotes import candidates, quote
from bopis.orders.schemas import (
    CancelIn,
    Key,
    OrderIn,
    OrderOut,
    PlacedOut,
    QuoteIn,
    QuotesOut,
)
from bopis.promises import promises
from bopis.promises.outlook import StoreNeverOpens
from inventory.stores import StoreUnknown

router: Final = APIRouter(prefix="/v1", tags=["web shop"])
_NOT_LET_IN: Final = (KeyMissing, KeyUnknown, KeyOfAnotherKind)


class StoreNotYours(Refused):
    title = "This key is for another store"


def intake(request: Request, db: Database) -> Intake:
    """Return the one intake of this application."""
    known: Intake | None = getattr(request.app.state, "intake", None)
    if known is None:
        known = request.app.state.intake = Intake(db)
    return known


def _let_in(key: ApiKey, store_id: StoreId) -> None:
    if key.only_store not in {None, store_id}:
        raise StoreNotYours(f"This key is for store {key.only_store}, not for {store_id}.")


@router.post(
    "/quotes",
    responses=problems(ItemsUnknown, StoreUnknown, StoreNotYours, StoreTakesNoOrders, *_NOT_LET_IN),
)
async def quotes(basket: QuoteIn, key: ChannelKey, db: Db) -> QuotesOut:
    """Say where a basket can be had, and by when. Nothing is set aside and nothing is promised."""
    if basket.store_id is not None:
        _let_in(key, basket.store_id)
    async with db.transaction() as tx:
        asked = await candidates(tx, basket)
    found = [
        await quote(db, store_id, basket.lines, kilometers)
        for store_id, kilometers in asked
        if key.only_store in {None, store_id}
    ]
    return QuotesOut(quotes=found)


@router.post(
    "/orders",
    status_code=201,
    responses=problems(
        ItemsShort,
        ItemsUnknown,
        ReferenceReused,
        KeyReused,
        StoreUnknown,
        StoreNotYours,
        StoreTakesNoOrders,
        StoreNeverOpens,
        *_NOT_LET_IN,
    ),
)
async def place(
    request: Request,
    order: OrderIn,
    key: ChannelKey,
    db: Db,
    idempotency_key: Annotated[Key | None, Header()] = None,
) -> PlacedOut:
    """Take an order in: all of it is set aside and a promise made, or nothing is done.

    An order is known by its ``reference``: the same request again gives the same answer, another
    under the same reference is refused. An ``Idempotency-Key`` does the same for refusals.
    """
    _let_in(key, order.store_id)
    new = order.new(key.name, idempotency_key)
    outcome = await intake(request, db).place(order.store_id, new)
    if isinstance(outcome, Problem):
        raise outcome
    return PlacedOut.of(outcome)


@router.get("/orders/{order_id}", responses=problems(OrderUnknown, IdUnknown, *_NOT_LET_IN))
async def look_at(order_id: str, key: ChannelKey, db: Db) -> OrderOut:
    """Return how an order of yours stands, and where each of its units is."""
    store_id, id_ = inward(order_id)
    async with db.transaction(store_id, actor=f"key:{key.name}") as tx:
        order = await orders.get(tx, store_id, OrderId(id_))
        _own(order, key)
        return await _out(tx, order)


@router.post(
    "/orders/{order_id}/cancel",
    responses=problems(OrderUnknown, IdUnknown, OrderClosed, *_NOT_LET_IN),
)
async def cancel(order_id: str, key: ChannelKey, db: Db, why: CancelIn | None = None) -> OrderOut:
    """Cancel an order of yours before it is collected. Cancelling again changes nothing."""
    store_id, id_ = inward(order_id)
    reason = (why or CancelIn()).reason
    async with db.transaction(store_id, actor=f"key:{key.name}") as tx:
        _own(await orders.get(tx, store_id, OrderId(id_)), key)
        order = await orders.cancel(tx, store_id, OrderId(id_), reason=reason)
        return await _out(tx, order)


async def _out(tx: Tx, order: Order) -> OrderOut:
    return OrderOut.of(
        order,
        await orders.lines(tx, order.store_id, order.id),
        await promises.versions(tx, order.store_id, order.id),
        await likely.get(tx, order.store_id, order.id),
    )


def _own(order: Order, key: ApiKey) -> None:
    """Another channel's order is none: to whoever asks, it does not exist."""
    if order.channel != key.name or key.only_store not in {None, order.store_id}:
        raise OrderUnknown("No order of yours has this id.")
