"""Each verb moves the numbers it should, explains them, and nothing else."""

from datetime import timedelta

import pytest

from bopis.kernel.clock import ManualClock
from bopis.kernel.database import Database
from inventory import sellable, stock
from inventory.stock import Shortfall, Want
from tests.conftest import NOON
from tests.inventory.shelves import (
    OATS,
    RYE,
    S1,
    S2,
    TEA,
    a_store,
    cause,
    numbers,
    open_conflicts,
    order,
    stocked,
    unexplained,
)


@pytest.fixture
async def shelves(db: Database) -> Database:
    await a_store(db)
    await stocked(db, {OATS: 10, RYE: 4})
    return db


async def reserve(db: Database, *wants: Want) -> list[Shortfall]:
    async with db.transaction(S1) as tx:
        return await stock.reserve(tx, S1, wants)


async def test_all_lines_or_none(shelves: Database) -> None:
    one = order(1)
    short = await reserve(shelves, Want(one, OATS, 3), Want(one, RYE, 5), Want(one, TEA, 1))

    assert short == [Shortfall(RYE, 5, 4), Shortfall(TEA, 1, 0)]
    assert await numbers(shelves, OATS) == (10, 0, 0)
    assert await reserve(shelves, Want(one, OATS, 3), Want(one, RYE, 4)) == []
    assert await numbers(shelves, OATS) == (10, 3, 0)
    assert await unexplained(shelves) == []


async def test_several_orders_are_reserved_together_or_not_at_all(shelves: Database) -> None:
    short = await reserve(shelves, Want(order(1), RYE, 3), Want(order(2), RYE, 2))

    assert short == [Shortfall(RYE, 5, 4)]
    assert await reserve(shelves, Want(order(1), RYE, 3), Want(order(2), RYE, 1)) == []
    async with shelves.transaction(S1) as tx:
        assert await stock.orders_concerned(tx, S1, RYE) == [order(1), order(2)]


async def test_safety_cap_and_damage_are_not_sold(shelves: Database) -> None:
    async with shelves.transaction(S1) as tx:
        await tx.run("UPDATE stock SET safety = 2, unsellable = 1 WHERE sku = $1", OATS)
        await tx.run("UPDATE stock SET cap = 3 WHERE sku = $1", RYE)

    assert await reserve(shelves, Want(order(1), OATS, 8)) == [Shortfall(OATS, 8, 7)]
    assert await reserve(shelves, Want(order(1), RYE, 4)) == [Shortfall(RYE, 4, 3)]


async def test_reserve_is_one_statement(shelves: Database) -> None:
    statements: list[str] = []
    async with shelves.transaction(S1) as tx:
        await tx.value("SELECT 1")  # the BEGIN has left
        with tx.connection.query_logger(lambda record: statements.append(record.query)):
            await stock.reserve(tx, S1, [Want(order(1), OATS, 3), Want(order(1), RYE, 1)])

    assert len(statements) == 1


async def test_released_units_are_sold_again_but_picked_ones_only_when_back(
    shelves: Database,
) -> None:
    await reserve(shelves, Want(order(1), OATS, 5))

    async with shelves.transaction(S1) as tx:
        await stock.release(tx, S1, order(1), {OATS: 5}, picked={OATS: 2})
    assert await numbers(shelves, OATS) == (10, 0, 2)

    async with shelves.transaction(S1) as tx:
        await stock.put_back(tx, S1, OATS, 2, cause(1))
    assert await numbers(shelves, OATS) == (10, 0, 0)
    assert await unexplained(shelves) == []


async def test_a_hand_over_leaves_the_building(shelves: Database) -> None:
    await reserve(shelves, Want(order(1), OATS, 3), Want(order(1), RYE, 4))

    async with shelves.transaction(S1) as tx:
        await stock.consume(tx, S1, order(1), {OATS: 2, RYE: 4})

    assert await numbers(shelves, OATS) == (8, 1, 0)
    assert await numbers(shelves, RYE) == (0, 0, 0)
    assert await unexplained(shelves) == []


async def test_an_order_cannot_give_back_what_it_does_not_hold(shelves: Database) -> None:
    await reserve(shelves, Want(order(1), OATS, 3))

    with pytest.raises(AssertionError):
        async with shelves.transaction(S1) as tx:
            await stock.release(tx, S1, order(1), {OATS: 4})
    assert await numbers(shelves, OATS) == (10, 3, 0)


