"""Orders taken over HTTP, beside the same rows written by as little code as it takes."""

import asyncio
import statistics
import time
from collections.abc import Sequence

import asyncpg
import msgspec

from benchmarks import limits
from benchmarks.house import House, orders, serving
from benchmarks.load import measure, post
from benchmarks.row import Row, all_answered


def _encoded(bodies: Sequence[dict[str, object]], headers: dict[str, str]) -> list[bytes]:
    return [post("/v1/orders", msgspec.json.encode(body), headers) for body in bodies]


async def _bare(house: House, seconds: float, *, hot: bool, seed: int) -> float:
    """Return how many accepts a second bare asyncpg reaches in this process."""
    bodies = iter(orders(house, 40_000, hot=hot, seed=seed))
    taken = 0
    until = time.perf_counter() + seconds

    async def one(pool: asyncpg.Pool) -> None:
        nonlocal taken
        while time.perf_counter() < until:
            body = next(bodies)
            lines = [(line["sku"], 1) for line in body["lines"]]  # type: ignore[attr-defined]
            async with pool.acquire() as connection:
                taken += await limits.accept(connection, str(body["store_id"]), lines)

    async with asyncpg.create_pool(house.dsn, min_size=8, max_size=8) as pool:
        began = time.perf_counter()
        await asyncio.gather(*(one(pool) for _ in range(64)))
    return taken / (time.perf_counter() - began)


async def accept(house: House, rounds: int, seconds: float, *, hot: bool) -> Row:
    """Reserve and accept over HTTP, 64 connections, three lines an order."""
    row = Row(f"accept, {'hot item' if hot else 'uniform'}", "orders/s", 1.8 if hot else 1.2)
    key = {"Authorization": f"Bearer {house.channel_key}"}
    bare: list[float] = []
    p99: list[float] = []
    async with (
        serving(house, "benchmarks.limits", "PORT") as limit_port,
        serving(house, "bopis", "serve", "--port", "PORT") as our_port,
    ):
        for n in range(rounds):
            seeds = [1000 * n + 10 * hot + offset for offset in range(3)]
            many = int(6000 * (seconds + 1))
            theirs = await measure(
                limit_port,
                _encoded(orders(house, many, hot=hot, seed=seeds[0]), {}),
                seconds=seconds,
            )
            ours = await measure(
                our_port,
                _encoded(orders(house, many, hot=hot, seed=seeds[1]), key),
                seconds=seconds,
            )
            all_answered(ours, "201")
            all_answered(theirs, "201")
            row.add(ours.per_second, theirs.per_second)
            p99.append(ours.p99)
            bare.append(await _bare(house, seconds, hot=hot, seed=seeds[2]))
    row.notes = {
        "limit_is": "FastAPI and asyncpg, the same rows in one statement",
        "bare_asyncpg": round(statistics.median(bare), 1),
        "p99_ms": round(statistics.median(p99), 1),
    }
    return row
