"""What a stock system may send, and what it may ask about it.

Bodies are files, CSV or NDJSON, read as they come. Bad records are named; good ones are taken.
"""

import base64
import hashlib
import re
from datetime import datetime
from typing import Annotated, Final

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import StreamingResponse

from bopis.kernel.errors import Invalid, Refused
from bopis.kernel.http import Db, FeedKey, problems
from bopis.kernel.keys import ApiKey
from inventory.feeds import batches, feeding, gaps, intake, parts, previews, reject_sheet, staging
from inventory.feeds.batches import BatchDiffers, BatchUnknown
from inventory.feeds.contents import ContentTooLarge
from inventory.feeds.feed import FeedKind
from inventory.feeds.intake import FileTooLarge, FileUnreadable, FormatUnknown
from inventory.feeds.models import BatchState
from inventory.feeds.parts import Announcement, BatchSaidOtherwise, PartDiffers, PartInvalid
from inventory.feeds.records import Format
from inventory.feeds.values import FUTURE_ALLOWED
from inventory.schemas import BatchOut, PreviewOut, SourceIn
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


class DigestInvalid(Invalid):
    title = "Content-Digest cannot be read"


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
        await batches.declare(
            tx,
            source,
            books_pickup=body.books_pickup,
            cadence_minutes=body.cadence_minutes,
            swing=body.swing,
        )
        await declarations.declare(tx, source, body.mapping)


AsOf = Annotated[datetime, Query(description="When the numbers were true, with its zone.")]
Sequence = Annotated[
    int | None, Query(ge=0, le=2**31 - 1, description="Its number, if the source counts.")
]
Rows = Annotated[int | None, Query(ge=0, le=2**31 - 1, description="How many records it has.")]
Sha256 = Annotated[
    str | None,
    Query(pattern="^[0-9a-fA-F]{64}$", description="Of the body, in hex. Or send Content-Digest."),
]
PartCount = Annotated[int, Query(ge=1, le=parts.MOST, description="How many there are.")]


@router.put(
    "/feeds/{source}/batches/{batch_id}",
    responses=problems(*_FILE_PROBLEMS, BatchDiffers, AsOfInvalid, DigestInvalid),
)
async def put_batch(
    source: Source,
    batch_id: BatchId,
    request: Request,
    key: FeedKey,
    db: Db,
    *,
    as_of: AsOf,
    kind: FeedKind = FeedKind.SNAPSHOT,
    sequence: Sequence = None,
    rows: Rows = None,
    sha256: Sha256 = None,
    despite_rejects: bool = False,
    dry_run: bool = False,
) -> BatchOut | PreviewOut:
    """Take in a batch: ``store_id``, ``sku`` or ``gtin``, ``quantity``, and ``as_of`` if it varies.

    The same batch again changes nothing and gives the same answer; a correction has a new batch id
    and a later ``as_of``. A batch that cannot be believed is set aside whole (``quarantined``)
    until a person releases or discards it: it has not the ``rows`` or the checksum that were said;
    more than ten rows and more than 2 % are bad, or about stores that we do not know; a store's
    stock would swing beyond the source's bound; its ``sequence`` belongs to another content.
    ``dry_run`` says what would change and whose order would lose, and writes nothing.
    """
    _own(key, source)
    _in_time(as_of, db)
    form = form_of(request)
    mapping = await declarations.mapping_of(db, source)
    async with intake.received(request.stream(), form, mapping) as file:
        batch = feeding.batch_of(
            source,
            batch_id,
            file,
            kind=kind,
            as_of=as_of,
            sequence=sequence,
            rows=rows,
            sha256=sha256 or _digest(request),
        )
        if dry_run:
            found = await previews.preview(db, file, batch, only_store=key.only_store)
            return PreviewOut.of(found)
        await feeding.take(
            db,
            file,
            batch,
            actor=f"key:{key.name}",
            only_store=key.only_store,
            despite_rejects=despite_rejects,
        )
    return await shown(db, source, batch_id)


@router.post(
    "/feeds/{source}/batches/{batch_id}",
    responses=problems(FormatUnknown, NotYourSource, BatchSaidOtherwise, AsOfInvalid),
)
async def announce_batch(
    source: Source,
    batch_id: BatchId,
    request: Request,
    key: FeedKey,
    db: Db,
    *,
    as_of: AsOf,
    kind: FeedKind = FeedKind.SNAPSHOT,
    sequence: Sequence = None,
    number_of_parts: Annotated[PartCount, Query(alias="parts")] = 1,
    rows: Rows = None,
    sha256: Sha256 = None,
) -> BatchOut:
    """Announce a batch, with its totals, before it comes. Nobody has to; it has no body."""
    _own(key, source)
    _in_time(as_of, db)
    said = Announcement(
        source, batch_id, kind, as_of, sequence, form_of(request), number_of_parts, rows, sha256
    )
    async with db.transaction(actor=f"key:{key.name}") as tx:
        await parts.announce(tx, said, only_store=key.only_store)
    return await shown(db, source, batch_id)


