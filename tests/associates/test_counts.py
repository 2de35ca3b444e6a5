"""Places that learn, the question after a pick, and counts, over HTTP."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from associates import jobs
from associates.picking import claims, pickings, put_backs, recording, tasks
from associates.picking.picking import How
from associates.picking.put_backs import Rest
from associates.picking.scans import ScanKind
from bopis.kernel.clock import ManualClock
from bopis.kernel.ids import TaskId, outward
from inventory import stock
from inventory.looking import conflicts, counting
from inventory.models import CountPriority
from tests.associates.floor import GTINS, JAM, OAT, PLACE, RYE, STORE, Floor
from tests.associates.test_handheld_api import Handheld, handheld, problem

__all__ = ["handheld"]  # a fixture

BACKROOM = {"zone": "Back room", "aisle": "R2", "bay": "", "shelf": "", "kind": "backroom"}
OAT_SHELF = {"zone": "", "aisle": "12", "bay": "4", "shelf": "2"}
LOCATION = """
    SELECT zone, aisle, kind, planned, round(found::numeric, 2)::float AS found,
           round(missed::numeric, 2)::float AS missed
      FROM locations WHERE sku = $1 ORDER BY aisle
"""


async def a_walk(handheld: Handheld, floor: Floor, **quantities: int) -> str:
    _, task_id = await floor.open(**quantities)
    task = outward(STORE, task_id)
    await handheld.post(f"tasks/{task}/claim")
    return task


async def say(handheld: Handheld, task: str, kind: str, **more: Any) -> dict[str, Any]:
    answer = await handheld.post(
        f"tasks/{task}/scans", **handheld.entry(kind=kind, fence=1, **{"line": 1, **more})
    )
    assert answer.status_code == 200, answer.text
    return answer.json()  # type: ignore[no-any-return]


async def test_a_miss_leads_on_and_a_find_elsewhere_teaches(
    handheld: Handheld, floor: Floor, clock: ManualClock
) -> None:
    task = await a_walk(handheld, floor, oat=1)
    missed = await say(handheld, task, "miss", place=OAT_SHELF)
    again = await say(handheld, task, "miss", place=OAT_SHELF)  # a second tap teaches no more
    there = await say(handheld, task, "look", place=BACKROOM)
    await handheld.scan(task, GTINS[OAT], line=1)

    assert missed["message"]["text"].startswith("You have looked at every place we know.")
    assert (missed["data"]["place"], missed["data"]["nowhere"]) == (
        None,
        "You have looked at every place we know.",
    )
    assert again["receipt"]["outcome"] == "applied"
    assert there["data"]["place"] == {**BACKROOM, "words": "You said that it is here."}
    assert await floor.rows(LOCATION, OAT) == [
        {"zone": "", "aisle": "12", "kind": "shelf", "planned": True, "found": 0, "missed": 1},
        {
            "zone": "Back room",
            "aisle": "R2",
            "kind": "backroom",
            "planned": False,
            "found": 1,
            "missed": 0,
        },
    ]

    clock.now += timedelta(days=3)
    next_walk = await a_walk(handheld, floor, oat=1)
    shown = (await handheld.get(f"tasks/{next_walk}")).json()["data"]
    assert shown["place"]["aisle"] == "R2"
    assert shown["place"]["words"] == "It is probably here: found on Friday."
    [other] = shown["other_places"]
    assert other["words"] == "It may be here: not found on Friday."


async def test_what_is_taken_back_teaches_nothing(handheld: Handheld, floor: Floor) -> None:
    before = await floor.rows(LOCATION, OAT)
    task = await a_walk(handheld, floor, oat=1, rye=1)

    await say(handheld, task, "miss", place=OAT_SHELF)
    await say(handheld, task, "undo")
    await say(handheld, task, "look", place=BACKROOM)
    await handheld.scan(task, GTINS[OAT], line=1)
    await say(handheld, task, "undo")

    assert await floor.rows(LOCATION, OAT) == before
    assert (await floor.rows("SELECT found FROM pick_lines WHERE line = 1")) == [{"found": 0}]


async def test_the_label_of_a_shelf_says_where_one_is(handheld: Handheld, floor: Floor) -> None:
    await floor.rows("UPDATE locations SET label = 'SH-12-9' WHERE sku = $1", JAM)
    task = await a_walk(handheld, floor, oat=2)

    there = await handheld.scan(task, "SH-12-9", line=1)
    await handheld.scan(task, GTINS[OAT], line=1)
    await handheld.scan(task, GTINS[OAT], line=1)
    at_the_counter = await handheld.scan(task, "SH-12-9", line=1)

    nowhere = await a_walk(handheld, floor, rye=1)
    found = await say(handheld, nowhere, "look", code=GTINS[RYE])

    assert (found["receipt"]["kind"], found["receipt"]["outcome"]) == ("item", "applied")
    [unlearned] = await floor.rows("SELECT found FROM locations WHERE sku = $1", RYE)
    assert unlearned == {"found": 0}  # it was somewhere else, and nobody said where
    assert there["receipt"] | {"scan_id": ""} == {
        "scan_id": "",
        "kind": "look",
        "outcome": "applied",
        "line": 1,
        "quantity": 0,
    }
    assert there["data"]["place"]["bay"] == "9"
    [learned] = await floor.rows("SELECT bay, label, found FROM locations WHERE NOT planned")
    assert learned == {"bay": "9", "label": "SH-12-9", "found": 1}  # one line, one find
    assert at_the_counter["message"]["text"] == (
        "This is the label of a shelf. Scan the label of the pickup place."
    )


@pytest.mark.parametrize(
    ("on_hand", "empty", "asked"),
    [(2, True, None), (3, True, "shelf_empty"), (2, False, "shelf_not_empty"), (3, False, None)],
)
async def test_a_shelf_that_should_be_empty_is_asked_about(
    handheld: Handheld,
    floor: Floor,
    on_hand: int,
    empty: bool,  # noqa: FBT001 -- a parameter of the test
    asked: str | None,
) -> None:
    await floor.rows("UPDATE stock SET on_hand = $1 WHERE sku = $2", on_hand, OAT)
    task = await a_walk(handheld, floor, oat=2)
    one = await handheld.scan(task, GTINS[OAT], line=1)
    both = await handheld.scan(task, GTINS[OAT], line=1)

    body = handheld.entry(kind="zero_check", fence=1, line=1, empty=empty)
    told = (await handheld.post(f"tasks/{task}/scans", **body)).json()
    again = (await handheld.post(f"tasks/{task}/scans", **body)).json()

    assert one["data"]["question"] is None
    assert both["data"]["question"]["item"] == "Oat drink"
    assert told["receipt"] == again["receipt"]
    reasons = [row["reason"] for row in await floor.rows("SELECT reason FROM count_requests")]
    assert reasons == ([asked] if asked else [])
    if asked:
        await say(handheld, task, "undo")
        left = await floor.rows("SELECT FROM count_requests WHERE done_at IS NULL")
        assert left == []


async def test_a_full_shelf_is_not_asked_about_nor_one_that_is_to_be_counted(
    handheld: Handheld, floor: Floor
) -> None:
    await floor.rows("UPDATE stock SET on_hand = 1 WHERE sku = $1", RYE)
    await floor.rows(
        "INSERT INTO count_requests (store_id, id, sku, reason, opened_at)"
        " VALUES ('S1', $1, 'rye', 'asked', now())",
        uuid4(),
    )
    task = await a_walk(handheld, floor, oat=1, rye=1)

    plenty = await handheld.scan(task, GTINS[OAT], line=1)
    listed = await handheld.scan(task, GTINS[RYE], line=2)

    assert (plenty["data"]["question"], listed["data"]["question"]) == (None, None)


async def as_sam(handheld: Handheld) -> None:
    """Let Sam take the handheld over."""
    signed_in = (await handheld.post("sign-in", badge="B0000001002")).json()
    handheld.headers["X-Associate-Session"] = signed_in["data"]["session"]


async def test_much_is_written_off_when_two_people_have_counted_it(
    handheld: Handheld, floor: Floor
) -> None:
    await floor.do(conflicts.request_count, STORE, OAT, "asked", CountPriority.DOUBT)
    [card] = (await handheld.get("counts")).json()["failed_picks"]
    path = f"counts/{card['count_id']}"

    async def count(units: int) -> dict[str, Any]:
        await handheld.post(f"{path}/claim")
        entry = handheld.entry(code=GTINS[OAT], counted=units)
        return (await handheld.post(f"{path}/done", **entry)).json()  # type: ignore[no-any-return]

    first, again = await count(4), await count(4)
    stock_then = await floor.rows("SELECT on_hand FROM stock WHERE sku = $1", OAT)
    await as_sam(handheld)
    [shown] = (await handheld.get("counts")).json()["failed_picks"]
    second = await count(5)

    assert first["message"] == {
        "kind": "info",
        "text": "Kept: 4. That takes much off the record, so somebody else counts it too.",
    }
    assert first["next_state"] == "tasks"
    assert again["receipt"]["outcome"] == "same_person"
    assert stock_then == [{"on_hand": 20}]
    assert (shown["again"], shown["word"]) == (True, "")
    assert not {"first_count", "first_by", "record"} & shown.keys()  # Sam counts blind, too
    assert second["message"]["text"] == "Counted: 5 of Oat drink."
    assert await floor.rows("SELECT on_hand FROM stock WHERE sku = $1", OAT) == [{"on_hand": 5}]


async def test_what_was_lost_on_its_way_back_is_looked_for_by_somebody_else(floor: Floor) -> None:
    order_id, task = await floor.open(oat=2)
    await floor.do(pickings.configure, STORE, How(alone=1))
    await floor.do(claims.claim, task, floor.ada)
    for _ in range(2):
        said = floor.said(floor.ada, code=GTINS[OAT])
        await floor.do(recording.record, task, said, floor.ada)
    await floor.do(tasks.cancel, STORE, order_id)
    await floor.do(stock.release, STORE, order_id, {OAT: 2}, picked={OAT: 2})
    [duty] = await floor.do(put_backs.listed, STORE)

    none = floor.said(floor.ada, ScanKind.PUT_BACK, quantity=0)
    await floor.do(put_backs.done, duty.id, none, floor.ada, Rest.LOST)

    [count] = await floor.do(counting.listed, STORE)
    ada, sam = floor.ada.associate_id, floor.sam.associate_id
    looks = [
        await floor.do(counting.done, STORE, count.id, 18, source="a test", by=who)
        for who in (ada, sam)
    ]
    assert [look.verdict for look in looks] == ["same", "taken"]
    assert await floor.rows("SELECT on_hand FROM stock WHERE sku = $1", OAT) == [{"on_hand": 18}]


async def missing(handheld: Handheld, floor: Floor, **quantities: int) -> dict[str, Any]:
    """Fail a pick of rye; return the count that this asks for."""
    task = await a_walk(handheld, floor, **(quantities or {"rye": 1}))
    await say(handheld, task, "short", reason="not_found")
    [card] = (await handheld.get("counts")).json()["failed_picks"]
    return card  # type: ignore[no-any-return]


async def test_a_failed_pick_is_counted_in_the_same_shift(handheld: Handheld, floor: Floor) -> None:
    _, staged = await floor.open(rye=2)
    other = outward(STORE, staged)
    await handheld.post(f"tasks/{other}/claim")
    await handheld.scan(other, GTINS[RYE])
    await handheld.scan(other, GTINS[RYE])
    await handheld.scan(other, PLACE, kind="stage")
    card = await missing(handheld, floor)
    assert (card["reason"], card["minutes"], card["due"]) == ("Nobody found it", 1, "4:00\u202fPM")
    assert not {"on_hand", "record"} & card.keys()

    path = f"counts/{card['count_id']}"
    taken = (await handheld.post(f"{path}/claim")).json()
    wrong = (await handheld.get(f"{path}?scanned={GTINS[OAT]}")).json()
    right = (await handheld.get(f"{path}?scanned={GTINS[RYE]}")).json()
    first = handheld.entry(code=GTINS[RYE], counted=7)
    far = (await handheld.post(f"{path}/done", **first)).json()
    repeated = (await handheld.post(f"{path}/done", **first)).json()
    second = handheld.entry(code=GTINS[RYE], counted=6)
    done = (await handheld.post(f"{path}/done", **second)).json()
    late = (await handheld.post(f"{path}/done", **handheld.entry(counted=0))).json()

    assert (taken["next_state"], taken["data"]["again"]) == ("count", False)
    assert wrong["message"]["text"] == "This is Oat drink. Count Rye bread."
    assert (wrong["data"]["scanned"], right["data"]["scanned"]) == ("", GTINS[RYE])
    assert far["message"]["text"] == "You counted 7, the record says 0. Count once more."
    assert (far["next_state"], far["data"]["again"]) == ("count", True)
    assert repeated["receipt"] == far["receipt"]  # heard twice, it is still the first count
    assert (done["next_state"], done["message"]["text"]) == ("tasks", "Counted: 6 of Rye bread.")
    assert late["message"]["text"].startswith("Somebody has counted this meanwhile.")
    [row] = await floor.rows("SELECT on_hand, reserved FROM stock WHERE sku = $1", RYE)
    assert row == {"on_hand": 8, "reserved": 2}  # what is staged was not to be counted, and is here


async def test_nothing_there_needs_no_scan_and_an_old_count_is_not_believed(
    handheld: Handheld, floor: Floor
) -> None:
    card = await missing(handheld, floor)
    path = f"counts/{card['count_id']}/done"

    unproved = (await handheld.post(path, **handheld.entry(counted=1))).json()
    stale = handheld.entry(counted=0, sent_at="2026-03-06T18:11:00Z")
    old = (await handheld.post(path, **stale)).json()
    await a_walk(handheld, floor, rye=1)
    [task] = await floor.rows("SELECT id FROM pick_tasks WHERE state = 'claimed'")
    await handheld.scan(outward(STORE, TaskId(task["id"])), GTINS[RYE])
    moved = handheld.entry(counted=0, sent_at="2026-03-06T18:02:00Z")
    since = (await handheld.post(path, **moved)).json()

    assert unproved["receipt"]["outcome"] == "not_a_code"
    assert old["message"]["text"].startswith("Some of it may have moved since you counted.")
    assert since["receipt"]["outcome"] == "stale"
    assert await floor.rows("SELECT FROM stock_ledger WHERE kind = 'count'") == []
    alone = (await handheld.post(path, **handheld.entry(counted=0))).json()
    assert alone["message"]["text"].startswith("You have looked already. Somebody else has to")
    assert alone["receipt"]["outcome"] == "same_person"
    assert alone["data"]["counts"][0]["word"] == "You have looked: somebody else counts it"
    assert await floor.rows("SELECT FROM stock_ledger WHERE kind = 'count'") == []
    await as_sam(handheld)
    done = (await handheld.post(path, **handheld.entry(counted=0))).json()
    assert done["receipt"]["outcome"] == "applied"


async def test_a_failed_pick_raises_what_was_asked_for_already_and_found_after_all_withdraws_it(
    handheld: Handheld, floor: Floor
) -> None:
    low = CountPriority.LOW_RECORD
    await floor.do(conflicts.request_count, STORE, RYE, "low_record", low)
    await floor.do(conflicts.request_count, STORE, JAM, "low_record", low)
    task = await a_walk(handheld, floor, rye=1, jam=1)
    await say(handheld, task, "short", line=1, reason="not_found")
    listed = (await handheld.get("counts")).json()
    await say(handheld, task, "undo")
    after = (await handheld.get("counts")).json()

    assert [card["sku"] for card in listed["failed_picks"]] == [RYE]
    assert [card["sku"] for card in listed["low_record"]] == [JAM]
    assert (after["failed_picks"], after["low_record"]) == ([], listed["low_record"])


async def test_two_at_one_count_are_told(handheld: Handheld, floor: Floor) -> None:
    card = await missing(handheld, floor)
    count_id = card["count_id"]
    await floor.do(counting.claim, STORE, count_id, floor.sam.associate_id)

    refused = (await handheld.post(f"counts/{count_id}/claim")).json()

    assert (refused["next_state"], refused["message"]["text"]) == (
        "tasks",
        "Sam counts this just now.",
    )
    assert refused["data"]["counts"][0]["word"] == "Sam counts it"
    await floor.rows("UPDATE count_requests SET claimed_until = '2020-01-01'")
    assert (await handheld.post(f"counts/{count_id}/claim")).json()["next_state"] == "count"
    for path in (f"counts/{uuid4()}/claim", f"counts/{TaskId(uuid4())}/claim"):
        assert problem(await handheld.post(path)) == "count-gone"


async def test_two_counts_at_once_are_one(handheld: Handheld, floor: Floor) -> None:
    card = await missing(handheld, floor)

    results = await asyncio.gather(
        *(
            floor.do(counting.done, STORE, card["count_id"], 1, source=f"associate {n}")
            for n in range(4)
        )
    )

    assert sorted(result.verdict for result in results) == ["gone", "gone", "gone", "taken"]
    entries = await floor.rows("SELECT on_hand FROM stock_ledger WHERE kind = 'count'")
    assert entries == [{"on_hand": 1}]


async def test_a_count_below_what_is_promised_opens_a_case_and_a_better_one_closes_it(
    handheld: Handheld, floor: Floor
) -> None:
    await floor.open(oat=3)
    task = await a_walk(handheld, floor, oat=1)
    await say(handheld, task, "short", reason="wrong_item_at_location")
    [card] = (await handheld.get("counts")).json()["failed_picks"]
    await floor.do(counting.done, STORE, card["count_id"], 0, source="a test")  # asks again
    await floor.do(counting.done, STORE, card["count_id"], 0, source="a test")

    assert [name for name in await floor.facts() if name.startswith("stock.")] == [
        "stock.conflict_opened"
    ]
    await floor.do(stock.count, STORE, OAT, 3, cause=None, source="a test")
    assert (await floor.facts())[-1] == "stock.conflict_closed"


async def test_what_sells_and_is_nearly_gone_is_counted_a_few_at_a_time(floor: Floor) -> None:
    await floor.rows(
        "INSERT INTO store_hours SELECT 'S1', d, '09:00', '21:00' FROM generate_series(0, 6) AS d"
    )
    await floor.rows(
        "INSERT INTO items SELECT 'low-' || n, 'Item ' || n FROM generate_series(1, 6) AS n"
    )
    await floor.rows(
        "INSERT INTO stock (store_id, sku, on_hand, changed_at)"
        " SELECT 'S1', 'low-' || n, 1, $1 FROM generate_series(1, 6) AS n",
        floor.db.clock(),
    )
    await floor.rows(
        "INSERT INTO stock_ledger (store_id, id, sku, kind, reserved, effective_at, recorded_at)"
        " SELECT 'S1', gen_random_uuid(), 'low-' || n, 'commit', n, $1, $1"
        "   FROM generate_series(1, 6) AS n",
        floor.db.clock() - timedelta(days=1),
    )

    first = await jobs.ask_for_counts(floor.db)
    second = await jobs.ask_for_counts(floor.db)
    tasks_open = await floor.do(counting.listed, STORE)

    assert (first, second) == (counting.AT_ONCE, 0)
    assert [task.sku for task in tasks_open] == ["low-6", "low-5", "low-4"]
    assert {task.priority for task in tasks_open} == {CountPriority.LOW_RECORD}
    await floor.rows("UPDATE count_requests SET done_at = opened_at")
    for _ in range(3):
        await floor.open(oat=1)
    assert await jobs.ask_for_counts(floor.db) == 0  # orders wait: picking comes first
    await floor.rows("UPDATE pick_tasks SET state = 'cancelled'")
    assert await jobs.ask_for_counts(floor.db) == 3
    await floor.rows("UPDATE count_requests SET done_at = opened_at")
    await floor.rows("DELETE FROM store_hours")
    assert await jobs.ask_for_counts(floor.db) == 0
