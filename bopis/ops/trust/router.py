"""The record, for programs: the report, the audit, and notes, which nobody can edit."""

from datetime import date
from typing import Any, Final

from fastapi import APIRouter
from pydantic import Field

from bopis.kernel.bodies import Body, Day
from bopis.kernel.http import Db, OpsKey, problems
from bopis.kernel.ids import StoreId
from bopis.ops import days
from bopis.ops.answers import Answer
from bopis.ops.days import DayUnreadable
from bopis.ops.scope import NotYours, allow
from bopis.trust import audit_words, audits, records
from bopis.trust import report as reports
from bopis.trust.record_models import RecordNote
from bopis.trust.records import DaysBackwards
from inventory.stores import StoreUnknown

router: Final = APIRouter(prefix="/v1/ops", tags=["store operations"])


class RecordNoteIn(Body):
    """A note for everybody to read beside a store's figures, about some of its days."""

    words: str = Field(min_length=3, max_length=500, pattern=r"^[^\x00]*[^\s\x00][^\x00]*$")
    first_day: Day
    last_day: Day


@router.post(
    "/stores/{store_id}/record/notes",
    status_code=201,
    responses=problems(DaysBackwards, NotYours, StoreUnknown),
)
async def annotate(store_id: StoreId, body: RecordNoteIn, db: Db, key: OpsKey) -> Answer:
    """Say something of a store's days. It stands on its public page, and cannot be taken back."""
    allow(key.only_store, store_id)
    async with db.transaction(store_id, actor=f"ops:{key.name}") as tx:
        note = await records.annotate(
            tx, store_id, words=body.words, first_day=body.first_day, last_day=body.last_day
        )
    return {"note": _shown(note)}


@router.get("/stores/{store_id}/record/notes", responses=problems(NotYours))
async def notes(store_id: StoreId, db: Db, key: OpsKey, since: date = date.min) -> Answer:
    """Every note on a store's record, with who wrote it, the newest first."""
    allow(key.only_store, store_id)
    async with db.transaction(store_id) as tx:
        return {"notes": [_shown(one) for one in await records.notes(tx, store_id, since)]}


@router.get("/trust")
async def trust(db: Db, key: OpsKey, seed: int = 1) -> Answer:
    """Up to three gaps between what was said and what was so, last 28 days: as `bopis trust`."""
    until = db.clock()
    found = await audits.run(db, until - audits.WINDOW, until, only_store=key.only_store, seed=seed)
    return audit_words.as_values(found)


@router.get("/report", responses=problems(DayUnreadable))
async def report(db: Db, key: OpsKey, day: date | None = None) -> Answer:
    """The report of one day, from midnight to midnight at the store."""
    async with db.transaction() as tx:
        since, until = await days.span(tx, key.only_store, day)
        found = await reports.measure(tx, since, until, only_store=key.only_store)
    return {"since": since, "until": until, "report": found}


def _shown(note: RecordNote) -> dict[str, Any]:
    return {
        "id": note.id.hex,
        "first_day": note.first_day.isoformat(),
        "last_day": note.last_day.isoformat(),
        "words": note.words,
        "made_by": note.made_by,
        "made_at": note.made_at.isoformat(),
    }
