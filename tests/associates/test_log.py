"""A handheld's log over HTTP: a receipt for each entry, each effect once."""

from typing import Any
from uuid import uuid4

import httpx
import pytest

from associates.handheld import devices
from associates.picking import claims, pickings
from associates.picking.picking import How, ShelfFirst
from bopis.kernel.ids import outward
from tests.associates.floor import ADA_BADGE, GTINS, JAM, OAT, PLACE, RYE, STORE, Floor
from tests.associates.test_handheld_api import Handheld, problem


@pytest.fixture
async def handheld(http: httpx.AsyncClient, floor: Floor) -> Handheld:
    made = Handheld(http)
    code = await floor.do(devices.new_code, STORE)
    enrolled = (await made.post("enrol", code=code, name="No 7")).json()
    made.headers["Authorization"] = f"Bearer {enrolled['data']['device_token']}"
    signed_in = (await made.post("sign-in", badge=ADA_BADGE)).json()
    made.headers["X-Associate-Session"] = signed_in["data"]["session"]
    return made


def scanned(handheld: Handheld, task: str, code: str = "", **more: Any) -> dict[str, Any]:
    told = more.pop("told", None)
    body = {"code": code, "fence": 1, **more}
    return handheld.entry(path=f"tasks/{task}/scans", body=body, told=told)


async def sent(handheld: Handheld, *entries: dict[str, Any], **more: Any) -> dict[str, Any]:
    answer = await handheld.post("log", entries=list(entries), **more)
    assert answer.status_code == 200, answer.text
    return answer.json()  # type: ignore[no-any-return]


def statuses(answer: dict[str, Any]) -> list[str]:
    return [receipt["status"] for receipt in answer["receipts"]]


async def a_task(handheld: Handheld, floor: Floor, **quantities: int) -> str:
    _, task_id = await floor.open(**quantities)
    task = outward(STORE, task_id)
    await handheld.post(f"tasks/{task}/claim")
    return task


async def test_a_whole_walk_in_one_upload_and_again(handheld: Handheld, floor: Floor) -> None:
    task = await a_task(handheld, floor, oat=1, rye=1)
    entries = [
        scanned(handheld, task, GTINS[RYE]),
        scanned(handheld, task, GTINS[JAM]),
        scanned(handheld, task, GTINS[OAT]),
        scanned(handheld, task, PLACE, kind="stage"),
    ]

    first = await sent(handheld, *entries[::-1])  # however they are mixed: they have numbers
    again = await sent(handheld, *entries)

    assert statuses(first) == ["applied", "applied", "noted", "applied"]
    assert statuses(again) == ["applied", "noted", "applied", "applied"]
    assert first["answer"]["next_state"] == "staged"
    assert await floor.rows("SELECT line, found FROM pick_lines ORDER BY line") == [
        {"line": 1, "found": 1},
        {"line": 2, "found": 1},
    ]
    assert len(await floor.rows("SELECT FROM scans")) == 4


async def test_what_cannot_be_done_holds_nothing_back(handheld: Handheld, floor: Floor) -> None:
    task = await a_task(handheld, floor, oat=2)
    elsewhere = outward(STORE, uuid4())
    bad = [
        scanned(handheld, elsewhere, GTINS[OAT]),
        scanned(handheld, task, GTINS[OAT], kind="nonsense"),
        handheld.entry(path="no/such/act", body={}),
        {"scan_id": "\ud800", "device_seq": "x"},
    ]
    good = scanned(handheld, task, GTINS[OAT])

    first = await sent(handheld, *bad, good)
    again = await sent(handheld, *bad, good)

    assert statuses(first) == statuses(again) == ["refused"] * 4 + ["applied"]
    assert first["receipts"][0]["text"].startswith("There is no such task in this store.")
    assert await floor.rows("SELECT found FROM pick_lines") == [{"found": 1}]
    kept = await floor.rows("SELECT kind, act FROM handheld_cases ORDER BY device_seq")
    assert kept == [
        {"kind": "refused", "act": "tasks/{task_id}/scans"},
        {"kind": "refused", "act": "tasks/{task_id}/scans"},
        {"kind": "refused", "act": ""},
    ]


