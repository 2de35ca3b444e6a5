"""What we believe of each item in each store, and how our beliefs have fared."""

from enum import StrEnum
from typing import Any

from sqlalchemy import REAL, Boolean, CheckConstraint, Float, LargeBinary
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
from bopis.kernel.ids import Sku, StoreId


class Belief(Table, table=True):
    """How many units are really there. Only of items that somebody wanted online or looked for.

    Time passes when a row is read, not by writing it: a row is as of ``at``.
    """

    __tablename__ = "beliefs"
    __table_args__ = (placed("distributed", postgresql_with={"fillfactor": 80}),)

    store_id: StoreId = key_text(key=True)
    sku: Sku = key_text(key=True)
    bins: bytes = Field(sa_type=LargeBinary)
    """``states.packed``: 61 bytes."""
    at: datetime = instant()
    """Store clock: what happened until then is in it."""
    sold: float = Field(default=0, sa_type=REAL)
    """Units of which we heard that they were sold, in so many days ``watched``."""
    watched: float = Field(default=0, sa_type=REAL)
    moved: int = Field(default=0)
    """Units that we ourselves took or put back since, and that ``bins`` does not know of."""
    looked: bool = Field(default=False, sa_type=Boolean)
    """A person has looked: found, not found, or counted."""
    kind: str = key_text(default="?")
    """Where it was looked for last: the first letter of the location's kind."""


class BeliefMode(StrEnum):
    OFF = "off"  # the record is taken as it is
    WATCH = "watch"  # we learn and keep score, and refuse nobody
    ON = "on"  # we promise no more than we believe


class BeliefStore(Table, table=True):
    """How one store is believed. A store without a row is as the defaults say."""

    __tablename__ = "belief_stores"
    __table_args__ = (
        one_of("mode", BeliefMode),
        CheckConstraint("margin > 0 AND failure > 0 AND alternative >= 0", name="costs"),
        placed("distributed"),
    )

    store_id: StoreId = key_text(key=True)
    mode: BeliefMode = key_text(default=BeliefMode.WATCH)
    margin: float = Field(default=8.0, sa_type=Float)
    failure: float = Field(default=32.0, sa_type=Float)
    alternative: float = Field(default=0.0, sa_type=Float)
    heard_until: datetime | None = instant(default=None)
    """Store clock: what feeds said as of then, and before, is in every row."""
    learned: dict[str, Any] | None = document(default=None)
    """What its picks, counts and sales have taught: ``knowledge.Knowledge``."""
    swept_at: datetime | None = instant(default=None)
    """Store clock: when its caps were last held against what we believe."""
    fitted_at: datetime | None = instant(default=None)
    """Store clock: when ``learned`` was last worked out."""


class BeliefOutcome(Table, table=True):
    """What became of one look for a promised item, and what we would have said just before it.

    Append-only, and with no person in it.
    """

    __tablename__ = "belief_outcomes"
    __table_args__ = (placed("distributed"),)

    store_id: StoreId = key_text(key=True)
    id: UUID = identity(key=True)
    sku: Sku = key_text()
    at: datetime = instant()
    """Store clock."""
    found: bool = Field(sa_type=Boolean)
    elsewhere: bool = Field(default=False, sa_type=Boolean)
    """Found, but not where it should have been."""
    raw: float = Field(sa_type=REAL)
    """The chance of finding it, before recalibration."""
    said: float = Field(sa_type=REAL)
    """The same as we would have told it."""
    present: float = Field(sa_type=REAL)
    """The chance that it was there to be found."""
    record: int = Field()
    kind: str = key_text()
    propensity: float = Field(default=1.0, sa_type=REAL)
    """How likely this look was to be made; each counts by the inverse."""
