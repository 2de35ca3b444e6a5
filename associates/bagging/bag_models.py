"""Bags with their labels, how a store labels them, and who asked for somebody else's walk."""

from decimal import Decimal

from sqlalchemy import ARRAY, Boolean, CheckConstraint, Index, Numeric, Text
from sqlalchemy import text as sql
from sqlmodel import Field

from associates.bagging.bag import BagState
from bopis.kernel.columns import (
    UUID,
    Table,
    datetime,
    identity,
    instant,
    key_text,
    one_of,
    placed,
)
from bopis.kernel.ids import AssociateId, DeviceId, OrderId, StoreId, TaskId


class BagRow(Table, table=True):
    """One bag, tote or crate of an order. Its code is what its label says."""

    __tablename__ = "bags"
    __table_args__ = (
        one_of("state", BagState),
        CheckConstraint("number BETWEEN 1 AND 999", name="number"),
        CheckConstraint("state <> 'waiting' OR staging_code IS NOT NULL", name="place"),
        CheckConstraint("(state = 'given') = (given_by IS NOT NULL)", name="given_by"),
        Index("ix_bags_store_id_order_id", "store_id", "order_id"),
        Index("ix_bags_made_at", "made_at", postgresql_using="brin"),
        placed("distributed"),
    )

    store_id: StoreId = key_text(key=True)
    code: str = key_text(key=True)
    task_id: TaskId = identity()
    order_id: OrderId = identity()
    number: int = Field()
    """1-based, within its order."""
    state: BagState = key_text(default=BagState.PACKED)
    staging_code: str | None = key_text(default=None)
    placed_by: UUID | None = identity(default=None)
    """The scan that put it at its place."""
    given_by: UUID | None = identity(default=None)
    """The entry with which it was handed over."""
    by_hand: bool = Field(default=False, sa_type=Boolean)
    """Handed over on the associate's word: its label could not be read."""
    made_at: datetime = instant()


class Bagging(Table, table=True):
    """How a store bags. Without a row it labels nothing, and prints nothing."""

    __tablename__ = "bagging"
    __table_args__ = (
        CheckConstraint("label_size IN ('62x29', '100x50')", name="label_size"),
        CheckConstraint("printer_port BETWEEN 9100 AND 9109", name="printer_port"),
        CheckConstraint("look_over >= 0", name="look_over"),
        placed("distributed"),
    )

    store_id: StoreId = key_text(key=True)
    labels: bool = Field(default=False, sa_type=Boolean)
    """Every bag wears a label, and is scanned when it is handed over."""
    label_size: str = key_text(default="62x29")
    """Millimeters."""
    printer_host: str | None = key_text(default=None)
    """Where the store's label printer listens; None: labels are shown, and printed by a browser."""
    printer_port: int = Field(default=9100)
    look_over: Decimal | None = Field(default=None, sa_type=Numeric)
    """An ID is looked at for orders worth more than this, in their own currency."""
    look_for: list[str] = Field(
        default_factory=list, sa_type=ARRAY(Text), sa_column_kwargs={"server_default": "{}"}
    )
    """Item numbers and departments for which an ID is looked at."""


class TakeOver(Table, table=True):
    """Somebody asks for a walk that another one has in hand. One stands at a time."""

    __tablename__ = "take_overs"
    __table_args__ = (
        Index(
            "uq_take_overs_open",
            "store_id",
            "task_id",
            unique=True,
            postgresql_where=sql("answered_at IS NULL"),
        ),
        Index("ix_take_overs_asked_at", "asked_at", postgresql_using="brin"),
        placed("distributed"),
    )

    store_id: StoreId = key_text(key=True)
    id: UUID = identity(key=True)
    task_id: TaskId = identity()
    fence: int = Field()
    """Of the claim that is asked for: another one since, and nobody need answer."""
    asked_by: AssociateId = identity()
    asked_from: DeviceId = identity()
    asked_at: datetime = instant()
    answered_at: datetime | None = instant(default=None)
    granted: bool | None = Field(default=None, sa_type=Boolean)
