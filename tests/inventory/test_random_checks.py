"""A few looks are drawn by lot among what is refused, and how likely each was is noted."""

from datetime import timedelta

from bopis.kernel.clock import ManualClock
from bopis.kernel.database import Database
from bopis.kernel.ids import Sku
from inventory import stock
from inventory.looking import random_checks
from inventory.models import CountPriority, StoreHours
from tests.inventory.shelves import S1, a_store, items

SKUS = [Sku(f"item-{n}") for n in range(6)]
HOUR = timedelta(hours=1)


async def refused(db: Database) -> None:
    """Let a store have six items by its records, and refuse all but two of them."""
    await a_store(db)
    await items(db, *SKUS)
    async with db.transaction(S1) as tx:
        await tx.run("DELETE FROM store_hours WHERE store_id = $1", S1)
        for day in range(7):
            await tx.add(StoreHours(store_id=S1, weekday=day, opens="08:00", closes="21:00"))
        for n, sku in enumerate(SKUS):
            await tx.run(
                "INSERT INTO stock (store_id, sku, on_hand, cap, changed_at)"
                " VALUES ($1, $2, 5, $3, $4)",
                *(S1, sku, None if n < 2 else 0, tx.now),
            )


async def drawn(db: Database) -> Sku | None:
    async with db.transaction(S1) as tx:
        return await random_checks.draw(tx, S1)


async def test_a_few_a_day_one_at_a_time_among_what_is_refused(
    db: Database, clock: ManualClock
) -> None:
    await refused(db)
    found, chances = [], []
    for _ in range(random_checks.A_DAY + 1):
        sku = await drawn(db)
        again = await drawn(db)
        assert again is None  # somebody has something to count
        if sku is None:
            continue
        found.append(sku)
        async with db.transaction(S1) as tx:
            row = await tx.row("SELECT * FROM count_requests WHERE sku = $1", sku)
            assert row is not None
            assert (row["reason"], row["priority"]) == ("at_random", CountPriority.AT_RANDOM)
            chances.append(row["chance"])
            await stock.count(tx, S1, sku, 5, cause=row["id"], source="device:x")
        clock.advance(HOUR)

    assert sorted(found) == SKUS[2:]  # and never what is promised anyway
    assert [round(1 / chance) for chance in chances] == [4, 3, 2, 1]


async def test_the_same_hour_draws_the_same_and_shut_doors_nothing(
    db: Database, clock: ManualClock
) -> None:
    await refused(db)
    first = await drawn(db)
    async with db.transaction(S1) as tx:
        await tx.run("DELETE FROM count_requests")
    second = await drawn(db)
    async with db.transaction(S1) as tx:
        await tx.run("DELETE FROM count_requests")
    clock.advance(12 * HOUR)

    assert first == second
    assert first in SKUS[2:]
    assert await drawn(db) is None
