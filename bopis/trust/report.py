"""The day's report, counted from what the day left behind."""

import time as machine
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from bopis.kernel.database import Database, Tx
from bopis.kernel.ids import StoreId
from bopis.orders.counter import arrival
from bopis.promises.warning import LEAST_LEAD
from bopis.trust.day import Report
from bopis.trust.silence import OWING, silent
from inventory import stores

COSTLY: Final = timedelta(seconds=0.5)
"""What takes longer is shared for a while; what does not is always fresh."""
LONGEST: Final = 15.0
"""Seconds of the machine's that a report is shared at most."""

_NONE: Final = timedelta(0)
_MINUTE: Final = timedelta(minutes=1)
_DAY: Final = timedelta(days=1)

_ORDERS: Final = """
    SELECT count(*) FILTER (WHERE o.accepted_at >= $1 AND o.accepted_at < $2) AS accepted,
           count(*) FILTER (WHERE o.state = 'picked_up' AND o.closed_at >= $1 AND o.closed_at < $2)
               AS collected,
           count(*) FILTER (WHERE o.accepted_at >= $1 AND o.accepted_at < $2
                              AND o.moved_order IS NOT NULL) AS in_place_of_others,
           count(*) FILTER (WHERE o.state IN ('cancelled', 'rejected')
                              AND o.closed_at >= $1 AND o.closed_at < $2) AS cancelled,
           count(*) FILTER (WHERE o.state = 'rerouted' AND o.closed_at >= $1 AND o.closed_at < $2)
               AS moved,
           count(*) FILTER (WHERE o.state = 'expired' AND o.closed_at >= $1 AND o.closed_at < $2)
               AS expired
      FROM orders o  /* fanout: report */
     WHERE ($3::text IS NULL OR o.store_id = $3)
       AND o.accepted_at < $2 AND (o.closed_at IS NULL OR o.closed_at >= $1)
"""
_IN_PART: Final = """
    SELECT count(DISTINCT (m.store_id, m.order_id))
      FROM moves m  /* fanout: report */
      JOIN orders o ON o.store_id = m.store_id AND o.id = m.order_id
     WHERE ($3::text IS NULL OR m.store_id = $3) AND m.state = 'done' AND o.state <> 'rerouted'
       AND m.decided_at >= $1 AND m.decided_at < $2
"""
_REFUSED: Final = """
    SELECT r.reason, count(*) AS n
      FROM refusals r  /* fanout: report */
     WHERE ($3::text IS NULL OR r.store_id = $3) AND r.at >= $1 AND r.at < $2
     GROUP BY r.reason ORDER BY r.reason
"""
_UNITS: Final = """
    SELECT coalesce(sum(l.ordered), 0)::int AS ordered
      FROM orders o  /* fanout: report */
      JOIN order_lines l ON l.store_id = o.store_id AND l.order_id = o.id
     WHERE ($3::text IS NULL OR o.store_id = $3) AND o.accepted_at >= $1 AND o.accepted_at < $2
"""
_PICKED: Final = """
    SELECT coalesce(l.short_reason, 'not_found') AS reason,
           sum(l.found)::int AS found, sum(l.short)::int AS short
      FROM pick_tasks k  /* fanout: report */
      JOIN pick_lines l ON l.store_id = k.store_id AND l.task_id = k.id
     WHERE ($3::text IS NULL OR k.store_id = $3) AND k.opened_at >= $1 AND k.opened_at < $2
     GROUP BY 1 ORDER BY 1
"""
_PROMISES: Final = """
    SELECT p.latest AS first, o.promised_at AS last, o.first_ready_at AS ready_at,
           (SELECT min(m.attempted_at) FROM messages m
             WHERE m.store_id = o.store_id AND m.order_id = o.id AND m.state IN ('sent', 'unknown')
               AND (m.kind IN ('delay_apology', 'ready_withdrawn', 'order_cancelled')
                    OR m.kind = 'choice_needed' AND EXISTS (  -- an item is not there, by our word
                        SELECT FROM choice_cases c
                         WHERE c.store_id = o.store_id AND c.order_id = o.id
                           AND c.cause = 'not_there' AND c.offered_at <= m.created_at)))
               AS told_at,
           (SELECT count(*) FROM messages m
             WHERE m.store_id = o.store_id AND m.order_id = o.id AND m.state IN ('sent', 'unknown')
               AND m.kind = 'delay_apology') AS notices,
           EXISTS (SELECT FROM delay_signals s
                    WHERE s.store_id = o.store_id AND s.order_id = o.id AND s.promise_version = 1
                      AND (s.p_late >= s.threshold
                           OR s.hard_evidence IN ('closing', 'paused', 'nobody_there', 'outage'))
                      AND s.at <= p.latest - s.lead_minutes * interval '1 minute') AS knowable
      FROM orders o  /* fanout: report */
      JOIN promises p ON p.store_id = o.store_id AND p.order_id = o.id AND p.version = 1
     WHERE ($3::text IS NULL OR o.store_id = $3)
       AND p.latest >= $1 AND p.latest < $2 AND p.latest <= $4::timestamptz
       AND o.accepted_at < $2 AND o.accepted_at > $1 - interval '60 days'
       AND NOT (o.state = 'cancelled' AND o.ready_at IS NULL AND o.closed_at <= p.latest
                AND o.close_reason IN ('shopper_request', 'payment_failed', 'fraud_hold',
                                        'basket_incomplete'))
"""
_APOLOGIES: Final = """
    SELECT count(*)
      FROM messages m  /* fanout: report */
     WHERE ($3::text IS NULL OR m.store_id = $3) AND m.kind = 'delay_apology'
       AND m.state IN ('sent', 'unknown') AND m.attempted_at >= $1 AND m.attempted_at < $2
"""
_READY: Final = """
    SELECT count(*) FILTER (WHERE e.name = 'order.ready') AS said,
           count(*) FILTER (WHERE e.name = 'order.retracted') AS wrong
      FROM events e  /* fanout: report */
     WHERE ($3::text IS NULL OR e.store_id = $3) AND e.name IN ('order.ready', 'order.retracted')
       AND e.occurred_at >= $1 AND e.occurred_at < $2
"""
_WAITS: Final = """
    SELECT v.arrived_at, v.served_at
      FROM arrivals v  /* fanout: report */
     WHERE ($3::text IS NULL OR v.store_id = $3) AND v.state = 'served'
       AND v.served_at >= $1 AND v.served_at < $2 AND v.arrived_at IS NOT NULL
"""
_MESSAGES: Final = """
    SELECT m.kind, m.state, count(*) AS n
      FROM messages m  /* fanout: report */
     WHERE ($3::text IS NULL OR m.store_id = $3) AND m.created_at >= $1 AND m.created_at < $2
     GROUP BY m.kind, m.state ORDER BY m.kind, m.state
"""
_STORES: Final = """
    SELECT count(*) FROM stores WHERE is_active AND ($1::text IS NULL OR store_id = $1)
"""
_TOLD: Final = """
    SELECT o.store_id, o.closed_at, f.at, f.name, f.payload, w.said
      FROM orders o  /* fanout: report */
     CROSS JOIN LATERAL (
           SELECT array_agg(e.occurred_at ORDER BY e.seq) AS at,
                  array_agg(e.name ORDER BY e.seq) AS name,
                  array_agg(e.payload ORDER BY e.seq) AS payload
             FROM events e
            WHERE e.store_id = o.store_id AND e.subject = o.id AND e.name = ANY ($4::text[])) f
     CROSS JOIN LATERAL (
           SELECT array_agg(s.at ORDER BY s.at) AS said
             FROM (SELECT coalesce(m.attempted_at, m.settled_at, m.created_at) AS at
                     FROM messages m
                    WHERE m.store_id = o.store_id AND m.order_id = o.id
                      AND m.state IN ('sent', 'unknown', 'suppressed', 'failed')) s) w
     WHERE ($3::text IS NULL OR o.store_id = $3)
       AND o.accepted_at < $2 AND (o.closed_at IS NULL OR o.closed_at >= $1)
       AND f.at IS NOT NULL
"""


