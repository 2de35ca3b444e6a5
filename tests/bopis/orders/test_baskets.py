"""A purchase in two stores: both take their part or neither does, whoever dies when."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import Any

import asyncpg
import httpx
import pytest

from bopis.kernel import idempotency
from bopis.kernel.database import Database, Tx
from bopis.kernel.ids import StoreId
from bopis.orders.placing import baskets
from bopis.orders.placing.baskets_router import BasketIn
from bopis.orders.placing.intake import Intake
from bopis.trust.verify import verify
from tests.inventory.shelves import unexplained
from tests.journeys.day import CUSTOMER, JAM, OAT, S1, S2, Day, wanted
from tests.races.test_accept_races import left


def body(reference: str = "B-1", **second: int) -> dict[str, Any]:
    return {
        "reference": reference,
        "customer": CUSTOMER,
        "parts": [
            {"store_id": S1, "lines": wanted(oat=2)},
            {"store_id": S2, "lines": wanted(**(second or {"jam": 1}))},
        ],
    }


async def buy(shop: Day, reference: str = "B-1", **second: int) -> httpx.Response:
    """Buy; whoever is told that the store is busy comes again, under the same reference."""
    said = body(reference, **second)
    for _ in range(5):
        answer = await shop.client.post("/v1/baskets", json=said, headers=shop.shop)
        if answer.status_code != httpx.codes.SERVICE_UNAVAILABLE:
            break
    return answer


async def look(shop: Day, basket_id: str) -> dict[str, Any]:
    answer = await shop.client.get(f"/v1/baskets/{basket_id}", headers=shop.shop)
    assert answer.status_code == 200, answer.text
    return answer.json()  # type: ignore[no-any-return]


async def promised(shop: Day) -> tuple[int, int]:
    """Return what S1 has promised of oat, and S2 of jam."""
    return (await shop.stock(OAT))[1], (await shop.stock(JAM, S2))[1]


async def walks(shop: Day) -> int:
    [row] = await shop.rows("SELECT count(*) AS n FROM pick_tasks WHERE state <> 'cancelled'")
    return int(row["n"])


async def test_both_stores_take_their_part_and_each_is_an_order(shop: Day) -> None:
    placed = await buy(shop)

    assert placed.status_code == 201, placed.text
    assert [part["store_id"] for part in placed.json()["parts"]] == [S1, S2]
    again = await buy(shop)
    assert again.content == placed.content
    await shop.settle()
    assert await promised(shop) == (2, 1)
    assert [one.split(":")[0] for one in shop.read()] == ["Not ready yet", "Not ready yet"]
    assert await walks(shop) == 2
    stands = await look(shop, placed.json()["basket_id"])
    assert (stands["state"], [part["state"] for part in stands["parts"]]) == (
        "accepted",
        ["accepted", "accepted"],
    )
    order = await shop.look(stands["parts"][0]["order_id"])
    assert (order["reference"], order["store_id"]) == ("B-1/S1", S1)
    other = await buy(shop, jam=2)
    assert other.status_code == 422
    assert other.json()["type"] == "urn:bopis:problem:reference-reused"


async def test_each_part_keeps_what_was_paid_for_it_and_a_request_of_old_is_still_the_same(
    shop: Day,
) -> None:
    sent = body("B-2")
    sent["parts"][0]["total"] = {"amount": "40.00", "currency": "EUR"}

    placed = await shop.client.post("/v1/baskets", json=sent, headers=shop.shop)

    assert placed.status_code == 201, placed.text
    rows = await shop.rows("SELECT store_id, total, currency FROM orders ORDER BY store_id")
    assert [tuple(row.values()) for row in rows] == [
        (S1, Decimal("40.00"), "EUR"),
        (S2, None, None),
    ]
    plain = BasketIn.model_validate(body())
    before = {
        **body(),
        "customer": plain.customer.model_dump(mode="json"),
    }
    assert plain.asked("shop").fingerprint == idempotency.fingerprint(before)


async def test_where_one_store_cannot_nobody_keeps_or_hears_anything(shop: Day) -> None:
    refused = await buy(shop, jam=201)

    assert refused.status_code == 409, refused.text
    said = refused.json()
    assert said["type"] == "urn:bopis:problem:basket-refused"
    assert said["detail"].startswith(
        "Store S2 cannot take its part, so nothing was ordered in any store."
    )
    [part] = said["parts"]
    assert part["store_id"] == S2
    assert part["lines"] == [{"sku": "jam", "wanted": 201, "available": 200, "stores": []}]
    await shop.settle()
    assert await promised(shop) == (0, 0)
    assert shop.letters == []
    assert await walks(shop) == 0
    [order] = await shop.rows("SELECT state, close_reason FROM orders")
    assert (order["state"], order["close_reason"]) == ("cancelled", "basket_incomplete")
    assert await unexplained(shop.db) == []
    assert {one.invariant.id: one.examples for one in await verify(shop.db) if one.count} == {}

    shop.clock.advance(baskets.PATIENCE)  # the same reference may be tried again
    await shop.db.pool.execute("UPDATE stock SET safety = -10 WHERE store_id = 'S2'")
    assert (await buy(shop, jam=201)).status_code == 201
    await shop.settle()
    assert await promised(shop) == (2, 201)
    assert len(shop.letters) == 2


async def test_two_that_buy_at_once_under_one_reference_buy_once(shop: Day) -> None:
    answers = await asyncio.gather(*(buy(shop) for _ in range(12)))

    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    await shop.settle()
    assert await promised(shop) == (2, 1)
    assert len(shop.letters) == 2


async def test_forty_purchases_for_the_last_ten_of_another_store(shop: Day) -> None:
    await left(shop, OAT, 30)
    await shop.db.pool.execute(
        "UPDATE stock SET safety = on_hand - 10 WHERE store_id = 'S2' AND sku = 'jam'"
    )

    answers = await asyncio.gather(*(buy(shop, f"B-{n}") for n in range(40)))

    codes = Counter(answer.status_code for answer in answers)
    assert set(codes) == {201, 409}
    assert codes[201] == 10
    await shop.settle()
    assert await promised(shop) == (20, 10)
    assert len(shop.letters) == 20
    assert await unexplained(shop.db) == []


class Dead(Exception):
    """The process is gone."""


class Mortal(Database):
    """A process that dies right after a number of its commits."""

    lives: int

    @asynccontextmanager
    async def transaction(
        self,
        store_id: StoreId | None = None,
        *,
        actor: str = "system",
        on: asyncpg.Connection | None = None,
    ) -> AsyncIterator[Tx]:
        if not self.lives:
            raise Dead
        async with super().transaction(store_id, actor=actor, on=on) as tx:
            yield tx
        self.lives -= 1
        if not self.lives:
            raise Dead


@pytest.mark.parametrize("jam", [1, 201])
async def test_whoever_dies_when_all_of_it_is_kept_or_nothing(shop: Day, jam: int) -> None:
    """A process dies after its first commit, its second, and so on until it lives to the end."""
    kept = 0
    for lives in range(1, 20):
        db = Mortal(shop.db.pool, clock=shop.clock, ids=shop.db.ids, routes=shop.db.routes)
        db.lives = lives
        asked = BasketIn.model_validate(body(f"B-{lives}", jam=jam)).asked("shop")
        died = False
        try:
            await baskets.place(db, Intake(db), asked)
        except Dead:
            died = True
        except baskets.BasketRefused:
            assert jam == 201

        await shop.settle()
        shop.clock.advance(baskets.PATIENCE)
        await baskets.sweep(shop.db)
        await shop.settle()

        oat, of_jam = await promised(shop)
        kept = of_jam if jam == 1 else 0
        assert oat == 2 * kept, f"after {lives} commits"
        assert of_jam == kept
        assert len(shop.letters) == 2 * kept
        assert await walks(shop) == 2 * kept
        if not died:
            break
    else:
        raise AssertionError("it never lived to the end")
    assert (kept >= 2) == (jam == 1)  # once it was decided, and to the end
    [row] = await shop.rows(
        "SELECT count(*) AS n FROM orders WHERE awaits_basket AND closed_at IS NULL"
    )
    assert row["n"] == 0
    assert await unexplained(shop.db) == []
    assert {one.invariant.id: one.examples for one in await verify(shop.db) if one.count} == {}


async def test_what_was_interrupted_goes_on_when_the_shop_asks_again(shop: Day) -> None:
    asked = BasketIn.model_validate(body()).asked("shop")
    async with shop.db.transaction(S1) as tx:
        basket = await baskets.begin(tx, asked)
    store_id, part = baskets.parts(basket, asked)[0]
    await Intake(shop.db).place(store_id, part)
    await shop.settle()
    assert shop.letters == []
    assert await promised(shop) == (2, 0)

    placed = await buy(shop)

    assert placed.status_code == 201
    assert await promised(shop) == (2, 1)
    await shop.settle()
    assert len(shop.letters) == 2


@pytest.mark.parametrize(
    "change",
    [
        {"parts": body()["parts"][:1]},
        {"parts": [body()["parts"][0]] * 2},
        {"reference": "B" * 61},
    ],
)
async def test_what_is_no_basket_is_refused(shop: Day, change: dict[str, Any]) -> None:
    answer = await shop.client.post("/v1/baskets", json=body() | change, headers=shop.shop)

    assert answer.status_code == 422
    [row] = await shop.rows("SELECT count(*) AS n FROM baskets")
    assert row["n"] == 0
