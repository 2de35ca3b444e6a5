"""Where feeds come from, what each brought, and what is left until somebody has dealt with it."""

from enum import StrEnum

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    CheckConstraint,
    Float,
    Index,
    LargeBinary,
    Text,
    UniqueConstraint,
)
from sqlalchemy import text as sql
from sqlmodel import Field

from bopis.kernel.columns import UUID, Table, datetime, identity, instant, key_text, one_of, placed
from bopis.kernel.columns import text as words
from bopis.kernel.ids import StoreId
from inventory.feeds.feed import FeedKind as FeedKind  # noqa: PLC0414 -- a word of these tables too
from inventory.feeds.verdict import SWING
from inventory.feeds.verdict import Cause as Cause  # noqa: PLC0414 -- and another


class BooksPickup(StrEnum):
    """When a source's own system takes a pickup off its stock."""

    AT_ORDER = "at_order"
    AT_READY = "at_ready"
    AT_HANDOVER = "at_handover"


class FeedSource(Table, table=True):
    __tablename__ = "feed_sources"
    __table_args__ = (one_of("books_pickup", BooksPickup), placed("reference"))

    source: str = key_text(key=True)
    books_pickup: BooksPickup = key_text(default=BooksPickup.AT_HANDOVER)
    cadence_minutes: int = Field(default=24 * 60)
    """How often it should speak; silence for longer is shown."""
    swing: float | None = Field(default=SWING, sa_type=Float)
    """The share of a store's known units that one snapshot may add or take; None: any."""
    first_sequence: int | None = Field(default=None)
    """Where its numbering began, as far as we have heard."""
    last_sequence: int | None = Field(default=None)
    last_sequence_as_of: datetime | None = instant(default=None)
    numbered_since: datetime | None = instant(default=None)
    """Set: it has begun to count anew with what was true then."""


class BatchState(StrEnum):
    """How far a batch has come. One body arrives, is judged and is applied in one request."""

    ANNOUNCED = "announced"  # we know that it comes
    RECEIVING = "receiving"  # some of its parts are here
    COMPLETE = "complete"  # all of it is here
    VALIDATED = "validated"  # judged good; store after store learns it
    APPLIED = "applied"
    QUARANTINED = "quarantined"  # a person releases or discards it
    SUPERSEDED = "superseded"  # all that it says is older than what we know
    TIMED_OUT = "timed_out"  # its parts did not come in time; they may still
    DISCARDED = "discarded"  # a person said that it is not to be believed


class FeedBatch(Table, table=True):
    """One message of a source, over all stores it names."""

    __tablename__ = "feed_batches"
    __table_args__ = (
        one_of("kind", FeedKind),
        one_of("state", BatchState),
        one_of("cause", Cause),
        Index("ix_feed_batches_source_as_of", "source", "as_of"),
        Index(
            "ix_feed_batches_source_sequence",
            "source",
            "sequence",
            postgresql_where=sql("sequence IS NOT NULL"),
        ),
        Index(
            "ix_feed_batches_unsettled",
            "state",
            postgresql_where=sql("state NOT IN ('applied', 'superseded', 'discarded')"),
        ),
        placed("local"),
    )

    source: str = key_text(key=True)
    batch_id: str = key_text(key=True)
    kind: FeedKind = key_text()
    as_of: datetime = instant()
    sequence: int | None = Field(default=None)
    digest: str = key_text()
    state: BatchState = key_text()
    cause: Cause | None = key_text(default=None)
    """Set: why it was set aside, also after a person has decided."""
    problem: str | None = words(default=None)
    rows: int = Field(default=0)
    rejected: int = Field(default=0)
    received_at: datetime = instant()
    """Store clock: when it came; of one in parts, when the last of them came."""
    form: str = key_text(default="csv")
    parts: int = Field(default=1)
    only_store: StoreId | None = key_text(default=None)
    """The key that sent it speaks of this store and no other."""
    rows_said: int | None = Field(default=None)
    sha256_said: str | None = key_text(default=None)
    decided_at: datetime | None = instant(default=None)
    decided_by: str | None = key_text(default=None)
    decision: str | None = words(default=None)
    """Why a person released it or discarded it, in their words."""
    is_released: bool = Field(default=False, sa_type=Boolean)


class FeedReject(Table, table=True):
    """A row we could not use, as it came, and why."""

    __tablename__ = "feed_rejects"
    __table_args__ = (placed("local"),)

    source: str = key_text(key=True)
    batch_id: str = key_text(key=True)
    line: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    field: str = key_text()
    reason: str = words()
    raw: str = words()


class FeedRun(Table, table=True):
    """What one batch did in one store. Written in the transaction that did it."""

    __tablename__ = "feed_runs"
    __table_args__ = (
        one_of("kind", FeedKind),
        Index("ix_feed_runs_store_id_as_of", "store_id", "as_of"),
        # The same content twice changes nothing, under whatever name it comes.
        UniqueConstraint("store_id", "source", "digest"),
        placed("distributed"),
    )

    store_id: StoreId = key_text(key=True)
    source: str = key_text(key=True)
    batch_id: str = key_text(key=True)
    kind: FeedKind = key_text()
    as_of: datetime = instant()
    sequence: int | None = Field(default=None)
    units: int | None = Field(default=None, sa_type=BigInteger)
    """All that the batch says there is in the store: what the next one is held against."""
    applied_at: datetime = instant()
    digest: str = key_text()
    applied: int = Field(default=0)
    unchanged: int = Field(default=0)
    stale: int = Field(default=0)
    unknown: int = Field(default=0)
    conflicts: int = Field(default=0)
    upto: str | None = key_text(default=None)
    """The last item that is done, of a run that has more to do; None: all is done."""


class FeedTurn(Table, table=True):
    """Whose turn it is to teach a store: one feed at a time, whatever its source.

    What a feed confirms it does not write, so no row's lock would stop an older one beside it.
    """

    __tablename__ = "feed_turns"
    __table_args__ = (placed("distributed"),)

    store_id: StoreId = key_text(key=True)
    taken_at: datetime = instant()


class FeedConfirmation(Table, table=True):
    """Items of which a run said what we knew already: known anew as of then, and not written again.

    A nightly file says of nineteen items in twenty what it said the night before. Their rows in
    ``stock`` keep the older ``feed_as_of``; this list is why a late, still older file cannot win.
    """

    __tablename__ = "feed_confirmations"
    __table_args__ = (
        Index("ix_feed_confirmations_store_id_as_of", "store_id", "as_of"),
        placed("distributed"),
    )

    store_id: StoreId = key_text(key=True)
    source: str = key_text(key=True)
    batch_id: str = key_text(key=True)
    after: str = key_text(key=True)
    """All the items come after this one, and before the next list of the same run."""
    as_of: datetime = instant()
    skus: list[str] = Field(sa_type=ARRAY(Text))


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
