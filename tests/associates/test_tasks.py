"""One order's walk, from the list to the customer's hand."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from associates import jobs, workload
from associates.bagging import hand_overs
from associates.handheld.devices import Holder
from associates.models import AssociateSession
from associates.picking import claims, put_backs, quick, recording, retractions, tasks
from associates.picking.scans import ScanKind, ScanOutcome, ShortReason
from associates.picking.tasks import TaskUnknown, Wanted
from bopis.kernel.clock import machine_clock
from bopis.kernel.database import Database, Tx
from bopis.kernel.ids import TaskId
from tests.associates.floor import GTINS, JAM, OAT, OAT_CASE, OTHER, PLACE, RYE, STORE, Floor

LINES = "SELECT line, found, short, skipped FROM pick_lines WHERE task_id = $1 ORDER BY line"
TASK = "SELECT * FROM pick_tasks WHERE id = $1"
SCANS = "SELECT kind, outcome, line, quantity FROM scans WHERE task_id = $1 ORDER BY device_seq"


async def scan(floor: Floor, task: TaskId, code: str, **more: Any) -> ScanOutcome:
    said = floor.said(floor.ada, code=code, **more)
    heard = await floor.do(recording.record, task, said, floor.ada)
    return heard.outcome  # type: ignore[no-any-return]


async def tap(floor: Floor, task: TaskId, kind: ScanKind, **more: Any) -> ScanOutcome:
    heard = await floor.do(recording.record, task, floor.said(floor.ada, kind, **more), floor.ada)
    return heard.outcome  # type: ignore[no-any-return]


async def test_opened_twice_is_one_walk(floor: Floor, db: Database) -> None:
    order_id, task = await floor.open(oat=1)

    async with db.transaction(STORE) as tx:
        again = await tasks.open(
            tx,
            STORE,
            order_id,
            number="X",
            due_at=tx.now,
            lines=[Wanted(1, OAT, "Oat drink", 1)],
        )

    assert again == task
    assert len(await floor.rows(LINES, task)) == 1


async def test_a_walk_from_claim_to_hand_over(floor: Floor) -> None:
    order_id, task = await floor.open(oat=2, rye=1)

    assert await floor.do(claims.claim, task, floor.ada) is None
    assert await scan(floor, task, GTINS[OAT]) is ScanOutcome.APPLIED
    assert await scan(floor, task, f"]E0{GTINS[OAT]}") is ScanOutcome.APPLIED
    assert await scan(floor, task, PLACE) is ScanOutcome.NOT_NOW
    assert await scan(floor, task, GTINS[RYE]) is ScanOutcome.APPLIED
    assert await scan(floor, task, PLACE) is ScanOutcome.APPLIED
    heard = await floor.do(
        hand_overs.hand_over, STORE, order_id, floor.said(floor.sam, ScanKind.HAND_OVER), floor.sam
    )

    assert heard.outcome is ScanOutcome.APPLIED
    assert heard.quantity == 3
    [row] = await floor.rows(TASK, task)
    assert row["state"] == "done"
    assert row["staging_code"] == PLACE
    assert row["ended_at"] == floor.db.clock()
    assert await floor.facts() == [
        "pick.started",
        "pick.line_found",
        "pick.line_found",
        "pick.line_found",
        "pick.staged",
        "pick.handed_over",
    ]


async def test_nonsense_is_kept_and_changes_nothing(floor: Floor) -> None:
    _, task = await floor.open(oat=1)
    await floor.do(claims.claim, task, floor.ada)

    outcomes = [
        await scan(floor, task, code)
        for code in ("", "\x1b\x00O", "x" * 4000, "\ud800", "12345", GTINS[JAM], OAT_CASE)
    ]

    assert outcomes == [
        ScanOutcome.NOT_A_CODE,
        ScanOutcome.NOT_A_CODE,
        ScanOutcome.NOT_A_CODE,
        ScanOutcome.NOT_A_CODE,
        ScanOutcome.UNKNOWN_CODE,
        ScanOutcome.WRONG_ITEM,
        ScanOutcome.TOO_MANY,
    ]
    assert await floor.rows(LINES, task) == [{"line": 1, "found": 0, "short": 0, "skipped": 0}]
    assert len(await floor.rows(SCANS, task)) == 7
    assert await floor.facts() == ["pick.started"]


async def test_an_item_without_a_gtin_is_known_by_its_own_number(floor: Floor) -> None:
    _, task = await floor.open(oat=1)
    await floor.do(claims.claim, task, floor.ada)

    assert await scan(floor, task, "rye") is ScanOutcome.WRONG_ITEM
    assert await scan(floor, task, "oat") is ScanOutcome.APPLIED


async def test_a_case_counts_what_it_holds(floor: Floor) -> None:
    _, task = await floor.open(oat=7)
    await floor.do(claims.claim, task, floor.ada)

    assert await scan(floor, task, OAT_CASE) is ScanOutcome.APPLIED
    assert await scan(floor, task, OAT_CASE) is ScanOutcome.TOO_MANY

    assert (await floor.rows(LINES, task))[0]["found"] == 6


async def test_a_repeated_scan_records_nothing(floor: Floor) -> None:
    _, task = await floor.open(oat=2)
    await floor.do(claims.claim, task, floor.ada)
    said = floor.said(floor.ada, code=GTINS[OAT])

    answers = [await floor.do(recording.record, task, said, floor.ada) for _ in range(3)]

    assert answers[0] == answers[1] == answers[2]
    assert (await floor.rows(LINES, task))[0]["found"] == 1
    assert len(await floor.rows(SCANS, task)) == 1


async def test_short_and_undo_leave_the_stock_as_it_was(floor: Floor) -> None:
    stock = "SELECT reserved, unsellable FROM stock WHERE sku = 'oat'"
    _, task = await floor.open(oat=2)
    before = await floor.rows(stock)
    await floor.do(claims.claim, task, floor.ada)

    short = await tap(floor, task, ScanKind.SHORT, line=1, reason=ShortReason.DAMAGED)

    assert short is ScanOutcome.APPLIED
    assert (await floor.rows(LINES, task))[0]["short"] == 2
    assert (await floor.rows(TASK, task))[0]["state"] == "picked"
    assert await tap(floor, task, ScanKind.UNDO) is ScanOutcome.APPLIED
    assert await tap(floor, task, ScanKind.UNDO) is ScanOutcome.NOT_NOW
    assert (await floor.rows(LINES, task))[0]["short"] == 0
    assert (await floor.rows(TASK, task))[0]["state"] == "claimed"
    assert await floor.rows(stock) == before
    assert await floor.facts() == ["pick.started", "pick.line_short", "pick.line_undone"]
    [first, second, *_] = await floor.rows(SCANS, task)
    assert (first["outcome"], second["outcome"]) == ("undone", "applied")


async def test_nothing_found_cannot_be_staged(floor: Floor) -> None:
    _, task = await floor.open(oat=1)
    await floor.do(claims.claim, task, floor.ada)
    await tap(floor, task, ScanKind.SHORT, line=1, reason=ShortReason.NOT_FOUND)

    assert await scan(floor, task, PLACE) is ScanOutcome.NOT_NOW
    assert "pick.staged" not in await floor.facts()


async def test_undo_takes_back_the_last_of_each_kind(floor: Floor) -> None:
    _, task = await floor.open(oat=2, rye=1)
    await floor.do(claims.claim, task, floor.ada)
    await scan(floor, task, GTINS[OAT])
    await tap(floor, task, ScanKind.SKIP, line=1)

    await tap(floor, task, ScanKind.UNDO)
    skipped = await floor.rows(LINES, task)
    await tap(floor, task, ScanKind.UNDO)

    assert [row["skipped"] for row in skipped] == [0, 0]
    assert [row["found"] for row in skipped] == [1, 0]
    assert [row["found"] for row in await floor.rows(LINES, task)] == [0, 0]


async def test_another_store_sees_no_task(floor: Floor, db: Database) -> None:
    _, task = await floor.open(oat=1)

    with pytest.raises(TaskUnknown):
        async with db.transaction(OTHER) as tx:
            await claims.claim(tx, task, floor.ada)


async def test_a_task_in_other_hands_is_not_taken(floor: Floor) -> None:
    _, task = await floor.open(oat=1)
    await floor.do(claims.claim, task, floor.ada)

    assert await floor.do(claims.claim, task, floor.sam) == "Ada"
    assert (await floor.rows(TASK, task))[0]["assigned_to"] == floor.ada.associate_id


async def test_after_its_lease_a_task_is_free_and_old_scans_are_superseded(
    floor: Floor, db: Database
) -> None:
    _, task = await floor.open(oat=2)
    await floor.do(claims.claim, task, floor.ada)
    await expire(floor)

    assert await jobs.release_leases(db) == 1
    assert await jobs.release_leases(db) == 0
    assert await floor.do(claims.claim, task, floor.sam) is None
    assert await scan(floor, task, GTINS[OAT]) is ScanOutcome.SUPERSEDED
    [row] = await floor.rows(TASK, task)
    assert (row["fence"], row["assigned_to"]) == (2, floor.sam.associate_id)
    assert (await floor.rows(LINES, task))[0]["found"] == 0


async def test_a_late_scan_counts_while_nobody_else_has_the_task(
    floor: Floor, db: Database
) -> None:
    _, task = await floor.open(oat=2)
    await floor.do(claims.claim, task, floor.ada)
    await expire(floor)
    await jobs.release_leases(db)

    assert await scan(floor, task, GTINS[OAT]) is ScanOutcome.APPLIED

    [row] = await floor.rows(TASK, task)
    assert (row["state"], row["assigned_to"]) == ("claimed", floor.ada.associate_id)


async def test_cancelled_units_have_to_be_put_back(floor: Floor) -> None:
    order_id, task = await floor.open(oat=2, rye=1)
    await floor.do(claims.claim, task, floor.ada)
    await scan(floor, task, GTINS[OAT])

    picked = await floor.do(tasks.cancel, STORE, order_id)
    again = await floor.do(tasks.cancel, STORE, order_id)

    assert (picked, again) == ({OAT: 1}, {})
    assert await scan(floor, task, GTINS[OAT]) is ScanOutcome.NOT_NOW
    [duty] = await floor.do(put_backs.listed, STORE)
    wrong = floor.said(floor.ada, ScanKind.PUT_BACK, code=GTINS[RYE])
    right = floor.said(floor.ada, ScanKind.PUT_BACK, code=GTINS[OAT])
    _, heard = await floor.do(put_backs.done, duty.id, wrong, floor.ada)
    assert heard.outcome is ScanOutcome.WRONG_ITEM
    for _ in range(2):
        _, heard = await floor.do(put_backs.done, duty.id, right, floor.ada)
        assert heard.outcome is ScanOutcome.APPLIED
    assert await floor.do(put_backs.listed, STORE) == []
    assert (await floor.facts()).count("pick.put_back") == 1


async def test_a_wrong_ready_is_taken_back_with_its_proofs(floor: Floor) -> None:
    order_id, task = await floor.open(oat=2, rye=1)
    await floor.do(claims.claim, task, floor.ada)
    for code in (GTINS[OAT], GTINS[OAT], GTINS[RYE], PLACE):
        await scan(floor, task, code)

    heard = await floor.do(
        retractions.retract,
        STORE,
        order_id,
        floor.said(floor.sam, ScanKind.RETRACT),
        floor.sam,
        missing={OAT: 1},
    )

    assert (heard.outcome, heard.quantity) == (ScanOutcome.APPLIED, 1)
    assert [row["found"] for row in await floor.rows(LINES, task)] == [1, 1]
    [row] = await floor.rows(TASK, task)
    assert (row["state"], row["staging_code"], row["assigned_to"]) == ("open", None, None)
    applied = "SELECT count(*) AS n FROM scans WHERE outcome = 'applied' AND kind = $1"
    assert await floor.rows(applied, "item") == [{"n": 2}]
    assert await floor.rows(applied, "stage") == [{"n": 0}]
    await floor.do(claims.claim, task, floor.ada)
    assert await scan(floor, task, GTINS[OAT], fence=3) is ScanOutcome.APPLIED
    assert await scan(floor, task, PLACE, fence=3) is ScanOutcome.APPLIED


async def test_a_lost_bag_is_picked_again_whole(floor: Floor) -> None:
    order_id, task = await floor.open(oat=1)
    await floor.do(claims.claim, task, floor.ada)
    await scan(floor, task, GTINS[OAT])
    await scan(floor, task, PLACE)
    said = floor.said(floor.sam, ScanKind.RETRACT)

    for _ in range(2):
        heard = await floor.do(retractions.retract, STORE, order_id, said, floor.sam, missing={})
        assert heard.outcome is ScanOutcome.APPLIED

    assert (await floor.rows(LINES, task))[0]["found"] == 0
    assert (await floor.facts()).count("pick.retracted") == 1


async def test_workload(floor: Floor) -> None:
    first, task = await floor.open(oat=2)
    second, _ = await floor.open(rye=3)
    await floor.do(tasks.due, STORE, second, floor.db.clock() + timedelta(hours=2))
    await floor.do(claims.claim, task, floor.ada)
    await scan(floor, task, GTINS[OAT])

    load = await floor.do(workload.workload, STORE, since=floor.db.clock())

    assert (load.waiting_units, load.waiting_orders, load.pickers) == (4, 2, 1)
    assert load.waiting_since == load.moved_at == floor.db.clock()
    assert load.before == {first: (0, 0), second: (1, 1)}
    await scan(floor, task, GTINS[OAT])
    await scan(floor, task, PLACE)
    load = await floor.do(workload.workload, STORE, since=floor.db.clock())
    assert (load.waiting_units, load.pickers) == (3, 0), "staged, and signed in nowhere"


async def test_who_picks_is_signed_in_and_was_seen_with_a_walk(floor: Floor) -> None:
    async def pickers() -> int:
        since = floor.db.clock() - timedelta(hours=8)
        load = await floor.do(workload.workload, STORE, since=since)
        return load.pickers  # type: ignore[no-any-return]

    assert await pickers() == 0
    for holder in (floor.ada, floor.sam):
        await floor.do(_sign_in, holder)
    assert await pickers() == 2, "who of them picks is not known yet"
    _, task = await floor.open(rye=1)
    await floor.do(claims.claim, task, floor.ada)
    await scan(floor, task, GTINS[RYE])
    await scan(floor, task, PLACE)
    assert await pickers() == 1, "the other stands at the counter"
    await floor.rows("UPDATE associate_sessions SET ends_at = started_at")
    assert await pickers() == 0, "both have gone home"


async def _sign_in(tx: Tx, holder: Holder) -> None:
    now = machine_clock()
    await tx.add(
        AssociateSession(
            store_id=STORE,
            id=uuid4(),
            device_id=holder.device_id,
            associate_id=holder.associate_id,
            token_digest=b"",
            started_at=now,
            ends_at=now + timedelta(hours=8),
        )
    )


async def expire(floor: Floor) -> None:
    """Let ten minutes of machine time have passed."""
    await floor.rows("UPDATE pick_tasks SET lease_until = lease_until - interval '1 hour'")


async def test_reading_does_not_mistake_a_place_of_another_store(floor: Floor) -> None:
    _, task = await floor.open(rye=1)
    await floor.do(claims.claim, task, floor.ada)
    await floor.rows("UPDATE staging_places SET is_active = false")
    await scan(floor, task, GTINS[RYE])

    assert await scan(floor, task, PLACE) is ScanOutcome.UNKNOWN_CODE
    assert RYE in GTINS


def test_a_walk_is_known_alike_by_the_short_way_and_the_usual_one() -> None:
    assert " ".join(tasks.KNOWN.split()) in " ".join(quick.LOCK.split())
