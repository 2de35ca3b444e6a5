"""What every command needs: its database, and a way to say no in one sentence.

Commands live in the ``commands.py`` of their room, as plain functions for typer, and reach the
database from here, so that none of them imports the roof that it is a part of.
"""

import asyncio
import contextlib
import getpass
import hashlib
import json
import os
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

from bopis.kernel.clock import Clock, ScaledClock, machine_clock
from bopis.kernel.embedded import EmbeddedServer, EmbeddedUnavailable
from bopis.kernel.errors import Problem

if TYPE_CHECKING:  # at run time only when a database is really opened: a command starts at once
    import asyncpg

    from bopis.kernel.database import Database
    from bopis.kernel.events import Routes

T = TypeVar("T")

REMEMBERED: Final = "environment.json"
_compose: "Callable[[], Routes] | None" = None


class NoDatabase(Exception):
    """Nothing says which database is meant; the message says how to name one."""


class Refusal(Exception):
    """A command cannot do what it was asked. Shown as it is, without a stack."""


REFUSALS: Final = (NoDatabase, Refusal, Problem, EmbeddedUnavailable)


def compose(routes: "Callable[[], Routes]") -> None:
    """Say who hears the facts that a command's transactions emit: once, before any command runs."""
    global _compose  # noqa: PLW0603 - the roof is put on from above
    _compose = routes


def run(main: Coroutine[Any, Any, T]) -> T:
    """Run the asynchronous part of a command, on the faster event loop where there is one."""
    with asyncio.Runner(loop_factory=_loop()) as runner:
        return runner.run(main)


def _loop() -> "Callable[[], asyncio.AbstractEventLoop] | None":
    try:
        import uvloop  # noqa: PLC0415
    except ImportError:  # there is none for Windows
        return None
    return uvloop.new_event_loop


def operator() -> str:
    """Return who decides by the command line, as the record names them."""
    try:
        return f"ops:{getpass.getuser()} (command line)"
    except (KeyError, OSError):  # a container in which this user has no name
        return "ops:command line"


def data_folder() -> Path:
    """Return where the demo keeps its data: ``BOPIS_DATA``, or the user's folder for such things.

    The embedded server will not run as root, so root's data lies where others may enter.
    """
    if chosen := os.environ.get("BOPIS_DATA"):
        return Path(chosen)
    if os.geteuid() == 0:
        return Path("/var/lib/bopis")
    home = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(home) / "bopis"


def demo_folder() -> Path:
    """Return where a demo on today's database keeps its memory.

    Each ``DATABASE_URL`` has a folder of its own: the keys of one database open no other.
    """
    if given := os.environ.get("DATABASE_URL"):
        return data_folder() / f"database-{hashlib.sha256(given.encode()).hexdigest()[:12]}"
    return data_folder()


def remember(folder: Path, environment: Mapping[str, str]) -> None:
    """Keep the variables that a demo runs with, so that a command beside it sees the same clock."""
    file = folder / REMEMBERED
    fresh = file.with_suffix(".new")
    fresh.touch(mode=0o600)
    fresh.write_text(json.dumps(dict(environment)), encoding="utf-8")
    fresh.replace(file)


def recall(folder: Path) -> dict[str, str]:
    """Return what ``remember`` kept; empty where no demo has run."""
    try:
        kept: dict[str, str] = json.loads((folder / REMEMBERED).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    return kept


def _assume(variables: Mapping[str, str]) -> None:
    for name, value in variables.items():
        os.environ.setdefault(name, value)


@contextlib.contextmanager
def dsn() -> Iterator[str]:
    """Lend the address of the database: ``DATABASE_URL``, or else the demo's own server.

    Raises:
        NoDatabase: Neither is there.
    """
    folder = demo_folder()
    if given := os.environ.get("DATABASE_URL"):
        with contextlib.suppress(OSError):  # most databases never saw a demo
            _assume(recall(folder))
        yield given
        return
    if not (folder / "pg").exists():
        raise NoDatabase(
            "DATABASE_URL is not set, and no demo has run here. Set DATABASE_URL to a PostgreSQL "
            "database, or start the demo first (bopis demo)."
        )
    _assume(recall(folder))
    with EmbeddedServer.start(folder) as server:
        yield server.dsn(os.environ.get("BOPIS_DATABASE", "bopis"))


@contextlib.asynccontextmanager
async def database(*, pool_size: int = 4) -> "AsyncIterator[Database]":
    """Connect a command to its database, on the clock of ``BOPIS_CLOCK``."""
    from bopis.kernel.database import Database  # noqa: PLC0415

    with dsn() as address:
        text = os.environ.get("BOPIS_CLOCK", "")
        clock: Clock = ScaledClock.parse(text) if text else machine_clock
        async with contextlib.AsyncExitStack() as stack:
            connecting = Database.connect(
                address,
                clock=clock,
                routes=_compose() if _compose else None,
                pool_size=pool_size,
            )
            with in_words():
                db = await stack.enter_async_context(connecting)
            yield db


@contextlib.asynccontextmanager
async def connection(address: str) -> "AsyncIterator[asyncpg.Connection]":
    """Lend a bare connection, for what comes before there is a schema."""
    import asyncpg  # noqa: PLC0415

    with in_words():
        made = await asyncpg.connect(address, timeout=10)
    try:
        yield made
    finally:
        await made.close()


@contextlib.contextmanager
def in_words() -> Iterator[None]:
    """Say what keeps us from the database, without the address: it may hold a password."""
    import asyncpg  # noqa: PLC0415

    try:
        yield
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, ValueError) as error:
        raise Refusal(
            f"The database of DATABASE_URL cannot be reached: {type(error).__name__}. Is it "
            f"running, and is the address right?"
        ) from error
