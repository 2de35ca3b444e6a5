"""Units that are set aside for a while: for a shopper who has not ordered yet, or in doubt."""

from typing import NewType

from sqlalchemy import CheckConstraint, Index
from sqlalchemy import text as sql
from sqlmodel import Field

from bopis.kernel.columns import UUID, Table, datetime, identity, instant, key_text, placed
from bopis.kernel.ids import Sku, StoreId

HoldId = NewType("HoldId", UUID)


class Hold(Table, table=True):
    __tablename__ = "holds"
    __table_args__ = (
        Index(
            "ix_holds_live",
            "store_id",
            "owner",
            "until",
            postgresql_where=sql("ended_at IS NULL"),
        ),
        Index("ix_holds_store_id_until", "store_id", "until"),
        placed("distributed"),
    )

    store_id: StoreId = key_text(key=True)
    id: HoldId = identity(key=True)
    owner: str = key_text()
    """The channel that took it, and that alone may use it; or ``holds.DOUBT``, which waits for a
    count, and whose id is that of its request."""
    taken_at: datetime = instant()
    until: datetime = instant()
    """Store clock: from this instant on it holds nothing, whether anybody has tidied or not."""
    ended_at: datetime | None = instant(default=None)
    """When it was used or dropped, or found to have run out."""


class HoldLine(Table, table=True):
    """Units of one item, as long as they count in ``stock.held``: that is the sum of these."""

    __tablename__ = "hold_lines"
    __table_args__ = (
        CheckConstraint("quantity > 0", name="quantity"),
        Index("ix_hold_lines_store_id_sku_until", "store_id", "sku", "until"),
        placed("distributed"),
    )

    store_id: StoreId = key_text(key=True)
    hold_id: HoldId = identity(key=True)
    sku: Sku = key_text(key=True)
    quantity: int = Field()
    until: datetime = instant()


class HoldTurn(Table, table=True):
    """Whose holds are counted: one at a time, or two at once would both be the last allowed one."""

    __tablename__ = "hold_turns"
    __table_args__ = (placed("distributed"),)

    store_id: StoreId = key_text(key=True)
    owner: str = key_text(key=True)
    since: datetime = instant()
    taken: int = Field(default=0)
    """How many were asked for in the minute that began then."""
