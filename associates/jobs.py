"""What happens on the floor when nobody does anything."""

from associates import forgetting, tasks
from bopis.kernel.database import Database


async def release_leases(db: Database) -> int:
    """Give back tasks of which nothing has been heard for too long; return how many."""
    async with db.transaction() as tx:
        stores = await tasks.stores_with_expired_leases(tx)
    released = 0
    for store_id in stores:
        async with db.transaction(store_id, actor="job:associates.leases") as tx:
            released += await tasks.release_expired(tx, store_id)
    return released


async def forget(db: Database) -> int:
    """Delete what is no longer needed; return how many rows."""
    async with db.transaction() as tx:
        stores = await forgetting.stores(tx)
    forgotten = 0
    for store_id in stores:
        async with db.transaction(store_id, actor="job:associates.forget") as tx:
            forgotten += await forgetting.forget(tx, store_id)
    return forgotten
