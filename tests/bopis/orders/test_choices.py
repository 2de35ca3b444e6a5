"""Before anything is taken off an order its shopper is asked, and what was said happens."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from bopis.kernel.ids import OrderId, inward
from bopis.orders import orders
from bopis.orders.choices import choices
from bopis.orders.choices.choice import ANSWER_WITHIN, COUNT_WITHIN, Via
from bopis.orders.choices.choices import Taken
from bopis.orders.states import Attention
from bopis.orders.watching import watchdog
from bopis.trust import verify
from inventory import stock
from notifications.facts import Choice
from tests.journeys.day import JAM, MINUTE, OAT, RYE, S1, Day, a_handheld, at, wanted

PLEASE = "Please choose: we do not have Rye number 1"
ASK = 4 * MINUTE


@pytest.fixture
async def day(shop: Day) -> Day:
    shop.handheld = await a_handheld(shop.db, shop.client, shop.clock)
    return shop


async def short(day: Day, reference: str = "W-1", **lines: int) -> tuple[dict[str, Any], str, int]:
    """Place an order of oat and rye, find the oat, and give the rye up."""
    placed = await day.placed(reference, lines=wanted(**(lines or {"oat": 1, "rye": 1})))
    path, fence = await day.handheld.pick(placed["number"], OAT)
    await day.handheld.short(path, fence, line=2)
    return placed, path, fence


def order_of(placed: dict[str, Any]) -> OrderId:
    return OrderId(inward(placed["order_id"])[1])


async def case_of(day: Day) -> dict[str, Any]:
    [case] = await day.rows("SELECT * FROM choice_cases WHERE store_id = $1", S1)
    return case


async def says(day: Day, placed: dict[str, Any], choice: Choice, number: int = 1) -> Taken:
    async with day.db.transaction(S1, actor="shopper") as tx:
        taken = await choices.answer(tx, S1, order_of(placed), number, choice, via=Via.PAGE)
    await day.settle()
    return taken


async def units(day: Day, placed: dict[str, Any]) -> list[dict[str, int]]:
    return [line["units"] for line in (await day.look(placed["order_id"]))["lines"]]


async def count(day: Day, sku: Any, n: int) -> None:
    async with day.db.transaction(S1) as tx:
        await stock.count(tx, S1, sku, n, cause=None, source="count")


async def is_sound(day: Day) -> None:
    assert [one.invariant.id for one in await verify.verify(day.db) if one.count] == []


async def test_what_is_short_is_asked_about_and_the_rest_is_not_held_up(day: Day) -> None:
    placed, path, fence = await short(day)
    await day.handheld.stage(path, fence)
    await day.wait(ASK)

    ready = await day.look(placed["order_id"])
    assert [subject.partition(":")[0] for subject in day.read()][1:] == [
        "Your order is ready to collect at Lakeview 0, without one item",
        "Please choose",
    ]
    assert ready["state"] == "ready_for_pickup"
    assert ready["attention"] == "awaiting_shopper_choice"
    assert [line["units"] for line in ready["lines"]] == [{"staged": 1}, {"short": 1}]
    case = await case_of(day)
    assert case["options"] == ["wait", "partial_now", "other_store", "cancel_order"]
    assert case["default_choice"] == "partial_now"
    assert [place["name"] for place in case["elsewhere"]] == ["Lakeview 1"]
    assert case["elsewhere"][0]["km"] > 100
    text = " ".join(day.letters[-1].words.text.split())
    assert "you need not answer to collect it" in text
    assert "Lakeview 1" in text


async def test_no_answer_takes_it_off_at_the_time_that_was_said_and_not_before(day: Day) -> None:
    placed, path, fence = await short(day)
    await day.handheld.stage(path, fence)
    await day.wait(ASK)
    case = await case_of(day)
    assert ANSWER_WITHIN <= case["answer_by"] - case["offered_at"] < ANSWER_WITHIN + 5 * MINUTE
    day.read()

    await day.wait(case["answer_by"] - day.clock() - timedelta(seconds=1), step=20 * MINUTE)
    assert (await units(day, placed))[1] == {"short": 1}
    await day.wait(MINUTE)

    after = await day.look(placed["order_id"])
    assert after["state"] == "ready_for_pickup"
    assert after["attention"] == "none"
    assert after["lines"][1]["units"] == {"cancelled": 1}
    assert day.read() == ["Your order goes on without Rye number 1"]
    assert (await case_of(day))["state"] == "defaulted"
    assert await says(day, placed, Choice.CANCEL_ORDER) is Taken.OVER
    assert (await day.look(placed["order_id"]))["state"] == "ready_for_pickup"
    await is_sound(day)


async def test_the_rest_may_be_chosen_while_it_is_picked_and_once_is_enough(day: Day) -> None:
    placed, path, fence = await short(day)
    assert await says(day, placed, Choice.PARTIAL_NOW) is Taken.NOT_OFFERED
    await day.wait(ASK)
    day.read()

    first, second = await asyncio.gather(
        says(day, placed, Choice.PARTIAL_NOW), says(day, placed, Choice.PARTIAL_NOW)
    )

    assert {first, second} == {Taken.TAKEN, Taken.AGAIN}
    assert await units(day, placed) == [{"picked": 1}, {"cancelled": 1}]
    assert await says(day, placed, Choice.WAIT) is Taken.OVER
    assert await says(day, placed, Choice.WAIT, number=2) is Taken.NOT_OFFERED
    assert day.read() == ["Your order goes on without Rye number 1"]
    await day.handheld.stage(path, fence)
    await day.settle()
    assert (await day.look(placed["order_id"]))["state"] == "ready_for_pickup"
    await is_sound(day)


async def test_two_who_choose_otherwise_at_once_are_heard_once(day: Day) -> None:
    placed, *_ = await short(day)
    await day.wait(ASK)

    taken = await asyncio.gather(
        says(day, placed, Choice.PARTIAL_NOW), says(day, placed, Choice.CANCEL_ORDER)
    )

    assert sorted(taken) == [Taken.OVER, Taken.TAKEN]
    kept = taken[0] is Taken.TAKEN
    seen = await day.look(placed["order_id"])
    assert seen["state"] == ("picking" if kept else "cancelled")
    assert len(await day.rows("SELECT FROM events WHERE name = 'order.choice_answered'")) == 1


async def test_the_whole_order_may_be_cancelled(day: Day) -> None:
    placed, *_ = await short(day)
    await day.wait(ASK)
    day.read()

    assert await says(day, placed, Choice.CANCEL_ORDER) is Taken.TAKEN

    seen = await day.look(placed["order_id"])
    assert (seen["state"], seen["close_reason"]) == ("cancelled", "not_found")
    assert (await day.stock(OAT))[1:] == (0, 1)  # the oat waits to be put back
    assert day.read() == ["Your order is cancelled: the store cannot prepare it"]
    assert (await case_of(day))["outcome"] == "cancelled"
    assert await says(day, placed, Choice.CANCEL_ORDER) is Taken.AGAIN
    assert await says(day, placed, Choice.WAIT) is Taken.OVER
    await is_sound(day)


async def test_an_order_of_which_nothing_is_left_waits_for_its_shopper_and_then_ends(
    day: Day,
) -> None:
    placed = await day.placed(lines=wanted(jam=1))
    path, fence = await day.handheld.claim(placed["number"])
    await day.handheld.short(path, fence, line=1)
    await day.wait(ASK)

    seen = await day.look(placed["order_id"])
    case = await case_of(day)
    assert seen["state"] == "picking"
    assert case["options"] == ["wait", "other_store", "cancel_order"]
    assert case["default_choice"] == "cancel_order"
    assert at(seen["next_update_due_at"]) > case["answer_by"]
    await day.wait(75 * MINUTE, step=3 * MINUTE)

    seen = await day.look(placed["order_id"])
    assert (seen["state"], seen["close_reason"]) == ("cancelled", "not_found")
    assert [subject.partition(":")[0] for subject in day.read()] == [
        "Not ready yet",
        "Please choose",
        "Your order is cancelled",
    ]
    await is_sound(day)


async def test_what_a_count_finds_is_fetched_and_told_at_once(day: Day) -> None:
    placed, path, fence = await short(day)
    await day.wait(ASK)
    day.read()
    await count(day, RYE, 5)
    await day.wait(MINUTE)

    seen = await day.look(placed["order_id"])
    assert day.read() == ["Found after all: Rye number 1"]
    assert seen["attention"] == "none"
    assert seen["lines"][1]["units"] == {"reserved": 1}
    assert await day.stock(RYE) == (5, 1, 0)
    assert (await case_of(day))["state"] == "withdrawn"
    await day.handheld.say(f"{path}/scans", fence=fence, code="96385074")
    await day.handheld.stage(path, fence)
    await day.settle()
    assert (await day.look(placed["order_id"]))["state"] == "ready_for_pickup"
    assert day.read() == ["Your order is ready to collect at Lakeview 0"]
    await is_sound(day)


async def test_an_order_that_had_nothing_left_is_walked_for_again(day: Day) -> None:
    placed = await day.placed(lines=wanted(jam=2))
    path, fence = await day.handheld.claim(placed["number"])
    await day.handheld.short(path, fence, line=1)
    await day.wait(ASK)
    await count(day, JAM, 2)
    await day.wait(MINUTE)

    path, fence = await day.handheld.pick(placed["number"], JAM, JAM)
    await day.handheld.stage(path, fence)
    await day.settle()

    assert (await day.look(placed["order_id"]))["state"] == "ready_for_pickup"
    await is_sound(day)


async def test_who_waits_with_a_ready_bag_gets_all_of_it_or_the_rest_at_the_named_time(
    day: Day,
) -> None:
    placed, path, fence = await short(day)
    await day.handheld.stage(path, fence)
    await day.wait(ASK)
    await count(day, RYE, 1)
    await day.wait(MINUTE)
    assert (await units(day, placed))[1] == {"short": 1}  # nobody's bag is taken down unasked

    assert await says(day, placed, Choice.WAIT) is Taken.TAKEN
    await day.wait(MINUTE)

    again = await day.look(placed["order_id"])
    assert again["state"] == "partially_ready"
    assert again["pickup_code"] is None
    assert again["promise"]["status"] == "met"
    page = await day.client.get(placed["status_url"])
    assert "Found after all." in page.text
    path, fence = await day.handheld.pick(placed["number"], RYE)
    await day.handheld.stage(path, fence)
    await day.settle()
    done = await day.look(placed["order_id"])
    assert done["state"] == "ready_for_pickup"
    assert [line["units"] for line in done["lines"]] == [{"staged": 1}, {"staged": 1}]
    staged = await day.rows("SELECT sku, sum(staged)::int AS n FROM stock_ledger GROUP BY sku")
    assert {row["sku"]: row["n"] for row in staged if row["n"]} == {OAT: 1, RYE: 1}
    await is_sound(day)


async def test_who_waits_in_vain_is_told_so(day: Day) -> None:
    placed, path, fence = await short(day)
    await day.handheld.stage(path, fence)
    await day.wait(ASK)
    asked = (await case_of(day))["offered_at"]
    assert await says(day, placed, Choice.WAIT) is Taken.TAKEN
    assert await says(day, placed, Choice.WAIT) is Taken.AGAIN
    case = await case_of(day)
    assert case["answer_by"] - asked >= COUNT_WITHIN
    day.read()

    await day.wait(case["answer_by"] - day.clock() + MINUTE, step=30 * MINUTE)

    assert (await units(day, placed))[1] == {"cancelled": 1}
    assert day.read() == ["Your order goes on without Rye number 1"]
    assert "You chose to wait" in day.letters[-1].words.text
    await is_sound(day)


async def test_whoever_comes_before_answering_has_answered(day: Day) -> None:
    placed, path, fence = await short(day)
    await day.handheld.stage(path, fence)
    await day.wait(ASK)
    code = (await day.look(placed["order_id"]))["pickup_code"]

    await day.handheld.say(f"counter/{code}/hand-over")
    await day.settle()

    case = await case_of(day)
    assert (case["state"], case["answer"], case["via"]) == ("answered", "partial_now", "counter")
    assert await says(day, placed, Choice.WAIT) is Taken.OVER
    assert (await day.look(placed["order_id"]))["state"] == "picked_up"
    await is_sound(day)


async def test_an_order_that_its_shopper_cancels_asks_nothing_more(day: Day) -> None:
    placed, *_ = await short(day)
    assert (await day.cancel(placed["order_id"])).status_code == 200
    await day.wait(ASK)

    case = await case_of(day)
    assert (case["state"], case["outcome"]) == ("withdrawn", "cancelled")
    assert PLEASE not in day.read()
    await is_sound(day)


async def test_what_is_damaged_is_not_counted_again_so_waiting_is_no_choice(day: Day) -> None:
    placed = await day.placed(lines=wanted(oat=1, rye=1))
    path, fence = await day.handheld.pick(placed["number"], OAT)
    await day.handheld.short(path, fence, line=2, reason="damaged")
    await day.wait(ASK)

    assert (await case_of(day))["options"] == ["partial_now", "other_store", "cancel_order"]
    assert await says(day, placed, Choice.WAIT) is Taken.NOT_OFFERED
    assert (await case_of(day))["answer"] is None


async def test_a_second_item_that_is_short_is_asked_about_with_the_first(day: Day) -> None:
    placed = await day.placed(lines=wanted(oat=1, rye=1, jam=1))
    path, fence = await day.handheld.pick(placed["number"], OAT)
    await day.handheld.short(path, fence, line=2)
    await day.wait(ASK)
    await day.handheld.short(path, fence, line=3)
    assert await says(day, placed, Choice.PARTIAL_NOW) is Taken.NOT_OFFERED
    await day.wait(ASK)

    assert day.read()[1:] == [PLEASE, "Please choose: we do not have 2 items"]
    assert await says(day, placed, Choice.PARTIAL_NOW) is Taken.TAKEN
    assert await units(day, placed) == [{"picked": 1}, {"cancelled": 1}, {"cancelled": 1}]
    await is_sound(day)


async def doubted(day: Day) -> dict[str, Any]:
    """Let the store's own list say that none of the rye of an order is there."""
    placed = await day.placed(lines=wanted(oat=1, rye=1))
    await count(day, RYE, 0)
    await day.settle()
    await day.wait(ASK)
    return placed


