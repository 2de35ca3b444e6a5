"""What feeds teach, and what nights and weeks do with it."""

from datetime import timedelta
from uuid import UUID

from bopis.kernel.clock import ManualClock
from bopis.kernel.database import Database
from bopis.kernel.ids import Sku
from inventory import stock
from inventory.belief import beliefs, jobs, policies, states
from inventory.belief import filter as belief
from inventory.belief.models import BeliefMode
from inventory.belief.odds import Costs
from inventory.stock import Want
from tests.conftest import NOON
from tests.inventory.shelves import HOUR, OATS, RYE, S1, a_store, csv, feed, items, order

TONIGHT = NOON + 10 * HOUR


async def a_followed_store(db: Database) -> None:
    """Both items have been ordered once, and feeds are being listened to."""
    await a_store(db)
    await items(db, OATS, RYE)
    await feed(db, csv({OATS: 5, RYE: 5}))
    async with db.transaction(S1) as tx:
        await policies.put(tx, S1, BeliefMode.ON)
        await stock.reserve(tx, S1, [Want(order(1), OATS, 1), Want(order(1), RYE, 1)])
    await jobs.listen(db)


async def mean(db: Database, sku: Sku) -> float:
    async with db.transaction(S1) as tx:
        row = await tx.row("SELECT bins, moved FROM beliefs WHERE sku = $1", sku)
    assert row is not None
    return float((states.unpacked(row["bins"])[0] * range(belief.BINS)).sum()) + float(row["moved"])


async def test_what_is_ordered_is_followed_and_what_a_feed_says_is_learned(
    db: Database, clock: ManualClock
) -> None:
    await a_followed_store(db)
    before = await mean(db, OATS)
    clock.advance_to(TONIGHT)
    await feed(db, csv({OATS: 2, RYE: 5}), as_of=TONIGHT)
    await jobs.listen(db)

    async with db.transaction(S1) as tx:
        rows = {row["sku"]: row for row in await tx.rows("SELECT * FROM beliefs")}
        heard = await tx.value("SELECT heard_until FROM belief_stores")
    assert heard == TONIGHT
    assert rows[OATS]["at"] == TONIGHT
    assert rows[OATS]["sold"] == 2, "of three in fifteen hours, we were there for ten"
    assert rows[RYE]["at"] == NOON, "silence needs no writing"
    assert 1 < before - await mean(db, OATS) < 3


async def test_listening_twice_learns_once(db: Database, clock: ManualClock) -> None:
    await a_followed_store(db)
    clock.advance_to(TONIGHT)
    await feed(db, csv({OATS: 2, RYE: 5}), as_of=TONIGHT)
    await jobs.listen(db)
    once = await mean(db, OATS)
    async with db.transaction(S1) as tx:  # as if the last one had been cut off before its end
        await tx.run("UPDATE belief_stores SET heard_until = $1", NOON - 5 * HOUR)
    await jobs.listen(db)

    assert await mean(db, OATS) == once


async def test_a_feed_that_repeats_what_a_miss_has_corrected_is_no_delivery(
    db: Database, clock: ManualClock
) -> None:
    await a_followed_store(db)
    async with db.transaction(S1) as tx:
        await beliefs.missed(tx, S1, OATS, looked=2)
        await stock.short(tx, S1, order(1), OATS, 1, "not_found", UUID(int=1))
    doubted = await mean(db, OATS)
    clock.advance_to(TONIGHT)
    await feed(db, csv({OATS: 5, RYE: 5}), as_of=TONIGHT)
    await jobs.listen(db)

    assert await mean(db, OATS) < doubted + 0.5
    async with db.transaction(S1) as tx:
        assert (await tx.row("SELECT on_hand, cap FROM stock WHERE sku = $1", OATS)) == (5, 0)


async def test_silence_lowers_what_should_have_sold_and_a_night_caps_it(
    db: Database, clock: ManualClock
) -> None:
    """Ten days in which feeds spoke and nobody bought what usually goes every day."""
    await a_followed_store(db)
    async with db.transaction(S1) as tx:
        await tx.run("UPDATE beliefs SET sold = 60, watched = 30, looked = true")
        before = (await beliefs.odds(tx, S1, {OATS: 1}))[OATS]
    for n in range(10):
        clock.advance(timedelta(days=1))
        await feed(db, csv({OATS: 5, RYE: 5}), as_of=clock(), batch_id=f"night {n}")
    await jobs.listen(db)
    async with db.transaction(S1) as tx:
        after = (await beliefs.odds(tx, S1, {OATS: 1}))[OATS]
        cap = await tx.value("SELECT cap FROM stock WHERE sku = $1", OATS)

    assert before.p_find > 0.8
    assert after.p_find < 0.5
    assert cap == 0


async def test_a_store_that_is_no_longer_believed_sells_by_its_record_at_once(
    db: Database,
) -> None:
    await a_followed_store(db)
    async with db.transaction(S1) as tx:
        await beliefs.missed(tx, S1, OATS, looked=1)
    async with db.transaction(S1) as tx:
        await policies.put(tx, S1, BeliefMode.WATCH)

    async with db.transaction(S1) as tx:
        assert await tx.value("SELECT cap FROM stock WHERE sku = $1", OATS) is None
        assert not await stock.reserve(tx, S1, [Want(order(2), OATS, 4)])


async def test_a_week_of_picks_makes_a_curve_and_few_make_none(db: Database) -> None:
    await a_followed_store(db)
    await jobs.weekly(db)
    async with db.transaction(S1) as tx:
        assert not (await policies.get(tx, S1)).known.is_calibrated
        await tx.run("UPDATE belief_stores SET fitted_at = NULL")
        await tx.run_many(
            "INSERT INTO belief_outcomes (store_id, id, sku, at, found, raw, said, present,"
            " record, kind) VALUES ($1, $2, $3, $4, $5, $6, $6, 0.9, 3, 's')",
            [(S1, tx.new_id(), OATS, NOON, n % 10 != 0, 0.6 + n / 2000) for n in range(600)],
        )
    await jobs.weekly(db)

    async with db.transaction(S1) as tx:
        known = (await policies.get(tx, S1)).known
    assert (known.is_calibrated, known.is_own, known.looks) == (True, True, 600)
    assert 0.8 < known.curve.true[-1] < 0.95
    assert 0.97 < known.find("s") < 0.98, "what was missed was mostly not there"


async def test_the_threshold_follows_from_costs() -> None:
    assert Costs().threshold == 0.8
    assert Costs(alternative=4).threshold == 0.9
