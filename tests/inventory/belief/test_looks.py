"""What each look for an item teaches at once, and what may be promised from then on."""

import asyncio

import pytest

from bopis.kernel.database import Database
from bopis.kernel.ids import Sku
from inventory import stock
from inventory.belief import beliefs, policies
from inventory.belief.beliefs import Odds, Tier
from inventory.belief.models import BeliefMode
from inventory.stock import Want
from tests.inventory.shelves import OATS, RYE, S1, a_store, csv, feed, items, order, stocked


async def a_believed_store(db: Database, mode: BeliefMode = BeliefMode.ON) -> None:
    await a_store(db)
    await items(db, OATS, RYE)
    await feed(db, csv({OATS: 5, RYE: 1}))
    async with db.transaction(S1) as tx:
        await policies.put(tx, S1, mode)


async def odds(db: Database, sku: Sku = OATS, quantity: int = 1) -> Odds:
    async with db.transaction(S1) as tx:
        return (await beliefs.odds(tx, S1, {sku: quantity}))[sku]


async def cap(db: Database, sku: Sku = OATS) -> int | None:
    async with db.transaction(S1) as tx:
        found: int | None = await tx.value(
            "SELECT cap FROM stock WHERE store_id = $1 AND sku = $2", S1, sku
        )
    return found


async def ordered(db: Database, number: int, quantity: int = 1) -> bool:
    async with db.transaction(S1) as tx:
        return not await stock.reserve(tx, S1, [Want(order(number), OATS, quantity)])


async def missed(db: Database) -> None:
    async with db.transaction(S1) as tx:
        await beliefs.missed(tx, S1, OATS, looked=1)


async def test_what_is_promised_already_counts_against_the_odds(db: Database) -> None:
    await a_believed_store(db)
    before = await odds(db)
    assert await ordered(db, 1, 3)

    after = await odds(db)

    assert after.p_find < before.p_find
    assert (await odds(db, quantity=2)).p_find < after.p_find


async def test_an_item_that_the_store_never_had_is_absent(db: Database) -> None:
    await a_believed_store(db)

    async with db.transaction(S1) as tx:
        assert await beliefs.odds(tx, S1, {Sku("tea"): 1}) == {}


async def test_a_store_that_we_do_not_know_refuses_nobody(db: Database) -> None:
    await a_believed_store(db)

    assert (await odds(db, RYE)).tier is Tier.AVAILABLE  # one left on record: less than sure
    assert await cap(db, RYE) is None


async def test_an_empty_shelf_is_not_promised_again(db: Database) -> None:
    await a_believed_store(db)
    await missed(db)

    assert (await odds(db)).tier is Tier.NOT_HERE
    assert await cap(db) == 0
    assert not await ordered(db, 1)
    async with db.transaction(S1) as tx:
        entry = await tx.row("SELECT * FROM stock_ledger WHERE kind = 'believe'")
    assert entry is not None
    assert (entry["on_hand"], entry["reserved"], entry["unsellable"]) == (0, 0, 0)
    assert "We dare to promise 0 in all. The record says 5" in entry["note"]


async def test_who_watches_learns_the_same_and_refuses_nobody(db: Database) -> None:
    await a_believed_store(db, BeliefMode.WATCH)
    await missed(db)

    assert (await odds(db)).p_find < 0.8
    assert (await odds(db)).tier is Tier.AVAILABLE
    assert await cap(db) is None
    assert await ordered(db, 1)


async def test_a_store_that_is_off_learns_nothing(db: Database) -> None:
    await a_believed_store(db, BeliefMode.OFF)
    await missed(db)

    async with db.transaction(S1) as tx:
        assert await tx.value("SELECT count(*) FROM beliefs") == 0
        assert await tx.value("SELECT count(*) FROM belief_outcomes") == 0


async def test_a_count_brings_an_item_back(db: Database) -> None:
    await a_believed_store(db)
    await missed(db)
    await stocked(db, {OATS: 4})

    assert (await odds(db)).tier is Tier.AVAILABLE
    assert await cap(db) == 4
    assert await ordered(db, 1, 4)
    assert not await ordered(db, 2, 1)


async def test_what_is_found_was_there_and_is_kept_with_what_we_would_have_said(
    db: Database,
) -> None:
    await a_believed_store(db)
    assert await ordered(db, 1, 2)
    before = await odds(db, quantity=0)
    async with db.transaction(S1) as tx:
        await beliefs.found(tx, S1, OATS, 2)

    async with db.transaction(S1) as tx:
        kept = await tx.row("SELECT * FROM belief_outcomes")
    assert kept is not None
    assert (kept["found"], kept["elsewhere"], kept["record"]) == (True, False, 5)
    assert abs(kept["raw"] - before.p_find) < 1e-6
    assert (await odds(db, quantity=0)).p_find > before.p_find


async def test_a_hand_over_takes_cap_and_belief_down_with_it(db: Database) -> None:
    """Or what has left the building would be promised again until somebody learns of it."""
    await a_believed_store(db)
    assert await ordered(db, 1, 2)
    await stocked(db, {OATS: 4})
    async with db.transaction(S1) as tx:
        await beliefs.found(tx, S1, OATS, 2)
    before, most = await odds(db), await cap(db)
    assert most == 4
    async with db.transaction(S1) as tx:
        await stock.stage(tx, S1, order(1), {OATS: 2})
        await stock.consume(tx, S1, order(1), {OATS: 2})

    assert await cap(db) == 2
    assert abs((await odds(db)).p_find - before.p_find) < 0.01
    assert not await ordered(db, 2, 3)
    assert await ordered(db, 3, 2)


async def test_two_who_find_the_same_item_at_once_both_teach(db: Database) -> None:
    """Whoever comes second has read what is no longer so: they look again, under the lock."""
    await a_believed_store(db)
    for _ in range(2):
        await _found(db)
    one_after_the_other = await _scores(db)
    async with db.transaction(S1) as tx:
        await tx.run("DELETE FROM beliefs")
        await tx.run("DELETE FROM belief_outcomes")

    async with db.transaction(S1) as first:
        await beliefs.found(first, S1, OATS, 1)
        async with db.connection() as connection:
            second = asyncio.create_task(_found(db))
            while not await connection.fetchval(_WAITS):
                pass
    await second

    assert await _scores(db) == pytest.approx(one_after_the_other, rel=1e-3)
    assert one_after_the_other[0] != pytest.approx(one_after_the_other[1], rel=1e-3)


async def _found(db: Database) -> None:
    async with db.transaction(S1) as tx:
        await beliefs.found(tx, S1, OATS, 1)


async def _scores(db: Database) -> list[float]:
    """Return what we would have said before each look, the surer last."""
    async with db.transaction(S1) as tx:
        return [row["raw"] for row in await tx.rows("SELECT raw FROM belief_outcomes ORDER BY raw")]


_WAITS = """
    SELECT count(*) FROM pg_stat_activity
     WHERE datname = current_database() AND wait_event_type = 'Lock'
"""
