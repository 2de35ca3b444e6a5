"""Bags: nobody is given another one's, and none is left behind."""

from typing import Final

from bopis.trust.invariants.invariant import Invariant, Level, constraint

_G2: Final = """
    SELECT b.store_id, k.number || ' was handed over without bag ' || b.number AS what
      FROM pick_tasks k JOIN bags b ON b.store_id = k.store_id AND b.task_id = k.id
     WHERE k.state = 'done' AND b.state IN ('packed', 'waiting')
"""
_G3: Final = """
    SELECT b.store_id, 'bag ' || b.code || ' was given away, and its order was not' AS what
      FROM bags b
      LEFT JOIN pick_tasks k ON k.store_id = b.store_id AND k.id = b.task_id
      LEFT JOIN scans s ON s.store_id = b.store_id AND s.id = b.given_by
     WHERE b.state = 'given'
       AND (k.state IS DISTINCT FROM 'done' OR s.task_id IS DISTINCT FROM b.task_id
            OR s.kind <> 'hand_over' OR s.outcome <> 'applied')
"""
_G4: Final = """
    SELECT b.store_id, k.number || ' is ready, and bag ' || b.number || ' stands nowhere' AS what
      FROM pick_tasks k JOIN bags b ON b.store_id = k.store_id AND b.task_id = k.id
     WHERE k.state = 'staged' AND b.state = 'packed'
"""
_G5: Final = """
    SELECT b.store_id, 'bag ' || b.code || ' is at ' || b.staging_code || ' by no scan' AS what
      FROM bags b
     WHERE b.state = 'waiting'
       AND NOT EXISTS (SELECT FROM scans s
                        WHERE s.store_id = b.store_id AND s.id = b.placed_by
                          AND s.kind = 'stage' AND s.outcome = 'applied')
"""

BAGS: Final[tuple[Invariant, ...]] = (
    constraint("G1", "No two bags of a store wear the same label", "pk_bags"),
    Invariant("G2", Level.A, "Every bag of an order was seen when it was handed over", _G2),
    Invariant("G3", Level.A, "A bag is given away with its own order, and by a scan", _G3),
    Invariant("G4", Level.A, "An order is ready when each of its bags is at a place", _G4),
    Invariant("G5", Level.A, "A bag that waits is where it was scanned", _G5),
)
