"""Many buyers at once, and the totals come out exact."""

import asyncio

from bopis.kernel.clock import ManualClock
from bopis.kernel.database import Database
from bopis.kernel.ids import Sku
from inventory import stock
from inventory.stock import Want
from tests.inventory.shelves import (
    HOUR,
    OATS,
    S1,
    a_store,
    cause,
    csv,
    feed,
    items,
    numbers,
    order,
    stocked,
    unexplained,
)


async def buy(db: Database, number: int, *skus: Sku) -> bool:
    async with db.transaction(S1) as tx:
        wants = [Want(order(number), sku, 1) for sku in skus]
        return not await stock.reserve(tx, S1, wants)


async def test_64_buyers_of_the_last_10_units(db: Database) -> None:
    await a_store(db)
    await stocked(db, {OATS: 10})

    sold = await asyncio.gather(*(buy(db, n, OATS) for n in range(64)))

    assert sum(sold) == 10
    assert await numbers(db, OATS) == (10, 10, 0)
    assert await unexplained(db) == []


async def test_120_orders_of_four_items_of_which_there_are_40(db: Database) -> None:
    shelf = [Sku(name) for name in ("apple", "bread", "cocoa", "dates")]
    await a_store(db)
    await stocked(db, dict.fromkeys(shelf, 40))

    # Each buyer names the items in an order of their own: whoever locks as told deadlocks.
    sold = await asyncio.gather(
        *(buy(db, n, *(shelf[(n + k) % 4] for k in range(4))) for n in range(120))
    )

    assert sum(sold) == 40
    for sku in shelf:
        assert await numbers(db, sku) == (40, 40, 0)
    assert await unexplained(db) == []


async def test_buyers_cancellations_and_hand_overs_at_once(db: Database) -> None:
    await a_store(db)
    await stocked(db, {OATS: 30})
    for n in range(20):
        assert await buy(db, n, OATS)

    async def cancel(number: int) -> None:
        async with db.transaction(S1) as tx:
            await stock.release(tx, S1, order(number), {OATS: 1})

    async def collect(number: int) -> None:
        async with db.transaction(S1) as tx:
            await stock.consume(tx, S1, order(number), {OATS: 1})

    async def lose(number: int) -> None:
        async with db.transaction(S1) as tx:
            await stock.short(tx, S1, order(number), OATS, 1, "damaged", cause(number))

    buyers = [asyncio.create_task(buy(db, n, OATS)) for n in range(100, 140)]
    await asyncio.gather(
        *(cancel(n) for n in range(8)),
        *(collect(n) for n in range(8, 16)),
        *(lose(n) for n in range(16, 20)),
    )
    bought = await asyncio.gather(*buyers)

    # 30 units: 8 left the building, 4 are broken; 10 were free, 8 came free while all were at it.
    on_hand, reserved, unsellable = await numbers(db, OATS)
    assert (on_hand, unsellable) == (22, 4)
    assert reserved == sum(bought)
    assert 10 <= sum(bought) <= 18
    assert await unexplained(db) == []


async def test_shortages_undone_while_an_older_feed_is_merged(
    db: Database, clock: ManualClock
) -> None:
    shelf = [Sku(f"item-{n:02}") for n in range(20)]
    await a_store(db)
    await items(db, *shelf)
    await stocked(db, dict.fromkeys(shelf, 10))
    exported_at = clock.advance(HOUR)
    clock.advance(HOUR)
    async with db.transaction(S1) as tx:
        await stock.reserve(tx, S1, [Want(order(n), sku, 2) for n, sku in enumerate(shelf)])
    clock.advance(HOUR)

    async def slip(number: int) -> None:
        reason = ("wrong_item_at_location", "damaged")[number % 2]
        who, sku, scan = order(number), shelf[number], cause(number)
        async with db.transaction(S1) as tx:
            await stock.short(tx, S1, who, sku, 1, reason, scan)
        async with db.transaction(S1) as tx:
            await stock.unshort(tx, S1, who, sku, 1, scan)

    await asyncio.gather(
        *(slip(n) for n in range(10)),
        feed(db, csv(dict.fromkeys(shelf, 30)), as_of=exported_at),
        *(slip(n) for n in range(10, 20)),
    )

    for sku in shelf:
        assert await numbers(db, sku) == (30, 2, 0)
    assert await unexplained(db) == []
