"""What became of each day's first promises, store by store; and what was said of it since."""

from datetime import date

from sqlalchemy import CheckConstraint, Date, Float, Index
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
    placed,
    text,
)
from bopis.kernel.ids import StoreId


class RecordDay(Table, table=True):
    """All first promises of a store that were due on one of its days, and what happened.

    Written by a job from what happened, never by hand; once all its orders are closed, a day is
    not written again. ``bopis verify`` counts it anew.

    Units:
        late_minutes: past the first promise, at most 240 an order.
        *_squares: sums of squares, so that an interval can be told beside the mean.
        pinball: minutes by which a 90 % promise was wrong (Koenker's check), over those expected.
        lengths: how many orders took which share of the open time they were promised, in bins of a
            twentieth up to twice that time; what took longer is in the last.
        waits: how many customers waited so many minutes, from "I am here" to the hand-over: the
            first bin is up to one minute, the last is all that was longer than an hour.
        odds_squares: distances between the share that was said and what happened (1: kept, 0: not),
            squared.
    """

    __tablename__ = "record_days"
    __table_args__ = (
        CheckConstraint(
            "kept BETWEEN 0 AND due AND warned BETWEEN 0 AND due - kept"
            " AND knowable_warned BETWEEN 0 AND knowable AND knowable <= due - kept"
            " AND cancelled_by_us BETWEEN 0 AND due"
            " AND lines_found BETWEEN 0 AND lines AND false_ready >= 0 AND open_orders >= 0",
            name="counts",
        ),
        placed("distributed"),
    )

    store_id: StoreId = key_text(key=True)
    day: date = Field(primary_key=True, sa_type=Date)
    """At the store."""
    due: int = Field(default=0)
    kept: int = Field(default=0)
    late_minutes: int = Field(default=0)
    warned: int = Field(default=0)
    """Late, and told so before the promise broke."""
    knowable: int = Field(default=0)
    """Late, and we had seen it coming in time to say so."""
    knowable_warned: int = Field(default=0)
    cancelled_by_us: int = Field(default=0)
    excused: int = Field(default=0)
    """Not judged: cancelled by the shopper or the shop while the first promise stood."""
    ready_said: int = Field(default=0)
    false_ready: int = Field(default=0)
    lines: int = Field(default=0)
    """That somebody looked for."""
    lines_found: int = Field(default=0)
    silent_minutes: float = Field(default=0.0, sa_type=Float)
    silent_squares: float = Field(default=0.0, sa_type=Float)
    revisions: int = Field(default=0)
    revision_squares: int = Field(default=0)
    pinball: float = Field(default=0.0, sa_type=Float)
    pinball_squares: float = Field(default=0.0, sa_type=Float)
    lengths: list[int] = document()
    waits: list[int] = document(sa_column_kwargs={"server_default": sql("'[]'")})
    open_orders: int = Field(default=0)
    """Not closed when this was counted: the day may still change."""
    odds_said: int = Field(default=0)
    """Beside whose time it was said how many of ten orders like it were ready by then."""
    odds_kept: int = Field(default=0)
    """Kept, of those."""
    odds_squares: float = Field(default=0.0, sa_type=Float)
    computed_at: datetime = instant()
    computed_by: str = key_text()


class RecordNote(Table, table=True):
    """What store operations said of a store's record. Figures are not edited; this stands beside.

    Rows are only ever added: a note that was wrong is answered by another.
    """

    __tablename__ = "record_notes"
    __table_args__ = (
        CheckConstraint("first_day <= last_day", name="days"),
        CheckConstraint("length(words) BETWEEN 1 AND 500", name="words"),
        Index("ix_record_notes_store_id_made_at", "store_id", "made_at"),
        placed("distributed"),
    )

    store_id: StoreId = key_text(key=True)
    id: UUID = identity(key=True)
    first_day: date = Field(sa_type=Date)
    last_day: date = Field(sa_type=Date)
    words: str = text()
    made_by: str = key_text()
    made_at: datetime = instant()


__all__ = ["RecordDay", "RecordNote"]
