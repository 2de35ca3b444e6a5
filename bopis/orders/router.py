"""What a web shop may ask: can it be had and by when, take this order, how is it, cancel it."""

from typing import Annotated, Final

from fastapi import APIRouter, Header, Path, Request, Response

from bopis.kernel.database import Database, Tx
from bopis.kernel.errors import Invalid, Problem, Refused
from bopis.kernel.http import ChannelKey, Db, problems
from bopis.kernel.idempotency import KeyReused
from bopis.kernel.ids import IdUnknown, OrderId, StoreId, inward
from bopis.kernel.keys import ApiKey
from bopis.orders import orders
from bopis.orders.amends import grants
from bopis.orders.amends.grants import CreditUnknown
from bopis.orders.answers import OrderOut, PlacedOut, QuotesOut
from bopis.orders.models import Order
from bopis.orders.moving import moves
from bopis.orders.orders import OrderClosed, OrderUnknown
from bopis.orders.placing import likely, quotes, trials
from bopis.orders.placing.asked import HoldTooSmall, ItemsShort, ItemsUnknown, ReferenceReused
from bopis.orders.placing.intake import Intake
from bopis.orders.placing.outlooks import StoreTakesNoOrders
from bopis.orders.schemas import CancelIn, Key, OrderIn, QuoteIn
from bopis.promises import promises
from bopis.promises.outlook import StoreNeverOpens, WorkBeyondSight
from inventory import holds
from inventory.hold_models import HoldId
from inventory.holds import HoldsTooMany, HoldUnknown
from inventory.stores import StoreUnknown

router: Final = APIRouter(prefix="/v1", tags=["web shop"])


class StoreNotYours(Refused):
    title = "This key is for another store"


class HoldElsewhere(Invalid):
    title = "The hold is in another store"


def intake(request: Request, db: Database) -> Intake:
    """Return the one intake of this application."""
    known: Intake | None = getattr(request.app.state, "intake", None)
    if known is None:
        known = request.app.state.intake = Intake(db)
    return known


def let_in(key: ApiKey, store_id: StoreId) -> None:
    if key.only_store not in {None, store_id}:
        raise StoreNotYours(f"This key is for store {key.only_store}, not for {store_id}.")


@router.post(
    "/quotes",
    responses=problems(
        ItemsUnknown,
        StoreUnknown,
        StoreNotYours,
        StoreTakesNoOrders,
        HoldsTooMany,
    ),
)
async def quoted(request: Request, basket: QuoteIn, key: ChannelKey, db: Db) -> QuotesOut:
    """Say where a basket can be had, and by when. Nothing is promised.

    Near a place, the twenty nearest stores are looked at and the best three offered, with why.

    With ``hold`` all of it is kept for you in that store, or nothing, for some minutes: order with
    the ``hold_id``. Without, nothing is set aside.
    """
    if basket.store_id is None:
        found, trial = await quotes.near(db, basket, only_store=key.only_store)
        if trial is not None:
            async with db.transaction(trial.first, actor=f"key:{key.name}") as tx:
                await trials.note(tx, trial)
        return QuotesOut(quotes=found, words=quotes.words(found))
    let_in(key, basket.store_id)
    if basket.hold:
        async with intake(request, db).room:
            return QuotesOut(quotes=[await quotes.hold(db, basket.store_id, basket, key.name)])
    return QuotesOut(quotes=[await quotes.quote(db, basket.store_id, basket)])


@router.delete(
    "/holds/{hold_id}",
    status_code=204,
    responses=problems(HoldUnknown, IdUnknown),
)
async def drop(hold_id: str, key: ChannelKey, db: Db) -> None:
    """Give up what is kept for you. One that has ended, in whatever way, stays ended."""
    store_id, id_ = inward(hold_id)
    async with db.transaction(store_id, actor=f"key:{key.name}") as tx:
        await holds.drop(tx, store_id, HoldId(id_), owner=key.name)


