"""How an order ends other than well: cancelled, never collected, or not ready after all."""

from datetime import timedelta

from bopis.orders.states import OrderState
from tests.journeys.day import GTINS, MINUTE, OAT, PLACE, RYE, Day, at


async def ready(day: Day) -> dict[str, object]:
    placed = await day.placed()
    path, fence = await day.handheld.pick(placed["number"], OAT, OAT, RYE)
    await day.handheld.stage(path, fence)
    await day.settle()
    day.read()
    return await day.look(placed["order_id"])


async def test_cancelling_frees_the_stock_at_once_and_is_said_once(day: Day) -> None:
    placed = await day.placed()

    first = await day.cancel(placed["order_id"])
    again = await day.cancel(placed["order_id"])
    await day.settle()

    assert (first.status_code, first.json()["state"]) == (200, "cancelled")
    assert again.json() == first.json()
    assert await day.stock(OAT) == (200, 0, 0)
    assert day.read()[1:] == ["Your order is cancelled, as you asked"]
    assert (await day.handheld.get("tasks"))["data"]["tasks"] == []


async def test_what_was_picked_is_for_sale_again_when_it_is_back_on_its_shelf(day: Day) -> None:
    placed = await day.placed()
    await day.handheld.pick(placed["number"], OAT)
    await day.cancel(placed["order_id"], reason="payment_failed")
    await day.settle()

    assert await day.stock(OAT) == (200, 0, 1)
    assert day.read()[1:] == ["Your order is cancelled: the online shop asked us to"]
    [duty] = (await day.handheld.get("tasks"))["data"]["put_backs"]
    assert duty["quantity"] == 1

    await day.handheld.say(f"put-backs/{duty['duty_id']}/done", code=GTINS[OAT])

    assert await day.stock(OAT) == (200, 0, 0)


async def test_a_collected_order_cannot_be_cancelled(day: Day) -> None:
    order = await ready(day)
    await day.handheld.say(f"counter/{order['pickup_code']}/hand-over")

    refused = await day.cancel(str(order["order_id"]))

    assert refused.status_code == 409
    assert refused.json()["type"] == "urn:bopis:problem:order-closed"
    assert await day.stock(OAT) == (198, 0, 0)


async def test_nobody_comes_is_reminded_and_then_put_back(day: Day) -> None:
    order = await ready(day)
    hold = at(str(order["hold_until"]))
    await day.wait(hold - day.clock() - timedelta(hours=25), step=timedelta(hours=1))
    before = day.read()
    await day.wait(timedelta(hours=2), step=10 * MINUTE)
    reminded = day.read()
    await day.wait(hold - day.clock() + MINUTE, step=30 * MINUTE)

    assert before == []
    assert len(reminded) == 1
    assert "held until" in reminded[0] or "waiting" in reminded[0]
    seen = await day.look(str(order["order_id"]))
    assert seen["state"] == OrderState.EXPIRED
    assert len(day.read()) == 1
    assert await day.stock(OAT) == (200, 0, 2)
    duties = (await day.handheld.get("tasks"))["data"]["put_backs"]
    assert sorted(duty["quantity"] for duty in duties) == [1, 2]


async def test_a_reminder_that_leaves_a_minute_early_leaves_once(day: Day) -> None:
    order = await ready(day)
    remind_at = at(str(order["hold_until"])) - timedelta(hours=24)
    await day.wait(remind_at - MINUTE - day.clock(), step=timedelta(hours=24))
    await day.wait(5 * MINUTE, step=MINUTE)

    said = await day.rows("SELECT FROM events WHERE name = 'order.hold_ending'")
    assert len(said) == 1
    seen = await day.look(str(order["order_id"]))
    assert seen["next_update_due_at"] == order["hold_until"]


async def test_a_wrong_ready_is_taken_back_and_counts(day: Day) -> None:
    order = await ready(day)
    await day.wait(5 * MINUTE)
    await day.handheld.say(f"counter/{order['pickup_code']}/retract", missing={RYE: 1})
    await day.settle()

    seen = await day.look(str(order["order_id"]))
    assert seen["state"] == "picking"
    assert seen["pickup_code"] is None
    assert [line["units"] for line in seen["lines"]] == [{"picked": 2}, {"reserved": 1}]
    assert day.read() == ["Please do not come yet: your order is not ready after all"]
    [correction] = await day.rows("SELECT * FROM messages WHERE corrects IS NOT NULL")
    assert correction["kind"] == "ready_withdrawn"

    path, fence = await day.handheld.pick(str(order["number"]), RYE)
    await day.handheld.stage(path, fence)
    await day.settle()

    again = await day.look(str(order["order_id"]))
    assert again["state"] == "ready_for_pickup"
    assert len(day.read()) == 1
    assert await day.stock(OAT) == (200, 2, 0)


async def test_a_ready_that_nobody_heard_of_needs_no_correction(day: Day) -> None:
    placed = await day.placed()
    path, fence = await day.handheld.pick(placed["number"], OAT, OAT, RYE)
    await day.handheld.stage(path, fence)
    order = await day.look(placed["order_id"])
    await day.handheld.say(f"counter/{order['pickup_code']}/retract", missing={})
    await day.settle()

    assert [subject.partition(":")[0] for subject in day.read()] == ["Not ready yet"]
    seen = await day.look(placed["order_id"])
    assert [line["units"] for line in seen["lines"]] == [{"reserved": 2}, {"reserved": 1}]


async def test_a_code_that_opens_nothing_is_an_answer_until_it_is_a_guess(day: Day) -> None:
    order = await ready(day)
    for guess in range(10):
        right = await day.handheld.get(f"counter/{order['pickup_code']}")
        wrong = await day.handheld.get(f"counter/ZZZZ-ZZZ{guess}")
        assert wrong["message"]["kind"] == "wrong"
    locked = await day.client.get(
        f"/v1/handheld/counter/{order['pickup_code']}", headers=day.handheld.headers
    )

    assert right["data"]["places"][0]["code"] == PLACE
    assert locked.status_code == 429
    assert locked.headers["Retry-After"] == "600"


async def test_a_hand_over_said_twice_happens_once(day: Day) -> None:
    order = await ready(day)
    seq = day.handheld.seq + 1
    entry = {"scan_id": "00000000-0000-4000-8000-000000000001", "device_seq": seq}
    path = f"counter/{order['pickup_code']}/hand-over"

    first = await day.handheld.say(path, **entry)
    again = await day.handheld.say(path, **entry)

    assert first["receipt"] == again["receipt"]
    assert first["receipt"]["outcome"] == "applied"
    assert await day.stock(OAT) == (198, 0, 0)
