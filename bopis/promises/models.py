"""What we said and how sure we were, version by version; and what made us change our mind."""

from sqlalchemy import CheckConstraint, Float, Index
from sqlalchemy import text as sql
from sqlmodel import Field

from bopis.kernel.columns import UUID, Table, datetime, identity, instant, key_text, one_of, placed
from bopis.kernel.ids import OrderId, StoreId
from bopis.promises.promise import Basis
from bopis.promises.tracking import Hour


class Promise(Table, table=True):
    """A version of what we said. Version 1 never changes: on-time is judged on it."""

    __tablename__ = "promises"
    __table_args__ = (
        one_of("basis", Basis),
        one_of("hour", Hour),
        CheckConstraint("kept BETWEEN 0 AND sample_size", name="kept"),
        CheckConstraint("version >= 1", name="version"),
        CheckConstraint("latest > made_at", name="latest"),
        Index("ix_promises_latest", "latest", postgresql_using="brin"),
        placed("distributed"),
    )

    store_id: StoreId = key_text(key=True)
    order_id: OrderId = identity(key=True)
    version: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    earliest: datetime | None = instant(default=None)
    latest: datetime = instant()
    """Ready by. What people hear."""
    confidence: float = Field(sa_type=Float)
    sample_size: int = Field(default=0)
    basis: Basis = key_text()
    base_minutes: float = Field(sa_type=Float)
    """Open minutes that the load model expected, before the quantile."""
    kept: int | None = Field(default=None)
    """Of so many orders like it as ``sample_size`` says, how many were ready within this time, when
    it was named; None: nothing could be said."""
    hour: Hour = key_text(default=Hour.ALL)
    """The part of the day in which work on it could begin."""
    promised_minutes: float | None = Field(default=None, sa_type=Float)
    """Open minutes until ``latest``."""
    reason: str | None = key_text(default=None)
    """Why this version replaced the one before; a ``DelayReason``."""
    made_at: datetime = instant()


class Preparation(Table, table=True):
    """How long an order took against what was expected: what the predictor learns from."""

    __tablename__ = "preparations"
    __table_args__ = (
        one_of("hour", Hour),
        Index("ix_preparations_store_id_known_at", "store_id", "known_at"),
        Index(
            "ix_preparations_to_learn",
            "store_id",
            "known_at",
            postgresql_where=sql("NOT is_learned"),
        ),
        placed("distributed"),
    )

    store_id: StoreId = key_text(key=True)
    order_id: OrderId = identity(key=True)
    base_minutes: float = Field(sa_type=Float)
    open_minutes: float = Field(sa_type=Float)
    """From acceptance to ready; for one that is late, so far, what it had taken by its promise."""
    pick_minutes: float | None = Field(default=None, sa_type=Float)
    """From the first scan to staged: what the tempo of the day is read from."""
    units: int = Field()
    known_at: datetime = instant()
    missed: bool | None = Field(default=None)
    """Whether its first promise was not kept; None: of a time when that was not learned from."""
    hour: Hour = key_text(default=Hour.ALL)
    promised_minutes: float | None = Field(default=None, sa_type=Float)
    is_learned: bool = Field(default=False)
    """Whether the store's quantile has taken it in."""


class Calibration(Table, table=True):
    """What a store has learned of how long its promises have to be (``tracking.Tracked``)."""

    __tablename__ = "calibrations"
    __table_args__ = (
        one_of("hour", Hour),
        CheckConstraint("missed BETWEEN 0 AND orders", name="missed"),
        placed("distributed"),
    )

    store_id: StoreId = key_text(key=True)
    hour: Hour = key_text(key=True)
    theta: float = Field(sa_type=Float)
    orders: int = Field()
    missed: int = Field()


class CommonCalibration(Table, table=True):
    """The same of all stores together: where one begins, and leans on while it knows little."""

    __tablename__ = "common_calibrations"
    __table_args__ = (
        one_of("hour", Hour),
        CheckConstraint("missed BETWEEN 0 AND orders", name="missed"),
        placed("reference"),
    )

    hour: Hour = key_text(key=True)
    theta: float = Field(sa_type=Float)
    orders: int = Field()
    missed: int = Field()


class DelaySignal(Table, table=True):
    """One evaluation of one open order that said something, with its threshold and its lead."""

    __tablename__ = "delay_signals"
    __table_args__ = (
        Index("ix_delay_signals_store_id_order_id", "store_id", "order_id"),
        placed("distributed"),
    )

    store_id: StoreId = key_text(key=True)
    id: UUID = identity(key=True)
    order_id: OrderId = identity()
    promise_version: int = Field()
    at: datetime = instant()
    p_late: float = Field(sa_type=Float)
    threshold: float = Field(sa_type=Float)
    lead_minutes: float = Field(sa_type=Float)
    hard_evidence: str | None = key_text(default=None)
