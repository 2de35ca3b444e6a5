"""A PostgreSQL of our own, migrated once; for each test a database that is as new."""

import asyncio
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from uuid import uuid4

import httpx
import pytest
import structlog
from fastapi import FastAPI
from hypothesis import HealthCheck
from hypothesis import settings as properties

from bopis import app as roof
from bopis import migrate
from bopis.kernel import keys, relay
from bopis.kernel.clock import ManualClock
from bopis.kernel.database import Database
from bopis.kernel.embedded import EmbeddedServer
from bopis.kernel.events import Routes
from bopis.kernel.ids import Ids
from bopis.kernel.keys import KeyKind
from bopis.settings import Settings
from tests.databases import Databases, Pool, admin, in_database

pytest_plugins = ["tests.golden"]

Key = Callable[..., Awaitable[dict[str, str]]]
Drain = Callable[[], Awaitable[int]]

NOON = datetime(2026, 3, 6, 18, 0, tzinfo=UTC)
"""A Friday; noon in Chicago, where the test stores are."""

# How long an example takes says what else the machine is doing, not whether a rule holds.
properties.register_profile("ours", deadline=None, suppress_health_check=[HealthCheck.too_slow])
properties.load_profile("ours")

TEMPLATE = "bopis_template"
_ROOM = 4 * 1024**3


structlog.configure(
    # The default draws every local of every frame: seconds for one exception.
    processors=[
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback),
    ]
)


def _memory() -> Path | None:
    """Return a folder in memory with room for a thousand small databases, if there is one."""
    folder = Path("/dev/shm")  # noqa: S108 -- what is made in it is a private folder
    return folder if folder.is_dir() and shutil.disk_usage(folder).free > _ROOM else None


_LONG: Final = ("tests/faults/", "tests/journeys/test_replay.py", "test_demo.py", "test_serving.py")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let one process begin with what takes long, and the next one with what wants a browser.

    Each gets a stretch of the list, and whoever is done takes over from the end of another's: there
    lies what is quick, so that nobody waits for anybody, and mostly one process has a browser.
    """
    long = [item for item in items if any(name in item.nodeid for name in _LONG)]
    seen = [item for item in items if "tests/browser/" in item.nodeid]
    others = {*long, *seen}
    quick = [item for item in items if item not in others]
    share = len(items) // int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    before = max(0, share - len(long))
    items[:] = [*long, *quick[:before], *seen, *quick[before:]]


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """The address of a server on which databases may be made and dropped."""
    given = os.environ.get("TEST_DATABASE_URL")
    if given:
        yield given
        return
    with tempfile.TemporaryDirectory(
        prefix="bopis-test-", dir=_memory(), ignore_cleanup_errors=True
    ) as folder:
        Path(folder).chmod(0o755)
        with EmbeddedServer.start(Path(folder) / "data", durable=False) as embedded:
            yield embedded.dsn()


@pytest.fixture(scope="session")
def template(server: str) -> str:
    """A migrated database that nobody connects to: what every test's own is copied from."""
    name = f"{TEMPLATE}_{uuid4().hex[:8]}"
    asyncio.run(admin(server, f"CREATE DATABASE {name}"))
    migrate.upgrade(in_database(server, name))
    asyncio.run(
        admin(server, f"ALTER DATABASE {name} WITH IS_TEMPLATE true ALLOW_CONNECTIONS false")
    )
    return name


@pytest.fixture(scope="session")
def databases(server: str, template: str) -> Iterator[Databases]:
    lent = Databases(server, template)
    yield lent
    lent.end()


@pytest.fixture
def dsn(databases: Databases) -> Iterator[str]:
    """A database of the test's own: commits, locks and several connections are real in it."""
    yield databases.lend()
    databases.take_back()


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOON)


@pytest.fixture
def routes() -> Routes:
    """Who hears which fact. A package that is tested alone has nobody above it to hear."""
    return roof.routes()


@pytest.fixture(scope="session")
async def pool() -> AsyncIterator[Pool]:
    kept = Pool()
    yield kept
    kept.end()


@pytest.fixture
async def db(
    dsn: str, pool: Pool, clock: ManualClock, routes: Routes, settings: Settings
) -> AsyncIterator[Database]:
    roof.configure(settings)
    yield Database(await pool.lend(dsn), clock=clock, ids=Ids(), routes=routes)
    pool.take_back()


@pytest.fixture
def settings(dsn: str) -> Settings:
    return Settings.model_validate(
        {
            "DATABASE_URL": dsn,
            "link_keys": ["test-link-key-of-no-value"],
            "base_url": "https://pickup.example",
        }
    )


@pytest.fixture(scope="session")
def built() -> list[FastAPI]:
    """The application, once a test has asked for it: its routes take longer than most tests."""
    return []


@pytest.fixture
def app(built: list[FastAPI], settings: Settings, db: Database) -> FastAPI:
    if not built:
        built.append(roof.create_app(settings, db))
    [made] = built
    roof.attach(made, settings, db)
    return made


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """An HTTP client that speaks to the whole application, without a socket between them."""
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="https://pickup.example") as made:
        yield made


@pytest.fixture
def drain(db: Database) -> Drain:
    """Deliver every fact that waits, and what that gives rise to."""

    async def drained() -> int:
        return await relay.drain(db)

    return drained


@pytest.fixture
def key(db: Database) -> Key:
    """Make an API key; return the header that shows it."""

    async def made(kind: KeyKind, name: str = "test", **options: str) -> dict[str, str]:
        async with db.transaction() as tx:
            _, secret = await keys.add(tx, kind, name, **options)  # type: ignore[arg-type]
        return {"Authorization": f"Bearer {secret}"}

    return made
