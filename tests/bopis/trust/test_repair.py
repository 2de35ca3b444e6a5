"""Stock that drifted is mended by an entry with a reason, once, and then all is true again."""

import pytest

from bopis.kernel.database import Database
from bopis.trust.repair import Mended, ReasonMissing, repair
from bopis.trust.verify import verify
from tests.bopis.trust import world


async def drift(db: Database) -> None:
    async with db.transaction() as tx:
        await tx.run("UPDATE stock SET on_hand = on_hand + 3, reserved = reserved + 2")


async def test_a_drift_is_mended_with_its_reason(db: Database) -> None:
    await world.build(db)
    await drift(db)

    mended = await repair(db, "a test moved it", actor="ops:cli")

    assert mended == [
        Mended(world.STORE, world.OATS, reserved_by=-2, on_hand=3, reserved=0, unsellable=0)
    ]
    async with db.transaction() as tx:
        entry = await tx.row("SELECT * FROM stock_ledger WHERE kind = 'compensate'")
        stock = await tx.row("SELECT on_hand, reserved FROM stock")
    assert entry is not None
    assert (entry["on_hand"], entry["note"], entry["source"]) == (3, "a test moved it", "ops:cli")
    assert tuple(stock or ()) == (21, 4)
    assert [one for one in await verify(db) if one.count] == []


async def test_what_is_mended_is_not_mended_again(db: Database) -> None:
    await world.build(db)
    await drift(db)
    await repair(db, "once", actor="ops:cli")

    assert await repair(db, "twice", actor="ops:cli") == []


async def test_a_dry_run_writes_nothing(db: Database) -> None:
    await world.build(db)
    await drift(db)

    assert len(await repair(db, "only looking", actor="ops:cli", dry_run=True)) == 1
    assert {one.invariant.id for one in await verify(db) if one.count} == {"S2", "S3"}


async def test_a_repair_without_a_reason_is_refused(db: Database) -> None:
    await world.build(db)
    await drift(db)

    with pytest.raises(ReasonMissing):
        await repair(db, "  ", actor="ops:cli")
    assert {one.invariant.id for one in await verify(db) if one.count} == {"S2", "S3"}
