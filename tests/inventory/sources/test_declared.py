"""What a source declares holds for every file that it sends."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

import httpx

from bopis.kernel.database import Database
from bopis.kernel.keys import KeyKind
from inventory.feeds import quarantine
from tests.inventory.shelves import HOUR, OATS, RYE, SEVEN, a_store, items, numbers

Key = Callable[..., Awaitable[dict[str, str]]]
MAPPING: dict[str, Any] = {
    "encoding": "cp1252",
    "columns": {"store_id": "Filiale", "sku": "Artikel", "quantity": "Bestand"},
    "stores": {"0042": "S1"},
    "decimal": ",",
    "thousands": ".",
}
FILE = "Filiale;Artikel;Bestand\n0042;oats;1.200,0\n0042;rye;3,0\n0099;rye;3,0\n".encode("cp1252")


async def test_a_source_says_how_it_writes_and_may_correct_itself(
    client: httpx.AsyncClient, db: Database, key: Key
) -> None:
    await a_store(db)
    await items(db, OATS, RYE)
    client.headers.update(await key(KeyKind.FEED, "erp"))

    async def send(batch: str, as_of: datetime = SEVEN) -> httpx.Response:
        return await client.put(
            f"/v1/feeds/erp/batches/{batch}",
            params={"as_of": as_of.isoformat()},
            headers={"Content-Type": "text/csv"},
            content=FILE,
        )

    unread = await send("b1")
    declared = await client.put("/v1/feeds/erp", json={"mapping": MAPPING})
    taken = await send("b1")
    kept = await client.put("/v1/feeds/erp", json={"cadence_minutes": 60})
    corrected = MAPPING | {"units": {"items": {"rye": 12}}}
    await client.put("/v1/feeds/erp", json={"mapping": corrected})
    again = await send("b2", SEVEN + HOUR)

    assert (unread.status_code, unread.json()["type"]) == (422, "urn:bopis:problem:file-unreadable")
    assert (declared.status_code, kept.status_code) == (204, 204)
    assert (taken.json()["applied"], taken.json()["rejected"]) == (2, 1)
    assert taken.json()["rejects"][0]["reason"] == "untranslated"
    assert (again.json()["applied"], again.json()["unchanged"]) == (1, 1)
    assert await numbers(db, OATS) == (1200, 0, 0)
    assert await numbers(db, RYE) == (36, 0, 0)


async def test_a_key_cannot_choose_what_our_processes_open(
    client: httpx.AsyncClient, db: Database, key: Key
) -> None:
    client.headers.update(await key(KeyKind.FEED, "erp"))
    answer = await client.put(
        "/v1/feeds/erp", json={"fetch": {"folder": {"path": "/etc"}, "as_of": "modified"}}
    )

    assert answer.status_code == 422
    async with db.transaction() as tx:
        assert await tx.value("SELECT count(*) FROM feed_declarations") == 0


async def test_a_batch_that_was_set_aside_is_released_as_it_was_read(
    client: httpx.AsyncClient, db: Database, key: Key
) -> None:
    """Whatever its source has declared since: a person decided on what they were shown."""
    await a_store(db)
    await items(db, OATS)
    client.headers.update(await key(KeyKind.FEED, "erp"))
    await client.put("/v1/feeds/erp", json={"mapping": MAPPING})
    kept = await client.put(
        "/v1/feeds/erp/batches/b1",
        params={"as_of": SEVEN.isoformat()},
        headers={"Content-Type": "text/csv"},
        content=FILE.replace(b"0042;rye;3,0\n", b"0042;rye;many\n" * 20),
    )
    await client.put("/v1/feeds/erp", json={"mapping": {}})
    released = await quarantine.release(db, "erp", "b1", actor="ops:ada", reason="rye is gone")

    assert kept.json()["state"] == "quarantined"
    assert released.state == "applied"
    assert await numbers(db, OATS) == (1200, 0, 0)
