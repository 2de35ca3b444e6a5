"""Migrations lead up, down and up again, and end where the models are."""

import asyncio
from collections.abc import AsyncIterator
from uuid import uuid4

import asyncpg
import pytest
from alembic import command

from bopis import migrate
from tests.conftest import admin, in_database


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


async def test_up_down_up_ends_where_the_models_are(empty: str) -> None:
    def there_and_back() -> None:
        migrate.upgrade(empty)
        command.downgrade(migrate.config(empty), "base")

    await asyncio.to_thread(there_and_back)
    assert await relations(empty) == {"alembic_version", "alembic_version_pkc"}

    await asyncio.to_thread(migrate.upgrade, empty)
    await asyncio.to_thread(command.check, migrate.config(empty))


async def test_a_schema_that_has_drifted_is_noticed(dsn: str) -> None:
    await admin(dsn, "ALTER TABLE orders DROP COLUMN staging_code")

    with pytest.raises(Exception, match="staging_code"):
        await asyncio.to_thread(command.check, migrate.config(dsn))
