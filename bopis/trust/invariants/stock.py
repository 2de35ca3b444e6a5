"""Stock, its ledger, and what orders hold of it."""

from typing import Final

from bopis.trust.invariants.invariant import Invariant, Level

_S1: Final = """
    SELECT s.store_id, s.sku || ': ' || s.reserved || ' promised, ' || s.on_hand - s.unsellable
           || ' there' AS what
      FROM t, stock s
     WHERE s.on_hand - s.unsellable < s.reserved AND s.changed_at < t.settled
       AND NOT EXISTS (SELECT FROM stock_conflicts c  -- or a person has looked since
                        WHERE c.store_id = s.store_id AND c.sku = s.sku
                          AND (c.closed_at IS NULL OR c.closed_at >= s.changed_at))
"""
_S2: Final = """
    SELECT store_id, sku || ': ' || concat_ws('; ',
           CASE WHEN s.sku IS NULL THEN 'no row in the stock' END,
           CASE WHEN coalesce(s.on_hand, 0) <> coalesce(l.on_hand, 0) THEN
               coalesce(s.on_hand, 0) || ' on hand, ' || coalesce(l.on_hand, 0) || ' by its ledger'
           END,
           CASE WHEN coalesce(s.reserved, 0) <> coalesce(l.reserved, 0) THEN
               coalesce(s.reserved, 0) || ' reserved, ' || coalesce(l.reserved, 0)
               || ' by its ledger' END,
           CASE WHEN coalesce(s.unsellable, 0) <> coalesce(l.unsellable, 0) THEN
               coalesce(s.unsellable, 0) || ' unsellable, ' || coalesce(l.unsellable, 0)
               || ' by its ledger' END) AS what
      FROM stock s
      FULL JOIN (SELECT store_id, sku, sum(on_hand) AS on_hand, sum(reserved) AS reserved,
                        sum(unsellable) AS unsellable
                   FROM stock_ledger GROUP BY store_id, sku) l USING (store_id, sku)
     WHERE coalesce(s.on_hand, 0) <> coalesce(l.on_hand, 0)
        OR coalesce(s.reserved, 0) <> coalesce(l.reserved, 0)
        OR coalesce(s.unsellable, 0) <> coalesce(l.unsellable, 0)
"""
_S3: Final = """
    SELECT store_id, sku || ': stock says ' || coalesce(s.reserved, 0) || ', orders hold '
           || coalesce(r.held, 0) AS what
      FROM stock s
      FULL JOIN (SELECT store_id, sku, sum(quantity) AS held
                   FROM reservations WHERE quantity > 0 GROUP BY store_id, sku) r
           USING (store_id, sku)
     WHERE coalesce(s.reserved, 0) <> coalesce(r.held, 0)
"""
_S5: Final = """
    SELECT o.store_id, o.number || ' line ' || l.line || ' still has open units' AS what
      FROM orders o
      JOIN order_lines l ON l.store_id = o.store_id AND l.order_id = o.id
     WHERE o.closed_at IS NOT NULL AND l.reserved + l.picked + l.staged + l.short > 0
"""
_S6: Final = """
    SELECT r.store_id, r.sku || ': ' || r.quantity || ' held for ' || coalesce(o.number, 'no order')
           AS what
      FROM reservations r
      LEFT JOIN orders o ON o.store_id = r.store_id AND o.id = r.order_id
     WHERE r.quantity > 0 AND (o.id IS NULL OR o.closed_at IS NOT NULL)
"""
_S8: Final = """
    SELECT o.store_id, o.number || ' ' || l.sku || ': holds ' || coalesce(r.quantity, 0)
           || ', lines say ' || l.reserved + l.picked + l.staged AS what
      FROM orders o
      JOIN order_lines l ON l.store_id = o.store_id AND l.order_id = o.id
      LEFT JOIN reservations r
             ON r.store_id = o.store_id AND r.order_id = o.id AND r.sku = l.sku
     WHERE o.closed_at IS NULL AND coalesce(r.quantity, 0) <> l.reserved + l.picked + l.staged
"""
_S10: Final = """
    SELECT d.store_id, d.sku || ': ' || d.due || ' to put back, ' || coalesce(s.unsellable, 0)
           || ' kept from sale' AS what
      FROM (SELECT store_id, sku, sum(quantity - back - broken - lost) AS due,
                   min(opened_at) AS since
              FROM put_back_duties WHERE done_at IS NULL GROUP BY store_id, sku) d
      LEFT JOIN stock s ON s.store_id = d.store_id AND s.sku = d.sku
     WHERE d.due > coalesce(s.unsellable, 0)
       AND NOT coalesce(s.counted_at >= d.since, false)  -- a count may have found fewer
"""
_S11: Final = """
    SELECT store_id, sku || ': stock says ' || coalesce(s.held, 0) || ' kept, holds say '
           || coalesce(h.quantity, 0) AS what
      FROM stock s
      FULL JOIN (SELECT store_id, sku, sum(quantity) AS quantity
                   FROM hold_lines GROUP BY store_id, sku) h USING (store_id, sku)
     WHERE coalesce(s.held, 0) <> coalesce(h.quantity, 0)
"""

