"""Many shoppers at once, over HTTP: totals come out exact."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from bopis.kernel.clock import ManualClock
from bopis.kernel.database import Database
from bopis.kernel.ids import Sku
from bopis.settings import Settings
from tests.inventory.shelves import unexplained
from tests.journeys.day import JAM, OAT, RYE, S1, Day, a_day, wanted


@pytest.fixture
async def day(db: Database, client: httpx.AsyncClient, clock: ManualClock) -> Day:
    return await a_day(db, client, clock)


async def left(day: Day, sku: Sku, units: int) -> None:
    """Leave so many units of an item on the shelf."""
    await day.db.pool.execute(
        "UPDATE stock SET safety = on_hand - reserved - $3 WHERE store_id = $1 AND sku = $2",
        S1,
        sku,
        units,
    )


async def at_once(day: Day, *orders: dict[str, Any]) -> list[httpx.Response]:
    return await asyncio.gather(*(day.order(**order) for order in orders))


async def test_64_buyers_of_the_last_10_units(day: Day) -> None:
    await left(day, OAT, 10)

    answers = await at_once(
        day, *({"reference": f"W-{n}", "lines": wanted(oat=1)} for n in range(64))
    )

    assert Counter(answer.status_code for answer in answers) == {201: 10, 409: 54}
    refused = next(answer.json() for answer in answers if answer.status_code == 409)
    assert refused["type"] == "urn:bopis:problem:items-short"
    assert refused["lines"] == [{"sku": "oat", "wanted": 1, "available": 0, "stores": ["S2"]}]
    assert (await day.stock(OAT))[1] == 10
    assert await unexplained(day.db) == []
    [kept] = await day.rows("SELECT count(*) AS refusals FROM refusals")
    assert kept["refusals"] == 54


async def test_whoever_lacks_one_item_holds_none_of_the_others(day: Day) -> None:
    """Odd buyers want oat and jam, even ones oat alone; there are 30 oat and 5 jam."""
    await left(day, OAT, 30)
    await left(day, JAM, 5)

    answers = await at_once(
        day,
        *(
            {
                "reference": f"W-{n}",
                "lines": wanted(oat=1, jam=1) if n % 2 else wanted(oat=1),
            }
            for n in range(60)
        ),
    )

    codes = [answer.status_code for answer in answers]
    assert Counter(codes[1::2])[201] == 5
    oat, jam = (await day.stock(OAT))[1], (await day.stock(JAM))[1]
    assert jam == 5
    assert oat == codes.count(201) == 30
    kept = await day.rows("SELECT lines FROM refusals")
    assert len(kept) == 30
    assert {line["sku"] for row in kept for line in row["lines"]} == {"oat", "jam"}
    assert await unexplained(day.db) == []


async def test_one_order_sent_a_hundred_times_at_once(day: Day) -> None:
    await left(day, RYE, 1)

    answers = await at_once(
        day,
        *({"reference": "W-1", "lines": wanted(oat=2, rye=1), "key": "k-1"} for _ in range(100)),
    )

    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.text for answer in answers}) == 1
    assert (await day.stock(RYE))[1] == 1
    [count] = await day.rows("SELECT count(*) AS orders FROM orders")
    assert count["orders"] == 1


async def test_one_key_for_two_orders_at_once(day: Day) -> None:
    answers = await at_once(
        day,
        *({"reference": f"W-{n % 2}", "key": "k-1", "lines": wanted(oat=1)} for n in range(20)),
    )

    assert Counter(answer.status_code for answer in answers) == {201: 10, 422: 10}
    assert (await day.stock(OAT))[1] == 1


@pytest.fixture
async def elsewhere(settings: Settings, db: Database) -> AsyncIterator[httpx.AsyncClient]:
    """A second process, as far as orders can tell: another intake on the same database."""
    from bopis import app as roof  # noqa: PLC0415 -- beside the fixture that uses it

    other: FastAPI = roof.create_app(settings, db)
    transport = httpx.ASGITransport(app=other, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="https://pickup.example") as made:
        yield made


async def test_two_processes_take_the_same_orders(day: Day, elsewhere: httpx.AsyncClient) -> None:
    await left(day, OAT, 12)
    other = Day(day.db, day.clock, elsewhere, day.shop, day.handheld)
    orders = [{"reference": f"W-{n}", "lines": wanted(oat=1), "key": f"k-{n}"} for n in range(20)]

    here, there = await asyncio.gather(at_once(day, *orders), at_once(other, *reversed(orders)))

    there.reverse()
    assert sum(answer.status_code == 201 for answer in here) == 12
    assert [a.status_code for a in here] == [b.status_code for b in there]
    assert [a.text for a in here] == [b.text for b in there]
    assert (await day.stock(OAT))[1] == 12
    assert await unexplained(day.db) == []


async def test_300_buyers_of_40_units_each_asking_twice_and_others_beside_them(day: Day) -> None:
    """Some come with a key, some without; some want jam as well; others want nothing of it."""
    await left(day, OAT, 40)

    def order(number: int) -> dict[str, Any]:
        lines = wanted(oat=1, jam=1) if number % 3 else wanted(oat=1)
        return {
            "reference": f"W-{number}",
            "lines": lines,
            **({"key": f"k-{number}"} if number % 2 else {}),
        }

    crowd = [order(n) for n in range(300)]
    others = [{"reference": f"O-{n}", "lines": wanted(rye=1)} for n in range(30)]
    first, second, beside = await asyncio.gather(
        at_once(day, *crowd), at_once(day, *crowd), at_once(day, *others)
    )

    assert {answer.status_code for answer in beside} == {201}
    codes = [answer.status_code for answer in first]
    assert codes == [answer.status_code for answer in second]
    assert Counter(codes) == {201: 40, 409: 260}
    for n, (one, again) in enumerate(zip(first, second, strict=True)):
        assert one.content == again.content or n % 2 == 0  # with a key, a refusal is the same, too
        if one.status_code == 409:
            assert one.json()["detail"].startswith("The store cannot give all of this (oat: 0 of 1")
            assert one.json()["lines"][0]["stores"] == ["S2"]
        else:
            assert one.content == again.content
    jam = sum(code == 201 and n % 3 > 0 for n, code in enumerate(codes))
    assert [(await day.stock(sku))[1] for sku in (OAT, JAM, RYE)] == [40, jam, 30]
    assert await unexplained(day.db) == []

    await left(day, OAT, 1)  # one comes back: whoever asks now has it
    assert (await day.order("W-300", lines=wanted(oat=1))).status_code == 201
