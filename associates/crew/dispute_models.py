"""What an associate says of what is recorded about them: "this is not so"."""

from sqlalchemy import CheckConstraint, Index
from sqlalchemy import text as sql

from bopis.kernel.columns import (
    UUID,
    Table,
    datetime,
    identity,
    instant,
    key_text,
    placed,
    text,
)
from bopis.kernel.ids import AssociateId, StoreId

WORDS = 500
"""Characters of a note, and of its answer."""


class Dispute(Table, table=True):
    """A note of one person on their own record, and what store operations say to it.

    The record itself stays as it is: the note stands beside it, for everybody who may read it.
    """

    __tablename__ = "disputes"
    __table_args__ = (
        CheckConstraint(f"length(words) BETWEEN 1 AND {WORDS}", name="words"),
        CheckConstraint(f"length(answer) BETWEEN 1 AND {WORDS}", name="answer"),
        CheckConstraint(
            "(answer IS NULL) = (answered_at IS NULL) AND (answer IS NULL) = (answered_by IS NULL)",
            name="answered",
        ),
        Index("ix_disputes_store_id_associate_id", "store_id", "associate_id"),
        Index(
            "ix_disputes_open",
            "store_id",
            "made_at",
            postgresql_where=sql("answered_at IS NULL"),
        ),
        placed("distributed"),
    )

    store_id: StoreId = key_text(key=True)
    id: UUID = identity(key=True)
    """Made by the handheld: sent again, it is the same note."""
    associate_id: AssociateId = identity()
    about: str = key_text()
    """Which part of the record: the name of its table."""
    words: str = text()
    made_at: datetime = instant()
    answer: str | None = text(default=None)
    answered_by: str | None = key_text(default=None)
    answered_at: datetime | None = instant(default=None)


__all__ = ["WORDS", "Dispute"]
