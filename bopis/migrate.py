"""Bring a database's schema to where the code expects it, and say where it stands."""

from pathlib import Path
from typing import Final

import asyncpg
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

SCRIPTS: Final = Path(__file__).parent / "migrations"


def config(dsn: str) -> Config:
    made = Config()
    made.set_main_option("script_location", str(SCRIPTS))
    made.set_main_option("timezone", "UTC")
    made.attributes["dsn"] = dsn
    return made


def upgrade(dsn: str, revision: str = "head") -> None:
    """Run the migrations that are missing. Not from within an event loop."""
    command.upgrade(config(dsn), revision)


def head() -> str:
    found = ScriptDirectory(str(SCRIPTS)).get_current_head()
    assert found is not None
    return found


async def current(connection: asyncpg.Connection) -> str | None:
    """Return the revision that a database is at, or None if it was never migrated."""
    if await connection.fetchval("SELECT to_regclass('alembic_version')") is None:
        return None
    revision: str | None = await connection.fetchval("SELECT version_num FROM alembic_version")
    return revision
