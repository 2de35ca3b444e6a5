"""The day's report, counted from what the day left behind."""

from collections import defaultdict
from datetime import datetime, timedelta
from itertools import groupby
from operator import itemgetter
from typing import Any, Final

from bopis.kernel.database import Database, Tx
from bopis.kernel.ids import StoreId
from bopis.trust.day import Report
from bopis.trust.silence import silent
from inventory import stores

_MINUTE: Final = timedelta(minutes=1)
_DAY: Final = timedelta(days=1)

_ORDERS: Final = """
    SELECT count(*) FILTER (WHERE o.accepted_at >= $1 AND o.accepted_at < $2) AS accepted,
           count(*) FILTER (WHERE o.state = 'picked_up' AND o.closed_at >= $1 AND o.closed_at < $2)
               AS collected,
           count(*) FILTER (WHERE o.state IN ('cancelled', 'rejected', 'rerouted')
                              AND o.closed_at >= $1 AND o.closed_at < $2) AS cancelled,
           count(*) FILTER (WHERE o.state = 'expired' AND o.closed_at >= $1 AND o.closed_at < $2)
               AS expired
      FROM orders o  /* fanout: report */
     WHERE ($3::text IS NULL OR o.store_id = $3)
       AND o.accepted_at < $2 AND (o.closed_at IS NULL OR o.closed_at >= $1)
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
    SELECT p.latest AS first, o.promised_at AS last, o.ready_at,
           (SELECT min(m.attempted_at) FROM messages m
             WHERE m.store_id = o.store_id AND m.order_id = o.id AND m.state IN ('sent', 'unknown')
               AND m.kind IN ('delay_apology', 'ready_withdrawn', 'order_cancelled')) AS told_at
      FROM orders o  /* fanout: report */
      JOIN promises p ON p.store_id = o.store_id AND p.order_id = o.id AND p.version = 1
     WHERE ($3::text IS NULL OR o.store_id = $3)
       AND p.latest >= $1 AND p.latest < $2 AND p.latest <= $4::timestamptz
       AND o.accepted_at < $2 AND o.accepted_at > $1 - interval '60 days'
       AND NOT (o.state = 'cancelled' AND o.ready_at IS NULL AND o.closed_at <= p.latest
                AND o.close_reason IN ('shopper_request', 'payment_failed', 'fraud_hold'))
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
_MESSAGES: Final = """
    SELECT m.kind, m.state, count(*) AS n
      FROM messages m  /* fanout: report */
     WHERE ($3::text IS NULL OR m.store_id = $3) AND m.created_at >= $1 AND m.created_at < $2
     GROUP BY m.kind, m.state ORDER BY m.kind, m.state
"""
_STORES: Final = """
    SELECT count(*) FROM stores WHERE is_active AND ($1::text IS NULL OR store_id = $1)
"""
_FACTS: Final = """
    SELECT o.store_id, o.id, o.closed_at, e.occurred_at, e.name, e.payload
      FROM orders o  /* fanout: report */
      JOIN events e ON e.store_id = o.store_id AND e.subject = o.id AND e.name LIKE 'order.%'
     WHERE ($3::text IS NULL OR o.store_id = $3)
       AND o.accepted_at < $2 AND (o.closed_at IS NULL OR o.closed_at >= $1)
     ORDER BY o.store_id, o.id, e.seq
"""
_SAID: Final = """
    SELECT m.store_id, m.order_id, coalesce(m.attempted_at, m.settled_at, m.created_at) AS at
      FROM orders o  /* fanout: report */
      JOIN messages m ON m.store_id = o.store_id AND m.order_id = o.id
     WHERE ($3::text IS NULL OR o.store_id = $3)
       AND o.accepted_at < $2 AND (o.closed_at IS NULL OR o.closed_at >= $1)
       AND m.state IN ('sent', 'unknown', 'suppressed', 'failed')
     ORDER BY 3
"""


async def day(
    db: Database, since: datetime, until: datetime, *, only_store: StoreId | None = None
) -> Report:
    """Return the report of one day, or of any stretch of time."""
    async with db.transaction() as tx:
        await tx.run("SET LOCAL statement_timeout = '2min'")
        return await measure(tx, since, until, only_store=only_store)


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
        refused={row["reason"]: row["n"] for row in await tx.rows(_REFUSED, *window)},
        units_ordered=await tx.value(_UNITS, *window),
        units_found=sum(row["found"] for row in picked),
        units_short={row["reason"]: row["short"] for row in picked if row["short"]},
        **_kept(await tx.rows(_PROMISES, *window, tx.now)),
        apologized=await tx.value(_APOLOGIES, *window),
        ready_said=ready["said"],
        false_ready=ready["wrong"],
        silent_minutes=silence // _MINUTE,
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
    return {
        "promises_due": len(rows),
        "on_time_first": len(rows) - len(late),
        "on_time_last": sum(
            row["ready_at"] is not None and row["ready_at"] <= row["last"] for row in rows
        ),
        "late": len(late),
        "apologized_in_time": sum(row["told_at"] <= row["first"] for row in told),
        "apology_lead_minutes": tuple(leads),
    }


async def _silence(
    tx: Tx, since: datetime, until: datetime, only_store: StoreId | None
) -> timedelta:
    """Add up every open order's time without a word that was owed."""
    said: dict[tuple[str, Any], list[datetime]] = defaultdict(list)
    for row in await tx.rows(_SAID, since, until, only_store):
        said[row["store_id"], row["order_id"]].append(row["at"])
    total = timedelta(0)
    facts = await tx.rows(_FACTS, since, until, only_store)
    for key, rows in groupby(facts, key=itemgetter(0, 1)):
        of_order = list(rows)
        end = min(of_order[0]["closed_at"] or tx.now, until)
        told = [(row["occurred_at"], row["name"], row["payload"]) for row in of_order]
        calendar = await stores.calendar(tx, StoreId(key[0]))
        total += silent(told, said[key], calendar, since=since, until=end)
    return total