@router.post(
    "/orders",
    status_code=201,
    response_model=PlacedOut,
    responses=problems(
        ItemsShort,
        ItemsUnknown,
        HoldTooSmall,
        HoldElsewhere,
        IdUnknown,
        ReferenceReused,
        KeyReused,
        StoreUnknown,
        StoreNotYours,
        StoreTakesNoOrders,
        StoreNeverOpens,
        WorkBeyondSight,
    ),
)
async def place(
    request: Request,
    order: OrderIn,
    key: ChannelKey,
    db: Db,
    idempotency_key: Annotated[Key | None, Header()] = None,
) -> Response:
    """Take an order in: all of it is set aside and a promise made, or nothing is done.

    An order is known by its ``reference``: the same request again gives the same answer, another
    under the same reference is refused. An ``Idempotency-Key`` does the same for refusals.

    A ``hold_id`` of a quote makes sure that its units are there. One that has ended is no
    hindrance: the order is tried as any other, and ``hold`` in the answer says so.
    """
    let_in(key, order.store_id)
    new = order.new(key.name, idempotency_key, _own_hold(order))
    outcome = await intake(request, db).place(order.store_id, new)
    if isinstance(outcome, Problem):
        raise outcome
    said = PlacedOut.of(outcome).model_dump_json()  # ours already: not to be checked once more
    return Response(said, 201, media_type="application/json")


def _own_hold(order: OrderIn) -> HoldId | None:
    if order.hold_id is None:
        return None
    store_id, hold_id = inward(order.hold_id)
    if store_id != order.store_id:
        raise HoldElsewhere(
            f"The hold is in store {store_id} and the order is for {order.store_id}. Nothing was"
            " ordered, and the hold stands."
        )
    return HoldId(hold_id)


@router.get("/orders/{order_id}", responses=problems(OrderUnknown, IdUnknown))
async def look_at(order_id: str, key: ChannelKey, db: Db) -> OrderOut:
    """Return how an order of yours stands, and where each of its units is."""
    store_id, id_ = inward(order_id)
    async with db.transaction(store_id, actor=f"key:{key.name}") as tx:
        order = await orders.get(tx, store_id, OrderId(id_))
        _own(order, key)
        return await _out(tx, order)


@router.post(
    "/orders/{order_id}/cancel",
    responses=problems(OrderUnknown, IdUnknown, OrderClosed),
)
async def cancel(order_id: str, key: ChannelKey, db: Db, why: CancelIn | None = None) -> OrderOut:
    """Cancel an order of yours before it is collected. Cancelling again changes nothing."""
    store_id, id_ = inward(order_id)
    reason = (why or CancelIn()).reason
    async with db.transaction(store_id, actor=f"key:{key.name}") as tx:
        _own(await orders.get(tx, store_id, OrderId(id_)), key)
        order = await orders.cancel(tx, store_id, OrderId(id_), reason=reason)
        return await _out(tx, order)


@router.post(
    "/orders/{order_id}/credits/{incident}/settled",
    responses=problems(OrderUnknown, CreditUnknown, IdUnknown),
)
async def settled(
    order_id: str, incident: Annotated[int, Path(ge=1, le=10_000)], key: ChannelKey, db: Db
) -> OrderOut:
    """Say that your customer has a credit of ours. Said again it changes nothing.

    Until then nobody is told more than that they get it.
    """
    store_id, id_ = inward(order_id)
    async with db.transaction(store_id, actor=f"key:{key.name}") as tx:
        _own(await orders.get(tx, store_id, OrderId(id_)), key)
        order = await orders.lock(tx, store_id, OrderId(id_))
        await grants.settle(tx, order, incident)
        return await _out(tx, order)


async def _out(tx: Tx, order: Order) -> OrderOut:
    return OrderOut.of(
        order,
        await orders.lines(tx, order.store_id, order.id),
        await promises.versions(tx, order.store_id, order.id),
        await likely.get(tx, order.store_id, order.id),
        granted=await grants.of_order(tx, order.store_id, order.id),
        moves=await moves.of(tx, order.store_id, order.id),
    )


def _own(order: Order, key: ApiKey) -> None:
    """Another channel's order is none: to whoever asks, it does not exist."""
    if order.channel != key.name or key.only_store not in {None, order.store_id}:
        raise OrderUnknown("No order of yours has this id.")
