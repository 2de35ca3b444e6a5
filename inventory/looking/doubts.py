"""What one person says is gone: nobody is promised it before somebody else has looked.

Their word alone does not change the record (``write_off``), and the record alone is no ground for a
promise. So the units between the two are kept, by the same means as those of a checkout
(docs/adr/0014): for a shift of open hours, then they are sold again, and store operations see that
nobody has looked. And of so many items of a store at once: beyond that a word holds nothing back,
or one person could empty the shop by it.
"""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from bopis.kernel.database import Database, Tx
from bopis.kernel.ids import Sku, StoreId
from inventory import holds, stores
from inventory.events import StockDoubted, StockDoubtEnded
from inventory.hold_models import HoldId
from inventory.opening import hours

OWNER: Final = holds.DOUBT
HELD_FOR: Final = timedelta(hours=4)
"""Of open hours: nobody counts at night."""
LONGEST: Final = timedelta(days=3)
MOST: Final = 20
"""Items of one store at once."""


async def raised(tx: Tx, store_id: StoreId, sku: Sku, request_id: UUID, units: int) -> None:
    """Hold back what is in doubt. The item's stock is locked.

    What is in doubt already stays so for as long as was said: a second word that disagrees with the
    first one changes how much, and not until when.
    """
    hold_id = HoldId(request_id)
    earlier = (await holds.claim(tx, store_id, [hold_id])).get(hold_id)
    await holds.free(tx, store_id, [hold_id])
    until = earlier.until if earlier else await _until(tx, store_id)
    is_kept = await holds.keep(
        tx, store_id, hold_id, {sku: units}, until=until, owner=OWNER, most=MOST
    )
    await tx.emit(
        StockDoubted(
            store_id=store_id,
            request_id=request_id,
            sku=sku,
            units=units,
            until=until if is_kept else None,
        )
    )


async def _until(tx: Tx, store_id: StoreId) -> datetime:
    calendar = await stores.calendar(tx, store_id)
    latest = tx.now + LONGEST
    return min(hours.add_open_time(calendar, tx.now, HELD_FOR) or latest, latest)


async def settled(tx: Tx, store_id: StoreId, sku: Sku, request_id: UUID) -> None:
    """Let go of what was held back: somebody has counted. The item's stock is locked."""
    if await holds.free(tx, store_id, [HoldId(request_id)]):
        await _say(tx, store_id, sku, request_id, was_counted=True)


async def sweep(db: Database) -> int:
    """Tidy away what has run out, doubts as well as checkouts, and say of which doubts it was."""
    return await holds.sweep(db, told=_lapsed)


_SKU: Final = "SELECT sku FROM count_requests WHERE store_id = $1 AND id = $2"


async def _lapsed(tx: Tx, store_id: StoreId, hold_id: HoldId) -> None:
    sku = await tx.value(_SKU, store_id, hold_id)
    await _say(tx, store_id, Sku(sku), hold_id, was_counted=False)


async def _say(tx: Tx, store_id: StoreId, sku: Sku, request_id: UUID, *, was_counted: bool) -> None:
    await tx.emit(
        StockDoubtEnded(store_id=store_id, request_id=request_id, sku=sku, was_counted=was_counted)
    )
