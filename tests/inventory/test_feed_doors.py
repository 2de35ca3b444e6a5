"""What a sender and store operations do with batches over HTTP: parts, dry runs, decisions."""

import base64
import gzip
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from itertools import permutations
from typing import Any

import httpx
import pytest

from bopis.kernel.clock import ManualClock
from bopis.kernel.database import Database
from bopis.kernel.ids import outward
from bopis.kernel.keys import KeyKind
from inventory import stock
from inventory.feeds import parts, quarantine
from inventory.feeds.reject_sheet import harmless
from inventory.stock import Want
from tests.conftest import NOON
from tests.inventory.shelves import OATS, RYE, S1, TEA, a_store, items, numbers, order, stocked

SEVEN = (NOON - timedelta(hours=5)).isoformat()
HEAD = "store_id,sku,quantity\n"
BROKEN = HEAD + "S1,oats,10\n" + "S1,rye,many\n" * 11
B1 = "/v1/feeds/erp/batches/b1"

Key = Callable[..., Awaitable[dict[str, str]]]


@pytest.fixture
async def system(client: httpx.AsyncClient, db: Database, key: Key) -> httpx.AsyncClient:
    await a_store(db)
    await items(db, OATS, RYE, TEA)
    client.headers.update(await key(KeyKind.FEED, "erp") | {"Content-Type": "text/csv"})
    client.params = client.params.merge({"as_of": SEVEN})
    return client


@pytest.fixture
async def desk(key: Key) -> dict[str, str]:
    return await key(KeyKind.OPS, "desk") | {"Content-Type": "application/json"}


async def put(
    system: httpx.AsyncClient, path: str, content: str | bytes, **params: Any
) -> dict[str, Any]:
    answer = await system.put(path, content=content, params=params)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_totals_by_parameter_and_by_header(system: httpx.AsyncClient) -> None:
    text = HEAD + "S1,oats,10\n"
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    header = {"Content-Digest": f"sha-512=:AAAA:, sha-256=:{digest}:"}
    good = await system.put(B1, content=text, params={"rows": 1}, headers=header)
    other = {"Content-Digest": f"sha-256=:{digest}:"}
    bad = await system.put(f"{B1}2", content=text + "S1,rye,1\n", headers=other)
    odd = await system.put(f"{B1}3", content=text, headers={"Content-Digest": "sha-256=:x:"})

    assert (good.json()["state"], good.json()["rows_said"]) == ("applied", 1)
    assert (bad.json()["state"], bad.json()["cause"]) == ("quarantined", "totals")
    assert odd.json()["type"] == "urn:bopis:problem:digest-invalid"


async def test_parts_in_any_order_and_twice_are_one_batch(
    system: httpx.AsyncClient, db: Database
) -> None:
    text = (HEAD + "S1,oats,10\nS1,rye,2\nS1,tea,many\n").encode()
    pieces = {1: text[:31], 2: text[31:35], 3: text[35:]}  # cut anywhere
    digest = hashlib.sha256(text).hexdigest()
    for n, given in enumerate(permutations(pieces)):
        path, said = f"/v1/feeds/erp/batches/p{n}", {"parts": 3, "sha256": digest, "rows": 3}
        first = await put(system, f"{path}/parts/{given[0]}", pieces[given[0]], **said)
        await put(system, f"{path}/parts/{given[1]}", pieces[given[1]], **said)
        again = await put(system, f"{path}/parts/{given[0]}", pieces[given[0]], **said)
        if n == 0:
            async with db.transaction() as tx:
                assert await tx.value("SELECT count(*) FROM stock") == 0
        whole = await put(system, f"{path}/parts/{given[2]}", pieces[given[2]], **said)
        late = await put(system, f"{path}/parts/{given[1]}", pieces[given[1]], **said)

        assert (first["state"], first["parts_missing"]) == ("receiving", sorted(given[1:]))
        assert again["parts_missing"] == [given[2]]
        assert (whole["state"], whole["rows"], whole["rejected"]) == ("applied", 3, 1)
        assert whole["rejects"][0]["line"] == 4
        assert late == whole
    assert await numbers(db, OATS) == (10, 0, 0)
    async with db.transaction() as tx:
        assert await tx.value("SELECT count(*) FROM feed_chunks") == 0


