"""What a stock system may send, and what it may ask about it.

Bodies are files, CSV or NDJSON, read as they come. Bad records are named; good ones are taken.
"""

import csv
import io
from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Final

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import StreamingResponse

from bopis.kernel.errors import Invalid, Refused
from bopis.kernel.http import Db, FeedKey, problems
from bopis.kernel.keys import ApiKey
from inventory import feeding, feeds, intake, loading
from inventory.bulk import Catalog
from inventory.feed import FeedKind
from inventory.feeds import BatchDiffers, BatchUnknown
from inventory.intake import FileTooLarge, FileUnreadable, FormatUnknown
from inventory.models import FeedReject
from inventory.records import EXPLAINED, FUTURE_ALLOWED, Reason
from inventory.schemas import BatchOut, LoadedOut, SourceIn
from inventory.sources import declarations

router = APIRouter(prefix="/v1", tags=["stock"])

SHOWN: Final = 20
_CODE: Final = r"^[A-Za-z0-9._:-]{1,100}$"

Source = Annotated[str, Path(pattern=_CODE, description="The name of the feed's API key.")]
BatchId = Annotated[str, Path(pattern=_CODE, description="The sender's own name of the batch.")]


class NotYourSource(Refused):
    title = "This key is for another source"


class AsOfInvalid(Invalid):
    title = "as_of cannot be right"


_FILE_PROBLEMS: Final = (FileTooLarge, FileUnreadable, FormatUnknown, NotYourSource)


@router.put("/feeds/{source}", status_code=204, responses=problems(NotYourSource))
async def declare_source(source: Source, body: SourceIn, key: FeedKey, db: Db) -> None:
    """Say how a source works: when it books a pickup, how often it speaks, how it writes.

    Its snapshots are read by this: one that books a pickup only at hand-over still counts the
    bags that wait at the counter. Deltas leave the pickups of our orders out. ``mapping`` is how
    its files are written (docs/feeds.md); without it that stays as it was.
    """
    _own(key, source)
    async with db.transaction(actor=f"key:{key.name}") as tx:
        await feeds.declare(
            tx, source, books_pickup=body.books_pickup, cadence_minutes=body.cadence_minutes
        )
        await declarations.declare(tx, source, body.mapping)


@router.put(
    "/feeds/{source}/batches/{batch_id}",
    responses=problems(*_FILE_PROBLEMS, BatchDiffers, AsOfInvalid),
)
async def put_batch(
    source: Source,
    batch_id: BatchId,
    request: Request,
    key: FeedKey,
    db: Db,
    *,
    as_of: Annotated[datetime, Query(description="When the numbers were true, with its zone.")],
    kind: FeedKind = FeedKind.SNAPSHOT,
    sequence: Annotated[int | None, Query(ge=0, le=2**31 - 1)] = None,
    despite_rejects: bool = False,
) -> BatchOut:
    """Take in a batch: ``store_id``, ``sku`` or ``gtin``, ``quantity``, and ``as_of`` if it varies.

    The same batch again changes nothing and gives the same answer; a correction has a new batch id
    and a later ``as_of``. If more than ten rows and more than 2 % are bad, the batch is set aside
    whole (``quarantined``) until it is sent again with ``despite_rejects``.
    """
    _own(key, source)
    if as_of.tzinfo is None:
        raise AsOfInvalid("as_of has to say its zone: end it with Z or an offset.")
    if as_of > db.clock() + FUTURE_ALLOWED:
        raise AsOfInvalid("as_of lies in the future. Nothing was done.")
    form = intake.format_of(request.headers.get("content-type", ""))
    mapping = await declarations.mapping_of(db, source)
    async with intake.received(request.stream(), form, mapping) as file:
        batch = feeding.batch_of(source, batch_id, file, kind=kind, as_of=as_of, sequence=sequence)
        await feeding.take(
            db,
            file,
            batch,
            actor=f"key:{key.name}",
            only_store=key.only_store,
            despite_rejects=despite_rejects,
        )
    return await _batch(db, source, batch_id)


