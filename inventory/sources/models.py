"""What sources declare, what was fetched of them, and who has fallen silent."""

from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from bopis.kernel.columns import (
    Table,
    datetime,
    document,
    instant,
    key_text,
    one_of,
    placed,
    text,
)
from bopis.kernel.ids import StoreId


class FeedDeclaration(Table, table=True):
    """How the files of a source are written, and where they lie. Beside ``feed_sources``."""

    __tablename__ = "feed_declarations"
    __table_args__ = (placed("reference"),)

    source: str = key_text(key=True)
    mapping: dict[str, Any] = document()
    origin: dict[str, Any] | None = Field(
        default=None, sa_column=Column("origin", JSONB(none_as_null=True), nullable=True)
    )
    is_retired: bool = Field(default=False, sa_type=Boolean)
    """It will not speak again, and nobody waits for it."""
    declared_at: datetime = instant()
    """Store clock: when it was first declared."""


class FeedReading(Table, table=True):
    """How a batch was read that is not written as ours are: so it is read again, if ever."""

    __tablename__ = "feed_readings"
    __table_args__ = (placed("local"),)

    source: str = key_text(key=True)
    batch_id: str = key_text(key=True)
    mapping: dict[str, Any] = document()


class FeedFetch(Table, table=True):
    """Whose turn it is to be asked, and how the last time went. All times are the machine's."""

    __tablename__ = "feed_fetches"
    __table_args__ = (placed("local"),)

    source: str = key_text(key=True)
    due_at: datetime = instant()
    holder: str | None = key_text(default=None)
    """Who asks it just now, until ``held_until``: one at a time."""
    held_until: datetime | None = instant(default=None)
    asked_at: datetime | None = instant(default=None)
    succeeded_at: datetime | None = instant(default=None)
    failures: int = Field(default=0)
    problem: str | None = text(default=None)


class FileState(StrEnum):
    SEEN = "seen"  # may still be growing
    TAKEN = "taken"
    REFUSED = "refused"  # as it is, nothing can be done with it


class FeedFile(Table, table=True):
    """A file of a source as it was when we last saw it: none is taken twice."""

    __tablename__ = "feed_files"
    __table_args__ = (
        one_of("state", FileState),
        Index("ix_feed_files_source_seen_at", "source", "seen_at"),
        placed("local"),
    )

    source: str = key_text(key=True)
    name: str = key_text(key=True)
    version: str = text()
    """Tells one content under this name from another: its ETag, or size and time."""
    state: FileState = key_text()
    size: int | None = Field(default=None, sa_type=BigInteger)
    seen_at: datetime = instant()
    """Machine clock: since when it has been as it is."""
    sha256: str | None = key_text(default=None)
    batch_id: str | None = key_text(default=None)
    problem: str | None = text(default=None)


class FeedSilence(Table, table=True):
    """A source that owes a store news. The row is there for as long as it is silent."""

    __tablename__ = "feed_silences"
    __table_args__ = (placed("distributed"),)

    store_id: StoreId = key_text(key=True)
    source: str = key_text(key=True)
    last_as_of: datetime = instant()
    expected_at: datetime = instant()
    noticed_at: datetime = instant()
    """Store clock, all three."""