async def day(
    db: Database, since: datetime, until: datetime, *, only_store: StoreId | None = None
) -> Report:
    """Return the report of one day, or of any stretch of time."""
    async with db.transaction() as tx:
        await tx.run("SET LOCAL statement_timeout = '2min'")
        return await measure(tx, since, until, only_store=only_store)


@dataclass(slots=True)
class _Kept:
    report: Report
    since: datetime
    made_at: datetime
    """Store clock."""
    until: float
    """Machine clock."""


async def lately(
    tx: Tx,
    since: datetime,
    *,
    only_store: StoreId | None = None,
    costly: timedelta = COSTLY,
) -> Report:
    """Return the report up to now, or to some seconds ago where it is costly to make.

    Every open page asks for it again and again: all of this process then share one answer, which
    lives ten times as long as it took to make.
    """
    key, asked_at = ("report", only_store), machine.monotonic()
    kept = tx.memory.get(key)
    if (
        isinstance(kept, _Kept)
        and kept.since == since
        and _MINUTE >= tx.now - kept.made_at >= _NONE
    ):
        if kept.until > asked_at:
            return kept.report
        kept.until = asked_at + LONGEST  # while we make the next, this is good enough for others
    made = await measure(tx, since, tx.now, only_store=only_store)
    took = machine.monotonic() - asked_at
    if took >= costly.total_seconds():
        tx.memory[key] = _Kept(made, since, tx.now, asked_at + min(10 * took, LONGEST))
    return made


