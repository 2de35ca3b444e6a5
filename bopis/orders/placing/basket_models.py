"""Orders of several stores that are one purchase: all of them, or none."""

from enum import StrEnum
from typing import Any, NewType

from sqlalchemy import Index
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
from bopis.kernel.ids import StoreId

BasketId = NewType("BasketId", UUID)


class BasketState(StrEnum):
    OPEN = "open"  # its stores are being asked
    ACCEPTED = "accepted"  # every one of them took its part
    REFUSED = "refused"  # one did not: what the others took is taken back


class Basket(Table, table=True):
    """Whether the parts stand. Lives in one store of its own: the first by name.

    Whose it is stands in the orders: nothing here is anybody's name or address.
    """

    __tablename__ = "baskets"
    __table_args__ = (
        one_of("state", BasketState),
        Index(
            "uq_baskets_reference",
            "store_id",
            "channel",
            "reference",
            unique=True,
            postgresql_where=sql("state <> 'refused'"),
        ),
        placed("distributed"),
    )

    store_id: StoreId = key_text(key=True)
    id: BasketId = identity(key=True)
    channel: str = key_text()
    reference: str = key_text()
    fingerprint: str = key_text()
    attempt: int = Field()
    """Counts from 1: after a refusal the same reference may be tried again."""
    state: BasketState = key_text(default=BasketState.OPEN)
    stores: list[dict[str, Any]] = document()
    """For each part: its store, and the reference that its order has there."""
    begun_at: datetime = instant()
    decided_at: datetime | None = instant(default=None)
