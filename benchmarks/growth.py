"""``python -m benchmarks.growth``: does a row of a feed cost more where there is more stock?

``stores``: a chain grows, its stores stay as they are, and a file names all of one or ten of them.
``items``: eight stores hold more and more, and a file names the same number spread over all of it,
so that in the end every row lies on a page of its own.

Each row names another quantity than the one that is known, so that all of them are written.
"""

import argparse
import asyncio
import platform
import statistics
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import asyncpg

from benchmarks.feed import take
from benchmarks.house import STORES, House, built, postgres
from bopis.kernel.database import Database
from inventory.feeds import batches
from inventory.feeds.models import BooksPickup

SIZES: Final = (10_000, 100_000, 1_000_000, 10_000_000)
FILES: Final = (10_000, 100_000)
EACH: Final = 10_000
"""Items of a store, where the chain grows by stores."""


@asynccontextmanager
async def _database(dsn: str, name: str) -> AsyncIterator[str]:
    """Make a database beside the others, and drop it: ten million rows are two gigabytes."""
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute(f"CREATE DATABASE {name}")
        yield urlsplit(dsn)._replace(path=f"/{name}").geturl()
        await connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
    finally:
        await connection.close()


def _rows(house: House, rows: int, quantity: int) -> Iterator[str]:
    """Yield a snapshot: whole stores where the chain has enough, else as many items of each."""
    skus = house.skus()
    whole = len(house.stores) >= FILES[-1] // EACH or rows >= house.items * len(house.stores)
    stores = house.stores[: max(rows // house.items, 1)] if whole else house.stores
    each = rows // len(stores)
    for store in stores:
        for sku in skus[:: len(skus) // each][:each]:
            yield f"{store},{sku},{quantity}\n"


async def _measured(house: House, folder: Path, rows: int, rounds: int) -> float:
    """Return microseconds a row, the median of the rounds."""
    path = folder / "feed.csv"
    took = []
    async with Database.connect(house.dsn) as db:
        async with db.transaction() as tx:
            await batches.declare(
                tx,
                "bench",
                books_pickup=BooksPickup.AT_HANDOVER,
                cadence_minutes=60,
                swing=1000.0,  # judged, and never too much
            )
        for n in range(rounds + 1):
            with path.open("w") as file:
                file.write("store_id,sku,quantity\n")
                file.writelines(_rows(house, rows, 10 + n))
            took.append(await take(db, path, f"{rows}-{n}"))
    return statistics.median(took[1:]) / rows * 1e6  # the first one warms up


def _house(dsn: str, size: int, by: str) -> AbstractAsyncContextManager[House]:
    if by == "items":
        return built(dsn, items=size // len(STORES))
    return built(dsn, items=EACH, stores=[f"S{n:04}" for n in range(size // EACH)])


async def main(dsn: str, folder: Path, sizes: list[int], rounds: int, by: str) -> None:
    print(f"{f'rows, by {by}':>16}" + "".join(f"{f'file of {rows:,}':>20}" for rows in FILES))
    for size in sizes:
        async with (
            _database(dsn, f"growth_{size}") as address,
            _house(address, size, by) as house,
        ):
            figures = [
                f"{await _measured(house, folder, rows, rounds):.1f} us a row"
                for rows in FILES
                if rows <= size
            ]
        print(f"{size:>16,}" + "".join(f"{figure:>20}" for figure in figures), flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="rows of stock")
    parser.add_argument("--by", choices=("stores", "items"), default="stores")
    chosen = parser.parse_args()
    with postgres() as address, tempfile.TemporaryDirectory() as scratch:
        asyncio.run(main(address, Path(scratch), chosen.sizes, chosen.rounds, chosen.by))
    print(f"{platform.python_version()}, {platform.machine()}; medians of {chosen.rounds} rounds")