@router.get("/feeds/{source}/batches/{batch_id}", responses=problems(BatchUnknown, NotYourSource))
async def get_batch(source: Source, batch_id: BatchId, key: FeedKey, db: Db) -> BatchOut:
    """Say what became of a batch, store by store."""
    _own(key, source)
    return await _batch(db, source, batch_id)


async def _batch(db: Db, source: str, batch_id: str) -> BatchOut:
    async with db.transaction() as tx:
        batch = await feeds.get(tx, source, batch_id)
        runs = await feeds.runs(tx, source, batch_id)
        rejects = await feeds.rejects(tx, source, batch_id, limit=SHOWN)
    return BatchOut.of(batch, runs, rejects)


@router.get(
    "/feeds/{source}/batches/{batch_id}/rejects",
    responses=problems(BatchUnknown, NotYourSource),
    response_class=StreamingResponse,
)
async def get_rejects(source: Source, batch_id: BatchId, key: FeedKey, db: Db) -> StreamingResponse:
    """Return the rows of a batch that were not taken, as CSV: line, field, reason, what it said."""
    _own(key, source)
    async with db.transaction() as tx:
        await feeds.get(tx, source, batch_id)
        rejects = await feeds.rejects(tx, source, batch_id, limit=feeding.KEPT)
    headers = {"Content-Disposition": f'attachment; filename="{batch_id}-rejects.csv"'}
    return StreamingResponse(_sheet(rejects), media_type="text/csv", headers=headers)


def _sheet(rejects: list[FeedReject]) -> Iterator[str]:
    line = io.StringIO()
    writer = csv.writer(line)
    writer.writerow(["line", "field", "reason", "explanation", "raw"])
    for reject in rejects:
        explanation = EXPLAINED[Reason(reject.reason)]
        cells = [reject.field, reject.reason, explanation, reject.raw]
        writer.writerow([reject.line, *map(harmless, cells)])
        yield line.getvalue()
        line.seek(0)
        line.truncate()
    yield line.getvalue()


def harmless(cell: str) -> str:
    """Return a cell that no spreadsheet will run as a formula.

    Source:
        OWASP, "CSV Injection": the characters that begin one.
    """
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n")) else cell


@router.put("/stores", responses=problems(*_FILE_PROBLEMS))
async def put_stores(request: Request, key: FeedKey, db: Db) -> LoadedOut:
    """Write stores: ``store_id``, ``name``, ``time_zone``, and of the rest what the file has.

    ``hours``: ``Mon-Fri 09:00-21:00; Sat 09:00-12:00, 13:00-18:00; Sun closed``.
    ``exceptions``: ``2026-12-24 09:00-13:00; 2026-12-25 closed``. ``staging``: ``A1=Shelf A; A2``.
    """
    return await _load(request, key, db, Catalog.STORES)


@router.put("/items", responses=problems(*_FILE_PROBLEMS))
async def put_items(request: Request, key: FeedKey, db: Db) -> LoadedOut:
    """Write items: ``sku``, ``name``, ``size``, ``department``, ``gtins``.

    ``gtins``: ``4006381333931; 14006381333938*12`` (a case of twelve).
    """
    if key.only_store is not None:
        raise NotYourSource("Items are the same in all stores; this key is for one store.")
    return await _load(request, key, db, Catalog.ITEMS)


@router.put("/locations", responses=problems(*_FILE_PROBLEMS))
async def put_locations(request: Request, key: FeedKey, db: Db) -> LoadedOut:
    """Write where items are: ``store_id``, ``sku``, zone, ``aisle``, bay, shelf, kind, label.

    A file is the plan of the items that it names: it replaces their plan, and keeps what hands have
    learned. ``kind``: shelf, backroom or display. ``label``: the code on the place's own label.
    """
    return await _load(request, key, db, Catalog.LOCATIONS)


async def _load(request: Request, key: ApiKey, db: Db, kind: Catalog) -> LoadedOut:
    form = intake.format_of(request.headers.get("content-type", ""))
    async with intake.received(request.stream(), form) as file:
        loaded = await loading.load(
            db, kind, file, actor=f"key:{key.name}", only_store=key.only_store
        )
    return LoadedOut.of(loaded)


def _own(key: ApiKey, source: str) -> None:
    if key.name != source:
        raise NotYourSource(f"This key is for the source {key.name}.", source=key.name)
