"""What a web shop may ask of several stores at once: take this purchase, all of it or nothing."""

from typing import Annotated, Final, Self

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field, StringConstraints, model_validator

from bopis.kernel import idempotency
from bopis.kernel.http import ChannelKey, Db, problems
from bopis.kernel.ids import IdUnknown, StoreId, inward, outward
from bopis.orders.amends.credit_schemas import MoneyIn
from bopis.orders.answers import PlacedOut
from bopis.orders.models import Order
from bopis.orders.placing import baskets
from bopis.orders.placing.asked import NewOrder, ReferenceReused
from bopis.orders.placing.basket_models import BasketId, BasketState
from bopis.orders.placing.baskets import Asked, BasketRefused, BasketUnknown, Taken
from bopis.orders.router import StoreNotYours, intake, let_in
from bopis.orders.schemas import CustomerIn, In, OrderLines, StoreIn, Word, as_before, consents
from bopis.orders.states import OrderState
from bopis.orders.telling import links

MOST_STORES: Final = 8

router: Final = APIRouter(prefix="/v1", tags=["web shop"])


class PartIn(In):
    store_id: StoreIn
    lines: OrderLines
    total: MoneyIn | None = None
    """What was paid for this part: what a credit is a share of, should we break our word."""


class BasketIn(In):
    """A purchase in several stores. ``reference`` is the shop's own number of it."""

    reference: Annotated[Word, StringConstraints(min_length=1, max_length=60)]
    customer: CustomerIn
    parts: Annotated[tuple[PartIn, ...], Field(min_length=2, max_length=MOST_STORES)]

    @model_validator(mode="after")
    def _each_store_once(self) -> Self:
        stores = [part.store_id for part in self.parts]
        twice = sorted({one for one in stores if stores.count(one) > 1})
        if twice:
            raise ValueError(f"store {twice[0]} is there twice: put its lines into one part")
        return self

    def asked(self, channel: str) -> Asked:
        body = self.model_dump(mode="json")
        for sent in body["parts"]:
            if sent["total"] is None:
                del sent["total"]  # as it was when there was none: a repetition is one still
            sent["lines"] = [as_before(line) for line in sent["lines"]]
        fingerprint = idempotency.fingerprint(body)
        return Asked(
            channel=channel,
            reference=self.reference,
            fingerprint=fingerprint,
            parts=[
                (
                    part.store_id,
                    NewOrder(
                        channel=channel,
                        reference=self.reference,
                        fingerprint=fingerprint,
                        lines=[(line.sku, line.quantity) for line in part.lines],
                        customer=self.customer.person(),
                        total=part.total.money if part.total else None,
                        consents=consents(part.lines),
                    ),
                )
                for part in self.parts
            ],
        )


class PlacedPart(PlacedOut):
    store_id: StoreId


class BasketPlaced(BaseModel):
    """What a purchase was answered with; asked again, the same."""

    basket_id: str
    reference: str
    state: BasketState
    parts: list[PlacedPart]

    @classmethod
    def of(cls, reference: str, taken: Taken) -> Self:
        return cls(
            basket_id=outward(taken.store_id, taken.basket_id),
            reference=reference,
            state=BasketState.ACCEPTED,
            parts=[
                PlacedPart(store_id=one.store_id, **PlacedOut.of(one).model_dump())
                for one in taken.receipts
            ],
        )


class BasketPart(BaseModel):
    store_id: StoreId
    order_id: str | None
    """None where the store has taken nothing."""
    number: str | None = None
    state: OrderState | None = None
    awaits_the_others: bool = False
    close_reason: str | None = None
    status_url: str | None = None

    @classmethod
    def of(cls, store_id: StoreId, order: Order | None) -> Self:
        if order is None:
            return cls(store_id=store_id, order_id=None)
        return cls(
            store_id=store_id,
            order_id=outward(store_id, order.id),
            number=order.number,
            state=order.state,
            awaits_the_others=order.awaits_basket and order.closed_at is None,
            close_reason=order.close_reason,
            status_url=links.status_url(store_id, order.id, order.link_version),
        )


class BasketOut(BaseModel):
    basket_id: str
    reference: str
    state: BasketState
    parts: list[BasketPart]


@router.post(
    "/baskets",
    status_code=201,
    responses=problems(BasketRefused, ReferenceReused, StoreNotYours),
)
async def place(request: Request, basket: BasketIn, key: ChannelKey, db: Db) -> BasketPlaced:
    """Take a purchase in several stores: an order in each, or nothing anywhere.

    If a store refuses its part, the answer says which items it is short of and who has them, and
    what the others had taken is taken back before anybody heard of it. A purchase is known by its
    ``reference``: the same request again gives the same answer; after a refusal it is tried anew.
    """
    for part in basket.parts:
        let_in(key, part.store_id)
    taken = await baskets.place(db, intake(request, db), basket.asked(key.name))
    return BasketPlaced.of(basket.reference, taken)


@router.get("/baskets/{basket_id}", responses=problems(BasketUnknown, IdUnknown))
async def look_at(basket_id: str, key: ChannelKey, db: Db) -> BasketOut:
    """Return how a purchase of yours stands, and each of its orders."""
    store_id, id_ = inward(basket_id)
    basket, found = await baskets.get(db, store_id, BasketId(id_), channel=key.name)
    return BasketOut(
        basket_id=basket_id,
        reference=basket.reference,
        state=basket.state,
        parts=[BasketPart.of(where, order) for where, order in found.items()],
    )
