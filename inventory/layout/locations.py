"""Where a store keeps its items, and where picked orders wait."""

from collections.abc import Collection
from datetime import datetime
from typing import Final

from bopis.kernel.database import Tx
from bopis.kernel.ids import Sku, StoreId
from inventory.layout import whereabouts
from inventory.models import Location, LocationKind, StagingPlace

_FIND: Final = """
    SELECT * FROM locations WHERE store_id = $1 AND sku = ANY ($2::text[])
     ORDER BY sku, zone, aisle, bay, shelf
     LIMIT 10000
"""


async def find(tx: Tx, store_id: StoreId, skus: Collection[Sku]) -> dict[Sku, list[Location]]:
    """Return the places of each item, the likeliest first; an item may have none."""
    found: dict[Sku, list[Location]] = {sku: [] for sku in skus}
    for row in await tx.rows(_FIND, store_id, list(skus)):
        found[Sku(row["sku"])].append(Location.of(row))
    return {sku: whereabouts.ranked(places, tx.now) for sku, places in found.items()}


Place = tuple[str, str, str, str]
"""Zone, aisle, bay, shelf."""


def place_of(location: Location) -> Place:
    return location.zone, location.aisle, location.bay, location.shelf


_LOOKED: Final = """
    UPDATE locations
       SET found = found * $9
                 * power(0.5, greatest(extract(epoch FROM $7 - coalesce(learned_at, $7)), 0) / $10)
                 + CASE WHEN $8 THEN 1 ELSE 0 END,
           missed = missed * $9
                  * power(0.5, greatest(extract(epoch FROM $7 - coalesce(learned_at, $7)), 0) / $10)
                  + CASE WHEN $8 THEN 0 ELSE 1 END,
           last_found_at = CASE WHEN $8 THEN $7 ELSE last_found_at END,
           last_missed_at = CASE WHEN $8 THEN last_missed_at ELSE $7 END,
           learned_at = $7
     WHERE store_id = $1 AND sku = $2 AND zone = $3 AND aisle = $4 AND bay = $5 AND shelf = $6
"""
_LEARN: Final = """
    INSERT INTO locations (store_id, sku, zone, aisle, bay, shelf, kind, label, planned,
                           found, learned_at, last_found_at)
    SELECT $1, $2, $3, $4, $5, $6, $8,
           coalesce((SELECT max(label) FROM locations
                      WHERE store_id = $1 AND zone = $3 AND aisle = $4 AND bay = $5 AND shelf = $6
                        AND label <> ''), ''),
           false, 1, $7, $7
    ON CONFLICT DO NOTHING
"""


async def found_at(
    tx: Tx,
    store_id: StoreId,
    sku: Sku,
    place: Place,
    kind: LocationKind = LocationKind.SHELF,
) -> None:
    """Note that an item was on its place; a place that we did not know is one of its places now."""
    if not await _looked(tx, store_id, sku, place, seen=True):
        await tx.run(_LEARN, store_id, sku, *place, tx.now, kind)


async def missed_at(tx: Tx, store_id: StoreId, sku: Sku, place: Place) -> None:
    """Note that an item was looked for here in vain: the next associate starts elsewhere."""
    await _looked(tx, store_id, sku, place, seen=False)


async def _looked(tx: Tx, store_id: StoreId, sku: Sku, place: Place, *, seen: bool) -> int:
    half = whereabouts.HALF_LIFE.total_seconds()
    return await tx.run(_LOOKED, store_id, sku, *place, tx.now, seen, whereabouts.KEEP, half)


_UNLEARN: Final = """
    UPDATE locations
       SET found = CASE WHEN last_found_at = $7 THEN greatest(found - 1, 0) ELSE found END,
           missed = CASE WHEN last_missed_at = $7 THEN greatest(missed - 1, 0) ELSE missed END,
           last_found_at = CASE WHEN last_found_at = $7 THEN NULL ELSE last_found_at END,
           last_missed_at = CASE WHEN last_missed_at = $7 THEN NULL ELSE last_missed_at END
     WHERE store_id = $1 AND sku = $2 AND zone = $3 AND aisle = $4 AND bay = $5 AND shelf = $6
       AND (last_found_at = $7 OR last_missed_at = $7)
"""
_NEVER_WAS: Final = """
    DELETE FROM locations
     WHERE store_id = $1 AND sku = $2 AND zone = $3 AND aisle = $4 AND bay = $5 AND shelf = $6
       AND NOT planned AND found = 0 AND last_found_at IS NULL
"""


async def unlearn(tx: Tx, store_id: StoreId, sku: Sku, place: Place, at: datetime) -> None:
    """Take back what a look at ``at`` taught that did not happen.

    When it was last found before that is not remembered. If somebody has looked since, theirs
    counts more anyway, and this one is left to fade.
    """
    if await tx.run(_UNLEARN, store_id, sku, *place, at):
        await tx.run(_NEVER_WAS, store_id, sku, *place)


_LABELLED: Final = """
    SELECT zone, aisle, bay, shelf, kind FROM locations
     WHERE store_id = $1 AND label = $2 AND label <> ''
     ORDER BY planned DESC, zone, aisle, bay, shelf LIMIT 1
"""


async def labelled(tx: Tx, store_id: StoreId, code: str) -> tuple[Place, LocationKind] | None:
    """Return the place that wears this label; None: no place of this store does."""
    row = await tx.row(_LABELLED, store_id, code)
    if row is None:
        return None
    return (row["zone"], row["aisle"], row["bay"], row["shelf"]), LocationKind(row["kind"])


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
