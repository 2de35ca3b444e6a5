"""Several orders in one walk: who may be together, which tote, and how they part again."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from associates.handheld import list_screens, screens
from associates.handheld.bodies import WaveTakeIn
from associates.handheld.devices import Holder
from associates.handheld.router import taken_together
from associates.handheld.schemas import Answer
from associates.handheld.task_schemas import TasksData
from associates.handheld.walk_schemas import StageData, WalkData
from associates.picking import acts, claims, recording, scanlog, tasks
from associates.picking.scans import Heard, ScanKind, ScanOutcome, ShortReason
from associates.walking import wave, waves
from associates.walking.wave import Candidate, Odds
from associates.walking.waves import NotHeld
from bopis.kernel.database import Database
from bopis.kernel.ids import Sku, TaskId, outward
from tests.associates.floor import GTINS, JAM, OAT, PLACE, RYE, STORE, Floor

NOON = datetime(2026, 3, 6, 18, tzinfo=UTC)
TOTES = "SELECT number, tote, state, fence, assigned_to FROM pick_tasks ORDER BY due_at, id"
NUMBER = "SELECT number FROM pick_tasks WHERE id = $1"
FOUND = "SELECT task_id, line, found, short FROM pick_lines ORDER BY task_id, line"


def candidate(minutes: int, slow: float | None, *, at_risk: bool = False) -> Candidate:
    return Candidate(TaskId(uuid4()), NOON + timedelta(minutes=minutes), slow, at_risk)


waiting = st.lists(
    st.builds(candidate, st.integers(-5, 90), st.none() | st.floats(1, 30), at_risk=st.booleans()),
    max_size=8,
)


@given(waiting)
@settings(max_examples=50)
def test_what_is_walked_together_makes_nobody_late(listed: list[Candidate]) -> None:
    chosen = wave.together(listed, NOON)

    assert len(chosen) in {0, 2, 3, 4}
    assert [one for one in listed if one in chosen] == chosen
    assert not any(one.is_at_risk or one.slow_minutes is None for one in chosen)
    if chosen:
        assert chosen[0] is listed[0], "what is due first is not left for later"
        slowest = sum(one.slow_minutes or 0 for one in chosen)
        assert slowest <= min((one.due_at - NOON).total_seconds() / 60 for one in chosen) + 1e-6


def test_an_order_at_risk_is_walked_alone_and_nothing_is_promised_of_unknown_odds() -> None:
    calm = [candidate(60, 10.0) for _ in range(6)]

    assert wave.together(calm, NOON) == calm[:4]
    assert wave.together([candidate(60, 10.0, at_risk=True), *calm], NOON) == []
    assert wave.together([candidate(60, None), *calm], NOON) == []
    assert wave.together([calm[0], candidate(15, 5.0), calm[1]], NOON)[1].slow_minutes == 5.0
    assert wave.together([candidate(15, 10.0), *calm], NOON) == []


async def a_wave(floor: Floor, *orders: dict[str, int]) -> list[TaskId]:
    """Open orders and let Ada take them on together; the first has the first tote."""
    made = [(await floor.open(**order))[1] for order in orders]
    assert await floor.do(waves.claim, made, floor.ada) == {}
    return made


async def scan(floor: Floor, task: TaskId, code: str = "", **more: object) -> Heard:
    said = floor.said(floor.ada, code=code, **more)  # type: ignore[arg-type]
    heard: Heard = await floor.do(recording.record, task, said, floor.ada)
    return heard


async def shown(floor: Floor, task: TaskId, holder: Holder | None = None) -> Answer:
    answer: Answer = await floor.do(screens.task, task, holder or floor.ada)
    return answer


async def test_one_walk_over_all_lines_and_each_thing_into_its_tote(floor: Floor) -> None:
    first, second = await a_wave(floor, {"oat": 1, "jam": 1}, {"rye": 1, "oat": 2})

    walked = []
    for _ in range(5):
        answer = await shown(floor, first)
        assert isinstance(answer.data, WalkData)
        assert answer.data.tote
        walked.append((answer.data.item.sku, answer.data.tote.number))
        here = first if answer.data.task_id == outward(STORE, first) else second
        code = GTINS[Sku(answer.data.item.sku)]
        heard = await scan(floor, here, code, line=answer.data.line)
        assert (heard.outcome, heard.task_id) == (ScanOutcome.APPLIED, here)

    assert walked == [("rye", 2), ("jam", 1), ("oat", 1), ("oat", 2), ("oat", 2)]
    answer = await shown(floor, second)
    assert isinstance(answer.data, StageData)
    assert [(one.tote.number, one.tote.color, one.state) for one in answer.data.together] == [
        (1, "blue", "found"), (2, "yellow", "found"),
    ]  # fmt: skip


async def test_what_another_tote_needs_is_known_when_it_is_scanned(floor: Floor) -> None:
    first, second = await a_wave(floor, {"oat": 1}, {"rye": 1, "oat": 1})

    rye = await scan(floor, first, GTINS[RYE], line=1)
    oats = [await scan(floor, first, GTINS[OAT], line=1) for _ in range(2)]
    again = await scan(floor, first, GTINS[OAT], line=1)
    strange = await scan(floor, first, GTINS[JAM], line=1)
    answer = await floor.do(screens.after_scan, first, floor.ada, rye)

    assert (rye.outcome, rye.task_id) == (ScanOutcome.APPLIED, second)
    assert [(one.outcome, one.task_id) for one in oats] == [
        (ScanOutcome.APPLIED, first),
        (ScanOutcome.APPLIED, second),
    ]
    assert again.outcome is ScanOutcome.TOO_MANY
    assert strange.outcome is ScanOutcome.WRONG_ITEM
    assert answer.message.text.endswith("Put it in tote 2, yellow.")
    rows = await floor.rows("SELECT task_id, fence FROM scans WHERE outcome = 'applied'")
    assert sorted(row["task_id"] for row in rows) == sorted([first, second, second])


async def test_undo_takes_back_what_was_done_last_in_whichever_tote(floor: Floor) -> None:
    first, second = await a_wave(floor, {"oat": 1}, {"rye": 2})
    await scan(floor, first, GTINS[OAT])
    await scan(floor, second, GTINS[RYE])
    await scan(floor, second, kind=ScanKind.SHORT, line=1, reason=ShortReason.NOT_FOUND)

    undone = [await scan(floor, first, kind=ScanKind.UNDO) for _ in range(4)]

    assert [one.task_id for one in undone] == [second, second, first, first]
    assert [one.outcome for one in undone[:3]] == [ScanOutcome.APPLIED] * 3
    assert undone[3].outcome is ScanOutcome.NOT_NOW
    assert {(row["found"], row["short"]) for row in await floor.rows(FOUND)} == {(0, 0)}


async def test_orders_are_staged_one_at_a_time(floor: Floor) -> None:
    first, second = await a_wave(floor, {"oat": 1}, {"rye": 1})
    await scan(floor, first, GTINS[OAT])
    early = await scan(floor, second, PLACE, kind=ScanKind.STAGE)
    await scan(floor, second, GTINS[RYE])

    staged = await scan(floor, first, PLACE, kind=ScanKind.STAGE)
    after = await floor.do(screens.after_scan, first, floor.ada, staged)
    last = await scan(floor, second, PLACE, kind=ScanKind.STAGE)
    done = await floor.do(screens.after_scan, second, floor.ada, last)

    assert early.outcome is ScanOutcome.NOT_NOW
    assert after.next_state == "stage"
    assert after.data.task_id == outward(STORE, second)
    assert [one.state for one in after.data.together] == ["staged", "found"]
    assert done.next_state == "staged"
    assert [row["state"] for row in await floor.rows(TOTES)] == ["staged", "staged"]


async def test_an_order_that_is_cancelled_on_the_way_leaves_the_others_in_hand(
    floor: Floor,
) -> None:
    (order, first), (_, second) = await floor.open(oat=2), await floor.open(rye=1)
    await floor.do(waves.claim, [first, second], floor.ada)
    await scan(floor, first, GTINS[OAT])

    back = await floor.do(tasks.cancel, STORE, order)
    late = await scan(floor, first, GTINS[OAT])
    answer = await floor.do(screens.after_scan, first, floor.ada, late)

    assert back == {OAT: 1}
    assert late.outcome is ScanOutcome.NOT_NOW
    assert answer.next_state == "walk"
    assert answer.data.task_id == outward(STORE, second)
    assert "was cancelled. What is in tote 1, blue, goes back" in answer.data.notice
    assert (await floor.rows("SELECT quantity FROM put_back_duties")) == [{"quantity": 1}]
    assert (await scan(floor, second, GTINS[RYE])).outcome is ScanOutcome.APPLIED


async def test_one_order_of_a_wave_is_handed_on_with_what_was_found(floor: Floor) -> None:
    first, second = await a_wave(floor, {"oat": 2}, {"rye": 1, "oat": 1})
    await scan(floor, first, GTINS[OAT])

    rest, _ = await floor.do(waves.give_up, first, floor.ada)
    late = await scan(floor, first, GTINS[OAT])
    who = await floor.do(claims.claim, first, floor.sam)
    sams = await shown(floor, first, floor.sam)
    adas = await shown(floor, second)

    assert rest == [second]
    assert late.outcome is ScanOutcome.SUPERSEDED, "it goes into no other tote by mistake"
    assert who is None
    assert (sams.data.found, sams.data.tote) == (1, None)  # type: ignore[union-attr]
    assert adas.data.task_id == outward(STORE, second)  # type: ignore[union-attr]
    with pytest.raises(NotHeld):
        await floor.do(waves.give_up, first, floor.ada)
    assert [row["found"] for row in await floor.rows(FOUND)].count(1) == 1


async def test_two_who_want_the_same_orders_at_once_share_them_out_exactly(
    floor: Floor, db: Database
) -> None:
    made = [(await floor.open(oat=1))[1] for _ in range(6)]
    wanted = {floor.ada: made[:4], floor.sam: made[2:][::-1]}

    async def claim(holder: Holder) -> dict[str, str]:
        async with db.transaction(STORE) as tx:
            return await waves.claim(tx, wanted[holder], holder)

    answers = await asyncio.gather(*(claim(who) for who in (floor.ada, floor.sam)))

    rows = await floor.rows(TOTES)
    hers = [row for row in rows if row["assigned_to"] == floor.ada.associate_id]
    his = [row for row in rows if row["assigned_to"] == floor.sam.associate_id]
    assert sorted([len(hers), len(his)]) == [2, 4]
    assert sorted(len(told) for told in answers) == [0, 2]
    for held in (hers, his):
        assert [row["tote"] for row in held] == list(range(1, len(held) + 1))
    assert {row["fence"] for row in rows} == {1}
    assert (await floor.facts()).count("pick.started") == 6


async def test_the_list_offers_what_may_be_walked_together_and_what_is_at_risk_first(
    floor: Floor,
) -> None:
    orders, made = zip(*[await floor.open(oat=1) for _ in range(3)], strict=True)
    before: TasksData = await floor.do(list_screens.tasks, floor.ada)
    await floor.do(waves.foresee, STORE, {orders[0]: Odds(9.0), orders[1]: Odds(9.0)})
    offered: TasksData = await floor.do(list_screens.tasks, floor.ada)
    await floor.do(waves.foresee, STORE, {orders[2]: Odds(9.0, is_at_risk=True)})
    risky: TasksData = await floor.do(list_screens.tasks, floor.ada)
    left = await floor.do(waves.claim, made, floor.sam)

    assert before.together is None
    assert offered.together
    assert offered.together.words == "2 orders together"
    assert offered.together.units == 2
    assert risky.together is None
    assert (risky.tasks[0].task_id, risky.tasks[0].word) == (
        outward(STORE, made[2]),
        "At risk: walk it first",
    )
    assert left == {}
    assert [row["tote"] for row in await floor.rows(TOTES)].count(None) == 1, "it is walked alone"


async def taken_offline(floor: Floor, holder: Holder, *wanted: TaskId) -> tuple[Heard, Answer]:
    orders = [{"task_id": outward(STORE, one), "fence": 0} for one in wanted]
    said = floor.said(holder, ScanKind.TAKE)
    own = {"scan_id": said.scan_id, "device_seq": said.device_seq, "scanned_at": said.scanned_at}
    body = WaveTakeIn.model_validate({**own, "orders": orders, "told": "applied"})
    answer: Answer = await floor.do(acts.perform, holder, taken_together, body)
    again: Answer = await floor.do(acts.perform, holder, taken_together, body)
    assert answer.receipt == again.receipt
    heard = await floor.do(scanlog.find, said.scan_id)
    return heard, answer


async def test_of_two_who_took_the_same_order_unseen_the_second_is_told_and_keeps_the_rest(
    floor: Floor,
) -> None:
    first, second, third = [(await floor.open(oat=1, jam=1))[1] for _ in range(3)]
    ada, _ = await taken_offline(floor, floor.ada, first, second)
    sam, answer = await taken_offline(floor, floor.sam, second, third)
    lost = floor.said(floor.sam, code=GTINS[OAT])
    kept = floor.said(floor.sam, code=GTINS[OAT])

    assert (ada.outcome, sam.outcome) == (ScanOutcome.APPLIED, ScanOutcome.SUPERSEDED)
    [number] = [row["number"] for row in await floor.rows(NUMBER, second)]
    assert answer.message
    assert answer.message.text == (
        f"Ada has order {number} just now. Give its tote to whoever has it."
    )
    assert (await floor.do(recording.record, second, lost, floor.sam)).outcome is (
        ScanOutcome.SUPERSEDED
    )
    assert (await floor.do(recording.record, third, kept, floor.sam)).outcome is (
        ScanOutcome.APPLIED
    )
    rows = await floor.rows("SELECT fence, tote, wave_id FROM pick_tasks ORDER BY id")
    assert [(row["fence"], row["tote"]) for row in rows] == [(1, 1), (1, 2), (1, 2)]
    assert rows[0]["wave_id"] == rows[1]["wave_id"] != rows[2]["wave_id"]
    cases = await floor.rows("SELECT kind, why FROM handheld_cases")
    assert cases == [{"kind": "conflict", "why": answer.message.text}]
    assert await floor.rows("SELECT found FROM pick_lines WHERE task_id = $1", second) == [
        {"found": 0},
        {"found": 0},
    ]


async def test_orders_that_were_parted_while_a_scan_waited_are_a_wave_no_more(
    floor: Floor, db: Database
) -> None:
    first, second = await a_wave(floor, {"oat": 1}, {"rye": 1})

    async def locked() -> list[TaskId]:
        async with db.transaction(STORE) as tx:
            _, others = await tasks.lock_wave(tx, first)
            return [TaskId(one.id) for one in others]

    assert await locked() == [second]
    async with db.transaction(STORE) as parting:
        for task in sorted((first, second)):
            sql = "UPDATE pick_tasks SET wave_id = NULL, tote = NULL WHERE id = $1"
            await parting.run(sql, task)
        waiting = asyncio.create_task(locked())
        async with asyncio.timeout(10):
            while not await floor.rows(  # noqa: ASYNC110 -- the server says so, nobody else
                "SELECT FROM pg_stat_activity"
                " WHERE datname = current_database() AND wait_event_type = 'Lock'"
            ):
                await asyncio.sleep(0.01)
    assert await waiting == []
