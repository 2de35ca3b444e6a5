"""Reads what became of first promises: from what happened, never from a counter."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from bopis.kernel.database import Tx
from bopis.kernel.ids import OrderId, StoreId
from bopis.orders.counter import arrival
from bopis.trust.outcome import Outcome
from bopis.trust.silence import OWING, silent
from inventory import stores
from inventory.opening import hours
from inventory.opening.hours import Calendar

_MINUTE: Final = timedelta(minutes=1)

TELLING: Final = (
    "delay_apology",
    "ready_withdrawn",
    "order_cancelled",
    "order_moved",
    "choice_needed",
)
"""Kinds of messages from which a reader learns that the first promise will not hold."""

_DUE: Final = """
    SELECT o.store_id, o.id AS order_id, o.number, o.channel, o.state, o.accepted_at,
           o.promised_at AS last_promised_at, o.first_ready_at AS ready_at, o.closed_at,
           o.close_reason, o.promise_version AS versions,
           p.latest AS promised_at, p.confidence, p.base_minutes,
           p.kept::float8 / nullif(p.sample_size, 0) AS odds,
           w.told_at, w.said, k.knowable_at, f.at, f.name, f.payload,
           coalesce(l.lines, 0) AS lines, coalesce(l.found, 0) AS lines_found,
           b.lines AS ordered_lines, coalesce(l.reasons, '{}') AS short_reasons,
           v.arrived_at, v.served_at
      FROM orders o  /* fanout: report */
      JOIN promises p ON p.store_id = o.store_id AND p.order_id = o.id AND p.version = 1
     CROSS JOIN LATERAL (
           SELECT min(m.attempted_at) FILTER (WHERE m.kind = ANY ($6::text[])
                                                AND m.state IN ('sent', 'unknown')) AS told_at,
                  array_agg(coalesce(m.attempted_at, m.settled_at, m.created_at)
                            ORDER BY coalesce(m.attempted_at, m.settled_at, m.created_at))
                      FILTER (WHERE m.state IN ('sent', 'unknown', 'suppressed', 'failed')) AS said
             FROM messages m WHERE m.store_id = o.store_id AND m.order_id = o.id) w
     CROSS JOIN LATERAL (
           SELECT min(s.at) AS knowable_at
             FROM delay_signals s
            WHERE s.store_id = o.store_id AND s.order_id = o.id AND s.promise_version = 1
              AND (s.p_late >= s.threshold
                   OR s.hard_evidence IN ('closing', 'paused', 'nobody_there', 'outage'))
              AND s.at <= p.latest - s.lead_minutes * interval '1 minute') k
     CROSS JOIN LATERAL (
           SELECT array_agg(e.occurred_at ORDER BY e.seq) AS at,
                  array_agg(e.name ORDER BY e.seq) AS name,
                  array_agg(e.payload ORDER BY e.seq) AS payload
             FROM events e
            WHERE e.store_id = o.store_id AND e.subject = o.id AND e.name = ANY ($5::text[])) f
     CROSS JOIN LATERAL (
           SELECT count(*) FILTER (WHERE i.found + i.short > 0)::int AS lines,
                  count(*) FILTER (WHERE i.found > 0 AND i.short = 0)::int AS found,
                  array_agg(DISTINCT i.short_reason) FILTER (WHERE i.short > 0) AS reasons
             FROM (SELECT t.id FROM pick_tasks t
                    WHERE t.store_id = o.store_id AND t.order_id = o.id
                    ORDER BY t.opened_at, t.id LIMIT 1) t
             JOIN pick_lines i ON i.store_id = o.store_id AND i.task_id = t.id) l
     CROSS JOIN LATERAL (
           SELECT count(*)::int AS lines FROM order_lines i
            WHERE i.store_id = o.store_id AND i.order_id = o.id) b
      LEFT JOIN arrivals v ON v.store_id = o.store_id AND v.order_id = o.id
           AND v.state = 'served'
     WHERE ($1::text IS NULL OR o.store_id = $1)
       AND p.latest >= $2 AND p.latest < $3 AND p.latest <= $4
       AND o.accepted_at >= $2::timestamptz - interval '60 days' AND o.accepted_at < $3
       AND NOT o.awaits_basket
     ORDER BY o.store_id, p.latest, o.id
"""


async def due(
    tx: Tx, since: datetime, until: datetime, *, only_store: StoreId | None = None
) -> list[Outcome]:
    """Return what became of the first promises due from ``since`` up to, and not at, ``until``.

    Only of those whose time has come: of the others nobody can know yet.

    Shapes:
        returns: by store, then by when they were due; excused ones are among them.
    """
    rows = await tx.rows(_DUE, only_store, since, until, tx.now, list(OWING), list(TELLING))
    calendars: dict[StoreId, Calendar] = {}
    found = []
    for row in rows:
        store_id = StoreId(row["store_id"])
        if store_id not in calendars:
            calendars[store_id] = await stores.calendar(tx, store_id)
        found.append(_outcome(row, calendars[store_id], tx.now))
    return found


def _outcome(row: Any, calendar: Calendar, now: datetime) -> Outcome:
    names: Sequence[str] = row["name"] or ()
    facts = list(zip(row["at"] or (), names, row["payload"] or (), strict=True))
    accepted_at, ready_at = row["accepted_at"], row["ready_at"]
    end = row["closed_at"] or now
    quiet = silent(facts, row["said"] or (), calendar, since=accepted_at, until=end)
    lost = len(row["short_reasons"]) and row["lines"] - row["lines_found"]
    return Outcome(
        store_id=StoreId(row["store_id"]),
        order_id=OrderId(row["order_id"]),
        number=row["number"],
        day=row["promised_at"].astimezone(calendar.zone).date(),
        channel=row["channel"],
        state=row["state"],
        accepted_at=accepted_at,
        promised_at=row["promised_at"],
        last_promised_at=row["last_promised_at"],
        ready_at=ready_at,
        closed_at=row["closed_at"],
        close_reason=row["close_reason"],
        confidence=row["confidence"],
        base_minutes=row["base_minutes"],
        versions=row["versions"],
        told_at=row["told_at"],
        knowable_at=row["knowable_at"],
        ready_said=sum(name == "order.ready" for name in names),
        false_ready=sum(name == "order.retracted" for name in names),
        lines=row["lines"],
        lines_found=row["lines_found"],
        lines_lost=lost,
        lines_ordered=row["ordered_lines"],
        short_reasons=tuple(row["short_reasons"]),
        silent_minutes=quiet / _MINUTE,
        promised_minutes=_open(calendar, accepted_at, row["promised_at"]),
        took_minutes=None if ready_at is None else _open(calendar, accepted_at, ready_at),
        late_so_far=max((end - row["promised_at"]) // _MINUTE, 0),
        local_hour=accepted_at.astimezone(calendar.zone).hour,
        odds=row["odds"],
        waited_minutes=arrival.waited(row["arrived_at"], row["served_at"]),
    )


def _open(calendar: Calendar, a: datetime, b: datetime) -> float:
    return hours.open_time_between(calendar, a, b) / _MINUTE
