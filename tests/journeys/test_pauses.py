"""A store that is paused says so at its door, and to everybody it has promised something."""

from datetime import datetime, timedelta

from bopis.promises import slots
from inventory.opening import pauses
from inventory.opening.hours_models import StoreSlot
from inventory.opening.pause import PauseReason
from tests.journeys.day import MINUTE, OAT, RYE, S1, S2, Day, at

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
    known = day.db.memory.last(("calendar", S1))

    async def still() -> object:
        return known

    async with day.db.transaction(S1, actor="ops:desk") as tx:
        reopens = tx.now + 3 * HOUR
        await pauses.pause(tx, S1, until=reopens, reason=PauseReason.WATER, takes_orders=False)
    await day.db.memory.lately(("calendar", S1), 60, still)  # as in a process that has not heard
    await day.settle()
    await day.wait(MINUTE)

    assert day.clock() < promised
    [subject] = day.read()
    assert subject.startswith("Your order will be late: now by")
    assert at((await day.look(placed["order_id"]))["promise"]["latest"]) > reopens


async def test_the_news_of_a_pause_names_what_can_be_chosen_and_comes_once(day: Day) -> None:
    placed = await day.placed()
    day.read()
    await paused(day, 3 * HOUR)
    await day.wait(2 * MINUTE)

    [subject] = day.read()
    assert subject.startswith("Your order will be late: now by")
    [case] = await day.rows("SELECT cause, state, options, elsewhere FROM choice_cases")
    assert (case["cause"], case["state"]) == ("closed", "offered")
    assert case["options"] == ["wait", "other_store", "cancel_order"]
    assert "Collect it at Lakeview 1" in " ".join(day.letters[-1].words.text.split())
    page = await day.client.get(placed["status_url"])
    assert "Collect it at Lakeview 1" in page.text


async def test_where_nobody_knows_the_end_they_may_choose_without_a_time(day: Day) -> None:
    placed = await day.placed()
    promised = at(placed["promise"]["latest"])
    day.read()
    async with day.db.transaction(S1, actor="ops:desk") as tx:
        await pauses.pause(tx, S1, until=None, reason=PauseReason.POWER, takes_orders=False)
    await day.settle()
    await day.wait(2 * MINUTE)

    assert day.read() == ["Your order will be late, and we do not know yet by how much"]
    [case] = await day.rows("SELECT cause, state, options, call_by FROM choice_cases")
    assert (case["cause"], case["state"], case["call_by"]) == ("closed", "offered", None)
    assert case["options"] == ["wait", "other_store", "cancel_order"]
    assert await day.rows("SELECT 1 FROM incidents WHERE call_by IS NOT NULL") == []
    seen = await day.look(placed["order_id"])
    news = at(seen["next_update_due_at"])
    assert at(seen["promise"]["latest"]) == promised
    assert timedelta(0) < news - day.clock() <= 30 * MINUTE
    text = " ".join(day.letters[-1].words.text.split())
    assert "We do not have a new time yet, and will not guess one." in text
    assert "You need not do anything: we keep your order" in text
    assert " by May " not in text
    page = (await day.client.get(placed["status_url"])).text
    assert "Nobody knows yet when the store can work on it" in page
    assert "until further notice" in page

    await day.wait(40 * MINUTE, step=10 * MINUTE)
    assert day.read() == ["We do not know yet when your order will be ready"]
    later = at((await day.look(placed["order_id"]))["next_update_due_at"])
    assert later - day.clock() > 3 * HOUR

    async with day.db.transaction(S1, actor="ops:desk") as tx:
        await pauses.resume(tx, S1)
    await day.settle()
    await day.wait(2 * MINUTE)
    [subject] = day.read()
    assert subject.startswith("Your order is late: now by")
    cases = await day.rows("SELECT state, outcome, answer_by FROM choice_cases ORDER BY number")
    moved = at((await day.look(placed["order_id"]))["promise"]["latest"])
    assert [(one["state"], one["outcome"]) for one in cases] == [
        ("withdrawn", "kept"),
        ("offered", None),
    ]
    assert cases[1]["answer_by"] == moved > day.clock()


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


async def test_a_hold_does_not_end_behind_shut_doors(day: Day) -> None:
    placed = await day.placed()
    path, fence = await day.handheld.pick(placed["number"], OAT, OAT, RYE)
    await day.handheld.stage(path, fence)
    await day.settle()
    hold = at((await day.look(placed["order_id"]))["hold_until"])
    await day.wait(hold - 10 * HOUR - day.clock(), step=12 * HOUR)
    day.read()

    await paused(day, 20 * HOUR)

    kept = at((await day.look(placed["order_id"]))["hold_until"])
    assert kept == hold + 24 * HOUR
    assert len(day.read()) == 1
    await day.wait(hold + MINUTE - day.clock(), step=5 * HOUR)
    assert (await day.look(placed["order_id"]))["state"] == "ready_for_pickup"


async def test_a_store_that_goes_on_takes_orders_at_once(day: Day) -> None:
    await day.placed()
    await paused(day, 3 * HOUR)
    assert (await day.order("W-2")).status_code == 409

    async with day.db.transaction(S1, actor="ops:desk") as tx:
        await pauses.resume(tx, S1)
    await day.settle()

    taken = await day.placed("W-2")
    assert at(taken["promise"]["latest"]) <= day.clock() + HOUR


async def test_a_slot_is_taken_until_the_order_is_ready_or_gone(day: Day) -> None:
    async with day.db.transaction() as tx:
        await tx.add(
            StoreSlot(store_id=S1, weekday=4, opens="09:00", closes="21:00", minutes=60, capacity=2)
        )
    one, two = await day.placed("W-1"), await day.placed("W-2")
    since = day.clock()

    async def taken() -> dict[datetime, int]:
        async with day.db.transaction(S1) as tx:
            found = await slots.of(tx, S1, since, since + 4 * HOUR)
        assert {slot.capacity for slot in found} == {2}
        return {slot.begins: slot.taken for slot in found if slot.taken}

    promised = at(one["promise"]["latest"]) - timedelta(microseconds=1)
    hour = promised.replace(minute=0, second=0, microsecond=0)
    assert await taken() == {hour: 2}
    await day.cancel(two["order_id"])
    assert await taken() == {hour: 1}
    async with day.db.transaction(S2) as tx:
        assert await slots.of(tx, S2, since, since + HOUR) == ()
