"""What looks at orders expected to be left, and what we believe since of how wrong that was."""

from sqlalchemy import ARRAY, CheckConstraint, Float, Index
from sqlmodel import Field

from bopis.kernel.columns import Table, datetime, identity, instant, key_text, one_of, placed
from bopis.kernel.ids import OrderId, StoreId
from bopis.promises.survival import Stage


class RemainingTime(Table, table=True):
    """What the first look at an order in each stage and stretch of time in it said.

    How long it really took is in ``preparations``. Forgotten after five weeks.
    """

    __tablename__ = "remaining_times"
    __table_args__ = (
        one_of("stage", Stage),
        CheckConstraint("base_minutes > 0", name="base_minutes"),
        Index("ix_remaining_times_store_id_at", "store_id", "at"),
        Index("ix_remaining_times_at", "at"),
        placed("distributed"),
    )

    store_id: StoreId = key_text(key=True)
    order_id: OrderId = identity(key=True)
    stage: Stage = key_text(key=True)
    elapsed: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    """Which bucket of open time in the stage."""
    load: int = Field()
    """Which bucket of orders that wait for each picker."""
    base_minutes: float = Field(sa_type=Float)
    """Open minutes that the rest should have taken."""
    since_accepted: float = Field(sa_type=Float)
    """Open minutes that had passed since it was accepted."""
    at: datetime = instant()


class SurvivalCell(Table, table=True):
    """What one store has shown of orders that stand alike: at most some dozens of rows for each."""

    __tablename__ = "survival_cells"
    __table_args__ = (one_of("stage", Stage), placed("distributed"))

    store_id: StoreId = key_text(key=True)
    stage: Stage = key_text(key=True)
    elapsed: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    """A bucket; -1: all of them."""
    load: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    """A bucket; -1: all of them."""
    n: int = Field()
    ratios: list[float] = Field(sa_type=ARRAY(Float))
    """Equally likely ratios of what was left to what was expected, ascending."""
    orders: int = Field()
    """Orders that the store had shown when this was learned."""
    fitted_at: datetime = instant()


class ChainSurvivalCell(Table, table=True):
    """The same of all stores together: for those that have shown too little."""

    __tablename__ = "survival_cells_of_all"
    __table_args__ = (one_of("stage", Stage), placed("reference"))

    stage: Stage = key_text(key=True)
    elapsed: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    load: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    n: int = Field()
    ratios: list[float] = Field(sa_type=ARRAY(Float))
    orders: int = Field()
    fitted_at: datetime = instant()