async def measure(
    tx: Tx, since: datetime, until: datetime, *, only_store: StoreId | None = None
) -> Report:
    """Count what happened from ``since`` up to, and not at, ``until``.

    Orders and units count on the day on which they were accepted, endings on the day on which they
    came, a promise on the day on which it was due. On time is judged on the *last* ready: one that
    was wrong and taken back was no ready at all. An order that its shopper cancelled before its
    promise was due is no promise kept or broken; one that the store cancelled is one broken.
    """
    window = (since, until, only_store)
    orders = await tx.row(_ORDERS, *window)
    ready = await tx.row(_READY, *window)
    assert orders is not None
    assert ready is not None
    picked = await tx.rows(_PICKED, *window)
    messages: dict[str, dict[str, int]] = defaultdict(dict)
    for row in await tx.rows(_MESSAGES, *window):
        messages[row["kind"]][row["state"]] = row["n"]
    silence = await _silence(tx, *window)
    return Report(
        day=_named(since, until),
        stores=await tx.value(_STORES, only_store),
        **orders,
        moved_in_part=await tx.value(_IN_PART, *window),
        refused={row["reason"]: row["n"] for row in await tx.rows(_REFUSED, *window)},
        units_ordered=await tx.value(_UNITS, *window),
        units_found=sum(row["found"] for row in picked),
        units_short={row["reason"]: row["short"] for row in picked if row["short"]},
        **_kept(await tx.rows(_PROMISES, *window, tx.now)),
        apologized=await tx.value(_APOLOGIES, *window),
        ready_said=ready["said"],
        false_ready=ready["wrong"],
        silent_minutes=silence // _MINUTE,
        wait_minutes=_waited(await tx.rows(_WAITS, *window)),
        messages=dict(messages),
    )


def _named(since: datetime, until: datetime) -> str:
    last = until - _MINUTE
    if until - since <= _DAY:
        return f"{since:%Y-%m-%d}"
    return f"{since:%Y-%m-%d} to {last:%Y-%m-%d}"


def _kept(rows: list[Any]) -> dict[str, Any]:
    """Return what became of promises that were due, and how early we owned up to late ones."""
    late = [row for row in rows if row["ready_at"] is None or row["ready_at"] > row["first"]]
    told = [row for row in late if row["told_at"] is not None]
    leads = sorted((row["first"] - row["told_at"]) // _MINUTE for row in told)
    kept = [row for row in rows if row["ready_at"] is not None and row["ready_at"] <= row["first"]]
    return {
        "promises_due": len(rows),
        "on_time_first": len(rows) - len(late),
        "on_time_last": sum(
            row["ready_at"] is not None and row["ready_at"] <= row["last"] for row in rows
        ),
        "late": len(late),
        "apologized_in_time": sum(row["told_at"] <= row["first"] for row in told),
        "warned_ahead": sum(row["first"] - row["told_at"] >= LEAST_LEAD for row in told),
        "knowable": sum(row["knowable"] for row in late),
        "false_alarms": sum(row["notices"] > 0 for row in kept),
        "second_notices": sum(row["notices"] > 1 for row in rows),
        "apology_lead_minutes": tuple(leads),
    }


def _waited(rows: list[Any]) -> tuple[int, ...]:
    found = [arrival.waited(row["arrived_at"], row["served_at"]) for row in rows]
    return tuple(sorted(waited for waited in found if waited is not None))


async def _silence(
    tx: Tx, since: datetime, until: datetime, only_store: StoreId | None
) -> timedelta:
    """Add up every open order's time without a word that was owed."""
    total = _NONE
    for row in await tx.rows(_TOLD, since, until, only_store, list(OWING)):
        told = list(zip(row["at"], row["name"], row["payload"], strict=True))
        end = min(row["closed_at"] or tx.now, until)
        calendar = await stores.calendar(tx, StoreId(row["store_id"]))
        total += silent(told, row["said"] or (), calendar, since=since, until=end)
    return total
