"""What web shops get: an order, a quote, and the words that go with them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal, Self

from pydantic import (
    BaseModel,
)

from bopis.kernel.ids import Sku, StoreId, outward
from bopis.orders import numbers
from bopis.orders.amends.apology_models import Credit
from bopis.orders.amends.credit_schemas import CreditOut
from bopis.orders.choices.choice_models import Confirmation
from bopis.orders.choices.consent import Consent
from bopis.orders.models import Order, OrderLine
from bopis.orders.moving.move_models import Move
from bopis.orders.placing.asked import HoldUse, Receipt
from bopis.orders.states import WAITING, Attention, Bucket, OrderState
from bopis.orders.telling import links
from bopis.promises.models import Promise
from bopis.promises.promise import Basis, PromiseStatus
from inventory.belief.beliefs import Tier
from notifications import sureness


class PromiseOut(BaseModel):
    """By when it is ready, how sure that is, and what that rests on."""

    earliest: datetime | None
    """None where the range would be too wide to help anybody."""
    latest: datetime
    confidence: float
    sample_size: int
    basis: Basis
    """Whose orders were counted: the *store*'s, those of all stores (*pooled*), or nobody's."""
    kept: int | None
    """How many of ``sample_size`` recent orders like it were ready within this time; None: nobody
    can say."""
    words: str
    """The same in a sentence for a shopper; empty where nothing can be said."""


class PlacedLine(BaseModel):
    sku: Sku
    name: str
    quantity: int


class PlacedOut(BaseModel):
    """What an order was answered with; asked again, the same."""

    order_id: str
    number: str
    state: OrderState
    promise: PromiseOut
    status_url: str
    next_update_due_at: datetime
    lines: list[PlacedLine]
    hold: HoldUse | None = None
    """Of the hold it came with: whether it was used, or had ended before."""

    @classmethod
    def of(cls, receipt: Receipt) -> Self:
        return cls(
            order_id=outward(receipt.store_id, receipt.order_id),
            number=receipt.number,
            state=OrderState.ACCEPTED,
            promise=PromiseOut.model_validate(receipt.offer, from_attributes=True),
            status_url=links.status_url(receipt.store_id, receipt.order_id, receipt.link_version),
            next_update_due_at=receipt.next_update_due_at,
            lines=[PlacedLine(sku=sku, name=name, quantity=n) for sku, name, n in receipt.lines],
            hold=receipt.hold,
        )


class LineOut(BaseModel):
    """A line, and where each of its units is."""

    sku: Sku
    name: str
    ordered: int
    units: dict[Bucket, int]
    substitutes: Literal["never", "ask"] | list[Sku] = "never"
    """What the shopper has said about it when it was ordered."""
    stands_for: Sku | None = None
    """It is given instead of this item of the same order."""

    @classmethod
    def of(cls, line: OrderLine, others: Sequence[OrderLine] = ()) -> Self:
        units = {bucket: getattr(line, bucket) for bucket in Bucket}
        return cls(
            sku=line.sku,
            name=line.name,
            ordered=line.ordered,
            units={bucket: quantity for bucket, quantity in units.items() if quantity},
            substitutes=[Sku(sku) for sku in line.accepts]
            if line.accepts
            else ("ask" if line.consent is Consent.ASK else "never"),
            stands_for=next((x.sku for x in others if x.line == line.stands_for), None),
        )


class MovedOut(BaseModel):
    """Units that live on as an order of their own: in another store, or the rest in this one."""

    order_id: str
    store_id: StoreId
    number: str | None
    lines: list[PlacedLine]

    @classmethod
    def of(cls, move: Move) -> Self:
        assert move.to_order is not None
        return cls(
            order_id=outward(move.to_store, move.to_order),
            store_id=move.to_store,
            number=move.to_number,
            lines=[PlacedLine.model_validate(line) for line in move.lines],
        )


class CurrentPromise(PromiseOut):
    version: int
    status: PromiseStatus
    first_latest: datetime
    """What we said first: on time is judged by this."""


class OrderOut(BaseModel):
    order_id: str
    store_id: StoreId
    reference: str
    number: str
    state: OrderState
    version: int
    attention: Attention
    promise: CurrentPromise
    next_update_due_at: datetime | None
    confirm_by: datetime | None
    """By when the shopper hears whether what was only likely is there; None: nothing is open."""
    accepted_at: datetime
    ready_at: datetime | None
    hold_until: datetime | None
    pickup_code: str | None
    """Only while the order waits to be collected."""
    closed_at: datetime | None
    close_reason: str | None
    status_url: str
    lines: list[LineOut]
    credits: list[CreditOut]
    moved: list[MovedOut]
    """What lives on as orders of their own, by their shopper's choice."""
    moved_from: str | None
    """The order that this one stands for."""

    @classmethod
    def of(
        cls,
        order: Order,
        lines: Sequence[OrderLine],
        versions: Sequence[Promise],
        unsure: Confirmation | None,
        *,
        granted: Sequence[Credit] = (),
        moves: Sequence[Move] = (),
    ) -> Self:
        current = versions[-1]
        return cls(
            order_id=outward(order.store_id, order.id),
            store_id=order.store_id,
            reference=order.reference,
            number=order.number,
            state=order.state,
            version=order.version,
            attention=order.attention,
            promise=CurrentPromise(
                version=current.version,
                status=order.promise_status,
                first_latest=versions[0].latest,
                earliest=current.earliest,
                latest=current.latest,
                confidence=current.confidence,
                sample_size=current.sample_size,
                basis=current.basis,
                kept=current.kept,
                words=sureness.words(current.kept, current.sample_size, current.basis),
            ),
            next_update_due_at=order.next_update_due_at,
            confirm_by=unsure.confirm_by if unsure and unsure.closed_at is None else None,
            accepted_at=order.accepted_at,
            ready_at=order.ready_at,
            hold_until=order.hold_until,
            pickup_code=numbers.shown(order.pickup_code) if order.state in WAITING else None,
            closed_at=order.closed_at,
            close_reason=order.close_reason,
            status_url=links.status_url(order.store_id, order.id, order.link_version),
            credits=[CreditOut.model_validate(x, from_attributes=True) for x in granted],
            lines=[LineOut.of(line, lines) for line in lines],
            moved=[MovedOut.of(move) for move in moves if move.to_order],
            moved_from=outward(order.moved_store, order.moved_order)
            if order.moved_store and order.moved_order
            else None,
        )