_L1: Final = """
    SELECT store_id, sku || ': orders have ' || coalesce(r.staged, 0) || ' staged, by the ledger '
           || coalesce(l.staged, 0) AS what
      FROM (SELECT store_id, sku, sum(staged) AS staged
              FROM reservations WHERE staged <> 0 GROUP BY store_id, sku) r
      FULL JOIN (SELECT store_id, sku, sum(staged) AS staged
                   FROM stock_ledger WHERE staged <> 0 GROUP BY store_id, sku) l
           USING (store_id, sku)
     WHERE coalesce(r.staged, 0) <> coalesce(l.staged, 0)
"""
_L2: Final = """
    SELECT store_id, sku || ': ' || on_hand || ' on hand, but ' || feed_source || ' said '
           || feed_quantity || ' as of ' || feed_as_of || CASE WHEN before <> 0 THEN
           ' without ' || before || ' it had taken off' ELSE '' END || ', and ' || moved
           || ' moved since' AS what
      FROM (SELECT s.store_id, s.sku, s.on_hand, s.feed_source, s.feed_quantity, s.feed_as_of,
                   coalesce(sum(l.on_hand) FILTER (WHERE l.effective_at > s.feed_as_of
                       AND l.kind NOT IN ('feed_set', 'count')), 0) AS moved,
                   coalesce(sum(CASE f.books_pickup WHEN 'at_order' THEN l.reserved
                                     WHEN 'at_ready' THEN l.staged END)
                       FILTER (WHERE l.effective_at <= s.feed_as_of), 0) AS before
              FROM stock s
              LEFT JOIN feed_sources f ON f.source = s.feed_source
              LEFT JOIN stock_ledger l ON l.store_id = s.store_id AND l.sku = s.sku
             WHERE s.feed_as_of > coalesce(s.counted_at, '-infinity')
             GROUP BY s.store_id, s.sku, f.source) AS fed
     WHERE on_hand <> feed_quantity + before + moved
"""

STOCK: Final[tuple[Invariant, ...]] = (
    Invariant("S1", Level.A, "What is promised beyond what is there has an open conflict", _S1),
    Invariant("S2", Level.A, "Every number of the stock is the sum of its ledger", _S2),
    Invariant("S3", Level.A, "What is reserved is what orders hold", _S3),
    Invariant("S5", Level.A, "A closed order has no open unit", _S5),
    Invariant("S6", Level.A, "No hold outlives its order", _S6),
    Invariant("S8", Level.A, "An open order holds what its lines have not given up", _S8),
    Invariant("S10", Level.A, "What is to be put back is not for sale", _S10),
    Invariant("S11", Level.A, "What is kept from sale is what holds keep", _S11),
    Invariant("L1", Level.A, "What is staged for orders is what the ledger says", _L1),
    Invariant("L2", Level.A, "What is on hand is what a feed said and what moved since", _L2),
)
