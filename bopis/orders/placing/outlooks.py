"""What a process remembers of its stores' outlooks, so that not every order has to ask again.

A hint that ages, never the truth: stock is checked where it is taken, and what a promise was drawn
from is written beside it.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from bopis.kernel.database import Database, Tx
from bopis.kernel.errors import Conflict
from bopis.kernel.ids import StoreId
from bopis.orders.telling import paused
from bopis.promises import promises
from bopis.promises.outlook import Outlook
from bopis.promises.predictor import Took
from inventory import stores
from inventory.opening import pause
from inventory.opening.pause import BECAUSE
from inventory.stores import StoreTime
from notifications.wording import Clock, spoken

FRESH: Final = timedelta(seconds=15)
"""Store clock. What is taken in meanwhile is added."""

POOLED_FRESH: Final = timedelta(minutes=10)


class StoreTakesNoOrders(Conflict):
    title = "The store takes no orders just now"


async def of(db: Database, store_id: StoreId) -> Outlook:
    """Return a store's outlook, at most some seconds old.

    Raises:
        StoreUnknown: There is no such store.
        StoreTakesNoOrders: It is switched off, or paused and takes none meanwhile.
    """
    known = db.memory.get(("outlook", store_id))
    hours = stores.remembered(db.memory, store_id)
    if (
        isinstance(known, Outlook)
        and hours is not None
        and known.calendar == hours.opening  # else the doors have changed their mind
        and _is_fresh(known.taken_at, db.clock(), FRESH)
    ):
        _let_in(store_id, hours, db.clock())
        return known
    of_all = await pooled(db)
    async with db.transaction(store_id) as tx:
        outlook = await look(tx, store_id, of_all)
    db.memory["outlook", store_id] = outlook
    return outlook


async def look(tx: Tx, store_id: StoreId, of_all: Sequence[Took]) -> Outlook:
    """Return a store's outlook as it is in the database.

    Raises:
        StoreUnknown: There is no such store.
        StoreTakesNoOrders: It is switched off, or paused and takes none meanwhile.
    """
    store = await stores.get(tx, store_id)
    if not store.is_active:
        raise StoreTakesNoOrders(f"{store.name} takes no orders just now.", store_id=store_id)
    _let_in(store_id, await stores.time_of(tx, store_id), tx.now)
    return await promises.outlook(tx, store_id, of_all, to_offer=True)


def _let_in(store_id: StoreId, hours: StoreTime, now: datetime) -> None:
    """Refuse new orders while a store is paused and takes none.

    Raises:
        StoreTakesNoOrders: It is; said with the reason, if shoppers may know it, and the end.
    """
    on = pause.refusing(hours.pauses, now)
    if on is not None:
        clock = Clock(hours.opening.zone, spoken("en"), now)
        ends = paused.ends_at(hours.opening, on, now)
        raise StoreTakesNoOrders(
            paused.of_orders(hours.opening, hours.pauses, clock, now),
            store_id=store_id,
            until=ends.isoformat() if ends else None,
            reason=on.reason if BECAUSE[on.reason] else None,
        )


def add(db: Database, store_id: StoreId, *, units: int, promised: Sequence[datetime]) -> None:
    """Take in that more work has been accepted since the outlook was taken."""
    known = db.memory.get(("outlook", store_id))
    if promised and isinstance(known, Outlook):
        db.memory["outlook", store_id] = known.with_more(len(promised), units, promised)


async def pooled(db: Database) -> list[Took]:
    """Return the experience of the whole chain, at most some minutes old."""
    taken_at, known = db.memory.get("pooled", (None, []))
    if taken_at is not None and _is_fresh(taken_at, db.clock(), POOLED_FRESH):
        return list(known)
    async with db.transaction() as tx:
        known = await promises.pooled(tx)
    db.memory["pooled"] = (db.clock(), known)
    return list(known)


def remembered(tx: Tx) -> list[Took]:
    """Return the chain's experience as this process last read it: for a store's transaction."""
    _, known = tx.memory.get("pooled", (None, []))
    return list(known)


def pooled_is_fresh(db: Database) -> bool:
    """Say whether this process need not ask for the chain's experience."""
    taken_at, _ = db.memory.get("pooled", (None, []))
    return taken_at is not None and _is_fresh(taken_at, db.clock(), POOLED_FRESH)


def keep_pooled(db: Database, known: list[Took]) -> None:
    """Remember the chain's experience: somebody has just read it with something else."""
    db.memory["pooled"] = (db.clock(), known)


def _is_fresh(taken_at: datetime, now: datetime, within: timedelta) -> bool:
    return timedelta(0) <= now - taken_at < within
