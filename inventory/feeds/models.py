"""What a feed leaves behind until somebody or something has dealt with it."""

from enum import StrEnum

from sqlalchemy import CheckConstraint, Index, LargeBinary
from sqlalchemy import text as sql
from sqlmodel import Field

from bopis.kernel.columns import UUID, Table, datetime, identity, instant, key_text, one_of, placed
from bopis.kernel.columns import text as words
from bopis.kernel.ids import StoreId


class FeedPart(Table, table=True):
    """A piece of a batch that is not applied yet: one of several, or all of a quarantined one."""

    __tablename__ = "feed_parts"
    __table_args__ = (CheckConstraint("part > 0", name="part"), placed("local"))

    source: str = key_text(key=True)
    batch_id: str = key_text(key=True)
    part: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    sha256: str = key_text()
    received_at: datetime = instant()


class FeedChunk(Table, table=True):
    """Some of a part's bytes, compressed by zlib, each chunk by itself."""

    __tablename__ = "feed_chunks"
    __table_args__ = (placed("local"),)

    source: str = key_text(key=True)
    batch_id: str = key_text(key=True)
    part: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    chunk: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    content: bytes = Field(sa_type=LargeBinary)


class GapEnd(StrEnum):
    ARRIVED = "arrived"  # what was missing came and was applied
    MOOT = "moot"  # every store concerned has a newer snapshot that does not build on it
    GIVEN_UP = "given_up"  # a person said so


class FeedGap(Table, table=True):
    """Numbers of a source whose batches are missing. Open, it holds down what comes after it."""

    __tablename__ = "feed_gaps"
    __table_args__ = (
        one_of("resolution", GapEnd),
        CheckConstraint("sequence <= until", name="until"),
        Index(
            "uq_feed_gaps_open",
            "source",
            "sequence",
            unique=True,
            postgresql_where=sql("closed_at IS NULL"),
        ),
        placed("reference"),
    )

    id: UUID = identity(key=True)
    source: str = key_text()
    sequence: int = Field()
    """The first number that is missing."""
    until: int = Field()
    """The last one."""
    opened_at: datetime = instant()
    closed_at: datetime | None = instant(default=None)
    resolution: GapEnd | None = key_text(default=None)
    actor: str = key_text(default="")
    reason: str = words(default="")


class FeedDoubt(Table, table=True):
    """A store in which something of a source was held down. It ends when no ceiling is needed."""

    __tablename__ = "feed_doubts"
    __table_args__ = (placed("distributed"),)

    store_id: StoreId = key_text(key=True)
    source: str = key_text(key=True)
    since: datetime = instant()
