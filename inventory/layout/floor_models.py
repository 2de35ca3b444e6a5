"""The floor of a store, as somebody measured it."""

from enum import StrEnum

from sqlalchemy import Boolean, CheckConstraint, Float
from sqlmodel import Field

from bopis.kernel.columns import Table, datetime, instant, key_text, one_of, placed, text
from bopis.kernel.ids import StoreId
from inventory.layout.floor import Direction, PointKind


class WayKind(StrEnum):
    AISLE = "aisle"  # between shelves
    CROSS = "cross"  # joins aisles


class FloorWay(Table, table=True):
    """A straight line that people walk, and what stands in it. Meters; see ``layout.floor``."""

    __tablename__ = "floor_ways"
    __table_args__ = (
        one_of("kind", WayKind),
        one_of("blocked_direction", Direction),
        CheckConstraint("(first_bay IS NULL) = (last_bay IS NULL)", name="bays"),
        CheckConstraint("(blocked_from IS NULL) = (blocked_to IS NULL)", name="blocked_bays"),
        placed("distributed"),
    )

    store_id: StoreId = key_text(key=True)
    zone: str = key_text(key=True)
    """Blank: whatever zone its items are in."""
    aisle: str = key_text(key=True)
    """As its sign says; of a cross aisle, any name."""
    kind: WayKind = key_text(default=WayKind.AISLE)
    number: int = Field()
    """In which order the ways are told."""
    x1: float = Field(sa_type=Float)
    y1: float = Field(sa_type=Float)
    x2: float = Field(sa_type=Float)
    y2: float = Field(sa_type=Float)
    first_bay: int | None = Field(default=None)
    last_bay: int | None = Field(default=None)
    is_one_way: bool = Field(default=False, sa_type=Boolean)
    """Walked from its first end to its second only."""
    blocked_reason: str | None = text(default=None)
    """None: nothing is in the way."""
    blocked_until: datetime | None = instant(default=None)
    """Store clock. None: until somebody says that it is free."""
    blocked_from: int | None = Field(default=None)
    """The first bay beside the obstacle; None: the whole way is shut."""
    blocked_to: int | None = Field(default=None)
    blocked_direction: Direction | None = key_text(default=None)
    """Which way nobody walks there; None is both, as long as anything is blocked."""


class FloorPoint(Table, table=True):
    """A place that walks begin or end at, or that helps to read the map."""

    __tablename__ = "floor_points"
    __table_args__ = (one_of("kind", PointKind), placed("distributed"))

    store_id: StoreId = key_text(key=True)
    kind: PointKind = key_text(key=True)
    label: str = key_text(key=True)
    number: int = Field()
    x: float = Field(sa_type=Float)
    y: float = Field(sa_type=Float)
