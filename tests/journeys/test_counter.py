"""At the counter: whose bag it is, what is in it, and what is not."""

from typing import Any
from urllib.parse import quote

import pytest

from tests.journeys.day import GTINS, JAM, OAT, PLACE, RYE, S2, Day, a_handheld

BAG = {OAT: 2, RYE: 1}


async def a_bag(day: Day) -> dict[str, Any]:
    placed = await day.placed()
    path, fence = await day.handheld.pick(placed["number"], OAT, OAT, RYE)
    await day.handheld.stage(path, fence)
    await day.settle()
    return await day.look(placed["order_id"])


async def held_against(day: Day, code: str, scanned: str) -> dict[str, Any]:
    """Scan something while this bag is on the screen."""
    return await day.handheld.get(f"counter/{code}?scanned={quote(scanned, safe='')}")


async def test_an_item_of_the_bag_is_found_by_its_bars(day: Day) -> None:
    code = (await a_bag(day))["pickup_code"]

    plain = await day.handheld.get(f"counter/{code}")
    chosen = await held_against(day, code, GTINS[OAT])

    assert plain["data"]["chosen"] is None
    assert chosen["next_state"] == "counter"
    assert chosen["data"] == {**plain["data"], "chosen": OAT}
    assert chosen["message"] is None


@pytest.mark.parametrize(
    ("scanned", "kind", "says"),
    [
        (GTINS[JAM], "wrong", "This is Jam number 2. It is not in this order."),
        (PLACE, "good", "This is the place: Shelf A 12."),
        ("P-B1", "wrong", "This is Shelf B 1. The bag is at Shelf A 12."),
        ("P-NOWHERE", "wrong", "We do not know this code. Scan the bars on the item itself."),
        ("\x00\x1b[2J", "wrong", "That was not a code. Scan it again."),
        ("9" * 4000, "wrong", "That was not a code. Scan it again."),
    ],
)
async def test_whatever_else_is_scanned_beside_a_bag_has_words(
    day: Day, scanned: str, kind: str, says: str
) -> None:
    code = (await a_bag(day))["pickup_code"]
    await day.rows(
        "INSERT INTO staging_places (store_id, code, label) VALUES ('S1', 'P-B1', 'Shelf B 1')"
    )

    answer = await held_against(day, code, scanned)

    assert answer["message"] == {"kind": kind, "text": says}
    assert answer["data"]["chosen"] is None
    assert {item["sku"]: item["quantity"] for item in answer["data"]["items"]} == BAG


async def test_some_units_are_missing_and_only_those_are_picked_again(day: Day) -> None:
    order = await a_bag(day)

    told = await day.handheld.say(f"counter/{order['pickup_code']}/retract", missing={OAT: 1})
    await day.settle()

    assert told["receipt"]["quantity"] == 1
    assert told["message"] == {
        "kind": "info",
        "text": "To be found again: 1. We tell the customer that it is not ready after all.",
    }
    [task] = told["data"]["tasks"]
    assert (task["number"], task["units"]) == (order["number"], 1)
    lines = (await day.look(order["order_id"]))["lines"]
    assert [line["units"] for line in lines] == [{"picked": 1, "reserved": 1}, {"picked": 1}]


@pytest.mark.parametrize(
    "scanned", ["https://id.example/01/04006381333931", "a/b", "9" * 4000, "%00%1B", "💥", "B" * 8]
)
async def test_what_is_no_pickup_code_is_an_answer(day: Day, scanned: str) -> None:
    await a_bag(day)

    answer = await day.handheld.get(f"counter/{quote(scanned, safe='')}")

    assert answer["next_state"] == "counter"
    assert answer["data"] == {}
    assert answer["message"]["kind"] == "wrong"


async def test_a_scan_that_reads_like_no_code_is_no_guess(day: Day) -> None:
    code = (await a_bag(day))["pickup_code"]

    for _ in range(12):
        await day.handheld.get(f"counter/{GTINS[OAT]}")
    right = await day.handheld.get(f"counter/{code}")

    assert right["data"]["number"]


@pytest.mark.parametrize(
    "missing", [{OAT: 0}, {OAT: -1}, {OAT: 10**9}, {OAT: 1.5}, {OAT: "two"}, [], "all", {OAT: None}]
)
async def test_a_number_that_cannot_be_is_refused(day: Day, missing: Any) -> None:
    order = await a_bag(day)
    entry = {
        "scan_id": "00000000-0000-4000-8000-000000000001",
        "device_seq": 99,
        "scanned_at": day.clock().isoformat(),
    }

    answer = await day.client.post(
        f"/v1/handheld/counter/{order['pickup_code']}/retract",
        json={**entry, "missing": missing},
        headers=day.handheld.headers,
    )

    assert answer.status_code == 422
    assert answer.json()["type"] == "urn:bopis:problem:request-invalid"
    assert (await day.look(order["order_id"]))["state"] == "ready_for_pickup"


async def test_missing_what_never_was_in_the_bag_changes_nothing(day: Day) -> None:
    order = await a_bag(day)

    told = await day.handheld.say(
        f"counter/{order['pickup_code']}/retract", missing={JAM: 1, "\x00": 3}
    )

    assert told["message"] == {"kind": "wrong", "text": "None of this was in the bag."}
    assert (await day.look(order["order_id"]))["state"] == "ready_for_pickup"


async def test_another_stores_code_opens_nothing_here(day: Day) -> None:
    order = await a_bag(day)
    elsewhere = await a_handheld(day.db, day.client, day.clock, S2)

    looked = await elsewhere.get(f"counter/{order['pickup_code']}")
    given = await elsewhere.say(f"counter/{order['pickup_code']}/hand-over")

    assert looked["data"] == {}
    assert given["receipt"]["outcome"] == "unknown_code"
    assert await day.stock(OAT) == (200, 2, 0)
