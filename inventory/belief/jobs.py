"""When belief learns: soon after a feed, every night, and every week from its own mistakes."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from bopis.kernel.database import Database
from bopis.kernel.ids import StoreId
from inventory import stores
from inventory.belief import fitting, learning, policies, sweeping
from inventory.belief.models import BeliefMode

NIGHTLY: Final = timedelta(hours=20)
WEEKLY: Final = timedelta(days=6, hours=12)


async def listen(db: Database) -> None:
    """Learn what feeds have said since we last listened, store by store."""
    for store_id in await _stores(db):
        async with db.transaction(store_id) as tx:
            await learning.begin(tx, store_id)
            window = await learning.window(tx, store_id)
        if window is None:
            continue
        after: str | None = ""
        while after is not None:
            async with db.transaction(store_id) as tx:
                after = await learning.learn(tx, store_id, window, after)
        async with db.transaction(store_id) as tx:
            await learning.heard(tx, store_id, window.until)
        await sweep_store(db, store_id)


async def nightly(db: Database) -> None:
    """Hold every store's caps against what we believe by now, once a night."""
    for store_id in await _stores(db):
        if await _is_due(db, store_id, "swept_at", NIGHTLY):
            await sweep_store(db, store_id)


async def sweep_store(db: Database, store_id: StoreId) -> int:
    """Hold one store's caps against what we believe; return how many have changed."""
    async with db.reading(store_id) as tx:
        if (await policies.get(tx, store_id)).mode is not BeliefMode.ON:
            return 0
    total, after = 0, ""
    while True:
        async with db.transaction(store_id) as tx:
            last, written = await sweeping.sweep(tx, store_id, after)
            total += written
            if last is None:
                await sweeping.swept(tx, store_id)
                return total
            after = last


async def weekly(db: Database) -> None:
    """Learn from the picks of half a year what our chances are worth."""
    await fit(db, [one for one in await _stores(db) if await _is_due(db, one, "fitted_at", WEEKLY)])


async def fit(db: Database, due: Sequence[StoreId]) -> None:
    """Let some stores learn now what their own picks and those of all stores teach."""
    if not due:
        return
    async with db.transaction() as tx:
        known = await fitting.experience(tx)
    for store_id in due:
        async with db.transaction(store_id) as tx:
            await fitting.fit(tx, store_id, known)


async def _stores(db: Database) -> list[StoreId]:
    async with db.transaction() as tx:
        return [store.store_id for store in await stores.listed(tx)]


_DUE: Final = "SELECT swept_at, fitted_at FROM belief_stores WHERE store_id = $1"


async def _is_due(db: Database, store_id: StoreId, what: str, every: timedelta) -> bool:
    async with db.reading(store_id) as tx:
        row = await tx.row(_DUE, store_id)
        last: datetime | None = row[what] if row else None
        return last is None or last + every <= tx.now
