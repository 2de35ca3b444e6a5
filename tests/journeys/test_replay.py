"""Real invoices through the whole line, on a clock that jumps: to the end, and twice the same."""

import asyncio
import os
import sys
from datetime import timedelta
from typing import Final, cast

import pytest

from bopis import app as roof
from bopis.kernel.database import Database
from bopis.simulation import replay, retail
from bopis.simulation.baskets import ShoppingDay

ROOF = cast("replay.Roof", roof)
MINUTE = timedelta(minutes=1)
DAYS = ("2010-12-06", "2010-12-08")
SOME = 6
"""Orders of a day that are played: the command plays them all."""


def _day(name: str) -> ShoppingDay:
    file = retail.data_folder() / f"{name}.csv"
    if not file.exists():
        pytest.skip(f"no {file}; BOPIS_RETAIL_DATA may name its folder")
    return retail.read([file])


def is_whole(result: replay.Result, limit: int) -> None:
    """Check that a day came to its end, and that nothing of it was lost or said in vain."""
    assert {one.invariant.id: one.examples for one in result.findings if one.count} == {}
    assert result.still_open == 0
    report = result.report
    assert report.accepted + sum(report.refused.values()) == limit
    assert report.accepted == report.collected + report.cancelled + report.expired
    assert report.collected > report.accepted / 2
    assert result.outcomes["collected"] == report.collected
    assert report.silent_minutes == 0
    assert str(result.seed) in result.to_text()


@pytest.mark.timeout(300)
async def test_a_published_day_runs_to_its_end(dsn: str) -> None:
    result = await replay.play(ROOF, dsn, _day(DAYS[1]), tick=MINUTE, limit=SOME)

    is_whole(result, SOME)
    async with Database.connect(dsn, pool_size=1) as db, db.transaction() as tx:
        rows = await tx.rows("SELECT DISTINCT source, state FROM feed_batches ORDER BY source")
    assert [(row["source"], row["state"]) for row in rows] == [
        ("till-U01", "applied"),
        ("till-U02", "applied"),
    ]


ONE_PLANNER: Final = "enable_seqscan=off&enable_sort=off&enable_nestloop=off"
OTHER_PLANNER: Final = "enable_indexscan=off&enable_bitmapscan=off&enable_hashjoin=off"
"""Queries of a database's address. A planner that reads fresh statistics in mid-day chooses other
plans, and rows that nobody has put in order then come in another one."""


async def test_the_same_seed_gives_the_same_report_on_another_machine(
    server: str, dsn: str
) -> None:
    """Another process with other hashes, another planner: the words are the same."""
    day = _day(DAYS[0])
    printed = asyncio.create_task(_printed(_planned(server, OTHER_PLANNER), orders=SOME, seed=3))

    here = _planned(dsn, ONE_PLANNER)
    result = await replay.play(ROOF, here, day, seed=3, limit=SOME, tick=MINUTE)

    assert result.to_json() == await printed
    is_whole(result, SOME)


def _planned(dsn: str, planner: str) -> str:
    return f"{dsn}{'&' if '?' in dsn else '?'}{planner}"


async def _printed(dsn: str, *, orders: int, seed: int) -> str:
    """Return what the command prints about the same day, in a process of its own."""
    file = retail.data_folder() / f"{DAYS[0]}.csv"
    choice = ("--orders", f"{orders}", "--seed", f"{seed}", "--tick", f"{MINUTE.total_seconds()}")
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bopis", "replay", "online-retail", f"{file}", *choice, "--json"),
        env={**os.environ, "PYTHONHASHSEED": "1", "DATABASE_URL": dsn},
        stdout=asyncio.subprocess.PIPE,
    )
    printed, _ = await process.communicate()
    assert process.returncode == 0
    return printed.decode()