class QuoteLine(BaseModel):
    sku: Sku
    wanted: int
    available: int
    """At most what is wanted: a shop need not know more."""
    certainty: Tier
    """*available*; *likely*: we make sure of it first; *not_here*."""
    as_of: datetime | None
    """How old our knowledge of the shelf is; None: nobody has ever said."""


class HoldOut(BaseModel):
    """Kept for you, until somebody orders it with this id, drops it, or the time has come."""

    hold_id: str
    expires_at: datetime


class RecordOut(BaseModel):
    """How a store has kept its word, last 28 days: counts, for whoever shows them another way."""

    found: int
    looked_for: int
    on_time: int
    promised: int
    url: str
    """Where anybody may read all of it."""


class QuoteOut(BaseModel):
    """What one store could do now. Nothing is set aside by asking, unless a hold is asked for."""

    store_id: StoreId
    name: str
    distance_km: float | None
    can_be_had: bool
    promise: PromiseOut | None
    """None where it cannot be had, or the store does not open."""
    certainty: Tier
    """That of the least certain line."""
    confirm_by: datetime | None
    """Where it is *likely*: by when the shopper hears for sure, if it is ordered now."""
    words: str
    """The same in a sentence for a shopper, on the store's clock."""
    stock_is_old: bool
    """The store's stock system has not spoken for longer than it should."""
    stock_words: str | None
    """The same in words for a shopper."""
    stock_as_of: datetime | None
    """The oldest knowledge among the lines."""
    lines: list[QuoteLine]
    hold: HoldOut | None = None
    """All of it or nothing: None where not all of it can be had, and where none was asked for."""
    record: RecordOut
    record_words: str
    """The record in a sentence for a shopper; too few orders are said to be too few."""
    why: str | None = None
    """Why the store is offered in this place, in words; None where none was compared."""


class QuotesOut(BaseModel):
    """Stores that have all of it first, the one we would go to first; then others, nearest first.

    The order is advice: whoever buys chooses.
    """

    quotes: list[QuoteOut]
    words: str = ""
    """What is to be said of all of them, for a shopper; empty where each speaks for itself."""
