"""A store's floor and how it picks, for programs: what is blocked, what is scanned first."""

from typing import Annotated, Any, Final

from fastapi import APIRouter
from pydantic import Field

from associates.picking import pickings
from associates.picking.picking import How, ShelfFirst
from bopis.kernel import speech
from bopis.kernel.bodies import Body, Instant
from bopis.kernel.http import Db, OpsKey, problems
from bopis.kernel.ids import StoreId
from bopis.ops.answers import Answer
from bopis.ops.floor import deeds
from bopis.ops.scope import NotYours, allow
from inventory import stores
from inventory.layout import floors
from inventory.layout.floor import Block, Direction, Way
from inventory.layout.floors import AisleUnknown, BlockImpossible
from inventory.looking import write_off
from inventory.stores import StoreUnknown

router: Final = APIRouter(prefix="/v1/ops/stores/{store_id}", tags=["store operations"])

_Sign = Annotated[str, Field(max_length=40, pattern=r"^[^\x00]*$")]
_Bay = Annotated[int, Field(ge=0, le=100_000)]


class PickingIn(Body):
    """Whatever is left out is as it was before anybody said something."""

    shelf_first: ShelfFirst = ShelfFirst.NEVER
    """Whether the label of a shelf is scanned before an item that is taken from it: ``never``,
    where we are ``unsure`` that the item is there, or ``always``."""
    scan_totes: bool = False
    """Of orders that are walked together, the tote's label is scanned after each line."""
    heavy_first: bool = False
    """What is heavy comes first and lies at the bottom; else after the rest, before the cold."""
    alone: Annotated[int, Field(ge=0, le=1_000_000)] = write_off.ALONE
    """Units that one person may take off the record by their word; for more, somebody else counts
    them, too."""
    language: Annotated[str, Field(pattern=rf"^({'|'.join(speech.LANGUAGES)})?$")] = ""
    """Which is spoken in the store: on labels and sheets, and by handhelds and counter screens on
    which nobody has chosen. Empty: that of its country."""


class AisleIn(Body):
    aisle: Annotated[_Sign, Field(min_length=1)]
    """As its sign says; of a cross aisle, its name."""
    zone: _Sign = ""
    """Where two aisles have one name."""


class BlockIn(AisleIn):
    reason: Annotated[
        str, Field(min_length=1, max_length=floors.LONGEST_REASON, pattern=r"^[^\x00]*$")
    ]
    """What stands there. Associates read it."""
    until: Instant | None = None
    """Null: until somebody says that it is free."""
    bays: tuple[_Bay, _Bay] | None = None
    """The first and the last bay beside it; null: all of the aisle."""
    direction: Direction = Direction.BOTH
    """Which way nobody walks: ``both``, ``forth`` (from its first bay on) or ``back``."""


@router.get("/picking", responses=problems(NotYours, StoreUnknown))
async def picking(store_id: StoreId, db: Db, key: OpsKey) -> PickingIn:
    """Say what a store wants scanned, and what comes first on its walks."""
    allow(key.only_store, store_id)
    async with db.transaction(store_id) as tx:
        await stores.get(tx, store_id)
        how = await pickings.of(tx, store_id)
    return PickingIn(
        shelf_first=how.shelf_first,
        scan_totes=how.totes,
        heavy_first=how.heavy_first,
        alone=how.alone,
        language=how.language,
    )


@router.put("/picking", responses=problems(NotYours, StoreUnknown))
async def pick_so(store_id: StoreId, body: PickingIn, db: Db, key: OpsKey) -> PickingIn:
    """Say how a store picks from now on. What was scanned before counts as it did."""
    allow(key.only_store, store_id)
    async with db.transaction(store_id, actor=f"ops:{key.name}") as tx:
        await stores.get(tx, store_id)
        await deeds.pick_so(
            tx,
            store_id,
            How(body.shelf_first, body.scan_totes, body.heavy_first, body.alone, body.language),
        )
    return body


@router.get("/floor", responses=problems(NotYours, StoreUnknown))
async def floor(store_id: StoreId, db: Db, key: OpsKey) -> Answer:
    """The aisles of a store, what is blocked just now, and to which of them nobody gets."""
    allow(key.only_store, store_id)
    async with db.transaction(store_id) as tx:
        await stores.get(tx, store_id)
        known = await floors.of(tx, store_id)
    ways = known.ways if known else ()
    cut_off = floors.unreached(known) if known else []
    return {
        "aisles": [_shown(way) for way in ways],
        "cut_off": [{"aisle": way.aisle, "zone": way.zone} for way in cut_off],
    }


_REFUSALS: Final = problems(NotYours, StoreUnknown, AisleUnknown, BlockImpossible)


@router.post("/floor/block", responses=_REFUSALS)
async def block(store_id: StoreId, body: BlockIn, db: Db, key: OpsKey) -> Answer:
    """Say that something stands in an aisle; said again, it takes the place of what was said.

    Walks that are under way are planned again, and lead round it from their next look on.
    """
    allow(key.only_store, store_id)
    made = Block(body.reason, body.until, body.bays, body.direction)
    async with db.transaction(store_id, actor=f"ops:{key.name}") as tx:
        await stores.get(tx, store_id)
        way = await deeds.block(tx, store_id, body.aisle, made, zone=body.zone)
    return {"aisle": way.aisle, "zone": way.zone, "is_blocked": True}


@router.post("/floor/free", responses=problems(NotYours, StoreUnknown, AisleUnknown))
async def free(store_id: StoreId, body: AisleIn, db: Db, key: OpsKey) -> Answer:
    """Say that an aisle can be walked again."""
    allow(key.only_store, store_id)
    async with db.transaction(store_id, actor=f"ops:{key.name}") as tx:
        await stores.get(tx, store_id)
        way = await deeds.free(tx, store_id, body.aisle, zone=body.zone)
    return {"aisle": way.aisle, "zone": way.zone, "is_blocked": False}


def _shown(way: Way) -> dict[str, Any]:
    block = way.block
    return {
        "aisle": way.aisle,
        "zone": way.zone,
        "is_cross": way.is_cross,
        "is_one_way": way.is_one_way,
        "bays": way.bays,
        "from": way.start,
        "to": way.end,
        "block": block
        and {
            "reason": block.reason,
            "until": block.until,
            "bays": block.bays,
            "direction": block.direction,
        },
    }
