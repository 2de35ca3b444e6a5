"""The record is a sum of days, each counted from what happened and by nobody's hand."""

from datetime import date, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from bopis.kernel.clock import ManualClock
from bopis.kernel.database import Database
from bopis.kernel.ids import StoreId
from bopis.promises import standings
from bopis.trust import audits, outcomes, published, records, verify
from bopis.trust.invariants.record import RECORD
from bopis.trust.record import Sums, count
from tests.bopis.trust import world
from tests.bopis.trust.world import STORE

FRIDAY = date(2026, 3, 6)
DAY = timedelta(days=1)

CLOSE = """
    UPDATE orders SET state = 'picked_up', closed_at = $2, next_update_due_at = NULL,
           first_ready_at = coalesce(first_ready_at, $2), ready_at = coalesce(ready_at, $2)
     WHERE store_id = $1 AND closed_at IS NULL
"""
CANCEL = """
    UPDATE orders SET state = 'cancelled', closed_at = $2, next_update_due_at = NULL,
           close_reason = $3, ready_at = NULL, first_ready_at = NULL
     WHERE store_id = $1
"""
ROW = "SELECT * FROM record_days WHERE store_id = $1 AND day = $2"


async def row(db: Database, day: date = FRIDAY) -> dict[str, object]:
    async with db.transaction() as tx:
        found = await tx.row(ROW, STORE, day)
    assert found is not None
    return dict(found)


async def test_a_day_is_counted_until_its_orders_are_closed_and_then_stands(
    db: Database, clock: ManualClock
) -> None:
    await world.build(db)
    clock.advance(timedelta(hours=1))
    await records.take_down(db)
    first = await row(db)
    async with db.transaction(STORE) as tx:
        await tx.run(CLOSE, STORE, tx.now)
    clock.advance(2 * DAY)
    await records.take_down(db)
    closed = await row(db)
    async with db.transaction(STORE) as tx:  # what is over is not counted again
        await tx.run("UPDATE orders SET first_ready_at = NULL WHERE store_id = $1", STORE)
    clock.advance(DAY)
    written = await records.take_down(db)

    assert {k: first[k] for k in ("due", "kept", "late_minutes", "open_orders", "excused")} == {
        "due": 3,
        "kept": 2,
        "late_minutes": 30,
        "open_orders": 2,
        "excused": 0,
    }
    assert (first["lines"], first["lines_found"], first["ready_said"]) == (2, 2, 2)
    assert first["silent_minutes"] == 30.0
    assert first["computed_by"] == "job:trust.record"
    assert (closed["due"], closed["kept"], closed["open_orders"]) == (3, 2, 0)
    assert await row(db) == closed
    assert written > 0


async def test_verify_counts_anew_and_finds_a_figure_that_was_edited(
    db: Database, clock: ManualClock
) -> None:
    await world.build(db)
    async with db.transaction(STORE) as tx:
        await tx.run(CLOSE, STORE, tx.now)
    clock.advance(3 * DAY)
    await records.take_down(db)
    async with db.transaction() as tx:
        [true] = await verify.look(tx, RECORD)
        await tx.run("UPDATE record_days SET kept = kept - 1 WHERE day = $1", FRIDAY)
        [edited] = await verify.look(tx, RECORD)

    assert true.count == 0
    assert edited.count == 1
    assert edited.examples == ("S1 2026-03-06: 2 of 3 kept, counted anew 3 of 3",)


@pytest.mark.parametrize(
    ("reason", "counted_as"),
    [("shopper_request", (0, 3, 0)), ("not_found", (3, 0, 3)), ("feed_conflict", (3, 0, 3))],
)
async def test_orders_that_shoppers_cancelled_say_nothing_and_those_that_we_did_count_as_broken(
    db: Database, clock: ManualClock, reason: str, counted_as: tuple[int, int, int]
) -> None:
    await world.build(db)
    async with db.transaction(STORE) as tx:
        await tx.run(CANCEL, STORE, tx.now, reason)
    clock.advance(3 * DAY)
    await records.take_down(db)
    async with db.transaction(STORE) as tx:
        counted = await records.of_store(tx, STORE, FRIDAY)
        [anew] = await verify.look(tx, RECORD)

    now = counted.now
    assert (now.due, now.excused, now.cancelled_by_us) == counted_as
    assert now.kept == 0
    assert anew.count == 0


