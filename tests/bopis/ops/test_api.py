"""The same as on the pages, for programs: an ops key sees its stores, and no other key sees any."""

from typing import Any

import httpx

from bopis.kernel.database import Database
from bopis.kernel.keys import KeyKind
from tests.bopis.ops.conftest import Key
from tests.bopis.ops.test_pages import ELSEWHERE, READY, S1, S2, conflict, dead_letter
from tests.bopis.trust import world

READS = (
    "today",
    "stores",
    "orders?show=all",
    "feeds",
    "conflicts",
    "dead-letters",
    "devices",
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
    )

    for path, body, status in acts:
        answer = await client.post(f"/v1/ops/{path}", json=body, headers=headers)
        assert answer.status_code == status, (path, answer.text)
    async with db.transaction() as tx:
        notes = await tx.rows("SELECT payload ->> 'note' AS n FROM events WHERE name = 'ops.noted'")
    assert [row["n"] for row in notes] == ["a transfer is on its way", "done by hand", "lost"]


async def test_a_day_elsewhere_in_time(client: httpx.AsyncClient, key: Key, db: Database) -> None:
    await world.build(db)
    headers = await key(KeyKind.OPS)

    spring = (await client.get("/v1/ops/report?day=2026-03-08", headers=headers)).json()
    other = await client.get("/v1/ops/report?day=soon", headers=headers)

    assert (spring["since"], spring["until"]) == ("2026-03-08T06:00:00Z", "2026-03-09T05:00:00Z")
    assert spring["report"]["accepted"] == 0
    assert other.status_code == 422
