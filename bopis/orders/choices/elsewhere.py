"""Where else an order, or what is missing of it, can be had: with odds and a time, not a hope."""

from collections.abc import Mapping
from typing import Any, Final

from associates.walking.walk import effort
from bopis.kernel.database import Database
from bopis.kernel.ids import OrderId, Sku, StoreId
from bopis.orders import orders
from bopis.orders.choices import cases
from bopis.orders.placing import outlooks
from bopis.orders.placing.outlooks import StoreTakesNoOrders
from bopis.orders.states import LIVE
from bopis.promises.outlook import Offer, StoreNeverOpens
from inventory import nearby
from inventory.belief import beliefs
from inventory.belief.beliefs import Odds, Tier
from inventory.models import Store

NAMED: Final = 2
"""Other stores that a question names."""

LOOKED_AT: Final = 5
"""How many are asked for a time before that: the nearest that have all of it."""


async def elsewhere(db: Database, store_id: StoreId, order_id: OrderId) -> list[dict[str, Any]]:
    """Return the other stores that can take what a case is about, or else the whole order.

    A look at other stores, so outside of any transaction of this one. Who has it is one statement;
    only the few nearest are then asked how sure they are, and by when.

    Shapes:
        returns: at most two, nearest first: store_id, name, km, ready_by (ISO 8601), odds.
    """
    wanted = await _wanted(db, store_id, order_id)
    if not wanted:
        return []
    async with db.transaction() as tx:
        near = await nearby.having(tx, wanted, near=store_id, limit=LOOKED_AT)
    found: list[dict[str, Any]] = []
    for store, km in near:
        offer = await _asked(db, store, wanted)
        if offer is not None:
            found.append(_named(store, km, *offer))
        if len(found) == NAMED:
            break
    return found


async def _wanted(db: Database, store_id: StoreId, order_id: OrderId) -> dict[Sku, int]:
    async with db.transaction(store_id) as tx:
        case = await cases.live(tx, store_id, order_id)
        if case is not None:
            return {Sku(x["sku"]): int(x["quantity"]) for x in case.lines}
        lines = await orders.lines(tx, store_id, order_id)
    counted = {line.sku: sum(getattr(line, bucket) for bucket in LIVE) for line in lines}
    return {sku: quantity for sku, quantity in counted.items() if quantity}


async def _asked(
    db: Database, store: Store, wanted: Mapping[Sku, int]
) -> tuple[Offer, list[Odds]] | None:
    """Return by when a store could have it ready and how sure of each item it is; None: not."""
    try:
        outlook = await outlooks.of(db, store.store_id)
        async with db.transaction(store.store_id) as tx:
            odds = await beliefs.odds(tx, store.store_id, wanted)
            offer = outlook.offer(effort(wanted.values()), tx.now)
    except (StoreTakesNoOrders, StoreNeverOpens):
        return None
    if any(one.tier is Tier.NOT_HERE for one in odds.values()):
        return None
    return offer, list(odds.values())


def _named(store: Store, km: float | None, offer: Offer, odds: list[Odds]) -> dict[str, Any]:
    unsure = [one.p_find for one in odds if one.tier is Tier.LIKELY]
    return {
        "store_id": store.store_id,
        "name": store.name,
        "km": None if km is None else round(km, 1),
        "ready_by": offer.latest.isoformat(),
        "odds": f"{int(min(unsure) * 10)} of 10" if unsure else "",
    }
