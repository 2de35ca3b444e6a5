"""What a simulated device understands of an answer."""

from datetime import UTC, datetime
from uuid import UUID

import httpx

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
