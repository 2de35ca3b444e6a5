"""A person with a handheld, in a real browser.

A wedge scanner is played through the browser's own input protocol, with the timing of its keys
stated, so that a busy machine cannot turn a scan into typing.
"""

import asyncio
import os
import shutil
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, Final

import uvicorn
from fastapi import FastAPI
from playwright.async_api import Browser, CDPSession, Page, async_playwright, expect

from tests.browser.axe import look_over

CHROMIUM: Final = (
    os.environ.get("BOPIS_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
)
SHOTS: Final = os.environ.get("BOPIS_SHOTS")
"""A folder for pictures of every screen; without it, none are kept."""

expect.set_options(timeout=20_000)  # for busy machines; nothing waits when all is well
FLAGS: Final = ["--no-sandbox", "--disable-background-networking", "--disable-component-update"]
PHONE: Final[Any] = {"width": 360, "height": 640}
HANDHELDS: Final[Any] = (PHONE, {"width": 480, "height": 800})
ROOMY: Final[Any] = {"width": 360, "height": 740}
"""For axe, which takes what the thumb row covers until one scrolls for out of reach."""
DESK: Final[Any] = {"width": 1280, "height": 800}
SCHEMES: Final[Any] = ("light", "dark")
AXE: Final = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "rules": {"color-contrast-enhanced": {"enabled": True}},
}
SMALL: Final = """() => [...document.querySelectorAll('button, input')]
    .filter((e) => e.checkVisibility() && e.className !== 'unseen')
    .filter((e) => !['checkbox', 'radio'].includes(e.type))
    .map((e) => [e.textContent, e.getBoundingClientRect().width, e.getBoundingClientRect().height])
    .filter(([, width, height]) => width < 48 || height < 48)"""

MIDDLE: Final = """(selector) => {
    const { x, y, width, height } = document.querySelector(selector).getBoundingClientRect();
    return { x: x + width / 2, y: y + height / 2 };
}"""

TAKEN_IN: Final = """async () => {
    await navigator.serviceWorker.ready;
    const { serviceWorker } = navigator;
    if (!serviceWorker.controller) {
        await new Promise((done) => serviceWorker.addEventListener('controllerchange', done));
    }
}"""
"""The page starts without a network from now on."""

OUT_OF_REACH: Final = """() => [...document.querySelectorAll('#thumb button, #state, #guests')]
    .filter((e) => e.checkVisibility())
    .map((e) => [e.textContent, e.getBoundingClientRect().top, e.getBoundingClientRect().bottom])
    .filter(([, top, bottom]) => scrollY === 0 && (top < 0 || bottom > innerHeight))"""


@asynccontextmanager
async def chromium(*flags: str) -> AsyncIterator[Browser]:
    async with async_playwright() as driver:
        made = await driver.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS, *flags])
        yield made
        await made.close()


class Browsers:
    """The process's browser: starting one costs as much as most stories."""

    def __init__(self) -> None:
        self._stack = AsyncExitStack()
        self._browser: Browser | None = None

    async def lend(self) -> Browser:
        if self._browser is None or not self._browser.is_connected():
            await self._stack.aclose()
            self._browser = await self._stack.enter_async_context(chromium())
        return self._browser

    async def take_back(self) -> None:
        """Close what a story has left open: nobody is connected when its server is to stop."""
        for context in self._browser.contexts if self._browser else ():
            await context.close()

    async def end(self) -> None:
        await self._stack.aclose()