async def test_what_was_shown_as_done_and_is_not_becomes_a_case(
    handheld: Handheld, floor: Floor
) -> None:
    task = await a_task(handheld, floor, oat=1)
    late = scanned(handheld, task, GTINS[OAT], told="applied")
    await sent(handheld, scanned(handheld, task, GTINS[OAT], told="applied"))
    conflict = await sent(handheld, late)
    await floor.rows("UPDATE pick_tasks SET lease_until = NULL, assigned_to = NULL")
    await floor.do(
        claims.claim, (await floor.rows("SELECT id FROM pick_tasks"))[0]["id"], floor.sam
    )
    taken = await sent(handheld, scanned(handheld, task, GTINS[OAT], told="applied"))

    assert statuses(conflict) == ["conflict"]
    assert statuses(taken) == ["superseded"]
    assert [row["why"] for row in await floor.rows("SELECT why FROM handheld_cases")] == [
        conflict["receipts"][0]["text"],
        "Sam has this order now. Give them what you have.",
    ]


async def test_what_a_person_was_told_not_to_count_is_not_counted(
    handheld: Handheld, floor: Floor
) -> None:
    task = await a_task(handheld, floor, oat=1)

    answer = await sent(handheld, scanned(handheld, task, GTINS[OAT], told="unknown_code"))

    assert statuses(answer) == ["noted"]
    assert await floor.rows("SELECT found FROM pick_lines") == [{"found": 0}]


async def test_later_entries_wait_for_the_earlier_ones(handheld: Handheld, floor: Floor) -> None:
    task = await a_task(handheld, floor, oat=1)
    picked = scanned(handheld, task, GTINS[OAT])
    staged = scanned(handheld, task, PLACE, kind="stage")

    early = await sent(handheld, staged, held=picked["device_seq"])
    after = scanned(handheld, task, JAM)
    with_a_gap = await sent(handheld, after, picked, held=picked["device_seq"])
    in_turn = await sent(handheld, staged, held=picked["device_seq"])

    assert statuses(early) == ["later"]
    assert statuses(with_a_gap) == ["later", "applied"]
    assert statuses(in_turn) == ["applied"]
    assert await floor.rows("SELECT state FROM pick_tasks") == [{"state": "staged"}]


async def test_a_stolen_handheld_is_heard_and_not_believed(
    handheld: Handheld, floor: Floor
) -> None:
    task = await a_task(handheld, floor, oat=1)
    entry = scanned(handheld, task, GTINS[OAT], told="applied")
    [device] = await floor.rows("SELECT id FROM devices WHERE name = 'No 7'")
    await floor.do(devices.revoke, STORE, device["id"])

    answer = await handheld.post("log", entries=[entry])
    again = await handheld.post("log", entries=[entry])
    handheld.headers["Authorization"] = handheld.headers["Authorization"][:-1] + "_"
    stranger = await handheld.post("log", entries=[scanned(handheld, task, GTINS[OAT])])

    assert [problem(one) for one in (answer, again, stranger)] == ["device-unknown"] * 3
    kept = await floor.rows("SELECT id::text, kind, associate_id FROM handheld_cases")
    assert kept == [{"id": entry["scan_id"], "kind": "withheld", "associate_id": None}]
    assert await floor.rows("SELECT found FROM pick_lines") == [{"found": 0}]
    assert await floor.rows("SELECT FROM scans") == []


async def test_a_scan_is_theirs_who_made_it(handheld: Handheld, floor: Floor) -> None:
    task = await a_task(handheld, floor, oat=1)
    entry = scanned(handheld, task, GTINS[OAT])
    entry["session"] = handheld.headers["X-Associate-Session"].partition(".")[0]
    other = (await handheld.post("sign-in", number="1002", pin="314159")).json()
    handheld.headers["X-Associate-Session"] = other["data"]["session"]

    assert statuses(await sent(handheld, entry)) == ["applied"]
    [row] = await floor.rows("SELECT associate_id FROM scans")
    assert row["associate_id"] == floor.ada.associate_id


async def test_a_walk_taken_on_in_a_dead_spot(handheld: Handheld, floor: Floor) -> None:
    _, task_id = await floor.open(oat=1)
    task = outward(STORE, task_id)
    card = (await handheld.get("package")).json()["tasks"][0]
    took = handheld.entry(path=f"tasks/{task}/take", body={"fence": card["fence"]}, told="applied")
    picked = scanned(handheld, task, GTINS[OAT], told="applied")

    first = await sent(handheld, took, picked)
    again = await sent(handheld, took, picked)

    assert statuses(first) == statuses(again) == ["applied", "applied"]
    assert await floor.rows("SELECT fence, state FROM pick_tasks") == [
        {"fence": 1, "state": "picked"}
    ]


