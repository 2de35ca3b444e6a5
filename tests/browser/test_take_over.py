"""One walk and two who want it, in a real browser: asked for, handed on, asked back."""

import asyncio

import pytest
from playwright.async_api import Browser, Route, expect

from associates.crew import people
from associates.handheld import devices
from tests.browser.person import CHROMIUM, handheld, signed_in
from tests.journeys.day import GTINS, OAT, S1, Day, wanted

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here: the handheld goes unseen"),
    pytest.mark.timeout(180),
]


async def late(until: asyncio.Event, route: Route) -> None:
    await until.wait()
    await route.continue_()


async def test_a_walk_changes_hands(browser: Browser, address: str, day: Day) -> None:
    order = await day.placed(lines=wanted(oat=2))
    path, fence = await day.handheld.pick(order["number"], OAT)
    async with day.db.transaction(S1) as tx:
        await people.add(tx, S1, number="8", name="Kim", badge="B0000000008")
        code = await devices.new_code(tx, S1)
    async with handheld(browser, address) as person:
        await signed_in(person, code, "B0000000008")
        await person.page.locator("button.card").first.click()
        await person.sees("Sam has this order", "1 of 2 are in the tote")
        await person.is_fit("29-taken")
        await person.scan(GTINS[OAT])
        await person.is_told("wrong", "This screen takes no scan. Read it first.")
        await person.tap("Got it")
        slow = asyncio.Event()
        await person.page.route("**/ask", lambda route: late(slow, route))
        await person.tap("Ask for it")
        await person.tap("Ask for it")
        await expect(person.page.locator("#news")).not_to_contain_text("One moment")
        await person.tap("Another order")
        await person.page.locator("button.card").first.click()
        await person.is_told(
            "info", "One moment: an answer is still on its way. Then do this once more."
        )
        slow.set()
        await person.sees("You have asked for it. What Sam says comes here by itself.")
        assert (await day.handheld.get(path))["data"]["asked_by"] == "Kim"
        given = await day.client.post(
            f"/v1/handheld/{path}/answer", json={"yes": True}, headers=day.handheld.headers
        )
        text = "Kim has it now. Give them the tote: 1 of Oat number 0."
        assert given.json()["message"]["text"] == text
        await person.sees("Take the tote over from Sam.", "1 thing is in it already")
        await person.is_fit("30-take-over")
        await person.tap("It is all here: go on")
        await day.client.post(f"/v1/handheld/{path}/ask", headers=day.handheld.headers)
        await person.sees("Sam asks for this order")
        async with person.page.expect_response("**/package"):  # which asks no longer
            await person.tap("I carry on")
        await person.sees("1 of 2 found")
        assert (await day.handheld.get(path))["data"]["is_refused"] is True
        async with person.page.expect_response(lambda answer: "/log" in answer.url):
            await person.scan(GTINS[OAT])
        await person.is_told("good", "That was the last one.")
        await expect(person.page.get_by_text("Sam asks for this order")).to_have_count(0)
        stale = await day.handheld.say(f"{path}/scans", fence=fence, code=GTINS[OAT])
        assert stale["message"]["text"] == "Kim has this order now. Give them what you have."

    assert await day.rows("SELECT found FROM pick_lines") == [{"found": 2}]
