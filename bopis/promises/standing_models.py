"""How far each store's word has held so far: what stores are ranked by."""

from sqlalchemy import CheckConstraint, Float, Index
from sqlmodel import Field

from bopis.kernel.columns import (
    UUID,
    Table,
    datetime,
    document,
    identity,
    instant,
    key_text,
    placed,
)
from bopis.kernel.ids import StoreId


class StoreStanding(Table, table=True):
    """One row a store, written over by the job that counts the record; never by hand.

    Units:
        *_lower: the 10th percentile of what the share may be, by what is known (0 to 1).
        *_ok, *_n: of the last 28 days, uncounted by age: what people are told.
    """

    __tablename__ = "store_standings"
    __table_args__ = (
        CheckConstraint(
            "found_ok BETWEEN 0 AND found_n AND on_time_ok BETWEEN 0 AND on_time_n"
            " AND ready_true_ok BETWEEN 0 AND ready_true_n",
            name="counts",
        ),
        placed("distributed"),
    )

    store_id: StoreId = key_text(key=True)
    found_lower: float = Field(sa_type=Float)
    on_time_lower: float = Field(sa_type=Float)
    ready_true_lower: float = Field(sa_type=Float)
    found_ok: int = Field(default=0)
    found_n: int = Field(default=0)
    on_time_ok: int = Field(default=0)
    on_time_n: int = Field(default=0)
    ready_true_ok: int = Field(default=0)
    ready_true_n: int = Field(default=0)
    padding: float = Field(default=1.0, sa_type=Float)
    """How long its times are, over what nine of ten orders needed of them; 1 of few orders."""
    computed_at: datetime = instant()


class OfferTrial(Table, table=True):
    """A choice of stores that was shown in another order than we think best, to learn from it.

    Nobody is named: a basket is known by a digest. The first store's row, so one store's.
    """

    __tablename__ = "offer_trials"
    __table_args__ = (
        CheckConstraint("propensity > 0 AND propensity <= 1", name="propensity"),
        Index("ix_offer_trials_store_id_at", "store_id", "at"),
        placed("distributed"),
    )

    store_id: StoreId = key_text(key=True)
    id: UUID = identity(key=True)
    """Made from the question: asked again, the same row."""
    best: StoreId = key_text()
    tied: list[str] = document()
    propensity: float = Field(sa_type=Float)
    """With which chance this store was to be shown first."""
    at: datetime = instant()


__all__ = ["OfferTrial", "StoreStanding"]
