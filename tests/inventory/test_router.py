"""What a stock system sends over HTTP, and what it hears."""

import csv
import io
import json
from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from typing import Any

import httpx
import pytest

from bopis.kernel.database import Database
from bopis.kernel.ids import StoreId
from bopis.kernel.keys import KeyKind
from inventory import items, stores
from inventory.feeds import intake
from inventory.feeds.reject_sheet import harmless
from inventory.layout import locations
from inventory.opening import hours
from inventory.opening.hours import Calendar
from inventory.stores import StoreUnknown
from tests.conftest import NOON
from tests.inventory.shelves import OATS, RYE, S1, S2, numbers

CSV = {"Content-Type": "text/csv"}
SEVEN = (NOON - timedelta(hours=5)).isoformat()

STORES = (
    "store_id,name,time_zone,latitude,longitude,safety,hours,exceptions,staging\n"
    'S1,Lakeview,America/Chicago,41.94,-87.65,0,Mon-Sun 09:00-21:00,2026-03-08 closed,"A1; A2"\n'
    "S2,Harbor,America/Chicago,41.90,-87.62,2,Mon-Sun 09:00-21:00,,B1\n"
)
ITEMS = "sku,name,gtins\noats,Oat drink,9521234543213\nrye,Rye bread,4006381333931;96385074*12\n"
LOCATIONS = (
    "store_id,sku,zone,aisle,bay,shelf,kind\n"
    "S1,oats,Food,4,2,3,shelf\nS1,oats,Back,1,,,backroom\nS1,rye,Food,5,1,1,\n"
)

Key = Callable[..., Awaitable[dict[str, str]]]


@pytest.fixture
async def system(client: httpx.AsyncClient, key: Key) -> httpx.AsyncClient:
    """A stock system with its key, whose chain is known."""
    client.headers.update(await key(KeyKind.FEED, "erp") | CSV)
    for path, text in (("stores", STORES), ("items", ITEMS), ("locations", LOCATIONS)):
        answer = await client.put(f"/v1/{path}", content=text)
        assert answer.status_code == 200, answer.text
        assert answer.json()["rejected"] == 0
    return client


async def feed(
    system: httpx.AsyncClient, text: str, batch: str = "b1", **params: Any
) -> httpx.Response:
    given = {"kind": "snapshot", "as_of": SEVEN} | params
    return await system.put(f"/v1/feeds/erp/batches/{batch}", params=given, content=text)


async def test_the_chain_as_it_was_sent(system: httpx.AsyncClient, db: Database) -> None:
    async with db.transaction() as tx:
        calendar = await stores.calendar(tx, S1)
        near = await stores.nearest(tx, 41.91, -87.62, 5)
        with pytest.raises(StoreUnknown):
            await stores.get(tx, StoreId("S9"))
        assert await items.by_gtins(tx, ["00000000000000", "00000096385074"]) == (RYE, 12)
        assert await items.codes(tx, [RYE, OATS]) == {
            OATS: {"09521234543213": 1},
            RYE: {"04006381333931": 1, "00000096385074": 12},
        }
        assert set(await items.known(tx, [RYE, OATS])) == {RYE, OATS}
        place = await locations.staging_place(tx, S1, "A2")
    async with db.transaction(S1) as tx:
        found = await locations.find(tx, S1, [OATS, RYE])
        await locations.missed_at(tx, S1, OATS, ("Food", "4", "2", "3"))
        again = await locations.find(tx, S1, [OATS])

    assert hours.is_open(calendar, NOON)
    assert not hours.is_open(calendar, NOON + timedelta(days=2))
    assert [(store.store_id, round(km, 1)) for store, km in near] == [(S2, 1.1), (S1, 4.2)]
    assert place is not None
    assert [one.aisle for one in found[OATS]] == ["4", "1"]
    assert [one.aisle for one in again[OATS]] == ["1", "4"]


async def test_the_same_files_again_write_nothing(system: httpx.AsyncClient) -> None:
    for path, text in (("stores", STORES), ("items", ITEMS), ("locations", LOCATIONS)):
        answer = (await system.put(f"/v1/{path}", content=text)).json()
        assert (path, answer["written"]) == (path, 0)


