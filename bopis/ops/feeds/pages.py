"""Pages about feeds: who speaks, what came, and what waits for a person to decide."""

from typing import Annotated, Final
from urllib.parse import quote

from fastapi import APIRouter, Form, Query, Request, Response

from bopis.kernel.http import Db
from bopis.ops import days
from bopis.ops.feeds import batch as batches
from bopis.ops.feeds import present, reads
from bopis.ops.feeds import trial as trials
from bopis.ops.frame import Csv, Done, Note, Text, around, to
from bopis.ops.scope import NotYours
from bopis.ops.sessions import Meant, Session, SignedIn
from bopis.ops.views import Outcome
from inventory.feeds import gaps, quarantine

router: Final = APIRouter(prefix="/ops", include_in_schema=False, default_response_class=Response)

GIVEN_UP: Final = "The gap is given up: what it held down may be sold, by the newest numbers."


def _all_stores(session: Session) -> None:
    """Refuse a key for one store: what it would read, or decide, may be about any.

    Raises:
        NotYours: It is one.
    """
    if session.only_store is not None:
        raise NotYours("There is no such thing here.")


@router.get("/feeds")
async def feeds_page(
    request: Request, db: Db, session: SignedIn, csv: Csv = "", done: Done = ""
) -> Response:
    scope = session.only_store
    async with db.transaction() as tx:
        zone = await days.zone(tx, scope)
        found = await reads.overview(tx, scope)
        frame = await around(tx, request, session)
        outcome = Outcome(GIVEN_UP) if done else None
        page = present.page(found, zone, tx.now, decides=scope is None, outcome=outcome)
    return frame.show("ops/feeds.html", (page.sources, page.batches), csv, page=page)


@router.get("/feeds/{source}/{batch_id}")
async def batch_page(  # noqa: PLR0917 - FastAPI passes them by name
    source: str,
    batch_id: str,
    request: Request,
    db: Db,
    session: SignedIn,
    csv: Csv = "",
    done: Done = "",
    would: Annotated[str, Query(max_length=1)] = "",
) -> Response:
    """One batch: what it did or would do, store by store, and its rows that we could not use."""
    _all_stores(session)
    async with db.transaction() as tx:
        zone = await days.zone(tx, None)
        told = await reads.batch(tx, source, batch_id)
        frame = await around(tx, request, session)
        outcome = batches.decided(told.batch) if done else None
        page = batches.batch_page(told, zone, tx.now, outcome)
    tables, trial = [page.runs, page.rejects], None
    if would and page.actions:
        tried = await reads.tried(db, told.batch)
        trial = trials.trial(tried) if tried else None
        tables += [trial.stores, trial.losing, trial.changes] if trial else []
    return frame.show("ops/batch.html", tables, csv, page=page, trial=trial, would=bool(would))


def _to_batch(source: str, batch: str) -> Response:
    return to(f"/ops/feeds/{quote(source, safe='')}/{quote(batch, safe='')}?done=1")


@router.post("/feeds/release")
async def release(db: Db, session: Meant, source: Text, batch: Text, reason: Note) -> Response:
    _all_stores(session)
    await quarantine.release(db, source, batch, actor=session.actor, reason=reason)
    return _to_batch(source, batch)


@router.post("/feeds/discard")
async def discard(db: Db, session: Meant, source: Text, batch: Text, reason: Note) -> Response:
    _all_stores(session)
    async with db.transaction(actor=session.actor) as tx:
        await quarantine.discard(tx, source, batch, reason=reason)
    await gaps.lift(db, source)
    return _to_batch(source, batch)


@router.post("/feeds/give-up")
async def give_up(
    db: Db,
    session: Meant,
    source: Text,
    sequence: Annotated[int, Form(ge=0)],
    reason: Note,
) -> Response:
    _all_stores(session)
    await gaps.give_up(db, source, sequence, actor=session.actor, reason=reason)
    return to("/ops/feeds?done=1")
