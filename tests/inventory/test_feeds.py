"""A feed is a message: taken once, in any order, and never in silence."""

import asyncio
from datetime import timedelta
from functools import partial

import pytest

from bopis.kernel.clock import ManualClock
from bopis.kernel.database import Database
from bopis.kernel.ids import Sku, StoreId
from inventory import sellable, stock
from inventory.feeds import batches, intake
from inventory.feeds.batches import BatchDiffers
from inventory.feeds.feed import FeedKind
from inventory.feeds.intake import FileUnreadable
from inventory.feeds.models import BatchState, BooksPickup, FeedBatch, FeedRun
from inventory.models import ItemGtin
from inventory.stock import Want
from tests.inventory.shelves import (
    HOUR,
    OATS,
    RYE,
    S1,
    S2,
    SEVEN,
    TEA,
    a_store,
    csv,
    feed,
    items,
    numbers,
    open_conflicts,
    order,
    stocked,
    unexplained,
)


@pytest.fixture
async def shop(db: Database) -> Database:
    await a_store(db)
    await a_store(db, S2)
    await items(db, OATS, RYE, TEA)
    return db


async def run_of(db: Database, batch: FeedBatch, store_id: StoreId = S1) -> FeedRun:
    async with db.transaction() as tx:
        found = await batches.runs(tx, batch.source, batch.batch_id)
    return next(run for run in found if run.store_id == store_id)


async def on_hand(db: Database, sku: Sku = OATS) -> int:
    return (await numbers(db, sku))[0]


async def rejected(db: Database, batch: FeedBatch) -> list[tuple[int, str, str]]:
    async with db.transaction() as tx:
        found = await batches.rejects(tx, batch.source, batch.batch_id, limit=100)
    return [(one.line, one.field, one.reason) for one in found]


async def test_a_snapshot_over_two_stores(shop: Database) -> None:
    batch = await feed(
        shop, "store_id,sku,quantity\nS1,oats,10\nS2,oats,3\nS1,rye,0\n", as_of=SEVEN
    )

    assert (batch.state, batch.rows, batch.rejected) == (BatchState.APPLIED, 3, 0)
    assert await numbers(shop, OATS) == (10, 0, 0)
    assert await numbers(shop, OATS, S2) == (3, 0, 0)
    assert (await run_of(shop, batch)).applied == 2
    async with shop.transaction(S1) as tx:
        known = (await sellable.availability(tx, S1, [OATS]))[OATS]
    assert (known.available, known.as_of, known.source) == (10, SEVEN, "erp")
    assert await unexplained(shop) == []


async def test_the_same_batch_again_changes_nothing(shop: Database) -> None:
    first = await feed(shop, csv({OATS: 10}), batch_id="b1")
    await feed(shop, csv({OATS: 7}), as_of=SEVEN + HOUR)

    assert await feed(shop, csv({OATS: 10}), batch_id="b1") == first
    assert await on_hand(shop) == 7


async def test_another_content_under_the_same_name_is_refused(shop: Database) -> None:
    await feed(shop, csv({OATS: 10}), batch_id="b1")

    with pytest.raises(BatchDiffers):
        await feed(shop, csv({OATS: 11}), batch_id="b1")
    with pytest.raises(BatchDiffers):
        await feed(shop, csv({OATS: 10}), batch_id="b1", as_of=SEVEN + HOUR)
    assert await on_hand(shop) == 10


async def test_the_same_content_under_another_name_changes_nothing(shop: Database) -> None:
    await feed(shop, csv({OATS: 10}))
    await feed(shop, csv({OATS: 2}), kind=FeedKind.DELTA, as_of=SEVEN + HOUR, batch_id="d1")
    again = await feed(shop, csv({OATS: 2}), kind=FeedKind.DELTA, as_of=SEVEN + HOUR, batch_id="d2")

    assert again.state is BatchState.APPLIED
    assert again.problem == "Every store has learned this before."
    assert await on_hand(shop) == 12


