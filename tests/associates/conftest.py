"""Fixtures of the shop floor."""

from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI

from associates.module import module
from bopis.kernel.database import Database
from bopis.kernel.events import Routes
from tests.associates.floor import Floor, lay_out


@pytest.fixture
async def floor(db: Database) -> Floor:
    return await lay_out(db)


@pytest.fixture
def served(app: FastAPI) -> FastAPI:
    """The application, with this room in it whether or not the roof lists it."""
    paths = {getattr(route, "path", "") for route in app.routes}
    if "/handheld" not in paths:
        for router in module.routers:
            app.include_router(router)
    return app


@pytest.fixture
async def http(served: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=served, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="https://pickup.example") as made:
        yield made


@pytest.fixture
def routes() -> Routes:
    """Nobody above hears: this package is tested alone."""
    return Routes()
