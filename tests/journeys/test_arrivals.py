"""A customer says that they come, and that they are here; the floor sees it, wherever it is."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from associates.handheld import devices
from bopis import app as roof
from bopis.kernel.clock import ManualClock
from bopis.kernel.database import Database
from bopis.kernel.ids import DeviceId, inward
from bopis.orders.counter import arrivals, boards
from bopis.orders.counter.arrival import LEAVES
from bopis.orders.telling import links
from bopis.settings import Settings
from bopis.trust import report
from tests.conftest import NOON
from tests.journeys.day import JAM, MINUTE, OAT, S1, Day, a_day, wanted

SAME = {"accept": "text/html", "sec-fetch-site": "same-origin"}
QUICK = timedelta(milliseconds=20)
FRENCH = {"accept-language": "fr"}
WITHIN = 2.0  # seconds: what every handheld and counter screen is promised


@dataclass
class Heard:
    """One open stream of a device, read event by event."""

    pieces: asyncio.Queue[bytes]
    status: int = 0
    rest: str = ""

    async def event(self) -> tuple[str, str]:
        while "\n\n" not in self.rest:
            self.rest += (await self.pieces.get()).decode()
        block, _, self.rest = self.rest.partition("\n\n")
        if not block.startswith("event: "):
            return await self.event()
        name, _, data = block.partition("\n")
        return name.removeprefix("event: "), data.removeprefix("data: ")

    async def until(self, name: str, so: Callable[[Any], object] = lambda _: True) -> Any:
        """Wait for an event that says what is wanted; no longer than is promised."""
        async with asyncio.timeout(WITHIN):
            while True:
                heard, data = await self.event()
                found = json.loads(data) if data[:1] in "[{" and data else data
                if heard == name and so(found):
                    return found


@asynccontextmanager
async def watching(app: FastAPI, path: str, headers: dict[str, str]) -> AsyncIterator[Heard]:
    """Open a stream as a server would: httpx's own transport waits for the end of an answer."""
    heard, gone = Heard(asyncio.Queue()), asyncio.Event()
    asked = [{"type": "http.request", "body": b"", "more_body": False}]

    async def receive() -> dict[str, Any]:
        if asked:
            return asked.pop()
        await gone.wait()
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            heard.status = message["status"]
        elif message["type"] == "http.response.body":
            heard.pieces.put_nowait(message["body"])

    raw = [(k.lower().encode(), v.encode()) for k, v in headers.items()]
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET",
        "path": path, "raw_path": path.encode(), "query_string": b"", "headers": raw,
        "scheme": "https", "server": ("pickup.example", 443), "client": ("127.0.0.1", 1),
    }  # fmt: skip
    running = asyncio.ensure_future(app(scope, receive, send))
    try:
        yield heard
    finally:
        gone.set()
        ended, _ = await asyncio.wait({running}, timeout=20)
        assert ended, "the stream goes on though its reader has left"


@pytest.fixture
async def day(db: Database, client: httpx.AsyncClient, clock: ManualClock) -> Day:
    made = await a_day(db, client, clock)
    roof.configure_sending(post=made.post)
    return made


@pytest.fixture
async def elsewhere(
    dsn: str, settings: Settings, clock: ManualClock, db: Database
) -> AsyncIterator[FastAPI]:
    """Another process on the same database: it has seen nothing of what this one does."""
    async with Database.connect(dsn, clock=clock, routes=roof.routes(), pool_size=2) as other:
        app = roof.create_app(settings, other)
        app.state.board_hub = boards.made(
            other, stopping=app.state.stopping, every=QUICK, barred_every=QUICK
        )
        yield app


async def say(day: Day, order_id: str, **said: str) -> str:
    """Press a button of the order's page, without JavaScript; return the page that follows."""
    store_id, order = inward(order_id)
    url = links.status_url(store_id, order, 1)  # type: ignore[arg-type]
    path = url[url.index("/o/") :]
    answer = await day.client.post(f"{path}/coming", data=said, headers=SAME)
    assert answer.status_code == 303, answer.text
    return (await day.client.get(path, headers=SAME)).text


async def of_floor(day: Day) -> list[tuple[str, str]]:
    due = (await day.handheld.get("tasks"))["data"]["tasks"]
    return [(task["number"], task["guest"]) for task in due]


async def customer_facts(day: Day) -> list[str]:
    rows = await day.rows("SELECT name FROM events WHERE name LIKE 'customer.%' ORDER BY seq")
    return [row["name"].removeprefix("customer.") for row in rows]


async def test_from_on_my_way_to_the_hand_over(day: Day) -> None:
    first = await day.placed("W-1", lines=wanted(oat=1))
    second = await day.placed("W-2", lines=wanted(jam=1))
    letters = len(day.letters)

    page = await say(day, second["order_id"], word="on_my_way", minutes="30")
    assert "You told us at 12\xa0PM that you are on your way, here by about 12:30\xa0PM." in page
    day.clock.advance(5 * MINUTE)
    said = {"word": "here", "where": "parking", "spot": "4"}
    page = await say(day, second["order_id"], **said)
    assert "that you are here, in parking spot 4. The people at the store see it." in page
    assert "It is not ready; we expect it by" in page
    assert "Come in if you like: somebody knows that you are here." in page
    assert await say(day, second["order_id"], **said) == page  # pressed twice, said once

    here = "Customer is here since 12:05\u202fPM"
    assert await of_floor(day) == [(second["number"], here), (first["number"], "")]
    assert await customer_facts(day) == ["set_off", "arrived"]
    await day.settle()
    assert len(day.letters) == letters  # nothing is written because somebody came
    path, fence = await day.handheld.pick(second["number"], JAM)
    await day.handheld.stage(path, fence)
    day.clock.advance(7 * MINUTE)
    [order] = await day.rows("SELECT pickup_code FROM orders WHERE number = $1", second["number"])
    await day.handheld.say(f"counter/{order['pickup_code']}/hand-over")
    await day.settle()

    rows = await day.rows("SELECT spot, was_ready, served_at - arrived_at AS w FROM arrivals")
    assert rows == [{"spot": "", "was_ready": False, "w": 7 * MINUTE}]
    found = await report.day(day.db, NOON, NOON + timedelta(hours=1))
    assert found.wait_minutes == (7,)
    words = "7 minutes (median), 7 minutes (nine of ten), of 1 who said so"
    assert ("Waited once they were here", words) in found.sections()[0][1]


