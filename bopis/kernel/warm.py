"""What a connection goes through before it is lent, so that nobody waits for it later.

The first time that a statement comes, PostgreSQL reads the catalog for it, and asyncpg the types of
its values: for what a scan asks that is some ten times the statements themselves.
"""

from collections.abc import Iterable
from contextlib import suppress
from typing import Final

import asyncpg

_PLANS_WITHOUT_VALUES: Final = 16
"""The first PostgreSQL that can."""


async def up(connection: asyncpg.Connection, statements: Iterable[str]) -> None:
    """Have a connection read and plan some statements; none of them is carried out.

    One that asks for a table that is not there (the schema is older, or empty) is passed over: that
    is said to whoever asks it.
    """
    can_plan = connection.get_server_version().major >= _PLANS_WITHOUT_VALUES
    for sql in statements:
        with suppress(asyncpg.PostgresError):
            await connection.prepare(sql)
            if can_plan:
                await connection.execute(f"EXPLAIN (GENERIC_PLAN) {sql}")
