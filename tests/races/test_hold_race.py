"""Holds, orders, clocks and feeds at once: no unit is kept for two, and none is lost."""

import asyncio
from collections import Counter
from datetime import timedelta

from bopis.kernel.clock import ManualClock
from bopis.kernel.database import Database
from bopis.kernel.ids import Sku
from inventory import holds
from inventory.hold_models import HoldId
from tests.inventory.shelves import (
    OATS,
    RYE,
    S1,
    a_store,
    csv,
    feed,
    items,
    numbers,
    stocked,
    unexplained,
)
from tests.inventory.test_holds import MINUTES, buy, contradictions, held, take, taken

SHELF = [Sku(name) for name in ("apple", "bread", "cocoa", "dates")]


async def test_64_holds_and_orders_for_the_last_10_units(db: Database) -> None:
    await a_store(db)
    await stocked(db, {OATS: 10})

    kept, sold = await asyncio.gather(
        asyncio.gather(*(take(db, {OATS: 1}, owner=f"shop-{n % 3}") for n in range(32))),
        asyncio.gather(*(buy(db, n, {OATS: 1}) for n in range(32))),
    )

    mine = [one for one in kept if not isinstance(one, list)]
    assert len(mine) + sum(sold) == 10
    assert await held(db, OATS) == len(mine)
    assert not await buy(db, 100, {OATS: 1})
    used = await asyncio.gather(*(buy(db, 200 + n, {OATS: 1}, one) for n, one in enumerate(mine)))
    assert all(used)
    assert await numbers(db, OATS) == (10, 10, 0)
    assert await contradictions(db) == []


async def test_holders_buyers_and_a_feed_at_the_instant_at_which_others_run_out(
    db: Database, clock: ManualClock
) -> None:
    """40 units: 10 are kept, 10 were until this instant, 20 are free; then a feed says 44."""
    await a_store(db)
    await items(db, OATS)
    await stocked(db, {OATS: 40})
    over = [await taken(db, {OATS: 1}, owner="a") for _ in range(10)]
    clock.advance(MINUTES / 2)
    live = [await taken(db, {OATS: 1}, owner="b") for _ in range(10)]
    as_of = clock.advance(MINUTES / 2)

    used, late, others, *_ = await asyncio.gather(
        asyncio.gather(*(buy(db, n, {OATS: 1}, one) for n, one in enumerate(live))),
        asyncio.gather(*(buy(db, 100 + n, {OATS: 1}, one) for n, one in enumerate(over))),
        asyncio.gather(*(buy(db, 200 + n, {OATS: 1}) for n in range(40))),
        feed(db, csv({OATS: 44}), as_of=as_of),
        holds.sweep(db),
    )

    assert all(used)  # whatever the others did
    assert 30 <= sum(late) + sum(others) <= 34
    while await buy(db, 900 + (await numbers(db, OATS))[1], {OATS: 1}):
        pass
    assert await numbers(db, OATS) == (44, 44, 0)
    assert await held(db, OATS) == 0
    assert await unexplained(db) == []
    assert await contradictions(db) == []


async def test_one_hold_used_by_twenty_at_once_is_used_once(db: Database) -> None:
    await a_store(db)
    await stocked(db, {OATS: 2, RYE: 1})
    hold = await taken(db, {OATS: 2, RYE: 1})

    sold = await asyncio.gather(*(buy(db, n, {OATS: 2, RYE: 1}, hold) for n in range(20)))

    assert Counter(sold) == {True: 1, False: 19}
    assert await numbers(db, OATS) == (2, 2, 0)
    assert await held(db, OATS) == 0
    assert await contradictions(db) == []


async def test_baskets_taken_dropped_and_swept_in_any_order_of_items(
    db: Database, clock: ManualClock
) -> None:
    await a_store(db)
    await stocked(db, dict.fromkeys(SHELF, 60))
    stale = [await taken(db, dict.fromkeys(SHELF, 2), owner="old") for _ in range(5)]
    clock.advance(MINUTES)

    async def keep(number: int) -> HoldId | None:
        wanted = {SHELF[(number + k) % 4]: 1 for k in range(4)}
        hold = await take(db, wanted, owner=f"shop-{number % 4}")
        if isinstance(hold, list):
            return None
        if number % 2:
            return hold
        async with db.transaction(S1) as tx:
            await holds.drop(tx, S1, hold, owner=f"shop-{number % 4}")
        return None

    async def tidy(hold: HoldId) -> None:
        async with db.transaction(S1) as tx:
            await holds.drop(tx, S1, hold, owner="old")

    kept, *_ = await asyncio.gather(
        asyncio.gather(*(keep(n) for n in range(60))),
        asyncio.gather(*(tidy(hold) for hold in stale)),
        asyncio.gather(holds.sweep(db), holds.sweep(db)),
    )

    live = sum(one is not None for one in kept)
    assert live == 30
    for sku in SHELF:
        assert await held(db, sku) == live
    assert await contradictions(db) == []
    clock.advance(MINUTES + timedelta(seconds=1))
    assert await buy(db, 1, dict.fromkeys(SHELF, 60))
    assert await contradictions(db) == []
