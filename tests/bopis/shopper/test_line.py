"""From the web shop's request to the words in an inbox and on a page, and back by one button."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import httpx
import pytest

from bopis import app as roof
from bopis.kernel.clock import ManualClock
from bopis.kernel.database import Database
from bopis.kernel.ids import Sku
from bopis.kernel.keys import KeyKind
from inventory.models import Item
from notifications import sender
from tests.bopis.shopper.world import STORE, a_store
from tests.notifications.world import PostOffice

SAME = {"accept": "text/html", "sec-fetch-site": "same-origin"}
STOCK = """
    INSERT INTO stock (store_id, sku, on_hand, feed_quantity, feed_as_of, feed_source, changed_at)
    VALUES ($1, 'oat', 50, 50, $2, 'test', $2)
"""


@pytest.fixture
def office(monkeypatch: pytest.MonkeyPatch) -> PostOffice:
    monkeypatch.setattr(sender, "_means", sender.Means())
    made = PostOffice()
    roof.configure_sending(post=made)
    return made


async def test_what_was_said_is_on_the_page_and_one_button_ends_it(
    *,
    client: httpx.AsyncClient,
    db: Database,
    office: PostOffice,
    clock: ManualClock,
    key: Callable[..., Awaitable[dict[str, str]]],
    drain: Callable[[], Awaitable[int]],
) -> None:
    async with db.transaction() as tx:
        await tx.add(Item(sku=Sku("oat"), name="Oat drink", size="1 l"))
        await a_store(tx)
    async with db.transaction(STORE) as tx:
        await tx.run(STOCK, STORE, tx.now)
    body = {
        "store_id": STORE,
        "reference": "W-1",
        "customer": {"first_name": "Ada", "email": "ada@shopper.example"},
        "lines": [{"sku": "oat", "quantity": 2}],
    }
    taken = await client.post("/v1/orders", json=body, headers=await key(KeyKind.CHANNEL, "shop"))
    url = taken.json()["status_url"]
    await drain()
    await sender.sweep(db)
    page = await client.get(url, headers=SAME)
    clock.advance(timedelta(minutes=5))
    await client.post(f"{url}/cancel", headers=SAME)
    await drain()
    await sender.sweep(db)
    end = await client.get(url, headers=SAME)

    assert taken.status_code == 201
    received, cancelled = office.letters
    assert received.words.subject.startswith("Not ready yet: your order will be ready by ")
    assert url in received.words.text
    assert cancelled.words.subject == "Your order is cancelled, as you asked"
    assert "Ready by" in page.text
    assert "What we told you (1)" in page.text
    assert "sent 12\xa0PM today" in page.text
    assert "Cancelled." in end.text
    assert "You asked us to cancel it at 12:05\xa0PM today." in end.text
    assert "What we told you (2)" in end.text
