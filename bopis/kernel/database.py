"""The one way to the database: a small pool, and a transaction that carries the time and the facts.

Every statement runs on asyncpg, in the connection of one transaction. SQLModel declares the tables
and may write a statement (``tx.select``); it never opens a session of its own, so there is one
pool, and COPY cannot escape the transaction (docs/adr/0002).
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager, nullcontext
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final, Self, TypeVar
from uuid import UUID

import asyncpg
import msgspec
from sqlalchemy.dialects.postgresql import asyncpg as dialect
from sqlmodel.sql.expression import SelectOfScalar

from bopis.kernel import warm
from bopis.kernel.clock import Clock, machine_clock
from bopis.kernel.columns import Table
from bopis.kernel.errors import Invalid, Unavailable
from bopis.kernel.events import Event, Routes
from bopis.kernel.ids import Ids, StoreId
from bopis.kernel.memory import Memory

T = TypeVar("T", bound=Table)

ACQUIRE_WITHIN: Final = timedelta(seconds=2)
PREPARED: Final = 300
"""Statements that a connection keeps ready: about as many as there are. Fewer are planned anew."""

_DIALECT: Final = dialect.dialect()  # type: ignore[no-untyped-call]
_SESSION: Final = {
    "statement_timeout": "5s",
    "lock_timeout": "2s",
    "idle_in_transaction_session_timeout": "10s",
    "timezone": "UTC",
    "jit": "off",
}

_BUSY: Final = (
    asyncpg.LockNotAvailableError,
    asyncpg.QueryCanceledError,
    asyncpg.DeadlockDetectedError,
    asyncpg.SerializationError,
    asyncpg.TooManyConnectionsError,
)
_NOT_TEXT: Final = (asyncpg.CharacterNotInRepertoireError, asyncpg.UntranslatableCharacterError)
_GONE: Final = (
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    OSError,
)


class DatabaseBusy(Unavailable):
    title = "Too much is going on at once"


class DatabaseDown(Unavailable):
    title = "The database does not answer"
    retry_after = 5


class NotText(Invalid):
    title = "Some text of the request cannot be kept"


INSERT_FACTS: Final = """
    WITH facts AS (
        INSERT INTO events (store_id, id, name, subject, actor, payload, occurred_at)
        SELECT $1, f.id, f.name, f.subject, $2, f.payload, $3
          FROM unnest($4::uuid[], $5::text[], $6::uuid[], $7::jsonb[])
               WITH ORDINALITY AS f (id, name, subject, payload, n)
         ORDER BY f.n
        RETURNING id, subject, seq
    )
    INSERT INTO deliveries (store_id, event_id, subscriber, subject, seq, due_at)
    SELECT $1, facts.id, d.subscriber, facts.subject, facts.seq, $10
      FROM unnest($8::uuid[], $9::text[]) AS d (event_id, subscriber)
      JOIN facts ON facts.id = d.event_id
