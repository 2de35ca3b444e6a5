"""What stores could do for a basket, if it were ordered now."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from associates.walk import effort
from bopis.kernel.database import Database, Tx
from bopis.kernel.ids import StoreId, outward
from bopis.orders import outlooks
from bopis.orders.asked import unknown
from bopis.orders.schemas import HoldOut, LineIn, PromiseOut, QuoteIn, QuoteLine, QuoteOut
from bopis.promises.outlook import Outlook, StoreNeverOpens
from inventory import holds, items, stock, stores
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
        return await _quoted(tx, outlook, wanted, distance_km=distance_km)


async def hold(db: Database, store_id: StoreId, basket: QuoteIn, owner: str) -> QuoteOut:
    """Keep a basket for a while and quote it; where not all of it can be had, only quote.

    Raises:
        StoreUnknown: There is no such store.
        StoreTakesNoOrders: It is switched off.
        HoldsTooMany: The owner has asked too often, or holds too much already.
    """
    outlook = await outlooks.of(db, store_id)
    wanted = {line.sku: line.quantity for line in basket.lines}
    async with db.transaction(store_id, actor=f"key:{owner}") as tx:
        kept = None
        if _promise(outlook, effort(wanted.values()), tx.now):  # else it could never be ordered
            until = tx.now + timedelta(minutes=basket.hold_minutes)
            taken = await holds.take(tx, store_id, wanted, until=until, owner=owner)
            if not isinstance(taken, list):
                kept = HoldOut(hold_id=outward(store_id, taken), expires_at=until)
        return await _quoted(tx, outlook, basket.lines, kept=kept)


async def _quoted(
    tx: Tx,
    outlook: Outlook,
    wanted: Sequence[LineIn],
    *,
    distance_km: float | None = None,
    kept: HoldOut | None = None,
) -> QuoteOut:
    store = await stores.get(tx, outlook.store_id)
    known = await stock.availability(tx, store.store_id, [line.sku for line in wanted])
    lines = [_line(line, known.get(line.sku), kept=kept is not None) for line in wanted]
    there = all(line.available == line.wanted for line in lines)
    units = effort(line.wanted for line in lines)
    promise = _promise(outlook, units, tx.now) if there else None
    ages = [line.as_of for line in lines]
    return QuoteOut(
        store_id=store.store_id,
        name=store.name,
        distance_km=None if distance_km is None else round(distance_km, 2),
        can_be_had=promise is not None,
        promise=promise,
        stock_as_of=None if None in ages else min(age for age in ages if age),
        lines=lines,
        hold=kept,
    )


def _line(line: LineIn, known: Availability | None, *, kept: bool) -> QuoteLine:
    free = known.available if known else 0
    return QuoteLine(
        sku=line.sku,
        wanted=line.quantity,
        available=line.quantity if kept else min(free, line.quantity),
        as_of=known.as_of if known else None,
    )


def _promise(outlook: Outlook, units: int, now: datetime) -> PromiseOut | None:
    try:
        offer = outlook.offer(units, now)
    except StoreNeverOpens:
        return None
    return PromiseOut.model_validate(offer, from_attributes=True)
