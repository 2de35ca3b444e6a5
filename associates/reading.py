"""What a code stands for in this store: an item, a place, or nothing we know."""

from collections.abc import Collection

from associates.scans import ItemCode, Noise, PlaceCode, Reading, Stranger
from bopis.kernel.database import Tx
from bopis.kernel.ids import Sku
from inventory import gtin, items, locations


async def read(tx: Tx, code: str, *, known: Collection[Sku]) -> Reading:
    """Look a scanned code up.

    An item without a GTIN wears the retailer's own number as its label; so that number counts too,
    and first of all for the items at hand, which need no looking up.
    """
    assert tx.store_id is not None
    scanned = gtin.scanned(code)
    if scanned.refused:
        return Noise()
    if scanned.gtin and (item := await items.by_gtin(tx, scanned.gtin)):
        return ItemCode(*item)
    own = Sku(scanned.text)
    if own in known:
        return ItemCode(own)
    if place := await locations.staging_place(tx, tx.store_id, scanned.text):
        return PlaceCode(place.code)
    if await items.known(tx, [own]):
        return ItemCode(own)
    return Stranger()
