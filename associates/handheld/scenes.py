"""What a scan has changed, as the words about it need to know."""

from dataclasses import replace
from zoneinfo import ZoneInfo

from asyncpg import Record

from associates.bagging import bag, bags
from associates.bagging.bag import Bag
from associates.handheld import place_wording, wording
from associates.handheld.wording import Scene
from associates.picking import proving
from associates.picking.scans import Heard, Looks, ScanKind, ScanOutcome, TaskState
from bopis.kernel.database import Tx
from bopis.kernel.ids import Sku, StoreId
from inventory import items, stores
from inventory.layout import locations


async def label_of(tx: Tx, code: str) -> str:
    """Return what is written at a staging place; its code, if it is there no longer."""
    assert tx.store_id is not None
    place = await locations.staging_place(tx, tx.store_id, code)
    return place.label if place else code


async def after(tx: Tx, row: Record, lines: list[Record], heard: Heard) -> Scene:
    """Return how the walk of a scan stands after it."""
    line = next((line for line in lines if line["line"] == heard.line), None)
    names = {line["sku"]: line["name"] for line in lines}
    place = ""
    if heard.kind in {ScanKind.STAGE, ScanKind.BAGS}:
        return await _staging_scene(tx, row, lines, heard)
    elsewhere = ""
    if heard.kind is ScanKind.MISS and line is not None:
        place = await _look_next(tx, row["store_id"], line)
    if heard.kind is ScanKind.LOOK and heard.code and line is not None:
        elsewhere = await proving.elsewhere(tx, row["store_id"], line)
    if heard.outcome is ScanOutcome.SHELF_FIRST and line is not None:
        place = await proving.asked_shelf(tx, row["store_id"], line)
    return Scene(
        state=TaskState(row["state"]),
        wanted=line["name"] if line and _is_open(line, heard) else "",
        scanned=names[heard.sku] if heard.sku in names else await name_of(tx, heard.sku),
        asked=line["asked"] if line else 0,
        found=line["found"] if line else 0,
        short=line["short"] if line else 0,
        left=line["left"] if line else 0,
        nothing_found=not any(line["found"] for line in lines),
        place=place,
        elsewhere=elsewhere,
    )


async def _staging_scene(tx: Tx, row: Record, lines: list[Record], heard: Heard) -> Scene:
    """Return where the bags are, and which of them are still in somebody's hands."""
    scene = Scene(
        state=TaskState(row["state"]),
        nothing_found=not any(line["found"] for line in lines),
    )
    here = await bags.of_order(tx, row["store_id"], row["order_id"])
    if code := bag.read(heard.code):
        found = await bags.find(tx, row["store_id"], code)
        if found is not None:
            is_own = found.bag.task_id == row["id"]
            other = "" if is_own else found.order_number
            scene = replace(scene, bag=wording.bags([found.bag.number]), other=other)
    if scene.state is not TaskState.STAGED:
        place = await label_of(tx, heard.code) if heard.outcome is ScanOutcome.APPLIED else ""
        left = wording.bags([one.number for one in here if one.place is None])
        return replace(scene, place=place, bags=left)
    return replace(scene, place=await where(tx, here, row["staging_code"]))


async def where(tx: Tx, here: list[Bag], staging_code: str) -> str:
    """Return where an order waits: its place, or each bag's, if they are at several."""
    spots: dict[str, list[int]] = {}
    for one in here:
        spots.setdefault(one.place or staging_code, []).append(one.number)
    if len(spots) <= 1:
        return await label_of(tx, next(iter(spots), staging_code))
    parts_ = [f"{await label_of(tx, code)} ({wording.bags(n)})" for code, n in spots.items()]
    return wording.listed(parts_)


async def _look_next(tx: Tx, store_id: StoreId, line: Record) -> str:
    store = await stores.get(tx, store_id)
    known = (await locations.find(tx, store_id, [Sku(line["sku"])]))[Sku(line["sku"])]
    here = Looks.of(line["looks"] or ()).here([locations.place_of(place) for place in known])
    place = next((place for place in known if locations.place_of(place) == here), None)
    return place_wording.look_next(place, ZoneInfo(store.time_zone), tx.now)


def _is_open(line: Record, heard: Heard) -> bool:
    return heard.outcome is not ScanOutcome.WRONG_ITEM or line["left"] > 0


async def name_of(tx: Tx, sku: Sku | None) -> str:
    if sku is None:
        return ""
    known = await items.known(tx, [sku])
    return known[sku].name if sku in known else sku
