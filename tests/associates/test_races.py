"""Many at once on one floor: the totals come out exact."""

import asyncio
from collections import Counter
from typing import Any
from uuid import uuid4

import httpx
import pytest

from associates.crew import people
from associates.crew.people import SignInLocked
from associates.handheld import devices
from associates.handheld.devices import Credentials, Holder
from associates.picking import claims, recording, second_looks, take_overs, tasks
from associates.picking.scans import Heard, Said, ScanOutcome
from bopis.kernel.database import Database
from bopis.kernel.ids import TaskId, outward
from tests.associates.floor import GTINS, OAT, STORE, Floor


async def test_one_scan_sent_a_hundred_times_has_one_effect(floor: Floor, db: Database) -> None:
    _, task = await floor.open(oat=5)
    await floor.do(claims.claim, task, floor.ada)
    said = floor.said(floor.ada, code=GTINS[OAT])

    async def send() -> Heard:
        async with db.transaction(STORE) as tx:
            return await recording.record(tx, task, said, floor.ada)

    answers = await asyncio.gather(*(send() for _ in range(100)))

    assert len(set(answers)) == 1
    assert answers[0].outcome is ScanOutcome.APPLIED
    assert await floor.rows("SELECT found FROM pick_lines") == [{"found": 1}]
    assert await floor.rows("SELECT count(*) AS n FROM scans") == [{"n": 1}]
    assert (await floor.facts()).count("pick.line_found") == 1


async def test_two_associates_want_one_task_and_one_gets_it(floor: Floor, db: Database) -> None:
    _, task = await floor.open(oat=5)

    async def claim(holder: object) -> str | None:
        async with db.transaction(STORE) as tx:
            return await claims.claim(tx, task, holder)  # type: ignore[arg-type]

    answers = await asyncio.gather(*(claim(who) for who in (floor.ada, floor.sam) * 10))

    first, other = Counter(answers[::2]), Counter(answers[1::2])
    assert sorted([first, other], key=str) == sorted(
        [Counter({None: 10}), Counter({"Ada" if other[None] == 0 else "Sam": 10})], key=str
    )
    assert await floor.rows("SELECT fence FROM pick_tasks") == [{"fence": 1}]
    assert await floor.facts() == ["pick.started"]


async def test_no_more_is_found_than_was_asked(floor: Floor, db: Database) -> None:
    _, task = await floor.open(oat=5)
    await floor.do(claims.claim, task, floor.ada)
    every = [floor.said(floor.ada, code=GTINS[OAT]) for _ in range(20)]

    async def send(said: object) -> ScanOutcome:
        async with db.transaction(STORE) as tx:
            return (await recording.record(tx, task, said, floor.ada)).outcome  # type: ignore[arg-type]

    outcomes = Counter(await asyncio.gather(*(send(said) for said in every)))

    assert outcomes == {ScanOutcome.APPLIED: 5, ScanOutcome.TOO_MANY: 15}
    assert await floor.rows("SELECT found FROM pick_lines") == [{"found": 5}]


async def test_a_walk_changes_hands_between_two_scans_and_no_unit_is_counted_twice(
    floor: Floor, db: Database
) -> None:
    _, task = await floor.open(oat=15)
    await floor.do(claims.claim, task, floor.ada)
    await floor.do(take_overs.ask, task, floor.sam)
    adas = [floor.said(floor.ada, code=GTINS[OAT]) for _ in range(10)]
    sams = [floor.said(floor.sam, code=GTINS[OAT], fence=2) for _ in range(10)]

    async def send(said: Said, holder: Holder) -> ScanOutcome:
        async with db.transaction(STORE) as tx:
            return (await recording.record(tx, task, said, holder)).outcome

    async def give() -> None:
        async with db.transaction(STORE) as tx:
            await take_overs.answer(tx, task, floor.ada, yes=True)

    by_ada = [send(said, floor.ada) for said in adas]
    first = await asyncio.gather(*by_ada[:5], give(), *by_ada[5:])
    second = await asyncio.gather(*(send(said, floor.sam) for said in sams))

    ada = Counter(outcome for outcome in first if outcome is not None)
    sam = Counter(second)
    applied = ada[ScanOutcome.APPLIED] + sam[ScanOutcome.APPLIED]
    assert ada[ScanOutcome.APPLIED] + ada[ScanOutcome.SUPERSEDED] == 10
    assert sam[ScanOutcome.APPLIED] == min(10, 15 - ada[ScanOutcome.APPLIED])
    assert await floor.rows("SELECT found FROM pick_lines") == [{"found": applied}]
    assert await floor.rows("SELECT count(*) AS n FROM scans") == [{"n": 20}]
    assert (await floor.facts()).count("pick.line_found") == applied


async def _signed_in(floor: Floor, db: Database) -> tuple[Holder, dict[str, str]]:
    """Sign Ada in on a handheld that speaks HTTP."""
    async with db.transaction(STORE) as tx:
        device, token = await devices.enrol(tx, await devices.new_code(tx, STORE), "No 7")
        shown = Credentials(STORE, device.id, "", None, "")
        attempt = people.Attempt("1001", floor.ada.associate_id, "Ada", None, 1)
        session, ada = await people.finish(tx, shown, attempt)
    return ada, {"Authorization": f"Bearer {token}", "X-Associate-Session": session}


