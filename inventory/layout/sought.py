"""Items as whoever looks for them needs to know them: what they look like, and where they lie."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from bopis.kernel.database import Tx
from bopis.kernel.ids import Sku, StoreId
from inventory.layout import whereabouts
from inventory.models import Location

_FIND: Final = """
    SELECT w.sku AS wanted, i.size,
           (SELECT g.gtin FROM item_gtins AS g WHERE g.sku = w.sku
             ORDER BY g.quantity, g.gtin LIMIT 1) AS gtin,
           l.*
      FROM unnest($2::text[]) AS w (sku)
      LEFT JOIN items AS i ON i.sku = w.sku
      LEFT JOIN locations AS l ON l.store_id = $1 AND l.sku = w.sku
     ORDER BY w.sku, l.zone, l.aisle, l.bay, l.shelf
     LIMIT 10000
"""
FIND_ONE: Final = _FIND.replace("unnest($2::text[])", "(VALUES ($2::text))")
"""The same, planned once: with a list, of unknown length, PostgreSQL plans anew for every scan."""

_PLACE: Final = tuple(Location.model_fields)


@dataclass(frozen=True, slots=True)
class Sought:
    """One item.

    Shapes:
        code: of a single unit; its own number, if nothing else is printed on it.
        places: the likeliest first; there may be none.
    """

    size: str
    code: str
    places: list[Location]


async def find(tx: Tx, store_id: StoreId, skus: Collection[Sku]) -> dict[Sku, Sought]:
    """Return what is known of each item in a store; of a stranger, next to nothing."""
    found: dict[Sku, Sought] = {}
    wanted = list(skus)
    if len(wanted) == 1:
        rows = await tx.rows(FIND_ONE, store_id, wanted[0])
    else:
        rows = await tx.rows(_FIND, store_id, wanted)
    for row in rows:
        sku = Sku(row["wanted"])
        one = found.setdefault(sku, Sought(row["size"] or "", row["gtin"] or sku, []))
        if row["zone"] is not None:
            one.places.append(Location.of({name: row[name] for name in _PLACE}))
    for one in found.values():
        one.places[:] = whereabouts.ranked(one.places, tx.now)
    return found
