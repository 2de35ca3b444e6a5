"""The application with the shopper's room in it, and one order to look at."""

import pytest
from fastapi import FastAPI

from bopis.kernel.database import Database
from bopis.orders.telling import links
from tests.bopis.shopper import world


@pytest.fixture(autouse=True)
def signed() -> None:
    links.configure(["test-link-key-of-no-value"], "https://pickup.example")


@pytest.fixture
def front(app: FastAPI) -> FastAPI:
    return app


@pytest.fixture
async def ordered(db: Database) -> Database:
    async with db.transaction(world.STORE) as tx:
        await world.a_store(tx)
        await world.an_order(tx)
    return db
