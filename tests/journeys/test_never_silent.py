"""No transaction that changes an order leaves it without a time at which its shopper hears next."""

import re
from datetime import timedelta
from typing import Final

import asyncpg
import pytest

from bopis.kernel.ids import OrderId, inward
from bopis.orders import orders, our_word
from bopis.orders.watching import watchdog
from notifications.facts import DelayReason
from tests.journeys.day import MINUTE, OAT, RYE, S1, Day, at, wanted
from tests.schema.statements import sources

WATCHED: Final = """
    CREATE TABLE wall (now timestamptz NOT NULL);
    INSERT INTO wall VALUES ('2000-01-01');
    CREATE FUNCTION heard() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF NEW.closed_at IS NULL
           AND NEW.next_update_due_at <= (SELECT now FROM wall) THEN
            RAISE EXCEPTION 'silent: % is % and was due %', NEW.id, NEW.state,
                  NEW.next_update_due_at;
        END IF;
        RETURN NEW;
    END $$;
    CREATE TRIGGER heard AFTER INSERT OR UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION heard();
"""
"""Set up in this test's own database, and there alone: each change of an order is looked at."""

LEAVES_IT: Final = {
    "SET p_late = n.p_late": "what a look found out: the sweep that wrote it speaks in time",
    "SET version = version + 1": "one scan among many: the time that was named stands",
    "SET awaits_basket": "another store has answered: the time that was named stands",
    "SET moved_store": "it was accepted a moment ago, and a time was named then",
    "SET met_before": "what its customer met with elsewhere says nothing of when",
    "SET other_code": "who may collect it says nothing of when",
    "SET total = $3": "its units take along what was paid for them: the order is saved next",
}
"""Statements that change an order and not the time of its next news, and why they may."""


async def set_wall(day: Day) -> None:
    async with day.db.transaction() as tx:
        await tx.run("UPDATE wall SET now = $1", day.clock())


NEXT: Final = "SELECT min(next_update_due_at) AS due FROM orders WHERE closed_at IS NULL"


async def go(day: Day, by: timedelta) -> None:
    """Let time pass from one time that was named to the next, and a sweep come a minute early."""
    end = day.clock() + by
    while day.clock() < end:
        [row] = await day.rows(NEXT)
        due = row["due"] - MINUTE if row["due"] else end
        day.clock.advance_to(min(max(due, day.clock() + MINUTE), end))
        await set_wall(day)
        await watchdog.sweep(day.db)
        await day.settle()


@pytest.fixture
async def watched(day: Day) -> Day:
    async with day.db.transaction() as tx:
        await tx.connection.execute(WATCHED)
    await set_wall(day)
    return day


async def test_every_verb_names_the_next_news(watched: Day) -> None:
    day = watched
    kept, short, late, gone = [
        await day.placed(f"W-{n}", lines=lines)
        for n, lines in enumerate(
            (wanted(oat=2, rye=1), wanted(oat=1, jam=1), wanted(rye=1), wanted(oat=3))
        )
    ]
    await go(day, 2 * MINUTE)
    late_id = OrderId(inward(late["order_id"])[1])
    for hours in (1, 2):
        async with day.db.transaction(S1) as tx:
            order = await orders.get(tx, S1, late_id)
            by = order.promised_at + timedelta(hours=hours)
            await our_word.update_estimate(
                tx, S1, late_id, by, reason=DelayReason.QUEUE, p_late=1.0
            )
        await day.settle()
        await go(day, 3 * MINUTE)
    path, fence = await day.handheld.pick(short["number"], OAT)
    await day.handheld.short(path, fence, line=2)
    await day.handheld.stage(path, fence)
    await go(day, 5 * MINUTE)
    path, fence = await day.handheld.pick(kept["number"], OAT, OAT, RYE)
    await day.handheld.stage(path, fence)
    await day.settle()
    await day.cancel(gone["order_id"])
    code = (await day.look(kept["order_id"]))["pickup_code"]
    await day.handheld.say(f"counter/{code}/hand-over")
    await go(day, timedelta(hours=5))
    await day.cancel(late["order_id"])
    hold = at((await day.look(short["order_id"]))["hold_until"])
    await go(day, hold - day.clock() + 10 * MINUTE)

    said = set(await day.facts())
    assert {
        "order.accepted",
        "order.picking",
        "order.line_short",
        "order.delayed",
        "order.news_due",
        "order.ready",
        "order.hold_ending",
        "order.expired",
        "order.collected",
        "order.cancelled",
    } <= said
    assert (await day.look(short["order_id"]))["state"] == "expired"


async def test_the_watch_fires(watched: Day) -> None:
    await watched.placed()
    watched.clock.advance(timedelta(hours=3))  # and nobody looks
    await set_wall(watched)

    with pytest.raises(asyncpg.RaiseError, match=r"silent: .* accepted"):
        async with watched.db.transaction(S1) as tx:
            await tx.run("UPDATE orders SET version = version + 1 WHERE store_id = $1", S1)
    async with watched.db.transaction() as tx:
        await tx.run("DROP TRIGGER heard ON orders")
    await watched.wait(MINUTE)


_CHANGE: Final = re.compile(r"\bUPDATE orders\b(?: AS \w+)?\s+(SET\s.*?)\bWHERE\b", re.DOTALL)


def test_a_statement_that_changes_an_order_names_the_next_news_or_says_why_not() -> None:
    changes = [
        (name, " ".join(found.split()))
        for name, path in sources()
        for found in _CHANGE.findall(path.read_text(encoding="utf-8"))
    ]

    assert len(changes) > 3
    assert [
        change
        for change in changes
        if "next_update_due_at" not in change[1] and not change[1].startswith(tuple(LEAVES_IT))
    ] == []
