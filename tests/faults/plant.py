"""A whole installation in real processes, and a store full of people: to be broken on purpose."""

import asyncio
import contextlib
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final

import httpx
import pytest

from associates.crew import badges
from bopis.kernel.clock import ScaledClock, machine_clock
from bopis.kernel.database import Database
from bopis.kernel.embedded import EmbeddedServer
from bopis.kernel.errors import Unavailable
from bopis.simulation import chain, engine, inbox, shoppers
from bopis.simulation.chain import Chain
from bopis.simulation.demo_ground import free_port
from bopis.simulation.loop import Loop
from bopis.simulation.shoppers import Wish
from bopis.simulation.town import Town
from bopis.simulation.world import World

MONDAY: Final = date(2026, 3, 2)
NINE: Final = datetime(2026, 3, 2, 14, 0, tzinfo=UTC)
"""In New York, where the first store of the chain is. It has been open for an hour."""
SPEED: Final = 120.0
SEED: Final = 7
PLENTY: Final = 6
SECRET: Final = "a secret of no value"
PATIENCE: Final = 900
"""Tenths of a second."""
WORKED: Final = "SELECT count(*) FROM leases WHERE succeeded_at IS NOT NULL"


@contextlib.contextmanager
def durable_server() -> Iterator[tuple[Path, EmbeddedServer]]:
    """Run a PostgreSQL that keeps its word when it is killed, as a real one does."""
    data = Path(tempfile.mkdtemp(prefix="bopis-faults-"))
    try:
        with EmbeddedServer.start(data) as server:
            yield data, server
    finally:
        shutil.rmtree(data, ignore_errors=True)


def kill(server: EmbeddedServer) -> None:
    """End the server as a power cut would, and wait until it is gone."""
    watch = os.pidfd_open(server.pid)
    os.kill(server.pid, signal.SIGKILL)
    poll = select.poll()
    poll.register(watch, select.POLLIN)
    assert poll.poll(20_000)
    os.close(watch)


class Processes:
    """``bopis serve`` and ``bopis work``: started, killed and ended by name."""

    def __init__(self, environment: dict[str, str], log: Path) -> None:
        self._environment = {**os.environ, **environment}
        self._log = log.open("ab")
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, name: str, *words: str) -> None:
        self._running[name] = subprocess.Popen(  # noqa: S603 - our own commands
            [sys.executable, "-m", "bopis", name, *words],
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=self._log,
        )

    def kill(self, name: str) -> None:
        """End a process as a power cut would: it gets no last word."""
        child = self._running.pop(name)
        assert child.poll() is None, f"{name} had ended by itself"
        child.kill()
        child.wait()

    def end(self) -> list[int]:
        """Ask all to stop, and return how they ended."""
        for child in self._running.values():
            child.terminate()
        try:
            return [child.wait(20) for child in self._running.values()]
        finally:
            for child in self._running.values():
                child.kill()
            self._log.close()


@dataclass
class Plant:
    clock: ScaledClock
    db: Database
    town: Town
    processes: Processes
    port: int

    def order(self, *, every: timedelta, times: int) -> None:
        """Let somebody order now and then, of what the store has a few of."""
        town, rng = self.town, self.town.world.rng("faults")
        [site] = town.chain.sites
        plenty = sorted(sku for (_, sku), n in town.chain.opening.items() if n >= PLENTY)
        wishes: list[Wish] = [
            (
                town.now + n * every,
                f"W-{n:03}",
                [(sku, rng.randint(1, 2)) for sku in rng.sample(plenty, rng.randint(1, 4))],
            )
            for n in range(1, times + 1)
        ]
        town.loop.start(shoppers.web_shop(town, site.store, wishes))

    async def count(self, sql: str) -> int:
        async with self.db.transaction() as tx:
            found: int = await tx.value(sql)
        return found

    async def until(self, what: str, sql: str, holds: Callable[[int], bool]) -> int:
        """Ask until the answer is as it should be, and return it."""
        found = -1
        for _ in range(PATIENCE):
            with contextlib.suppress(Unavailable):
                found = await self.count(sql)
                if holds(found):
                    return found
            await asyncio.sleep(0.1)
        pytest.fail(f"{what}: still {found} at {self.clock():%H:%M}")


@contextlib.asynccontextmanager
async def plant(dsn: str, log: Path) -> AsyncIterator[Plant]:
    """Start everything in a store that has just opened, with people in it."""
    made = chain.generate(SEED, first_day=MONDAY, stores=1, items=150)
    letters = inbox.Inbox()
    port = free_port(0)
    async with contextlib.AsyncExitStack() as stack:
        smtp = await stack.enter_async_context(inbox.serving(letters))
        clock = ScaledClock(NINE, machine_clock(), SPEED)
        environment = {
            "DATABASE_URL": dsn,
            "BOPIS_CLOCK": str(clock),
            "BOPIS_LINK_KEYS": f'["{SECRET}"]',
            "BOPIS_BASE_URL": f"http://127.0.0.1:{port}",
            **{f"NOTIFICATIONS_{name.upper()}": one for name, one in engine.mail(smtp).items()},
        }
        processes = Processes(environment, log)
        stack.callback(processes.end)
        processes.start("serve", "--port", str(port))
        db = await stack.enter_async_context(Database.connect(dsn, clock=clock, pool_size=2))
        client = await stack.enter_async_context(
            httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=10)
        )
        await _answers(client)
        processes.start("work")
        town = await _settle(db, client, made, letters, clock)
        playing = asyncio.create_task(town.loop.run())
        try:
            running = Plant(clock, db, town, processes, port)
            await running.until("the worker starts", WORKED, lambda n: n > 0)
            yield running
        finally:
            playing.cancel()
            await asyncio.gather(playing, return_exceptions=True)
            await town.loop.close()


async def _answers(client: httpx.AsyncClient) -> None:
    async with asyncio.timeout(60):
        while True:
            with contextlib.suppress(httpx.TransportError):
                if (await client.get("/readyz")).is_success:
                    return
            await asyncio.sleep(0.1)


async def _settle(
    db: Database,
    client: httpx.AsyncClient,
    made: Chain,
    letters: inbox.Inbox,
    clock: ScaledClock,
) -> Town:
    secrets = await engine.keys_for(db)
    await engine.load(engine.stock_system(client, secrets), made)
    badges.configure([SECRET])
    await engine.hire(db, made)

    async def wait(at: datetime) -> datetime:
        seconds = (at - clock()).total_seconds() / clock.speed
        await asyncio.sleep(max(0.0, min(seconds, 0.2)))
        return clock()

    town = engine.settle_in(
        Loop(clock(), wait, failed=lambda error: True),  # a shopper who met a shut door goes home
        client=client,
        chain=made,
        world=World(SEED, made),
        inbox=letters,
        secrets=secrets,
        forgiving=True,
        home=made.sites[0].store,
    )
    await engine.staff(town, db, made.sites[0].store, pickers=4)
    engine.open_store(town, made.sites[0].store)
    return town
