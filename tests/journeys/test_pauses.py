"""A store that is paused says so at its door, and to everybody it has promised something."""

from datetime import timedelta

from inventory import pauses
from inventory.pause import PauseReason
from tests.journeys.day import MINUTE, OAT, S1, Day, at

HOUR = 60 * MINUTE


async def paused(day: Day, by: timedelta, **more: object) -> None:
    said = {"reason": PauseReason.WATER, "takes_orders": False, **more}
    async with day.db.transaction(S1, actor="ops:desk") as tx:
        await pauses.pause(tx, S1, until=tx.now + by, **said)  # type: ignore[arg-type]
    await day.settle()


async def test_a_promise_into_a_pause_is_taken_back_before_it_breaks(day: Day) -> None:
    placed = await day.placed()
    promised = at(placed["promise"]["latest"])
    day.read()

    await paused(day, 3 * HOUR)
    reopens = day.clock() + 3 * HOUR
    await day.wait(MINUTE)

    assert day.clock() < promised
    [subject] = day.read()
    assert subject.startswith("Your order will be late: now by")
    assert at((await day.look(placed["order_id"]))["promise"]["latest"]) > reopens


async def test_no_order_is_taken_while_none_can_be_kept(day: Day) -> None:
    await day.placed()
    await paused(day, 3 * HOUR)

    refused = await day.order("W-2")

    assert refused.status_code == 409
    assert refused.json()["detail"] == (
        "The store takes no new orders until 3\xa0PM because of a water leak."
    )
    assert refused.json()["reason"] == "water"
    assert await day.rows("SELECT FROM orders WHERE reference = 'W-2'") == []
    assert (await day.stock(OAT))[1] == 2


async def test_an_order_into_a_pause_is_promised_for_after_it(day: Day) -> None:
    before = await day.placed()
    await paused(day, 3 * HOUR, takes_orders=True)
    reopens = day.clock() + 3 * HOUR

    during = await day.placed("W-2")

    assert at(before["promise"]["latest"]) < reopens < at(during["promise"]["latest"])