async def test_an_older_row_never_wins(shop: Database) -> None:
    await feed(shop, csv({OATS: 7}), as_of=SEVEN + HOUR)
    late = await feed(shop, csv({OATS: 10, RYE: 2}), as_of=SEVEN)

    assert await on_hand(shop) == 7
    assert await on_hand(shop, RYE) == 2
    run = await run_of(shop, late)
    assert (run.applied, run.stale) == (1, 1)


async def test_unchanged_rows_write_nothing_and_still_win_over_older_ones(shop: Database) -> None:
    await feed(shop, csv({OATS: 10, RYE: 4}), as_of=SEVEN)
    async with shop.transaction() as tx:
        before = await tx.rows("SELECT sku, xmin::text FROM stock ORDER BY sku")

    again = await feed(shop, csv({OATS: 10, RYE: 4}), as_of=SEVEN + 2 * HOUR)
    late = await feed(shop, csv({OATS: 9}), as_of=SEVEN + HOUR)

    async with shop.transaction() as tx:
        assert await tx.rows("SELECT sku, xmin::text FROM stock ORDER BY sku") == before
        known = (await sellable.availability(tx, S1, [OATS]))[OATS]
    assert (await run_of(shop, again)).unchanged == 2
    assert (await run_of(shop, late)).stale == 1
    assert known.as_of == SEVEN + 2 * HOUR


async def test_what_left_after_the_feed_was_written_is_not_there(
    shop: Database, clock: ManualClock
) -> None:
    await stocked(shop, {OATS: 10})
    async with shop.transaction(S1) as tx:
        await stock.reserve(tx, S1, [Want(order(1), OATS, 3)])
    exported_at = clock.advance(HOUR)
    clock.advance(HOUR)
    async with shop.transaction(S1) as tx:
        await stock.consume(tx, S1, order(1), {OATS: 2})
    clock.advance(HOUR)

    await feed(shop, csv({OATS: 20}), as_of=exported_at)

    assert await numbers(shop, OATS) == (18, 1, 0)
    assert await unexplained(shop) == []


@pytest.mark.parametrize(
    ("books", "said", "there"),
    [
        # Of 10 units 4 are promised, 3 of these staged; none has left. What does each source say?
        (BooksPickup.AT_HANDOVER, 10, 10),
        (BooksPickup.AT_READY, 7, 10),
        (BooksPickup.AT_ORDER, 6, 10),
    ],
)
async def test_promised_units_are_counted_once_whenever_the_source_books_them(
    shop: Database, clock: ManualClock, books: BooksPickup, said: int, there: int
) -> None:
    await stocked(shop, {OATS: 10})
    async with shop.transaction(S1) as tx:
        await batches.declare(tx, "erp", books_pickup=books, cadence_minutes=60)
        await stock.reserve(tx, S1, [Want(order(1), OATS, 4)])
        await stock.stage(tx, S1, order(1), {OATS: 3})
    exported_at = clock.advance(HOUR)
    clock.advance(HOUR)

    await feed(shop, csv({OATS: said}), as_of=exported_at)
    assert await numbers(shop, OATS) == (there, 4, 0)

    async with shop.transaction(S1) as tx:
        await stock.consume(tx, S1, order(1), {OATS: 4})
    await feed(shop, csv({OATS: said, RYE: 1}), as_of=exported_at + timedelta(minutes=1))
    assert await numbers(shop, OATS) == (6, 0, 0)


async def test_a_person_wins_over_a_feed_that_is_not_newer(
    shop: Database, clock: ManualClock
) -> None:
    counted_at = clock.now
    await stocked(shop, {OATS: 5})
    clock.advance(HOUR)

    await feed(shop, csv({OATS: 9}), as_of=counted_at)
    assert await on_hand(shop) == 5
    await feed(shop, csv({OATS: 9}), as_of=counted_at + timedelta(minutes=1))
    assert await on_hand(shop) == 9


