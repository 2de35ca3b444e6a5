"""What one person says is gone is not sold until somebody else has looked, and not for ever."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from bopis.kernel.clock import ManualClock
from bopis.kernel.database import Database
from bopis.kernel.ids import Sku
from inventory import holds, stock
from inventory.looking import conflicts, counting, doubts
from inventory.looking.counting import Counted, Verdict
from tests.inventory.shelves import (
    OATS,
    RYE,
    S1,
    a_store,
    for_sale,
    items,
    numbers,
    order,
    stocked,
    unexplained,
)
from tests.inventory.test_holds import buy, contradictions, take

ADA, SAM = UUID(int=1), UUID(int=2)
DAY = timedelta(days=1)


@pytest.fixture
async def shelves(db: Database, clock: ManualClock) -> Database:
    """Twenty of oats and twelve of rye, counted two days ago."""
    await a_store(db)
    await items(db, OATS, RYE)
    await stocked(db, {OATS: 20, RYE: 12})
    async with db.transaction() as tx:
        await tx.run(
            "INSERT INTO store_hours SELECT $1, d, '09:00', '21:00' FROM generate_series(0, 6) d",
            S1,
        )
    clock.advance(2 * DAY)
    return db


async def asked(db: Database, sku: Sku = OATS, cause: UUID | None = None) -> UUID:
    """Ask for a count; return its request."""
    async with db.transaction(S1) as tx:
        await conflicts.request_count(tx, S1, sku, "not_found", cause=cause)
        return next(one.id for one in await counting.listed(tx, S1, limit=99) if one.sku == sku)


async def count(db: Database, request: UUID, units: int, by: UUID | None = ADA) -> Counted:
    async with db.transaction(S1) as tx:
        return await counting.done(tx, S1, request, units, source="device:a", by=by)


async def facts(db: Database) -> list[dict[str, Any]]:
    async with db.transaction(S1) as tx:
        rows = await tx.rows(
            "SELECT name, payload FROM events WHERE store_id = $1 AND name LIKE 'stock.doubt%'"
            " ORDER BY seq",
            S1,
        )
    return [{"name": row["name"], **row["payload"]} for row in rows]


async def test_what_one_person_says_is_gone_is_not_sold(shelves: Database) -> None:
    request = await asked(shelves)

    first, again = await count(shelves, request, 4), await count(shelves, request, 4)

    assert (first.verdict, again.verdict) == (Verdict.SECOND, Verdict.SAME)
    assert await numbers(shelves, OATS) == (20, 0, 0)  # the record stays
    assert await for_sale(shelves, OATS) == 4
    assert not await buy(shelves, 1, {OATS: 5})
    assert await buy(shelves, 1, {OATS: 3})  # what both words leave is sold
    assert (await count(shelves, request, 3, SAM)).verdict == Verdict.TAKEN
    assert await numbers(shelves, OATS) == (3, 3, 0)
    assert await for_sale(shelves, OATS) == 0
    assert [(fact["name"], fact.get("units")) for fact in await facts(shelves)] == [
        ("stock.doubted", 16),
        ("stock.doubt_ended", None),
    ]
    assert (await contradictions(shelves), await unexplained(shelves)) == ([], [])


async def test_whoever_finds_them_gives_them_back(shelves: Database) -> None:
    request = await asked(shelves)
    await count(shelves, request, 0)

    assert await for_sale(shelves, OATS) == 0
    found = await count(shelves, request, 19, SAM)

    assert found.verdict == Verdict.TAKEN
    assert await for_sale(shelves, OATS) == 19
    assert await contradictions(shelves) == []


async def test_a_word_holds_nothing_back_for_ever(shelves: Database, clock: ManualClock) -> None:
    """Until a shift of open hours has passed: it was noon, so until four."""
    cause = UUID(int=77)
    request = await asked(shelves, cause=cause)
    await count(shelves, request, 0)
    clock.advance(doubts.HELD_FOR - timedelta(seconds=1))
    assert not await buy(shelves, 1, {OATS: 1})
    clock.advance(timedelta(seconds=1))

    assert await for_sale(shelves, OATS) == 20  # whether or not anybody has tidied
    assert await doubts.sweep(shelves) == 1
    async with shelves.transaction(S1) as tx:
        await counting.withdraw(tx, S1, cause)  # what has been counted is not taken back

    assert (await count(shelves, request, 0)).verdict == Verdict.SAME
    assert await for_sale(shelves, OATS) == 20  # nor does the same word hold it back again
    assert (await facts(shelves))[-1] == {
        "name": "stock.doubt_ended",
        "request_id": str(request),
        "sku": OATS,
        "was_counted": False,
    }
    other = await count(shelves, request, 0, SAM)
    assert (other.verdict, await numbers(shelves, OATS)) == (Verdict.TAKEN, (0, 0, 0))
    assert await contradictions(shelves) == []


async def test_two_who_disagree_hold_back_what_the_second_did_not_find(
    shelves: Database, clock: ManualClock
) -> None:
    await stocked(shelves, {OATS: 60})
    request = await asked(shelves)
    await count(shelves, request, 40)
    clock.advance(timedelta(hours=1))

    apart = await count(shelves, request, 5, SAM)

    assert (apart.verdict, await for_sale(shelves, OATS)) == (Verdict.SECOND, 5)
    until = {datetime.fromisoformat(fact["until"]) for fact in await facts(shelves)}
    assert until == {clock() + timedelta(hours=3)}  # no longer than was said at first
    clock.advance(timedelta(hours=3))
    await count(shelves, request, 0)  # gone on: a new word, a new time
    assert await holds.sweep(shelves) == 0
    assert await contradictions(shelves) == []


async def test_one_person_cannot_empty_a_shop(
    shelves: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doubts, "MOST", 2)
    many = [Sku(f"item-{n}") for n in range(5)]
    await stocked(shelves, dict.fromkeys(many, 30))
    for sku in many:
        await count(shelves, await asked(shelves, sku), 0)

    left = [await for_sale(shelves, sku) for sku in many]

    assert left == [0] * 2 + [30] * 3
    assert sum(fact["until"] is None for fact in await facts(shelves)) == 3  # and it is said
    assert not isinstance(await take(shelves, {many[-1]: 30}), list)
    assert await contradictions(shelves) == []


async def lost(db: Database, number: int, units: int) -> None:
    """Fail a pick, which takes all the free units off."""
    async with db.transaction(S1) as tx:
        await stock.reserve(tx, S1, [stock.Want(order(number), RYE, units)])
        cause = UUID(int=number)
        await stock.short(tx, S1, order(number), RYE, units, "wrong_item_at_location", cause)
        await counting.taken_off(tx, S1, RYE, ADA, 10)


@pytest.mark.parametrize("doors", [("count", "count"), ("short", "count"), ("count", "short")])
async def test_a_few_and_again_a_few_are_many_by_whichever_door(
    shelves: Database, clock: ManualClock, doors: Sequence[str]
) -> None:
    request = await asked(shelves, RYE)
    for number, door in enumerate(doors, 1):
        if door == "short":
            await lost(shelves, number, 6)
            request = await asked(shelves, RYE)
        else:
            await count(shelves, request, 12 - 6 * number)
            last = await count(shelves, request, 12 - 6 * number)  # far off: looked at twice
            request = await asked(shelves, RYE)
        clock.advance(timedelta(hours=2))

    taken = 12 if doors[-1] == "short" else 6
    assert (await numbers(shelves, RYE))[0] == 12 - taken
    last = await count(shelves, request, 0)
    assert last.verdict == Verdict.SAME
    assert (await count(shelves, request, 0, SAM)).verdict == Verdict.TAKEN
    assert (await numbers(shelves, RYE))[0] == 0


async def test_a_few_each_day_are_a_few(shelves: Database, clock: ManualClock) -> None:
    for left in (9, 6, 3):
        request = await asked(shelves, RYE)
        assert (await count(shelves, request, left)).verdict == Verdict.TAKEN
        clock.advance(DAY / 3)
    clock.advance(DAY / 3)

    assert (await count(shelves, await asked(shelves, RYE), 0)).verdict == Verdict.TAKEN
