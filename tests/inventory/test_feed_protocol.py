"""A batch is what its sender said it would be, or it waits for a person."""

from typing import Any

import pytest

from bopis.kernel.clock import ManualClock
from bopis.kernel.database import Database
from bopis.kernel.ids import Sku
from inventory import stock
from inventory.feeds import batches, contents, gaps, quarantine
from inventory.feeds.batches import BatchDiffers
from inventory.feeds.feed import FeedKind
from inventory.feeds.models import BatchState, BooksPickup, GapEnd
from inventory.feeds.quarantine import BatchDecided, BatchNotWaiting
from inventory.feeds.verdict import Cause
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
    ceilings,
    csv,
    feed,
    for_sale,
    items,
    numbers,
    open_conflicts,
    order,
    unexplained,
)

DELTA = FeedKind.DELTA
BROKEN = csv({OATS: 10}) + "S1,rye,many\n" * 11


@pytest.fixture
async def shop(db: Database) -> Database:
    await a_store(db)
    await a_store(db, S2)
    await items(db, OATS, RYE, TEA)
    return db


async def rows_of(db: Database, *tables: str) -> dict[str, int]:
    async with db.transaction() as tx:
        return {table: await tx.value(f"SELECT count(*) FROM {table}") for table in tables}  # noqa: S608


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"rows": 3}, "It has 2 rows, and 3 were announced. Nothing was applied."),
        ({"sha256": "0" * 64}, "Its content does not have the checksum that was announced."),
    ],
)
async def test_a_batch_that_is_not_what_was_said_is_set_aside(
    shop: Database, said: dict[str, Any], words: str
) -> None:
    batch = await feed(shop, csv({OATS: 10, RYE: 2}), batch_id="b1", **said)

    assert (batch.state, batch.cause) == (BatchState.QUARANTINED, Cause.TOTALS)
    assert (batch.problem or "").startswith(words)
    assert await rows_of(shop, "stock", "feed_runs", "stock_ledger") == {
        "stock": 0,
        "feed_runs": 0,
        "stock_ledger": 0,
    }


async def test_a_file_that_was_cut_off_is_sent_again_whole_under_its_name(shop: Database) -> None:
    whole = csv({OATS: 10, RYE: 2})
    cut = await feed(shop, whole[:-9], batch_id="b1", rows=2)
    assert cut.state is BatchState.QUARANTINED

    again = await feed(shop, whole, batch_id="b1", rows=2)

    assert (again.state, again.rows) == (BatchState.APPLIED, 2)
    assert await numbers(shop, RYE) == (2, 0, 0)
    assert await rows_of(shop, "feed_chunks") == {"feed_chunks": 0}
    with pytest.raises(BatchDiffers):
        await feed(shop, csv({OATS: 11}), batch_id="b1")


async def test_what_was_set_aside_is_released_as_it_came(shop: Database) -> None:
    text = BROKEN + "S9,oats,1\n"
    await feed(shop, text, batch_id="b1")
    async with shop.transaction() as tx:
        assert [batch.batch_id for batch in await quarantine.waiting(tx)] == ["b1"]

    batch = await quarantine.release(shop, "erp", "b1", actor="ops:desk", reason="A known fault.")
    again = await quarantine.release(shop, "erp", "b1", actor="ops:else", reason="Once more.")
    sent = await feed(shop, text, batch_id="b1")

    assert batch.state is BatchState.APPLIED
    assert batch == again == sent
    assert (batch.decided_by, batch.decision) == ("ops:desk", "A known fault.")
    assert batch.problem == (
        "12 of 13 rows are bad: too many to trust the rest. "
        "Applied all the same, as ops:desk decided: A known fault."
    )
    assert await numbers(shop, OATS) == (10, 0, 0)
    async with shop.transaction(S1) as tx:
        heard = await tx.rows("SELECT actor FROM events WHERE name = 'feed.applied'")
    assert [row["actor"] for row in heard] == ["ops:desk"]
    assert await rows_of(shop, "feed_chunks") == {"feed_chunks": 0}


