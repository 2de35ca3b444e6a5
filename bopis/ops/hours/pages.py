"""Pages about hours: what is paused, and one store's days ahead."""

from datetime import datetime
from typing import Annotated, Final
from urllib.parse import quote

from fastapi import APIRouter, Form, Request, Response

from bopis.kernel.database import Tx
from bopis.kernel.errors import Invalid
from bopis.kernel.http import Db
from bopis.kernel.ids import StoreId
from bopis.ops.frame import Csv, Done, Note, Text, around, to
from bopis.ops.hours import deeds, plan, present, reads
from bopis.ops.scope import allow, within
from bopis.ops.sessions import Meant, SignedIn
from bopis.ops.views import Listing, Outcome
from inventory import stores
from inventory.opening.pause import PauseReason

router: Final = APIRouter(prefix="/ops", include_in_schema=False, default_response_class=Response)

Remark = Annotated[str, Form(max_length=200)]


class TimeUnreadable(Invalid):
    title = "This is not a time"


class ChoiceUnknown(Invalid):
    title = "This is not one of the choices"


@router.get("/hours")
async def hours_page(request: Request, db: Db, session: SignedIn, csv: Csv = "") -> Response:
    async with db.transaction() as tx:
        pauses = await reads.pauses(tx, session.only_store)
        known = await reads.stores(tx, session.only_store)
        frame = await around(tx, request, session)
        page = Listing(
            "Hours",
            "Choose a store to see its days ahead, to pause it or to let it go on.",
            (
                present.pauses_table(pauses, tx.now),
                present.stores_table(known, pauses, tx.now),
            ),
        )
    return frame.show("ops/listing.html", page.tables, csv, page=page)


@router.get("/hours/{store}")
async def store_page(  # noqa: PLR0917 - FastAPI passes them by name
    store: str, request: Request, db: Db, session: SignedIn, csv: Csv = "", done: Done = ""
) -> Response:
    """One store: whether somebody can walk in, what is paused, and its days ahead."""
    store_id = StoreId(store)
    allow(session.only_store, store_id)
    async with db.transaction() as tx:
        shop = await stores.get(tx, store_id)
        stores.forget(tx, store_id)  # whoever has just pressed the button sees what it did
        known = await stores.time_of(tx, store_id)
        pauses = await reads.pauses(tx, store_id)
        today = tx.now.astimezone(known.opening.zone).date()
        notes = await reads.notes(tx, store_id, today)
        frame = await around(tx, request, session)
        page = present.store_page(
            store_id=store_id,
            name=shop.name,
            zone=shop.time_zone,
            lead=present.doors(known.opening, known.pauses, tx.now, shop.time_zone),
            pauses=pauses,
            ahead=present.days(known.opening, known.pickup, notes, tx.now),
            plans=(
                plan.slots_table(await reads.slots(tx, store_id), tx.now, shop.time_zone),
                plan.shifts_table(await reads.shifts(tx, store_id), tx.now, shop.time_zone),
            ),
            now=tx.now,
            outcome=await _outcome(tx, store_id, shop.time_zone, done),
        )
    return frame.show("ops/listing.html", page.tables, csv, page=page)


_DONE: Final = {
    "moved": Outcome("The pause has a new end. Promises are looked at again now."),
    "ended": Outcome("The pause is over. Promises are looked at again now."),
}


async def _outcome(tx: Tx, store_id: StoreId, zone: str, done: str) -> Outcome | None:
    """Say what has become of the form that was just sent, as the database has it."""
    if done in _DONE:
        return _DONE[done]
    made = [one for one in await reads.pauses(tx, store_id) if one["id"].hex == done]
    if not made:
        return None
    [one] = made
    touched = await reads.touched(tx, store_id, one["begins_at"], one["ends_at"])
    return present.paused(one["ends_at"], touched if one["closes"] else 0, zone, tx.now)


@router.post("/hours/pause")
async def pause(  # noqa: PLR0917 - FastAPI passes them by name
    db: Db,
    session: Meant,
    store: Text,
    reason: Text,
    kind: Text,
    until: Remark = "",
    since: Remark = "",
    note: Remark = "",
) -> Response:
    store_id = StoreId(store)
    allow(session.only_store, store_id)
    if kind not in present.DOES or reason not in set(PauseReason):
        raise ChoiceUnknown("Choose one of those that the form offers.")
    closes, takes_orders = present.DOES[kind]
    async with db.transaction(store_id, actor=session.actor) as tx:
        zone = (await stores.get(tx, store_id)).time_zone
        made = await deeds.pause(
            tx,
            store_id,
            since=_instant(since, zone) if since.strip() else None,
            until=_instant(until, zone) if until.strip() else None,
            reason=PauseReason(reason),
            takes_orders=takes_orders,
            closes=closes,
            note=note.strip(),
        )
    return to(f"{_at(store_id)}?done={made.id.hex}")


@router.post("/hours/move")
async def move(db: Db, session: Meant, pause: Text, note: Note, until: Remark = "") -> Response:
    store_id, id_ = within(session.only_store, pause)
    async with db.transaction(store_id, actor=session.actor) as tx:
        zone = (await stores.get(tx, store_id)).time_zone
        ends = _instant(until, zone) if until.strip() else None
        await deeds.move(tx, store_id, id_, until=ends, note=note)
    return to(f"{_at(store_id)}?done=moved")


@router.post("/hours/end")
async def end(db: Db, session: Meant, pause: Text, note: Note) -> Response:
    store_id, id_ = within(session.only_store, pause)
    async with db.transaction(store_id, actor=session.actor) as tx:
        await deeds.end(tx, store_id, id_, note=note)
    return to(f"{_at(store_id)}?done=ended")


@router.post("/hours/resume")
async def resume(db: Db, session: Meant, store: Text, note: Note) -> Response:
    store_id = StoreId(store)
    allow(session.only_store, store_id)
    async with db.transaction(store_id, actor=session.actor) as tx:
        await stores.get(tx, store_id)
        await deeds.resume(tx, store_id, note=note)
    return to(f"{_at(store_id)}?done=ended")


def _at(store_id: StoreId) -> str:
    return f"/ops/hours/{quote(store_id, safe='')}"


def _instant(text: str, zone: str) -> datetime:
    """Return the instant of a time that was typed by the store's clock.

    Raises:
        TimeUnreadable: It is none.
    """
    try:
        wall = datetime.fromisoformat(text.strip())
    except ValueError:
        raise TimeUnreadable("Write the time as 2026-03-06T15:00.") from None
    return stores.instant(wall, zone)
