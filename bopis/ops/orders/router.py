"""Orders for programs: all of a kind, one with everything, and taking back a *ready*."""

from typing import Annotated, Final, Literal

from fastapi import APIRouter, Query

from bopis.kernel.http import Db, OpsKey, problems
from bopis.kernel.ids import OrderId
from bopis.ops import days, views
from bopis.ops.answers import Answer, shown
from bopis.ops.orders import deeds, reads
from bopis.ops.orders.deeds import NotReady
from bopis.ops.schemas import NoteIn
from bopis.ops.scope import NotYours, within

router: Final = APIRouter(prefix="/v1/ops", tags=["store operations"])


Show = Literal["open", "risk", "late", "waiting", "staff", "today", "closed", "all"]


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
        since, _ = await days.span(tx, key.only_store, None)
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


@router.post("/orders/{order_id}/retract", responses=problems(NotYours, NotReady))
async def retract(order_id: str, body: NoteIn, db: Db, key: OpsKey) -> Answer:
    """Take back a *ready* that was wrong; the customer gets a correction."""
    store_id, id_ = within(key.only_store, order_id)
    async with db.transaction(store_id, actor=f"ops:{key.name}") as tx:
        await deeds.retract_ready(tx, store_id, OrderId(id_), note=body.note)
    return {"done": True}
