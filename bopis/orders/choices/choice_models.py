"""What a shopper was asked, and what we said we would make sure of."""

from typing import Any

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index
from sqlalchemy import text as sql
from sqlmodel import Field

from bopis.kernel.columns import (
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
from bopis.orders.choices.choice import CaseState, Cause, Outcome
from notifications.facts import Choice


class ChoiceCase(Table, table=True):
    """An item of an order cannot be had, or very likely not: the shopper is asked."""

    __tablename__ = "choice_cases"
    __table_args__ = (
        ForeignKeyConstraint(["store_id", "order_id"], ["orders.store_id", "orders.id"]),
        one_of("state", CaseState),
        one_of("cause", Cause),
        one_of("default_choice", Choice),
        one_of("answer", Choice),
        one_of("outcome", Outcome),
        CheckConstraint("(state IN ('opened', 'offered')) = (closed_at IS NULL)", name="closed_at"),
        CheckConstraint(
            "state <> 'offered' OR (default_choice IS NOT NULL AND answer_by IS NOT NULL)",
            name="default_is_said",
        ),
        Index(
            "uq_choice_cases_live",
            "store_id",
            "order_id",
            unique=True,
            postgresql_where=sql("closed_at IS NULL"),
        ),
        placed("distributed"),
    )

    store_id: StoreId = key_text(key=True)
    order_id: OrderId = identity(key=True)
    number: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    """Which case of this order: 1, 2, …"""
    state: CaseState = key_text(default=CaseState.OPENED)
    cause: Cause = key_text()
    lines: list[dict[str, Any]] = document()
    """Each missing one: line, sku, name, quantity, and whether it is counted again; and what could
    be given for it, if it may be substituted."""
    ask_after: datetime = instant()
    options: list[str] = document()
    default_choice: Choice | None = key_text(default=None)
    answer_by: datetime | None = instant(default=None)
    """When the default happens."""
    wait_until: datetime | None = instant(default=None)
    call_by: datetime | None = instant(default=None)
    """By when a person asks, because our letters did not get there; None: nobody has to."""
    elsewhere: list[dict[str, Any]] = document()
    """Stores that had all of it when we asked: store_id, name, km, ready_by, odds."""
    delays: int = Field(default=0)
    """Which delay of this order it is about: 1, 2, …; 0: about none."""
    answer: Choice | None = key_text(default=None)
    target: StoreId | None = key_text(default=None)
    """The store that was chosen."""
    via: str | None = key_text(default=None)
    """How the answer came: see ``Via``."""
    outcome: Outcome | None = key_text(default=None)
    opened_at: datetime = instant()
    offered_at: datetime | None = instant(default=None)
    closed_at: datetime | None = instant(default=None)


class Confirmation(Table, table=True):
    """Items that were likely there when an order was accepted: by when we say for sure."""

    __tablename__ = "confirmations"
    __table_args__ = (
        ForeignKeyConstraint(["store_id", "order_id"], ["orders.store_id", "orders.id"]),
        Index("ix_confirmations_waiting", "store_id", postgresql_where=sql("closed_at IS NULL")),
        placed("distributed"),
    )

    store_id: StoreId = key_text(key=True)
    order_id: OrderId = identity(key=True)
    lines: list[dict[str, Any]] = document()
    """Each likely one: line, sku, name, quantity, p_find."""
    confirm_by: datetime = instant()
    opened_at: datetime = instant()
    closed_at: datetime | None = instant(default=None)
    is_found: bool | None = Field(default=None)
    """Every likely unit was found; None: not known, or it no longer matters."""
