"""What store operations ask of the database about orders. Nothing here changes anything."""

from datetime import datetime
from typing import Any, Final

from bopis.kernel.database import Tx
from bopis.kernel.ids import OrderId, StoreId
from bopis.ops.reads import Scope, all_rows
from bopis.ops.views import MANY, Rows

_ORDERS: Final = """
    SELECT o.store_id, o.id, o.number, o.reference, o.channel, o.state, o.promise_status,
           o.attention, o.accepted_at, o.promised_at, o.estimate_at, o.p_late, o.ready_at,
           o.closed_at, o.close_reason, o.promise_version, s.name AS store, s.time_zone,
           p.latest AS first_promised_at
      FROM orders o  /* fanout: ops */
      JOIN stores s ON s.store_id = o.store_id
      LEFT JOIN promises p ON p.store_id = o.store_id AND p.order_id = o.id AND p.version = 1
     WHERE ($1::text IS NULL OR o.store_id = $1)
       AND CASE $2::text
           WHEN 'open' THEN o.closed_at IS NULL
           WHEN 'risk' THEN o.closed_at IS NULL AND o.ready_at IS NULL
                AND (o.promise_status IN ('at_risk', 'delayed') OR o.promised_at < $3
                     OR o.estimate_at > o.promised_at)
           WHEN 'late' THEN o.accepted_at > $3::timestamptz - interval '7 days'
                AND (coalesce(o.ready_at, $3) > p.latest)
                AND (o.closed_at IS NULL OR o.closed_at >= $4)
           WHEN 'waiting' THEN o.closed_at IS NULL AND o.ready_at IS NOT NULL
           WHEN 'staff' THEN o.closed_at IS NULL AND o.attention = 'staff_needed'
           WHEN 'today' THEN o.accepted_at >= $4::timestamptz
           WHEN 'closed' THEN o.closed_at >= $4
           ELSE true END
       AND ($5 = '' OR position(
           lower($5) IN lower(o.number || ' ' || o.reference || ' ' || s.name)) > 0)
     ORDER BY CASE WHEN $2 IN ('today', 'closed', 'all') THEN NULL ELSE o.promised_at END,
              o.accepted_at DESC, o.id
     LIMIT $6
"""


async def orders(
    tx: Tx, scope: Scope, *, show: str, since: datetime, find: str = "", limit: int = MANY
) -> Rows:
    """Return orders of one kind (see ``views.SHOWS``), the most urgent or else the newest first.

    One more than ``limit`` says that there are more.
    """
    return await all_rows(tx, _ORDERS, scope, show, tx.now, since, find, limit + 1)


_ORDER: Final = """
    SELECT o.*, s.name AS store, s.time_zone
      FROM orders o JOIN stores s ON s.store_id = o.store_id
     WHERE o.store_id = $1 AND o.id = $2
"""

_LINES: Final = "SELECT * FROM order_lines WHERE store_id = $1 AND order_id = $2 ORDER BY line"

_PROMISES: Final = "SELECT * FROM promises WHERE store_id = $1 AND order_id = $2 ORDER BY version"

_MESSAGES: Final = """
    SELECT m.id, m.kind, m.channel, m.state, m.reason, m.created_at, m.attempted_at, m.settled_at,
           m.promise_version, m.attempts,
           (SELECT array_agg(c.kind || CASE WHEN c.value = '' THEN '' ELSE ' ' || c.value END
                             ORDER BY c.kind)
              FROM message_claims c WHERE c.store_id = $1 AND c.message_id = m.id) AS claims
      FROM messages m WHERE m.store_id = $1 AND m.order_id = $2
     ORDER BY m.created_at, m.id LIMIT 200
"""

_FACTS: Final = """
    SELECT id, name, actor, payload, occurred_at
      FROM events WHERE store_id = $1 AND subject = $2 ORDER BY seq LIMIT 500
"""

_INCIDENTS: Final = """
    SELECT i.number, i.what, i.said, i.tier, i.late_minutes, i.warned, i.opened_at, i.call_by,
           i.called_at, i.called_by, i.call_note, c.amount, c.currency, c.settled_at
      FROM incidents i
      LEFT JOIN credits c ON c.store_id = $1 AND c.order_id = i.order_id AND c.incident = i.number
     WHERE i.store_id = $1 AND i.order_id = $2 ORDER BY i.number LIMIT 100
"""

_CASE: Final = """
    SELECT number, cause, lines, options, default_choice, answer_by, wait_until, elsewhere, answer,
           target, offered_at, call_by
      FROM choice_cases
     WHERE store_id = $1 AND order_id = $2 AND closed_at IS NULL AND state = 'offered'
"""

_MOVES: Final = """
    SELECT m.to_store, m.to_order, m.to_number, m.state, m.reason, m.begun_at, m.lines,
           s.name AS store
      FROM moves m JOIN stores s ON s.store_id = m.to_store
     WHERE m.store_id = $1 AND m.order_id = $2 ORDER BY m.number LIMIT 100
"""


async def order(tx: Tx, store_id: StoreId, order_id: OrderId) -> dict[str, Any] | None:
    """Return an order with its lines, promises, messages and facts; None if there is none."""
    row = await tx.row(_ORDER, store_id, order_id)
    if row is None:
        return None
    key = (store_id, order_id)
    case = await tx.row(_CASE, *key)
    return dict(row) | {
        "lines": await all_rows(tx, _LINES, *key),
        "case": dict(case) if case else None,
        "moves": await all_rows(tx, _MOVES, *key),
        "promises": await all_rows(tx, _PROMISES, *key),
        "incidents": await all_rows(tx, _INCIDENTS, *key),
        "messages": await all_rows(tx, _MESSAGES, *key),
        "facts": await all_rows(tx, _FACTS, *key),
    }
