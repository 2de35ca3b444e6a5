"""Whoever says it to a person is heard as one who presses a button; and it is known who heard."""

import re
from collections.abc import AsyncIterator
from typing import Any

import pytest

from bopis import app as roof
from bopis.kernel.clock import ManualClock
from bopis.kernel.database import Database
from bopis.kernel.ids import StoreId
from bopis.kernel.keys import KeyKind
from bopis.trust.verify import verify
from tests.bopis.ops.conftest import Key, SignIn
from tests.journeys.day import MINUTE, OAT, S2, Day, a_day, wanted


@pytest.fixture
async def day(db: Database, client: Any, clock: ManualClock) -> AsyncIterator[Day]:
    made = await a_day(db, client, clock)
    roof.configure_sending(post=made.post)
    yield made
    assert {one.invariant.id: one.examples for one in await verify(db) if one.count} == {}


async def asked(day: Day, reference: str = "W-1") -> dict[str, Any]:
    """Have it asked what shall become of an order of which the rye is not there."""
    placed = await day.placed(reference, lines=wanted(oat=1, rye=1))
    path, fence = await day.handheld.pick(placed["number"], OAT)
    await day.handheld.short(path, fence, line=2)
    await day.wait(4 * MINUTE, step=4 * MINUTE)
    day.read()
    return placed


async def test_what_they_said_by_phone_moves_it_and_everybody_can_see_who_wrote_it_down(
    day: Day, key: Key
) -> None:
    placed = await asked(day)
    desk = await key(KeyKind.OPS, "Desk")
    elsewhere = await key(KeyKind.OPS, "Other", only_store=StoreId("S2"))
    order = f"/v1/ops/orders/{placed['order_id']}"
    case = (await day.client.get(order, headers=desk)).json()["case"]
    body = {"case": 1, "choice": "other_store", "to_store": "S2", "heard": "phone", "note": "Yes."}

    refused = [
        await day.client.post(f"{order}/choose", json=body, headers=elsewhere),
        await day.client.post(f"{order}/choose", json={**body, "to_store": "S9"}, headers=desk),
        await day.client.post(f"{order}/choose", json={**body, "case": 2}, headers=desk),
        await day.client.post(f"{order}/choose", json={**body, "note": " "}, headers=desk),
    ]
    before = await day.rows("SELECT answer, via FROM choice_cases")
    taken = await day.client.post(f"{order}/choose", json=body, headers=desk)
    again = await day.client.post(f"{order}/choose", json=body, headers=desk)
    await day.settle()

    assert (case["number"], case["options"][0]) == (1, "wait")
    assert [answer.status_code for answer in refused] == [404, 409, 409, 422]
    assert before == [{"answer": None, "via": None}]
    assert (taken.json(), again.json()) == ({"taken": "taken"}, {"taken": "again"})
    [moved] = await day.rows("SELECT store_id, state FROM orders WHERE moved_order IS NOT NULL")
    assert moved == {"store_id": S2, "state": "accepted"}
    assert day.read()[0].startswith("Moved to Lakeview 1")
    [fact] = await day.rows(
        "SELECT actor, payload FROM events WHERE name = 'order.choice_answered'"
    )
    assert (fact["actor"], fact["payload"]["via"]) == ("ops:Desk", "phone")
    noted = await day.rows("SELECT payload FROM events WHERE name = 'ops.noted'")
    assert [row["payload"]["note"] for row in noted] == ["Yes."]
    page = (await day.client.get(placed["status_url"])).text
    assert "You told us on the phone what you chose." in page
    assert "Desk" not in page


async def test_the_order_s_page_asks_what_the_customer_chose_in_the_words_they_read(
    day: Day, sign_in: SignIn
) -> None:
    placed = await asked(day)
    browser = await sign_in()
    address = f"/ops/orders/{placed['order_id']}"
    page = (await browser.get(address)).text
    token = re.search(r'name="token" value="([^"]+)"', page)
    assert token is not None
    form = {"token": token[1], "order": placed["order_id"], "number": "1", "heard": "counter"}

    done = await browser.post(
        "/ops/orders/choose", data={**form, "choice": "partial_now", "note": "Stood here"}
    )
    late = await browser.post(
        "/ops/orders/choose", data={**form, "choice": "wait", "note": "Called again"}
    )

    assert "Write down what the customer chose" in page
    assert '<option value="">Choose</option>' in page
    assert "Collect it at Lakeview 1 (" in page
    assert "Take the rest without it" in page
    assert "If they say nothing" in page
    assert (done.status_code, done.headers["location"]) == (303, address)
    assert late.status_code == 409
    assert "settled before" in late.text
    after = (await browser.get(address)).text
    assert "The shopper told us at the counter: the order goes on without it" in after
    assert "Write down what the customer chose" not in after


async def test_who_stands_at_the_counter_is_asked_there_by_whoever_has_a_handheld(day: Day) -> None:
    placed = await asked(day)
    order = f"counter/{placed['number'].lower()}"
    shown = await day.handheld.get(order)
    path = f"/v1/handheld/{order}/choose"

    async def choose(**body: Any) -> Any:
        return await day.client.post(path, json=body, headers=day.handheld.headers)

    malformed = await choose(case=1, choice="sing")
    strange = (await choose(case=2, choice="wait")).json()
    before = await day.rows("SELECT answer, via FROM choice_cases")
    taken = (await choose(case=1, choice="partial_now")).json()
    late = (await choose(case=1, choice="cancel_order")).json()
    gone = await day.handheld.get(order)

    asks = shown["data"]["asks"]
    assert (shown["next_state"], asks["case"]) == ("counter", 1)
    assert asks["text"] == "It is not there: 1 Rye number 1. What shall we do?"
    assert {"choice": "other_store", "to_store": "S2", "text": "Collect it at Lakeview 1"} in asks[
        "options"
    ]
    assert asks["otherwise"].endswith(": Take the rest without it.")
    assert (malformed.status_code, strange["message"]["kind"]) == (422, "wrong")
    assert before == [{"answer": None, "via": None}]
    assert taken["message"]["kind"] == "good"
    assert late["message"]["text"].startswith("No order waits here under this code.")
    assert gone["data"] == {}
    [fact] = await day.rows(
        "SELECT actor, payload FROM events WHERE name = 'order.choice_answered'"
    )
    assert fact["actor"].startswith("device:")
    assert (fact["payload"]["via"], fact["payload"]["answer"]) == ("counter", "partial_now")
    page = (await day.client.get(placed["status_url"])).text
    assert "You told us at the counter what you chose." in page