async def test_a_part_says_the_same_every_time(system: httpx.AsyncClient, db: Database) -> None:
    await put(system, f"{B1}/parts/1", HEAD, parts=2)
    differs = await system.put(f"{B1}/parts/1", content=HEAD + "S1,oats,1\n", params={"parts": 2})
    other = await system.put(f"{B1}/parts/2", content="S1,oats,1\n", params={"parts": 3})
    beyond = await system.put(f"{B1}/parts/3", content="S1,oats,1\n", params={"parts": 2})
    empty = await system.put(f"{B1}/parts/2", content="", params={"parts": 2})

    assert [(one.status_code, one.json()["type"].split(":")[-1]) for one in (differs, other)] == [
        (409, "part-differs"),
        (409, "batch-said-otherwise"),
    ]
    assert [one.status_code for one in (beyond, empty)] == [422, 422]
    seen = (await system.get(B1)).json()
    assert (seen["state"], seen["parts_missing"]) == ("receiving", [2])
    async with db.transaction() as tx:
        assert await tx.value("SELECT count(*) FROM stock") == 0


async def test_parts_that_do_not_come_are_given_up_and_may_still_come(
    system: httpx.AsyncClient, db: Database, clock: ManualClock
) -> None:
    announced = await system.post(B1, params={"parts": 2, "rows": 1})
    await put(system, f"{B1}/parts/2", "S1,oats,7\n", parts=2)
    clock.advance(parts.WITHIN + timedelta(seconds=1))
    await quarantine.tidy(db)
    silent = (await system.get(B1)).json()
    done = await put(system, f"{B1}/parts/1", HEAD, parts=2)

    assert (announced.json()["state"], announced.json()["parts_missing"]) == ("announced", [1, 2])
    assert silent["state"] == "timed_out"
    assert silent["problem"].startswith("Of 2 parts 1 did not come within an hour: 1. Nothing")
    assert (done["state"], done["applied"]) == ("applied", 1)


async def test_what_was_announced_counts_for_a_batch_in_one_piece(
    system: httpx.AsyncClient,
) -> None:
    await system.post(B1, params={"rows": 2})
    short = await put(system, B1, HEAD + "S1,oats,7\n")
    other = await system.post(B1, params={"rows": 2, "kind": "delta"})

    assert (short["state"], short["cause"], short["rows_said"]) == ("quarantined", "totals", 2)
    assert other.status_code == 409


TABLES = (
    *("stock", "stock_ledger", "stock_conflicts", "feed_batches", "feed_runs", "feed_rejects"),
    *("feed_sources", "feed_gaps", "feed_doubts", "feed_turns", "feed_confirmations", "events"),
    *("deliveries", "feed_parts", "feed_chunks"),
)


async def everything(db: Database) -> dict[str, list[Any]]:
    async with db.transaction() as tx:
        return {
            table: [tuple(row) for row in await tx.rows(f"SELECT t.*, xmin FROM {table} AS t")]  # noqa: S608
            for table in TABLES
        }


@pytest.mark.parametrize("kind", ["snapshot", "delta"])
async def test_a_dry_run_says_whose_order_would_lose_and_writes_nothing(
    system: httpx.AsyncClient, db: Database, clock: ManualClock, kind: str
) -> None:
    await stocked(db, {OATS: 10, RYE: 4})
    for n, quantity in ((2, 3), (1, 4)):
        clock.advance(timedelta(minutes=1))
        async with db.transaction(S1) as tx:
            await stock.reserve(tx, S1, [Want(order(n), OATS, quantity)])
    now = clock.advance(timedelta(minutes=1)).isoformat()
    before = await everything(db)

    oats = 4 if kind == "snapshot" else -6
    text = HEAD + f"S1,oats,{oats}\nS1,rye,4\nS1,nuts,1\nS9,tea,1\n"
    shown = await put(system, B1, text, dry_run="true", kind=kind, as_of=now, sequence=7)

    assert await everything(db) == before
    assert (shown["would_be"], shown["rows"], shown["rejected"]) == ("applied", 4, 1)
    assert shown["stores"] == [
        {
            "store_id": "S1",
            "rows": 3,
            "applied": 2,
            "unchanged": 0,
            "stale": 0,
            "unknown": 1,
            "conflicts": 1,
            "changes": [
                {"sku": "oats", "before": 10, "after": 4},
                *([{"sku": "rye", "before": 4, "after": 8}] if kind == "delta" else []),
            ],
            "losing": [{"order_id": outward(S1, order(1)), "sku": "oats", "missing": 3}],
        }
    ]
    done = await put(system, B1, text, kind=kind, as_of=now, sequence=7)
    assert [(run["applied"], run["conflicts"], run["unknown"]) for run in done["stores"]] == [
        (2, 1, 1)
    ]


