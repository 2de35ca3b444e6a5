"""What a sweep costs, what it skips, and what it learns of how long orders really take."""

from datetime import timedelta

import asyncpg
import pytest

from bopis.kernel.clock import machine_clock
from bopis.kernel.database import Database
from bopis.orders.watching import watchdog
from bopis.promises import survivals
from bopis.promises.predictor import WALK
from bopis.promises.promise import Basis
from bopis.promises.survival import ENOUGH, WEEK, Cell, Stage
from tests.journeys.day import MINUTE, S1, Day, a_handheld, wanted


@pytest.fixture
async def statements(db: Database) -> list[str]:
    """Every statement of ours that is run while the test runs."""
    seen: list[str] = []

    def note(record: asyncpg.connection.LoggedQuery) -> None:
        if not record.query.startswith(("RESET", "SET", "BEGIN", "COMMIT")):
            seen.append(record.query)

    connections = [await db.pool.acquire() for _ in range(db.pool.get_max_size())]
    for connection in connections:
        connection.add_query_logger(note)
    for connection in connections:
        await db.pool.release(connection)
    return seen


async def test_a_sweep_costs_as_much_for_many_orders_and_nothing_within_a_minute(
    shop: Day, statements: list[str]
) -> None:
    await a_handheld(shop.db, shop.client, shop.clock)
    for n in range(6):
        await shop.placed(f"W-{n}", lines=wanted(oat=1 + n % 2))
    await watchdog.sweep(shop.db)  # the first look at each is written down
    shop.clock.advance(MINUTE)
    await watchdog.sweep(shop.db)

    statements.clear()
    shop.clock.advance(MINUTE)
    await watchdog.sweep(shop.db)
    full = list(statements)
    statements.clear()
    shop.clock.advance(15 * timedelta(seconds=1))
    await watchdog.sweep(shop.db)

    assert len(full) <= 9, full
    assert len(statements) == 2, statements

    statements.clear()
    shop.clock.advance(15 * timedelta(seconds=1))
    await watchdog.sweep(shop.db)

    assert len(statements) > 2  # half a minute before a promise of which a lead is nearly spent

    statements.clear()
    await shop.placed("W-9")
    placing = len(statements)
    await watchdog.sweep(shop.db)

    assert len(statements) - placing > 2  # a fact changed within the minute


async def test_when_nobody_watched_for_longer_than_there_was_room_the_cause_is_ours(
    shop: Day,
) -> None:
    await a_handheld(shop.db, shop.client, shop.clock)
    await shop.placed()
    await watchdog.sweep(shop.db)
    [order] = await shop.rows("SELECT promised_at, p_late FROM orders")
    assert order["p_late"] < 0.5
    away = order["promised_at"] - shop.clock() - 10 * MINUTE
    shop.clock.advance(away)
    async with shop.db.transaction(S1) as tx:
        await tx.run(
            "INSERT INTO leases (name, holder, until, started_at, succeeded_at)"
            " VALUES ('orders.watch', 'x', $1, $1, $2)",
            machine_clock(),
            machine_clock() - away + MINUTE,
        )
        await tx.run(
            "INSERT INTO events (store_id, id, name, subject, actor, payload, occurred_at)"
            " VALUES ($1, gen_random_uuid(), 'pick.started', gen_random_uuid(), 'x', '{}', $2)",
            S1,
            shop.clock(),
        )

    await watchdog.sweep(shop.db)

    [signal] = await shop.rows("SELECT hard_evidence, at FROM delay_signals")
    [moved] = await shop.rows("SELECT reason FROM promises WHERE version = 2")
    assert signal == {"hard_evidence": "outage", "at": shop.clock()}
    assert moved["reason"] == "our_system"


async def seen(shop: Day, orders: int, *, took: float) -> None:
    """Let orders have been looked at after two minutes, with ten to go by the base."""
    async with shop.db.transaction(S1) as tx:
        await tx.run(
            "INSERT INTO remaining_times (store_id, order_id, stage, elapsed, load, base_minutes,"
            " since_accepted, at)"
            " SELECT $1, gen_random_uuid(), 'waiting', 0, 0, 10, 2, $2 FROM generate_series(1, $3)",
            S1,
            tx.now,
            orders,
        )
        await tx.run(
            "INSERT INTO preparations (store_id, order_id, base_minutes, open_minutes,"
            " pick_minutes, units, known_at)"
            " SELECT s.store_id, s.order_id, 12, $1, 5, 1, s.at FROM remaining_times AS s"
            "  WHERE NOT EXISTS (SELECT FROM preparations AS p WHERE p.order_id = s.order_id)",
            2 + took,
        )


async def test_what_happened_is_learned_each_week_and_forgotten_after_five(shop: Day) -> None:
    here = Cell(Stage.WAITING, 0, 0)
    await seen(shop, ENOUGH, took=30)

    async def believed() -> tuple[Basis, float]:
        async with shop.db.transaction(S1) as tx:
            rest = (await survivals.of(tx, S1)).rest(here, WALK)
        return rest.basis, rest.ratios[0]

    assert await believed() == (Basis.FIXED, WALK.ratios[0])
    assert await survivals.refit(shop.db) == 1
    assert await believed() == (Basis.STORE, 3.0)
    await seen(shop, ENOUGH - 1, took=10)
    assert await survivals.refit(shop.db) == 0
    shop.clock.advance(WEEK)
    assert await survivals.refit(shop.db) == 1
    assert await believed() == (Basis.STORE, 1.0)
    shop.clock.advance(survivals.KEPT)
    await seen(shop, ENOUGH, took=20)
    assert await survivals.refit(shop.db) == 1
    [left] = await shop.rows("SELECT count(*) AS n FROM remaining_times")
    assert left["n"] == ENOUGH
    assert await believed() == (Basis.STORE, 2.0)


async def test_looks_write_down_what_they_expect_once_for_each_stretch(shop: Day) -> None:
    await a_handheld(shop.db, shop.client, shop.clock)
    await shop.placed()
    for _ in range(7):
        await watchdog.sweep(shop.db)
        shop.clock.advance(MINUTE)

    rows = await shop.rows("SELECT stage, elapsed, since_accepted FROM remaining_times ORDER BY at")

    assert [(row["stage"], row["elapsed"]) for row in rows] == [("waiting", 0), ("waiting", 1)]
    assert [row["since_accepted"] for row in rows] == [0, 5]
