"""A silent feed is noticed, store by store, told once, and told again when it speaks."""

import asyncio
from datetime import timedelta

import httpx

from bopis.kernel.clock import ManualClock
from bopis.kernel.database import Database
from bopis.kernel.ids import StoreId
from inventory.feeds import batches
from inventory.feeds.models import BooksPickup
from inventory.sources import cadence, declarations
from inventory.sources.cadence import Silence
from inventory.sources.mapping import FileMapping
from tests.conftest import NOON
from tests.inventory.shelves import HOUR, OATS, S1, S2, a_store, csv, feed, items


async def declared(db: Database, source: str, *, minutes: int = 60) -> None:
    async with db.transaction() as tx:
        await batches.declare(
            tx, source, books_pickup=BooksPickup.AT_HANDOVER, cadence_minutes=minutes
        )
        await declarations.declare(tx, source, FileMapping())


async def two_stores(db: Database) -> None:
    await a_store(db, S1)
    await a_store(db, S2)
    await items(db, OATS)
    await declared(db, "erp")
    both = csv({OATS: 5}) + csv({OATS: 5}, S2).partition("\n")[2]
    await feed(db, both, as_of=NOON)


async def told(db: Database) -> list[tuple[str, StoreId]]:
    async with db.transaction() as tx:
        rows = await tx.rows(
            "SELECT name, store_id FROM events WHERE name IN ('feed.fell_silent',"
            " 'feed.heard_again') ORDER BY occurred_at, name, store_id"
        )
    return [(row["name"], row["store_id"]) for row in rows]


async def of_store(db: Database, store_id: StoreId) -> Silence | None:
    async with db.reading(store_id) as tx:
        return await cadence.silent_for(tx, store_id)


async def test_a_feed_that_misses_its_turn_is_told_once_for_each_store_and_when_it_is_back(
    db: Database, clock: ManualClock, client: httpx.AsyncClient
) -> None:
    await two_stores(db)
    clock.advance(HOUR * 1.5)
    assert await cadence.notice(db) == 0
    assert await of_store(db, S1) is None

    clock.advance(timedelta(minutes=1))
    await feed(db, csv({OATS: 4}), as_of=clock())  # of S1 alone
    assert [await cadence.notice(db) for _ in range(2)] == [1, 0]
    assert await of_store(db, S1) is None
    quiet = await of_store(db, S2)
    assert quiet == Silence("erp", NOON, NOON + HOUR, is_silent=True, cadence=HOUR)
    async with db.transaction() as tx:
        [all_in_all] = await cadence.silences(tx)
    assert (all_in_all.is_silent, all_in_all.stores) == (False, 1)
    metrics = (await client.get("/metrics")).text
    assert 'bopis_feed_age_seconds{source="erp"} 0.0' in metrics
    assert 'bopis_feed_silent_stores{source="erp"} 1.0' in metrics

    await feed(db, csv({OATS: 5}, S2), as_of=NOON + timedelta(seconds=9))  # late, and old
    assert await cadence.notice(db) == 0
    await feed(db, csv({OATS: 5}, S2), as_of=clock())
    await asyncio.gather(*(cadence.notice(db) for _ in range(4)))

    assert await told(db) == [("feed.fell_silent", S2), ("feed.heard_again", S2)]
    assert await of_store(db, S2) is None


async def test_silence_lasts_until_the_source_is_heard_or_retired(
    db: Database, clock: ManualClock
) -> None:
    await two_stores(db)
    clock.advance(HOUR * 2)
    await cadence.notice(db)
    clock.advance(timedelta(days=60))
    assert await cadence.notice(db) == 0
    assert await of_store(db, S1) is not None

    async with db.transaction() as tx:
        await declarations.retire(tx, "erp")
    await cadence.notice(db)

    assert [name for name, _ in await told(db)] == ["feed.fell_silent"] * 2 + [
        "feed.heard_again"
    ] * 2
    assert await of_store(db, S1) is None
    async with db.transaction() as tx:
        assert await cadence.silences(tx) == []


async def test_of_two_sources_the_one_that_spoke_last_counts_for_shoppers(
    db: Database, clock: ManualClock
) -> None:
    await two_stores(db)
    await declared(db, "till")
    clock.advance(HOUR * 2)
    await feed(db, csv({OATS: 3}), source="till", as_of=clock())
    await cadence.notice(db)

    assert await of_store(db, S1) is None
    assert await of_store(db, S2) is not None
    assert await told(db) == [("feed.fell_silent", S1), ("feed.fell_silent", S2)]


async def test_a_source_that_never_spoke_is_waited_for_from_when_it_was_declared(
    db: Database, clock: ManualClock
) -> None:
    await declared(db, "erp")
    async with db.transaction() as tx:
        before = await cadence.silences(tx)
    clock.advance(HOUR * 2)
    async with db.transaction() as tx:
        after = await cadence.silences(tx)

    assert [(one.last_as_of, one.expected_at, one.is_silent) for one in before] == [
        (None, NOON + HOUR, False)
    ]
    assert [one.is_silent for one in after] == [True]


async def test_a_slower_cadence_ends_a_silence_that_is_none(
    db: Database, clock: ManualClock
) -> None:
    await two_stores(db)
    clock.advance(HOUR * 2)
    await cadence.notice(db)
    await declared(db, "erp", minutes=600)

    assert await cadence.notice(db) == 2
    assert await of_store(db, S1) is None
