"""What stores could do for a basket, if it were ordered now."""

from collections.abc import Sequence
from datetime import datetime

from associates.walk import effort
from bopis.kernel.database import Database, Tx
from bopis.kernel.ids import StoreId
from bopis.orders import outlooks
from bopis.orders.placing import unknown
from bopis.orders.schemas import LineIn, PromiseOut, QuoteIn, QuoteLine, QuoteOut
from bopis.promises.outlook import Outlook, StoreNeverOpens
from inventory import items, stock, stores
from inventory.stock import Availability


async def candidates(tx: Tx, basket: QuoteIn) -> list[tuple[StoreId, float | None]]:
    """Return the stores to ask, nearest first, with their distance in kilometers.

    Raises:
        ItemsUnknown: An item is not in the catalogue, so no store can have it.
    """
    skus = [line.sku for line in basket.lines]
    names = await items.names(tx, skus)
    missing = [sku for sku in skus if sku not in names]
    if missing:
        raise unknown(missing)
    if basket.store_id is not None:
        return [(basket.store_id, None)]
    assert basket.near is not None
    near = await stores.nearest(tx, basket.near.latitude, basket.near.longitude, basket.limit)
    return [(store.store_id, km) for store, km in near]


async def quote(
    db: Database, store_id: StoreId, wanted: Sequence[LineIn], distance_km: float | None
) -> QuoteOut:
    """Return whether a store has a basket, by when it would be ready, and how old that news is.

    Raises:
        StoreUnknown: There is no such store.
        StoreTakesNoOrders: It is switched off.
    """
    outlook = await outlooks.of(db, store_id)
    async with db.transaction(store_id) as tx:
        store = await stores.get(tx, store_id)
        known = await stock.availability(tx, store_id, [line.sku for line in wanted])
        now = tx.now
    lines = [_line(line, known.get(line.sku)) for line in wanted]
    there = all(line.available == line.wanted for line in lines)
    units = effort(line.wanted for line in lines)
    promise = _promise(outlook, units, now) if there else None
    ages = [line.as_of for line in lines]
    return QuoteOut(
        store_id=store_id,
        name=store.name,
        distance_km=None if distance_km is None else round(distance_km, 2),
        can_be_had=promise is not None,
        promise=promise,
        stock_as_of=None if None in ages else min(age for age in ages if age),
        lines=lines,
    )


def _line(line: LineIn, known: Availability | None) -> QuoteLine:
    return QuoteLine(
        sku=line.sku,
        wanted=line.quantity,
        available=min(known.available, line.quantity) if known else 0,
        as_of=known.as_of if known else None,
    )


def _promise(outlook: Outlook, units: int, now: datetime) -> PromiseOut | None:
    try:
        offer = outlook.offer(units, now)
    except StoreNeverOpens:
        return None
    return PromiseOut.model_validate(offer, from_attributes=True)
