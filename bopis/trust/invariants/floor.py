"""Tasks, scans, and what may be called ready."""

from typing import Final

from bopis.trust.invariants.invariant import Invariant, Level

_T1: Final = """
    SELECT s.store_id, 'scan ' || s.id AS what
      FROM scans s JOIN pick_tasks k ON k.store_id = s.store_id AND k.id = s.task_id
     WHERE s.outcome = 'applied' AND s.fence > k.fence
"""
_T2: Final = """
    SELECT k.store_id, k.number || ' line ' || l.line || ': ' || l.found || ' found, '
           || coalesce(s.units, 0) || ' scanned' AS what
      FROM pick_tasks k
      JOIN pick_lines l ON l.store_id = k.store_id AND l.task_id = k.id
      LEFT JOIN (SELECT store_id, task_id, line, sum(quantity) AS units
                   FROM scans WHERE kind = 'item' AND outcome = 'applied'
                  GROUP BY store_id, task_id, line) s
             ON s.store_id = l.store_id AND s.task_id = l.task_id AND s.line = l.line
     WHERE l.found > coalesce(s.units, 0)
"""
_T3: Final = """
    SELECT s.store_id, 'scan ' || s.id || ' of ' || coalesce(s.sku, '?') || ' on a line of '
           || coalesce(l.sku, 'nothing') AS what
      FROM scans s
      LEFT JOIN pick_lines l
             ON l.store_id = s.store_id AND l.task_id = s.task_id AND l.line = s.line
     WHERE s.kind = 'item' AND s.outcome = 'applied' AND s.sku IS DISTINCT FROM l.sku
"""
_T4: Final = """
    SELECT s.store_id, 'scan ' || s.id AS what
      FROM scans s
      LEFT JOIN devices d ON d.store_id = s.store_id AND d.id = s.device_id
     WHERE s.outcome = 'applied' AND (d.id IS NULL OR d.revoked_at < s.received_at)
"""
_T5: Final = """
    SELECT store_id, 'device ' || device_id || ': ' || max(device_seq) - min(device_seq) + 1
           || ' said, ' || count(*) || ' heard' AS what
      FROM scans GROUP BY store_id, device_id
    HAVING max(device_seq) - min(device_seq) + 1 <> count(*)
"""
_T6: Final = """
    SELECT k.store_id, k.number || ' has a task and no order' AS what
      FROM pick_tasks k
     WHERE NOT EXISTS (SELECT FROM orders o WHERE o.store_id = k.store_id AND o.id = k.order_id)
"""
_T7: Final = """
    SELECT o.store_id, o.number || ' is ' || o.state || ' and nobody was asked to pick it' AS what
      FROM t, orders o
     WHERE o.closed_at IS NULL AND o.accepted_at < t.settled
       AND NOT EXISTS (SELECT FROM pick_tasks k
                        WHERE k.store_id = o.store_id AND k.order_id = o.id
                          AND k.state <> 'cancelled')
"""
_R1: Final = """
    SELECT e.store_id, 'ready ' || e.id AS what
      FROM events e
     WHERE e.name = 'order.ready'
       AND (NOT EXISTS (SELECT FROM scans s WHERE s.store_id = e.store_id AND s.kind = 'stage'
                           AND e.payload -> 'evidence' ? s.id::text)
         OR EXISTS (SELECT FROM jsonb_array_elements_text(e.payload -> 'evidence') AS p (id)
                      LEFT JOIN scans s ON s.store_id = e.store_id AND s.id = p.id::uuid
                     WHERE s.id IS NULL OR s.outcome NOT IN ('applied', 'undone')
                        OR s.kind NOT IN ('item', 'stage', 'short')
                        OR s.received_at > e.occurred_at))
"""
_R2: Final = """
    SELECT o.store_id, o.number || ' is ' || o.state || ' and its units say otherwise' AS what
      FROM orders o
      JOIN (SELECT store_id, order_id, sum(reserved + picked) AS to_do, sum(staged) AS staged,
                   sum(short) AS short, sum(handed_over) AS handed, sum(expired) AS expired,
                   sum(rerouted) AS rerouted
              FROM order_lines GROUP BY store_id, order_id) u
        ON u.store_id = o.store_id AND u.order_id = o.id
     WHERE NOT o.state = ANY (CASE
             WHEN u.to_do + u.staged + u.short = 0 THEN CASE
                  WHEN u.handed > 0 THEN '{picked_up}'
                  WHEN u.expired > 0 THEN '{expired}'
                  WHEN u.rerouted > 0 THEN '{rerouted}'
                  ELSE '{cancelled,rejected}' END
             WHEN u.handed > 0 THEN '{partially_picked_up}'
             WHEN u.staged > 0 AND u.to_do > 0 THEN '{partially_ready}'
             WHEN u.staged > 0 THEN '{ready_for_pickup}'
             ELSE '{accepted,picking}' END::text[])
"""
_R3: Final = """
    SELECT e.store_id, 'ready withdrawn at ' || e.occurred_at || ', and nobody told' AS what
      FROM t, events e
     WHERE e.name = 'order.retracted' AND e.occurred_at < t.settled
       AND EXISTS (SELECT FROM messages m
                    WHERE m.store_id = e.store_id AND m.order_id = e.subject
                      AND m.kind = 'order_ready' AND m.attempted_at <= e.occurred_at)
       AND NOT EXISTS (SELECT FROM messages m
                        WHERE m.store_id = e.store_id AND m.order_id = e.subject
                          AND m.kind IN ('ready_withdrawn', 'order_cancelled')
                          AND m.created_at >= e.occurred_at)
       AND NOT EXISTS (  -- staged again before the words could leave: then it is true again
                       SELECT FROM events n
                        WHERE n.store_id = e.store_id AND n.subject = e.subject AND n.seq > e.seq
                          AND n.name IN ('order.ready', 'order.cancelled')
                          AND n.occurred_at <= e.occurred_at + (t.now - t.settled))
"""
_R4: Final = """
    SELECT o.store_id, o.number || ' waits for its shopper at no place' AS what
      FROM orders o WHERE o.state = 'ready_for_pickup'
       AND (o.staging_code IS NULL OR o.hold_until IS NULL OR o.ready_at IS NULL)
"""
_E1: Final = """
    SELECT store_id, name || ' ' || subject || ': version ' || version || ' after ' || before
           AS what
      FROM (SELECT store_id, subject, name, (payload ->> 'version')::int AS version,
                   lag((payload ->> 'version')::int)
                       OVER (PARTITION BY store_id, subject ORDER BY seq) AS before
              FROM events WHERE name LIKE 'order.%' AND payload ? 'version') e
     WHERE version < before
"""
_E2: Final = """
    SELECT o.store_id, o.number || ' is ' || o.state || ' and no fact says so' AS what
      FROM orders o
      JOIN (VALUES ('picked_up', 'order.collected'), ('expired', 'order.expired'),
                   ('cancelled', 'order.cancelled'), ('ready_for_pickup', 'order.ready'),
                   ('rerouted', 'order.rerouted'))
           AS need (state, name) ON need.state = o.state
     WHERE NOT EXISTS (SELECT FROM events e WHERE e.store_id = o.store_id AND e.subject = o.id
                          AND e.name = need.name)
"""

FLOOR: Final[tuple[Invariant, ...]] = (
    Invariant("T1", Level.A, "No scan was applied under a fence newer than its task's", _T1),
    Invariant("T2", Level.A, "Every unit found was scanned", _T2),
    Invariant("T3", Level.A, "An applied scan is of the item that its line asked for", _T3),
    Invariant("T4", Level.A, "Scans come from a device of the store that was not revoked", _T4),
    Invariant("T5", Level.Q, "Nothing that a device said is missing", _T5),
    Invariant("T6", Level.A, "A task is of an order of its own store", _T6),
    Invariant("T7", Level.A, "Somebody was asked to pick every open order", _T7),
    Invariant("R1", Level.A, "Ready was said on the evidence of scans made before it", _R1),
    Invariant("R2", Level.A, "The state of an order is what its units say", _R2),
    Invariant("R3", Level.A, "A wrong ready that was told has its correction", _R3),
    Invariant("R4", Level.A, "A ready order has a place, a time since and a time until", _R4),
    Invariant("E1", Level.A, "The facts of an order never go back to an older version", _E1),
    Invariant("E2", Level.A, "A state that a shopper can see has the fact that made it so", _E2),
)
