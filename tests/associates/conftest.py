"""Fixtures of the shop floor."""

from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI

from bopis.kernel.database import Database
from bopis.kernel.events import Routes
from tests.associates.floor import Floor, lay_out


@pytest.fixture
async def floor(db: Database) -> Floor:
    return await lay_out(db)


@pytest.fixture
async def http(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="https://pickup.example") as made:
        yield made


@pytest.fixture
def routes() -> Routes:
    """Nobody above hears: this package is tested alone."""
    return Routes()
