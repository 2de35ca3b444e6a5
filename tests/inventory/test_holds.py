"""What is kept for one shopper is not sold to another, and not a moment longer than was said."""

from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

import pytest

from bopis.kernel.clock import ManualClock
from bopis.kernel.database import Database
from bopis.kernel.ids import Sku
from bopis.trust.invariants import INVARIANTS
from bopis.trust.verify import verify
from inventory import holds, sellable, stock
from inventory.hold_models import HoldId
from inventory.holds import HoldsTooMany, HoldUnknown
from inventory.stock import Shortfall, Want
from tests.inventory.shelves import OATS, RYE, S1, S2, TEA, a_store, items, numbers, order, stocked

MINUTES = timedelta(minutes=10)
Taken = HoldId | list[Shortfall]


@pytest.fixture
async def shelves(db: Database) -> Database:
    await a_store(db)
    await items(db, OATS, RYE, TEA)
    await stocked(db, {OATS: 10, RYE: 4})
    return db


async def take(db: Database, wanted: Mapping[Sku, int], *, owner: str = "shop") -> Taken:
    async with db.transaction(S1) as tx:
        return await holds.take(tx, S1, wanted, until=tx.now + MINUTES, owner=owner)


async def taken(db: Database, wanted: Mapping[Sku, int], *, owner: str = "shop") -> HoldId:
    hold = await take(db, wanted, owner=owner)
    assert isinstance(hold, UUID)
    return HoldId(hold)


async def buy(db: Database, number: int, wanted: Mapping[Sku, int], *own: HoldId) -> bool:
    async with db.transaction(S1) as tx:
        wants = [Want(order(number), sku, quantity) for sku, quantity in wanted.items()]
        return not await stock.reserve(tx, S1, wants, holds=own)


async def available(db: Database, sku: Sku) -> int:
    async with db.transaction(S1) as tx:
        return (await sellable.availability(tx, S1, [sku]))[sku].available


async def held(db: Database, sku: Sku) -> int:
    async with db.transaction(S1) as tx:
        return int(
            await tx.value("SELECT held FROM stock WHERE store_id = $1 AND sku = $2", S1, sku)
        )


async def contradictions(db: Database) -> list[str]:
    """Return which numbers do not add up; these buyers have no orders, so those are not asked."""
    asked = [one for one in INVARIANTS if one.id in {"S1", "S2", "S3", "S9", "S11"}]
    return [one.invariant.id for one in await verify(db, asked) if one.count]


async def test_all_is_held_or_nothing(shelves: Database) -> None:
    assert await take(shelves, {OATS: 3, RYE: 5, TEA: 1}) == [
        Shortfall(RYE, 5, 4),
        Shortfall(TEA, 1, 0),
    ]
    assert (await held(shelves, OATS), await held(shelves, RYE)) == (0, 0)

    await taken(shelves, {OATS: 3, RYE: 4})

    assert (await held(shelves, OATS), await held(shelves, RYE)) == (3, 4)
    assert (await available(shelves, OATS), await available(shelves, RYE)) == (7, 0)
    assert await numbers(shelves, OATS) == (10, 0, 0)  # no move, no promise
    assert not await buy(shelves, 1, {OATS: 8})
    assert await buy(shelves, 1, {OATS: 7})
    assert await contradictions(shelves) == []


async def test_a_hold_becomes_the_reservation_and_what_is_left_of_it_is_free(
    shelves: Database,
) -> None:
    hold = await taken(shelves, {OATS: 10, RYE: 4})
    assert not await buy(shelves, 1, {OATS: 1})

    assert await buy(shelves, 2, {OATS: 6}, hold)

    assert await numbers(shelves, OATS) == (10, 6, 0)
    assert (await held(shelves, OATS), await held(shelves, RYE)) == (0, 0)
    assert await buy(shelves, 3, {OATS: 4, RYE: 4}, hold)  # it is used up, and no hindrance
    assert await contradictions(shelves) == []


