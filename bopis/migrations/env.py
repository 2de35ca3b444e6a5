"""How Alembic reaches the database: through asyncpg, with the URL read by asyncpg itself."""

import asyncio
import os
from typing import cast

import asyncpg
from alembic import context
from sqlalchemy import Connection, pool
from sqlalchemy.ext.asyncio import create_async_engine

from bopis.tables import METADATA


def _run(connection: Connection) -> None:
    context.configure(connection=connection, target_metadata=METADATA, compare_type=True)
    with context.begin_transaction():
        context.run_migrations()


async def _connect() -> None:
    dsn = cast("str", context.config.attributes.get("dsn") or os.environ["DATABASE_URL"])
    engine = create_async_engine(
        "postgresql+asyncpg://",
        async_creator=lambda: asyncpg.connect(dsn),
        poolclass=pool.NullPool,
    )
    async with engine.connect() as connection:
        await connection.run_sync(_run)
        await connection.commit()
    await engine.dispose()


if (given := context.config.attributes.get("connection")) is not None:
    _run(given)
else:
    asyncio.run(_connect())