async def test_what_waits_is_tried_released_and_discarded(
    system: httpx.AsyncClient, db: Database, desk: dict[str, str], key: Key
) -> None:
    await put(system, B1, BROKEN)
    await put(system, f"{B1}2", BROKEN.replace("10", "11"))
    ops, reason = "/v1/ops/feeds/erp/batches/b1", {"reason": "A known fault."}
    before = await everything(db)
    tried = await system.post(f"{ops}/dry-run", headers=desk)
    assert await everything(db) == before
    listed = await system.get("/v1/ops/feeds/quarantine", headers=desk)
    silent = await system.post(f"{ops}/release", headers=desk, json={"reason": ""})
    one = await key(KeyKind.OPS, "one", only_store="S1")
    refused = await system.post(f"{ops}/release", headers=one, json=reason)
    assert await everything(db) == before
    released = await system.post(f"{ops}/release", headers=desk, json=reason)
    discarded = await system.post(f"{ops}2/discard", headers=desk, json=reason)
    late = await system.post(f"{ops}2/release", headers=desk, json=reason)

    assert (tried.json()["would_be"], tried.json()["cause"]) == ("quarantined", "rejects")
    assert tried.json()["stores"][0]["changes"] == [{"sku": "oats", "before": 0, "after": 10}]
    assert [batch["batch_id"] for batch in listed.json()["batches"]] == ["b1", "b12"]
    assert (silent.status_code, refused.status_code, late.status_code) == (422, 403, 409)
    assert released.json()["state"] == "applied"
    assert (released.json()["decided_by"], released.json()["decision"]) == (
        "ops:desk",
        "A known fault.",
    )
    assert discarded.json()["state"] == "discarded"
    assert await numbers(db, OATS) == (10, 0, 0)


async def test_a_gap_is_seen_and_given_up(system: httpx.AsyncClient, desk: dict[str, str]) -> None:
    await put(system, B1, HEAD + "S1,oats,5\n", sequence=1)
    held = await put(system, f"{B1}2", HEAD + "S1,oats,9\n", sequence=4, as_of=NOON.isoformat())
    listed = (await system.get("/v1/ops/feeds/gaps", headers=desk)).json()["gaps"]
    path = "/v1/ops/feeds/erp/gaps"
    gone = await system.post(f"{path}/3/give-up", headers=desk, json={"reason": "Lost."})
    again = await system.post(f"{path}/3/give-up", headers=desk, json={"reason": "Lost."})

    assert [(gap["sequence"], gap["until"]) for gap in held["held_by"]] == [(2, 3)]
    assert listed == held["held_by"]
    assert (gone.status_code, again.status_code) == (200, 404)
    assert (await system.get(f"{B1}2")).json()["held_by"] == []


async def test_what_is_compressed_is_refused_before_it_is_read(system: httpx.AsyncClient) -> None:
    read = 0

    async def bomb() -> AsyncIterator[bytes]:
        nonlocal read
        yield gzip.compress(b"\0" * 1_000_000)
        for _ in range(1000):
            read += 1
            yield b"\0" * 1_000_000

    plain = await system.put(B1, content=bomb())
    coded = await system.put(B1, content=bomb(), headers={"Content-Encoding": "gzip"})

    assert (plain.status_code, coded.status_code) == (422, 422)
    assert "gzip" in plain.json()["detail"]
    assert read <= 1


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        ("=1+1", "'=1+1"),
        ("\t=1", "'\t'=1"),
        ("\r=1", "'\r'=1"),
        ("  @sum", "'  @sum"),
        ("\uff1d1", "'\uff1d1"),
        ("\uff0d1", "'\uff0d1"),
        ("S1;=1+1", "S1;'=1+1"),
        ("S1\n+1", "S1\n'+1"),
        ("S1,oats,-5", "S1,oats,-5"),
    ],
)
def test_no_cell_is_run(cell: str, shown: str) -> None:
    assert harmless(cell) == shown