async def test_what_makes_no_sense_changes_nothing(day: Day) -> None:
    order = await day.placed(lines=wanted(oat=1, rye=1))
    assert "We never ask" not in await say(day, order["order_id"], word="not_yet")
    await say(day, order["order_id"], word="here")
    await say(day, order["order_id"], word="not_yet")
    assert await of_floor(day) == [(order["number"], "")]

    day.clock.advance(timedelta(hours=10))  # 10 PM: shut until tomorrow
    page = await say(day, order["order_id"], word="here")
    assert "Pickup is closed now, and opens" in page
    assert "How long will it take" not in page
    await say(day, order["order_id"], word="on_my_way")
    await day.cancel(order["order_id"])
    assert "Are you coming?" not in await say(day, order["order_id"], word="here")
    assert await customer_facts(day) == ["arrived", "took_back"]
    assert await day.rows("SELECT state, changes FROM arrivals") == [
        {"state": "none", "changes": 2}
    ]
    bad = await day.client.post("/v1/nothing", data={})
    assert bad.status_code == 404


async def test_whoever_came_before_the_task_is_known_to_it_and_leaves_in_the_end(day: Day) -> None:
    answer = await day.order(lines=wanted(rye=1))
    order = answer.json()
    await say(day, order["order_id"], word="here")  # no relay has run: there is no task yet
    await day.settle()
    assert [bool(here) for _, here in await of_floor(day)] == [True]

    day.clock.advance(LEAVES)
    assert await arrivals.sweep(day.db) == 1
    assert await arrivals.sweep(day.db) == 0
    assert [bool(here) for _, here in await of_floor(day)] == [False]
    assert await customer_facts(day) == ["arrived", "left"]


async def test_every_screen_sees_it_within_two_seconds_in_whichever_process_it_was_said(
    day: Day, elsewhere: FastAPI
) -> None:
    async with day.db.transaction(S1) as tx:
        code = await devices.new_code(tx, S1)
    enrolled = await day.client.post("/v1/handheld/enrol", json={"code": code, "name": "Screen"})
    screen = {"authorization": f"Bearer {enrolled.json()['data']['device_token']}"}
    order = await day.placed(lines=wanted(oat=1))
    [row] = await day.rows("SELECT pickup_code FROM orders")
    async with (
        watching(elsewhere, "/v1/handheld/live", day.handheld.headers) as handheld,
        watching(elsewhere, "/v1/handheld/screen/live", screen) as counter,
        watching(elsewhere, "/v1/handheld/screen/live", screen | FRENCH) as comptoir,
    ):
        assert await handheld.until("guests") == await counter.until("guests") == []
        await handheld.until("work")

        await say(day, order["order_id"], word="here", where="counter", spot="2")
        [guest] = await handheld.until("guests", len)
        assert (guest["number"], guest["name"]) == (order["number"], "Ada")
        assert guest["where"] == "Counter 2"
        assert guest["since"] == "Here since 12:00\u202fPM"
        assert guest["due"].startswith("Not ready, due")
        [seen] = await counter.until("guests", len)
        assert seen == {**guest, "number": order["number"][-3:]}
        [vu] = await comptoir.until("guests", len)
        assert (vu["where"], vu["since"]) == ("Comptoir 2", "Là depuis 12:00")

        path, fence = await day.handheld.pick(order["number"], OAT)
        await handheld.until("work")
        await day.handheld.stage(path, fence)
        [bag] = await counter.until("bags", len)
        assert bag == {"number": order["number"][-3:], "name": "Ada", "place": "Shelf A 12"}
        [guest] = await handheld.until("guests", lambda found: found[0]["is_ready"])
        assert guest["place"] == "Shelf A 12"
        assert row["pickup_code"] not in json.dumps([bag, guest, seen])

        await day.handheld.say(f"counter/{row['pickup_code']}/hand-over")
        for screen_heard in (handheld, counter):
            await screen_heard.until("guests", lambda found: not found)


async def test_a_revoked_device_and_a_session_that_has_ended_hear_nothing_more(
    day: Day, elsewhere: FastAPI
) -> None:
    token = day.handheld.headers["Authorization"].removeprefix("Bearer ")
    device = {"authorization": f"Bearer {token}"}
    async with (
        watching(elsewhere, "/v1/handheld/live", day.handheld.headers) as handheld,
        watching(elsewhere, "/v1/handheld/screen/live", device) as counter,
        asyncio.timeout(20),
    ):
        await handheld.until("guests")
        await counter.until("guests")
        await day.client.post("/v1/handheld/sign-out", headers=day.handheld.headers)
        while (await handheld.event())[0] != "bye":
            continue
        async with day.db.transaction(S1) as tx:
            await devices.revoke(tx, S1, DeviceId(inward(token.rpartition(".")[0])[1]))
        while (await counter.event())[0] != "bye":
            continue
    for path, headers in (("live", day.handheld.headers), ("screen/live", device)):
        async with watching(elsewhere, f"/v1/handheld/{path}", headers) as refused:
            await refused.pieces.get()
        assert refused.status == 401
