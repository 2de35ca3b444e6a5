"""Migrations lead up, down and up again, and end where the models are."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import uuid4

import asyncpg
import httpx
import pytest
from alembic import command
from alembic.script import ScriptDirectory

from bopis import app as roof
from bopis import migrate
from bopis.kernel.clock import ManualClock
from bopis.kernel.database import Database
from bopis.settings import Settings
from tests.databases import admin, in_database
from tests.journeys.day import OAT, RYE, Day, a_day


@pytest.fixture
async def empty(server: str) -> AsyncIterator[str]:
    name = f"m_{uuid4().hex}"
    await admin(server, f"CREATE DATABASE {name}")
    yield in_database(server, name)
    await admin(server, f"DROP DATABASE {name} WITH (FORCE)")


async def relations(dsn: str) -> set[str]:
    connection = await asyncpg.connect(dsn)
    rows = await connection.fetch(
        "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"
    )
    await connection.close()
    return {row["relname"] for row in rows}


def test_the_newest_revision_is_read_as_the_migrations_have_it() -> None:
    assert migrate.head() == ScriptDirectory(str(migrate.SCRIPTS)).get_current_head()


async def test_up_down_up_ends_where_the_models_are(empty: str) -> None:
    def there_and_back() -> None:
        migrate.upgrade(empty)
        command.downgrade(migrate.config(empty), "base")

    await asyncio.to_thread(there_and_back)
    assert await relations(empty) == {"alembic_version", "alembic_version_pkc"}

    await asyncio.to_thread(migrate.upgrade, empty)
    await asyncio.to_thread(command.check, migrate.config(empty))


async def test_a_schema_with_a_day_in_it_goes_down_and_serves_again_when_it_is_up(
    dsn: str, clock: ManualClock
) -> None:
    """Down may forget the day; it must not trip over it."""
    async with _serving(dsn, clock) as day:
        await day.placed()

    await asyncio.to_thread(command.downgrade, migrate.config(dsn), "base")
    assert await relations(dsn) == {"alembic_version", "alembic_version_pkc"}
    await asyncio.to_thread(migrate.upgrade, dsn)

    async with _serving(dsn, clock) as day:
        placed = await day.placed()
        path, fence = await day.handheld.pick(placed["number"], OAT, OAT, RYE)
        await day.handheld.stage(path, fence)
        assert (await day.look(placed["order_id"]))["state"] == "ready_for_pickup"
        assert (await day.stock(OAT))[0] == 200


@asynccontextmanager
async def _serving(dsn: str, clock: ManualClock) -> AsyncIterator[Day]:
    settings = Settings.model_validate(
        {
            "DATABASE_URL": dsn,
            "link_keys": ["a secret of no value"],
            "base_url": "https://pickup.example",
        }
    )
    async with Database.connect(dsn, clock=clock, routes=roof.routes()) as db:
        transport = httpx.ASGITransport(app=roof.create_app(settings, db))
        async with httpx.AsyncClient(transport=transport, base_url=settings.base_url) as client:
            day = await a_day(db, client, clock)
            roof.configure_sending(post=day.post)
            yield day


async def test_a_schema_that_has_drifted_is_noticed(dsn: str) -> None:
    await admin(dsn, "ALTER TABLE orders DROP COLUMN staging_code")

    with pytest.raises(Exception, match="staging_code"):
        await asyncio.to_thread(command.check, migrate.config(dsn))
