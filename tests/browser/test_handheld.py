"""The handheld in a real browser: enrol, sign in, pick with a scanner, stage, put back.

A wedge scanner is played through the browser's own input protocol, with the timing of its keys
stated, so that a busy machine cannot turn a scan into typing.
"""

import asyncio
import os
import shutil
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

import pytest
import uvicorn
from axe_playwright_python.async_playwright import Axe
from fastapi import FastAPI
from playwright.async_api import Browser, CDPSession, Page, async_playwright, expect

from associates import devices, tasks
from associates.module import module
from bopis.kernel.database import Database
from tests.associates.floor import GTINS, JAM, OAT, PLACE, RYE, STORE, Floor, lay_out

CHROMIUM: Final = (
    os.environ.get("BOPIS_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
)
SHOTS: Final = os.environ.get("BOPIS_SHOTS")
"""A folder for pictures of every screen; without it, none are kept."""

FLAGS: Final = ["--no-sandbox", "--disable-background-networking", "--disable-component-update"]
PHONE: Final[Any] = {"width": 360, "height": 740}
AXE: Final = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "rules": {"color-contrast-enhanced": {"enabled": True}},
}
SMALL: Final = """() => [...document.querySelectorAll('button, input')]
    .filter((e) => e.checkVisibility() && e.type !== 'checkbox' && e.className !== 'unseen')
    .map((e) => [e.textContent, e.getBoundingClientRect().width, e.getBoundingClientRect().height])
    .filter(([, width, height]) => width < 48 || height < 48)"""

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here: the handheld goes unseen"),
    pytest.mark.timeout(180),
]


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as driver:
        made = await driver.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield made
        await made.close()


@pytest.fixture
async def floor(db: Database) -> Floor:
    return await lay_out(db)


@pytest.fixture
async def address(app: FastAPI) -> AsyncIterator[str]:
    """Serve the application on this loop; give its address."""
    if "/handheld" not in {getattr(route, "path", "") for route in app.routes}:
        for router in module.routers:
            app.include_router(router)
    config = uvicorn.Config(app, port=0, log_level="warning", lifespan="off", access_log=False)
    server = uvicorn.Server(config)
    running = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 -- the server has no event to wait for
        await asyncio.sleep(0.01)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    await running


class Handheld:
    """A person with a handheld: what they scan, tap and see."""

    def __init__(self, page: Page, keys: CDPSession) -> None:
        self.page = page
        self.keys = keys
        self.clock = time.time()
        self.errors: list[str] = []
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", self._heard)

    def _heard(self, message: Any) -> None:
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.errors.append(message.text)

    async def scan(self, code: str, *, gap: float = 0.004) -> None:
        """Send keys as a wedge does, ``gap`` seconds apart, with Enter after them."""
        self.clock = max(self.clock + 10, time.time())
        for letter in [*code, "\r"]:
            self.clock += gap
            key = {"key": "Enter", "code": "Enter"} if letter == "\r" else {"key": letter}
            key |= {"windowsVirtualKeyCode": 13} if letter == "\r" else {}
            sent = {**key, "timestamp": self.clock}
            await self.keys.send(
                "Input.dispatchKeyEvent", {"type": "keyDown", "text": letter, **sent}
            )
            await self.keys.send("Input.dispatchKeyEvent", {"type": "keyUp", **sent})

    async def sees(self, *texts: str) -> None:
        for text in texts:
            await expect(self.page.locator("body")).to_contain_text(text)

    async def is_told(self, kind: str, text: str) -> None:
        """Wait for a message; its words outlive the flash in the live region."""
        region = self.page.locator("#alarm" if kind == "wrong" else "#news")
        await expect(region).to_have_text(text)

    async def tap(self, text: str) -> None:
        await self.page.get_by_role("button", name=text).click()

    async def photograph(self, name: str) -> None:
        if SHOTS:
            await self.page.screenshot(path=f"{SHOTS}/handheld-{name}.png")

    async def is_fit(self, name: str) -> None:
        """Look: nothing wider than the screen, targets large enough, and axe finds nothing."""
        await self.page.locator("#banner").evaluate("banner => { banner.hidden = true }")
        await self.photograph(name)
        found = await Axe().run(self.page, options=AXE)
        assert not found.response["violations"], found.generate_report()
        assert await self.page.evaluate(SMALL) == []
        wide = await self.page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert wide <= 0


@asynccontextmanager
async def handheld(browser: Browser, address: str, **options: Any) -> AsyncIterator[Handheld]:
    context = await browser.new_context(
        viewport=PHONE, device_scale_factor=2, has_touch=True, is_mobile=True, **options
    )
    context.set_default_timeout(15_000)
    page = await context.new_page()
    person = Handheld(page, await context.new_cdp_session(page))
    await page.goto(f"{address}/handheld")
    try:
        yield person
    except BaseException:
        await person.photograph("failed")
        raise
    finally:
        await context.close()
    assert person.errors == []


async def signed_in(person: Handheld, floor: Floor) -> None:
    code = await floor.do(devices.new_code, STORE)
    await person.sees("Scan or type the set-up code")
    await person.scan(code)
    await expect(person.page.locator("#code")).to_have_value(code)
    await person.page.locator("#name").fill("No 7")
    await person.tap("Set up")
    await person.sees("Scan your badge")
    await person.scan("B0000001001")
    await person.sees("Ada", "to pick")


