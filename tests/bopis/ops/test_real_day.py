"""On a day that really was: a person takes back what is wrong, and the report tells the day."""

from datetime import timedelta

import httpx
import pytest

from bopis import app as roof
from bopis.kernel.clock import ManualClock
from bopis.kernel.database import Database
from bopis.kernel.keys import KeyKind
from bopis.ops.words import day_span
from bopis.trust import report
from bopis.trust.verify import verify
from tests.bopis.ops.conftest import Key, SignIn
from tests.bopis.ops.desk import token
from tests.journeys.day import MINUTE, OAT, RYE, Day, a_day


@pytest.fixture
async def day(db: Database, client: httpx.AsyncClient, clock: ManualClock) -> Day:
    made = await a_day(db, client, clock)
    roof.configure_sending(post=made.post)
    return made


async def ready(day: Day, reference: str) -> str:
    placed = await day.placed(reference)
    path, fence = await day.handheld.pick(placed["number"], OAT, OAT, RYE)
    await day.handheld.stage(path, fence)
    await day.settle()
    return str(placed["order_id"])


async def test_a_person_takes_a_wrong_ready_back(day: Day, key: Key, db: Database) -> None:
    order_id = await ready(day, "W-1")
    day.read()
    await day.wait(5 * MINUTE)
    path = f"/v1/ops/orders/{order_id}/retract"
    headers = await key(KeyKind.OPS)

    done = await day.client.post(path, json={"note": "The bag is empty"}, headers=headers)
    again = await day.client.post(path, json={"note": "The bag is empty"}, headers=headers)
    await day.settle()

    assert (done.status_code, again.status_code) == (200, 409)
    assert (await day.look(order_id))["state"] == "picking"
    assert day.read() == ["Please do not come yet: your order is not ready after all"]
    facts = await day.rows(
        "SELECT name, actor FROM events WHERE name IN ('pick.retracted', 'ops.noted') ORDER BY seq"
    )
    assert [(f["name"], f["actor"]) for f in facts] == [
        ("pick.retracted", "ops:test"),
        ("ops.noted", "ops:test"),
    ]
    assert [one for one in await verify(db) if one.count] == []


async def test_the_button_is_there_only_while_it_means_something(day: Day, sign_in: SignIn) -> None:
    order_id = await ready(day, "W-1")
    browser = await sign_in()
    page = (await browser.get(f"/ops/orders/{order_id}")).text

    form = {"token": token(page), "order": order_id, "note": "Not in its place"}
    answer = await browser.post("/ops/orders/retract", data=form)

    assert answer.headers["location"] == f"/ops/orders/{order_id}"
    assert "Take “ready” back" in page
    after = (await browser.get(f"/ops/orders/{order_id}")).text
    assert "Take “ready” back" not in after
    for words in (
        "Ready was wrong; promised anew by",
        "Staged at P-A12",
        "Found 1 of Oat number 0",
    ):
        assert words in after


async def test_the_report_tells_the_day(day: Day, db: Database) -> None:
    collected = await ready(day, "W-1")
    code = (await day.look(collected))["pickup_code"]
    await day.handheld.say(f"counter/{code}/hand-over")
    await day.placed("W-2")
    short = await day.placed("W-3")
    path, fence = await day.handheld.pick(short["number"], OAT, OAT)
    await day.handheld.short(path, fence, line=2)
    await day.handheld.stage(path, fence)
    refused = await day.order("W-4", lines=[{"sku": OAT, "quantity": 500}])
    await day.wait(timedelta(hours=3), step=2 * MINUTE)

    since, until = day_span(day.clock().date(), "America/Chicago")
    told = await report.day(db, since, until)

    assert refused.status_code == 409
    assert (told.accepted, told.collected, sum(told.refused.values())) == (3, 1, 1)
    assert (told.units_ordered, told.units_found) == (9, 5)
    assert told.units_short == {"not_found": 1}
    assert (told.promises_due, told.on_time_first, told.late) == (3, 2, 1)
    assert (told.apologized, told.apologized_in_time) == (2, 1)
    assert told.apology_lead_minutes[0] > 0
    assert (told.ready_said, told.false_ready) == (2, 0)
    assert told.silent_minutes == 0
    assert [one for one in await verify(db) if one.count] == []
