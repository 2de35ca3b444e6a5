"""What a web shop gets: for what it asks, for what it asks twice, and for nonsense."""

import asyncio
from typing import Any

import asyncpg
import pytest

from bopis.kernel.database import Database
from bopis.kernel.keys import KeyKind
from tests.conftest import Key
from tests.journeys.day import CUSTOMER, JAM, MINUTE, OAT, Day, at, wanted

ORDER: dict[str, Any] = {
    "store_id": "S1",
    "reference": "W-1",
    "customer": CUSTOMER,
    "lines": wanted(oat=2, rye=1),
}


async def untouched(shop: Day) -> bool:
    [row] = await shop.rows(
        "SELECT (SELECT count(*) FROM orders) + (SELECT count(*) FROM events)"
        " + (SELECT sum(reserved) FROM stock) AS traces"
    )
    return bool(row["traces"] == 0)


async def test_the_same_request_again_gives_the_same_answer(shop: Day) -> None:
    first = await shop.order()
    shop.clock.advance(5 * MINUTE)
    again = await shop.order()

    assert (first.status_code, again.status_code) == (201, 201)
    assert again.text == first.text
    assert (await shop.stock(OAT))[1] == 2


async def test_another_order_under_the_same_reference_is_refused(shop: Day) -> None:
    await shop.order()
    other = await shop.order(lines=wanted(jam=1))

    assert other.status_code == 422
    assert other.json()["type"] == "urn:bopis:problem:reference-reused"
    assert (await shop.stock(JAM))[1] == 0


async def test_two_shops_may_use_one_reference(shop: Day, key: Key) -> None:
    theirs = Day(shop.db, shop.clock, shop.client, await key(KeyKind.CHANNEL, "b"), shop.handheld)

    mine, other = await shop.order(), await theirs.order()

    assert (mine.status_code, other.status_code) == (201, 201)
    assert mine.json()["order_id"] != other.json()["order_id"]


async def test_a_refusal_under_a_key_stays_what_it_was(shop: Day) -> None:
    refused = await shop.order(lines=wanted(oat=201, rye=1), key="k-1")
    shorter = await shop.order(lines=wanted(oat=2), key="k-1")
    await shop.db.pool.execute("UPDATE stock SET on_hand = 500")
    again = await shop.order(lines=wanted(oat=201, rye=1), key="k-1")
    without_key = await shop.order(lines=wanted(oat=201, rye=1))

    assert refused.status_code == again.status_code == 409
    assert refused.text == again.text
    assert refused.json()["lines"] == [
        {"sku": "oat", "wanted": 201, "available": 200, "stores": []}
    ]
    assert shorter.status_code == 422
    assert shorter.json()["type"] == "urn:bopis:problem:key-reused"
    assert without_key.status_code == 201


