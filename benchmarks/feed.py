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
from bopis.kernel import apart
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
    bench = _Bench(folder / "feed.csv", house, rows)
    async with Database.connect(house.dsn) as db:
        async with db.transaction() as tx:
            await batches.declare(
                tx,
                "bench",
                books_pickup=BooksPickup.AT_HANDOVER,
                cadence_minutes=60,
                swing=1000.0,  # judged, and never too much
            )
        for changed in (None, 1.0, 0.05, 0.0):
            said = "first load" if changed is None else f"{changed:.0%} changed"
            row = Row(f"feed, {said}", "rows/s", 0.8)
            bare = []
            for n in range(rounds):
                took = {}
                for run in (_bare_feed, _limit, take):
                    name = f"{said}-{n}-{run.__name__}"
                    stores = await bench.prepared(db, name, changed)
                    took[run] = await run(db, bench.path, name, stores)
                row.add(rows / took[take], rows / took[_limit])
                bare.append(rows / took[_bare_feed])
            row.notes = {
                "limit_is": "COPY of the rows, then the same merge",
                "bare_anti_join": round(statistics.median(bare), 1),
                "rows": rows,
                "peak_rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
                "reader_peak_rss_mb": _peak_of_readers(),
            }
            found.append(row)
    return found


class _Bench:
    """Makes the files, and what is known before each of them comes."""

    def __init__(self, path: Path, house: House, rows: int) -> None:
        self.path = path
        self._house = house
        self._rows = rows
        self._base = 0

    async def prepared(self, db: Database, name: str, changed: float | None) -> list[StoreId]:
        """Write a snapshot of which only so much is news; None: no store has ever heard of it."""
        self._base += 10
        stores = self._written(0, 0.0)
        if changed is None:
            await _emptied(db, stores)
        else:  # first make it known, so that only ``changed`` differs
            await take(db, self.path, f"{name}-known", stores)
            self._written(int(changed == 1), changed)
        return stores

    def _written(self, more: int, changed: float) -> list[StoreId]:
        units = self._base + more
        return _csv(self.path, self._house, rows=self._rows, quantity=units, changed=changed)


async def _emptied(db: Database, stores: Sequence[StoreId]) -> None:
    async with db.connection() as connection:
        await connection.execute("SET statement_timeout = '10min'")
        for table in ("stock", "stock_ledger", "feed_confirmations"):
            await connection.execute(
                f"DELETE FROM {table} WHERE store_id = ANY ($1)",  # noqa: S608 -- three of ours
                stores,
            )
        await connection.execute("VACUUM ANALYZE stock, stock_ledger, feed_confirmations")
        await connection.execute("RESET statement_timeout")


def _peak_of_readers() -> int | None:
    """Return how many megabytes the reading process has had at most, where the platform tells."""
    peaks = []
    for child in apart._idle:  # noqa: SLF001 -- whose else
        status = Path(f"/proc/{child.process.pid}/status")
        if status.exists():
            said = dict(line.split(":", 1) for line in status.read_text().splitlines())
            peaks.append(int(said["VmHWM"].split()[0]) // 1024)
    return max(peaks, default=None)


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
