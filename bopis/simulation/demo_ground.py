"""What a demo stands on: a folder that is its own, a database, what the last one kept, a port."""

import asyncio
import contextlib
import fcntl
import shutil
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from datetime import time as wall_time
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import asyncpg

from bopis import command, migrate
from bopis.kernel.clock import machine_clock
from bopis.kernel.embedded import EmbeddedServer
from bopis.simulation import chain, keeping
from bopis.simulation.keeping import Kept

DATABASE: Final = "bopis"

MADE: Final = (
    *("pg", "sockets", "lock", "log"),
    *("inbox", keeping.FILE, keeping.WORLD, command.REMEMBERED, "demo.log"),
)
"""What a demo and its PostgreSQL leave in their folder."""


@dataclass(frozen=True, slots=True)
class Options:
    folder: Path
    port: int
    inbox_port: int
    speed: float
    seed: int
    stores: int
    items: int
    database_url: str | None


class AlreadyRunning(command.Refusal):
    """Two demos would share one folder."""


Teller = Callable[[str], None]
"""Says which step the setting up has come to; an empty word: it is done."""


@contextlib.contextmanager
def prepared(options: Options, tell: Teller) -> Iterator[str]:
    """Lend a migrated database: the given one, or one of a server of our own. Not in a loop."""
    if options.database_url is not None:
        tell("Bringing the database of DATABASE_URL up to date")
        asyncio.run(_reach(options.database_url))
        migrate.upgrade(options.database_url)
        yield options.database_url
        return
    tell("Starting PostgreSQL")
    with EmbeddedServer.start(options.folder) as server:
        tell("Bringing the database up to date")
        asyncio.run(_create(server.dsn()))
        dsn = server.dsn(DATABASE)
        migrate.upgrade(dsn)
        yield dsn


async def _reach(dsn: str) -> None:
    async with command.connection(dsn):
        """It answers: what fails from here on is no matter of addresses."""


async def _create(dsn: str) -> None:
    connection = await asyncpg.connect(dsn)
    try:
        known = await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", DATABASE)
        if not known:
            await connection.execute(f"CREATE DATABASE {DATABASE}")
    finally:
        await connection.close()


@contextlib.contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Keep a second demo out of this folder.

    Raises:
        command.Refusal: One is there already, or nothing can be kept there.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock_file = (folder / "demo.lock").open("wb")
    except OSError as error:
        raise command.Refusal(
            f"Nothing can be kept in {folder}: {error.strerror}. Name another folder in BOPIS_DATA."
        ) from None
    with lock_file as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise AlreadyRunning(f"A demo is running on {folder} already.") from None
        yield


def clear(folder: Path) -> None:
    """Forget what a demo kept, and touch nothing else that lies there."""
    for entry in (folder / name for name in MADE):
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink(missing_ok=True)


def remembered(options: Options) -> Kept:
    """Return what the last demo kept, or a new memory: of a Monday morning in the first zone."""
    kept = Kept.read(options.folder)
    if kept is not None:
        return kept
    zone = ZoneInfo(chain.SITES[0].zone)
    today = machine_clock().astimezone(zone).date()
    monday = today - timedelta(days=today.weekday())
    morning = datetime.combine(monday, wall_time(9, 30), zone).astimezone(UTC)
    return Kept(options.seed, monday, morning)


def free_port(wanted: int) -> int:
    """Return the port itself, or a free one for 0.

    Raises:
        command.Refusal: Somebody listens there already.
    """
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", wanted))
        except OSError:
            raise command.Refusal(
                f"Something listens on port {wanted} already; choose another with --port."
            ) from None
        port: int = probe.getsockname()[1]
        return port
