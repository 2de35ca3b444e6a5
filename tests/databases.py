"""A database for each test: the process's own, emptied after every test and copied anew if altered.

Making a copy and dropping it costs more than most tests do. So a process keeps one, and a
connection that empties it, and the connections its tests work with. A test that
changed the schema, or left much behind, gets the next one a fresh copy.
"""

import asyncio
import threading
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any, Final, Self, TypeVar
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import asyncpg

from bopis.kernel.database import open_pool

T = TypeVar("T")

MUCH: Final = 4 * 1024**2
"""Bytes of one table from which on a fresh copy is cheaper than going on with the old one."""

_TABLES: Final = """
    SELECT format('%I.%I', n.nspname, c.relname) AS name
      FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
     WHERE c.relkind = 'r' AND n.nspname = 'public' ORDER BY 1
"""
_SHAPE: Final = """
    SELECT (SELECT count(*) || ':' || max(xmin::text::bigint) FROM pg_class) AS relations,
           (SELECT count(*) || ':' || max(xmin::text::bigint) FROM pg_attribute) AS columns,
           (SELECT count(*) || ':' || max(xmin::text::bigint) FROM pg_constraint) AS constraints,
           (SELECT count(*) || ':' || max(xmin::text::bigint) FROM pg_trigger) AS triggers,
           (SELECT count(*) || ':' || max(xmin::text::bigint) FROM pg_proc) AS functions,
           (SELECT count(*) || ':' || max(xmin::text::bigint) FROM pg_db_role_setting) AS settings
"""
_LARGEST: Final = "SELECT max(pg_relation_size(oid)) FROM pg_class WHERE relkind = 'r'"
_EMPTY: Final = """
    CREATE FUNCTION pg_temp.empty() RETURNS void LANGUAGE plpgsql AS 'BEGIN {}; END'
"""
"""To plan fourscore statements takes longer than to run them: a function remembers its plans."""
_RESTART: Final = """
    SELECT setval(format('%I.%I', schemaname, sequencename)::regclass, start_value, false)
      FROM pg_sequences WHERE last_value IS NOT NULL
"""
_OTHERS: Final = """
    SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
     WHERE datname = current_database() AND pid <> pg_backend_pid()
       AND NOT (application_name = 'kept' AND state = 'idle')
"""


class Pool:
    """Connections that outlive a test: making them, and what each learns of the tables, is dear."""

    def __init__(self) -> None:
        self._dsn = ""
        self._pool: asyncpg.Pool | None = None

    async def lend(self, dsn: str) -> asyncpg.Pool:
        if self._pool is None or self._dsn != dsn:
            self.end()
            self._dsn, self._pool = dsn, await open_pool(dsn, name="kept")
        return self._pool

    def take_back(self) -> None:
        """Keep it, unless the test has closed it, or has not given everything back."""
        pool = self._pool
        if pool is not None and (pool.is_closing() or pool.get_size() != pool.get_idle_size()):
            self.end()

    def end(self) -> None:
        pool, self._pool = self._pool, None
        if pool is not None:
            pool.terminate()


def in_database(dsn: str, name: str) -> str:
    return urlunsplit(urlsplit(dsn)._replace(path=f"/{name}"))


async def admin(dsn: str, *statements: str) -> None:
    connection = await asyncpg.connect(dsn)
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


@dataclass(slots=True)
class Copy:
    """One copy of the template, and what it was like before anybody used it."""

    name: str
    connection: asyncpg.Connection
    shape: asyncpg.Record | None
    kept: str
    rows: asyncpg.Record | None

    @classmethod
    async def make(cls, server: str, template: str) -> Self:
        name = f"t_{uuid4().hex}"
        await admin(server, f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")
        connection = await asyncpg.connect(in_database(server, name))
        empty: list[str] = []
        full: list[str] = []
        for row in await connection.fetch(_TABLES):
            table = row["name"]
            has_rows = await connection.fetchval(f"SELECT EXISTS (SELECT FROM {table})")  # noqa: S608
            (full if has_rows else empty).append(table)
        await connection.execute("SET session_replication_role = replica")  # no check of keys
        kept = ", ".join(
            f"(SELECT md5(string_agg(t::text, ',' ORDER BY t::text)) FROM {table} AS t)"  # noqa: S608
            for table in full
        )
        deletes = ";".join(f"DELETE FROM {table}" for table in empty)  # noqa: S608
        await connection.execute(_EMPTY.format(deletes))
        return cls(
            name=name,
            connection=connection,
            shape=await connection.fetchrow(_SHAPE),
            kept=f"SELECT {kept}",
            rows=await connection.fetchrow(f"SELECT {kept}"),
        )

    async def clean(self) -> bool:
        """Empty it; return whether it is as good as new."""
        await self.connection.execute(_OTHERS)
        if await self.connection.fetchrow(_SHAPE) != self.shape:
            return False
        if await self.connection.fetchval(_LARGEST) > MUCH:
            return False
        await self.connection.execute(f"SELECT pg_temp.empty(); {_RESTART}")
        return bool(await self.connection.fetchrow(self.kept) == self.rows)

    async def drop(self, server: str) -> None:
        self.connection.terminate()
        await admin(server, f"DROP DATABASE {self.name} WITH (FORCE)")


@dataclass(slots=True)
class Databases:
    """Lends a process one database after the other."""

    server: str
    template: str
    _loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.new_event_loop)
    _thread: threading.Thread = field(init=False)
    _copy: Copy | None = None

    def __post_init__(self) -> None:
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    def lend(self) -> str:
        if self._copy is None:
            self._copy = self._do(Copy.make(self.server, self.template))
        return in_database(self.server, self._copy.name)

    def take_back(self) -> None:
        assert self._copy is not None
        if not self._is_clean(self._copy):
            self.close()

    def close(self) -> None:
        copy, self._copy = self._copy, None
        if copy is not None:
            self._do(copy.drop(self.server))

    def end(self) -> None:
        self.close()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _is_clean(self, copy: Copy) -> bool:
        try:
            return self._do(copy.clean())
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
            return False  # whatever it was: the next test gets another

    def _do(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(60)
