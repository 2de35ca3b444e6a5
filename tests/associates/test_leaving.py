"""Who leaves is out at once, is called by no name 90 days later, and leaves by no file alone."""

import asyncio
from datetime import timedelta
from typing import Any

import httpx
import pytest

from associates import jobs
from associates.crew import badges, leaving, people
from associates.crew.dispute_models import Dispute
from associates.crew.forgetting import HELD
from associates.crew.people import SignInWrong
from associates.handheld.devices import Credentials
from bopis.kernel.clock import ManualClock
from bopis.kernel.ids import AssociateId
from bopis.kernel.keys import KeyKind
from tests.associates.floor import ADA_BADGE, ADA_PIN, STORE, Floor
from tests.conftest import Key

WEEK = timedelta(days=7)


def shown(floor: Floor) -> Credentials:
    return Credentials(STORE, floor.ada.device_id, "", None, "")


async def test_what_opened_the_door_is_gone_with_whoever_left(floor: Floor) -> None:
    await floor.do(leaving.leave, STORE, floor.ada.associate_id)

    [row] = await floor.rows("SELECT * FROM associates WHERE number = '1001'")
    assert (row["badge_digest"], row["pin_hash"], row["is_active"]) == (None, None, False)
    assert row["left_at"] == floor.db.clock()


@pytest.mark.parametrize("way", [{"badge": ADA_BADGE}, {"number": "1001"}])
async def test_who_leaves_while_their_pin_is_checked_is_not_let_in(
    floor: Floor, way: dict[str, str]
) -> None:
    """Checking takes a while, and is between two transactions."""
    attempt = await floor.do(people.begin, shown(floor), **way)
    right = await people.matches(attempt, ADA_PIN)
    await floor.do(leaving.leave, STORE, floor.ada.associate_id)

    assert right
    with pytest.raises(SignInWrong):
        await floor.do(people.finish, shown(floor), attempt)
    assert await floor.rows("SELECT FROM associate_sessions") == []


async def test_who_signs_in_just_as_they_leave_is_not_signed_in(floor: Floor) -> None:
    for number in range(8):
        name = f"Eve {number}"
        eve = await floor.do(people.add, STORE, number=f"E{number}", name=name, badge=badges.make())
        attempt = people.Attempt(f"E{number}", eve, name, None, 1)
        await asyncio.gather(
            floor.do(people.finish, shown(floor), attempt),
            floor.do(leaving.leave, STORE, eve),
            return_exceptions=True,
        )

    rows = await floor.rows("SELECT is_active FROM associates WHERE number LIKE 'E%'")
    assert [row["is_active"] for row in rows] == [False] * 8
    assert (
        await floor.rows("SELECT FROM associate_sessions WHERE ends_at > clock_timestamp()") == []
    )


async def test_their_name_is_forgotten_on_schedule_and_their_number_is_free(
    floor: Floor, clock: ManualClock
) -> None:
    ada, at = floor.ada, floor.db.clock()
    note: dict[str, Any] = {"about": "scans", "words": "Not so.", "made_at": at}
    async with floor.db.transaction(STORE) as tx:
        for who in (ada, floor.sam):
            id_ = AssociateId(tx.new_id())
            await tx.add(Dispute(store_id=STORE, id=id_, associate_id=who.associate_id, **note))
    await floor.do(leaving.leave, STORE, ada.associate_id)
    clock.advance(HELD - WEEK)
    await jobs.forget(floor.db)
    early = await floor.rows("SELECT name FROM associates WHERE number = '1001'")
    clock.advance(2 * WEEK)
    await jobs.forget(floor.db)
    [row] = await floor.rows("SELECT * FROM associates WHERE id = $1", ada.associate_id)

    assert early == [{"name": "Ada"}]
    assert (row["name"], row["number"]) == ("", f"~{ada.associate_id.hex}")
    assert await floor.rows("SELECT associate_id AS who FROM disputes") == [
        {"who": floor.sam.associate_id}
    ]
    assert await jobs.forget(floor.db) == 0
    await floor.do(people.add, STORE, number="1001", name="Eve")


async def test_nobody_leaves_by_a_file_alone(
    http: httpx.AsyncClient, floor: Floor, key: Key
) -> None:
    headers = {**await key(KeyKind.OPS), "Content-Type": "text/csv"}

    async def put(text: str, leavers: str = "") -> httpx.Response:
        return await http.put(
            f"/v1/ops/stores/{STORE}/associates",
            params={"leavers": leavers},
            content=f"number,name\n{text}",
            headers=headers,
        )

    async def working() -> list[str]:
        rows = await floor.rows("SELECT name FROM associates WHERE is_active ORDER BY number")
        return [row["name"] for row in rows]

    first = (await put("1001,Ada L.\n1003,Eve\n")).json()
    with_bad = (await put("1001,Ada L.\n1003,\n")).json()
    still = await working()
    guessed = await put("1001,Ada L.\n1003,Eve\n", "0" * 12)
    other = await put("1003,Eve\n", first["leavers"])
    nobody_left = await working()
    done = (await put("1001,Ada L.\n1003,Eve\n", first["leavers"])).json()
    back = (await put("1001,Ada L.\n1002,Sam\n1003,Eve\n")).json()

    assert ([one["name"] for one in first["new"]], first["renamed"]) == (["Eve"], 1)
    assert badges.is_badge(first["new"][0]["badge"])
    assert [one["name"] for one in first["missing"]] == ["Sam"]
    assert (with_bad["rejected"], with_bad["leavers"]) == (1, "")
    assert still == nobody_left == ["Ada L.", "Sam", "Eve"]
    assert [answer.json()["type"].rpartition(":")[2] for answer in (guessed, other)] == [
        "leavers-differ"
    ] * 2
    assert (done["left"], await working()) == (1, ["Ada L.", "Eve"])
    assert (back["rejected"], back["new"]) == (1, [])  # his number is his for 90 days
