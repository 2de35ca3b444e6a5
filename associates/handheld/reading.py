"""What a code stands for in this store: an item, a place, a bag, a tote, or nothing we know."""

from collections.abc import Collection, Mapping
from typing import Final
from zoneinfo import ZoneInfo

from associates.bagging import bag, bags
from associates.picking.scans import (
    BagCode,
    ItemCode,
    Noise,
    PlaceCode,
    Reading,
    ShelfCode,
    Stranger,
    ToteCode,
)
from associates.walking import wave
from bopis.kernel.database import Tx
from bopis.kernel.ids import Sku, StoreId
from inventory import items, stores
from inventory.codes import gtin
from inventory.codes.gtin import Scanned
from inventory.layout import locations

_NONE: Final[Mapping[str, tuple[Sku, int]]] = {}


async def read(
    tx: Tx, code: str, *, known: Collection[Sku], codes: Mapping[str, tuple[Sku, int]] = _NONE
) -> Reading:
    """Look a scanned code up; codes of the items at hand are known already.

    An item without a GTIN wears the retailer's own number as its label; so that number counts too,
    and first of all for the items at hand, which need no looking up.
    """
    assert tx.store_id is not None
    scanned = gtin.scanned(code)
    if scanned.refused:
        return Noise()
    if scanned.gtin and (
        item := codes.get(scanned.gtin) or await items.by_gtins(tx, scanned.gtins)
    ):
        sku, units = item
        return ItemCode(sku, units * scanned.count, is_past=await _is_past(tx, scanned))
    own = Sku(scanned.text)
    if own in known:
        return ItemCode(own)
    if (label := bag.read(scanned.text)) and (found := await bags.find(tx, tx.store_id, label)):
        return BagCode(label, found.bag.number, found.bag.task_id, found.order_number)
    if place := await _place(tx, tx.store_id, scanned.text):
        return place
    return ItemCode(own) if await items.known(tx, [own]) else Stranger()


async def _is_past(tx: Tx, scanned: Scanned) -> bool:
    if scanned.last_day(tx.now.year) is None:
        return False
    assert tx.store_id is not None
    store = await stores.get(tx, tx.store_id)
    return scanned.is_past(tx.now.astimezone(ZoneInfo(store.time_zone)).date())


async def _place(tx: Tx, store_id: StoreId, code: str) -> ToteCode | PlaceCode | ShelfCode | None:
    if tote := wave.read(code):
        return ToteCode(tote)
    if place := await locations.staging_place(tx, store_id, code):
        return PlaceCode(place.code)
    shelf = await locations.labelled(tx, store_id, code)
    return ShelfCode(*shelf) if shelf else None