async def test_less_than_is_promised_is_a_conflict_until_it_is_resolved(shop: Database) -> None:
    await feed(shop, csv({OATS: 10}), as_of=SEVEN)
    async with shop.transaction(S1) as tx:
        await stock.reserve(tx, S1, [Want(order(1), OATS, 4)])

    short = await feed(shop, csv({OATS: 1}), as_of=SEVEN + HOUR)
    assert await numbers(shop, OATS) == (1, 4, 0)
    assert await open_conflicts(shop) == [OATS]
    assert (await run_of(shop, short)).conflicts == 1

    await feed(shop, csv({OATS: 6}), as_of=SEVEN + 2 * HOUR)
    assert await open_conflicts(shop) == []
    async with shop.transaction(S1) as tx:
        told = await tx.rows(
            "SELECT name FROM events WHERE name LIKE 'stock.conflict%' ORDER BY seq"
        )
    assert [row["name"] for row in told] == ["stock.conflict_opened", "stock.conflict_closed"]


async def test_bad_rows_are_kept_and_good_ones_apply(shop: Database) -> None:
    batch = await feed(
        shop,
        "store_id,sku,quantity\nS1,oats,10\nS1,rye,many\nS9,rye,1\nS1,nuts,4\n"
        "S1,tea,5\nS1,tea,3\nS1,tea,5\n",
    )

    assert (batch.state, batch.rows, batch.rejected) == (BatchState.APPLIED, 7, 4)
    assert await rejected(shop, batch) == [
        (3, "quantity", "not_a_number"),
        (4, "store_id", "unknown_store"),
        (5, "sku", "unknown_item"),
        (6, "quantity", "contradicted"),
        (8, "quantity", "contradicted"),
    ]
    assert await on_hand(shop) == 10
    assert await on_hand(shop, TEA) == 3
    assert (await run_of(shop, batch)).unknown == 1


async def test_a_broken_export_is_set_aside_whole(shop: Database) -> None:
    text = csv({OATS: 10, Sku("nuts"): 1}) + "S1,rye,many\n" * 11
    batch = await feed(shop, text, batch_id="b1")

    assert batch.state is BatchState.QUARANTINED
    assert (3, "sku", "unknown_item") in await rejected(shop, batch)
    assert batch.problem is not None
    assert batch.problem.startswith("11 of 13 rows are bad")
    async with shop.transaction() as tx:
        assert await tx.value("SELECT count(*) FROM stock") == 0

    batch = await feed(shop, text, batch_id="b1", despite_rejects=True)
    assert batch.state is BatchState.APPLIED
    assert await on_hand(shop) == 10


async def test_a_file_of_nonsense_leaves_no_trace(shop: Database) -> None:
    with pytest.raises(FileUnreadable):
        await feed(shop, "this is no feed\n")

    async with shop.transaction() as tx:
        assert await tx.value("SELECT count(*) FROM feed_batches") == 0


async def test_codes_count_units_and_cases(shop: Database) -> None:
    async with shop.transaction() as tx:
        await tx.add(
            ItemGtin(gtin="09521234543213", sku=OATS),
            ItemGtin(gtin="00000096385074", sku=OATS, quantity=12),
        )
    await feed(
        shop, "store_id,gtin,quantity\nS1,9521234543213,5\nS1,96385074,2\nS1,4006381333931,1\n"
    )

    assert await on_hand(shop) == 29


async def test_a_store_that_was_done_before_the_crash_is_not_done_again(shop: Database) -> None:
    text = "store_id,sku,quantity\nS1,oats,4\nS2,oats,3\n"
    await feed(shop, csv({OATS: 10}))
    batch = await feed(shop, text, kind=FeedKind.DELTA, as_of=SEVEN + HOUR, batch_id="d1")
    async with shop.transaction(S2) as tx:  # as if S2 had not been reached
        await tx.run("UPDATE feed_batches SET state = 'receiving' WHERE batch_id = 'd1'")
        await tx.run("DELETE FROM feed_runs WHERE store_id = 'S2'")
        await tx.run("DELETE FROM stock_ledger WHERE store_id = 'S2'")
        await tx.run("DELETE FROM stock WHERE store_id = 'S2'")

    again = await feed(shop, text, kind=FeedKind.DELTA, as_of=SEVEN + HOUR, batch_id="d1")

    assert again == batch
    assert await numbers(shop, OATS) == (14, 0, 0)
    assert await numbers(shop, OATS, S2) == (3, 0, 0)


