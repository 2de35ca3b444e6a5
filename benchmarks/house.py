"""A database of known size, and our server and the limit's beside each other on it."""

import asyncio
import os
import random
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final
from uuid import uuid4

import httpx

from bopis import app as roof
from bopis import migrate
from bopis.kernel import keys
from bopis.kernel.database import Database
from bopis.kernel.embedded import EmbeddedServer
from bopis.kernel.keys import KeyKind

STORES: Final = [f"S{n}" for n in range(1, 9)]
DAYS: Final = range(7)
ON_HAND: Final = 1_000_000
STAFF: Final = 60
"""People signed in at each store: with fewer, a few seconds' orders are two months of work."""
LINKS: Final = "a-link-key-for-measurements-only"


@dataclass(frozen=True)
class House:
    dsn: str
    items: int
    channel_key: str
    stores: Sequence[str] = tuple(STORES)

    def skus(self) -> list[str]:
        return [f"{n:07d}" for n in range(self.items)]

    @property
    def environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "DATABASE_URL": self.dsn,
            "BOPIS_LINK_KEYS": f'["{LINKS}"]',
            "PYTHONPATH": str(Path(__file__).parent.parent),
        }


@contextmanager
def postgres() -> Iterator[str]:
    """Serve a durable database of our own, or use ``BENCH_DATABASE_URL``."""
    given = os.environ.get("BENCH_DATABASE_URL")
    if given:
        yield given
        return
    with TemporaryDirectory(prefix="bopis-bench-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        with EmbeddedServer.start(Path(folder) / "data") as server:
            yield server.dsn()


@asynccontextmanager
async def built(
    dsn: str, *, items: int, stores: Sequence[str] = tuple(STORES)
) -> AsyncIterator[House]:
    """Fill a migrated database: some stores, each with all the items, open nearly always."""
    await asyncio.to_thread(migrate.upgrade, dsn)
    async with Database.connect(dsn, routes=roof.routes()) as db:
        async with db.transaction() as tx:
            _, secret = await keys.add(tx, KeyKind.CHANNEL, "bench")
            await tx.run_many(
                "INSERT INTO stores (store_id, name, time_zone, street, city)"
                " VALUES ($1, $1, 'America/Chicago', '1 Main Street', 'Springfield')",
                [(store,) for store in stores],
            )
            await tx.run_many(
                "INSERT INTO store_hours VALUES ($1, $2, '00:00', '23:59')",
                [(store, day) for store in stores for day in DAYS],
            )
            await tx.run_many(
                "INSERT INTO associate_sessions (store_id, id, token_digest, device_id,"
                "                                associate_id, started_at, ends_at)"
                " VALUES ($1, $2, $3, $2, $2, now(), 'infinity')",
                [(store, who := uuid4(), who.bytes) for store in stores for _ in range(STAFF)],
            )
        async with db.connection() as connection:
            await connection.execute("SET statement_timeout = '10min'")
            await connection.execute(
                "INSERT INTO items (sku, name) SELECT lpad(n::text, 7, '0'), 'Item ' || n"
                "  FROM generate_series(0, $1 - 1) AS n",
                items,
            )
            for store in stores:
                await connection.execute(
                    "INSERT INTO stock (store_id, sku, on_hand, changed_at)"
                    " SELECT $1, sku, $2, clock_timestamp() FROM items",
                    store,
                    ON_HAND,
                )
                await connection.execute(
                    "INSERT INTO stock_ledger (store_id, id, sku, kind, on_hand, effective_at,"
                    "                          recorded_at)"
                    " SELECT $1, gen_random_uuid(), sku, 'adjust', $2,"
                    "        clock_timestamp(), clock_timestamp() FROM items",
                    store,
                    ON_HAND,
                )
            await connection.execute("VACUUM ANALYZE")
    yield House(dsn, items, secret, stores)


@asynccontextmanager
async def serving(house: House, *command: str) -> AsyncIterator[int]:
    """Run a server process on a free port, and end it."""
    async with running(house, *command) as (port, _):
        yield port


@asynccontextmanager
async def running(house: House, *command: str) -> AsyncIterator[tuple[int, int]]:
    """Run a server process on a free port, and end it: its port, and its process id."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(  # noqa: ASYNC220, S603 -- our own command
        [sys.executable, "-m", *(word.replace("PORT", str(port)) for word in command)],
        env=house.environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        async with httpx.AsyncClient() as client:
            for _ in range(900):
                try:
                    await client.get(f"http://127.0.0.1:{port}/healthz")
                    break
                except httpx.TransportError:
                    await asyncio.sleep(0.1)
        yield port, process.pid
    finally:
        process.terminate()
        await asyncio.to_thread(process.wait, 20)


def orders(house: House, count: int, *, hot: bool, seed: int) -> list[dict[str, object]]:
    """Return bodies of orders of three lines; hot: the first line is one item of one store."""
    chance = random.Random(seed)
    skus = house.skus()
    made: list[dict[str, object]] = []
    for n in range(count):
        store = STORES[0] if hot else chance.choice(STORES)
        chosen = chance.sample(skus[1:], 3)
        if hot:
            chosen[0] = skus[0]
        made.append(
            {
                "store_id": store,
                "reference": f"{seed}-{n}",
                "customer": {"first_name": "Ada", "email": "ada@example.org"},
                "lines": [{"sku": sku, "quantity": 1} for sku in chosen],
            }
        )
    return made