@asynccontextmanager
async def serving(app: FastAPI) -> AsyncIterator[str]:
    """Serve the application on this loop; give its address."""
    how: Any = {"log_level": "warning", "lifespan": "off", "access_log": False}
    config = uvicorn.Config(app, port=0, timeout_graceful_shutdown=5, **how)
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
        enter = {"key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 13, "text": "\r"}
        self.clock = max(self.clock + 10, time.time())
        await self.press([*({"key": letter, "text": letter} for letter in code), enter], gap=gap)

    async def press(self, keys: list[dict[str, Any]], *, gap: float) -> None:
        """Press keys ``gap`` seconds apart, and all at once: the page waits for none of them."""
        sent = []
        for key in keys:
            self.clock += gap
            up = {name: value for name, value in key.items() if name != "text"}
            sent += [{"type": "keyDown", **key, "timestamp": self.clock}]
            sent += [{"type": "keyUp", **up, "timestamp": self.clock}]
        await asyncio.gather(*(self.keys.send("Input.dispatchKeyEvent", event) for event in sent))

    async def has_room(self, address: str, size: int) -> None:
        """Let the browser keep so many bytes for us, what it keeps already among them."""
        quota = {"origin": address, "quotaSize": size}
        await self.keys.send("Storage.overrideQuotaForOrigin", quota)

    async def sees(self, *texts: str) -> None:
        for text in texts:
            await expect(self.page.locator("body")).to_contain_text(text)

    async def is_told(self, kind: str, text: str) -> None:
        """Wait for a message; its words outlive the flash in the live region."""
        region = self.page.locator("#alarm" if kind == "wrong" else "#news")
        await expect(region).to_have_text(text)

    async def tap(self, text: str) -> None:
        await self.page.get_by_role("button", name=text).click()

    @asynccontextmanager
    async def pressing(self, selector: str) -> AsyncIterator[None]:
        """Lay a finger on something, and take it off again."""
        at = await self.page.evaluate(MIDDLE, selector)
        touch = "Input.dispatchTouchEvent"
        await self.keys.send(touch, {"type": "touchStart", "touchPoints": [at]})
        yield
        await self.keys.send(touch, {"type": "touchEnd", "touchPoints": []})

    async def photograph(self, name: str) -> None:
        if not SHOTS:
            return
        for scheme in SCHEMES:
            await self.page.emulate_media(color_scheme=scheme)
            for size in HANDHELDS:
                await self.page.set_viewport_size(size)
                path = f"{SHOTS}/handheld-{name}-{scheme}-{size['width']}.png"
                await self.page.screenshot(path=path)
        await self.page.set_viewport_size(PHONE)
        await self.page.emulate_media(color_scheme="null")

    async def is_fit(self, name: str) -> None:
        """Look: nothing wider than the screen, targets large enough, and axe finds nothing."""
        await self.page.locator("#banner").evaluate("banner => { banner.hidden = true }")
        await self.photograph(name)
        await self.page.set_viewport_size(ROOMY)
        found = await look_over(self.page, AXE)
        assert not found.response["violations"], found.generate_report()
        assert await self.page.evaluate(SMALL) == []
        await self.page.set_viewport_size(PHONE)
        assert await self.page.evaluate(OUT_OF_REACH) == []
        wide = await self.page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert wide <= 0


@asynccontextmanager
async def handheld(
    browser: Browser, address: str, *, room: int | None = None, **options: Any
) -> AsyncIterator[Handheld]:
    """Lend a handheld; with ``room``, one that keeps no more than so many bytes."""
    options = {"service_workers": "block", **options}
    context = await browser.new_context(
        viewport=PHONE, device_scale_factor=2, has_touch=True, is_mobile=True, **options
    )
    context.set_default_timeout(15_000)
    page = await context.new_page()
    person = Handheld(page, await context.new_cdp_session(page))
    if room is not None:
        await person.has_room(address, room)
    await page.goto(f"{address}/handheld")
    try:
        yield person
    except BaseException:
        await person.photograph("failed")
        raise
    finally:
        await context.close()
    assert person.errors == [], person.errors


async def signed_in(person: Handheld, code: str, badge: str) -> None:
    await person.sees("Scan or type the set-up code")
    await person.scan(code)
    await expect(person.page.locator("#code")).to_have_value(code)
    await person.page.locator("#name").fill("No 7")
    await person.tap("Set up")
    await person.sees("Scan your badge")
    await person.scan(badge)
    await person.sees("to pick")
