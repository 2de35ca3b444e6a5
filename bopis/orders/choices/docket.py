"""What has to be done about choice cases now, and by the clock alone."""

from enum import StrEnum
from typing import Final

from bopis.kernel.database import Tx
from bopis.kernel.ids import OrderId, StoreId


class Due(StrEnum):
    """What a sweep finds to be done about a case."""

    OFFER = "offer"
    DEFAULT = "default"
    FOUND = "found"
    ASK_ANEW = "ask_anew"  # what we wrote did not get there


_DUE: Final = """
    SELECT c.order_id,
           CASE WHEN CASE c.cause
                     WHEN 'delayed' THEN false
                     WHEN 'closed' THEN false
                     WHEN 'doubted' THEN NOT EXISTS (
                          SELECT FROM jsonb_to_recordset(c.lines) AS m (line int)
                            JOIN order_lines AS l ON l.store_id = $1 AND l.order_id = c.order_id
                                                 AND l.line = m.line AND l.reserved > 0
                            JOIN stock_conflicts AS x
                              ON x.store_id = $1 AND x.sku = l.sku AND x.closed_at IS NULL)
                     ELSE EXISTS (
                          SELECT FROM jsonb_to_recordset(c.lines) AS m (line int)
                            JOIN order_lines AS l ON l.store_id = $1 AND l.order_id = c.order_id
                                                 AND l.line = m.line AND l.short > 0
                            JOIN stock AS s ON s.store_id = $1 AND s.sku = l.sku
                             AND s.on_hand - s.unsellable - s.reserved >= l.short
                           WHERE EXISTS (
                                 SELECT FROM stock_ledger AS g
                                  WHERE g.store_id = $1 AND g.sku = l.sku
                                    AND g.kind IN ('count', 'feed_delta', 'put_back')
                                    AND g.recorded_at > c.opened_at))
                      AND (o.state <> 'ready_for_pickup' OR c.answer = 'wait')
                     END THEN 'found'
                WHEN c.state = 'offered' AND c.answer_by <= $2
                     AND c.answer IS DISTINCT FROM 'other_store' THEN 'default'
                WHEN c.state = 'opened' AND c.ask_after <= $2 THEN 'offer'
                WHEN c.state = 'offered' AND c.answer IS NULL AND c.call_by IS NULL
                     AND c.cause = 'not_there' AND c.default_choice <> 'wait'
                     AND EXISTS (
                         SELECT FROM messages AS m
                          WHERE m.store_id = $1 AND m.order_id = c.order_id
                            AND m.kind = 'choice_needed' AND m.state IN ('suppressed', 'failed')
                            AND (m.facts ->> 'case')::int = c.number
                            AND (m.facts ->> 'answer_by')::timestamptz = c.answer_by)
                     THEN 'ask_anew' END AS due
      FROM choice_cases AS c
      JOIN orders AS o ON o.store_id = $1 AND o.id = c.order_id
     WHERE c.store_id = $1 AND c.closed_at IS NULL
     ORDER BY c.order_id LIMIT 1000
"""
# A snapshot that repeats the number which sent somebody in vain is not a find: a count, a delivery
# or a put-back is. What is moving to another store is no longer the clock's (``moving``).


async def due(tx: Tx, store_id: StoreId) -> list[tuple[OrderId, Due]]:
    """Return what has to be done about the cases of a store now."""
    rows = await tx.rows(_DUE, store_id, tx.now)
    return [(OrderId(row["order_id"]), Due(row["due"])) for row in rows if row["due"]]
