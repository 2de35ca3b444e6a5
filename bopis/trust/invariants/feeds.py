"""Feeds, deliveries, and what must not be kept."""

from typing import Final

from bopis.trust.invariants.invariant import Invariant, Level

_F2: Final = """
    SELECT store_id, sku || ': ' || effective_at || ' over ' || before AS what
      FROM (SELECT store_id, sku, effective_at,
                   max(effective_at) OVER (PARTITION BY store_id, sku ORDER BY recorded_at, id
                       ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before
              FROM stock_ledger WHERE kind = 'feed_set') l
     WHERE effective_at < before
"""
_F3: Final = """
    SELECT '' AS store_id, source || ' ' || batch_id || ': ' || rejected || ' bad of ' || rows
           AS what
      FROM feed_batches
     WHERE state = 'applied' AND rejected > 10 AND rejected > 0.02 * rows
       AND problem IS NULL      -- else somebody said to apply it all the same
"""
_F5: Final = """
    SELECT '' AS store_id, source || ' ' || batch_id || ' was never finished' AS what
      FROM t, feed_batches
     WHERE (state = 'validated' OR (state = 'receiving' AND parts = 1))
       AND received_at < t.settled
"""
_F6: Final = """
    SELECT r.store_id, r.source || ' ' || r.batch_id || ' was applied and is '
           || coalesce(b.state, 'unknown') AS what
      FROM feed_runs r
      LEFT JOIN feed_batches b ON b.source = r.source AND b.batch_id = r.batch_id
     WHERE b.state IS NULL OR b.state = 'quarantined'
"""
_X1: Final = """
    SELECT d.store_id, d.subscriber || ' has waited since ' || d.due_at AS what
      FROM t, deliveries d WHERE d.dead_at IS NULL AND d.due_at < t.machine - interval '30 seconds'
"""
_A2: Final = """
    SELECT r.store_id, 'recipient of ' || r.order_id AS what
      FROM recipients r
     WHERE r.forgotten_at IS NOT NULL
       AND coalesce(r.first_name, r.last_name, r.email, r.phone, r.other_first_name) IS NOT NULL
"""
_A3: Final = """
    SELECT m.store_id, m.kind || ' ' || m.id AS what
      FROM messages m
     WHERE m.facts ->> 'first_name' <> '' OR m.facts ->> 'status_url' <> ''
"""
_A4: Final = """
    SELECT e.store_id, e.name || ' ' || e.id AS what
      FROM events e
     WHERE e.payload ?| ARRAY['first_name', 'last_name', 'email', 'phone', 'name', 'address']
"""

FEEDS: Final[tuple[Invariant, ...]] = (
    Invariant("F2", Level.A, "An older feed never overwrites a newer one", _F2),
    Invariant(
        "F3",
        Level.A,
        "A batch with more than 10 and 2 % bad rows is not applied unless a person says so",
        _F3,
    ),
    Invariant("F5", Level.Q, "Every batch was applied or set aside", _F5),
    Invariant("F6", Level.A, "Nothing of a batch that was set aside was applied", _F6),
    Invariant("X1", Level.Q, "Every fact has reached who waits for it, or a person knows", _X1),
    Invariant("A2", Level.A, "Nothing that names a person outlives a request to forget", _A2),
    Invariant("A3", Level.A, "No message on file names a person or opens an order", _A3),
    Invariant("A4", Level.A, "No fact names a person", _A4),
)
