"""``make prove``: a thousand days of a store whose truth is known, against what we make of them."""

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import repeat
from pathlib import Path

from benchmarks.truth.proof import Proof, prove
from benchmarks.truth.scene import MORNING, stage
from bopis import migrate
from bopis.kernel.clock import ManualClock
from bopis.kernel.database import Database
from bopis.kernel.embedded import EmbeddedServer


async def _prove(dsn: str, seeds: Sequence[int]) -> Proof:
    async with (
        Database.connect(dsn, clock=ManualClock(MORNING), pool_size=3) as db,
        stage(db) as connection,
    ):
        return await prove(db, connection, seeds)


def _part(dsn: str, seeds: Sequence[int]) -> Proof:
    return asyncio.run(_prove(dsn, seeds))


def main(argv: Sequence[str]) -> int:
    """Play the days, print what was in them, and return 1 if a number was wrong."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks truth", description=__doc__)
    parser.add_argument("--days", type=int, default=1000)
    parser.add_argument("--first", type=int, default=0, help="the seed of the first day")
    parser.add_argument("--processes", type=int, default=2)
    chosen = parser.parse_args(argv)
    with tempfile.TemporaryDirectory(prefix="bopis-truth-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        with EmbeddedServer.start(Path(folder) / "data", durable=False) as server:
            migrate.upgrade(server.dsn())
            began = time.perf_counter()
            last = chosen.first + chosen.days
            parts = [
                range(chosen.first + n, last, chosen.processes) for n in range(chosen.processes)
            ]
            with ProcessPoolExecutor(chosen.processes) as pool:
                whole = sum(pool.map(_part, repeat(server.dsn()), parts), start=Proof())
            whole.seconds = time.perf_counter() - began
    print(whole)
    return 1 if whole.stories else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