async def test_a_day_on_the_floor(browser: Browser, address: str, floor: Floor) -> None:
    order_id, _ = await floor.open(oat=2, rye=1, jam=1)
    await floor.open(rye=1)
    async with handheld(browser, address, color_scheme="light") as person:
        await person.sees("Scan or type the set-up code")
        await person.is_fit("1-set-up")
        await signed_in(person, floor)
        await person.is_fit("3-list")
        await person.page.locator("button.card").first.click()
        await finds_what_is_there(person)
        await leaves_out_what_is_not(person)
        await stages(person)
        await floor.do(tasks.expire, STORE, order_id)
        await person.page.reload()
        await puts_back(person)
        await person.tap("Customer is here")
        await person.sees("pickup code")
        await person.is_fit("10-counter")

    [row] = await floor.rows(
        "SELECT state, staging_code FROM pick_tasks WHERE order_id = $1", order_id
    )
    assert row == {"state": "cancelled", "staging_code": PLACE}
    assert (await floor.facts()).count("pick.line_found") == 4  # one of them taken back


async def finds_what_is_there(person: Handheld) -> None:
    await person.sees("Aisle", "Rye bread", "0 of 1 found")
    await person.is_fit("4-walk")
    await person.scan(GTINS[JAM] + "9")  # a torn label
    await person.is_told("wrong", "We do not know this code. Scan the bars on the item itself.")
    await person.photograph("5-wrong")
    await person.scan(GTINS[RYE])
    await person.is_told("good", "Found.")
    await person.sees("Cherry jam")
    await person.tap("Skip")
    await person.sees("Oat drink", "0 of 2 found")
    await person.scan(GTINS[OAT])
    await person.is_told("good", "Found 1 of 2.")
    await person.tap("Undo")
    await person.sees("0 of 2 found")
    await person.scan(GTINS[OAT])
    await person.sees("1 of 2 found")
    await person.page.reload()  # and carry on where we were
    await person.sees("Oat drink", "1 of 2 found")
    await person.tap("Type the code")
    await person.page.locator("#typed").press_sequentially(GTINS[OAT], delay=80)
    await person.is_fit("6-typing")
    await person.tap("Use this code")


async def leaves_out_what_is_not(person: Handheld) -> None:
    await person.sees("Cherry jam")
    await person.tap("Not here")
    await person.sees("Why is it not here?")
    await person.is_fit("7-short")
    await person.tap("It is nowhere to be found")


async def stages(person: Handheld) -> None:
    await person.sees("Put it at a pickup place", "Not in the bag:")
    await person.is_fit("8-stage")
    await person.scan("P-NOWHERE")
    await person.is_told("wrong", "This is no pickup place of ours. Scan the label of the place.")
    await person.scan(PLACE)
    await person.is_told("good", "Ready at Counter A12.")
    await person.sees("1 order to pick")


async def puts_back(person: Handheld) -> None:
    await person.tap("Put back (2)")
    await person.sees("From Counter A12", "Oat drink")
    await person.is_fit("9-put-back")
    await person.scan(GTINS[OAT])
    await person.is_told("good", "Back on its shelf: 2 x Oat drink.")
    await person.sees("Rye bread")
    await person.tap("Later")


async def test_nothing_is_lost_in_a_dead_spot(browser: Browser, address: str, floor: Floor) -> None:
    await floor.open(oat=3)
    async with handheld(browser, address, color_scheme="dark") as person:
        await signed_in(person, floor)
        await person.page.locator("button.card").first.click()
        await person.sees("0 of 3 found")
        await person.page.context.set_offline(offline=True)
        await person.scan(GTINS[OAT])
        await person.sees("1 scan not yet sent")
        await person.scan(GTINS[OAT])
        await person.sees("2 scans not yet sent")
        await person.is_fit("11-unsent-dark")
        await person.page.context.set_offline(offline=False)
        await person.sees("2 of 3 found")
        await expect(person.page.locator("#unsent")).to_be_hidden()

    scans = await floor.rows("SELECT device_seq, outcome FROM scans ORDER BY device_seq")
    assert scans == [{"device_seq": n, "outcome": "applied"} for n in (1, 2)]


async def test_a_scanner_presses_no_button_and_a_person_is_no_scanner(
    browser: Browser, address: str, floor: Floor
) -> None:
    await floor.open(oat=3)
    async with handheld(browser, address) as person:
        await signed_in(person, floor)
        await person.page.locator("button.card").first.click()
        await person.sees("0 of 3 found")
        await person.page.get_by_role("button", name="Not here").focus()
        await person.scan(GTINS[OAT])
        await person.sees("1 of 3 found")
        await person.page.get_by_role("button", name="Not here").focus()
        await person.scan(GTINS[OAT], gap=0.2)  # slow: a person, whose Enter presses the button
        await person.sees("Why are 2 not here?")
        await person.tap("It is here")
        await person.tap("Settings")
        await person.scan("]d201" + GTINS[OAT].zfill(14))
        await person.sees("19 characters as keys")
        await person.is_fit("12-settings")
        await person.tap("Sign out")
        await person.sees("Scan your badge")
        await person.is_fit("2-sign-in")

    assert await floor.rows("SELECT sum(found) AS n FROM pick_lines") == [{"n": 1}]
