"""What the stock and catalog endpoints say."""

from datetime import datetime
from typing import Self

from pydantic import BaseModel, ConfigDict, Field

from inventory.loading import Loaded
from inventory.models import BatchState, BooksPickup, FeedBatch, FeedKind, FeedReject, FeedRun
from inventory.records import EXPLAINED, Reason
from inventory.sources.mapping import FileMapping


class RejectOut(BaseModel):
    """A record that was not taken, and why."""

    line: int
    field: str
    reason: Reason
    explanation: str
    raw: str

    @classmethod
    def of(cls, line: int, field: str, reason: str, raw: str) -> Self:
        found = Reason(reason)
        return cls(line=line, field=field, reason=found, explanation=EXPLAINED[found], raw=raw)


class RunOut(BaseModel):
    """What a batch did in one store."""

    store_id: str
    applied_at: datetime
    applied: int
    unchanged: int
    stale: int
    unknown: int
    conflicts: int


class BatchOut(BaseModel):
    """A batch as it stands.

    ``applied`` rows changed something, ``unchanged`` ones said what we knew, ``stale`` ones were
    older than what we knew, ``unknown`` ones name items that are not in the catalog. ``conflicts``
    are items of which more is promised than the batch says there is.
    """

    source: str
    batch_id: str
    kind: FeedKind
    as_of: datetime
    sequence: int | None
    state: BatchState
    problem: str | None
    received_at: datetime
    rows: int
    rejected: int
    applied: int
    unchanged: int
    stale: int
    unknown: int
    conflicts: int
    stores: list[RunOut]
    rejects: list[RejectOut]
    """The first few; all of them are at ``…/rejects``."""

    @classmethod
    def of(cls, batch: FeedBatch, runs: list[FeedRun], rejects: list[FeedReject]) -> Self:
        return cls(
            **batch.model_dump(exclude={"digest"}),
            applied=sum(run.applied for run in runs),
            unchanged=sum(run.unchanged for run in runs),
            stale=sum(run.stale for run in runs),
            unknown=sum(run.unknown for run in runs),
            conflicts=sum(run.conflicts for run in runs),
            stores=[RunOut.model_validate(run.model_dump()) for run in runs],
            rejects=[RejectOut.of(r.line, r.field, r.reason, r.raw) for r in rejects],
        )


class LoadedOut(BaseModel):
    """What became of a file: bad records are shown, good ones are written."""

    rows: int
    written: int
    rejected: int
    rejects: list[RejectOut]

    @classmethod
    def of(cls, loaded: Loaded) -> Self:
        return cls(
            rows=loaded.rows,
            written=loaded.written,
            rejected=loaded.rejected,
            rejects=[RejectOut.of(*reject) for reject in loaded.rejects],
        )


class SourceIn(BaseModel):
    """How a stock system works."""

    model_config = ConfigDict(extra="forbid")

    books_pickup: BooksPickup = BooksPickup.AT_HANDOVER
    cadence_minutes: int = Field(default=24 * 60, ge=1, le=60 * 24 * 60)
    mapping: FileMapping | None = None
