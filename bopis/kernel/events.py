"""Facts: their shape, their two tables, and who hears them.

``events`` is append-only: outbox, audit trail and timeline, one and the same. ``deliveries`` is the
work list: one row for each later subscriber who has not yet handled a fact.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlalchemy import BigInteger, Column, ForeignKeyConstraint, Identity, Index
from sqlalchemy import text as sql
from sqlmodel import Field

from bopis.kernel.columns import (
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

if TYPE_CHECKING:
    from bopis.kernel.database import Tx


class Event(BaseModel):
    """Something that happened. Ids, and the values that would differ if they were read later.

    Never a name or an address: whoever needs those looks them up, and so respects a deletion.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: ClassVar[str]
    store_id: StoreId

    @property
    def subject(self) -> UUID:
        """What the fact is about. Facts about one subject reach one subscriber in order."""
        raise NotImplementedError


E = TypeVar("E", bound=Event)
Handler = Callable[["Tx", Any], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Subscription:
    event: type[Event]
    handler: Handler
    inline: bool

    @property
    def subscriber(self) -> str:
        """The name under which a delivery waits: stable as long as the function keeps its place."""
        return f"{self.handler.__module__}.{self.handler.__qualname__}"


def inline(event: type[E], handler: Callable[["Tx", E], Awaitable[None]]) -> Subscription:
    """Subscribe within the emitting transaction: for roll-ups never to be seen half done."""
    return Subscription(event, handler, inline=True)


def later(event: type[E], handler: Callable[["Tx", E], Awaitable[None]]) -> Subscription:
    """Subscribe through the relay: after the commit, retried until it succeeds."""
    return Subscription(event, handler, inline=False)


@dataclass(frozen=True)
class Routes:
    """Who hears what. Built once from the modules, read by every transaction."""

    inline: Mapping[str, tuple[Handler, ...]] = field(default_factory=dict)
    later: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    handlers: Mapping[str, Subscription] = field(default_factory=dict)

    @classmethod
    def of(cls, subscriptions: Iterable[Subscription]) -> "Routes":
        inline: dict[str, tuple[Handler, ...]] = {}
        later: dict[str, tuple[str, ...]] = {}
        handlers: dict[str, Subscription] = {}
        for one in subscriptions:
            name = one.event.name
            if one.inline:
                inline[name] = (*inline.get(name, ()), one.handler)
            else:
                assert one.subscriber not in handlers, f"{one.subscriber} is subscribed twice"
                later[name] = (*later.get(name, ()), one.subscriber)
                handlers[one.subscriber] = one
        return cls(inline, later, handlers)


class EventRow(Table, table=True):
    __tablename__ = "events"
    __table_args__ = (
        Index("ix_events_store_id_subject_seq", "store_id", "subject", "seq"),
        Index("ix_events_store_id_name_occurred_at", "store_id", "name", "occurred_at"),
        placed("distributed"),
    )

    store_id: StoreId = key_text(key=True)
    id: UUID = identity(key=True)
    seq: int = Field(sa_column=Column("seq", BigInteger, Identity(always=True), nullable=False))
    """Ascends per subject, because whoever writes about a subject holds its lock. No more than
    that: across subjects it is not commit order, and nothing may tail the table by it."""
    name: str = key_text()
    subject: UUID
    actor: str = key_text()
    payload: dict[str, Any] = document()
    occurred_at: datetime = instant()
    """Store clock."""


class Delivery(Table, table=True):
    __tablename__ = "deliveries"
    __table_args__ = (
        ForeignKeyConstraint(["store_id", "event_id"], ["events.store_id", "events.id"]),
        Index("ix_deliveries_due_at", "due_at", postgresql_where=sql("dead_at IS NULL")),
        Index(
            "ix_deliveries_store_id_subscriber_subject_seq",
            "store_id",
            "subscriber",
            "subject",
            "seq",
        ),
        placed("distributed"),
    )

    store_id: StoreId = key_text(key=True)
    event_id: UUID = identity(key=True)
    subscriber: str = key_text(key=True)
    subject: UUID
    seq: int = Field(sa_type=BigInteger)
    due_at: datetime = instant()
    """Machine clock."""
    attempts: int = Field(default=0)
    error: str | None = text(default=None)
    dead_at: datetime | None = instant(default=None)
    """Machine clock. Set after the last attempt: a person is told, and only this subject waits."""
