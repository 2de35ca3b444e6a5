"""A transaction commits what it says or nothing, and its facts with it."""

import asyncio
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import ClassVar
from uuid import UUID

import pytest
from sqlmodel import select

from bopis.kernel import keys, relay
from bopis.kernel.database import (
    INSERT_FACTS,
    Database,
    DatabaseDown,
    NotText,
    Tx,
    open_pool,
)
from bopis.kernel.events import Event, EventRow, Routes, inline, later
from bopis.kernel.ids import StoreId
from bopis.kernel.keys import ApiKey, KeyKind
from tests.databases import admin

S1 = StoreId("S1")


class Rang(Event):
    name: ClassVar[str] = "bell.rang"
    bell: UUID
    times: int

    @property
    def subject(self) -> UUID:
        return self.bell


heard: list[tuple[str, int]] = []


async def at_once(tx: Tx, event: Rang) -> None:
    heard.append(("inline", event.times))


async def afterwards(tx: Tx, event: Rang) -> None:
    heard.append(("later", event.times))
    if event.times < 0:
        raise RuntimeError("deaf")


@pytest.fixture
def bells(db: Database) -> Database:
    heard.clear()
    db.routes = Routes.of([inline(Rang, at_once), later(Rang, afterwards)])
    return db


async def ring(db: Database, bell: UUID, *times: int) -> None:
    async with db.transaction(S1) as tx:
        for n in times:
            await tx.emit(Rang(store_id=S1, bell=bell, times=n))


async def test_inline_hears_within_and_later_hears_after_the_commit(bells: Database) -> None:
    await ring(bells, UUID(int=1), 1, 2)
    assert heard == [("inline", 1), ("inline", 2)]

    assert await relay.drain(bells) == 2
    assert heard[2:] == [("later", 1), ("later", 2)]
    assert await relay.drain(bells) == 0


async def test_a_rolled_back_fact_is_never_heard(bells: Database) -> None:
    async def rings_and_fails() -> None:
        async with bells.transaction(S1) as tx:
            await tx.emit(Rang(store_id=S1, bell=UUID(int=1), times=1))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await rings_and_fails()

    assert await relay.drain(bells) == 0
    async with bells.transaction(S1) as tx:
        assert await tx.select(select(EventRow)) == []


async def test_a_failing_delivery_holds_back_its_own_subject_only(bells: Database) -> None:
    await ring(bells, UUID(int=1), -1, 2)
    await ring(bells, UUID(int=2), 3)

    assert await relay.drain(bells) == 1

    assert [times for how, times in heard if how == "later"] == [-1, 3]
    async with bells.transaction(S1) as tx:
        rows = await tx.rows("SELECT attempts, error FROM deliveries ORDER BY seq")
    assert [(row["attempts"], row["error"]) for row in rows] == [
        (1, "RuntimeError: deaf"),
        (0, None),
    ]


async def test_a_fact_of_another_store_is_refused(bells: Database) -> None:
    with pytest.raises(AssertionError):
        async with bells.transaction(S1) as tx:
            await tx.emit(Rang(store_id=StoreId("S2"), bell=UUID(int=1), times=1))


async def test_a_select_reads_rows_with_their_words(db: Database) -> None:
    async with db.transaction() as tx:
        await keys.add(tx, KeyKind.FEED, "erp")
        await keys.add(tx, KeyKind.OPS, "desk")
        found = await tx.select(select(ApiKey).where(ApiKey.kind == KeyKind.OPS))

    assert [(key.kind, key.name) for key in found] == [(KeyKind.OPS, "desk")]


def test_a_process_may_read_a_row_before_it_has_made_one() -> None:
    """In a process of its own, because in this one others have long made rows."""
    script = (
        "from bopis.kernel.keys import ApiKey\n"
        "row = ApiKey.of({'id': None, 'kind': 'feed', 'name': 'erp', 'digest': b''})\n"
        "print(row.kind, row.name)"
    )
    done = subprocess.run(  # noqa: S603 - our own words
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )

    assert (done.stdout, done.returncode) == ("feed erp\n", 0), done.stderr


@pytest.mark.parametrize(
    "sql", ["SELECT $1::text", "SELECT to_jsonb($1::text)", "SELECT $1::jsonb"]
)
async def test_a_character_that_no_text_may_hold_is_the_senders_mistake(
    db: Database, sql: str
) -> None:
    bell = UUID(int=2)

    async def said() -> None:
        async with db.transaction(S1) as tx:
            await tx.emit(Rang(store_id=S1, bell=bell, times=1))
            await tx.flush()
            await tx.value(sql, "a\0b")

    with pytest.raises(NotText, match="Leave it out"):
        await said()
    async with db.reading() as tx:
        assert await tx.value("SELECT count(*) FROM events WHERE subject = $1", bell) == 0


async def test_what_is_left_for_the_end_comes_after_the_facts_or_not_at_all(
    bells: Database,
) -> None:
    seen: list[int] = []

    async def left(tx: Tx) -> None:
        seen.append(await tx.value("SELECT count(*) FROM events"))
        await tx.emit(Rang(store_id=S1, bell=UUID(int=1), times=2))

    async with bells.transaction(S1) as tx:
        tx.finally_do(partial(left, tx))
        await tx.emit(Rang(store_id=S1, bell=UUID(int=1), times=1))
        assert seen == []
    async with bells.transaction(S1) as tx:
        tx.finally_do(partial(left, tx))
        tx.forget()  # as after a savepoint that was rolled back

    assert seen == [1]
    async with bells.transaction() as tx:
        assert await tx.value("/* fanout: all of them */ SELECT count(*) FROM events") == 2


async def test_a_connection_that_has_just_been_ended_is_a_database_that_does_not_answer(
    dsn: str,
) -> None:
    """Its end is announced before it comes. In between, the driver knows no name for it."""
    async with Database.connect(dsn) as db:
        with pytest.raises(DatabaseDown):
            await _ended_within(db, dsn)


async def _ended_within(db: Database, dsn: str) -> None:
    async with db.transaction() as tx:
        end = f"SELECT pg_terminate_backend({tx.connection.get_server_pid()}, 5000)"
        with ThreadPoolExecutor() as elsewhere:  # our loop stands still meanwhile
            elsewhere.submit(asyncio.run, admin(dsn, end)).result()
        for _ in range(2):  # the announcement is read, what follows it is not
            await asyncio.sleep(0)


_TYPES_ASKED = """
    SELECT COALESCE(sum(generic_plans + custom_plans), 0) FROM pg_prepared_statements
     WHERE statement LIKE 'WITH RECURSIVE typeinfo_tree%'
"""


async def test_a_connection_knows_what_it_will_be_asked_before_it_is_lent(
    db: Database, dsn: str
) -> None:
    hot = [INSERT_FACTS, "SELECT FROM what_the_next_migration_makes WHERE store_id = $1"]
    pool = await open_pool(dsn, size=1, hot=hot)
    try:
        async with pool.acquire() as connection:
            before = await connection.fetchval(_TYPES_ASKED)
            nothing: list[object] = [[] for _ in range(6)]
            await connection.execute(INSERT_FACTS, S1, "me", db.clock(), *nothing, db.clock())
            after = await connection.fetchval(_TYPES_ASKED)
            facts = await connection.fetchval("SELECT count(*) FROM events")
    finally:
        await pool.close()

    assert before == after > 0
    assert facts == 0