async def test_a_key_after_the_order_is_answered_with_the_order(shop: Day) -> None:
    first = await shop.order(key="k-1")
    again = await shop.order(key="k-1")
    other = await shop.order("W-2", key="k-1")

    assert first.text == again.text
    assert other.status_code == 422


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"lines": []}, "lines"),
        ({"lines": wanted(oat=1) * 2}, "lines"),
        ({"lines": [{"sku": "oat", "quantity": 0}]}, "quantity"),
        ({"lines": [{"sku": "oat", "quantity": 10**9}]}, "quantity"),
        ({"lines": [{"sku": "oat", "quantity": -1}]}, "quantity"),
        ({"lines": [{"sku": "oat", "quantity": 1.5}]}, "quantity"),
        ({"lines": [{"sku": "oat", "quantity": "2"}]}, "quantity"),
        ({"lines": [{"sku": "oat", "quantity": True}]}, "quantity"),
        ({"lines": [{"sku": "oat\x00", "quantity": 1}]}, "sku"),
        ({"lines": [{"sku": "", "quantity": 1}]}, "sku"),
        ({"lines": [{"sku": f"s{n}", "quantity": 1} for n in range(101)]}, "lines"),
        ({"lines": [{"sku": "oat", "quantity": 1, "price": 3}]}, "price"),
        ({"state": "picked_up"}, "state"),
        ({"promised_at": "2030-01-01T00:00:00Z"}, "promised_at"),
        ({"reference": ""}, "reference"),
        ({"reference": "x" * 101}, "reference"),
        ({"reference": "a\nb"}, "reference"),
        ({"reference": None}, "reference"),
        ({"store_id": "../S1"}, "store_id"),
        ({"store_id": 7}, "store_id"),
        ({"customer": {**CUSTOMER, "email": "nobody"}}, "email"),
        ({"customer": {**CUSTOMER, "email": "a@b.example\nBcc: x@y.example"}}, "email"),
        ({"customer": {**CUSTOMER, "first_name": " "}}, "first_name"),
        ({"customer": {**CUSTOMER, "card": "4111111111111111"}}, "card"),
        ({"customer": {**CUSTOMER, "locale": "en; DROP"}}, "locale"),
        ({"customer": None}, "customer"),
    ],
)
async def test_a_mistake_is_named_and_nothing_happens(
    shop: Day, change: dict[str, Any], field: str
) -> None:
    answer = await shop.client.post("/v1/orders", json={**ORDER, **change}, headers=shop.shop)

    assert answer.status_code == 422, answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["type"] == "urn:bopis:problem:request-invalid"
    assert field in answer.json()["errors"][0]["field"]
    assert await untouched(shop)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", 400),
        (b"\xff\xfe{}", 400),
        (b"[]", 422),
        (b"null", 422),
        (b'{"lines": NaN}', 422),
        (b"[" * 5000, 400),
        (b" " * (1024 * 1024 + 1), 413),
    ],
)
async def test_what_is_no_order_at_all(shop: Day, body: bytes, status: int) -> None:
    headers = {**shop.shop, "Content-Type": "application/json"}
    answer = await shop.client.post("/v1/orders", content=body, headers=headers)

    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert "Traceback" not in answer.text
    assert await untouched(shop)


@pytest.mark.parametrize(
    ("change", "status", "kind"),
    [
        ({"store_id": "S9"}, 404, "store-unknown"),
        ({"lines": wanted(oat=1, gold=1)}, 422, "items-unknown"),
    ],
)
async def test_what_we_have_never_heard_of(
    shop: Day, change: dict[str, Any], status: int, kind: str
) -> None:
    order = await shop.client.post("/v1/orders", json={**ORDER, **change}, headers=shop.shop)
    basket = {"store_id": "S1", "lines": ORDER["lines"], **change}
    quote = await shop.client.post("/v1/quotes", json=basket, headers=shop.shop)

    assert (order.status_code, quote.status_code) == (status, status)
    assert order.json()["type"] == quote.json()["type"] == f"urn:bopis:problem:{kind}"
    assert await untouched(shop)


async def test_a_store_that_is_switched_off_takes_nothing(shop: Day) -> None:
    await shop.db.pool.execute("UPDATE stores SET is_active = false WHERE store_id = 'S1'")

    answer = await shop.order()

    assert answer.status_code == 409
    assert answer.json()["type"] == "urn:bopis:problem:store-takes-no-orders"


async def test_a_store_without_hours_promises_nothing(shop: Day) -> None:
    await shop.db.pool.execute("DELETE FROM store_hours")

    answer = await shop.order()

    assert answer.status_code == 503
    assert answer.json()["type"] == "urn:bopis:problem:store-never-opens"
    assert await untouched(shop)


async def test_the_key_says_who_may_ask_what(shop: Day, key: Key) -> None:
    placed = (await shop.order()).json()["order_id"]
    narrow = await key(KeyKind.CHANNEL, "narrow", only_store="S2")
    feed = await key(KeyKind.FEED, "erp")
    stranger = await key(KeyKind.CHANNEL, "stranger")

    async def ask(headers: dict[str, str]) -> tuple[int, int]:
        order = await shop.client.post(
            "/v1/orders", json={**ORDER, "reference": "W-2"}, headers=headers
        )
        look = await shop.client.get(f"/v1/orders/{placed}", headers=headers)
        return order.status_code, look.status_code

    assert await ask({}) == (401, 401)
    assert await ask({"Authorization": "Bearer nonsense"}) == (401, 401)
    assert await ask(feed) == (403, 403)
    assert await ask(narrow) == (403, 404)
    assert await ask(stranger) == (201, 404)
    cancelled = await shop.client.post(f"/v1/orders/{placed}/cancel", headers=stranger)
    assert cancelled.status_code == 404
    assert (await shop.look(placed))["state"] == "accepted"