async def test_what_is_discarded_stays_so(shop: Database) -> None:
    await feed(shop, BROKEN, batch_id="b1")
    async with shop.transaction(actor="ops:desk") as tx:
        await quarantine.discard(tx, "erp", "b1", reason="The export is broken.")

    sent = await feed(shop, BROKEN, batch_id="b1")
    with pytest.raises(BatchDecided):
        await quarantine.release(shop, "erp", "b1", actor="ops:desk", reason="After all.")

    assert (sent.state, sent.decided_by) == (BatchState.DISCARDED, "ops:desk")
    assert await rows_of(shop, "stock", "feed_runs", "feed_chunks") == {
        "stock": 0,
        "feed_runs": 0,
        "feed_chunks": 0,
    }


async def test_only_what_waits_is_decided(shop: Database) -> None:
    applied = await feed(shop, csv({OATS: 10}), batch_id="b1")

    async with shop.transaction(actor="ops:desk") as tx:
        with pytest.raises(BatchNotWaiting):
            await quarantine.discard(tx, "erp", "b1", reason="No.")
    again = await quarantine.release(shop, "erp", "b1", actor="ops:desk", reason="Yes.")
    assert again == applied


async def test_a_month_later_only_the_sender_still_has_it(
    shop: Database, clock: ManualClock
) -> None:
    await feed(shop, BROKEN, batch_id="b1")
    clock.advance(contents.LONGEST + HOUR)
    await quarantine.tidy(shop)
    assert await rows_of(shop, "feed_chunks", "feed_parts") == {"feed_chunks": 0, "feed_parts": 0}

    waits = await quarantine.release(shop, "erp", "b1", actor="ops:desk", reason="Known.")
    assert (waits.state, waits.is_released) == (BatchState.QUARANTINED, True)
    sent = await feed(shop, BROKEN, batch_id="b1")
    assert sent.state is BatchState.APPLIED
    assert await numbers(shop, OATS) == (10, 0, 0)


async def test_many_rows_of_strange_stores_are_somebody_elses_file(shop: Database) -> None:
    strange = "".join(f"S8,a{n},1\nS9,b{n},2\n" for n in range(6))
    few = await feed(shop, csv({OATS: 10}) + strange[:80], batch_id="b1")
    many = await feed(shop, csv({OATS: 11}) + strange, batch_id="b2")

    assert (few.state, few.rejected) == (BatchState.APPLIED, 10)
    assert (many.state, many.cause) == (BatchState.QUARANTINED, Cause.UNKNOWN_STORES)
    assert many.problem == (
        "12 of 13 rows name stores that we do not know (S8, S9). Nothing was applied."
    )
    assert await numbers(shop, OATS) == (10, 0, 0)


@pytest.mark.parametrize(
    ("after", "swing", "state"),
    [
        ({OATS: 0, RYE: 5}, 0.5, BatchState.QUARANTINED),
        ({OATS: 12_000, RYE: 5}, 0.5, BatchState.QUARANTINED),
        ({OATS: 0, RYE: 5}, None, BatchState.APPLIED),
        ({OATS: 600, RYE: 1}, 0.5, BatchState.APPLIED),
        ({TEA: 90_000}, 0.5, BatchState.APPLIED),  # new there: it swings nothing
    ],
)
async def test_a_swing_is_set_aside_before_any_store_learns_of_it(
    shop: Database, after: dict[Sku, int], swing: float | None, state: BatchState
) -> None:
    async with shop.transaction() as tx:
        await batches.declare(
            tx, "erp", books_pickup=BooksPickup.AT_HANDOVER, cadence_minutes=60, swing=swing
        )
    await feed(
        shop, csv({OATS: 1200, RYE: 0}) + csv({OATS: 900}, S2)[len("store_id,sku,quantity\n") :]
    )

    jump = await feed(
        shop, csv({OATS: 5}, S2) + csv(after)[len("store_id,sku,quantity\n") :], as_of=SEVEN + HOUR
    )

    assert jump.state is state
    quiet = state is BatchState.QUARANTINED
    assert await numbers(shop, OATS, S2) == ((900, 0, 0) if quiet else (5, 0, 0))
    if quiet:
        there = 1200 - 1200 + after[OATS] + 5
        assert (jump.problem or "").startswith(f"S1 would go from 1200 units to {there}: more than")


async def test_a_late_file_swings_nothing(shop: Database) -> None:
    await feed(shop, csv({OATS: 1200}), as_of=SEVEN + HOUR)
    late = await feed(shop, csv({OATS: 3}), as_of=SEVEN)

    assert late.state is BatchState.SUPERSEDED
    assert await numbers(shop, OATS) == (1200, 0, 0)


