"""Which stores near one of ours have all of something now."""

from collections.abc import Mapping
from typing import Final

from bopis.kernel.database import Tx
from bopis.kernel.ids import Sku, StoreId
from inventory.models import Store
from inventory.stores import get, kilometers

_HAVING: Final = """
    SELECT st.*  /* fanout: choice */
      FROM stores AS st
      JOIN stock AS s ON s.store_id = st.store_id
      JOIN unnest($1::text[], $2::int[]) AS wanted (sku, quantity)
        ON wanted.sku = s.sku
       AND LEAST(s.on_hand - s.unsellable - s.safety, s.cap, s.ceiling) - s.reserved - s.held
           >= wanted.quantity
     WHERE st.is_active AND st.store_id <> $3
     GROUP BY st.store_id
    HAVING count(*) = cardinality($1::text[])
     ORDER BY (st.latitude - $4) ^ 2 + ((st.longitude - $5) * cos(radians($4))) ^ 2 NULLS LAST,
              st.store_id
     LIMIT $6
"""
# Flat is round enough to choose by: the distance that is told is worked out below.


async def having(
    tx: Tx, wanted: Mapping[Sku, int], *, near: StoreId, limit: int
) -> list[tuple[Store, float | None]]:
    """Return the nearest other stores that could sell all of this, with their distance.

    One statement for all stores. Nothing is locked or set aside, and what is held for others is
    theirs: it may be untrue a moment later, in either direction.

    Shapes:
        wanted: 1..100 items.
        returns: nearest first; stores that do not say where they are come last, without a distance.
    """
    here = await get(tx, near)
    rows = await tx.rows(
        _HAVING,
        list(wanted),
        list(wanted.values()),
        near,
        here.latitude,
        here.longitude,
        limit,
    )
    return [(there := Store.of(row), _distance(here, there)) for row in rows]


def _distance(here: Store, there: Store) -> float | None:
    if here.latitude is None or here.longitude is None:
        return None
    if there.latitude is None or there.longitude is None:
        return None
    return kilometers(here.latitude, here.longitude, there.latitude, there.longitude)
