"""Goods for programs: conflicts as cases, one item explained, and what has to be counted."""

from typing import Annotated, Final

from fastapi import APIRouter, Path, Query

from bopis.kernel.http import Db, OpsKey, problems
from bopis.kernel.ids import SKU_PATTERN, Sku, StoreId
from bopis.ops.answers import Answer, shown
from bopis.ops.goods import cases, deeds, facts, positions, reads
from bopis.ops.goods.deeds import ConflictClosed, ConflictUnknown, CountUnknown, ItemUnknown
from bopis.ops.goods.positions import MATCHES
from bopis.ops.schemas import CountIn, NoteIn
from bopis.ops.scope import NotYours, allow, within
from inventory.stores import StoreUnknown

router: Final = APIRouter(prefix="/v1/ops", tags=["store operations"])

SkuPath = Annotated[str, Path(pattern=SKU_PATTERN)]


@router.get("/conflicts")
async def conflicts(db: Db, key: OpsKey) -> Answer:
    """Where more is promised than there is: who is in line, and what was done for each.

    The first in line is served first. ``closed`` holds what was settled within a day.
    """
    opened, closed = await cases.inbox(db, key.only_store)
    async with db.transaction() as tx:
        to_count = await reads.counts(tx, key.only_store)
    return {
        "conflicts": [facts.of_case(case) for case in opened[: cases.SHOWN]],
        "more": len(opened) > cases.SHOWN,
        "closed": [facts.of_case(case) for case in closed],
        "counts": shown(to_count),
    }


@router.get("/conflicts/{conflict_id}", responses=problems(NotYours, ConflictUnknown))
async def conflict(conflict_id: str, db: Db, key: OpsKey) -> Answer:
    store_id, id_ = within(key.only_store, conflict_id)
    async with db.transaction(store_id) as tx:
        case = await cases.one(tx, store_id, id_)
    if case is None:
        raise ConflictUnknown("There is no such conflict. Look at the list again.")
    return facts.of_case(case)


@router.post("/conflicts/{conflict_id}/count", responses=problems(NotYours, ConflictUnknown))
async def count_conflict(conflict_id: str, body: CountIn, db: Db, key: OpsKey) -> Answer:
    """Take in a count. ``closed`` says whether enough is there; if not, the conflict stays open."""
    store_id, id_ = within(key.only_store, conflict_id)
    async with db.transaction(store_id, actor=f"ops:{key.name}") as tx:
        closed = await deeds.count_conflict(
            tx, store_id, id_, counted=body.counted, note=body.note or ""
        )
    return {"done": True, "closed": closed}


@router.post(
    "/conflicts/{conflict_id}/close", responses=problems(NotYours, ConflictUnknown, ConflictClosed)
)
async def close_conflict(conflict_id: str, body: NoteIn, db: Db, key: OpsKey) -> Answer:
    """Close a conflict because somebody knows better than the numbers, and says how."""
    store_id, id_ = within(key.only_store, conflict_id)
    async with db.transaction(store_id, actor=f"ops:{key.name}") as tx:
        await deeds.close_conflict(tx, store_id, id_, note=body.note)
    return {"done": True}


@router.get("/counts")
async def counts(db: Db, key: OpsKey) -> Answer:
    """What the floor has to count: failed picks first, and of those the oldest."""
    async with db.transaction() as tx:
        return {"counts": shown(await reads.counts(tx, key.only_store))}


@router.post("/counts/{request_id}", responses=problems(NotYours, CountUnknown))
async def enter_count(request_id: str, body: CountIn, db: Db, key: OpsKey) -> Answer:
    """Take in what somebody counted because we asked."""
    store_id, id_ = within(key.only_store, request_id)
    async with db.transaction(store_id, actor=f"ops:{key.name}") as tx:
        await deeds.enter_count(tx, store_id, id_, counted=body.counted, note=body.note or "")
    return {"done": True}


@router.get("/stock")
async def search(
    db: Db, key: OpsKey, q: Annotated[str, Query(min_length=1, max_length=80)]
) -> Answer:
    """Items by number, barcode or a part of the name."""
    async with db.transaction() as tx:
        rows = await positions.search(tx, q.strip())
    return {"items": rows[:MATCHES], "more": len(rows) > MATCHES}


@router.get("/stock/{sku:path}", responses=problems(NotYours, ItemUnknown, StoreUnknown))
async def item(
    sku: SkuPath,
    db: Db,
    key: OpsKey,
    store: Annotated[str, Query(max_length=32, description="The store to explain.")] = "",
) -> Answer:
    """One item. With ``store``: why we say what we say there, from the ledger; else store by store.

    ``sum`` is the number taken apart: a last word, what has moved since, what is kept back or
    promised, and what is left. ``ledger`` is the newest first; ``then`` is what there was after it.
    ``in_doubt`` is what one person did not find: not sold until somebody else has counted.
    """
    async with db.transaction() as tx:
        known = await positions.item(tx, Sku(sku))
        if known is None:
            raise ItemUnknown("No item has this number.")
        if not store:
            rows = await positions.in_stores(tx, key.only_store, Sku(sku))
            return {"sku": known.sku, "name": known.name, "size": known.size, "stores": rows}
    allow(key.only_store, StoreId(store))
    async with db.transaction(StoreId(store)) as tx:
        position = await positions.explain(tx, StoreId(store), Sku(sku))
        if position is None:
            raise ItemUnknown("This store has never had the item, as far as we know.")
        return facts.of_position(position, tx.now)
