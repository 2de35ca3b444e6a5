"""From a click in the web shop to a bag in the customer's hand, over HTTP."""

from tests.conftest import NOON
from tests.journeys.day import JAM, MINUTE, OAT, PLACE, RYE, Day, at


async def test_an_order_is_taken_picked_told_and_collected(day: Day) -> None:
    placed = await day.placed()

    assert placed["state"] == "accepted"
    assert at(placed["promise"]["latest"]) > NOON
    assert placed["promise"]["basis"] == "fixed"
    assert placed["status_url"].startswith("https://pickup.example/o/S1.")
    assert [line["quantity"] for line in placed["lines"]] == [2, 1]
    assert await day.stock(OAT) == (200, 2, 0)
    [received] = day.read()
    assert received.startswith("Not ready yet")

    await day.wait(3 * MINUTE)
    path, fence = await day.handheld.pick(placed["number"], OAT)
    seen = await day.look(placed["order_id"])

    assert seen["state"] == "picking"
    assert seen["lines"][0]["units"] == {"reserved": 1, "picked": 1}
    assert seen["pickup_code"] is None

    for sku in (OAT, RYE):
        await day.handheld.say(
            f"{path}/scans", fence=fence, code={OAT: "4006381333931", RYE: "96385074"}[sku]
        )
    await day.handheld.stage(path, fence)
    await day.settle()
    ready = await day.look(placed["order_id"])

    assert ready["state"] == "ready_for_pickup"
    assert ready["promise"]["status"] == "met"
    assert ready["pickup_code"] is not None
    [subject] = day.read()
    assert subject.startswith("Your order is ready to collect")
    assert ready["pickup_code"] in day.letters[-1].words.text

    bag = await day.handheld.get(f"counter/{ready['pickup_code'].lower()}")

    assert bag["next_state"] == "counter"
    assert bag["data"]["first_name"] == "Ada"
    assert bag["data"]["places"] == [{"code": PLACE, "label": "Shelf A 12"}]

    await day.handheld.say(f"counter/{ready['pickup_code']}/hand-over")
    await day.settle()
    done = await day.look(placed["order_id"])

    assert done["state"] == "picked_up"
    assert done["pickup_code"] is None
    assert done["next_update_due_at"] is None
    assert await day.stock(OAT) == (198, 0, 0)
    assert await day.facts() == [
        "order.accepted",
        "order.picking",
        "order.ready",
        "order.collected",
    ]
    assert len(day.read()) == 1


async def test_a_short_item_is_asked_about_and_the_rest_is_handed_over(day: Day) -> None:
    placed = await day.placed()
    path, fence = await day.handheld.pick(placed["number"], OAT, OAT)
    await day.handheld.short(path, fence, line=2)
    await day.wait(4 * MINUTE)
    told = day.read()
    await day.handheld.stage(path, fence)
    await day.settle()

    ready = await day.look(placed["order_id"])
    assert told[1] == "Please choose: we do not have Rye number 1"
    assert ready["state"] == "ready_for_pickup"
    assert ready["lines"][1]["units"] == {"short": 1}
    assert "without one item" in day.read()[0]
    assert (await day.stock(RYE))[1] == 0


async def test_a_short_item_that_turns_up_is_never_mentioned(day: Day) -> None:
    placed = await day.placed()
    path, fence = await day.handheld.pick(placed["number"], OAT, OAT)
    await day.handheld.short(path, fence, line=2)
    await day.settle()
    await day.handheld.say(f"{path}/scans", fence=fence, kind="undo")
    await day.handheld.say(f"{path}/scans", fence=fence, code="96385074")
    await day.handheld.stage(path, fence)
    await day.wait(10 * MINUTE)

    assert [subject.partition(":")[0] for subject in day.read()] == [
        "Not ready yet",
        "Your order is ready to collect at Lakeview 0",
    ]


async def test_an_order_of_which_nothing_is_found_ends_when_its_shopper_says_nothing(
    day: Day,
) -> None:
    placed = await day.placed(lines=[{"sku": JAM, "quantity": 1}])
    path, fence = await day.handheld.claim(placed["number"])
    await day.handheld.short(path, fence, line=1)
    await day.wait(70 * MINUTE, step=5 * MINUTE)

    ended = await day.look(placed["order_id"])
    assert ended["state"] == "cancelled"
    assert ended["close_reason"] == "not_found"
    assert day.read()[-1] == "Your order is cancelled: the store cannot prepare it"
    assert (await day.stock(JAM))[1] == 0
