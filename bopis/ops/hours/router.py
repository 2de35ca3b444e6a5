"""Pauses and hours for programs: the same as on the pages, as JSON."""

from datetime import datetime
from typing import Annotated, Any, Final

from fastapi import APIRouter
from pydantic import Field

from bopis.kernel.bodies import Body, Instant
from bopis.kernel.http import Db, OpsKey, problems
from bopis.kernel.ids import StoreId, outward
from bopis.ops.answers import Answer
from bopis.ops.hours import deeds, present, reads
from bopis.ops.schemas import Note
from bopis.ops.scope import NotYours, allow, within
from inventory import stores
from inventory.opening import pauses
from inventory.opening.hours import Span
from inventory.opening.pause import BECAUSE, Pause, PauseReason, is_known
from inventory.opening.pauses import PauseImpossible, PauseUnknown
from inventory.stores import StoreUnknown

router: Final = APIRouter(prefix="/v1/ops", tags=["store operations"])


class PauseIn(Body):
    until: Instant | None = None
    """When it ends, with its zone. Not more than 30 days ahead. Left out: nobody knows yet, and
    nobody who waits is told a time."""
    reason: PauseReason
    """Of all but ``other``, shoppers are told."""
    takes_orders: bool = False
    """Take new orders, promised for after the pause; else they are refused, with the end."""
    closes: bool = True
    """Nobody works and nothing is handed out. If not, only new orders are refused."""
    since: Instant | None = None
    """When it begins; left out: now."""
    note: Annotated[str, Field(max_length=200, pattern=r"^[^\x00]*$")] = ""
    """For colleagues. Shoppers do not read it."""


class PauseMoveIn(Body):
    until: Instant | None = None
    """Left out: nobody knows any more."""
    note: Note


class PauseNoteIn(Body):
    note: Note


@router.get("/stores/{store_id}/pauses", responses=problems(NotYours, StoreUnknown))
async def listed(store_id: StoreId, db: Db, key: OpsKey) -> Answer:
    """The pauses that are on or still to come, the first to begin first."""
    allow(key.only_store, store_id)
    async with db.transaction(store_id) as tx:
        await stores.get(tx, store_id)
        found = await pauses.ahead(tx, store_id)
        return {"pauses": [_shown(store_id, one, tx.now) for one in found]}


@router.post(
    "/stores/{store_id}/pauses",
    status_code=201,
    responses=problems(NotYours, StoreUnknown, PauseImpossible),
)
async def pause(store_id: StoreId, body: PauseIn, db: Db, key: OpsKey) -> Answer:
    """Pause a store, or a stretch of its day. Every open order is looked at again at once.

    ``orders``: how many are promised for this time and not ready yet. Pausing again for the same
    reason moves the end of the pause that is on.
    """
    allow(key.only_store, store_id)
    async with db.transaction(store_id, actor=f"ops:{key.name}") as tx:
        made = await deeds.pause(tx, store_id, **dict(body))
        touched = await reads.touched(tx, store_id, made.begins_at, made.ends_at)
        return _shown(store_id, made, tx.now) | {"orders": touched if made.closes else 0}


@router.post("/pauses/{pause_id}/move", responses=problems(NotYours, PauseUnknown, PauseImpossible))
async def move(pause_id: str, body: PauseMoveIn, db: Db, key: OpsKey) -> Answer:
    """Let a pause end later, or sooner."""
    store_id, id_ = within(key.only_store, pause_id)
    async with db.transaction(store_id, actor=f"ops:{key.name}") as tx:
        moved = await deeds.move(tx, store_id, id_, until=body.until, note=body.note)
        return _shown(store_id, moved, tx.now)


@router.post("/pauses/{pause_id}/end", responses=problems(NotYours, PauseUnknown))
async def end(pause_id: str, body: PauseNoteIn, db: Db, key: OpsKey) -> Answer:
    """End a pause now; one that has not begun does not take place."""
    store_id, id_ = within(key.only_store, pause_id)
    async with db.transaction(store_id, actor=f"ops:{key.name}") as tx:
        await deeds.end(tx, store_id, id_, note=body.note)
    return {"done": True}


@router.post("/stores/{store_id}/resume", responses=problems(NotYours, StoreUnknown))
async def resume(store_id: StoreId, body: PauseNoteIn, db: Db, key: OpsKey) -> Answer:
    """End every pause that is on. Those that are planned stay planned."""
    allow(key.only_store, store_id)
    async with db.transaction(store_id, actor=f"ops:{key.name}") as tx:
        await stores.get(tx, store_id)
        ended = await deeds.resume(tx, store_id, note=body.note)
    return {"ended": [outward(store_id, one.id) for one in ended]}


@router.get("/stores/{store_id}/hours", responses=problems(NotYours, StoreUnknown))
async def hours_ahead(store_id: StoreId, db: Db, key: OpsKey) -> Answer:
    """The days ahead: when the store is open and when it hands out, with the pauses taken out.

    ``slots`` of two days and ``shifts`` of a week; empty where the store gives none.
    """
    allow(key.only_store, store_id)
    async with db.transaction(store_id) as tx:
        await stores.get(tx, store_id)
        known = await stores.time_of(tx, store_id)
        today = tx.now.astimezone(known.opening.zone).date()
        notes = await reads.notes(tx, store_id, today)
        days = present.days(known.opening, known.pickup, notes, tx.now)
        slots = await reads.slots(tx, store_id)
        shifts = await reads.shifts(tx, store_id)
    return {
        "time_zone": known.opening.zone.key,
        "days": [
            {
                "day": one.day,
                "open": [_span(span) for span in one.opens],
                "pickup": [_span(span) for span in one.pickup],
                "note": one.note,
            }
            for one in days
        ],
        "slots": [
            _span((one.begins, one.ends)) | {"capacity": one.capacity, "promised": one.taken}
            for one in slots
        ],
        "shifts": [_span((one.begins, one.ends)) | {"people": one.people} for one in shifts],
    }


def _span(span: Span) -> dict[str, Any]:
    return {"from": span[0], "to": span[1]}


def _shown(store_id: StoreId, one: Pause, now: datetime) -> dict[str, Any]:
    return {
        "id": outward(store_id, one.id),
        "since": one.begins_at,
        "until": one.ends_at if is_known(one.ends_at, now) else None,
        "reason": one.reason,
        "told_to_shoppers": BECAUSE[one.reason] or None,
        "takes_orders": one.takes_orders,
        "closes": one.closes,
        "is_on": one.is_on(now),
    }