async def test_items_have_all_the_characters_that_one_can_type(shop: Database) -> None:
    typed = [chr(n) for n in range(0x21, 0x7F)]
    await items(shop, *(Sku(f"{one}x{one}") for one in typed))
    cells = [f'"{one}x{one}"' if one == "," else f"{one}x{one}" for one in typed]
    cells[1] = '"""x"""'
    plain = "".join(f"S1,oats-{n},1\n" for n in range(10))
    batch = await feed(
        shop,
        "store_id,sku,quantity\n" + "".join(f"S1,{one},7\n" for one in cells) + plain,
        despite_rejects=True,
    )

    async with shop.transaction(S1) as tx:
        rows = await tx.rows("SELECT sku FROM stock WHERE store_id = $1 AND on_hand = 7", S1)
    assert {row["sku"] for row in rows} == {f"{one}x{one}" for one in typed}
    assert await rejected(shop, batch) == [
        (n, "sku", "unknown_item") for n in range(2 + len(typed), 12 + len(typed))
    ]


@pytest.mark.parametrize("kind", FeedKind)
async def test_a_long_run_stops_nobody_and_goes_on_where_it_was_ended(
    shop: Database, kind: FeedKind, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "SLICE", 1)
    await feed(shop, csv({OATS: 10, RYE: 10, TEA: 10}))
    text = csv({OATS: 4, Sku("nuts"): 1, RYE: 4, TEA: 4})
    again = partial(feed, shop, text, kind=kind, as_of=SEVEN + HOUR, batch_id="b1")

    async with shop.transaction(S1) as tx:
        await tx.row("SELECT FROM stock WHERE store_id = $1 AND sku = $2 FOR UPDATE", S1, RYE)
        begun = asyncio.create_task(again())
        async with asyncio.timeout(20):
            while await _upto(shop) != OATS or not await _waits(shop):
                pass  # a word to stop that comes before a statement has begun stops nothing
        async with shop.transaction(S1) as other:
            assert not await stock.reserve(other, S1, [Want(order(1), OATS, 1)])
        begun.cancel()  # as good as killed: what was committed stays
        with pytest.raises(asyncio.CancelledError):
            await begun
    batch = await again()

    there = 4 if kind is FeedKind.SNAPSHOT else 14
    assert [await numbers(shop, sku) for sku in (OATS, RYE, TEA)] == [
        (there, 1, 0),
        (there, 0, 0),
        (there, 0, 0),
    ]
    assert batch.state is BatchState.APPLIED
    run = await run_of(shop, batch)
    assert (run.applied, run.unknown, run.upto) == (3, 1, None)
    assert await rejected(shop, batch) == [(3, "sku", "unknown_item")]
    assert await unexplained(shop) == []


async def _upto(db: Database) -> str | None:
    async with db.transaction() as tx:
        return str(await tx.value("SELECT upto FROM feed_runs WHERE batch_id = 'b1'"))


async def _waits(db: Database) -> bool:
    """Say whether somebody waits for what another holds."""
    waits = "SELECT FROM pg_stat_activity WHERE datname = current_database()"
    async with db.transaction() as tx:
        return bool(await tx.rows(f"{waits} AND wait_event_type = 'Lock'"))


async def test_what_is_said_again_in_slices_is_known_anew(
    shop: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "SLICE", 1)
    await feed(shop, csv({OATS: 10, RYE: 10, TEA: 10}))
    await feed(shop, csv({OATS: 10, RYE: 10, TEA: 7}), as_of=SEVEN + 2 * HOUR)

    async with shop.transaction(S1) as tx:
        known = await sellable.availability(tx, S1, [OATS, RYE, TEA])
    assert {one.as_of for one in known.values()} == {SEVEN + 2 * HOUR}


async def test_a_connection_goes_back_as_it_was_lent(db: Database) -> None:
    asked = "SELECT current_setting(s) FROM unnest($1::text[]) AS s"
    names = ["statement_timeout", "lock_timeout", "plan_cache_mode"]
    async with db.connection() as connection:
        before = await connection.fetch(asked, names)

    async with intake.staging(db, "feed_stage", "line int"):
        pass

    async with db.connection() as connection:
        assert await connection.fetch(asked, names) == before