async def test_while_a_batch_is_missing_what_follows_lowers_but_never_raises(
    shop: Database, clock: ManualClock
) -> None:
    await feed(shop, csv({OATS: 10, RYE: 10}), sequence=1)
    await feed(shop, csv({OATS: 15, RYE: 4, TEA: 7}), as_of=SEVEN + 2 * HOUR, sequence=3)

    assert [await for_sale(shop, sku) for sku in (OATS, RYE, TEA)] == [10, 4, 0]
    assert await numbers(shop, OATS) == (15, 0, 0)
    async with shop.transaction(S1) as tx:
        assert [(gap.sequence, gap.until) for gap in await gaps.opened(tx)] == [(2, 2)]
        assert await stock.reserve(tx, S1, [Want(order(1), OATS, 11)])
        assert not await stock.reserve(tx, S1, [Want(order(1), OATS, 4)])
    async with shop.transaction(S1) as tx:
        await stock.consume(tx, S1, order(1), {OATS: 4})
    assert await for_sale(shop, OATS) == 6

    late = await feed(shop, csv({OATS: 99, RYE: 99}), as_of=SEVEN + HOUR, sequence=2)

    assert late.state is BatchState.SUPERSEDED
    assert [await for_sale(shop, sku) for sku in (OATS, RYE, TEA)] == [11, 4, 7]
    assert await ceilings(shop) == {}
    async with shop.transaction() as tx:
        assert await gaps.opened(tx) == []
        assert await tx.value("SELECT count(*) FROM feed_doubts") == 0
    assert await unexplained(shop) == []


async def test_a_missing_delta_holds_down_those_that_build_on_it(shop: Database) -> None:
    await feed(shop, csv({OATS: 10}), sequence=1)
    await feed(shop, csv({OATS: 5}), kind=DELTA, as_of=SEVEN + 2 * HOUR, sequence=3)
    await feed(shop, csv({OATS: -2}), kind=DELTA, as_of=SEVEN + 3 * HOUR, sequence=4)
    assert (await numbers(shop, OATS), await for_sale(shop, OATS)) == ((13, 0, 0), 8)

    await feed(shop, csv({OATS: -6}), kind=DELTA, as_of=SEVEN + HOUR, sequence=2)

    assert (await numbers(shop, OATS), await for_sale(shop, OATS)) == ((7, 0, 0), 7)
    assert await ceilings(shop) == {}


async def test_a_person_who_counted_knows_what_is_there(shop: Database) -> None:
    await feed(shop, csv({OATS: 10}), sequence=1)
    await feed(shop, csv({OATS: 15}), as_of=SEVEN + 2 * HOUR, sequence=3)
    async with shop.transaction(S1) as tx:
        await stock.count(tx, S1, OATS, 14, cause=None, source="associate")

    assert await for_sale(shop, OATS) == 14


async def test_the_next_snapshot_but_one_makes_a_gap_moot(shop: Database) -> None:
    both = csv({OATS: 10, RYE: 5}) + "S2,oats,3\n"
    await feed(shop, both, sequence=1)
    await feed(shop, both.replace("10", "20").replace(",5", ",9"), as_of=SEVEN + HOUR, sequence=3)
    assert await ceilings(shop) == {OATS: 10, RYE: 5}

    await feed(shop, csv({OATS: 20}), as_of=SEVEN + 2 * HOUR, sequence=4)
    assert await ceilings(shop) == {RYE: 5}
    async with shop.transaction() as tx:
        assert len(await gaps.opened(tx)) == 1
    await feed(
        shop, both.replace("10", "21").replace(",5", ",9"), as_of=SEVEN + 3 * HOUR, sequence=5
    )

    assert await ceilings(shop) == {}
    async with shop.transaction() as tx:
        assert await tx.value("SELECT resolution FROM feed_gaps") == GapEnd.MOOT


