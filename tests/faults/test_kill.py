"""Processes are killed in mid-day, and the day goes on as if nobody had told it."""

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Final

import pytest

from bopis import migrate
from bopis.kernel.embedded import EmbeddedServer
from bopis.trust import verify
from tests.databases import admin
from tests.faults.plant import Plant, durable_server, kill, plant

ORDERS: Final = 20
TAKEN: Final = "SELECT count(*) FROM orders"
ANSWERED: Final = "SELECT (SELECT count(*) FROM orders) + (SELECT count(*) FROM refusals)"
BEING_PICKED: Final = "SELECT count(*) FROM orders WHERE state = 'picking'"
READY: Final = "SELECT count(*) FROM orders WHERE first_ready_at IS NOT NULL"
AT_WORK: Final = """
    SELECT count(*) FROM orders WHERE state IN ('accepted', 'picking', 'partially_ready')
"""
UNHEARD: Final = "SELECT count(*) FROM deliveries"
UNSENT: Final = """
    SELECT count(*) FROM messages
     WHERE state = 'queued' AND send_after <= created_at
       AND (claimed_until IS NULL OR claimed_until < clock_timestamp())
"""
"""What could leave at once. What a killed sender had in its hands waits for four minutes."""

UNSAYABLE: Final = "P4"
"""Lateness is said before it happens. Not here: what a killed worker held is let go of after half a
minute, and on this clock that is an hour in which nobody speaks, whatever is known."""


@pytest.mark.faults
@pytest.mark.timeout(300)
def test_a_day_survives_the_end_of_its_worker_its_database_and_its_server(tmp_path: Path) -> None:
    """Orders and scans go on all the while; nothing that was answered may be lost.

    Not in an event loop from the start, because a server is tied to the thread that started it.
    """
    with durable_server() as (data, server):
        asyncio.run(admin(server.dsn(), "CREATE DATABASE day"))
        migrate.upgrade(server.dsn("day"))
        asyncio.run(_a_day(data, server, tmp_path / "log"))


async def _a_day(data: Path, server: EmbeddedServer, log: Path) -> None:
    async with plant(server.dsn("day"), log) as day:
        day.order(every=timedelta(minutes=2), times=ORDERS)

        await day.until("somebody picks", BEING_PICKED, lambda n: n >= 1)
        day.processes.kill("work")
        taken = await day.count(TAKEN)
        await day.until("orders come without a worker", TAKEN, lambda n: n >= taken + 2)
        day.processes.start("work")

        await day.until("orders are ready", READY, lambda n: n >= 3)
        kill(server)
        with EmbeddedServer.start(data):
            taken = await day.until("orders come again", TAKEN, lambda n: n > taken + 4)
            day.processes.kill("serve")
            day.processes.kill("work")
            day.processes.start("serve", "--port", str(day.port))
            day.processes.start("work")

            await _completes(day)


async def _completes(day: Plant) -> None:
    await day.until("all are answered", ANSWERED, lambda n: n == ORDERS)
    await day.until("all are picked", AT_WORK, lambda n: n == 0)
    await day.until("all is heard", UNHEARD, lambda n: n == 0)
    await day.until("all is said", UNSENT, lambda n: n == 0)

    findings = await verify.verify(day.db)
    assert not [
        (one.invariant.sentence, one.count, one.examples)
        for one in findings
        if one.count and one.invariant.id != UNSAYABLE
    ]
    assert day.town.outcomes["ordered"] == await day.count(TAKEN)
    assert await day.count(READY) > ORDERS / 2
    assert day.processes.end() == [0, 0]