@pytest.mark.parametrize(
    ("reason", "picked", "expected"),
    [
        pytest.param("not_found", None, (2, 2, 0), id="nothing free is left"),
        pytest.param("not_found", 0, (0, 2, 0), id="and nobody has picked the other two"),
        pytest.param("short_quantity", 1, (1, 2, 0), id="one was there"),
        pytest.param("damaged", None, (10, 2, 1), id="one is broken"),
        pytest.param("wrong_item_at_location", None, (9, 2, 0), id="one was never there"),
        pytest.param("recalled_or_not_sellable", None, (10, 2, 8), id="none may be sold"),
    ],
)
async def test_a_shortage_has_the_effect_of_its_reason(
    shelves: Database, reason: str, picked: int | None, expected: tuple[int, int, int]
) -> None:
    await reserve(shelves, Want(order(1), OATS, 3))

    async with shelves.transaction(S1) as tx:
        await stock.short(tx, S1, order(1), OATS, 1, reason, cause(1), picked=picked)

    assert await numbers(shelves, OATS) == expected
    assert await unexplained(shelves) == []


async def test_an_empty_shelf_is_a_conflict_for_the_next_order_and_a_request_to_count(
    shelves: Database,
) -> None:
    await reserve(shelves, Want(order(1), RYE, 2), Want(order(2), RYE, 2))

    async with shelves.transaction(S1) as tx:
        await stock.short(tx, S1, order(1), RYE, 2, "not_found", cause(1), picked=0)
    assert await open_conflicts(shelves) == [RYE]
    async with shelves.transaction(S1) as tx:
        assert await tx.value("SELECT reason FROM count_requests WHERE sku = $1", RYE) == (
            "not_found"
        )
        assert await stock.orders_concerned(tx, S1, RYE) == [order(2)]

        await stock.count(tx, S1, RYE, 3, cause=None, source="associate")
    assert await open_conflicts(shelves) == []
    async with shelves.transaction(S1) as tx:
        assert await tx.value("SELECT counted FROM count_requests WHERE sku = $1", RYE) == 3


@pytest.mark.parametrize(
    "reason",
    ["not_found", "damaged", "wrong_item_at_location", "recalled_or_not_sellable"],
)
async def test_found_after_all_undoes_the_shortage(shelves: Database, reason: str) -> None:
    await reserve(shelves, Want(order(1), OATS, 3))
    before = await numbers(shelves, OATS)

    async with shelves.transaction(S1) as tx:
        await stock.short(tx, S1, order(1), OATS, 2, reason, cause(1))
    async with shelves.transaction(S1) as tx:
        await stock.unshort(tx, S1, order(1), OATS, 2, cause(1))

    assert await numbers(shelves, OATS) == before
    assert await unexplained(shelves) == []


async def test_found_after_a_count_brings_back_the_promise_alone(
    shelves: Database, clock: ManualClock
) -> None:
    await reserve(shelves, Want(order(1), OATS, 3))
    async with shelves.transaction(S1) as tx:
        await stock.short(tx, S1, order(1), OATS, 1, "not_found", cause(1))
    clock.advance(timedelta(minutes=5))
    await stocked(shelves, {OATS: 6})

    async with shelves.transaction(S1) as tx:
        await stock.unshort(tx, S1, order(1), OATS, 1, cause(1))

    assert await numbers(shelves, OATS) == (6, 3, 0)


async def test_what_is_broken_cannot_be_promised_away(shelves: Database) -> None:
    await reserve(shelves, Want(order(1), RYE, 2), Want(order(2), RYE, 2))

    async with shelves.transaction(S1) as tx:
        await stock.short(tx, S1, order(1), RYE, 2, "damaged", cause(1))
    assert await open_conflicts(shelves) == []
    await stocked(shelves, {RYE: 3})
    assert await open_conflicts(shelves) == [RYE]  # three, of which two are broken; two are owed


async def test_a_count_wins_and_says_when(shelves: Database) -> None:
    async with shelves.transaction(S1) as tx:
        known = await sellable.availability(tx, S1, [OATS, TEA])

    assert set(known) == {OATS}
    assert known[OATS] == sellable.Availability(
        sku=OATS, available=10, on_hand=10, reserved=0, as_of=NOON, source="count"
    )


async def test_who_else_has_it(shelves: Database) -> None:
    await a_store(shelves, S2)
    await stocked(shelves, {OATS: 12, RYE: 1}, S2)

    async with shelves.transaction() as tx:
        found = await sellable.stores_with(tx, {OATS: 5, RYE: 2, TEA: 1})
        elsewhere = await sellable.stores_with(tx, {OATS: 5}, except_store=S2)

    assert found == {OATS: [S2, S1], RYE: [S1], TEA: []}
    assert elsewhere == {OATS: [S1]}


async def test_staged_units_move_no_number(shelves: Database) -> None:
    await reserve(shelves, Want(order(1), OATS, 3))

    async with shelves.transaction(S1) as tx:
        await stock.stage(tx, S1, order(1), {OATS: 2})
        await stock.release(tx, S1, order(1), {OATS: 1})
        await stock.consume(tx, S1, order(1), {OATS: 1})

    assert await numbers(shelves, OATS) == (9, 1, 0)
    async with shelves.transaction(S1) as tx:
        assert await tx.value("SELECT staged FROM reservations WHERE sku = $1", OATS) == 1
    assert await unexplained(shelves) == []
