"""What cannot be done is said line by line, or field by field; and nothing has been done."""

import asyncio
import json
from datetime import timedelta
from typing import Any

import httpx
import pytest

from tests.journeys.day import CUSTOMER, JAM, OAT, RYE, S2, Day, wanted

ORDER: dict[str, Any] = {
    "store_id": "S1",
    "reference": "W-1",
    "customer": CUSTOMER,
    "lines": wanted(oat=2, rye=1),
}
SHORT = [
    {"sku": "oat", "wanted": 250, "available": 200, "stores": []},
    {"sku": "rye", "wanted": 201, "available": 200, "stores": ["S2"]},
]


async def stock_elsewhere(shop: Day) -> None:
    await shop.db.pool.execute("UPDATE stock SET on_hand = 220 WHERE store_id = 'S2'")


async def refusals(shop: Day) -> list[Any]:
    rows = await shop.rows("SELECT reference, reason, lines FROM refusals ORDER BY reference")
    return [(row["reference"], row["reason"], row["lines"]) for row in rows]


async def untouched(shop: Day) -> bool:
    [row] = await shop.rows(
        "SELECT (SELECT count(*) FROM orders) + (SELECT count(*) FROM events)"
        " + (SELECT sum(reserved) FROM stock) + (SELECT count(*) FROM reservations)"
        " + (SELECT count(*) FROM recipients) AS traces"
    )
    return bool(row["traces"] == 0)


async def test_every_short_line_is_named_with_the_stores_that_have_it(shop: Day) -> None:
    await stock_elsewhere(shop)

    refused = await shop.order(lines=wanted(oat=250, rye=201, jam=1))

    assert refused.status_code == 409
    body = refused.json()
    assert body["type"] == "urn:bopis:problem:items-short"
    assert body["lines"] == SHORT
    assert body["detail"] == (
        "The store cannot give all of this (oat: 200 of 250; rye: 200 of 201). Nothing was ordered."
    )
    assert await untouched(shop)
    kept = [{key: line[key] for key in ("sku", "wanted", "available")} for line in SHORT]
    assert await refusals(shop) == [("W-1", "items_short", kept)]


async def test_a_refusal_of_several_lines_is_the_same_when_asked_again(shop: Day) -> None:
    await stock_elsewhere(shop)
    lines = wanted(oat=250, rye=201, jam=1)

    first = await shop.order(lines=lines, key="k-1")
    await shop.db.pool.execute("UPDATE stock SET on_hand = 0 WHERE store_id = 'S2'")
    again = await shop.order(lines=lines, key="k-1")

    assert (first.status_code, again.status_code) == (409, 409)
    assert again.text == first.text
    assert len(await refusals(shop)) == 1
    assert await untouched(shop)


async def test_orders_that_are_refused_together_are_each_told_their_own_lines(shop: Day) -> None:
    await stock_elsewhere(shop)

    answers = await asyncio.gather(
        shop.order("W-1", lines=wanted(oat=250, rye=201)),
        shop.order("W-2", lines=wanted(rye=201, jam=202)),
        shop.order("W-3", lines=wanted(oat=1)),
    )

    assert [answer.status_code for answer in answers] == [409, 409, 201]
    assert [[line["sku"] for line in answer.json()["lines"]] for answer in answers[:2]] == [
        ["oat", "rye"],
        ["rye", "jam"],
    ]
    assert [reference for reference, _, _ in await refusals(shop)] == ["W-1", "W-2"]
    assert [(await shop.stock(sku))[1] for sku in (OAT, RYE, JAM)] == [1, 0, 0]


async def test_an_item_that_a_store_never_had_is_short_of_all(shop: Day) -> None:
    await shop.db.pool.execute("DELETE FROM stock WHERE store_id = 'S1' AND sku = 'rye'")
    await shop.db.pool.execute("UPDATE stock SET on_hand = 0 WHERE store_id = 'S1'")

    refused = await shop.order()

    assert refused.json()["lines"] == [
        {"sku": "oat", "wanted": 2, "available": 0, "stores": [S2]},
        {"sku": "rye", "wanted": 1, "available": 0, "stores": [S2]},
    ]


# Doors, and what does not fit through them.

LATER = "2030-01-01T00:00:00Z"


async def sent(
    shop: Day, path: str, body: bytes, kind: str = "application/json"
) -> tuple[httpx.Response, str]:
    answer = await shop.client.post(path, content=body, headers={**shop.shop, "Content-Type": kind})
    assert answer.headers["Content-Type"] == "application/problem+json", answer.text
    said = answer.json()
    assert said["detail"].endswith("."), said
    assert said["status"] == answer.status_code
    assert "Traceback" not in answer.text
    return answer, said["type"].removeprefix("urn:bopis:problem:")


