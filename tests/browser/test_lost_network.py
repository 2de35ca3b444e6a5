"""Dead spots, slow servers, ended sessions: said plainly, nothing lost, nothing done twice."""

import asyncio
from contextlib import suppress

import pytest
from playwright.async_api import Browser, Page, Route, expect

from associates.handheld import devices
from bopis.kernel.database import Database
from bopis.kernel.events import Routes
from tests.associates.floor import ADA_BADGE, GTINS, OAT, STORE, Floor, lay_out
from tests.browser.person import CHROMIUM, Handheld, handheld, signed_in

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here: the handheld goes unseen"),
    pytest.mark.timeout(180),
]
API = "**/v1/handheld/**"
SET_UP = "SELECT FROM devices WHERE name = 'No 7'"


@pytest.fixture
def routes() -> Routes:
    return Routes()


@pytest.fixture
async def floor(db: Database) -> Floor:
    return await lay_out(db)


async def at_work(person: Handheld, floor: Floor) -> None:
    await signed_in(person, await floor.do(devices.new_code, STORE), ADA_BADGE)
    await person.sees("Ada")


async def on_a_clock_of_ours(page: Page) -> None:
    """Load the page anew: timers that were set before the clock came would go by the real one.

    Nothing is scanned after this: our clock also stamps the keys, and a busy machine's pause
    between two of them would cut a code in half.
    """
    await page.clock.install()
    await page.reload()


async def in_a_while(page: Page, selector: str, text: str) -> None:
    """Let quarters of a minute pass until a page that looks again by itself shows something.

    One may pass while a look is under way, or before the next is planned: then nothing came of it.
    """
    for _ in range(20):
        await page.clock.fast_forward(16_000)
        with suppress(AssertionError):
            await expect(page.locator(selector)).to_contain_text(text, timeout=2_000)
            return
    await expect(page.locator(selector)).to_contain_text(text)


async def cut(page: Page) -> None:
    await page.route(API, lambda route: route.abort())


async def mend(page: Page) -> None:
    await page.unroute(API)


async def test_a_list_that_cannot_be_read_anew_says_so_and_no_more(
    browser: Browser, address: str, floor: Floor
) -> None:
    async with handheld(browser, address) as person:
        await at_work(person, floor)
        await on_a_clock_of_ours(person.page)
        await person.sees("Nothing to pick")
        await cut(person.page)
        await in_a_while(person.page, "#state", "No connection")
        await expect(person.page.locator("#banner")).to_be_hidden()  # nobody asked for anything
        await person.is_fit("17-no-connection")

        await mend(person.page)
        await floor.open(oat=1)
        await in_a_while(person.page, "body", "1 order to pick")
        await expect(person.page.locator("#state")).to_be_hidden()


async def test_the_place_in_the_list_is_kept_when_it_is_read_anew(
    browser: Browser, address: str, floor: Floor
) -> None:
    await floor.open(oat=1)
    await floor.open(rye=1)
    async with handheld(browser, address) as person:
        await at_work(person, floor)
        await on_a_clock_of_ours(person.page)
        await person.sees("2 orders to pick")
        second = person.page.locator("button.card").nth(1)
        await second.focus()
        await floor.open(jam=1)
        await in_a_while(person.page, "body", "3 orders to pick")
        await expect(second).to_be_focused()


async def test_a_reload_in_a_dead_spot_carries_on(
    browser: Browser, address: str, floor: Floor
) -> None:
    await floor.open(oat=2)
    async with handheld(browser, address) as person:
        await at_work(person, floor)
        await person.page.locator("button.card").first.click()
        await person.sees("0 of 2 found")
        await cut(person.page)
        await person.scan(GTINS[OAT])
        await person.sees("1 of 2 found", "No connection · 1 scan not yet sent")
        await person.page.reload()
        await person.sees("1 of 2 found", "No connection · 1 scan not yet sent")
        await person.is_fit("18-in-a-dead-spot")

        await mend(person.page)
        await expect(person.page.locator("#state")).to_be_hidden()
        await person.sees("1 of 2 found")

    assert len(await floor.rows("SELECT FROM scans")) == 1


async def test_what_was_answered_into_the_void_is_not_done_twice(
    browser: Browser, address: str, floor: Floor
) -> None:
    await floor.open(oat=3)
    lost: list[str] = []

    async def swallow(route: Route) -> None:
        """Let it through to the server, and lose the answer on the way back."""
        lost.append((await route.fetch()).url)
        await route.abort()

    async with handheld(browser, address) as person:
        await person.page.route("**/live", lambda route: route.abort())  # or news of it comes first
        await at_work(person, floor)
        await person.page.locator("button.card").first.click()
        await person.sees("0 of 3 found")
        await person.page.route("**/log", swallow, times=2)
        await person.scan(GTINS[OAT])
        await person.sees("1 of 3 found", "1 scan not yet sent")
        await expect(person.page.locator("#state")).to_be_hidden()

    assert len(lost) == 2
    assert await floor.rows("SELECT found FROM pick_lines") == [{"found": 1}]
    assert len(await floor.rows("SELECT FROM scans")) == 1


