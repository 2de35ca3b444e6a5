"""Others' orders beside a crowd that wants one item, and beside a feed: as quick as in calm?"""

import asyncio
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import asyncpg
import msgspec

from benchmarks.feed import take
from benchmarks.house import House, orders, serving
from benchmarks.load import Result, measure, post
from benchmarks.row import Row
from bopis.kernel.database import Database
from inventory.feeds import batches
from inventory.feeds.models import BooksPickup

UNITS: Final = 100
AT_ONCE: Final = 500
OTHERS: Final = 16
"""Connections of those who want something else."""
STORE: Final = "S1"
PATIENCE: Final = 300.0


def _encoded(bodies: Iterable[dict[str, object]], house: House) -> list[bytes]:
    key = {"Authorization": f"Bearer {house.channel_key}"}
    return [post("/v1/orders", msgspec.json.encode(body), key) for body in bodies]


def _buyers(house: House, sku: str, count: int) -> list[bytes]:
    return _encoded(
        (
            {
                "store_id": STORE,
                "reference": f"{sku}-{n}",
                "customer": {"first_name": "Ada", "email": "ada@example.org"},
                "lines": [{"sku": sku, "quantity": 1}],
            }
            for n in range(count)
        ),
        house,
    )


async def _stock(house: House, sku: str) -> None:
    """Put so many units of a new item on the shelf."""
    connection = await asyncpg.connect(house.dsn)
    try:
        await connection.execute("INSERT INTO items (sku, name) VALUES ($1, $1)", sku)
        await connection.execute(
            "INSERT INTO stock (store_id, sku, on_hand, changed_at)"
            " VALUES ($1, $2, $3, clock_timestamp())",
            STORE,
            sku,
            UNITS,
        )
    finally:
        await connection.close()


async def _sold(house: House, sku: str, result: Result, buyers: int) -> None:
    """See that exactly so many were sold, and that everybody else was told so."""
    assert result.statuses == {"201": UNITS, "409": buyers - UNITS}, result
    connection = await asyncpg.connect(house.dsn)
    try:
        reserved = await connection.fetchval(
            "SELECT reserved FROM stock WHERE store_id = $1 AND sku = $2", STORE, sku
        )
    finally:
        await connection.close()
    assert reserved == UNITS, reserved


async def gone(house: House, rounds: int, seconds: float, buyers: int) -> list[Row]:
    """Ten thousand buyers of a hundred units, and others beside them; then 500 at one instant."""
    row = Row("others' p99, calm / beside a crowd", "ms", 0.5)
    rates: list[float] = []
    bursts: list[float] = []
    async with serving(house, "bopis", "serve", "--port", "PORT") as port:
        for n in range(rounds):
            many = int(3000 * (seconds + 1))
            some = [
                _encoded(orders(house, many, hot=False, seed=5000 + 10 * n + k), house)
                for k in range(2)
            ]
            calm = await measure(port, some[0], connections=OTHERS, seconds=seconds)
            sku = f"crowd-{n}"
            await _stock(house, sku)
            crowd, beside = await asyncio.gather(
                measure(port, _buyers(house, sku, buyers), seconds=PATIENCE, warm_up=0),
                measure(port, some[1], connections=OTHERS, seconds=seconds),
            )
            assert set(calm.statuses) == set(beside.statuses) == {"201"}, (calm, beside)
            await _sold(house, sku, crowd, buyers)
            row.add(calm.p99, beside.p99)
            rates.append(crowd.per_second)
            await _stock(house, sku := f"burst-{n}")
            burst = await measure(
                port,
                _buyers(house, sku, AT_ONCE),
                connections=AT_ONCE,
                seconds=PATIENCE,
                warm_up=0,
            )
            await _sold(house, sku, burst, AT_ONCE)
            bursts.append(round(AT_ONCE / burst.per_second, 2))
    row.notes = {
        "limit_is": "their p99 while the crowd asks; the goal is at most twice the calm one",
        "crowd": f"{buyers} buyers of {UNITS} units: {UNITS} sold, all others refused",
        "crowd_per_second": [round(rate) for rate in rates],
        f"seconds_for_{AT_ONCE}_at_once": bursts,
    }
    return [row]


async def beside_a_feed(house: House, rounds: int, seconds: float, folder: Path) -> list[Row]:
    """Orders in calm, and while snapshots that change every row are taken one after the other."""
    rate = Row("accept beside a feed", "orders/s", 0.7)
    slow = Row("p99 of accepts, calm / beside a feed", "ms", 0.5)
    taken = 0
    path = folder / "beside.csv"
    async with (
        Database.connect(house.dsn) as db,
        serving(house, "bopis", "serve", "--port", "PORT") as port,
    ):
        async with db.transaction() as tx:
            await batches.declare(
                tx,
                "bench",
                books_pickup=BooksPickup.AT_HANDOVER,
                cadence_minutes=60,
                swing=1000.0,  # judged, and never too much
            )
        for n in range(rounds):
            many = int(3000 * (seconds + 1))
            some = [
                _encoded(orders(house, many, hot=False, seed=9000 + 10 * n + k), house)
                for k in range(2)
            ]
            calm = await measure(port, some[0], seconds=seconds)
            busy = asyncio.create_task(measure(port, some[1], seconds=seconds))
            while not busy.done():
                await _feed(db, house, path, taken)
                taken += 1
            beside = await busy
            assert set(calm.statuses) == set(beside.statuses) == {"201"}, (calm, beside)
            rate.add(beside.per_second, calm.per_second)
            slow.add(calm.p99, beside.p99)
    rate.notes = {"limit_is": "the same in calm", "feeds": taken, "rows_of_each": house.items}
    slow.notes = {"limit_is": "their p99 while feeds are taken; at most twice the calm one"}
    return [rate, slow]


async def _feed(db: Database, house: House, path: Path, number: int) -> None:
    """Take a snapshot of one store in which every number is another than before."""
    with path.open("w") as file:
        file.write("store_id,sku,quantity\n")
        file.writelines(f"{STORE},{sku},{900_000 + number}\n" for sku in house.skus())
    await take(db, path, f"beside-{number}-{time.time_ns()}")
