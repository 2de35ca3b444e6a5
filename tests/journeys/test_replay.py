"""Real invoices through the whole line, on a clock that jumps: to the end, and twice the same."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import cast
from uuid import uuid4

import pytest

from bopis import app as roof
from bopis.simulation import replay, retail
from bopis.simulation.baskets import ShoppingDay
from tests.conftest import admin, in_database

ROOF = cast("replay.Roof", roof)
MINUTE = timedelta(minutes=1)
DAYS = ("2010-12-06", "2010-12-08")


def _day(name: str) -> ShoppingDay:
    file = retail.data_folder() / f"{name}.csv"
    if not file.exists():
        pytest.skip(f"no {file}; BOPIS_RETAIL_DATA may name its folder")
    return retail.read([file])


@pytest.fixture
async def another_dsn(server: str, template: str) -> AsyncIterator[str]:
    name = f"t_{uuid4().hex}"
    await admin(server, f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")
    yield in_database(server, name)
    await admin(server, f"DROP DATABASE {name} WITH (FORCE)")


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


async def test_the_same_seed_gives_the_same_report(dsn: str, another_dsn: str) -> None:
    day = _day(DAYS[0])

    one = await replay.play(ROOF, dsn, day, seed=3, limit=9)
    other = await replay.play(ROOF, another_dsn, day, seed=3, limit=9)

    assert one.to_json() == other.to_json()
    assert one.broken == 0
