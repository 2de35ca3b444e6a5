"""What stores could do for a basket, if it were ordered now."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from associates.walk import effort
from bopis.kernel.database import Database, Tx
from bopis.kernel.ids import StoreId, outward
from bopis.orders import outlooks
from bopis.orders.asked import unknown
from bopis.orders.choice import confirm_by
from bopis.orders.likely import CONFIRM_WITHIN
from bopis.orders.schemas import HoldOut, LineIn, PromiseOut, QuoteIn, QuoteLine, QuoteOut
from bopis.promises.outlook import Outlook, StoreNeverOpens
from inventory import holds, items, stock, stores
from inventory.belief import beliefs
from inventory.belief.beliefs import Odds, Tier
from inventory.sources import cadence
from inventory.stock import Availability
from notifications import sureness
from notifications.wording import Clock, old_list, spoken


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
    asked = {line.sku: line.quantity for line in wanted}
    known = await stock.availability(tx, store.store_id, list(asked))
    odds = await beliefs.odds(tx, store.store_id, asked)
    silence = await cadence.silent_for(tx, store.store_id)
    lines = [
        _line(line, known.get(line.sku), odds.get(line.sku), kept=kept is not None)
        for line in wanted
    ]
    units = effort(line.wanted for line in lines)
    certainty = max((line.certainty for line in lines), key=_WORSE.index)
    promise = _promise(outlook, units, tx.now) if certainty is not Tier.NOT_HERE else None
    sure_by = None
    if promise is not None and certainty is Tier.LIKELY:
        sure_by = confirm_by(outlook.calendar, tx.now, CONFIRM_WITHIN)
    ages = [line.as_of for line in lines]
    clock = Clock(outlook.calendar.zone, spoken("en"), tx.now)
    return QuoteOut(
        store_id=store.store_id,
        name=store.name,
        distance_km=None if distance_km is None else round(distance_km, 2),
        can_be_had=promise is not None,
        promise=promise,
        certainty=certainty,
        confirm_by=sure_by,
        words=_words(certainty, promise, sure_by, clock),
        stock_is_old=silence is not None,
        stock_words=old_list(silence.last_as_of, clock) if silence else None,
        stock_as_of=None if None in ages else min(age for age in ages if age),
        lines=lines,
        hold=kept,
    )


_WORSE: Final = (Tier.AVAILABLE, Tier.LIKELY, Tier.NOT_HERE)


def _line(line: LineIn, known: Availability | None, odds: Odds | None, *, kept: bool) -> QuoteLine:
    free = known.available if known else 0
    available = line.quantity if kept else min(free, line.quantity)
    certainty = odds.tier if odds else Tier.AVAILABLE
    return QuoteLine(
        sku=line.sku,
        wanted=line.quantity,
        available=available,
        certainty=certainty if available == line.quantity else Tier.NOT_HERE,
        as_of=known.as_of if known else None,
    )


def _words(
    certainty: Tier, promise: PromiseOut | None, sure_by: datetime | None, clock: Clock
) -> str:
    """Return one sentence that a shop can show as it is."""
    if certainty is Tier.NOT_HERE:
        return "Not here: this store does not have all of it."
    if promise is None:
        return "This store does not open in the next weeks."
    if sure_by is not None:
        return (
            f"Likely there: we confirm by {clock.when(sure_by)}."
            f" If it is, ready {_span(promise, clock)}."
        )
    return f"Available: ready {_span(promise, clock)}."


def _span(promise: PromiseOut, clock: Clock) -> str:
    return sureness.span(promise.earliest, promise.latest, clock.when)


def _promise(outlook: Outlook, units: int, now: datetime) -> PromiseOut | None:
    try:
        offer = outlook.offer(units, now)
    except StoreNeverOpens:
        return None
    return PromiseOut.model_validate(offer, from_attributes=True)