@pytest.mark.parametrize("door", ["/v1/orders", "/v1/quotes", "cancel"])
@pytest.mark.parametrize(
    ("body", "kind", "expected"),
    [
        (b"{", "application/json", (400, "json-unreadable")),
        (b'{"reason": "\xe9"}', "application/json", (400, "json-unreadable")),
        (b'{"n": ' + b"9" * 5000 + b"}", "application/json", (400, "json-unreadable")),
        (b"[" * 5000, "application/json", (400, "json-unreadable")),
        (b"{}", "text/plain", (400, "json-unreadable")),
        (b"reason=x", "application/x-www-form-urlencoded", (400, "json-unreadable")),
        (b"[]", "application/json", (422, "request-invalid")),
        (b'"x"', "application/json", (422, "request-invalid")),
        (b'{"at": "2030-01-01T00:00:00Z"}', "application/json", (422, "request-invalid")),
        (b'{"reason": "\\ud800"}', "application/json", (422, "request-invalid")),
        (b" " * (1024 * 1024 + 1), "application/json", (413, "body-too-large")),
    ],
)
async def test_what_no_door_can_read(
    shop: Day, door: str, body: bytes, kind: str, expected: tuple[int, str]
) -> None:
    placed = (await shop.order()).json()["order_id"] if door == "cancel" else None
    path = door if placed is None else f"/v1/orders/{placed}/cancel"

    answer, problem = await sent(shop, path, body, kind)

    assert (answer.status_code, problem) == expected
    if placed is None:
        assert await untouched(shop)
    else:
        assert (await shop.look(placed))["state"] == "accepted"


@pytest.mark.parametrize(
    ("change", "field", "says"),
    [
        ({"lines": wanted(oat=0)}, "body.lines.0.quantity", "at least 1"),
        ({"lines": wanted(oat=10**9)}, "body.lines.0.quantity", "at most 999"),
        ({"lines": wanted(oat=1) * 2}, "body.lines", "put its units into one line"),
        ({"lines": []}, "body.lines", "at least 1"),
        ({"when": LATER}, "body.when", "is no field of this"),
        ({"store_id": None, "near": None}, "body", "give either store_id or near"),
        ({"near": {"latitude": 91, "longitude": 0}}, "body.near.latitude", "at most 90"),
    ],
)
async def test_a_quote_says_what_is_wrong_with_a_basket(
    shop: Day, change: dict[str, Any], field: str, says: str
) -> None:
    basket = {"store_id": "S1", "lines": wanted(oat=1), **change}

    answer, problem = await sent(shop, "/v1/quotes", json.dumps(basket).encode())

    assert (answer.status_code, problem) == (422, "request-invalid")
    [fault, *_] = answer.json()["errors"]
    assert fault["field"] == field
    assert says in fault["reason"]
    assert await untouched(shop)


@pytest.mark.parametrize("shown", ["", "x" * 256, "schlüssel", "a\tb"])
async def test_a_key_that_is_none_is_refused(shop: Day, shown: str) -> None:
    headers = {**shop.shop, "Idempotency-Key": shown}
    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    answer = await shop.client.post("/v1/orders", json=ORDER, headers=raw)

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "header.idempotency-key"
    assert await untouched(shop)


@pytest.mark.parametrize(
    "body", [{"reason": "because"}, {"reason": "store_closed"}, {"why": "x"}, {"at": LATER}]
)
async def test_a_cancel_for_what_is_no_reason_of_a_shop_cancels_nothing(
    shop: Day, body: dict[str, str]
) -> None:
    placed = (await shop.order()).json()["order_id"]

    answer, problem = await sent(shop, f"/v1/orders/{placed}/cancel", json.dumps(body).encode())

    assert (answer.status_code, problem) == (422, "request-invalid")
    assert (await shop.look(placed))["state"] == "accepted"


async def test_an_order_that_was_collected_is_not_cancelled(shop: Day) -> None:
    placed = (await shop.order()).json()["order_id"]
    await shop.db.pool.execute("UPDATE order_lines SET handed_over = ordered, reserved = 0; ")
    await shop.db.pool.execute(
        "UPDATE orders SET state = 'picked_up', closed_at = accepted_at, next_update_due_at = NULL"
    )

    answer, problem = await sent(shop, f"/v1/orders/{placed}/cancel", b"{}")

    assert (answer.status_code, problem) == (409, "order-closed")
    assert answer.json()["state"] == "picked_up"


async def test_a_link_that_is_no_longer_valid_opens_and_cancels_nothing(shop: Day) -> None:
    placed = (await shop.order()).json()
    token = placed["status_url"].rpartition("/o/")[2]
    await shop.db.pool.execute("UPDATE orders SET link_version = 2")
    raised = await shop.client.get(f"/o/{token}")
    cancelled = await shop.client.post(f"/o/{token}/cancel")

    assert (raised.status_code, cancelled.status_code) == (404, 404)
    assert (await shop.look(placed["order_id"]))["state"] == "accepted"

    await shop.db.pool.execute("UPDATE orders SET link_version = 1")
    assert (await shop.client.get(f"/o/{token}")).status_code == 200
    await shop.cancel(placed["order_id"])
    shop.clock.advance(timedelta(days=15))
    assert (await shop.client.get(f"/o/{token}")).status_code == 404
