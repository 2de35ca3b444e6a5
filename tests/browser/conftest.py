"""A browser, and the application behind an address."""

from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI
from playwright.async_api import Browser

from bopis import app as roof
from bopis.kernel.clock import ManualClock
from bopis.kernel.database import Database
from tests.browser.person import Browsers, serving
from tests.journeys.day import Day, a_day


@pytest.fixture(scope="session")
async def browsers() -> AsyncIterator[Browsers]:
    kept = Browsers()
    yield kept
    await kept.end()


@pytest.fixture
async def browser(browsers: Browsers) -> AsyncIterator[Browser]:
    yield await browsers.lend()
    await browsers.take_back()


@pytest.fixture
async def address(app: FastAPI, browsers: Browsers) -> AsyncIterator[str]:
    async with serving(app) as made:
        yield made
        app.state.stopping.set()
        await browsers.take_back()


@pytest.fixture
async def day(db: Database, client: httpx.AsyncClient, clock: ManualClock) -> Day:
    made = await a_day(db, client, clock)
    roof.configure_sending(post=made.post)
    return made