async def test_by_the_numbers_alone_nothing_is_taken_off(day: Day) -> None:
    placed = await doubted(day)
    case = await case_of(day)

    assert (case["cause"], case["default_choice"]) == ("doubted", "wait")
    assert day.read()[-1] == "Please choose: we may not have Rye number 1"
    await day.wait(70 * MINUTE, step=10 * MINUTE)

    assert (await units(day, placed))[1] == {"reserved": 1}
    assert (await case_of(day))["outcome"] == "looking"
    assert len(await day.rows("SELECT FROM choice_cases")) == 1


async def test_a_doubt_that_ends_is_told_and_one_that_comes_true_asks_or_follows_a_yes(
    day: Day,
) -> None:
    placed = await doubted(day)
    assert await says(day, placed, Choice.PARTIAL_NOW) is Taken.TAKEN
    async with day.db.transaction(S1) as tx:
        attention = (await orders.get(tx, S1, order_of(placed))).attention
    assert attention is Attention.NONE
    day.read()

    path, fence = await day.handheld.pick(placed["number"], OAT)
    await day.handheld.short(path, fence, line=2)
    await day.wait(ASK)

    assert await units(day, placed) == [{"picked": 1}, {"cancelled": 1}]
    assert PLEASE not in day.read()
    states = await day.rows("SELECT number, state, outcome FROM choice_cases ORDER BY number")
    assert [tuple(row.values()) for row in states] == [
        (1, "answered", "looking"),
        (2, "answered", "without"),
    ]
    await is_sound(day)


async def test_a_doubt_that_a_delivery_ends_is_told(day: Day) -> None:
    await doubted(day)
    day.read()

    await count(day, RYE, 9)
    await day.wait(MINUTE)

    assert "There is enough after all: Rye number 1" in day.read()
    assert (await case_of(day))["state"] == "withdrawn"


async def test_a_question_asked_late_is_answered_in_open_hours(day: Day) -> None:
    day.clock.advance(8 * 60 * MINUTE + 40 * MINUTE)  # 8:40 PM, open until nine
    await short(day)
    await day.wait(ASK)
    await watchdog.sweep(day.db)

    case = await case_of(day)
    assert case["answer_by"].isoformat() == "2026-03-07T15:45:00+00:00"  # 9:45 AM
