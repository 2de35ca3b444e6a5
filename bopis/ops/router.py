"""Store operations for programs: the same as on the pages, as JSON. Needs a key of kind ``ops``."""

from datetime import date
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query

from associates.handheld import devices
from bopis.kernel.database import Tx
from bopis.kernel.http import Db, OpsKey, problems
from bopis.kernel.ids import DeviceId, OrderId, StoreId
from bopis.kernel.keys import ApiKey
from bopis.ops import actions, reads, troubles, views, words
from bopis.ops.actions import (
    DeadLetterUnknown,
    DeviceGone,
    NotReady,
)
from bopis.ops.answers import Answer, shown
from bopis.ops.schemas import DeadLetterIn, DiscardIn, NoteIn
from bopis.ops.scope import NotYours, allow, within
from bopis.trust import report as reports
from inventory import stores

router = APIRouter(prefix="/v1/ops", tags=["store operations"])

Show = Literal["open", "risk", "late", "waiting", "staff", "today", "closed", "all"]


def _actor(key: ApiKey) -> str:
    return f"ops:{key.name}"


@router.get("/today")
async def today(db: Db, key: OpsKey) -> Answer:
    """What needs a person, the day so far, and the state of each store."""
    async with db.transaction() as tx:
        since, _ = await _span(tx, key, None)
        return {
            "as_of": tx.now,
            "needs": shown(await troubles.listed(tx, key.only_store)),
            "report": await reports.lately(tx, since, only_store=key.only_store),
            "stores": await reads.stores(tx, key.only_store),
        }


@router.get("/stores")
async def stores_listed(db: Db, key: OpsKey) -> Answer:
    async with db.transaction() as tx:
        return {"stores": await reads.stores(tx, key.only_store)}


@router.get("/orders")
async def orders(
    db: Db,
    key: OpsKey,
    show: Show = "open",
    q: Annotated[str, Query(max_length=80)] = "",
    limit: Annotated[int, Query(ge=1, le=1000)] = views.MANY,
) -> Answer:
    """Orders of one kind; ``more`` says that there are others."""
    async with db.transaction() as tx:
        since, _ = await _span(tx, key, None)
        rows = await reads.orders(
            tx, key.only_store, show=show, since=since, find=q.strip(), limit=limit
        )
    return {"orders": shown(rows[:limit]), "more": len(rows) > limit}


@router.get("/orders/{order_id}", responses=problems(NotYours))
async def order(order_id: str, db: Db, key: OpsKey) -> Answer:
    """Everything about one order: lines, promises, messages, facts."""
    store_id, id_ = within(key.only_store, order_id)
    async with db.transaction() as tx:
        found = await reads.order(tx, store_id, OrderId(id_))
    if found is None:
        raise NotYours("No order has this id.")
    hidden = {"pickup_code", "fingerprint", "link_version"}
    return shown([{k: v for k, v in found.items() if k not in hidden}])[0]


@router.get("/dead-letters")
async def dead_letters(db: Db, key: OpsKey) -> Answer:
    async with db.transaction() as tx:
        return {"dead_letters": shown(await reads.dead_letters(tx, key.only_store))}


@router.get("/devices")
async def devices_listed(db: Db, key: OpsKey) -> Answer:
    async with db.transaction() as tx:
        return {"devices": shown(await reads.devices(tx, key.only_store))}


@router.get("/report")
async def report(db: Db, key: OpsKey, day: date | None = None) -> Answer:
    """The report of one day, from midnight to midnight at the store."""
    async with db.transaction() as tx:
        since, until = await _span(tx, key, day)
        found = await reports.measure(tx, since, until, only_store=key.only_store)
    return {"since": since, "until": until, "report": found}


async def _span(tx: Tx, key: ApiKey, day: date | None) -> tuple[Any, Any]:
    zone = await reads.zone(tx, key.only_store)
    return words.day_span(day or words.local_day(tx.now, zone), zone)


@router.post("/dead-letters/retry", responses=problems(DeadLetterUnknown))
async def retry(body: DeadLetterIn, db: Db, key: OpsKey) -> Answer:
    """Let the relay try again."""
    store_id, event_id = within(key.only_store, body.event)
    async with db.transaction(store_id, actor=_actor(key)) as tx:
        await actions.retry_dead_letter(tx, store_id, event_id, body.subscriber)
    return {"done": True}


@router.post("/dead-letters/discard", responses=problems(DeadLetterUnknown))
async def discard(body: DiscardIn, db: Db, key: OpsKey) -> Answer:
    """Give up on a step that could not be carried out."""
    store_id, event_id = within(key.only_store, body.event)
    async with db.transaction(store_id, actor=_actor(key)) as tx:
        await actions.discard_dead_letter(tx, store_id, event_id, body.subscriber, note=body.note)
    return {"done": True}


@router.post("/orders/{order_id}/retract", responses=problems(NotReady))
async def retract(order_id: str, body: NoteIn, db: Db, key: OpsKey) -> Answer:
    """Take back a *ready* that was wrong; the customer gets a correction."""
    store_id, id_ = within(key.only_store, order_id)
    async with db.transaction(store_id, actor=_actor(key)) as tx:
        await actions.retract_ready(tx, store_id, OrderId(id_), note=body.note)
    return {"done": True}


@router.post("/stores/{store_id}/enrolment-codes", status_code=201)
async def new_code(store_id: StoreId, db: Db, key: OpsKey) -> Answer:
    """Make a code with which one handheld joins the store. It is shown this once."""
    allow(key.only_store, store_id)
    async with db.transaction(store_id, actor=_actor(key)) as tx:
        await stores.get(tx, store_id)
        return {"code": await devices.new_code(tx, store_id)}


@router.post("/devices/{device_id}/revoke", responses=problems(DeviceGone))
async def revoke(device_id: str, body: NoteIn, db: Db, key: OpsKey) -> Answer:
    """Shut a handheld out."""
    store_id, id_ = within(key.only_store, device_id)
    async with db.transaction(store_id, actor=_actor(key)) as tx:
        await actions.revoke_device(tx, store_id, DeviceId(id_), note=body.note)
    return {"done": True}