async def test_a_gap_is_given_up_by_a_person_with_a_reason(shop: Database) -> None:
    await feed(shop, csv({OATS: 10}), sequence=1)
    await feed(shop, csv({OATS: 15}), as_of=SEVEN + HOUR, sequence=9)

    with pytest.raises(gaps.GapUnknown):
        await gaps.give_up(shop, "erp", 9, actor="ops:desk", reason="Never sent.")
    assert await for_sale(shop, OATS) == 10
    gap = await gaps.give_up(shop, "erp", 4, actor="ops:desk", reason="Never sent.")

    assert (gap.sequence, gap.until) == (2, 8)
    assert await for_sale(shop, OATS) == 15
    async with shop.transaction() as tx:
        row = await tx.row("SELECT actor, reason, resolution FROM feed_gaps")
    assert row is not None
    assert tuple(row) == ("ops:desk", "Never sent.", "given_up")


async def test_whoever_is_interrupted_leaves_the_lifting_to_the_clock(shop: Database) -> None:
    await feed(shop, csv({OATS: 10}), sequence=1)
    await feed(shop, csv({OATS: 15}), as_of=SEVEN + HOUR, sequence=3)
    async with shop.transaction() as tx:
        await gaps.abandon(tx, "erp", 2, actor="ops:desk", reason="Never sent.")
    assert await for_sale(shop, OATS) == 10

    await quarantine.tidy(shop)

    assert await for_sale(shop, OATS) == 15


async def test_a_number_that_cannot_be_is_named(shop: Database) -> None:
    await feed(shop, csv({OATS: 10}), sequence=5, batch_id="b5")
    twice = await feed(shop, csv({OATS: 11}), sequence=5, batch_id="again")
    back = await feed(shop, csv({OATS: 12}), as_of=SEVEN + HOUR, sequence=3, batch_id="back")

    assert (twice.state, twice.cause) == (BatchState.QUARANTINED, Cause.SEQUENCE)
    assert twice.problem == (
        "Its number 5 came before with another content, as b5. Nothing was applied."
    )
    assert back.state is BatchState.QUARANTINED
    assert (back.problem or "").startswith("Its number 3 is not above 5, which came before, but")
    assert await numbers(shop, OATS) == (10, 0, 0)

    await quarantine.release(shop, "erp", "back", actor="ops:desk", reason="A new numbering.")
    follows = await feed(shop, csv({OATS: 13}), as_of=SEVEN + 2 * HOUR, sequence=4)

    assert (follows.state, follows.problem) == (BatchState.APPLIED, None)
    assert await for_sale(shop, OATS) == 13


async def test_numbers_that_begin_again_are_counted_anew(shop: Database) -> None:
    await feed(shop, csv({OATS: 10}), sequence=500)
    anew = await feed(shop, csv({OATS: 12}), as_of=SEVEN + HOUR, sequence=1)
    await feed(shop, csv({OATS: 13}), as_of=SEVEN + 2 * HOUR, sequence=2)
    await feed(shop, csv({OATS: 9}), as_of=SEVEN - HOUR, sequence=499)

    assert anew.problem == "The numbers went back from 500 to 1: counted anew from here."
    assert await for_sale(shop, OATS) == 13
    async with shop.transaction() as tx:
        assert await gaps.opened(tx) == []


async def test_a_delta_that_waits_for_a_person_is_missing_until_then(shop: Database) -> None:
    await feed(shop, csv({OATS: 10}), sequence=1)
    bad = csv({OATS: -4}) + "S1,rye,many\n" * 11
    await feed(shop, bad, kind=DELTA, as_of=SEVEN + HOUR, sequence=2, batch_id="bad")
    await feed(shop, csv({OATS: 3}), kind=DELTA, as_of=SEVEN + 2 * HOUR, sequence=3)
    assert await for_sale(shop, OATS) == 10

    await quarantine.release(shop, "erp", "bad", actor="ops:desk", reason="Only rye is bad.")

    assert await for_sale(shop, OATS) == 9
    async with shop.transaction() as tx:
        assert await gaps.opened(tx) == []


async def test_two_sources_do_not_lift_each_others_doubts(shop: Database) -> None:
    for source in ("erp", "wms"):
        await feed(shop, csv({OATS: 10}), sequence=1, source=source)
        await feed(shop, csv({OATS: 15}), as_of=SEVEN + HOUR, sequence=3, source=source)
    assert await for_sale(shop, OATS) == 10

    await gaps.give_up(shop, "erp", 2, actor="ops:desk", reason="Never sent.")
    assert await for_sale(shop, OATS) == 10
    await gaps.give_up(shop, "wms", 2, actor="ops:desk", reason="Never sent.")

    assert await for_sale(shop, OATS) == 15
    assert await open_conflicts(shop) == []
