"""Where a store keeps its items, and where picked orders wait."""

from collections.abc import Collection
from typing import Final

from bopis.kernel.database import Tx
from bopis.kernel.ids import Sku, StoreId
from inventory.models import Location, StagingPlace

_FIND: Final = """
    SELECT * FROM locations WHERE store_id = $1 AND sku = ANY ($2::text[])
     ORDER BY sku,
              COALESCE(last_missed_at > last_found_at, last_missed_at IS NOT NULL),
              CASE kind WHEN 'shelf' THEN 0 WHEN 'display' THEN 1 ELSE 2 END,
              zone, aisle, bay, shelf
     LIMIT 10000
"""


async def find(tx: Tx, store_id: StoreId, skus: Collection[Sku]) -> dict[Sku, list[Location]]:
    """Return the places of each item, the likeliest first; an item may have none.

    Where it was last looked for in vain comes last, and a shelf before a display or the back room.
    """
    found: dict[Sku, list[Location]] = {sku: [] for sku in skus}
    for row in await tx.rows(_FIND, store_id, list(skus)):
        found[Sku(row["sku"])].append(Location.of(row))
    return found


_FOUND: Final = """
    UPDATE locations SET last_found_at = $7
     WHERE store_id = $1 AND sku = $2 AND zone = $3 AND aisle = $4 AND bay = $5 AND shelf = $6
"""
_MISSED: Final = """
    UPDATE locations SET last_missed_at = $7
     WHERE store_id = $1 AND sku = $2 AND zone = $3 AND aisle = $4 AND bay = $5 AND shelf = $6
"""

Place = tuple[str, str, str, str]
"""Zone, aisle, bay, shelf."""


async def found_at(tx: Tx, store_id: StoreId, sku: Sku, place: Place) -> None:
    """Note that an item was on its place."""
    await tx.run(_FOUND, store_id, sku, *place, tx.now)


async def missed_at(tx: Tx, store_id: StoreId, sku: Sku, place: Place) -> None:
    """Note that an item was looked for here in vain: the next associate starts elsewhere."""
    await tx.run(_MISSED, store_id, sku, *place, tx.now)


_STAGING: Final = "SELECT * FROM staging_places WHERE store_id = $1 AND code = $2 AND is_active"


async def staging_place(tx: Tx, store_id: StoreId, code: str) -> StagingPlace | None:
    """Return the staging place with this code, as it is scanned; None: no such place is in use."""
    row = await tx.row(_STAGING, store_id, code)
    return None if row is None else StagingPlace.of(row)


_PLACES: Final = """
    SELECT * FROM staging_places WHERE store_id = $1 AND is_active ORDER BY code LIMIT 1000
"""


async def staging_places(tx: Tx, store_id: StoreId) -> list[StagingPlace]:
    return [StagingPlace.of(row) for row in await tx.rows(_PLACES, store_id)]
