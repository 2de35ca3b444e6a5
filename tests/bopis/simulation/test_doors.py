"""What a simulated device understands of an answer."""

from datetime import UTC, date, datetime
from uuid import UUID

import httpx

from bopis.kernel.database import Database
from bopis.simulation import chain, engine
from bopis.simulation.doors import Handheld

NOON = datetime(2026, 3, 6, 18, tzinfo=UTC)


async def test_a_handheld_hears_how_many_units_its_entry_was_about() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        receipt = {"outcome": "applied", "quantity": 3}
        return httpx.Response(200, json={"next_state": "counter", "receipt": receipt})

    transport = httpx.MockTransport(answer)
    async with httpx.AsyncClient(transport=transport, base_url="http://store") as client:
        heard = await Handheld(client).retract(
            "7QK4M2", {"oat": 1}, scan_id=UUID(int=1), scanned_at=NOON
        )

    assert (heard.outcome, heard.quantity) == ("applied", 3)


async def test_each_stores_till_numbers_its_batches_itself(
    db: Database, client: httpx.AsyncClient
) -> None:
    made = chain.generate(7, first_day=date(2026, 11, 23), stores=2, items=50)
    stock = engine.stock_system(client, await engine.keys_for(db, made.sites))
    await engine.load(stock, made)

    for site in made.sites:
        text = f"store_id,sku,quantity\n{site.store},{next(iter(made.items))},7\n"
        await stock.feed(
            site.store, f"{site.store}-1", text, kind="snapshot", as_of=NOON, sequence=1
        )

    async with db.transaction() as tx:
        rows = await tx.rows("SELECT source, state FROM feed_batches ORDER BY source")
    states = {(row["source"], row["state"]) for row in rows}
    assert states == {(f"till-{site.store}", "applied") for site in made.sites}
