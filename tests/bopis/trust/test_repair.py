"""Stock that drifted is mended by an entry with a reason, once, and then all is true again.

What has two explanations is left to a person, who hears both.
"""

from dataclasses import replace
from typing import Final

import pytest

from bopis.kernel.database import Database
from bopis.trust.drift import Believe, Remedy, Witnesses, remedy
from bopis.trust.repair import Mended, ReasonMissing, repair
from bopis.trust.verify import verify
from tests.bopis.trust import world

TRUE: Final = Witnesses(
    is_there=True, on_hand=18, reserved=4, unsellable=1, entered_on_hand=18, entered_reserved=4,
    entered_unsellable=1, entered_staged=2, held=4, waiting=2, open=4, fed=18,
)  # fmt: skip


async def run(db: Database, sql: str) -> None:
    async with db.pool.acquire() as connection:
        await connection.execute(sql)


async def ledger(db: Database) -> list[tuple[object, ...]]:
    """Return what the ledger held, entry by entry, without what repairs added."""
    async with db.transaction() as tx:
        rows = await tx.rows(
            "SELECT * FROM stock_ledger WHERE kind <> 'compensate' ORDER BY store_id, id"
        )
    return [tuple(row) for row in rows]


async def broken(db: Database) -> set[str]:
    return {one.invariant.id for one in await verify(db) if one.count}


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        pytest.param(TRUE, Remedy(), id="all agree"),
        pytest.param(
            replace(TRUE, reserved=6), Remedy(stock_reserved=-2), id="the stock reserves too much"
        ),
        pytest.param(
            replace(TRUE, entered_reserved=3), Remedy(reserved=1), id="a promise without an entry"
        ),
        pytest.param(
            replace(TRUE, reserved=5, entered_reserved=5),
            Remedy(stock_reserved=-1, reserved=-1),
            id="a release that nobody booked",
        ),
        pytest.param(
            replace(TRUE, entered_on_hand=15),
            Remedy(on_hand=3),
            id="the feed bears the stock out",
        ),
    ],
)
def test_one_explanation_has_one_remedy(seen: Witnesses, expected: Remedy) -> None:
    assert remedy(seen) == expected


@pytest.mark.parametrize(
    ("seen", "words", "stock", "by_ledger"),
    [
        (
            replace(TRUE, on_hand=21),
            "21 on hand in the stock, 18 by its ledger: either 3 came without an entry",
            Remedy(on_hand=3),
            Remedy(stock_on_hand=-3),
        ),
        (
            replace(TRUE, on_hand=16, fed=None),
            "16 on hand in the stock, 18 by its ledger: either 2 went without an entry",
            Remedy(on_hand=-2),
            Remedy(stock_on_hand=2),
        ),
        (
            replace(TRUE, unsellable=0),
            "0 unsellable in the stock, 1 by its ledger",
            Remedy(unsellable=-1),
            Remedy(stock_unsellable=1),
        ),
        (
            replace(TRUE, entered_staged=1),
            "orders have 2 units staged, by the ledger 1",
            Remedy(staged=1),
            None,
        ),
        (
            replace(TRUE, held=3),
            "orders hold 3, but by their lines it should be 4: mend the orders first",
            None,
            None,
        ),
        (replace(TRUE, is_there=False), "it has no row in the stock", None, None),
    ],
)
def test_two_explanations_are_said_and_a_person_chooses(
    seen: Witnesses, words: str, stock: Remedy | None, by_ledger: Remedy | None
) -> None:
    left = remedy(seen)

    assert words in str(left)
    assert not left.does_something
    for believe, expected in ((Believe.STOCK, stock), (Believe.LEDGER, by_ledger)):
        chosen = remedy(seen, believe)
        assert chosen == expected if expected else words in str(chosen)


async def test_a_drift_is_mended_with_its_reason_and_nothing_is_taken_out_of_the_ledger(
    db: Database,
) -> None:
    await world.build(db)
    before = await ledger(db)
    await run(db, "UPDATE stock SET on_hand = on_hand + 3, reserved = reserved + 2")

    [left] = await repair(db, "a test moved it", actor="ops:cli")
    assert left.remedy.stock_reserved == -2
    assert "believe the stock" in str(left.remedy)
    assert await broken(db) == {"S2", "L2"}

    mended = await repair(db, "counted", actor="ops:cli", believe=Believe.LEDGER)
    assert mended == [Mended(world.STORE, world.OATS, Remedy(stock_on_hand=-3))]
    async with db.transaction() as tx:
        entries = await tx.rows("SELECT * FROM stock_ledger WHERE kind = 'compensate' ORDER BY id")
        stock = await tx.row("SELECT on_hand, reserved FROM stock")
    assert [(one["on_hand"], one["reserved"], one["source"]) for one in entries] == [
        (0, 0, "ops:cli"),
        (0, 0, "ops:cli"),
    ]
    assert entries[1]["note"] == "counted (the stock's on hand -3)"
    assert tuple(stock or ()) == (18, 4)
    assert await ledger(db) == before
    assert await broken(db) == set()


async def test_entries_that_are_missing_are_written(db: Database) -> None:
    await world.build(db)
    await run(
        db,
        "UPDATE stock_ledger SET on_hand = 15 WHERE kind = 'feed_set';"
        "UPDATE stock_ledger SET reserved = 5 WHERE kind = 'commit';"
        "UPDATE stock SET unsellable = 1; UPDATE reservations SET staged = 1 WHERE quantity = 2",
    )
    assert await broken(db) == {"S2", "L1"}

    await repair(db, "entries were lost", actor="ops:cli", believe=Believe.STOCK)

    async with db.transaction() as tx:
        entry = await tx.row("SELECT * FROM stock_ledger WHERE kind = 'compensate'")
    assert entry is not None
    moved = tuple(entry[name] for name in ("on_hand", "reserved", "unsellable", "staged"))
    assert (*moved, entry["note"]) == (5, 1, 1, 2, "entries were lost")
    assert await repair(db, "again", actor="ops:cli") == []


async def test_a_repair_opens_the_conflict_that_it_uncovers(db: Database) -> None:
    await world.build(db)
    await run(db, "UPDATE stock_ledger SET on_hand = 3 WHERE kind = 'feed_set'")

    await repair(db, "it was three", actor="ops:cli", believe=Believe.LEDGER)

    async with db.transaction() as tx:
        row = await tx.row("SELECT sku, on_hand, reserved FROM stock_conflicts")
    assert tuple(row or ()) == (world.OATS, 1, 4)


async def test_a_dry_run_writes_nothing(db: Database) -> None:
    await world.build(db)
    await run(db, "UPDATE stock SET on_hand = on_hand + 3, reserved = reserved + 2")

    assert len(await repair(db, "only looking", actor="ops:cli", dry_run=True)) == 1
    assert await broken(db) == {"S2", "S3", "L2"}


async def test_a_repair_without_a_reason_is_refused(db: Database) -> None:
    await world.build(db)
    await run(db, "UPDATE stock SET reserved = reserved + 2")

    with pytest.raises(ReasonMissing):
        await repair(db, "  ", actor="ops:cli")
    assert await broken(db) == {"S2", "S3"}