async def test_a_walk_that_somebody_else_took_meanwhile(handheld: Handheld, floor: Floor) -> None:
    _, task_id = await floor.open(oat=1)
    task = outward(STORE, task_id)
    took = handheld.entry(path=f"tasks/{task}/take", body={"fence": 0}, told="applied")
    picked = scanned(handheld, task, GTINS[OAT], told="applied")
    await floor.do(claims.claim, task_id, floor.sam)

    answer = await sent(handheld, took, picked)

    assert statuses(answer) == ["superseded", "superseded"]
    assert await floor.rows("SELECT fence, assigned_to FROM pick_tasks") == [
        {"fence": 1, "assigned_to": floor.sam.associate_id}
    ]
    assert len(await floor.rows("SELECT FROM handheld_cases WHERE kind = 'conflict'")) == 2


async def test_the_package_has_what_a_walk_needs(handheld: Handheld, floor: Floor) -> None:
    task = await a_task(handheld, floor, oat=2, rye=1)
    await sent(handheld, scanned(handheld, task, GTINS[OAT]))

    package = (await handheld.get("package")).json()

    [one] = package["tasks"]
    assert (one["here"], one["stage"], one["who"]) == (True, "claimed", "Ada")
    assert [line["found"] for line in one["lines"]] == [1, 0]
    assert [(act["kind"], act["line"]) for act in one["acts"]] == [("item", 1)]
    assert [stop["line"] for stop in package["walk"]] == [2, 1]
    assert package["codes"][GTINS[OAT].zfill(14)] == {"sku": "oat", "quantity": 1}
    assert package["staging"] == {PLACE: "Counter A12"}
    [place] = package["items"]["oat"]["places"]
    assert place["words"] == "It should be here: found today."
    assert (place["found"], place["missed"], place["found_day"]) == (1, 0, "today")
    assert package["items"]["oat"]["left"] == 19


async def test_what_was_done_by_an_older_plan_counts_all_the_same(
    handheld: Handheld, floor: Floor
) -> None:
    """The shelf of the bread has moved, and what was its label is another's, or nobody's, now."""
    await floor.do(pickings.configure, STORE, How(ShelfFirst.ALWAYS))
    await floor.rows("UPDATE locations SET label = 'L-3' WHERE sku = 'rye'")
    task = await a_task(handheld, floor, rye=2, oat=1)
    old = (await handheld.get("package")).json()["items"]["rye"]["places"][0]
    moved = "UPDATE locations SET aisle = '5', label = 'L-5' WHERE sku = 'rye'"
    await floor.rows(moved)
    spot = {name: old[name] for name in ("zone", "aisle", "bay", "shelf")}
    about: dict[str, Any] = {"line": 1, "told": "applied"}

    answer = await sent(
        handheld,
        scanned(handheld, task, GTINS[RYE], **about),
        scanned(handheld, task, kind="miss", place=spot, **about),
        scanned(handheld, task, kind="undo", told="applied"),
        scanned(handheld, task, kind="short", reason="not_found", **about),
        scanned(handheld, task, "L-3", **about),
    )

    assert statuses(answer) == ["applied"] * 4 + ["conflict"]
    lines = await floor.rows("SELECT sku, found, short FROM pick_lines ORDER BY line")
    assert lines[0] == {"sku": "rye", "found": 1, "short": 1}
    places = await floor.rows("SELECT aisle, missed FROM locations WHERE sku = 'rye'")
    assert places == [{"aisle": "5", "missed": 0}], "of where it lay before we learn nothing"
    assert [row["act"] for row in await floor.rows("SELECT act FROM handheld_cases")] == ["item"]


async def test_what_is_missing_is_counted_by_whoever_missed_it_in_one_dead_spot(
    handheld: Handheld, floor: Floor
) -> None:
    """The count that their shortage asks for has its id: so they know what it will be called."""
    await floor.rows("UPDATE stock SET on_hand = 3 WHERE sku = 'rye'")
    task = await a_task(handheld, floor, rye=2, oat=1)
    short = scanned(handheld, task, kind="short", line=1, reason="not_found", told="applied")
    body = {"code": GTINS[RYE], "counted": 1}
    count = handheld.entry(path=f"counts/{short['scan_id']}/done", body=body)

    first = await sent(handheld, short, count)
    again = await sent(handheld, short, count)

    assert statuses(first) == statuses(again) == ["applied", "applied"]
    assert await floor.rows("SELECT on_hand FROM stock WHERE sku = 'rye'") == [{"on_hand": 1}]
    [asked] = await floor.rows("SELECT id::text, counted FROM count_requests")
    assert asked == {"id": short["scan_id"], "counted": 1}