@router.put(
    "/feeds/{source}/batches/{batch_id}/parts/{part}",
    responses=problems(
        *_FILE_PROBLEMS,
        ContentTooLarge,
        PartDiffers,
        PartInvalid,
        BatchSaidOtherwise,
        BatchDiffers,
        AsOfInvalid,
    ),
)
async def put_part(  # noqa: PLR0917 -- a path has as many parts
    source: Source,
    batch_id: BatchId,
    part: int,
    request: Request,
    key: FeedKey,
    db: Db,
    *,
    as_of: AsOf,
    number_of_parts: Annotated[PartCount, Query(alias="parts")],
    kind: FeedKind = FeedKind.SNAPSHOT,
    sequence: Sequence = None,
    rows: Rows = None,
    sha256: Sha256 = None,
) -> BatchOut:
    """Take in a piece of a file that was cut anywhere. When all are here they are one batch.

    They may come in any order, and twice. Each says the same about the batch; ``rows`` and
    ``sha256`` are those of the whole. Until the last one is here, nothing is applied.
    """
    _own(key, source)
    _in_time(as_of, db)
    form = form_of(request)
    said = Announcement(
        source, batch_id, kind, as_of, sequence, form, number_of_parts, rows, sha256
    )
    async with intake.received(request.stream(), form) as file:
        actor = f"key:{key.name}"
        await parts.take(db, file, said, part, actor=actor, only_store=key.only_store)
    return await shown(db, source, batch_id)


def _in_time(as_of: datetime, db: Db) -> None:
    if as_of.tzinfo is None:
        raise AsOfInvalid("as_of has to say its zone: end it with Z or an offset.")
    if as_of > db.clock() + FUTURE_ALLOWED:
        raise AsOfInvalid("as_of lies in the future. Nothing was done.")


def form_of(request: Request) -> Format:
    """Return how a body is written, by its headers alone: nothing is unpacked here.

    Raises:
        FormatUnknown: It is compressed, or neither CSV nor NDJSON.
    """
    coding = request.headers.get("content-encoding", "identity").strip().lower()
    if coding not in {"", "identity"}:
        raise FormatUnknown(f"Send the body as it is, without Content-Encoding: {coding[:20]}.")
    return intake.format_of(request.headers.get("content-type", ""))


def _digest(request: Request) -> str | None:
    """Return the SHA-256 of ``Content-Digest``, in hex; None if it says none.

    Source:
        RFC 9530, "Digest Fields", section 2.
    """
    said = request.headers.get("content-digest", "")
    if "sha-256" not in said.lower():
        return None
    found = _SHA256.search(said)
    try:
        digest = base64.b64decode(found[1], validate=True) if found else b""
    except ValueError:
        digest = b""
    if len(digest) != hashlib.sha256().digest_size:
        raise DigestInvalid("Content-Digest has to look like sha-256=:…=: with 44 characters.")
    return digest.hex()


_SHA256: Final = re.compile(r"(?:^|,)\s*sha-256=:([A-Za-z0-9+/=]{1,100}):", re.IGNORECASE)


@router.get("/feeds/{source}/batches/{batch_id}", responses=problems(BatchUnknown, NotYourSource))
async def get_batch(source: Source, batch_id: BatchId, key: FeedKey, db: Db) -> BatchOut:
    """Say what became of a batch, store by store."""
    _own(key, source)
    return await shown(db, source, batch_id)


async def shown(db: Db, source: str, batch_id: str) -> BatchOut:
    async with db.transaction() as tx:
        batch = await batches.get(tx, source, batch_id)
        runs = await batches.runs(tx, source, batch_id)
        rejects = await batches.rejects(tx, source, batch_id, limit=SHOWN)
        held = await gaps.before(tx, source, batch.sequence)
        waits = batch.parts > 1 and batch.state in _UNFINISHED
        missing = await parts.missing(tx, batch) if waits else []
    return BatchOut.of(batch, runs, rejects, gaps=held, parts_missing=missing)


_UNFINISHED: Final = frozenset(
    {BatchState.ANNOUNCED, BatchState.RECEIVING, BatchState.COMPLETE, BatchState.TIMED_OUT}
)


@router.get(
    "/feeds/{source}/batches/{batch_id}/rejects",
    responses=problems(BatchUnknown, NotYourSource),
    response_class=StreamingResponse,
)
async def get_rejects(source: Source, batch_id: BatchId, key: FeedKey, db: Db) -> StreamingResponse:
    """Return the rows of a batch that were not taken, as CSV: line, field, reason, what it said."""
    _own(key, source)
    async with db.transaction() as tx:
        await batches.get(tx, source, batch_id)
        rejects = await batches.rejects(tx, source, batch_id, limit=staging.KEPT)
    headers = {"Content-Disposition": f'attachment; filename="{batch_id}-rejects.csv"'}
    return StreamingResponse(reject_sheet.sheet(rejects), media_type="text/csv", headers=headers)


def _own(key: ApiKey, source: str) -> None:
    if key.name != source:
        raise NotYourSource(f"This key is for the source {key.name}.", source=key.name)
