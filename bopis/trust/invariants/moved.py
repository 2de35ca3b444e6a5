"""What moves from one store to another, or to an order of its own."""

from typing import Final

from bopis.trust.invariants.invariant import Invariant, Level

_M1: Final = """
    SELECT m.store_id, m.order_id || ' moved to ' || m.to_store || ' and '
           || CASE WHEN o.id IS NULL THEN 'lives on nowhere' ELSE 'is still awaited there' END
           AS what
      FROM t, moves m
      LEFT JOIN orders o ON o.store_id = m.to_store AND o.id = m.to_order
                        AND o.moved_store = m.store_id AND o.moved_order = m.order_id
                        AND o.moved_number = m.number
     WHERE m.state = 'done'
       AND (o.id IS NULL OR (o.awaits_basket AND m.decided_at < t.settled))
     UNION ALL
    SELECT o.store_id, o.number || ' came from ' || o.moved_store || ', which has not given it up'
      FROM t, orders o
      LEFT JOIN moves m ON m.store_id = o.moved_store AND m.order_id = o.moved_order
                       AND m.number = o.moved_number
     WHERE o.moved_order IS NOT NULL AND m.to_order IS DISTINCT FROM o.id
       AND (NOT o.awaits_basket OR (o.closed_at IS NULL AND m.decided_at < t.settled))
     UNION ALL
    SELECT m.store_id, m.order_id || ' has been about to move since ' || m.begun_at
      FROM t, moves m
     WHERE m.state = 'open' AND m.begun_at < t.settled - interval '15 minutes'
"""
_M2: Final = """
    SELECT o.store_id, o.number || ': ' || u.rerouted || ' given up, '
           || coalesce(d.quantity, 0) || ' taken on elsewhere' AS what
      FROM orders o
      JOIN (SELECT store_id, order_id, sum(rerouted) AS rerouted
              FROM order_lines GROUP BY store_id, order_id) u
        ON u.store_id = o.store_id AND u.order_id = o.id
      LEFT JOIN (SELECT m.store_id, m.order_id, sum((x ->> 'quantity')::int) AS quantity
                   FROM moves m, jsonb_array_elements(m.lines) AS x
                  WHERE m.state = 'done' GROUP BY m.store_id, m.order_id) d
             ON d.store_id = o.store_id AND d.order_id = o.id
     WHERE u.rerouted <> coalesce(d.quantity, 0)
"""

MOVED: Final[tuple[Invariant, ...]] = (
    Invariant("M1", Level.A, "What has moved lives on as exactly one other order", _M1),
    Invariant("M2", Level.A, "What an order has given up to others, others have taken on", _M2),
)
