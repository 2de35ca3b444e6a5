"""An order is late: what may be chosen, and what each choice does."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bopis.kernel.ids import OrderId, inward
from bopis.orders import orders, our_word
from bopis.orders.choices import choices
from bopis.orders.choices.choice import ASKED_AFTER, Via, ask_at, offer_late
from bopis.orders.choices.choices import Taken
from bopis.orders.moving import moving
from bopis.promises.warning import LAST_CALL, LEAST_LEAD
from bopis.trust.verify import verify
from notifications.facts import Choice, DelayReason
from tests.inventory.shelves import unexplained
from tests.journeys.day import MINUTE, OAT, RYE, S1, S2, Day, a_handheld, at, wanted


@pytest.fixture
async def day(shop: Day) -> Day:
    shop.handheld = await a_handheld(shop.db, shop.client, shop.clock)
    return shop


def order_of(placed: dict[str, Any]) -> OrderId:
    return OrderId(inward(placed["order_id"])[1])


async def late(day: Day, placed: dict[str, Any], by: timedelta = 60 * MINUTE) -> Any:
    """Move a promise, as the watchdog does, and open the case of it."""
    id_ = order_of(placed)
    elsewhere = await moving.elsewhere(day.db, S1, id_)
    async with day.db.transaction(S1) as tx:
        order = await orders.get(tx, S1, id_)
        order = await our_word.update_estimate(
            tx, S1, id_, order.promised_at + by, reason=DelayReason.QUEUE, p_late=0.9
        )
        case = await choices.delayed(
            tx, S1, id_, promised_at=order.promised_at, elsewhere=elsewhere
        )
    await day.settle()
    return case


async def says(day: Day, placed: dict[str, Any], choice: Choice, number: int) -> Taken:
    target = S2 if choice is Choice.OTHER_STORE else None
    async with day.db.transaction(S1, actor="shopper") as tx:
        taken = await choices.answer(
            tx, S1, order_of(placed), number, choice, via=Via.PAGE, target=target
        )
    await moving.carry_on(day.db, S1, order_of(placed), actor="shopper")
    await day.settle()
    return taken


async def is_sound(day: Day) -> None:
    assert {one.invariant.id: one.examples for one in await verify(day.db) if one.count} == {}
    assert await unexplained(day.db) == []


@given(part=st.booleans(), elsewhere=st.booleans(), delays=st.integers(1, 4))
def test_what_can_be_chosen_is_real_and_silence_costs_nothing(
    *, part: bool, elsewhere: bool, delays: int
) -> None:
    by = at("2026-03-06T18:00:00Z")
    made = offer_late(part=part, elsewhere=elsewhere, delays=delays, answer_by=by)

    assert made.options[0] is Choice.WAIT
    assert made.options[-1] is Choice.CANCEL_ORDER
    assert (Choice.PARTIAL_NOW in made.options) == part
    assert (Choice.OTHER_STORE in made.options) == elsewhere
    assert made.default in made.options
    assert made.default in {Choice.WAIT, Choice.PARTIAL_NOW}
    assert (made.default is Choice.PARTIAL_NOW) == (part and delays > 1)
    assert made.answer_by == by


@given(left=st.floats(-60, 600))
def test_a_question_that_can_still_be_a_warning_leaves_in_time_to_be_one(left: float) -> None:
    now = at("2026-03-06T18:00:00Z")
    promised = now + left * MINUTE

    ask = ask_at(promised, now)

    assert now <= ask <= now + ASKED_AFTER
    if promised > now:
        assert ask <= promised
    if promised - now > LEAST_LEAD:
        assert ask == now or ask <= promised - LEAST_LEAD - LAST_CALL


async def test_a_late_order_moves_as_a_whole_and_what_was_picked_is_put_back(day: Day) -> None:
    placed = await day.placed(lines=wanted(oat=2, rye=1))
    await day.handheld.pick(placed["number"], OAT)
    case = await late(day, placed)
    assert case.options == ["wait", "partial_now", "other_store", "cancel_order"]
    [there] = case.elsewhere
    assert (there["store_id"], there["odds"]) == (S2, "")
    assert at(there["ready_by"]) > day.clock()

    assert await says(day, placed, Choice.OTHER_STORE, case.number) is Taken.TAKEN

    ended = await day.look(placed["order_id"])
    assert ended["state"] == "rerouted"
    assert [line["units"] for line in ended["lines"]] == [{"rerouted": 2}, {"rerouted": 1}]
    [duty] = await day.rows("SELECT sku, quantity FROM put_back_duties")
    assert (duty["sku"], duty["quantity"]) == ("oat", 1)
    assert [(await day.stock(OAT, store))[1] for store in (S1, S2)] == [0, 2]
    assert await day.stock(OAT) == (200, 0, 1)
    [new] = await day.rows("SELECT * FROM orders WHERE moved_order IS NOT NULL")
    assert (new["store_id"], new["state"], new["awaits_basket"]) == (S2, "accepted", False)
    await is_sound(day)


async def test_what_is_there_can_be_collected_and_the_rest_is_an_order_of_its_own(
    day: Day,
) -> None:
    placed = await day.placed(lines=wanted(oat=1, rye=1))
    path, fence = await day.handheld.pick(placed["number"], OAT)
    case = await late(day, placed)

    assert await says(day, placed, Choice.PARTIAL_NOW, case.number) is Taken.TAKEN
    assert await says(day, placed, Choice.PARTIAL_NOW, case.number) is Taken.AGAIN

    kept = await day.look(placed["order_id"])
    assert [line["units"] for line in kept["lines"]] == [{"picked": 1}, {"rerouted": 1}]
    [rest] = await day.rows("SELECT * FROM orders WHERE moved_order IS NOT NULL")
    assert (rest["store_id"], rest["state"]) == (S1, "accepted")
    assert await day.stock(RYE) == (200, 1, 0)
    await day.handheld.stage(path, fence)
    await day.settle()
    assert (await day.look(placed["order_id"]))["state"] == "ready_for_pickup"
    path, fence = await day.handheld.pick(rest["number"], RYE)
    await day.handheld.stage(path, fence)
    await day.settle()
    [rest] = await day.rows("SELECT * FROM orders WHERE moved_order IS NOT NULL")
    assert rest["state"] == "ready_for_pickup"
    assert any(f"The rest follows as order {rest['number']}." in text for text in texts(day))
    await is_sound(day)


def texts(day: Day) -> list[str]:
    return [" ".join(letter.words.text.split()) for letter in day.letters]


async def test_a_second_delay_is_a_second_question_and_ready_ends_both(day: Day) -> None:
    placed = await day.placed(lines=wanted(oat=1, rye=1))
    path, fence = await day.handheld.pick(placed["number"], OAT)
    first = await late(day, placed)
    same = await late(day, placed, timedelta(0))
    assert same.number == first.number
    second = await late(day, placed)
    assert (first.delays, first.default_choice) == (1, Choice.WAIT)
    assert (second.number, second.delays) == (2, 2)
    assert second.default_choice is Choice.PARTIAL_NOW
    assert await says(day, placed, Choice.WAIT, first.number) is Taken.OVER

    heard = await day.handheld.say(f"{path}/scans", fence=fence, code="96385074")
    assert heard["receipt"]["outcome"] == "applied"
    await day.handheld.stage(path, fence)
    await day.settle()

    seen = await day.look(placed["order_id"])
    assert (seen["state"], seen["attention"]) == ("ready_for_pickup", "none")
    rows = await day.rows("SELECT state, outcome FROM choice_cases ORDER BY number")
    assert [tuple(row.values()) for row in rows] == [("withdrawn", "kept")] * 2
    await is_sound(day)
