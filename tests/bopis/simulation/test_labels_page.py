"""Whoever has no scanner finds the code of what the handheld asks for by the end of it."""

from datetime import date

import httpx
import pytest
from fastapi import FastAPI

from bopis.simulation import chain, labels_page


@pytest.mark.parametrize("by", ["code", "name"])
async def test_a_label_is_found_by_what_the_handheld_shows(by: str) -> None:
    made = chain.generate(7, first_day=date(2026, 11, 23), stores=2, items=80)
    site = made.sites[0]
    shelf = next(one for one in made.shelves if one.store == site.store)
    item = made.items[shelf.sku]
    query = item.gtin[-4:] if by == "code" else item.good.name.upper()
    app = FastAPI()
    app.include_router(labels_page.router(made, site))
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://demo"
    ) as client:
        found = await client.get("/labels", params={"q": query})
        none = await client.get("/labels", params={"q": "<nothing>"})

    assert item.gtin in found.text
    assert shelf.code in found.text
    assert "No label has “&lt;nothing&gt;” on it." in none.text
