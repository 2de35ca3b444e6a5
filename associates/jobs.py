"""What happens on the floor when nobody does anything."""

from typing import Final

from associates import workload
from associates.crew import forgetting
from associates.picking import claims, take_overs
from bopis.kernel.database import Database
from inventory import stores
from inventory.looking import counting, random_checks


async def release_leases(db: Database) -> int:
    """Give back tasks of which nothing has been heard for too long; return how many."""
    async with db.transaction() as tx:
        stores = await claims.stores_with_expired_leases(tx)
    released = 0
    for store_id in stores:
        async with db.transaction(store_id, actor="job:associates.leases") as tx:
            released += await claims.release_expired(tx, store_id)
    return released


async def end_silence(db: Database) -> int:
    """Tell those who ask for a walk that nobody answers them; return how many."""
    async with db.transaction() as tx:
        stores = await take_overs.stores_with_silence(tx)
    ended = 0
    for store_id in stores:
        async with db.transaction(store_id, actor="job:associates.asks") as tx:
            ended += await take_overs.lapse(tx, store_id)
    return ended


async def forget(db: Database) -> int:
    """Delete what is no longer needed; return how many rows."""
    async with db.transaction() as tx:
        stores = await forgetting.stores(tx)
    forgotten = 0
    for store_id in stores:
        async with db.transaction(store_id, actor="job:associates.forget") as tx:
            forgotten += await forgetting.forget(tx, store_id)
    return forgotten


CALM: Final = 2
"""Walks that may wait for somebody while we ask for counts that no order needs."""


async def ask_for_counts(db: Database) -> int:
    """Ask for counts of what is much wanted and nearly gone, and of one by lot; return how many.

    Only in stores that are open and have hands free: picking comes first.
    """
    async with db.transaction() as tx:
        places = await stores.listed(tx)
    asked = 0
    for store in places:
        async with db.transaction(store.store_id, actor="job:associates.counts") as tx:
            if await workload.waiting(tx, store.store_id) <= CALM:
                asked += len(await counting.suggest(tx, store.store_id))
                asked += await random_checks.draw(tx, store.store_id) is not None
    return asked
