"""What becomes known of promises moves their store's quantile, once, and that of all stores."""

import asyncio
from datetime import datetime, timedelta

import pytest

from bopis.kernel.ids import OrderId, StoreId, inward
from bopis.orders import orders
from bopis.orders.placing import outlooks, placing
from bopis.orders.placing.asked import NewOrder, Receipt
from bopis.orders.states import CancelReason
from bopis.orders.watching import watchdog
from bopis.promises import calibrations, promises
from bopis.promises.tracking import FIRST, Hour
from inventory.opening.hours_models import StoreSlot
from notifications.recipients import Person
from tests.journeys.day import MINUTE, OAT, S1, S2, Day, at

PREPARED = "SELECT missed, hour, is_learned FROM preparations ORDER BY known_at, order_id"
LEARNED = "SELECT store_id, hour, theta, orders, missed FROM calibrations ORDER BY store_id, hour"


async def an_order(shop: Day, reference: str = "W-1") -> tuple[OrderId, datetime]:
    placed = await shop.placed(reference)
    return OrderId(inward(placed["order_id"])[1]), at(placed["promise"]["latest"])


async def end(shop: Day, order_id: OrderId, reason: CancelReason) -> None:
    async with shop.db.transaction(S1) as tx:
        await orders.cancel(tx, S1, order_id, reason=reason)


async def ready(shop: Day, order_id: OrderId) -> None:
    async with shop.db.transaction(S1) as tx:
        await promises.learn(tx, S1, order_id, took=9 * MINUTE, picked_in=MINUTE, units=3)


async def test_each_promise_is_learned_from_once(shop: Day) -> None:
    kept, late, theirs, ours = [await an_order(shop, f"W-{n}") for n in range(4)]
    await ready(shop, kept[0])
    await end(shop, theirs[0], CancelReason.SHOPPER_REQUEST)
    await end(shop, ours[0], CancelReason.OUTAGE)
    shop.clock.advance_to(late[1] + MINUTE)
    await watchdog.sweep(shop.db)

    first = await calibrations.learn(shop.db)
    again = await calibrations.learn(shop.db)

    assert (first, again) == (3, 0)
    assert sorted(row["missed"] for row in await shop.rows(PREPARED)) == [False, True, True]
    known = {row["hour"]: row for row in await shop.rows(LEARNED)}
    assert known.keys() == {"all", "noon"}
    assert known["all"]["theta"] == pytest.approx(FIRST + 0.05 * (2 - 0.3))
    assert known["noon"]["theta"] == pytest.approx(0.01 * (2 - 0.3))
    assert (known["all"]["orders"], known["all"]["missed"]) == (3, 2)
    common = await shop.rows("SELECT hour, theta, orders, missed FROM common_calibrations")
    assert {row["hour"]: tuple(row)[1:] for row in common} == {
        hour: pytest.approx(tuple(row)[2:]) for hour, row in known.items()
    }


async def test_a_late_order_that_is_ready_after_all_teaches_nothing_more(shop: Day) -> None:
    order_id, promised = await an_order(shop)
    shop.clock.advance_to(promised + MINUTE)
    await watchdog.sweep(shop.db)
    await calibrations.learn(shop.db)
    before = await shop.rows(LEARNED)

    shop.clock.now -= timedelta(hours=2)  # a clock that is set back
    for _ in range(2):
        await ready(shop, order_id)
        async with shop.db.transaction(S1) as tx:
            await promises.give_up(tx, S1, order_id, units=3)
    await calibrations.learn(shop.db)

    [row] = await shop.rows(PREPARED)
    assert (row["missed"], row["is_learned"]) == (True, True)
    assert await shop.rows(LEARNED) == before


async def test_what_a_store_learned_is_what_it_promises_by_and_its_neighbor_leans_on(
    shop: Day,
) -> None:
    _, before = await an_order(shop)
    for store_id, theta in ((S1, 1.5), (S2, FIRST)):
        await shop.db.pool.execute(
            "INSERT INTO calibrations VALUES ($1, 'all', $2, 5000, 500)", store_id, theta
        )
    await shop.db.pool.execute("INSERT INTO common_calibrations VALUES ('all', 1.0, 5000, 500)")
    async with shop.db.transaction(S1) as tx:
        mine = await calibrations.quantile(tx, S1)
    async with shop.db.transaction(S2) as tx:
        nobody = await calibrations.quantile(tx, StoreId("S9"))
    shop.db.memory.clear()

    assert mine.theta(Hour.ALL) == pytest.approx(1.5, abs=0.01)
    assert nobody.theta(Hour.NOON) == 1.0
    assert (await an_order(shop, "W-2"))[1] > before


async def test_the_last_place_of_a_slot_is_given_once(shop: Day) -> None:
    """Two processes have read the same outlook; each slot of an hour holds two orders."""
    async with shop.db.transaction() as tx:
        for weekday in range(7):
            await tx.add(
                StoreSlot(
                    store_id=S1, weekday=weekday, opens="09:00", closes="21:00", minutes=60,
                    capacity=2,
                )
            )  # fmt: skip
    outlook = await outlooks.of(shop.db, S1)
    assert outlook.slots

    async def buy(n: int) -> Receipt:
        order = NewOrder(
            "web", f"R-{n}", str(n), [(OAT, 1)], Person("Ada", email="ada@shopper.example")
        )
        async with shop.db.transaction(S1) as tx:
            [outcome] = await placing.accept(tx, S1, [order], outlook=outlook)
        assert isinstance(outcome, Receipt)
        return outcome

    bought = await asyncio.gather(*(buy(n) for n in range(8)))

    by_slot: dict[int, int] = {}
    for receipt in bought:
        hour = int((receipt.offer.latest - timedelta.resolution).timestamp() // 3600)
        by_slot[hour] = by_slot.get(hour, 0) + 1
    assert sorted(by_slot.values()) == [2, 2, 2, 2]
    assert max(by_slot) - min(by_slot) == 3
