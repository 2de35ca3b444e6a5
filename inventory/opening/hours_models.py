"""What a store keeps beside its opening hours: pickup hours, pauses, orders that a slot holds."""

from sqlalchemy import Boolean, CheckConstraint, Index
from sqlmodel import Field

from bopis.kernel.columns import (
    UUID,
    Table,
    datetime,
    identity,
    instant,
    key_text,
    one_of,
    placed,
    text,
)
from bopis.kernel.ids import StoreId
from inventory.opening.pause import PauseReason


class PickupHours(Table, table=True):
    """When orders are handed out, where that is not simply when the store is open."""

    __tablename__ = "pickup_hours"
    __table_args__ = (
        CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday"),
        placed("reference"),
    )

    store_id: StoreId = key_text(key=True)
    weekday: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    """0 is Monday."""
    opens: str = key_text(key=True)
    """HH:MM in the store's zone."""
    closes: str = key_text()
    """HH:MM; at or before ``opens``: after midnight, on the next day."""


class PickupHoursException(Table, table=True):
    __tablename__ = "pickup_hours_exceptions"
    __table_args__ = (placed("reference"),)

    store_id: StoreId = key_text(key=True)
    day: str = key_text(key=True)
    """YYYY-MM-DD. All rows of a day together replace its weekly pickup hours."""
    opens: str = key_text(key=True)
    """HH:MM, or ``closed`` (then the only row of its day)."""
    closes: str = key_text(default="")


class StoreSlot(Table, table=True):
    """How many orders a store can have ready in a stretch of its day, every week."""

    __tablename__ = "store_slots"
    __table_args__ = (
        CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday"),
        CheckConstraint("minutes BETWEEN 15 AND 1440", name="minutes"),
        CheckConstraint("capacity >= 0", name="capacity"),
        placed("reference"),
    )

    store_id: StoreId = key_text(key=True)
    weekday: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    opens: str = key_text(key=True)
    closes: str = key_text()
    minutes: int = Field()
    """How long one slot is; the last of a stretch may be shorter."""
    capacity: int = Field()
    """Orders that may be promised for each."""


class PauseRow(Table, table=True):
    """A stretch for which a store does not do what its hours say. Kept: it explains the past."""

    __tablename__ = "pauses"
    __table_args__ = (
        one_of("reason", PauseReason),
        CheckConstraint("ends_at > begins_at", name="ends_at"),
        CheckConstraint("closes OR NOT takes_orders", name="closes"),
        Index("ix_pauses_store_id_ends_at", "store_id", "ends_at"),
        placed("distributed"),
    )

    store_id: StoreId = key_text(key=True)
    id: UUID = identity(key=True)
    begins_at: datetime = instant()
    ends_at: datetime = instant()
    """Store clock. Moves: a pause is lengthened, or ended early."""
    reason: PauseReason = key_text()
    takes_orders: bool = Field(sa_type=Boolean)
    closes: bool = Field(sa_type=Boolean)
    note: str = text(default="")
    """For colleagues; no shopper reads it."""
    made_at: datetime = instant()
