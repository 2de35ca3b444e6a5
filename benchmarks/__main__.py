"""``make bench``: what we do beside what the machine could do, measured in the same run.

Each round measures the limit and us in turn, so that a machine whose speed drifts moves both. Read
the ratios, not the absolute figures.
"""

import argparse
import asyncio
import json
import platform
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import islice, product
from pathlib import Path

import asyncpg
import httpx
import msgspec

from benchmarks import belief_pages, limits, nightly
from benchmarks.house import STORES, House, built, orders, postgres, serving
from benchmarks.load import Result, get, measure, post
from bopis.kernel.database import Database
from bopis.kernel.ids import StoreId
from bopis.shopper.shown import ROOM
from inventory import feeding, feeds, intake
from inventory.feed import Batch
from inventory.feeds import Share
from inventory.models import BooksPickup, FeedKind


@dataclass
class Row:
    """One measurement: ours, its limit, and the ratio, one figure for each round."""

    what: str
    unit: str
    goal: float
    ours: list[float] = field(default_factory=list)
    limit: list[float] = field(default_factory=list)
    notes: dict[str, object] = field(default_factory=dict)

    def add(self, ours: float, limit: float) -> None:
        self.ours.append(ours)
        self.limit.append(limit)
        print(f"  {self.what}: {ours:,.0f} of {limit:,.0f} {self.unit}: {ours / limit:.2f}")

    def said(self) -> dict[str, object]:
        ratios = [a / b for a, b in zip(self.ours, self.limit, strict=True)]
        return {
            "what": self.what,
            "unit": self.unit,
            "ours": round(statistics.median(self.ours), 1),
            "limit": round(statistics.median(self.limit), 1),
            "ratio": round(statistics.median(ratios), 3),
            "ratios": [round(one, 3) for one in ratios],
            "goal": self.goal,
            **self.notes,
        }


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
    row = Row(f"accept, {'hot item' if hot else 'uniform'}", "orders/s", 0.8)
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
            _all(ours, "201")
            _all(theirs, "201")
            row.add(ours.per_second, theirs.per_second)
            p99.append(ours.p99)
            bare.append(await _bare(house, seconds, hot=hot, seed=seeds[2]))
    row.notes = {
        "limit_is": "FastAPI and asyncpg, the same rows in one statement",
        "bare_asyncpg": round(statistics.median(bare), 1),
        "p99_ms": round(statistics.median(p99), 1),
    }
    return row


def _all(result: Result, status: str) -> None:
    assert set(result.statuses) == {status}, result


async def page(house: House, rounds: int, seconds: float) -> list[Row]:
    """Read status pages, each request from the database, 64 connections.

    Once each page as if for the first time (more orders than a process remembers pages of, in turn,
    so that each is written out anew), and once a few of them again and again.
    """
    new = Row("status page, new", "pages/s", 0.8)
    again = Row("status page, unchanged", "pages/s", 0.8)
    key = {"Authorization": f"Bearer {house.channel_key}"}
    async with (
        serving(house, "benchmarks.limits", "PORT") as limit_port,
        serving(house, "bopis", "serve", "--port", "PORT") as our_port,
    ):
        placed = await _placed(our_port, orders(house, ROOM + 200, hot=False, seed=77), key)
        our_paths = [f"/o/{one['status_url'].rsplit('/', 1)[1]}" for one in placed]
        limit_paths = [f"/o/{'/'.join(one['order_id'].split('.'))}" for one in placed]
        for _ in range(rounds):
            for row, some in ((new, len(placed)), (again, 200)):
                many = 1 + int(4000 * (seconds + 1) / some)
                theirs = await measure(
                    limit_port, [get(path) for path in limit_paths[:some]] * many, seconds=seconds
                )
                ours = await measure(
                    our_port, [get(path) for path in our_paths[:some]] * many, seconds=seconds
                )
                _all(ours, "200")
                _all(theirs, "200")
                row.add(ours.per_second, theirs.per_second)
    for row in (new, again):
        row.notes = {"limit_is": "FastAPI, one SELECT, one template of the same size"}
    return [new, again]