async def test_a_file_changes_only_what_it_speaks_of(
    system: httpx.AsyncClient, db: Database
) -> None:
    text = "store_id,name,time_zone,hours,staging\nS1,Lake View,America/Chicago,Mon closed,A2\n"
    await system.put("/v1/stores", content=text)
    await system.put("/v1/locations", content="store_id,sku,aisle\nS1,oats,9\n")

    async with db.transaction(S1) as tx:
        store = await stores.get(tx, S1)
        calendar = await stores.calendar(tx, S1)
        found = await locations.find(tx, S1, [OATS, RYE])
        assert await locations.staging_place(tx, S1, "A1") is None
        assert await locations.staging_place(tx, S1, "A2") is not None
    assert (store.name, store.latitude) == ("Lake View", 41.94)
    assert not hours.is_open(calendar, NOON)
    assert [one.aisle for one in found[OATS]] == ["9"]
    assert [one.aisle for one in found[RYE]] == ["5"]


async def test_pickup_hours_and_slots_of_a_store(system: httpx.AsyncClient, db: Database) -> None:
    said = {
        "store_id": "S1",
        "name": "Lakeview",
        "time_zone": "America/Chicago",
        "exceptions": "2026-03-08 10:00-16:00",
        "pickup_hours": "Mon-Sun 11:00-19:00",
        "pickup_exceptions": "2026-03-09 closed",
        "slots": "Fri 09:00-21:00 12 per 60 min",
    }
    ndjson = {"Content-Type": "application/x-ndjson"}

    async def put(**fields: str) -> int:
        answer = await system.put("/v1/stores", content=json.dumps(said | fields), headers=ndjson)
        assert answer.json()["rejected"] == 0, answer.text
        return int(answer.json()["written"])

    assert [await put(), await put()] == [1, 0]
    async with db.transaction(S1) as tx:
        opening, pickup = await stores.calendar(tx, S1), await stores.pickup_calendar(tx, S1)
        assert await tx.value("SELECT capacity FROM store_slots WHERE store_id = 'S1'") == 12
    assert await put(pickup_hours="", pickup_exceptions="", slots="") == 1
    async with db.transaction(S1) as tx:
        assert await stores.pickup_calendar(tx, S1) == await stores.calendar(tx, S1)

    def walls(calendar: Calendar, day: int) -> list[str]:
        spans = hours.openings(calendar, date(2026, 3, day))
        return [
            f"{a.astimezone(calendar.zone):%H:%M}-{b.astimezone(calendar.zone):%H:%M}"
            for a, b in spans
        ]

    assert [walls(opening, day) for day in (7, 8, 9)] == [
        ["09:00-21:00"],
        ["10:00-16:00"],
        ["09:00-21:00"],
    ]
    assert [walls(pickup, day) for day in (7, 8, 9)] == [["11:00-19:00"], ["11:00-16:00"], []]


async def test_a_stores_safety_is_kept_for_every_item(
    system: httpx.AsyncClient, db: Database
) -> None:
    await feed(system, "store_id,sku,quantity\nS2,oats,5\n")
    await system.put(
        "/v1/stores", content="store_id,name,time_zone,safety\nS2,Harbor,America/Chicago,3\n"
    )

    async with db.transaction(S2) as tx:
        assert await tx.value("SELECT safety FROM stock WHERE store_id = 'S2'") == 3


async def test_a_batch_and_what_became_of_it(system: httpx.AsyncClient, db: Database) -> None:
    text = "store_id,sku,quantity\nS1,oats,10\nS2,oats,3\nS1,rye,=many\nS1,nuts,1\n"
    answer = await feed(system, text)
    again = await feed(system, text)
    seen = await system.get("/v1/feeds/erp/batches/b1")

    assert answer.status_code == 200, answer.text
    assert answer.json() == again.json() == seen.json()
    out = answer.json()
    assert {name: out[name] for name in ("state", "rows", "rejected", "applied", "unknown")} == {
        "state": "applied",
        "rows": 4,
        "rejected": 1,
        "applied": 2,
        "unknown": 1,
    }
    assert [(run["store_id"], run["applied"]) for run in out["stores"]] == [("S1", 1), ("S2", 1)]
    assert await numbers(db, OATS) == (10, 0, 0)


async def test_rejects_as_a_sheet_that_runs_nothing(system: httpx.AsyncClient) -> None:
    await feed(system, "store_id,sku,quantity\n=cmd|' /C calc'!A0,oats,many\nS1,nuts,1\n")
    answer = await system.get("/v1/feeds/erp/batches/b1/rejects")

    rows = list(csv.reader(io.StringIO(answer.text)))
    assert rows == [
        ["line", "field", "reason", "explanation", "raw"],
        ["2", "quantity", "not_a_number", "This is not a number.", "'=cmd|' /C calc'!A0,oats,many"],
        ["3", "sku", "unknown_item", "We do not know this item.", "S1,nuts,1"],
    ]
    assert harmless("-1") == "'-1"