async def test_the_first_screen_is_there_before_the_rest_of_the_app(
    browser: Browser, address: str, floor: Floor
) -> None:
    rest = asyncio.Event()

    async def slowly(route: Route) -> None:
        await rest.wait()
        await route.continue_()

    code = await floor.do(devices.new_code, STORE)
    async with handheld(browser, address) as person:
        page = person.page
        await page.route("**/app.js", lambda route: route.abort())
        await page.reload()
        await person.sees("Scan or type the set-up code", "No connection")

        await page.unroute("**/app.js")
        await page.route("**/app.js", slowly)
        async with page.expect_request("**/app.js"):  # started anew, by itself
            await page.evaluate("void dispatchEvent(new Event('online'))")
        await person.scan(code)
        await expect(page.locator("#code")).to_have_value(code)
        await page.locator("#name").fill("No 7")
        await person.tap("Set up")
        assert await floor.rows(SET_UP) == []
        rest.set()
        await person.sees("Scan your badge")

    assert len(await floor.rows(SET_UP)) == 1


async def test_who_waits_for_a_slow_server_is_told(
    browser: Browser, address: str, floor: Floor
) -> None:
    await floor.open(oat=1)
    answer = asyncio.Event()

    async def slowly(route: Route) -> None:
        await answer.wait()
        await route.continue_()

    async with handheld(browser, address) as person:
        await at_work(person, floor)
        await person.page.route("**/claim", slowly)
        await person.page.locator("button.card").first.click()
        await expect(person.page.locator("#state")).to_have_text("Waiting for the server")
        answer.set()
        await person.sees("0 of 1 found")
        await expect(person.page.locator("#state")).to_be_hidden()


async def test_an_ended_session_loses_no_scan(browser: Browser, address: str, floor: Floor) -> None:
    await floor.open(oat=2)
    async with handheld(browser, address) as person:
        await person.page.route("**/live", lambda route: route.abort())  # or it would say so first
        await at_work(person, floor)
        await person.page.locator("button.card").first.click()
        await person.sees("0 of 2 found")
        await floor.rows("UPDATE associate_sessions SET ends_at = '2020-01-01'")
        await person.scan(GTINS[OAT])
        await person.sees("Scan your badge")
        kept = "You are signed out. What you scanned is kept. Sign in again, and carry on."
        await person.is_told("wrong", kept)
        await person.scan(ADA_BADGE)
        await person.sees("Yours: carry on")
        await person.page.locator("button.card").first.click()
        await person.sees("1 of 2 found")

    assert await floor.rows("SELECT found FROM pick_lines") == [{"found": 1}]


async def test_a_wrong_pin_does_not_cost_the_number(
    browser: Browser, address: str, floor: Floor
) -> None:
    async with handheld(browser, address) as person:
        await at_work(person, floor)
        await person.tap("Settings")
        await person.tap("Sign out")
        await person.page.locator("#number").fill("1001")
        await person.page.locator("#pin").fill("000000")
        await person.page.keyboard.press("Enter")
        await person.is_told("wrong", "This number and this PIN do not belong together. Try again.")
        await person.page.keyboard.press("Escape")
        await expect(person.page.locator("#banner")).to_be_hidden()
        await expect(person.page.locator("#number")).to_have_value("1001")
        await person.page.locator("#pin").fill("271828")
        await person.page.keyboard.press("Enter")
        await person.sees("Nothing to pick")


async def test_nonsense_at_set_up_is_told_in_words(
    browser: Browser, address: str, floor: Floor
) -> None:
    async with handheld(browser, address) as person:
        await person.sees("Scan or type the set-up code")
        await person.page.locator("#name").fill("No 7")
        alarm = person.page.locator("#alarm")
        for scanned in ("x" * 4000, "\x1b[2J", "S9-ABCD-EFGH"):
            await alarm.evaluate("alarm => alarm.replaceChildren()")
            await person.page.locator("#code").fill(scanned)
            await person.tap("Set up")
            await expect(alarm).to_contain_text("set-up code")
            await expect(alarm).not_to_contain_text("body.")
            await person.page.keyboard.press("Escape")
            await expect(person.page.locator("#banner")).to_be_hidden()
