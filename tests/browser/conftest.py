"""A browser, and the application behind an address."""

from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI
from playwright.async_api import Browser

from bopis import app as roof
from bopis.kernel.clock import ManualClock
from bopis.kernel.database import Database
from tests.browser.person import chromium, serving
from tests.journeys.day import Day, a_day


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as made:
        yield made


@pytest.fixture
async def address(app: FastAPI) -> AsyncIterator[str]:
    async with serving(app) as made:
        yield made


@pytest.fixture
async def day(db: Database, client: httpx.AsyncClient, clock: ManualClock) -> Day:
    made = await a_day(db, client, clock)
    roof.configure_sending(post=made.post)
    return made