"""


class Tx:
    """One unit of work: a connection, the instant it began, and the facts it will announce.

    ``now`` is read once, as PostgreSQL's own ``now()`` is, so every row and every fact of one
    transaction agrees on the time. A store's transaction touches that store and no other.
    """

    __slots__ = (
        "_facts",
        "_ids",
        "_last",
        "_routes",
        "actor",
        "connection",
        "memory",
        "now",
        "store_id",
    )

    def __init__(
        self,
        connection: asyncpg.Connection,
        *,
        now: datetime,
        ids: Ids,
        routes: Routes,
        store_id: StoreId | None,
        actor: str,
        memory: Memory,
    ) -> None:
        self.memory = memory
        """What this process remembers of this database: a hint that ages, never the truth."""
        self.connection = connection
        self.now = now
        self.store_id = store_id
        self.actor = actor
        self._ids = ids
        self._routes = routes
        self._facts: list[tuple[UUID, Event]] = []
        self._last: list[Callable[[], Awaitable[object]]] = []

    def new_id(self) -> UUID:
        return self._ids(self.now)

    async def emit(self, event: Event) -> UUID:
        """Record a fact and return its id.

        Inline subscribers act on it before this returns, in this transaction. Later ones hear of
        it after the commit; after a rollback, never.
        """
        assert event.store_id == self.store_id, "one transaction touches one store"
        fact_id = self.new_id()
        self._facts.append((fact_id, event))
        for handler in self._routes.inline.get(event.name, ()):
            await handler(self, event)
        return fact_id

    async def flush(self) -> None:
        """Write the facts emitted so far: in one statement, before the commit or a read of them."""
        if not self._facts:
            return
        facts, self._facts = self._facts, []
        due = [
            (fact_id, subscriber)
            for fact_id, event in facts
            for subscriber in self._routes.later.get(event.name, ())
        ]
        await self.connection.execute(
            INSERT_FACTS,
            self.store_id,
            self.actor,
            self.now,
            [fact_id for fact_id, _ in facts],
            [event.name for _, event in facts],
            [event.subject for _, event in facts],
            [event.model_dump(mode="json", exclude={"store_id"}) for _, event in facts],
            [fact_id for fact_id, _ in due],
            [subscriber for _, subscriber in due],
            machine_clock(),
        )

    def finally_do(self, act: Callable[[], Awaitable[object]]) -> None:
        """Do something at the very end: what locks a row that many others want to lock, too."""
        self._last.append(act)

    async def settle(self) -> None:
        """Write the facts, then do what was left for the end, and write the facts of that."""
        await self.flush()
        while self._last:
            await self._last.pop(0)()
        await self.flush()

    @property
    def has_facts(self) -> bool:
        """Whether a fact has been emitted that is not yet written, or something is left to do."""
        return bool(self._facts or self._last)

    def forget(self) -> None:
        """Drop facts not yet written: the savepoint that emitted them has been rolled back."""
        self._facts.clear()
        self._last.clear()

    async def rows(self, sql: str, *values: Any) -> list[asyncpg.Record]:
        return await self.connection.fetch(sql, *values)  # type: ignore[no-any-return]

    async def row(self, sql: str, *values: Any) -> asyncpg.Record | None:
        return await self.connection.fetchrow(sql, *values)

    async def value(self, sql: str, *values: Any) -> Any:
        return await self.connection.fetchval(sql, *values)

    async def run(self, sql: str, *values: Any) -> int:
        """Run a statement and return how many rows it touched."""
        status: str = await self.connection.execute(sql, *values)
        return int(status.rpartition(" ")[2]) if status[-1:].isdigit() else 0

    async def run_many(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        await self.connection.executemany(sql, rows)

    async def select(self, query: SelectOfScalar[T]) -> list[T]:
        """Run a SQLModel ``select`` of one table: for reads where clarity beats speed."""
        compiled = query.compile(dialect=_DIALECT, compile_kwargs={"render_postcompile": True})
        table: type[T] = query.column_descriptions[0]["entity"]
        order = compiled.positiontup or []
        values = [compiled.params[name] for name in order]
        return [table.of(row) for row in await self.rows(compiled.string, *values)]

    async def add(self, *items: Table) -> None:
        """Insert rows as they stand: for back-office verbs; hot paths write their own SQL."""
        for item in items:
            table = type(item).__table__  # type: ignore[attr-defined]
            names = [c.name for c in table.columns if not c.identity]
            marks = ", ".join(f"${n}" for n in range(1, len(names) + 1))
            await self.run(
                f"INSERT INTO {table.name} ({', '.join(names)}) VALUES ({marks})",  # noqa: S608
                *(getattr(item, name) for name in names),
            )


async def open_pool(
    dsn: str, *, size: int = 8, ready: int = 1, name: str = "bopis", hot: Iterable[str] = ()
) -> asyncpg.Pool:
    """Open the connections that a ``Database`` works with; whoever opens them closes them.

    Args:
        dsn: Which database.
        size: How many at most.
        ready: How many from the beginning.
        name: What PostgreSQL's list of sessions calls them.
        hot: Statements that each of them knows before it is lent.
    """
    return await asyncpg.create_pool(
        dsn,
        min_size=ready,
        max_size=size,
        statement_cache_size=PREPARED,
        max_cached_statement_lifetime=3600,
        init=partial(_prepare, hot=tuple(hot)),
        reset=_as_it_is,
        server_settings={**_SESSION, "application_name": name},
        timeout=10,
        command_timeout=60,
    )


async def is_there(dsn: str) -> bool:
    """Tell whether a database answers just now; one that does, and refuses us, is there."""
    try:
        connection = await asyncpg.connect(dsn, timeout=10)
    except (OSError, TimeoutError, asyncpg.CannotConnectNowError, asyncpg.PostgresConnectionError):
        return False
    except asyncpg.PostgresError:
        return True
    await connection.close()
    return True


class Database:
    """A pool, a clock, a source of ids, and who hears which fact."""

    def __init__(self, pool: asyncpg.Pool, *, clock: Clock, ids: Ids, routes: Routes) -> None:
        self.pool = pool
        self._gate = asyncio.Semaphore(pool.get_max_size())
        self.clock = clock
        self.ids = ids
        self.routes = routes
        self.memory = Memory()

    @classmethod
    @asynccontextmanager
    async def connect(
        cls,
        dsn: str,
        *,
        clock: Clock = machine_clock,
        ids: Ids | None = None,
        routes: Routes | None = None,
        pool_size: int = 8,
        ready: int = 1,
        hot: Iterable[str] = (),
    ) -> AsyncIterator[Self]:
        pool = await open_pool(dsn, size=pool_size, ready=ready, hot=hot)
        try:
            yield cls(pool, clock=clock, ids=ids or Ids(), routes=routes or Routes())
        finally:
            try:
                await asyncio.wait_for(pool.close(), timeout=5)
            except TimeoutError:
                pool.terminate()

    @asynccontextmanager
    async def transaction(
        self,
        store_id: StoreId | None = None,
        *,
        actor: str = "system",
        on: asyncpg.Connection | None = None,
    ) -> AsyncIterator[Tx]:
        """Open a transaction, of one store unless it is about catalogue tables or a report.

        Args:
            store_id: The store that the transaction touches; facts about another are refused.
            actor: Who acts, for the audit trail: ``device:…``, ``key:…``, ``shopper``.
            on: A connection already lent, for whoever keeps a temporary table across transactions.

        Raises:
            DatabaseBusy: No connection or no lock was had in time. Nothing has happened.
            DatabaseDown: The connection was refused or lost. At a commit the outcome is unknown:
                ask again with the same key.
        """
        lent = nullcontext(on) if on is not None else self.connection()
        async with lent as connection, _named_failures(), connection.transaction():
            tx = self._tx(connection, store_id, actor)
            yield tx
            await tx.settle()

    @asynccontextmanager
    async def reading(
        self, store_id: StoreId | None = None, *, actor: str = "system"
    ) -> AsyncIterator[Tx]:
        """Lend a ``Tx`` for reads that need not agree with each other: one SELECT, one round trip.

        Nothing may be written through it, and facts are refused.
        """
        async with self.connection() as connection, _named_failures():
            tx = self._tx(connection, store_id, actor)
            yield tx
            assert not tx.has_facts, "a reader announces nothing"

    def _tx(self, connection: asyncpg.Connection, store_id: StoreId | None, actor: str) -> Tx:
        return Tx(
            connection,
            now=self.clock(),
            ids=self.ids,
            routes=self.routes,
            store_id=store_id,
            actor=actor,
            memory=self.memory,
        )

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[asyncpg.Connection]:
        """Lend a connection, or say within two seconds that there is none."""
        # Wait at our own gate: a wait inside the pool that is given up can break a connection.
        if self._gate.locked():
            try:
                async with asyncio.timeout(ACQUIRE_WITHIN.total_seconds()):
                    await self._gate.acquire()
            except TimeoutError:
                raise DatabaseBusy("All connections are in use. Try again in a moment.") from None
        else:
            await self._gate.acquire()
        try:
            async with _named_failures():
                connection = await self.pool.acquire()
        except BaseException:
            self._gate.release()
            raise
        try:
            yield connection
        finally:
            try:
                await self.pool.release(connection)
            finally:
                self._gate.release()


@asynccontextmanager
async def _named_failures() -> AsyncIterator[None]:
    try:
        yield
    except _BUSY as error:
        raise DatabaseBusy("Something else is changing this just now. Try again.") from error
    except _GONE as error:
        raise DatabaseDown("The database does not answer. Try again in a moment.") from error
    except _NOT_TEXT as error:
        raise NotText("A text holds the character U+0000, which none may. Leave it out.") from error
    except asyncpg.InterfaceError as error:
        if "clos" not in str(error):  # a wrong argument is our bug, and looks like one
            raise
        raise DatabaseDown("The database does not answer. Try again in a moment.") from error
    except asyncpg.InternalClientError as error:
        if "cannot switch to state" not in str(error):
            raise
        # The server has said that it ends the connection, and the end itself has not come yet.
        raise DatabaseDown("The database does not answer. Try again in a moment.") from error


async def _as_it_is(connection: asyncpg.Connection) -> None:
    """Do nothing when a connection goes back to the pool: a round trip saved in each transaction.

    Nothing of ours outlives its transaction: settings are ``SET LOCAL`` (a feed's stage, which
    spans several, takes its own back), and there are no cursors, listeners or advisory locks.
    """


_JSONB: Final = b"\x01"
"""What PostgreSQL puts before a document on the wire: the version of the format."""


async def _prepare(connection: asyncpg.Connection, *, hot: Iterable[str]) -> None:
    await connection.set_type_codec(
        "jsonb",
        schema="pg_catalog",
        encoder=lambda value: _JSONB + msgspec.json.encode(value),
        decoder=lambda value: msgspec.json.decode(memoryview(value)[1:]),
        format="binary",  # within a row of rows, it never comes as text
    )
    await warm.up(connection, hot)
