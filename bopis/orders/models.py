"""The order: what was bought, and which bucket each unit is in."""

from decimal import Decimal
from typing import Any

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    ForeignKeyConstraint,
    Index,
    Numeric,
    UniqueConstraint,
)
from sqlalchemy import text as sql
from sqlmodel import Field

from bopis.kernel.columns import (
    UUID,
    Table,
    datetime,
    document,
    identity,
    instant,
    key_text,
    one_of,
    placed,
    text,
)
from bopis.kernel.ids import OrderId, Sku, StoreId
from bopis.orders.choices.consent import Consent
from bopis.orders.states import Attention, OrderState
from bopis.promises.promise import PromiseStatus

_OPEN = "state NOT IN ('picked_up', 'cancelled', 'expired', 'rejected', 'rerouted')"


class Order(Table, table=True):
    __tablename__ = "orders"
    __table_args__ = (
        UniqueConstraint("store_id", "channel", "reference"),
        UniqueConstraint("store_id", "number"),
        one_of("state", OrderState),
        one_of("promise_status", PromiseStatus),
        one_of("attention", Attention),
        CheckConstraint(f"({_OPEN}) = (closed_at IS NULL)", name="closed_at"),
        CheckConstraint("closed_at IS NOT NULL OR next_update_due_at IS NOT NULL", name="silence"),
        CheckConstraint("(total IS NULL) = (currency IS NULL)", name="total"),
        Index(
            "ix_orders_next_update",
            "store_id",
            "next_update_due_at",
            postgresql_where=sql("closed_at IS NULL"),
        ),
        Index("ix_orders_store_id_accepted_at", "store_id", "accepted_at"),
        Index(
            "ix_orders_awaiting",
            "store_id",
            "accepted_at",
            postgresql_where=sql("awaits_basket AND closed_at IS NULL"),
        ),
        Index(
            "ix_orders_pickup_code",
            "store_id",
            "pickup_code",
            unique=True,
            postgresql_where=sql("closed_at IS NULL"),
        ),
        Index(
            "ix_orders_other_code",
            "store_id",
            "other_code",
            unique=True,
            postgresql_where=sql("closed_at IS NULL AND other_code IS NOT NULL"),
        ),
        placed("distributed", postgresql_with={"fillfactor": 80}),
    )

    store_id: StoreId = key_text(key=True)
    id: OrderId = identity(key=True)
    channel: str = key_text()
    reference: str = key_text()
    """The web shop's own order number."""
    fingerprint: str = key_text()
    """Of the request: the same reference with another body is refused."""
    hold_id: UUID | None = identity(default=None)
    """What was kept for it before it was ordered, if that was still so."""
    basket_store: StoreId | None = key_text(default=None)
    basket_id: UUID | None = identity(default=None)
    """The purchase that this is a part of, and where that is written down."""
    awaits_basket: bool = Field(default=False, sa_type=Boolean)
    """Other stores are still being asked: nobody walks for it or hears of it."""
    moved_store: StoreId | None = key_text(default=None)
    moved_order: UUID | None = identity(default=None)
    moved_number: int | None = Field(default=None)
    moved_from: str | None = key_text(default=None)
    """The order that it stands for: where, by which of its moves, and the number people know."""
    number: str = key_text()
    """What people say: ``7QK-4M2``. Not a secret."""
    pickup_code: str = key_text()
    """What opens the counter: 8 characters, 40 bits, shown only when ready."""
    link_version: int = Field(default=1)
    """Raised to make every link sent so far invalid."""
    state: OrderState = key_text(default=OrderState.ACCEPTED)
    version: int = Field(default=1)
    """Rises with every change a person could see."""
    promise_version: int = Field(default=1)
    promised_at: datetime = instant()
    """Latest of the current promise: ready by."""
    promise_status: PromiseStatus = key_text(default=PromiseStatus.ON_TRACK)
    attention: Attention = key_text(default=Attention.NONE)
    estimate_at: datetime | None = instant(default=None)
    """What we think now, at its 90th percentile."""
    p_late: float | None = Field(default=None)
    next_update_due_at: datetime | None = instant(default=None)
    """No open order may be past it."""
    accepted_at: datetime = instant()
    picking_since: datetime | None = instant(default=None)
    ready_at: datetime | None = instant(default=None)
    """Of the current *ready*; None again after a retraction."""
    first_ready_at: datetime | None = instant(default=None)
    """When it was ready and proved to be: what the first promise is judged by."""
    hold_until: datetime | None = instant(default=None)
    closed_at: datetime | None = instant(default=None)
    close_reason: str | None = key_text(default=None)
    staging_code: str | None = key_text(default=None)
    total: Decimal | None = Field(default=None, sa_type=Numeric)
    """What was paid for it, if the shop said so: what a credit is a share of."""
    currency: str | None = key_text(default=None)
    other_code: str | None = key_text(default=None)
    """What somebody else shows who collects for the shopper, if they named anybody."""
    met_before: int = Field(default=0)
    """Incidents of its customer in other stores, as far as it was told; and apologies for them."""
    sorry_before: int = Field(default=0)


class OrderLine(Table, table=True):
    __tablename__ = "order_lines"
    __table_args__ = (
        ForeignKeyConstraint(["store_id", "order_id"], ["orders.store_id", "orders.id"]),
        UniqueConstraint("store_id", "order_id", "sku"),
        CheckConstraint(
            "ordered = reserved + picked + staged + handed_over + short + substituted + rerouted"
            " + cancelled + expired",
            name="buckets",
        ),
        one_of("consent", Consent),
        CheckConstraint(
            "ordered > 0 AND reserved >= 0 AND picked >= 0 AND staged >= 0 AND handed_over >= 0"
            " AND short >= 0 AND substituted >= 0 AND rerouted >= 0 AND cancelled >= 0"
            " AND expired >= 0",
            name="quantities",
        ),
        placed("distributed"),
    )

    store_id: StoreId = key_text(key=True)
    order_id: OrderId = identity(key=True)
    line: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    sku: Sku = key_text()
    name: str = text()
    ordered: int = Field()
    reserved: int = Field(default=0)
    picked: int = Field(default=0)
    staged: int = Field(default=0)
    handed_over: int = Field(default=0)
    short: int = Field(default=0)
    substituted: int = Field(default=0)
    rerouted: int = Field(default=0)
    cancelled: int = Field(default=0)
    expired: int = Field(default=0)
    consent: Consent = key_text(default=Consent.NEVER)
    """Whether something else may be given for it, as was said when it was ordered."""
    accepts: list[str] | None = document(default=None)
    """The items that may be given for it, best first, if it is ``listed``."""
    stands_for: int | None = Field(default=None)
    """The line for which this item is given."""


class Refusal(Table, table=True):
    """An order we did not take, and why: kept, so that the day's report can say how many."""

    __tablename__ = "refusals"
    __table_args__ = (
        Index("ix_refusals_store_id_at", "store_id", "at"),
        placed("distributed"),
    )

    store_id: StoreId = key_text(key=True)
    id: UUID = identity(key=True)
    channel: str = key_text()
    reference: str = key_text()
    reason: str = key_text()
    lines: list[dict[str, Any]] = document()
    """Each short line: sku, wanted, available."""
    at: datetime = instant()
