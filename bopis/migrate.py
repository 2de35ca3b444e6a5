"""Bring a database's schema to where the code expects it, and say where it stands."""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

import asyncpg

if TYPE_CHECKING:
    from alembic.config import Config

SCRIPTS: Final = Path(__file__).parent / "migrations"
_NAMED: Final = re.compile(r'^(revision|down_revision) = "(\w+)"$', re.MULTILINE)


def config(dsn: str) -> "Config":
    from alembic.config import Config  # noqa: PLC0415 - a tenth of what serving would import

    made = Config()
    made.set_main_option("script_location", str(SCRIPTS))
    made.set_main_option("timezone", "UTC")
    made.attributes["dsn"] = dsn
    return made


def upgrade(dsn: str, revision: str = "head") -> None:
    """Run the migrations that are missing. Not from within an event loop."""
    from alembic import command  # noqa: PLC0415

    command.upgrade(config(dsn), revision)


def head() -> str:
    """Return the revision that nothing revises: read, not imported, for every server asks."""
    files = (path.read_text(encoding="utf-8") for path in (SCRIPTS / "versions").glob("*.py"))
    named: list[dict[str, str]] = [dict(_NAMED.findall(text)) for text in files]
    [found] = {one["revision"] for one in named} - {one.get("down_revision") for one in named}
    return found


async def current(connection: asyncpg.Connection) -> str | None:
    """Return the revision that a database is at, or None if it was never migrated."""
    if await connection.fetchval("SELECT to_regclass('alembic_version')") is None:
        return None
    revision: str | None = await connection.fetchval("SELECT version_num FROM alembic_version")
    return revision