@pytest.mark.parametrize(
    ("params", "headers", "body", "status", "problem"),
    [
        ({"as_of": "2026-03-06T07:00:00"}, {}, "x", 422, "as-of-invalid"),
        ({"as_of": "2027-03-06T07:00:00Z"}, {}, "x", 422, "as-of-invalid"),
        ({"as_of": "yesterday"}, {}, "x", 422, "request-invalid"),
        ({"kind": "guess"}, {}, "x", 422, "request-invalid"),
        ({"sequence": -1}, {}, "x", 422, "request-invalid"),
        ({}, {"Content-Type": "application/pdf"}, "x", 422, "format-unknown"),
        ({}, {}, "", 422, "file-unreadable"),
        ({}, {}, "store,thing\n1,2\n", 422, "file-unreadable"),
        ({}, {}, "store_id,sku,quantity\n".encode("utf-16"), 422, "file-unreadable"),
        ({}, {"Authorization": "Bearer nonsense"}, "x", 401, "key-unknown"),
    ],
)
async def test_what_cannot_be_taken_is_a_problem_and_nothing_happens(
    system: httpx.AsyncClient,
    db: Database,
    *,
    params: dict[str, Any],
    headers: dict[str, str],
    body: str | bytes,
    status: int,
    problem: str,
) -> None:
    answer = await system.put(
        "/v1/feeds/erp/batches/b1",
        params={"as_of": SEVEN} | params,
        headers=headers,
        content=body,
    )

    assert answer.status_code == status, answer.text
    assert answer.json()["type"] == f"urn:bopis:problem:{problem}"
    async with db.transaction() as tx:
        assert await tx.value("SELECT count(*) FROM feed_batches") == 0


async def test_a_source_sees_its_own_batches_only(system: httpx.AsyncClient, key: Key) -> None:
    await feed(system, "store_id,sku,quantity\nS1,oats,10\n")
    other = await key(KeyKind.FEED, "till")

    for path in ("", "/rejects"):
        answer = await system.get(f"/v1/feeds/erp/batches/b1{path}", headers=other)
        assert answer.status_code == 403
    assert (await system.get("/v1/feeds/erp/batches/b2")).status_code == 404
    shop = await key(KeyKind.CHANNEL, "erp")
    assert (await system.get("/v1/feeds/erp/batches/b1", headers=shop)).status_code == 403


async def test_a_key_for_one_store_speaks_of_no_other(
    system: httpx.AsyncClient, db: Database, key: Key
) -> None:
    system.headers.update(await key(KeyKind.FEED, "erp", only_store=S1))
    answer = await feed(system, "store_id,sku,quantity\nS1,oats,10\nS2,oats,3\n")
    loaded = await system.put("/v1/stores", content=STORES)
    moved = await system.put("/v1/locations", content="store_id,sku,aisle\nS2,oats,9\n")

    assert [run["store_id"] for run in answer.json()["stores"]] == ["S1"]
    assert answer.json()["rejects"][0]["reason"] == "unknown_store"
    assert loaded.json()["rejects"][0]["reason"] == "unknown_store"
    assert (moved.json()["written"], moved.json()["rejected"]) == (0, 1)
    assert (await system.put("/v1/items", content=ITEMS)).status_code == 403


async def test_a_file_that_never_ends_is_cut(
    system: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake, "LIMIT", 1000)
    answer = await feed(system, "store_id,sku,quantity\n" + "S1,oats,1\n" * 200)

    assert answer.status_code == 413
    assert answer.json()["type"] == "urn:bopis:problem:file-too-large"


async def test_how_a_source_works_is_said_once(system: httpx.AsyncClient, db: Database) -> None:
    answer = await system.put(
        "/v1/feeds/erp",
        json={"books_pickup": "at_order", "cadence_minutes": 15},
        headers={"Content-Type": "application/json"},
    )
    await feed(system, "store_id,sku,quantity\nS1,oats,10\n")

    assert answer.status_code == 204
    async with db.transaction() as tx:
        assert await tx.value("SELECT books_pickup FROM feed_sources") == "at_order"
