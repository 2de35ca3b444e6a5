"""A handheld that somebody guesses at locks itself; it and nothing else, and loses no scan."""

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest

from associates.crew import people
from associates.crew.people import Attempt, SignInLocked
from associates.handheld import devices, locking, presence
from associates.handheld.devices import Credentials
from associates.handheld.locking import TRIES, DeviceLocked
from bopis.kernel import hub
from bopis.kernel.database import Database
from bopis.kernel.ids import DeviceId
from tests.associates.floor import ADA_BADGE, ADA_PIN, GTINS, OAT, STORE, Floor
from tests.associates.test_handheld_api import Handheld, handheld, problem
from tests.associates.test_log import a_task, scanned, sent, statuses

__all__ = ["handheld"]  # the fixture


def shown_by(handheld: Handheld) -> Credentials:
    device = UUID(hex=handheld.headers["Authorization"].split(".")[1])
    return Credentials(STORE, DeviceId(device), "", None, "")


async def guess(floor: Floor, shown: Credentials, times: int, since: int = 0) -> None:
    """Count wrong tries, each at somebody else, so that nobody has to wait."""
    for n in range(since, since + times):
        await floor.do(people.begin, shown, number=f"X{n}")


async def test_ten_wrong_tries_lock_one_handheld_and_nobody_elses(
    handheld: Handheld, floor: Floor
) -> None:
    task = await a_task(handheld, floor, oat=1)
    entry = scanned(handheld, task, GTINS[OAT], told="applied")
    shown = shown_by(handheld)
    await guess(floor, shown, TRIES - 2)

    warned = await handheld.post("sign-in", badge="B9999999999")
    tenth = await handheld.post("sign-in", badge="B9999999998")
    right = await handheld.post("sign-in", badge=ADA_BADGE)

    assert warned.json()["detail"].endswith("After 1 more wrong try this handheld locks itself.")
    assert [(one.status_code, problem(one)) for one in (tenth, right)] == [
        (403, "device-locked")
    ] * 2
    assert "Ask whoever runs the store: they can unlock it" in tenth.json()["detail"]
    assert problem(await handheld.get("tasks")) == "signed-out"  # whoever was signed in on it
    assert problem(await handheld.post("log", entries=[entry])) == "signed-out"
    assert await floor.rows("SELECT FROM handheld_cases") == []
    assert (await floor.facts())[-1] == "handheld.locked"
    assert await floor.rows("SELECT lease_until FROM pick_tasks") == [{"lease_until": None}]
    elsewhere = Handheld(handheld.http)
    code = await floor.do(devices.new_code, STORE)
    token = (await elsewhere.post("enrol", code=code, name="No 8")).json()["data"]["device_token"]
    elsewhere.headers["Authorization"] = f"Bearer {token}"
    assert (await elsewhere.post("sign-in", number="1001", pin=ADA_PIN)).status_code == 200

    assert await floor.do(locking.unlock, STORE, shown.device_id) is True
    assert await floor.do(locking.unlock, STORE, shown.device_id) is False
    back = (await handheld.post("sign-in", badge=ADA_BADGE)).json()["data"]
    handheld.headers["X-Associate-Session"] = back["session"]
    assert statuses(await sent(handheld, entry)) == ["applied"]
    assert await floor.rows("SELECT found FROM pick_lines") == [{"found": 1}]


async def test_the_right_one_at_last_is_let_in_and_counting_begins_anew(
    handheld: Handheld, floor: Floor
) -> None:
    await guess(floor, shown_by(handheld), TRIES - 1)

    tenth = await handheld.post("sign-in", badge=ADA_BADGE)

    assert tenth.status_code == 200
    rows = await floor.rows("SELECT wrong_tries, locked_at FROM devices WHERE name = 'No 7'")
    assert rows == [{"wrong_tries": 0, "locked_at": None}]


async def test_of_many_guesses_at_once_ten_are_judged(floor: Floor, db: Database) -> None:
    shown = Credentials(STORE, floor.ada.device_id, "", None, "")

    async def try_once(n: int) -> Attempt | None:
        try:
            async with db.transaction(STORE) as tx:
                return await people.begin(tx, shown, number=f"X{n}")
        except DeviceLocked:
            return None

    judged = [one for one in await asyncio.gather(*map(try_once, range(25))) if one]

    assert sorted(one.tries for one in judged) == list(range(1, TRIES + 1))
    assert await floor.do(locking.shut, shown) is True
    [other] = await floor.rows("SELECT wrong_tries FROM devices WHERE id = $1", floor.sam.device_id)
    assert other == {"wrong_tries": 0}


async def test_a_person_who_has_to_wait_is_let_in_at_once(floor: Floor) -> None:
    shown = Credentials(STORE, floor.ada.device_id, "", None, "")
    for _ in range(3):
        await floor.do(people.begin, shown, number="1001")
    await floor.rows("UPDATE sign_in_failures SET locked_until = clock_timestamp() + '9 min'")
    with pytest.raises(SignInLocked, match="Whoever runs the store can unlock you at once"):
        await floor.do(people.begin, shown, number="1001")

    done = [await floor.do(locking.unlock_person, STORE, floor.ada.associate_id) for _ in "ab"]

    assert done == [True, False]
    assert (await floor.do(people.begin, shown, number="1001")).failures == 1


async def test_what_a_handheld_still_holds_is_noted(handheld: Handheld, floor: Floor) -> None:
    task = await a_task(handheld, floor, oat=2)
    entries = [scanned(handheld, task, GTINS[OAT]) for _ in range(2)]
    held = "SELECT unsent, seen_at IS NOT NULL AS seen FROM devices WHERE name = 'No 7'"

    await sent(handheld, entries[0], held=entries[0]["device_seq"], unsent=40)
    assert await floor.rows(held) == [{"unsent": 39, "seen": True}]
    await floor.rows("UPDATE devices SET seen_at = NULL")
    await presence.seen(floor.db, shown_by(handheld), 39)  # nothing new: nothing is written
    assert await floor.rows(held) == [{"unsent": 39, "seen": False}]
    await sent(handheld, entries[1], held=entries[1]["device_seq"], unsent=1)
    assert await floor.rows(held) == [{"unsent": 0, "seen": True}]


def test_the_line_of_a_stolen_handheld_ends_within_five_seconds() -> None:
    assert timedelta(seconds=5) > hub.BARRED_EVERY + hub.EVERY
