"""The same as on the pages, for programs: an ops key sees its stores, and no other key sees any."""

import json
from typing import Any

import httpx
import pytest

from bopis.kernel.database import Database
from bopis.kernel.keys import KeyKind
from tests.bopis.ops.conftest import Key
from tests.bopis.ops.desk import ELSEWHERE, READY, S1, S2, conflict, dead_letter
from tests.bopis.trust import world

READS = (
    "today",
    "stores",
    "orders?show=all",
    "feeds",
    "conflicts",
    "dead-letters",
    "devices",
    "associates",
    "report",
    f"orders/{READY}",
)


async def test_only_an_ops_key_opens_it(client: httpx.AsyncClient, key: Key) -> None:
    shop = await key(KeyKind.CHANNEL)

    for path in READS:
        for headers, status in ((None, 401), (shop, 403)):
            answer = await client.get(f"/v1/ops/{path}", headers=headers)
            assert answer.status_code == status, path
            assert answer.headers["content-type"] == "application/problem+json"


async def test_a_store_key_sees_its_store_alone(
    client: httpx.AsyncClient, key: Key, db: Database
) -> None:
    await world.build(db, stores=(S1, S2))
    await conflict(db, S2)
    await dead_letter(db, S2)
    headers = await key(KeyKind.OPS, only_store=S1)

    for path in READS:
        answer = await client.get(f"/v1/ops/{path}", headers=headers)

        assert answer.status_code == 200, path
        assert "S2" not in answer.text


async def test_an_order_is_told_without_what_opens_it(
    client: httpx.AsyncClient, key: Key, db: Database
) -> None:
    await world.build(db)

    found = (await client.get(f"/v1/ops/orders/{READY}", headers=await key(KeyKind.OPS))).json()

    assert found["id"] == READY
    assert [fact["name"] for fact in found["facts"]] == ["order.accepted", "order.ready"]
    assert "CODE0001" not in str(found)
    assert "ada@example.com" not in str(found)


async def test_the_list_says_that_there_is_more(
    client: httpx.AsyncClient, key: Key, db: Database
) -> None:
    await world.build(db)
    headers = await key(KeyKind.OPS)

    short = (await client.get("/v1/ops/orders?show=all&limit=2", headers=headers)).json()
    whole = (await client.get("/v1/ops/orders?show=all&limit=3", headers=headers)).json()

    assert (len(short["orders"]), short["more"]) == (2, True)
    assert (len(whole["orders"]), whole["more"]) == (3, False)
    no_text = await client.get("/v1/ops/orders?show=all&q=a%00", headers=headers)
    assert (no_text.status_code, no_text.json()["type"]) == (422, "urn:bopis:problem:not-text")


async def test_what_is_done_elsewhere_is_not_there(
    client: httpx.AsyncClient, key: Key, db: Database
) -> None:
    await world.build(db, stores=(S1, S2))
    id_ = await conflict(db, S2)
    letter = await dead_letter(db, S2)
    headers = await key(KeyKind.OPS, only_store=S1)
    note = {"note": "x"}
    acts = {
        f"conflicts/{id_}/close": note,
        "dead-letters/retry": letter,
        "dead-letters/discard": letter | note,
        f"orders/{ELSEWHERE}/retract": note,
        "stores/S2/enrolment-codes": {},
        f"devices/S2.{world.DEVICE.hex}/revoke": note,
        "stores/S2/associates": {"number": "7", "name": "Eve"},
        f"associates/S2.{world.DEVICE.hex}/badge": note,
        f"associates/S2.{world.DEVICE.hex}/deactivate": note,
    }

    for path, body in acts.items():
        answer = await client.post(f"/v1/ops/{path}", json=body, headers=headers)
        assert answer.status_code == 404, path


async def test_a_person_may_act(client: httpx.AsyncClient, key: Key, db: Database) -> None:
    await world.build(db)
    id_ = await conflict(db)
    letter = await dead_letter(db)
    headers = await key(KeyKind.OPS)
    acts: tuple[tuple[str, dict[str, Any], int], ...] = (
        (f"conflicts/{id_}/close", {"note": "a transfer is on its way"}, 200),
        (f"conflicts/{id_}/close", {"note": "again"}, 409),
        ("dead-letters/discard", letter | {"note": "done by hand"}, 200),
        ("stores/S1/enrolment-codes", {}, 201),
        ("stores/S9/enrolment-codes", {}, 404),
        (f"devices/S1.{world.DEVICE.hex}/revoke", {"note": "lost"}, 200),
        (f"devices/S1.{world.DEVICE.hex}/revoke", {"note": "lost"}, 404),
        (f"orders/S1.{world.order_id(0).hex}/retract", {"note": "no"}, 409),
        ("dead-letters/retry", letter | {"extra": 1}, 422),
        (f"conflicts/{id_}/close", {"note": " "}, 422),
        (f"conflicts/{id_}/close", {"note": "a\x00b"}, 422),
    )

    for path, body, status in acts:
        answer = await client.post(f"/v1/ops/{path}", json=body, headers=headers)
        assert answer.status_code == status, (path, answer.text)
    async with db.transaction() as tx:
        notes = await tx.rows("SELECT payload ->> 'note' AS n FROM events WHERE name = 'ops.noted'")
    assert [row["n"] for row in notes] == ["a transfer is on its way", "done by hand", "lost"]


