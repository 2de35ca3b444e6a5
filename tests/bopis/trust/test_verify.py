"""Each invariant holds in a world that is true, and fires when one thing in it is made false."""

from contextlib import suppress

import asyncpg
import pytest

from bopis.kernel.database import Database
from bopis.trust.invariants import INVARIANTS, Level
from bopis.trust.verify import look, verify
from tests.bopis.trust import world
from tests.bopis.trust.violations import ALSO, BROKEN, REFUSED


class Undone(Exception):
    """What was seeded is rolled back."""


async def run(db: Database, sql: str) -> None:
    async with db.pool.acquire() as connection:
        await connection.execute(sql)


async def test_a_true_world_has_no_findings(db: Database) -> None:
    await world.build(db)

    findings = await verify(db)

    assert [one for one in findings if one.count] == []
    assert len(findings) == len(INVARIANTS) == len({one.invariant.id for one in findings})


def test_every_invariant_has_a_violation() -> None:
    kept = {one.id for one in INVARIANTS if one.level is Level.K}

    assert REFUSED.keys() == kept
    assert BROKEN.keys() == {one.id for one in INVARIANTS} - kept


async def test_every_violation_is_found(db: Database) -> None:
    await world.build(db)
    found: dict[str, set[str]] = {}
    for invariant, statement in BROKEN.items():
        with suppress(Undone):
            async with db.transaction() as tx:
                await tx.connection.execute(statement)
                found[invariant] = {one.invariant.id for one in await look(tx) if one.count}
                raise Undone

    assert found == {one: {one} | ALSO.get(one, set()) for one in BROKEN}


async def test_every_constraint_refuses(db: Database) -> None:
    await world.build(db)

    for statement in REFUSED.values():
        with pytest.raises(asyncpg.IntegrityConstraintViolationError):
            await run(db, statement)


async def test_a_constraint_that_is_gone_is_found(db: Database) -> None:
    await run(
        db, "ALTER TABLE stock DROP CONSTRAINT ck_stock_reserved; DROP INDEX uq_pick_tasks_live"
    )

    findings = {one.invariant.id: one for one in await verify(db) if one.count}

    assert findings.keys() == {"S0", "T8"}
    assert findings["S0"].examples == ("missing: ck_stock_reserved",)


async def test_examples_are_few_and_the_count_is_whole(db: Database) -> None:
    await world.build(db, stores=(world.STORE,))
    await run(
        db,
        "INSERT INTO stock (store_id, sku, on_hand, changed_at)"
        " SELECT 'S1', 'x' || n, 1, '2026-03-06' FROM generate_series(1, 9) n",
    )

    drift = next(one for one in await verify(db) if one.invariant.id == "S2")

    assert drift.count == 9
    assert len(drift.examples) == 5
    assert drift.examples[0] == "S1 x1: 1 on hand, 0 by its ledger"
