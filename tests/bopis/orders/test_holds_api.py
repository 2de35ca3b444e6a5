"""A quote that keeps what it quotes, and the order that it was kept for."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from bopis.kernel import keys
from bopis.kernel.keys import KeyKind
from tests.inventory.shelves import unexplained
from tests.journeys.day import JAM, OAT, S1, S2, Day, wanted
from tests.races.test_accept_races import left

TEN = timedelta(minutes=10)


async def hold(shop: Day, *, store_id: str = S1, **quantities: int) -> dict[str, Any]:
    answer = await shop.quote(store_id=store_id, lines=wanted(**quantities), hold=True)
    assert answer.status_code == 200, answer.text
    [quoted] = answer.json()["quotes"]
    return quoted  # type: ignore[no-any-return]


async def held(shop: Day, hold: Mapping[str, Any], reference: str, **quantities: int) -> Any:
    return await shop.order(reference, lines=wanted(**quantities), hold_id=hold["hold"]["hold_id"])


async def drop(shop: Day, hold_id: str, headers: dict[str, str] | None = None) -> httpx.Response:
    return await shop.client.delete(f"/v1/holds/{hold_id}", headers=headers or shop.shop)


async def test_what_is_kept_is_there_for_whoever_comes_back_with_it(shop: Day) -> None:
    await left(shop, OAT, 3)

    kept = await hold(shop, oat=3, rye=1)

    assert kept["can_be_had"]
    assert [line["available"] for line in kept["lines"]] == [3, 1]
    assert datetime.fromisoformat(kept["hold"]["expires_at"]) == shop.clock() + TEN
    assert not (await hold(shop, oat=1))["can_be_had"]
    refused = await shop.order("W-0", lines=wanted(oat=1))
    assert refused.status_code == 409
    assert refused.json()["lines"] == [
        {"sku": "oat", "wanted": 1, "available": 0, "stores": ["S2"]}
    ]

    placed = await held(shop, kept, "W-1", oat=2)

    assert placed.status_code == 201, placed.text
    assert placed.json()["hold"] == "used"
    again = await held(shop, kept, "W-1", oat=2)
    assert again.content == placed.content
    assert (await shop.order("W-2", lines=wanted(oat=1))).json()["hold"] is None
    assert (await shop.stock(OAT))[1] == 3
    assert await unexplained(shop.db) == []


async def test_one_that_has_run_out_is_no_hindrance_and_the_answer_says_so(shop: Day) -> None:
    await left(shop, OAT, 3)
    kept = await hold(shop, oat=2)
    shop.clock.advance(TEN)

    placed = await held(shop, kept, "W-1", oat=2)

    assert placed.status_code == 201, placed.text
    assert placed.json()["hold"] == "lapsed"
    assert (await held(shop, kept, "W-1", oat=2)).content == placed.content
    refused = await held(shop, kept, "W-2", oat=2)
    assert refused.status_code == 409
    assert refused.json()["type"] == "urn:bopis:problem:items-short"
    assert (await shop.stock(OAT))[1] == 2


@pytest.mark.parametrize(
    ("store_id", "quantities", "kind"),
    [
        (S2, {"oat": 1}, "hold-elsewhere"),
        (S1, {"oat": 3}, "hold-too-small"),
        (S1, {"oat": 1, "jam": 1}, "hold-too-small"),
    ],
)
async def test_a_hold_is_for_what_it_is_for(
    shop: Day, store_id: str, quantities: dict[str, int], kind: str
) -> None:
    kept = (await hold(shop, oat=2))["hold"]

    answer = await shop.order(
        store_id=store_id, lines=wanted(**quantities), hold_id=kept["hold_id"]
    )

    assert answer.json()["type"] == f"urn:bopis:problem:{kind}"
    assert "the hold stands" in answer.json()["detail"]
    assert (await shop.stock(OAT))[1] == (await shop.stock(JAM))[1] == 0
    assert (await shop.order("W-2", lines=wanted(oat=2), **kept_as(kept))).json()["hold"] == "used"


def kept_as(kept: Mapping[str, str]) -> dict[str, str]:
    return {"hold_id": kept["hold_id"]}


async def test_dropping_it_sets_it_free_and_it_is_nobody_elses_to_drop(shop: Day) -> None:
    await left(shop, OAT, 2)
    kept = (await hold(shop, oat=2))["hold"]["hold_id"]
    async with shop.db.transaction() as tx:
        _, secret = await keys.add(tx, KeyKind.CHANNEL, "another")
    stranger = {"Authorization": f"Bearer {secret}"}
    assert (await drop(shop, kept, stranger)).status_code == 404
    stolen = await shop.client.post(
        "/v1/orders",
        json={
            "store_id": S1,
            "reference": "X-1",
            "customer": {"first_name": "Eve", "email": "eve@shopper.example"},
            "lines": wanted(oat=1),
            "hold_id": kept,
        },
        headers=stranger,
    )
    assert stolen.status_code == 409

    assert [(await drop(shop, kept)).status_code for _ in range(2)] == [204, 204]

    assert (await shop.order(lines=wanted(oat=2))).status_code == 201
    assert (await drop(shop, "S1." + "0" * 32)).status_code == 404


async def test_a_hold_is_in_one_store_and_bounded(shop: Day) -> None:
    near = {"latitude": 41.9, "longitude": -87.6}
    for wrong in ({"near": near}, {"store_id": S1, "hold_minutes": 31}):
        answer = await shop.quote(lines=wanted(oat=1), hold=True, **wrong)
        assert answer.status_code == 422
    [row] = await shop.rows("SELECT count(*) AS holds FROM holds")
    assert row["holds"] == 0
