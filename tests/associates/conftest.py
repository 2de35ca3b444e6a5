"""Fixtures of the shop floor."""

from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI

from associates.module import module
from bopis.kernel.database import Database
from inventory.models import Item, ItemGtin, Location, StagingPlace, Stock, Store
from tests.associates.floor import (
    ADA_PIN,
    GTINS,
    JAM,
    NAMES,
    OAT,
    OAT_CASE,
    OTHER,
    PLACE,
    RYE,
    SAM_PIN,
    STORE,
    Floor,
    a_holder,
)


@pytest.fixture
async def floor(db: Database) -> Floor:
    async with db.transaction() as tx:
        for store_id, name in ((STORE, "Riverside"), (OTHER, "Lakeview")):
            await tx.add(Store(store_id=store_id, name=name, time_zone="America/Chicago"))
        for sku, name in NAMES.items():
            await tx.add(Item(sku=sku, name=name, size="1 l"))
            await tx.add(ItemGtin(gtin=GTINS[sku].zfill(14), sku=sku))
        await tx.add(ItemGtin(gtin=OAT_CASE, sku=OAT, quantity=6))
    async with db.transaction(STORE) as tx:
        for sku, aisle, bay in ((OAT, "12", "4"), (RYE, "3", "1"), (JAM, "12", "9")):
            await tx.add(
                Location(store_id=STORE, sku=sku, zone="", aisle=aisle, bay=bay, shelf="2"),
                Stock(store_id=STORE, sku=sku, on_hand=20, changed_at=tx.now),
            )
        await tx.add(StagingPlace(store_id=STORE, code=PLACE, label="Counter A12"))
        ada = await a_holder(tx, STORE, "1001", "Ada", ADA_PIN)
        sam = await a_holder(tx, STORE, "1002", "Sam", SAM_PIN)
    return Floor(db, ada, sam)


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
