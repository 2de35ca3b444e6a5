"""What a person may decide about goods: conflicts, and counts. Each leaves a fact."""

from typing import Final
from uuid import UUID, uuid5

from bopis.kernel.database import Tx
from bopis.kernel.errors import Conflict, NotFound
from bopis.kernel.ids import Sku, StoreId
from bopis.ops.events import OpsNoted
from inventory import sellable, stock
from inventory.events import StockConflictClosed
from inventory.looking import conflicts
from inventory.models import CountPriority

_ITEMS: Final = UUID("0a0c5b6e-5c0e-5b57-8d5d-0c6d6a0f7b11")


class ConflictUnknown(NotFound):
    title = "There is no such conflict"


class ConflictClosed(Conflict):
    title = "The conflict is closed already"


class CountUnknown(NotFound):
    title = "There is nothing to count here"


class ItemUnknown(NotFound):
    title = "The store does not know this item"


_SKU: Final = "SELECT sku FROM stock_conflicts WHERE store_id = $1 AND id = $2"

_CLOSED: Final = "SELECT closed_at IS NOT NULL FROM stock_conflicts WHERE store_id = $1 AND id = $2"

_CLOSE: Final = """
    UPDATE stock_conflicts SET closed_at = $3, resolution = $4
     WHERE store_id = $1 AND id = $2 AND closed_at IS NULL
    RETURNING sku
"""


async def count_conflict(
    tx: Tx, store_id: StoreId, conflict_id: UUID, *, counted: int, note: str = ""
) -> bool:
    """Take in what somebody counted because of a conflict; return whether that has closed it.

    A count is believed over every older feed. One that shows enough closes the conflict; one that
    shows too few confirms it, and it stays open: whoever would lose by it has not been helped yet.

    Raises:
        ConflictUnknown: This store has none with this id.
    """
    sku = await _in_conflict(tx, store_id, conflict_id)
    await stock.count(tx, store_id, sku, counted, cause=conflict_id, source=tx.actor)
    await tx.emit(OpsNoted(store_id=store_id, about=conflict_id, act=f"count {counted}", note=note))
    return bool(await tx.value(_CLOSED, store_id, conflict_id))


async def close_conflict(tx: Tx, store_id: StoreId, conflict_id: UUID, *, note: str) -> None:
    """Close a conflict because a person knows better than the numbers, and says how.

    Should the next change of this item contradict itself again, a new conflict opens.

    Raises:
        ConflictUnknown: This store has none with this id.
        ConflictClosed: Somebody else, or a feed, was faster.
    """
    await _in_conflict(tx, store_id, conflict_id)
    sku = await tx.value(_CLOSE, store_id, conflict_id, tx.now, note)
    if sku is None:
        raise ConflictClosed("The conflict is closed already. Look at the list again.")
    await tx.emit(
        StockConflictClosed(store_id=store_id, conflict_id=conflict_id, sku=sku, resolution=note)
    )
    act = "close a conflict"
    await tx.emit(OpsNoted(store_id=store_id, about=conflict_id, act=act, note=note))


async def _in_conflict(tx: Tx, store_id: StoreId, conflict_id: UUID) -> Sku:
    sku = await tx.value(_SKU, store_id, conflict_id)
    if sku is None:
        raise ConflictUnknown("There is no such conflict. Look at the list again.")
    return Sku(sku)


_REQUEST: Final = """
    SELECT sku FROM count_requests WHERE store_id = $1 AND id = $2 AND done_at IS NULL
"""


async def enter_count(
    tx: Tx, store_id: StoreId, request_id: UUID, *, counted: int, note: str = ""
) -> None:
    """Take in what somebody counted because we asked; it is believed over every older feed.

    Raises:
        CountUnknown: Nobody is asked to count this, or somebody has counted it since.
    """
    sku = await tx.value(_REQUEST, store_id, request_id)
    if sku is None:
        raise CountUnknown("It has been counted, or was never asked for. Look at the list again.")
    await stock.count(tx, store_id, Sku(sku), counted, cause=request_id, source=tx.actor)
    act = f"enter a count of {counted}"
    await tx.emit(OpsNoted(store_id=store_id, about=request_id, act=act, note=note))


async def ask_for_count(tx: Tx, store_id: StoreId, sku: Sku) -> None:
    """Put an item on the store's list of what to count.

    Raises:
        ItemUnknown: This store has never had it.
    """
    if not await sellable.availability(tx, store_id, [sku]):
        raise ItemUnknown("This store has never had the item, as far as we know.")
    await conflicts.request_count(tx, store_id, sku, "asked", CountPriority.DOUBT)
    about = uuid5(_ITEMS, f"{store_id}/{sku}")
    await tx.emit(OpsNoted(store_id=store_id, about=about, act=f"ask to count {sku}", note=""))
