"""Who works in a store, for programs: taken on, given a badge, let in no more."""

from collections.abc import Mapping
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request

from associates.crew import badges, own_records, people, staff
from associates.crew.own_records import DisputeUnknown
from associates.crew.people import NumberTaken, PinTooWeak
from associates.crew.staff import LeaversDiffer, Person
from bopis.kernel.http import Db, OpsKey, problems
from bopis.kernel.ids import AssociateId, StoreId, outward
from bopis.ops import views
from bopis.ops.answers import Answer
from bopis.ops.crew import deeds, reads
from bopis.ops.crew.deeds import AssociateGone
from bopis.ops.handhelds.deeds import NotLocked
from bopis.ops.schemas import HireIn, NoteIn
from bopis.ops.scope import NotYours, allow, within
from inventory import stores
from inventory.feeds import intake
from inventory.feeds.intake import FileTooLarge, FileUnreadable, FormatUnknown
from inventory.schemas import LoadedOut
from inventory.stores import StoreUnknown

router: Final = APIRouter(prefix="/v1/ops", tags=["store operations"])


@router.get("/associates")
async def listed(
    db: Db, key: OpsKey, limit: Annotated[int, Query(ge=1, le=1000)] = views.MANY
) -> Answer:
    """Who works where, and who has left. Not what they do, nor how fast."""
    async with db.transaction() as tx:
        rows = await reads.associates(tx, key.only_store, limit=limit)
    shown = [_shown(row) for row in rows[:limit]]
    return {"associates": shown, "more": len(rows) > limit}


def _shown(row: Mapping[str, Any]) -> Answer:
    kept = {name: value for name, value in row.items() if name != "time_zone"}
    return kept | {"id": outward(row["store_id"], row["id"])}


@router.post(
    "/stores/{store_id}/associates",
    status_code=201,
    responses=problems(NotYours, StoreUnknown, NumberTaken, PinTooWeak),
)
async def hire(store_id: StoreId, body: HireIn, db: Db, key: OpsKey) -> Answer:
    """Take somebody on. Their badge's code is shown this once; print it as Code 128."""
    allow(key.only_store, store_id)
    pin_hash = await people.hash_pin(body.pin) if body.pin is not None else None
    badge = badges.make()
    async with db.transaction(store_id, actor=f"ops:{key.name}") as tx:
        await stores.get(tx, store_id)
        id_ = await people.add(
            tx, store_id, number=body.number, name=body.name, badge=badge, pin_hash=pin_hash
        )
    return {"id": outward(store_id, id_), "badge": badge}


@router.put(
    "/stores/{store_id}/associates",
    responses=problems(
        NotYours, StoreUnknown, FileTooLarge, FileUnreadable, FormatUnknown, LeaversDiffer
    ),
)
async def put_staff(
    store_id: StoreId,
    request: Request,
    db: Db,
    key: OpsKey,
    leavers: Annotated[str, Query(max_length=100)] = "",
) -> Answer:
    """Take in who works in a store: ``number``, ``name``; CSV or NDJSON; all of them.

    Who is new is taken on, and their badge's code is shown this once. Who works here and is not in
    the file is ``missing``, and stays until the file is sent again with ``leavers`` as it was
    answered: then they have left, and only if nobody else is missing.
    """
    allow(key.only_store, store_id)
    form = intake.format_of(request.headers.get("content-type", ""))
    async with intake.received(request.stream(), form) as file:
        found = await staff.read(db, file)
    async with db.transaction(store_id, actor=f"ops:{key.name}") as tx:
        await stores.get(tx, store_id)
        await deeds.take_in_staff(tx, store_id, found, leavers)
    return {
        **LoadedOut.of(found.loaded).model_dump(mode="json"),
        "new": [_person(store_id, one) | {"badge": badge} for one, badge in found.new],
        "renamed": found.renamed,
        "missing": [_person(store_id, one) for one in found.missing],
        "leavers": found.code,
        "left": found.left,
    }


def _person(store_id: StoreId, one: Person) -> Answer:
    return {"id": outward(store_id, one.id), "number": one.number, "name": one.name}


@router.post("/associates/{associate_id}/badge", responses=problems(NotYours, AssociateGone))
async def new_badge(associate_id: str, body: NoteIn, db: Db, key: OpsKey) -> Answer:
    """Replace a badge. It is shown this once; the old one opens nothing from now on."""
    store_id, id_ = within(key.only_store, associate_id)
    async with db.transaction(store_id, actor=f"ops:{key.name}") as tx:
        return {"badge": await deeds.new_badge(tx, store_id, AssociateId(id_), note=body.note)}


@router.post("/associates/{associate_id}/deactivate", responses=problems(NotYours, AssociateGone))
async def deactivate(associate_id: str, body: NoteIn, db: Db, key: OpsKey) -> Answer:
    """Let somebody in no more: their session ends now, and their walk is free for another."""
    store_id, id_ = within(key.only_store, associate_id)
    async with db.transaction(store_id, actor=f"ops:{key.name}") as tx:
        await deeds.deactivate(tx, store_id, AssociateId(id_), note=body.note)
    return {"done": True}


@router.post("/associates/{associate_id}/unlock", responses=problems(NotYours, NotLocked))
async def unlock_person(associate_id: str, body: NoteIn, db: Db, key: OpsKey) -> Answer:
    """Let somebody sign in at once who had to wait after wrong tries, on whichever handheld."""
    store_id, id_ = within(key.only_store, associate_id)
    async with db.transaction(store_id, actor=f"ops:{key.name}") as tx:
        await deeds.unlock_person(tx, store_id, AssociateId(id_), note=body.note)
    return {"done": True}


@router.post("/disputes/{dispute_id}/answer", responses=problems(NotYours, DisputeUnknown))
async def answer_by_program(dispute_id: str, body: NoteIn, db: Db, key: OpsKey) -> Answer:
    """Answer an associate's note on what is recorded about them. They read it, with your name."""
    store_id, id_ = within(key.only_store, dispute_id)
    async with db.transaction(store_id, actor=f"ops:{key.name}") as tx:
        await own_records.answer(tx, store_id, id_, body.note)
    return {"done": True}
