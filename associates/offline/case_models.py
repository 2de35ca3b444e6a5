"""What a handheld said and we did not do, or not as it had shown it: for a person to look at."""

from enum import StrEnum

from sqlalchemy import BigInteger, Index
from sqlalchemy import text as sql
from sqlmodel import Field

from associates.picking.scans import ScanOutcome
from bopis.kernel.columns import (
    UUID,
    Table,
    datetime,
    identity,
    instant,
    key_text,
    one_of,
    placed,
    text,
)
from bopis.kernel.ids import AssociateId, DeviceId, StoreId


class CaseKind(StrEnum):
    CONFLICT = "conflict"  # the device had shown something else
    REFUSED = "refused"  # it could not be carried out at all
    WITHHELD = "withheld"  # the device was revoked: kept, and not applied


class HandheldCase(Table, table=True):
    """One entry of a handheld's log. Of a conflict, what was said stands in ``scans``."""

    __tablename__ = "handheld_cases"
    __table_args__ = (
        one_of("kind", CaseKind),
        Index("ix_handheld_cases_device", "store_id", "device_id", "device_seq"),
        Index(
            "ix_handheld_cases_open",
            "store_id",
            "opened_at",
            postgresql_where=sql("closed_at IS NULL"),
        ),
        placed("distributed"),
    )

    store_id: StoreId = key_text(key=True)
    id: UUID = identity(key=True)
    """The entry's: sent again, it is answered by this row."""
    kind: CaseKind = key_text()
    device_id: DeviceId = identity()
    device_seq: int = Field(sa_type=BigInteger)
    associate_id: AssociateId | None = identity(default=None)
    """Who was signed in; None: of a revoked device we believe no such thing."""
    act: str = key_text()
    """Which kind of act, without what its path was filled with: that may be a pickup code."""
    told: ScanOutcome | None = key_text(default=None)
    """What the device had shown."""
    why: str = text(default="")
    """The problem's sentence, or what the person was answered."""
    body: str = text(default="")
    """What a refused or withheld entry said, as JSON in ASCII, cut to 2,000 characters."""
    scanned_at: datetime | None = instant(default=None)
    """The handheld's word."""
    opened_at: datetime = instant()
    """Store clock."""
    closed_at: datetime | None = instant(default=None)


__all__ = ["CaseKind", "HandheldCase"]
