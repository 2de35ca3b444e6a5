"""A quote of the twenty nearest stores, beside its one statement, and beside asking each alone."""

import time
from collections.abc import Awaitable, Callable

from benchmarks.house import House
from benchmarks.row import Row
from bopis import app as roof
from bopis.kernel.database import Database
from bopis.kernel.ids import Sku
from bopis.orders.placing import nearby, outlooks, quotes
from bopis.orders.schemas import QuoteIn
from bopis.orders.telling import links

STORES = 20

_SET_UP = (
    """INSERT INTO stores (store_id, name, time_zone, latitude, longitude)
       SELECT 'Q' || n, 'Store ' || n, 'America/Chicago', 42 + n / 100.0, -87
         FROM generate_series(1, 20) AS n""",
    """INSERT INTO store_hours (store_id, weekday, opens, closes)
       SELECT 'Q' || n, d, '00:00', '23:59'
         FROM generate_series(1, 20) AS n, generate_series(0, 6) AS d""",
    """INSERT INTO stock (store_id, sku, on_hand, changed_at)
       SELECT 'Q' || n, sku, 50, clock_timestamp()
         FROM generate_series(1, 20) AS n, (SELECT sku FROM items ORDER BY sku LIMIT 200) AS i""",
    """INSERT INTO preparations (store_id, order_id, base_minutes, open_minutes, pick_minutes,
                                units, known_at)
       SELECT 'Q' || n, gen_random_uuid(), 30, 20 + o % 30, 8, 3,
              clock_timestamp() - o * interval '30 minutes'
         FROM generate_series(1, 20) AS n, generate_series(1, 200) AS o""",
    "ANALYZE",
)


async def near(house: House, rounds: int, seconds: float) -> Row:
    """Quote a basket of three lines near a place, one after the other, in one process."""
    row = Row("quote of 20 stores", "quotes/s", 0.2)
    lines = [{"sku": sku, "quantity": 1} for sku in house.skus()[:3]]
    basket = QuoteIn.model_validate(
        {"near": {"latitude": 42.0, "longitude": -87.0}, "lines": lines}
    )
    skus = [Sku(sku) for sku in house.skus()[:3]]
    links.configure(["a-link-key-for-measurements-only"], "https://pickup.example")
    async with Database.connect(house.dsn, routes=roof.routes()) as db:
        for statement in _SET_UP:
            await db.pool.execute(statement)

        async def ours() -> None:
            found, _ = await quotes.near(db, basket)
            assert len(found) == 3

        async def limit() -> None:
            """The statement and its answer, with nothing made of it."""
            async with db.reading() as tx:
                views, _ = await nearby.seen_from(db, tx, (42.0, -87.0), skus, limit=STORES)
            assert len(views) == STORES

        async def alone() -> None:
            for n in range(1, STORES + 1):
                db.memory.pop(("outlook", f"Q{n}"), None)
                await quotes.quote(db, views[n - 1].store_id, basket)

        async with db.reading() as tx:
            views, _ = await nearby.seen_from(db, tx, (42.0, -87.0), skus, limit=STORES)
        await outlooks.pooled(db)
        for _ in range(rounds):
            row.add(await _rate(ours, seconds), await _rate(limit, seconds))
        row.notes = {
            "limit_is": "the same statement and its rows, with no rule applied to them",
            "each_store_alone": round(await _rate(alone, seconds), 1),
        }
    return row


async def _rate(act: Callable[[], Awaitable[None]], seconds: float) -> float:
    await act()
    began, done = time.perf_counter(), 0
    while time.perf_counter() - began < seconds:
        await act()
        done += 1
    return done / (time.perf_counter() - began)