async def test_a_hold_that_does_not_help_stays(shelves: Database) -> None:
    hold = await taken(shelves, {OATS: 2})
    await stocked(shelves, {RYE: 0})

    assert not await buy(shelves, 1, {OATS: 2, RYE: 1}, hold)

    assert await held(shelves, OATS) == 2
    assert not await buy(shelves, 2, {OATS: 9})
    assert await buy(shelves, 3, {OATS: 2}, hold)
    assert await contradictions(shelves) == []


async def test_from_its_instant_on_it_holds_nothing_though_nobody_has_tidied(
    shelves: Database, clock: ManualClock
) -> None:
    await a_store(shelves, S2)
    hold = await taken(shelves, {OATS: 10})
    clock.advance(MINUTES - timedelta(microseconds=1))
    assert await available(shelves, OATS) == 0
    assert not await buy(shelves, 1, {OATS: 1})
    async with shelves.transaction() as tx:
        assert (await sellable.stores_with(tx, {OATS: 1}, except_store=S2))[OATS] == []

    clock.advance(timedelta(microseconds=1))

    assert await available(shelves, OATS) == 10
    async with shelves.transaction() as tx:
        assert (await sellable.stores_with(tx, {OATS: 10}, except_store=S2))[OATS] == [S1]
    assert not await buy(shelves, 2, {OATS: 11}, hold)
    assert await buy(shelves, 3, {OATS: 4})
    await taken(shelves, {OATS: 6})
    assert await held(shelves, OATS) == 6
    assert await contradictions(shelves) == []


async def test_dropped_is_free_at_once_and_only_for_its_owner_to_drop(shelves: Database) -> None:
    hold = await taken(shelves, {OATS: 10})
    async with shelves.transaction(S1) as tx:
        with pytest.raises(HoldUnknown):
            await holds.drop(tx, S1, hold, owner="another")
    assert await available(shelves, OATS) == 0

    for _ in range(2):  # again changes nothing
        async with shelves.transaction(S1) as tx:
            await holds.drop(tx, S1, hold, owner="shop")

    assert await available(shelves, OATS) == 10
    assert await held(shelves, OATS) == 0


async def test_nobody_hoards(
    shelves: Database, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(holds, "MOST_LIVE", 3)
    monkeypatch.setattr(holds, "MOST_A_MINUTE", 5)
    for _ in range(3):
        await taken(shelves, {OATS: 1})
    with pytest.raises(HoldsTooMany, match="You have 3 holds"):
        await take(shelves, {OATS: 1})
    await taken(shelves, {OATS: 1}, owner="another")
    assert await held(shelves, OATS) == 4

    clock.advance(MINUTES)
    for _ in range(5):
        assert isinstance(await take(shelves, {TEA: 1}), list)
    with pytest.raises(HoldsTooMany, match="within a minute"):
        await take(shelves, {OATS: 1})
    clock.advance(timedelta(minutes=1))
    await taken(shelves, {OATS: 1})


async def test_the_sweeper_only_tidies(shelves: Database, clock: ManualClock) -> None:
    old = await taken(shelves, {OATS: 2, RYE: 1})
    clock.advance(MINUTES / 2)
    young = await taken(shelves, {OATS: 3})
    clock.advance(MINUTES / 2)

    assert await holds.sweep(shelves) == 1

    assert (await held(shelves, OATS), await held(shelves, RYE)) == (3, 0)
    assert await holds.sweep(shelves) == 0
    assert await buy(shelves, 1, {OATS: 3}, young)
    async with shelves.transaction(S1) as tx:
        await holds.drop(tx, S1, old, owner="shop")  # known to have ended
    clock.advance(holds.KEPT)
    await holds.sweep(shelves)
    async with shelves.transaction(S1) as tx:
        with pytest.raises(HoldUnknown):
            await holds.drop(tx, S1, old, owner="shop")
    assert await contradictions(shelves) == []


async def test_verify_notices_units_that_are_held_for_nobody(shelves: Database) -> None:
    await taken(shelves, {OATS: 2})
    await shelves.pool.execute("UPDATE stock SET held = 5 WHERE sku = 'oats'")

    assert await contradictions(shelves) == ["S11"]
