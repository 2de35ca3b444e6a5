"""A night over a million beliefs, beside reading and writing the same rows."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Final

import numpy as np

from bopis.kernel.database import Database
from bopis.kernel.ids import StoreId
from inventory.belief import filter as belief
from inventory.belief import jobs, states, sweeping
from inventory.belief.filter import Trust

STORE: Final = StoreId("B1")
CHANGED: Final = 50
"""One cap in so many is not as it should be when a night begins."""

_STOCK: Final = """
    INSERT INTO stock (store_id, sku, on_hand, changed_at)
    SELECT $1, lpad(n::text, 8, '0'), $2, clock_timestamp() FROM generate_series($3::int, $4) AS n
"""
_FILL: Final = """
    INSERT INTO beliefs (store_id, sku, bins, at, sold, watched, looked, kind)
    SELECT $1, sku, $2, $3, 3, 30, true, 's' FROM stock
     WHERE store_id = $1 AND sku BETWEEN lpad($4::int::text, 8, '0') AND lpad($5::int::text, 8, '0')
"""
_READ: Final = """
    SELECT sku, bins, at FROM beliefs WHERE store_id = $1 AND sku > $2 ORDER BY sku LIMIT $3
"""
_WRITE: Final = """
    UPDATE beliefs AS b SET bins = n.bins, at = $4
      FROM unnest($2::text[], $3::bytea[]) AS n (sku, bins)
     WHERE b.store_id = $1 AND b.sku = n.sku
"""
_SIZES: Final = """
    SELECT pg_relation_size('beliefs') / count(*)::float8 AS of_table,
           pg_indexes_size('beliefs') / count(*)::float8 AS of_index,
           avg(pg_column_size(b.bins) + pg_column_size(at) + pg_column_size(sold)
               + pg_column_size(watched) + pg_column_size(moved) + pg_column_size(looked)
               + pg_column_size(kind)) AS of_state
      FROM beliefs AS b
"""


@asynccontextmanager
async def filled(dsn: str, rows: int) -> AsyncIterator[Database]:
    """Fill one store with beliefs about records of one to nine."""
    async with Database.connect(dsn) as db:
        async with db.connection() as connection:
            await connection.execute("SET statement_timeout = '10min'")
            await connection.execute(
                "INSERT INTO stores (store_id, name, time_zone) VALUES ($1, $1, 'UTC')", STORE
            )
            await connection.execute(
                "INSERT INTO belief_stores (store_id, mode, heard_until) VALUES ($1, 'on', $2)",
                STORE,
                db.clock(),
            )
            step = -(-rows // 9)
            for n in range(9):
                first, last = n * step, min((n + 1) * step, rows) - 1
                await connection.execute(_STOCK, STORE, n + 1, first, last)
                believed = belief.prior(np.array([n + 1]), belief.witness(Trust()))
                await connection.execute(
                    _FILL,
                    STORE,
                    states.packed(believed),
                    db.clock() - timedelta(days=1),
                    first,
                    last,
                )
            await connection.execute("VACUUM ANALYZE beliefs")
            await connection.execute("VACUUM ANALYZE stock")
        yield db


async def measured(
    dsn: str, rows: int, rounds: int
) -> tuple[list[tuple[float, float]], dict[str, object]]:
    """Return rows a second, ours and of the limit, for each round; and how large a row is."""
    found = []
    async with filled(dsn, rows) as db:
        async with db.connection() as connection:
            sizes = await connection.fetchrow(_SIZES, timeout=60)
        await jobs.sweep_store(db, STORE)
        for n in range(rounds):
            async with db.connection() as connection:
                await connection.execute(
                    "UPDATE stock SET cap = 60"
                    " WHERE store_id = $1 AND right(sku, 4)::int % $2 = $3",
                    STORE,
                    CHANGED,
                    n,
                )
            began = time.perf_counter()
            written = await jobs.sweep_store(db, STORE)
            ours = time.perf_counter() - began
            assert written >= rows // CHANGED // 2, written
            began = time.perf_counter()
            await _raw(db)
            found.append((rows / ours, rows / (time.perf_counter() - began)))
    notes = {f"bytes_{name}": round(float(value), 1) for name, value in sizes.items()}
    return found, {"rows": rows, "limit_is": "the same pages read, and each row written", **notes}


async def _raw(db: Database) -> None:
    after = ""
    while True:
        async with db.transaction(STORE) as tx:
            page = await tx.rows(_READ, STORE, after, sweeping.PAGE)
            if not page:
                return
            skus, bins = [row["sku"] for row in page], [row["bins"] for row in page]
            await tx.run(_WRITE, STORE, skus, bins, tx.now)
            after = skus[-1]