async def _scan(
    http: httpx.AsyncClient, headers: dict[str, str], task_id: TaskId, number: int, **more: Any
) -> httpx.Response:
    entry = {"scan_id": str(uuid4()), "device_seq": number, "scanned_at": "2026-03-06T18:00:00Z"}
    body = entry | {"fence": 1, "code": GTINS[OAT]} | more
    path = f"/v1/handheld/tasks/{outward(STORE, task_id)}/scans"
    return await http.post(path, json=body, headers=headers)


async def _waits(db: Database) -> None:
    async with asyncio.timeout(10):
        while True:
            async with db.reading() as tx:
                if await tx.value(_WAITING):
                    return
            await asyncio.sleep(0.01)


_WAITING = """
    SELECT count(*) FROM pg_stat_activity
     WHERE datname = current_database() AND wait_event_type = 'Lock'
"""


async def test_a_scan_that_waited_is_judged_by_what_the_walk_is_since(
    http: httpx.AsyncClient, floor: Floor, db: Database
) -> None:
    _, task_id = await floor.open(oat=2, rye=1)
    ada, headers = await _signed_in(floor, db)
    await floor.do(claims.claim, task_id, ada)

    async with db.transaction(STORE) as tx:
        await second_looks.leave(tx, await tasks.lock(tx, task_id), {1: 2})
        waiting = asyncio.create_task(_scan(http, headers, task_id, 1))
        await _waits(db)
    answer = (await waiting).json()

    assert answer["receipt"]["outcome"] == "wrong_item"
    assert "pick.line_found" not in await floor.facts()
    assert await floor.rows("SELECT line, found FROM pick_lines") == [{"line": 2, "found": 0}]


async def test_whoever_is_not_let_in_waits_for_no_walk(
    http: httpx.AsyncClient, floor: Floor, db: Database
) -> None:
    _, task_id = await floor.open(oat=2)
    ada, headers = await _signed_in(floor, db)
    await floor.do(claims.claim, task_id, ada)
    strange = [
        headers | {"Authorization": f"{headers['Authorization']}x"},
        headers | {"X-Associate-Session": f"{headers['X-Associate-Session']}x"},
    ]

    async with db.transaction(STORE) as tx:
        await tasks.lock(tx, task_id)
        answers = [await _scan(http, one, task_id, 1) for one in strange]

    assert [answer.status_code for answer in answers] == [401, 401]
    assert await floor.rows("SELECT count(*) AS n FROM scans") == [{"n": 0}]


@pytest.mark.parametrize(("fence", "outcome"), [(1, "applied"), (7, "superseded")])
async def test_one_scan_that_comes_many_times_at_once_gets_one_answer(
    http: httpx.AsyncClient, floor: Floor, db: Database, fence: int, outcome: str
) -> None:
    _, task_id = await floor.open(oat=5)
    ada, headers = await _signed_in(floor, db)
    await floor.do(claims.claim, task_id, ada)
    same = {"scan_id": str(uuid4()), "fence": fence}

    answers = await asyncio.gather(*(_scan(http, headers, task_id, 1, **same) for _ in range(20)))

    assert {answer.status_code for answer in answers} == {200}
    assert {answer.json()["receipt"]["outcome"] for answer in answers} == {outcome}
    assert await floor.rows("SELECT count(*) AS n FROM scans") == [{"n": 1}]
    applied = int(outcome == "applied")
    assert await floor.rows("SELECT found FROM pick_lines") == [{"found": applied}]


async def test_a_handheld_is_shut_out_amid_its_scans_and_each_is_taken_or_refused(
    http: httpx.AsyncClient, floor: Floor, db: Database
) -> None:
    _, task_id = await floor.open(oat=20)
    ada, headers = await _signed_in(floor, db)
    await floor.do(claims.claim, task_id, ada)

    async def scan(number: int) -> int:
        return (await _scan(http, headers, task_id, number)).status_code

    async def shut_out() -> None:
        assert await floor.do(devices.revoke, STORE, ada.device_id)

    *answers, _ = await asyncio.gather(*(scan(n) for n in range(12)), shut_out())
    after = await scan(99)

    counted = Counter(answers)
    assert counted[200] + counted[401] == 12
    assert after == 401
    assert await floor.rows("SELECT found FROM pick_lines") == [{"found": counted[200]}]
    assert await floor.rows("SELECT count(*) AS n FROM scans") == [{"n": counted[200]}]


async def test_guesses_at_once_are_counted_one_by_one(floor: Floor, db: Database) -> None:
    shown = Credentials(STORE, floor.ada.device_id, "", None, "")

    async def guess() -> bool:
        try:
            async with db.transaction(STORE) as tx:
                await people.begin(tx, shown, number="1001")
        except SignInLocked:
            return False
        return True

    let_through = await asyncio.gather(*(guess() for _ in range(30)))

    assert sum(let_through) == 3  # two are free, the third shuts the door
    assert await floor.rows("SELECT failures FROM sign_in_failures") == [{"failures": 3}]
