"""What we said, to whom, by which channel, and what they have heard."""

from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKeyConstraint, Index, UniqueConstraint, Uuid
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import ARRAY
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
    text,
)
from bopis.kernel.ids import MessageId, OrderId, StoreId


class Recipient(Table, table=True):
    """The one row that holds who a person is. Forgetting somebody is emptying it."""

    __tablename__ = "recipients"
    __table_args__ = (placed("distributed"),)

    store_id: StoreId = key_text(key=True)
    order_id: OrderId = identity(key=True)
    first_name: str | None = text(default=None)
    last_name: str | None = text(default=None)
    email: str | None = text(default=None)
    phone: str | None = text(default=None)
    locale: str = key_text(default="en")
    opted_out_at: datetime | None = instant(default=None)
    forgotten_at: datetime | None = instant(default=None)
    other_first_name: str | None = text(default=None)
    """Of somebody else who may collect, as the shopper named them."""


class Channel(StrEnum):
    EMAIL = "email"


class MessageKind(StrEnum):
    """The same words as ``facts.KINDS``: what a message is made of is what it is."""

    ORDER_RECEIVED = "order_received"
    DELAY_APOLOGY = "delay_apology"
    NEWS_DUE = "news_due"
    ITEM_SHORT = "item_short"  # no longer said; what was said is kept
    CHOICE_NEEDED = "choice_needed"
    CHOICE_SETTLED = "choice_settled"
    ORDER_MOVED = "order_moved"
    ITEMS_CONFIRMED = "items_confirmed"
    ORDER_READY = "order_ready"
    READY_WITHDRAWN = "ready_withdrawn"
    PICKUP_REMINDER = "pickup_reminder"
    ORDER_EXPIRED = "order_expired"
    ORDER_CANCELLED = "order_cancelled"
    PICKED_UP = "picked_up"


class MessageState(StrEnum):
    QUEUED = "queued"
    SENDING = "sending"  # claimed; if this stays, its end is unknown
    SENT = "sent"  # the next server took it
    FAILED = "failed"  # refused for good, or given up
    UNKNOWN = "unknown"  # the connection was lost after the words had left
    SUPPRESSED = "suppressed"  # no longer true, or nobody to tell


class Message(Table, table=True):
    __tablename__ = "messages"
    __table_args__ = (
        UniqueConstraint("store_id", "dedupe_key"),
        one_of("kind", MessageKind),
        one_of("channel", Channel),
        one_of("state", MessageState),
        Index("ix_messages_store_id_order_id", "store_id", "order_id"),
        Index(
            "ix_messages_due", "send_after", postgresql_where=sql("state IN ('queued', 'sending')")
        ),
        Index(
            "ix_messages_unheard",
            "store_id",
            "created_at",
            postgresql_where=sql("state IN ('failed', 'unknown')"),
        ),
        Index("ix_messages_created_at", "created_at", postgresql_using="brin"),
        placed("distributed"),
    )

    store_id: StoreId = key_text(key=True)
    id: MessageId = identity(key=True)
    order_id: OrderId = identity()
    kind: MessageKind = key_text()
    channel: Channel = key_text(default=Channel.EMAIL)
    dedupe_key: str = key_text()
    """``kind/order/…``: one statement about one fact, once on each channel."""
    order_version: int = Field()
    promise_version: int | None = Field(default=None)
    corrects: MessageId | None = identity(default=None)
    facts: dict[str, Any] = document()
    """What the words are made of, frozen when the fact was true. No name, no address."""
    state: MessageState = key_text(default=MessageState.QUEUED)
    reason: str | None = text(default=None)
    """Why it failed, or was held back."""
    created_at: datetime = instant()
    send_after: datetime = instant()
    """Store clock."""
    claimed_until: datetime | None = instant(default=None)
    """Machine clock: the sender's lease."""
    attempts: int = Field(default=0)
    attempted_at: datetime | None = instant(default=None)
    """Store clock, of the first attempt."""
    settled_at: datetime | None = instant(default=None)


class ClaimKind(StrEnum):
    """What a message states, and what must be on record for it to leave."""

    ACCEPTED = "accepted"
    READY_BY = "ready_by"
    DELAY = "delay"
    APOLOGY = "apology"
    SHORT = "short"
    READY = "ready"
    NOT_READY = "not_ready"
    HELD_UNTIL = "held_until"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    COLLECTED = "collected"
    NEWS_BY = "news_by"
    CHOICE = "choice"
    SETTLED = "settled"
    CONFIRMED = "confirmed"
    CREDIT = "credit"


class Claim(Table, table=True):
    """One statement in a message, and the facts that prove it."""

    __tablename__ = "message_claims"
    __table_args__ = (
        ForeignKeyConstraint(["store_id", "message_id"], ["messages.store_id", "messages.id"]),
        one_of("kind", ClaimKind),
        placed("distributed"),
    )

    store_id: StoreId = key_text(key=True)
    message_id: MessageId = identity(key=True)
    kind: ClaimKind = key_text(key=True)
    value: str = key_text(default="")
    """An instant in ISO 8601, or a word; empty where the kind says it all."""
    evidence: list[UUID] = Field(sa_type=ARRAY(Uuid()))
    """Ids of events of the same order."""