async def test_somebody_comes_loses_a_badge_and_leaves(
    client: httpx.AsyncClient, key: Key, db: Database
) -> None:
    await world.build(db, stores=(S1, S2))
    headers = await key(KeyKind.OPS, only_store=S1)
    eve = {"number": "E-7", "name": "Eve", "pin": "314159"}

    async def post(path: str, **body: Any) -> httpx.Response:
        return await client.post(f"/v1/ops/{path}", json=body, headers=headers)

    async def handheld(path: str, **body: Any) -> httpx.Response:
        return await client.post(f"/v1/handheld/{path}", json=body, headers=shown)

    made = await post("stores/S1/associates", **eve)
    again = await post("stores/S1/associates", **eve)
    came = made.json()
    code = (await post("stores/S1/enrolment-codes")).json()["code"]
    shown: dict[str, str] = {}
    enrolled = (await handheld("enrol", code=code, name="No 1")).json()["data"]
    shown["Authorization"] = f"Bearer {enrolled['device_token']}"
    by_badge = await handheld("sign-in", badge=came["badge"])
    by_pin = await handheld("sign-in", number="E-7", pin="314159")
    shown["X-Associate-Session"] = by_pin.json()["data"]["session"]
    replaced = (await post(f"associates/{came['id']}/badge", note="lost")).json()["badge"]
    old = await handheld("sign-in", badge=came["badge"])
    left = await post(f"associates/{came['id']}/deactivate", note="moved away")
    twice = await post(f"associates/{came['id']}/deactivate", note="moved away")
    out = await client.get("/v1/handheld/tasks", headers=shown)

    assert (made.status_code, again.status_code) == (201, 409)
    assert again.json()["type"] == "urn:bopis:problem:number-taken"
    assert (by_badge.status_code, by_pin.status_code, old.status_code) == (200, 200, 401)
    assert (left.status_code, twice.status_code) == (200, 404)
    assert out.json()["type"] == "urn:bopis:problem:signed-out"
    listed = (await client.get("/v1/ops/associates", headers=headers)).json()
    [row] = [one for one in listed["associates"] if one["number"] == "E-7"]
    assert row | {"id": ""} == {
        "id": "",
        "store_id": "S1",
        "store": "Store S1",
        "number": "E-7",
        "name": "Eve",
        "is_active": False,
        "left_at": db.clock().isoformat().replace("+00:00", "Z"),
        "has_badge": False,
        "has_pin": False,
        "waits_until": None,
    }
    for secret in (came["badge"], replaced, "314159"):
        assert secret not in str(listed)
    async with db.transaction() as tx:
        notes = await tx.rows("SELECT payload ->> 'note' AS n FROM events WHERE name = 'ops.noted'")
    assert [note["n"] for note in notes] == ["lost", "moved away"]


@pytest.mark.parametrize(
    "change",
    [
        {"number": ""},
        {"number": "*badge"},
        {"number": "7" * 21},
        {"number": 7},
        {"name": " "},
        {"name": "Eve\x00"},
        {"name": "E" * 61},
        {"pin": "12345"},
        {"pin": "\ud800"},
        {"pin": "１２３４５６"},  # noqa: RUF001 -- digits, but none that a keypad has
        {"boss": True},
    ],
)
async def test_nobody_is_taken_on_by_nonsense(
    client: httpx.AsyncClient, key: Key, db: Database, change: dict[str, Any]
) -> None:
    await world.build(db)
    headers = await key(KeyKind.OPS) | {"Content-Type": "application/json"}
    body = json.dumps({"number": "7", "name": "Eve"} | change)

    answer = await client.post("/v1/ops/stores/S1/associates", content=body, headers=headers)

    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    async with db.transaction() as tx:
        assert await tx.value("SELECT count(*) FROM associates WHERE name LIKE 'E%'") == 0


async def test_a_day_elsewhere_in_time(client: httpx.AsyncClient, key: Key, db: Database) -> None:
    await world.build(db)
    headers = await key(KeyKind.OPS)

    spring = (await client.get("/v1/ops/report?day=2026-03-08", headers=headers)).json()
    other = await client.get("/v1/ops/report?day=soon", headers=headers)
    never = await client.get("/v1/ops/report?day=9999-12-31", headers=headers)

    assert (spring["since"], spring["until"]) == ("2026-03-08T06:00:00Z", "2026-03-09T05:00:00Z")
    assert spring["report"]["accepted"] == 0
    assert (never.status_code, never.json()["title"]) == (422, "This is not a day")
    assert other.status_code == 422
