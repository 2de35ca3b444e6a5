"""Where we broke our word: what was said about it, what it cost us, and who has to call."""

from decimal import Decimal

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

from bopis.kernel.columns import Table, datetime, identity, instant, key_text, one_of, placed, text
from bopis.kernel.ids import OrderId, StoreId
from bopis.orders.amends.apology import Said
from bopis.orders.amends.credit import CreditTier, Incident


class OrderIncident(Table, table=True):
    """One time that we broke our word about an order. Names nobody: the order knows whose it is."""

    __tablename__ = "incidents"
    __table_args__ = (
        ForeignKeyConstraint(["store_id", "order_id"], ["orders.store_id", "orders.id"]),
        UniqueConstraint("store_id", "order_id", "what", "order_version"),
        one_of("what", Incident),
        one_of("tier", CreditTier),
        one_of("said", Said),
        CheckConstraint("number > 0", name="number"),
        Index("ix_incidents_store_id_opened_at", "store_id", "opened_at"),
        Index(
            "ix_incidents_to_call",
            "store_id",
            "call_by",
            postgresql_where=sql("call_by IS NOT NULL AND called_at IS NULL"),
        ),
        placed("distributed"),
    )

    store_id: StoreId = key_text(key=True)
    order_id: OrderId = identity(key=True)
    number: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    """Which incident of this order: 1, 2, …"""
    what: Incident = key_text()
    order_version: int = Field()
    """The order's, when it happened: the same incident told twice is one."""
    tier: CreditTier = key_text()
    said: Said = key_text()
    late_minutes: int = Field(default=0)
    """By how much the first promise is missed, by what we said then."""
    warned: bool = Field(default=False, sa_type=Boolean)
    """They could hear of it before the promise was broken."""
    opened_at: datetime = instant()
    call_by: datetime | None = instant(default=None)
    """By when a person has to call; None: nobody has to."""
    called_at: datetime | None = instant(default=None)
    called_by: str | None = key_text(default=None)
    call_note: str | None = text(default=None)


class Credit(Table, table=True):
    """What we owe for an incident. Once for each: the key sees to it, whatever is tried twice."""

    __tablename__ = "credits"
    __table_args__ = (
        ForeignKeyConstraint(
            ["store_id", "order_id", "incident"],
            ["incidents.store_id", "incidents.order_id", "incidents.number"],
        ),
        one_of("tier", CreditTier),
        CheckConstraint("amount > 0", name="amount"),
        Index("ix_credits_store_id_granted_at", "store_id", "granted_at"),
        placed("distributed"),
    )

    store_id: StoreId = key_text(key=True)
    order_id: OrderId = identity(key=True)
    incident: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    tier: CreditTier = key_text()
    amount: Decimal = Field(sa_type=Numeric)
    currency: str = key_text()
    granted_at: datetime = instant()
    settled_at: datetime | None = instant(default=None)
    """When the shop said that its customer has it."""
