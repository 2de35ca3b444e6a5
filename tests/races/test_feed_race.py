"""A feed comes while the store is busy, and nothing that happens meanwhile is lost."""

import asyncio
import io
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from hashlib import sha256
from typing import Any

import pytest

from bopis.kernel.clock import ManualClock
from bopis.kernel.database import Database, Tx
from bopis.kernel.ids import Sku
from inventory import stock
from inventory.feeds import batches, contents, parts
from inventory.feeds.feed import FeedKind
from inventory.feeds.intake import File
from inventory.feeds.models import BatchState, FeedBatch
from inventory.feeds.parts import Announcement
from inventory.feeds.records import Format
from inventory.stock import Want
from tests.inventory.shelves import (
    HOUR,
    OATS,
    S1,
    SEVEN,
    a_store,
    ceilings,
    csv,
    feed,
    items,
    numbers,
    order,
    stocked,
    unexplained,
)

WAITS = "SELECT count(*) FROM pg_locks WHERE NOT granted"
SHELF = [Sku(f"item-{n:02}") for n in range(40)]


async def shop(db: Database) -> None:
    await a_store(db)
    await items(db, OATS, *SHELF)


async def test_hand_overs_and_orders_while_a_feed_is_merged(
    db: Database, clock: ManualClock
) -> None:
    await shop(db)
    await stocked(db, dict.fromkeys(SHELF, 80))
    exported_at = clock.advance(HOUR)
    clock.advance(HOUR)
    async with db.transaction(S1) as tx:
        await stock.reserve(tx, S1, [Want(order(n), sku, 1) for n, sku in enumerate(SHELF)])

    async def collect(number: int) -> None:
        async with db.transaction(S1) as tx:
            await stock.consume(tx, S1, order(number), {SHELF[number]: 1})

    async def buy(number: int) -> None:
        async with db.transaction(S1) as tx:
            wants = [Want(order(number), sku, 1) for sku in SHELF[number % 7 :: 7]]
            assert not await stock.reserve(tx, S1, wants)

    await asyncio.gather(
        feed(db, csv(dict.fromkeys(SHELF, 90)), as_of=exported_at),
        *(collect(n) for n in range(40)),
        *(buy(n) for n in range(100, 128)),
        feed(db, csv(dict.fromkeys(SHELF, 70)), as_of=exported_at - HOUR / 2, source="till"),
    )

    for sku in SHELF:
        assert await numbers(db, sku) == (89, 4, 0)
    assert await unexplained(db) == []


async def test_five_feeds_of_new_items_at_once_and_the_newest_wins(db: Database) -> None:
    await shop(db)

    await asyncio.gather(
        *(
            feed(db, csv(dict.fromkeys(SHELF, n)), as_of=SEVEN + n * HOUR / 4, source=f"s{n}")
            for n in (3, 1, 5, 2, 4)
        )
    )

    for sku in SHELF:
        assert await numbers(db, sku) == (5, 0, 0)
    assert await unexplained(db) == []


async def test_one_delta_sent_five_times_at_once_counts_once(db: Database) -> None:
    await shop(db)

    sent = await asyncio.gather(
        *(feed(db, csv({OATS: 7}), kind=FeedKind.DELTA, batch_id=f"d{n % 2}") for n in range(5))
    )

    assert {batch.state for batch in sent} == {BatchState.APPLIED}
    assert await numbers(db, OATS) == (7, 0, 0)
    assert await unexplained(db) == []


async def test_an_older_feed_does_not_overtake_a_newer_one_that_says_what_was_known(
    db: Database, clock: ManualClock
) -> None:
    await shop(db)
    await stocked(db, {OATS: 9})
    early, late = clock.advance(HOUR), clock.advance(HOUR)
    async with db.transaction(S1) as tx:  # the newer one has not quite ended: it confirms the nine
        await batches.turn(tx, S1)
        older = asyncio.create_task(feed(db, csv({OATS: 2}), as_of=early, source="till"))
        async with db.connection() as watch:
            while not older.done() and not await watch.fetchval(WAITS):  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        assert not older.done()
        await tx.run(
            "INSERT INTO feed_confirmations (store_id, source, batch_id, after, as_of, skus)"
            " VALUES ($1, 'erp', 'newer', '', $2, $3)",
            S1,
            late,
            [OATS],
        )
    await older

    assert await numbers(db, OATS) == (9, 0, 0)


