"""What moves from one store to another: written down in the store that gives it up."""

from typing import Any

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index
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
)
from bopis.kernel.ids import OrderId, StoreId
from bopis.orders.choices.choice import MoveState


class Move(Table, table=True):
    """One row decides, as with a purchase in several stores: the new order asks it."""

    __tablename__ = "moves"
    __table_args__ = (
        ForeignKeyConstraint(["store_id", "order_id"], ["orders.store_id", "orders.id"]),
        one_of("state", MoveState),
        CheckConstraint("(state = 'open') = (decided_at IS NULL)", name="decided_at"),
        CheckConstraint("(state = 'done') = (to_order IS NOT NULL)", name="to_order"),
        Index(
            "uq_moves_open",
            "store_id",
            "order_id",
            unique=True,
            postgresql_where=sql("state = 'open'"),
        ),
        placed("distributed"),
    )

    store_id: StoreId = key_text(key=True)
    order_id: OrderId = identity(key=True)
    number: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    """Which move of this order: 1, 2, …"""
    case_number: int = Field()
    """The choice case in which it was chosen."""
    to_store: StoreId = key_text()
    to_order: UUID | None = identity(default=None)
    """The order that lives on there."""
    lines: list[dict[str, Any]] = document()
    """What moves: line, sku, name, quantity."""
    whole: bool = Field(default=False)
    """All of the order moves, or what is missing alone."""
    state: MoveState = key_text(default=MoveState.OPEN)
    reason: str | None = key_text(default=None)
    """Why nothing moved: ``short``, ``shut``, ``overtaken``."""
    to_number: str | None = key_text(default=None)
    promised_at: datetime | None = instant(default=None)
    """What the new order is called, and what was promised of it when it was taken in."""
    begun_at: datetime = instant()
    decided_at: datetime | None = instant(default=None)
