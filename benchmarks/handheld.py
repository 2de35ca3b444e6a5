"""How soon the handheld's page is there, from nothing, on a slow device: ``… benchmarks handheld``.

Chromium with its processor slowed down four times, an empty cache, the page and its files from a
server beside it. Then the same without a network, out of the service worker. Needs Chromium.
"""

import argparse
import asyncio
import os
import shutil
import statistics
from collections.abc import Sequence
from typing import Any, Final

import uvicorn
from fastapi import FastAPI
from playwright.async_api import Browser, async_playwright

from associates.handheld import page as handheld
from bopis.kernel import pages

SLOWER: Final = 4
LIMIT: Final = 1000
"""ms."""
CHROMIUM: Final = (
    os.environ.get("BOPIS_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
)
_THERE: Final = "() => document.querySelector('#screen h1')?.textContent !== 'Starting'"
_SINCE: Final = "() => performance.now()"


async def measured(browser: Browser, address: str) -> tuple[float, float]:
    """Return the ms from the request to the first screen: with an empty cache, and offline."""
    context = await browser.new_context()
    page = await context.new_page()
    devtools = await context.new_cdp_session(page)
    await devtools.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    await page.goto(address, wait_until="commit")
    await page.wait_for_function(_THERE)
    cold = float(await page.evaluate(_SINCE))
    await page.evaluate("navigator.serviceWorker.ready.then(() => null)")
    await context.set_offline(offline=True)
    await page.reload(wait_until="commit")
    await page.wait_for_function(_THERE)
    offline = float(await page.evaluate(_SINCE))
    await context.close()
    return cold, offline


async def run(rounds: int) -> int:
    app = FastAPI()
    app.include_router(handheld.router)
    app.include_router(pages.router)
    config = uvicorn.Config(app, port=0, log_level="warning", lifespan="off", access_log=False)
    server = uvicorn.Server(config)
    running = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 -- the server has no event to wait for
        await asyncio.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    flags: Any = ["--no-sandbox"]
    async with async_playwright() as driver:
        browser = await driver.chromium.launch(executable_path=CHROMIUM, args=flags)
        address = f"http://127.0.0.1:{port}/handheld"
        found = [await measured(browser, address) for _ in range(rounds)]
        await browser.close()
    server.should_exit = True
    await running
    cold, offline = (statistics.median(one) for one in zip(*found, strict=True))
    print(f"cold start {cold:,.0f} ms, offline {offline:,.0f} ms (median of {rounds}, {SLOWER}x)")
    return 0 if max(cold, offline) < LIMIT else 1


def main(argv: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="benchmarks handheld", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    return asyncio.run(run(parser.parse_args(argv).rounds))
