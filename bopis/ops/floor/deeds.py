"""What a person may decide about a store's floor, and how it picks. Each leaves a fact."""

from typing import Any, Final
from uuid import UUID, uuid5

from associates.picking import pickings
from associates.picking.picking import How
from bopis.kernel import speech
from bopis.kernel.database import Tx
from bopis.kernel.ids import StoreId
from bopis.ops.events import OpsNoted
from inventory.layout import floors
from inventory.layout.floor import Block, Direction, Way

_FLOORS: Final = UUID("6d0f5f0c-5a2e-5f0e-9b1c-0c8a8d2f7a11")
_ONLY: Final = {
    Direction.BOTH: "",
    Direction.FORTH: ", from its first end on",
    Direction.BACK: ", towards its first end",
}


async def block(tx: Tx, store_id: StoreId, aisle: str, made: Block, *, zone: str = "") -> Way:
    """Say that something stands in an aisle: walks that are under way are planned again.

    Raises:
        AisleUnknown: The plan has none of this name, or there is no plan.
        BlockImpossible: It cannot be blocked so.
    """
    way = await floors.block(tx, store_id, aisle, made, zone=zone)
    until = f" until {made.until.isoformat()}" if made.until else ""
    await _note(tx, store_id, f"block aisle {way.aisle}{until}{_ONLY[made.direction]}", made.reason)
    return way


async def free(tx: Tx, store_id: StoreId, aisle: str, *, zone: str = "") -> Way:
    """Say that an aisle can be walked again. That it could be already is no error.

    Raises:
        AisleUnknown: The plan has none of this name, or there is no plan.
    """
    way = await floors.free(tx, store_id, aisle, zone=zone)
    if way.block is not None:
        await _note(tx, store_id, f"open aisle {way.aisle}", way.block.reason)
    return way


async def pick_so(tx: Tx, store_id: StoreId, how: How) -> None:
    """Say how a store picks from now on."""
    await pickings.configure(tx, store_id, how)
    totes = "scanned" if how.totes else "not scanned"
    heavy = "first" if how.heavy_first else "last"
    act = (
        f"shelf before item: {how.shelf_first}; totes: {totes}; heavy things: {heavy};"
        f" one person writes off: {how.alone};"
        f" language: {speech.LANGUAGES.get(how.language, 'that of its country')}"
    )
    await _note(tx, store_id, "say how the store picks", act)


async def _note(tx: Tx, store_id: StoreId, act: str, note: str) -> None:
    about = uuid5(_FLOORS, store_id)
    await tx.emit(OpsNoted(store_id=store_id, about=about, act=act, note=note))


_DECIDED: Final = """
    SELECT actor, payload, occurred_at FROM events
     WHERE store_id = $1 AND subject = $2 ORDER BY seq DESC LIMIT 20
"""


async def decided(tx: Tx, store_id: StoreId) -> list[dict[str, Any]]:
    """Return what was decided about a store's floor, the latest first: who, what, why, when."""
    return [dict(row) for row in await tx.rows(_DECIDED, store_id, uuid5(_FLOORS, store_id))]