async def _placed(
    port: int, bodies: Sequence[dict[str, object]], key: dict[str, str]
) -> list[dict[str, str]]:
    few = asyncio.Semaphore(16)
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers=key) as client:

        async def place(body: dict[str, object]) -> dict[str, str]:
            async with few:
                answer: dict[str, str] = (await client.post("/v1/orders", json=body)).json()
            return answer

        return await asyncio.gather(*(place(body) for body in bodies))


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
            await feeds.declare(
                tx, "bench", books_pickup=BooksPickup.AT_HANDOVER, cadence_minutes=60
            )
        base = 0
        for changed in (1.0, 0.05, 0.0):
            row = Row(f"feed, {changed:.0%} changed", "rows/s", 0.8)
            bare = []
            for n in range(rounds):
                took = {}
                for run in (_bare_feed, _limit, _take):
                    base += 10
                    name = f"{changed}-{n}-{run.__name__}"
                    # First make it known, so that only `changed` differs.
                    stores = _csv(path, house, rows=rows, quantity=base, changed=0.0)
                    await _take(db, path, f"{name}-known", stores)
                    _csv(path, house, rows=rows, quantity=base + (changed == 1), changed=changed)
                    took[run] = await run(db, path, name, stores)
                row.add(rows / took[_take], rows / took[_limit])
                bare.append(rows / took[_bare_feed])
            row.notes = {
                "limit_is": "COPY of the rows, then the same merge",
                "bare_anti_join": round(statistics.median(bare), 1),
                "rows": rows,
                "peak_rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
            }
            found.append(row)
    return found


async def _take(db: Database, path: Path, batch_id: str, stores: Sequence[StoreId]) -> float:
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
    """COPY the file as it is, then merge: no checks, no rejects, no identity."""
    began = time.perf_counter()
    batch = Batch("bench", batch_id, FeedKind.SNAPSHOT, db.clock(), batch_id, None)
    async with _copied(db, path) as (connection, rows):
        if len(stores) > 1 or rows > feeds.SLICE:  # the merge goes through it in order
            await connection.execute("CREATE INDEX ON feed_stage (store_id, sku)")
        for store in stores:
            run = None
            while run is None or run.upto is not None:
                async with db.transaction(store, on=connection) as tx:
                    run = await feeds.apply(tx, batch, Share(store, rows, batch.as_of))
                assert run
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
    async with intake.staging(db, "feed_stage", feeding.COLUMNS) as connection:
        status = await connection.copy_to_table(
            "feed_stage",
            source=path,
            columns=["store_id", "sku", "quantity"],
            format="csv",
            header=True,
        )
        await connection.execute("ANALYZE feed_stage (store_id, sku)")
        yield connection, int(status.rpartition(" ")[2])


async def main(args: argparse.Namespace, dsn: str, folder: Path) -> list[Row]:
    async with built(dsn, items=args.items) as house:
        rows: list[Row] = []
        if "accept" in args.what:
            rows.append(await accept(house, args.rounds, args.seconds, hot=False))
            rows.append(await accept(house, args.rounds, args.seconds, hot=True))
        if "page" in args.what:
            rows.extend(await page(house, args.rounds, args.seconds))
        if "feed" in args.what:
            rows.extend(await feed(house, args.rounds, folder, args.rows or args.items))
        if "belief" in args.what:
            rows.append(await night(house, args.rounds, args.beliefs))
    return rows


async def night(house: House, rounds: int, rows: int) -> Row:
    """Hold every cap of a store against what we believe by now."""
    row = Row("belief, nightly step", "rows/s", 0.8)
    found, row.notes = await nightly.measured(house.dsn, rows, rounds)
    for ours, limit in found:
        row.add(ours, limit)
    return row


def proof(*, write: bool) -> None:
    """Say what belief is worth in stores that are made up; see ``benchmarks.belief``."""
    cases = belief_pages.cases()
    seeds = belief_pages.repeated()
    print(belief_pages.figures(cases, seeds))
    if write:
        belief_pages.write(cases, seeds)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("what", nargs="*", default=["accept", "page", "feed", "belief"])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=4.0)
    parser.add_argument("--items", type=int, default=25_000, help="in each of eight stores")
    parser.add_argument("--rows", type=int, help="of one feed, over as many stores as it takes")
    parser.add_argument("--beliefs", type=int, default=1_000_000, help="rows of the nightly step")
    parser.add_argument("--write", action="store_true", help="the proof alone, into docs/belief.md")
    parser.add_argument("--json", type=Path, help="write the figures here, too")
    chosen = parser.parse_args()
    if "belief" in chosen.what:
        proof(write=chosen.write)
    if chosen.write:
        sys.exit(0)
    with postgres() as address, tempfile.TemporaryDirectory() as scratch:
        found = asyncio.run(main(chosen, address, Path(scratch)))
    said = [row.said() for row in found]
    print(f"\n{platform.python_version()}, {platform.machine()}; medians of {chosen.rounds} rounds")
    for line in said:
        mark = "reached" if float(str(line["ratio"])) >= float(str(line["goal"])) else "MISSED"
        print(
            f"{line['what']:<24} {line['ours']:>10,} of {line['limit']:>10,} {line['unit']:<9}"
            f" ratio {line['ratio']} (goal {line['goal']}: {mark})"
        )
    if chosen.json:
        chosen.json.write_text(json.dumps(said, indent=2) + "\n")
    sys.exit(0)
