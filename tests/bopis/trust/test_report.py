"""The day's report counts what the day left behind, and counts it the same each time."""

import json
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bopis.kernel.clock import ManualClock
from bopis.kernel.database import Database
from bopis.kernel.ids import StoreId
from bopis.promises import signals
from bopis.promises.signals import Signal
from bopis.trust import report
from bopis.trust.day import Report
from bopis.trust.silence import Fact, silent
from inventory.opening.hours import Calendar, WeeklyHours
from notifications.models import ClaimKind, MessageKind
from tests.bopis.trust import world

MIDNIGHT = datetime(2026, 3, 6, 6, 0, tzinfo=UTC)
NEXT = MIDNIGHT + timedelta(days=1)
NOON = datetime(2026, 3, 6, 18, 0, tzinfo=UTC)


async def day(db: Database, **scope: StoreId) -> Report:
    return await report.day(db, MIDNIGHT, NEXT, **scope)


async def test_a_good_day(db: Database, clock: ManualClock) -> None:
    await world.build(db)
    clock.advance(timedelta(hours=1))

    found = await day(db)

    assert found == Report(
        day="2026-03-06",
        stores=1,
        accepted=3,
        collected=1,
        units_ordered=6,
        units_found=4,
        promises_due=3,
        on_time_first=2,
        on_time_last=2,
        late=1,
        ready_said=2,
        silent_minutes=30,
        messages={"order_ready": {"sent": 2}, "order_received": {"sent": 3}},
    )


async def test_a_promise_is_judged_only_when_it_is_due(db: Database) -> None:
    await world.build(db)

    assert (await day(db)).promises_due == 0


async def test_an_apology_counts_with_its_lead(db: Database, clock: ManualClock) -> None:
    await world.build(db)
    async with db.transaction(world.STORE) as tx:
        await world.fact(tx, 0, 5, "order.delayed", tx.now, version=2, promised_at=NEXT.isoformat())
        await world.message(
            tx, 0, 5, MessageKind.DELAY_APOLOGY, tx.now, (ClaimKind.DELAY, NEXT.isoformat())
        )
    clock.advance(timedelta(hours=1))

    found = await day(db)

    assert (found.late, found.apologized, found.apologized_in_time) == (1, 1, 1)
    assert found.apology_lead_minutes == (30,)
    assert found.silent_minutes == 0


async def test_what_was_seen_coming_is_told_from_what_was_said_for_nothing(
    db: Database, clock: ManualClock
) -> None:
    """The first order is late and was warned of; the second was ready, whatever we had written."""
    await world.build(db)
    async with db.transaction(world.STORE) as tx:
        for n, step in ((world.ACCEPTED, 5), (world.STAGED, 5), (world.STAGED, 6)):
            late = NEXT - timedelta(minutes=step)
            kind, at = MessageKind.DELAY_APOLOGY, tx.now + timedelta(minutes=20)
            await world.message(tx, n, step, kind, at, (ClaimKind.DELAY, late.isoformat()))
        for n, minutes, p_late in ((0, 25, 0.8), (1, 0, 0.8)):
            await signals.note(
                tx,
                world.STORE,
                [Signal(world.order_id(n), 1, p_late, 0.7, timedelta(minutes=minutes))],
            )
    clock.advance(timedelta(hours=1))

    found = await day(db)

    assert (found.late, found.knowable, found.warned_ahead, found.late_unwarned) == (1, 1, 1, 0)
    assert (found.false_alarms, found.second_notices) == (1, 1)
    said = found.to_text()
    assert "Seen coming                       1 of 1 (100.0 %)" in said
    assert "False alarms                      1 of 3 (33.3 %)" in said
    assert json.loads(found.to_json())["late_unwarned"] == 0


async def test_a_costly_report_is_shared_for_a_moment_of_the_store_and_no_longer(
    db: Database, clock: ManualClock
) -> None:
    await world.build(db)
    costly, cheap = timedelta(0), timedelta(hours=1)

    async def accepted(cost: timedelta, **scope: StoreId) -> int:
        async with db.transaction() as tx:
            return (await report.lately(tx, MIDNIGHT, costly=cost, **scope)).accepted

    async def one_less() -> None:
        async with db.transaction(world.STORE) as tx:
            await tx.run(
                "UPDATE orders SET accepted_at = accepted_at - interval '1 day' WHERE id ="
                " (SELECT min(id::text)::uuid FROM orders WHERE accepted_at >= $1)",
                MIDNIGHT,
            )

    assert await accepted(cheap) == 3
    await one_less()
    assert await accepted(costly) == 2
    await one_less()
    assert await accepted(costly) == 2
    assert await accepted(costly, only_store=world.STORE) == 1
    clock.advance(timedelta(minutes=2))
    assert await accepted(costly) == 1


async def test_a_store_sees_its_own_day(db: Database) -> None:
    await world.build(db, stores=(StoreId("S1"), StoreId("S2")))

    assert (await day(db)).accepted == 6
    assert (await day(db, only_store=StoreId("S2"))).accepted == 3
    assert (await day(db, only_store=StoreId("S2"))).stores == 1


async def test_the_same_day_gives_the_same_bytes(db: Database) -> None:
    await world.build(db)

    first, second = await day(db), await day(db)

    assert first.to_json() == second.to_json()
    assert json.loads(first.to_json())["accepted"] == 3
    assert "Accepted                          3" in first.to_text()


ALWAYS = Calendar(ZoneInfo("UTC"), tuple(WeeklyHours(day, time(0), time(0)) for day in range(7)))
ACCEPTED: Fact = (NOON, "order.accepted", {"promised_at": (NOON + timedelta(hours=1)).isoformat()})


def news(minute: int) -> Fact:
    due = NOON + timedelta(minutes=minute + 30)
    return NOON + timedelta(minutes=minute), "order.news_due", {"next_update_due_at": str(due)}


@pytest.mark.parametrize(
    ("said", "minutes"), [((), 60), ((30,), 60), ((61,), 29), ((60, 90), 0), ((75,), 30)]
)
def test_silence_runs_from_the_word_that_was_owed(said: tuple[int, ...], minutes: int) -> None:
    """The first is owed after an hour; what comes after it says when the next one comes."""
    quiet = silent(
        [ACCEPTED, *(news(minute) for minute in said if minute >= 60)],
        [NOON + timedelta(minutes=minute) for minute in said],
        ALWAYS,
        since=NOON,
        until=NOON + timedelta(hours=2),
    )

    assert quiet == timedelta(minutes=minutes)


@given(st.lists(st.integers(0, 600), max_size=8))
def test_no_minute_is_silent_twice(minutes: list[int]) -> None:
    said = sorted(NOON + timedelta(minutes=m) for m in minutes)

    quiet = silent([ACCEPTED], said, ALWAYS, since=NOON, until=NOON + timedelta(hours=10))

    assert timedelta(0) <= quiet <= timedelta(hours=9)
