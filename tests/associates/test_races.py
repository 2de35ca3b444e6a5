"""Many at once on one floor: the totals come out exact."""

import asyncio
from collections import Counter
from uuid import uuid4

import httpx

from associates.crew import people
from associates.crew.people import SignInLocked
from associates.handheld import devices
from associates.handheld.devices import Credentials, Holder
from associates.picking import claims, recording, take_overs
from associates.picking.scans import Heard, Said, ScanOutcome
from bopis.kernel.database import Database
from bopis.kernel.ids import outward
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


async def test_a_handheld_is_shut_out_amid_its_scans_and_each_is_taken_or_refused(
    http: httpx.AsyncClient, floor: Floor, db: Database
) -> None:
    _, task_id = await floor.open(oat=20)
    await floor.do(claims.claim, task_id, floor.ada)
    async with db.transaction(STORE) as tx:
        device, token = await devices.enrol(tx, await devices.new_code(tx, STORE), "No 7")
        shown = Credentials(STORE, device.id, "", None, "")
        attempt = people.Attempt("1001", floor.ada.associate_id, "Ada", None, 1)
        session, ada = await people.finish(tx, shown, attempt)
    await floor.do(claims.claim, task_id, ada)
    headers = {"Authorization": f"Bearer {token}", "X-Associate-Session": session}
    path = f"/v1/handheld/tasks/{outward(STORE, task_id)}/scans"

    async def scan(number: int) -> int:
        entry = {
            "scan_id": str(uuid4()),
            "device_seq": number,
            "scanned_at": "2026-03-06T18:00:00Z",
        }
        body = entry | {"fence": 2, "code": GTINS[OAT]}
        return (await http.post(path, json=body, headers=headers)).status_code

    async def shut_out() -> None:
        assert await floor.do(devices.revoke, STORE, device.id)

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
