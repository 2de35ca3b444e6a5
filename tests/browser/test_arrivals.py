"""A customer taps "I am here"; a handheld and the counter show it, and say so when they cannot."""

import os
from typing import Any, Final

import pytest
from fastapi import FastAPI
from playwright.async_api import Browser, Page, expect

from associates.handheld import devices
from bopis.kernel.ids import inward
from bopis.orders.telling import links
from tests.browser.axe import look_over
from tests.browser.person import AXE, CHROMIUM, DESK, SCHEMES, handheld, signed_in
from tests.journeys.day import BADGE, S1, Day, wanted

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here: the screens go unseen"),
    pytest.mark.timeout(180),
]
SHOTS: Final = os.environ.get("BOPIS_SHOTS")
SIZES: Final[Any] = ((360, 640), (1280, 720))
TOLD: Final = 20_000  # ms: far less than the minute after which a page asks by itself


async def looked_at(page: Page, name: str) -> None:
    """Nothing wider than the screen, nothing that axe finds, in both sizes; by night too."""
    for width, height in SIZES:
        await page.set_viewport_size({"width": width, "height": height})
        assert await page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
        for scheme in SCHEMES if SHOTS else ():
            await page.emulate_media(color_scheme=scheme)
            path = f"{SHOTS}/{name}-{scheme}-{width}.png"
            await page.screenshot(path=path, full_page=True)
    found = await look_over(page, AXE)
    assert not found.response["violations"], found.generate_report()


async def set_up(page: Page, day: Day) -> None:
    async with day.db.transaction(S1) as tx:
        code = await devices.new_code(tx, S1)
    await page.get_by_label("Set-up code").fill(code)
    await page.get_by_role("button", name="Set up").click()
    await expect(page.locator("body")).to_contain_text("Nobody waits")


async def fits_its_wall(counter: Page) -> None:
    """Nobody scrolls a wall: on a low one it is written smaller, and large again on a high one."""
    await looked_at(counter, "counter-waiting")
    low: Any = {"width": 1000, "height": 210}
    for size, load in ((low, "full"), (DESK, "")):
        await counter.set_viewport_size(size)
        await expect(counter.locator("body")).to_have_attribute("data-load", load)
        await expect(counter.locator("body")).to_have_attribute("data-here", load)


async def test_i_am_here_is_seen_on_a_handheld_and_at_the_counter(
    browser: Browser, address: str, app: FastAPI, day: Day
) -> None:
    order = await day.placed(lines=wanted(oat=1, rye=1))
    url = links.status_url(*inward(order["order_id"]), 1)  # type: ignore[arg-type]
    async with day.db.transaction(S1) as tx:
        code = await devices.new_code(tx, S1)
    plain = await browser.new_context(java_script_enabled=False)
    public = await browser.new_context()
    counter = await public.new_page()
    await counter.goto(f"{address}/counter")
    async with handheld(browser, address) as person:
        await set_up(counter, day)
        await signed_in(person, code, BADGE)
        shopper = await plain.new_page()
        await shopper.goto(f"{address}{url[url.index('/o/') :]}")
        await shopper.get_by_text("Where are you? You need not say.").click()
        await shopper.get_by_label("In a parking spot").check()
        await shopper.get_by_label("Its number, if it has one").fill("4")
        await shopper.get_by_role("button", name="I am here").click()
        said = "Ada is here · Parking spot 4 · Not ready, due"
        await expect(person.page.locator("#guests")).to_contain_text(said, timeout=TOLD)
        await expect(counter.locator("#here")).to_contain_text("Ada", timeout=TOLD)
        await expect(shopper.locator("#coming")).to_contain_text("that you are here, in parking")
        card = person.page.locator("button.card")
        await expect(card).to_contain_text("Customer is here since 12:00", timeout=TOLD)
        await expect(person.page.locator("h1")).to_be_focused()  # a reader stays where it was
        await person.is_fit("40-customer-is-here")
        await person.page.locator("#guest-line").click()
        await person.sees("1 customer is here", "Parking spot 4", order["number"])
        await person.is_fit("41-customers")
        await person.page.get_by_label("Back").click()
        await person.page.get_by_label("Settings").click()
        await person.tap("What is recorded about you")
        await person.sees("How fast you are is not measured", "When you were signed in")
        await person.page.get_by_text("When you were signed in").click()
        await person.sees("When you signed out, or when it ended by itself.", "1 entry")
        await person.is_fit("42-recorded-about-you")
        await person.page.get_by_role("button", name="This is not so").first.click()
        await person.page.get_by_label("In your words").fill("I was at lunch.")
        await person.is_fit("43-this-is-not-so")
        await person.tap("Send")
        await person.is_told("good", "Noted. Store operations answer here.")
        await fits_its_wall(counter)
        [dispute] = await day.rows("SELECT about, words FROM disputes")
        assert dispute == {"about": "associate_sessions", "words": "I was at lunch."}
        text = await counter.locator("body").inner_text()
        assert order["number"] not in text
        assert f"Ada · {order['number'][-3:]}" in text

    app.state.stopping.set()  # the server goes away
    await expect(counter.locator("#state")).to_contain_text("No connection. This is as of 12:00")
    await looked_at(counter, "counter-lost")
    for context in (plain, public):
        await context.close()