@pytest.mark.parametrize("order_id", ["x", "S1." + "0" * 32, "S2." + "f" * 32, "S1.%00", "S1.'--"])
async def test_an_id_that_is_none(shop: Day, order_id: str) -> None:
    look = await shop.client.get(f"/v1/orders/{order_id}", headers=shop.shop)
    cancel = await shop.client.post(f"/v1/orders/{order_id}/cancel", headers=shop.shop)

    assert (look.status_code, cancel.status_code) == (404, 404)


async def test_a_quote_promises_nothing_and_names_first_who_has_it(shop: Day) -> None:
    await shop.db.pool.execute("UPDATE stock SET on_hand = 3 WHERE store_id = 'S2' AND sku = 'oat'")

    near = {"latitude": 42.95, "longitude": -87.6}
    answer = (await shop.quote(near=near, lines=wanted(oat=5))).json()["quotes"]
    one = (await shop.quote(store_id="S1", lines=wanted(oat=5))).json()["quotes"]

    assert [quote["store_id"] for quote in answer] == ["S1", "S2"]
    assert [quote["can_be_had"] for quote in answer] == [True, False]
    assert answer[1]["promise"] is None
    assert answer[1]["lines"][0]["available"] == 3
    assert answer[0]["lines"][0]["available"] == 5
    assert at(answer[0]["promise"]["latest"]) > shop.clock()
    assert answer[0]["distance_km"] > answer[1]["distance_km"]
    assert one[0]["promise"] == answer[0]["promise"]
    assert answer[0]["why"] == "The only store near that has all of it."
    assert one[0]["distance_km"] is None
    assert await untouched(shop)


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"store_id": "S1", "near": {"latitude": 1, "longitude": 1}},
        {"near": {"latitude": 91, "longitude": 1}},
        {"near": {"latitude": 1, "longitude": "nan"}},
        {"near": {"latitude": 1}},
        {"store_id": "S1", "limit": 6},
    ],
)
async def test_a_quote_is_for_one_store_or_for_a_place(shop: Day, change: dict[str, Any]) -> None:
    answer = await shop.quote(lines=wanted(oat=1), **change)

    assert answer.status_code == 422


@pytest.fixture
async def statements(db: Database) -> list[str]:
    """Every statement that is run while the test runs."""
    seen: list[str] = []

    def note(record: asyncpg.connection.LoggedQuery) -> None:
        seen.append(record.query)

    connections = [await db.pool.acquire() for _ in range(db.pool.get_max_size())]
    for connection in connections:
        connection.add_query_logger(note)
    for connection in connections:
        await db.pool.release(connection)
    return seen


async def test_an_order_costs_few_statements(shop: Day, statements: list[str]) -> None:
    await shop.order("W-0")
    statements.clear()

    await shop.order("W-1")

    heads = [" ".join(statement.split()[:3]) for statement in statements]
    assert len(heads) <= 10, heads  # one of them is the pool tidying up


async def test_twenty_orders_at_once_cost_little_more_than_one(
    shop: Day, statements: list[str]
) -> None:
    await shop.order("W-x")
    statements.clear()

    await asyncio.gather(*(shop.order(f"W-{n}", lines=wanted(oat=1)) for n in range(20)))

    assert len(statements) <= 4 * 10, statements


@pytest.mark.parametrize(
    ("body", "more"),
    [
        (ORDER, {}),
        (ORDER, {"Idempotency-Key": "k-1"}),
        (ORDER, {"Idempotency-Key": "k" * 256}),
        (ORDER, {"Authorization": "Bearer nobody's"}),
        (ORDER, {"Authorization": ""}),
        ({**ORDER, "reference": ""}, {}),
        ({**ORDER, "lines": [{"sku": "oat", "quantity": 1.0}]}, {}),
    ],
)
async def test_the_short_way_in_says_what_the_long_one_says(
    shop: Day, body: dict[str, Any], more: dict[str, str]
) -> None:
    short, long = [
        await shop.client.post("/v1/orders", json=body, headers={**shop.shop, **more, **kind})
        for kind in ({}, {"Content-Type": "application/json; charset=utf-8"})
    ]

    assert (short.status_code, short.text) == (long.status_code, long.text)
