"""What the stock and catalog endpoints say."""

from collections.abc import Sequence
from datetime import datetime
from typing import Self

from pydantic import BaseModel, Field

from bopis.kernel.bodies import Body
from bopis.kernel.ids import outward
from inventory.catalog.loading import Loaded
from inventory.feeds.models import (
    BatchState,
    BooksPickup,
    FeedBatch,
    FeedGap,
    FeedKind,
    FeedReject,
    FeedRun,
)
from inventory.feeds.previews import Preview, StorePreview
from inventory.feeds.rejects import EXPLAINED, Reason
from inventory.feeds.verdict import SWING, Cause
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


class GapOut(BaseModel):
    """Numbers of a source that are missing, from ``sequence`` to ``until``."""

    source: str
    sequence: int
    until: int
    opened_at: datetime


class BatchOut(BaseModel):
    """A batch as it stands.

    ``applied`` rows changed something, ``unchanged`` ones said what we knew, ``stale`` ones were
    older than what we knew, ``unknown`` ones name items that are not in the catalog, ``rejected``
    ones are invalid. ``conflicts`` are items of which more is promised than the batch says there
    is. ``held_by`` are the numbers that are missing before it: until they are here, or given up,
    it lowers what we sell but does not raise it.
    """

    source: str
    batch_id: str
    kind: FeedKind
    as_of: datetime
    sequence: int | None
    state: BatchState
    cause: Cause | None
    """Why it was set aside; what a person decided is in ``decision``."""
    problem: str | None
    received_at: datetime
    parts: int
    parts_missing: list[int]
    rows_said: int | None
    sha256_said: str | None
    decided_at: datetime | None
    decided_by: str | None
    decision: str | None
    held_by: list[GapOut]
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
    def of(
        cls,
        batch: FeedBatch,
        runs: list[FeedRun],
        rejects: list[FeedReject],
        *,
        gaps: Sequence[FeedGap] = (),
        parts_missing: Sequence[int] = (),
    ) -> Self:
        return cls(
            **batch.model_dump(exclude={"digest", "form", "only_store", "is_released"}),
            parts_missing=list(parts_missing),
            held_by=[GapOut.model_validate(gap.model_dump()) for gap in gaps],
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


class SourceIn(Body):
    """How a stock system works."""

    books_pickup: BooksPickup = BooksPickup.AT_HANDOVER
    cadence_minutes: int = Field(default=24 * 60, ge=1, le=60 * 24 * 60)
    mapping: FileMapping | None = None
    swing: float | None = Field(default=SWING, gt=0, le=1000)
    """The share of a store's known units that one snapshot may add or take; null: any."""


class DecisionIn(Body):
    """Why: it is written down beside who."""

    reason: str = Field(min_length=3, max_length=500)


class QuarantineOut(BaseModel):
    batches: list[BatchOut]


class GapsOut(BaseModel):
    gaps: list[GapOut]


class ChangeOut(BaseModel):
    """One item: units on hand before and after."""

    sku: str
    before: int
    after: int


class LosingOut(BaseModel):
    """An order that would go without ``missing`` units of an item."""

    order_id: str
    sku: str
    missing: int


class StorePreviewOut(BaseModel):
    """What a batch would do in one store. ``changes`` and ``losing`` are the first of them."""

    store_id: str
    rows: int
    applied: int
    unchanged: int
    stale: int
    unknown: int
    conflicts: int
    changes: list[ChangeOut]
    losing: list[LosingOut]
    """The orders that would lose, if the numbers are true: the first promise is served first."""

    @classmethod
    def of(cls, preview: StorePreview) -> Self:
        return cls(
            store_id=preview.store_id,
            rows=preview.rows,
            applied=preview.applied,
            unchanged=preview.unchanged,
            stale=preview.stale,
            unknown=preview.unknown,
            conflicts=preview.conflicts,
            changes=[ChangeOut(sku=s, before=b, after=a) for s, b, a in preview.changes],
            losing=[
                LosingOut(
                    order_id=outward(preview.store_id, one.order_id),
                    sku=one.sku,
                    missing=one.missing,
                )
                for one in preview.losing
            ],
        )


class PreviewOut(BaseModel):
    """What a batch would do. Nothing was written: it is not known afterwards that it came."""

    source: str
    batch_id: str
    kind: FeedKind
    as_of: datetime
    sequence: int | None
    would_be: BatchState
    cause: Cause | None
    problem: str | None
    held_by: list[GapOut]
    rows: int
    rejected: int
    stores: list[StorePreviewOut]
    rejects: list[RejectOut]

    @classmethod
    def of(cls, preview: Preview) -> Self:
        batch = preview.batch
        return cls(
            source=batch.source,
            batch_id=batch.batch_id,
            kind=batch.kind,
            as_of=batch.as_of,
            sequence=batch.sequence,
            would_be=preview.would_be,
            cause=preview.cause,
            problem=preview.problem,
            held_by=[GapOut.model_validate(gap.model_dump()) for gap in preview.gaps],
            rows=preview.rows,
            rejected=preview.rejected,
            stores=[StorePreviewOut.of(store) for store in preview.stores],
            rejects=[RejectOut.of(*reject) for reject in preview.rejects],
        )
