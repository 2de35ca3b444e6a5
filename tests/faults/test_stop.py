"""A worker that is asked to stop ends what it has begun, soon, and leaves nothing locked."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, Final

import httpx
import pytest
from aiosmtpd.smtp import SMTP

from bopis.kernel.clock import ManualClock, ScaledClock, machine_clock
from bopis.kernel.database import Database
from bopis.simulation import engine
from tests.faults.plant import Processes
from tests.journeys.day import a_day

AT_MOST: Final = 6.0
"""Seconds, from the signal to the end of the process: three, and as much for a busy machine."""
HELD: Final = "SELECT name FROM leases WHERE until > clock_timestamp()"


class SlowOffice:
    """A post office that takes a letter and thinks about it."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()
        self.answers = asyncio.Event()

    async def handle_DATA(self, *about: Any) -> str:  # noqa: N802  the server's name for it
        self.asked.set()
        await self.answers.wait()
        return "250 taken"


@asynccontextmanager
async def open_office(office: SlowOffice) -> AsyncIterator[int]:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(office, ident="slow"), "127.0.0.1", 0)
    yield server.sockets[0].getsockname()[1]
    server.close()
    office.answers.set()


@contextmanager
def worker(dsn: str, smtp_port: int, log: Path, clock: ManualClock) -> Iterator[Processes]:
    environment = {
        "DATABASE_URL": dsn,
        "BOPIS_CLOCK": str(ScaledClock(clock(), machine_clock(), speed=1)),
        "BOPIS_LINK_KEYS": '["a secret of no value"]',
        "BOPIS_BASE_URL": "http://pickup.example",
        **{f"NOTIFICATIONS_{key.upper()}": one for key, one in engine.mail(smtp_port).items()},
    }
    processes = Processes(environment, log)
    processes.start("work")
    try:
        yield processes
    finally:
        processes.end()


@pytest.mark.faults
@pytest.mark.parametrize(
    ("answers", "letter_is"), [(True, "sent"), (False, "sending")], ids=["soon", "never"]
)
async def test_a_worker_asked_to_stop_ends_what_it_can_and_lets_go_of_the_rest(
    db: Database,
    client: httpx.AsyncClient,
    clock: ManualClock,
    tmp_path: Path,
    *,
    dsn: str,
    answers: bool,
    letter_is: str,
) -> None:
    day = await a_day(db, client, clock)
    await day.order()
    office = SlowOffice()

    async with open_office(office) as port:
        with worker(dsn, port, tmp_path / "log", clock) as processes:
            await asyncio.wait_for(office.asked.wait(), 60)
            began = time.monotonic()
            if answers:
                asyncio.get_running_loop().call_later(0.3, office.answers.set)
            ended = await asyncio.to_thread(processes.end)
            took = time.monotonic() - began

    assert ended == [0]
    assert took < AT_MOST
    assert await day.rows(HELD) == []
    assert await day.rows("SELECT state FROM messages") == [{"state": letter_is}]
