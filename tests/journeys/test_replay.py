"""Real invoices through the whole line, on a clock that jumps: to the end, and twice the same."""

import asyncio
import json
import os
import sys
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, cast

import pytest

from bopis import app as roof
from bopis.simulation import replay, retail
from bopis.simulation.baskets import ShoppingDay

ROOF = cast("replay.Roof", roof)
MINUTE = timedelta(minutes=1)
DAYS = ("2010-12-06", "2010-12-08")


def _day(name: str) -> ShoppingDay:
    file = retail.data_folder() / f"{name}.csv"
    if not file.exists():
        pytest.skip(f"no {file}; BOPIS_RETAIL_DATA may name its folder")
    return retail.read([file])


@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", DAYS)
async def test_a_published_day_runs_to_its_end(dsn: str, name: str) -> None:
    day = _day(name)

    result = await replay.play(ROOF, dsn, day, tick=MINUTE)

    assert {one.invariant.id: one.examples for one in result.findings if one.count} == {}
    assert result.still_open == 0
    report = result.report
    assert report.accepted + sum(report.refused.values()) == len(day.baskets)
    assert report.accepted == report.collected + report.cancelled + report.expired
    assert report.collected > report.accepted / 2
    assert result.outcomes["collected"] == report.collected
    assert report.silent_minutes == 0
    assert str(result.seed) in result.to_text()


@dataclass(frozen=True)
class Machine:
    """What may differ between two machines, and must not be seen in a report."""

    hash_seed: str
    planner: str
    """As a query of the database's address. A planner that has read fresh statistics in mid-day
    chooses other plans, and rows that nobody put in order come in another one."""


ONE: Final = Machine("1", "enable_seqscan=off&enable_sort=off&enable_nestloop=off")
OTHER: Final = Machine("2", "enable_indexscan=off&enable_bitmapscan=off&enable_hashjoin=off")
MORNING: Final = ("--orders", "40", "--tick", "60", "--seed", "3", "--json")


async def _replayed(server: str, name: str, machine: Machine) -> bytes:
    """Run the command in a process of its own; return what it prints."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bopis", "replay", "online-retail"),
        str(retail.data_folder() / f"{name}.csv"),
        *MORNING,
        env={
            **os.environ,
            "PYTHONHASHSEED": machine.hash_seed,
            "DATABASE_URL": f"{server}{'&' if '?' in server else '?'}{machine.planner}",
        },
        stdout=asyncio.subprocess.PIPE,
    )
    printed, _ = await process.communicate()
    assert process.returncode == 0
    return printed


async def test_the_same_seed_gives_the_same_report_on_another_machine(server: str) -> None:
    day = _day(DAYS[0])

    one, other = await asyncio.gather(
        _replayed(server, DAYS[0], ONE), _replayed(server, DAYS[0], OTHER)
    )

    assert one == other
    told = json.loads(one)
    assert told["read"]["orders"] == len(day.baskets)
    assert told["report"]["accepted"] + sum(told["report"]["refused"].values()) == 40
    assert told["verify"] == {}
