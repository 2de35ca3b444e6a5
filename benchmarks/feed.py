"""Snapshots taken in whole, beside COPY and the same merge."""

import resource
import statistics
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from itertools import islice, product
from pathlib import Path

import asyncpg

from benchmarks import limits
from benchmarks.house import STORES, House
from benchmarks.row import Row
from bopis.kernel.database import Database
from bopis.kernel.ids import StoreId
from inventory.feeds import batches, feeding, intake, merging, staging
from inventory.feeds.feed import Batch
from inventory.feeds.merging import Slice
from inventory.feeds.models import BooksPickup, FeedKind


def _csv(path: Path, house: House, *, rows: int, quantity: int, changed: float) -> list[StoreId]:
    """Write a snapshot of as many stores as it takes, and return them."""
    every = max(1, round(1 / changed)) if changed else 0
    said = islice(product(STORES, house.skus()), rows)
    stores = {}
    with path.open("w") as file:
        file.write("store_id,sku,quantity\n")
        for n, (store, sku) in enumerate(said):
            stores[StoreId(store)] = True
            moved = bool(every) and n % every == 0
            file.write(f"{store},{sku},{quantity + moved}\n")
    return list(stores)


async def feed(house: House, rounds: int, folder: Path, rows: int) -> list[Row]:
    """A snapshot, parsed, checked and merged, against COPY and the same merge."""
    found = []
    path = folder / "feed.csv"
    async with Database.connect(house.dsn) as db:
        async with db.transaction() as tx:
            await batches.declare(
                tx,
                "bench",
                books_pickup=BooksPickup.AT_HANDOVER,
                cadence_minutes=60,
                swing=1000.0,  # judged, and never too much
            )
        base = 0
        for changed in (1.0, 0.05, 0.0):
            row = Row(f"feed, {changed:.0%} changed", "rows/s", 0.8)
            bare = []
            for n in range(rounds):
                took = {}
                for run in (_bare_feed, _limit, take):
                    base += 10
                    name = f"{changed}-{n}-{run.__name__}"
                    # First make it known, so that only `changed` differs.
                    stores = _csv(path, house, rows=rows, quantity=base, changed=0.0)
                    await take(db, path, f"{name}-known", stores)
                    _csv(path, house, rows=rows, quantity=base + (changed == 1), changed=changed)
                    took[run] = await run(db, path, name, stores)
                row.add(rows / took[take], rows / took[_limit])
                bare.append(rows / took[_bare_feed])
            row.notes = {
                "limit_is": "COPY of the rows, then the same merge",
                "bare_anti_join": round(statistics.median(bare), 1),
                "rows": rows,
                "peak_rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
            }
            found.append(row)
    return found


async def take(db: Database, path: Path, batch_id: str, stores: Sequence[StoreId] = ()) -> float:
    began = time.perf_counter()
    with path.open("rb") as content:

        async def chunks() -> AsyncIterator[bytes]:
            while chunk := content.read(1 << 20):
                yield chunk

        async with intake.received(chunks(), intake.format_of("text/csv")) as file:
            batch = feeding.batch_of(
                "bench", batch_id, file, kind=FeedKind.SNAPSHOT, as_of=db.clock(), sequence=None
            )
            await feeding.take(db, file, batch, actor="bench")
    return time.perf_counter() - began


async def _limit(db: Database, path: Path, batch_id: str, stores: Sequence[StoreId]) -> float:
    """COPY the file as it is, then merge each store in one go: no checks, no rejects, no turns."""
    began = time.perf_counter()
    batch = Batch("bench", batch_id, FeedKind.SNAPSHOT, db.clock(), batch_id, None)
    async with _copied(db, path) as (connection, _):
        for store in stores:
            async with db.transaction(store, on=connection) as tx:
                await merging.snapshot(tx, Slice(store, batch, batch.as_of))
    return time.perf_counter() - began


async def _bare_feed(db: Database, path: Path, batch_id: str, stores: Sequence[StoreId]) -> float:
    """COPY the file as it is, and write what differs: no judgment, nothing to read later."""
    began = time.perf_counter()
    async with _copied(db, path) as (connection, _):
        for store in stores:
            async with db.transaction(store, on=connection) as tx:
                await tx.value(limits.FEED, store, tx.now, str(tx.new_id())[:24])
    return time.perf_counter() - began


@asynccontextmanager
async def _copied(db: Database, path: Path) -> AsyncIterator[tuple[asyncpg.Connection, int]]:
    async with intake.staging(db, "feed_stage", staging.COLUMNS) as connection:
        status = await connection.copy_to_table(
            "feed_stage",
            source=path,
            columns=["store_id", "sku", "quantity"],
            format="csv",
            header=True,
        )
        await connection.execute("ANALYZE feed_stage (store_id)")
        yield connection, int(status.rpartition(" ")[2])