async def test_the_days_add_up_to_what_one_count_of_them_all_comes_to(
    db: Database, clock: ManualClock
) -> None:
    await world.build(db)
    async with db.transaction(STORE) as tx:
        await tx.run(CLOSE, STORE, tx.now)
        await tx.run(  # one is due on the next day, at the store
            "UPDATE promises SET latest = latest + interval '12 hours'"
            " WHERE store_id = $1 AND order_id = $2",
            STORE,
            world.order_id(2),
        )
    clock.advance(3 * DAY)
    await records.take_down(db)
    async with db.transaction(STORE) as tx:
        counted = await records.of_store(tx, STORE, FRIDAY + DAY)
        before = await records.of_store(tx, STORE, FRIDAY + 28 * DAY)
        seen = await outcomes.due(tx, tx.now - 30 * DAY, tx.now)

    assert counted.now == count(seen)
    assert (await row(db))["due"] == 2
    assert (await row(db, FRIDAY + DAY))["due"] == 1
    assert (before.now.due, before.before.due) == (1, 2)
    assert counted.computed_at is not None


async def test_a_store_without_a_history_has_rows_of_nothing_and_a_cautious_standing(
    db: Database, clock: ManualClock
) -> None:
    await world.build(db, stores=(STORE, StoreId("S2")))
    async with db.transaction(StoreId("S2")) as tx:
        await tx.run(
            "UPDATE orders SET accepted_at = accepted_at + interval '9 days' WHERE store_id = 'S2'"
        )
        await tx.run(
            "UPDATE promises SET latest = latest + interval '9 days' WHERE store_id = 'S2'"
        )
    clock.advance(timedelta(hours=1))
    await records.take_down(db)
    async with db.transaction(STORE) as tx:
        known = await standings.of(tx, [STORE, StoreId("S2"), StoreId("S3")])
        empty = await records.of_store(tx, StoreId("S2"), FRIDAY)

    assert empty.now == Sums()
    assert known[STORE].on_time.n == 3
    assert known[StoreId("S2")].on_time.n == 0
    assert known[StoreId("S3")].computed_at is None
    assert 0.5 < known[StoreId("S3")].on_time.lower < 0.9
    assert known[StoreId("S3")].words == (
        "Too few orders to say how this store keeps its word: 0 in the last 28 days."
    )


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "America/Chicago", "Pacific/Pago_Pago"])
async def test_what_ranks_a_store_is_counted_over_the_very_days_that_are_published(
    db: Database, zone: str
) -> None:
    await world.build(db)
    async with db.transaction(STORE, actor="job:trust.record") as tx:
        await tx.run("UPDATE stores SET time_zone = $2 WHERE store_id = $1", STORE, zone)
        days = {FRIDAY + n * DAY: Sums(due=1 << (n + 31), kept=1) for n in range(-31, -24)}
        await records.write(tx, STORE, days | {FRIDAY + DAY: Sums(due=1, kept=1)})
    await records.rank(db)
    async with db.transaction(STORE) as tx:
        said = (await published.of_store(tx, STORE)).due
        ranked = await standings.one(tx, STORE)

    assert ranked.on_time.n == said


async def test_a_note_stands_beside_the_figures_with_who_and_when_and_moves_none(
    db: Database, clock: ManualClock
) -> None:
    await world.build(db)
    clock.advance(timedelta(hours=1))
    await records.take_down(db)
    before = await row(db)
    async with db.transaction(STORE, actor="ops:Desk") as tx:
        made = await records.annotate(
            tx, STORE, words=" The lift was broken. ", first_day=FRIDAY, last_day=FRIDAY
        )
        with pytest.raises(records.DaysBackwards):
            await records.annotate(
                tx, STORE, words="x", first_day=FRIDAY, last_day=FRIDAY + 9 * DAY
            )
        kept = await records.notes(tx, STORE, FRIDAY)

    assert [(note.words, note.made_by, note.made_at) for note in kept] == [
        ("The lift was broken.", "ops:Desk", clock())
    ]
    assert kept[0].id == made.id
    assert isinstance(made.id, UUID)
    assert await row(db) == before


async def test_an_audit_reads_what_it_needs_of_a_real_day(db: Database, clock: ManualClock) -> None:
    await world.build(db)
    clock.advance(timedelta(hours=1))

    found = await audits.run(db, clock() - DAY, clock(), seed=3)

    assert (found.orders, found.store_days, found.seed) == (3, 1, 3)
    assert found.findings == ()
    assert {one.gap.name: one.orders for one in found.passed if one.orders} == {
        "TIME": 1,
        "SILENCE": 1,
    }


def test_a_day_begins_at_the_stores_midnight() -> None:
    begin = records._midnight(FRIDAY, ZoneInfo("America/Chicago"))  # noqa: SLF001

    assert begin.utcoffset() == timedelta(hours=-6)