async def test_buyers_while_what_was_missing_comes_in(db: Database) -> None:
    await shop(db)
    await feed(db, csv({OATS: 10}), sequence=1)
    await feed(db, csv({OATS: 15}), as_of=SEVEN + 2 * HOUR, sequence=3)

    async def buy(number: int) -> bool:
        async with db.transaction(S1) as tx:
            return not await stock.reserve(tx, S1, [Want(order(number), OATS, 1)])

    early = await asyncio.gather(
        *(buy(n) for n in range(20)),
        *(feed(db, csv({OATS: 9}), as_of=SEVEN + HOUR, sequence=2) for _ in range(2)),
        *(buy(n) for n in range(20, 40)),
    )
    late = await asyncio.gather(*(buy(n) for n in range(40, 60)))

    assert 10 <= early.count(True) <= 15  # how many come before the ceiling goes is a race
    assert early.count(True) + late.count(True) == 15
    assert await numbers(db, OATS) == (15, 15, 0)
    assert await ceilings(db) == {}
    assert await unexplained(db) == []


class Meanwhile:
    """A database in which something happens before one of the transactions."""

    def __init__(self, db: Database, number: int, act: Callable[[], Awaitable[None]]) -> None:
        self._db = db
        self._left = number
        self._act = act

    def __getattr__(self, name: str) -> Any:
        return getattr(self._db, name)

    @asynccontextmanager
    async def transaction(self, **more: Any) -> AsyncIterator[Tx]:
        self._left -= 1
        if self._left == 0:
            await self._act()
        async with self._db.transaction(**more) as tx:
            yield tx


@pytest.mark.parametrize("number", range(1, 6))
async def test_content_that_is_dropped_while_it_is_read_is_not_here(
    db: Database, number: int
) -> None:
    await shop(db)
    text = csv({OATS: 7}).encode()
    said = Announcement("erp", "d1", FeedKind.DELTA, SEVEN, None, Format.CSV, parts=2)
    known = await parts.take(
        db,
        File(io.BytesIO(text[:25]), Format.CSV, sha256(text[:25]).hexdigest()),
        said,
        1,
        actor="",
    )
    async with db.transaction() as tx:
        await contents.keep(tx, "erp", "d1", 2, File(io.BytesIO(text[25:]), Format.CSV, "2"))

    async def drop() -> None:
        async with db.transaction() as tx:
            await contents.drop(tx, "erp", "d1")

    dropping: Any = Meanwhile(db, number, drop)
    async with contents.whole(dropping, known) as file:
        assert file is None
    async with db.transaction() as tx:
        assert await tx.value("SELECT count(*) FROM feed_chunks") == 0


async def test_a_part_that_comes_twice_at_once_with_the_last_one_counts_once(db: Database) -> None:
    await shop(db)
    text = csv({OATS: 7}).encode()

    async def piece(number: int) -> FeedBatch:
        data = text[:25] if number == 1 else text[25:]
        file = File(io.BytesIO(data), Format.CSV, sha256(data).hexdigest())
        said = Announcement("erp", "d1", FeedKind.DELTA, SEVEN, None, Format.CSV, parts=2)
        return await parts.take(db, file, said, number, actor="key:erp")

    await asyncio.gather(*(piece(n) for n in (1, 2, 2, 1, 2)))

    assert (await piece(1)).state is BatchState.APPLIED
    assert await numbers(db, OATS) == (7, 0, 0)
    assert await unexplained(db) == []
