"""How much work a store has, and how fast it goes: what a predictor needs to know."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from associates.events import PickLineFound, PickLineShort, PickStaged, PickStarted
from associates.walking.walk import HANDFUL
from bopis.kernel.clock import machine_clock
from bopis.kernel.database import Tx
from bopis.kernel.ids import OrderId, StoreId


@dataclass(frozen=True, slots=True)
class Workload:
    """One store's floor, now.

    Shapes:
        before: for each order still to be picked, the units and the orders that are due earlier.
        pickers: signed in, and seen with a walk today; whoever is signed in, if nobody was.
        waiting_since: when the oldest walk that is not done was opened; None: there is none.
        moved_at: when any walk of this store last went on; None: none ever did.
    """

    waiting_units: int
    waiting_orders: int
    before: dict[OrderId, tuple[int, int]]
    pickers: int
    waiting_since: datetime | None
    moved_at: datetime | None


_WAITING: Final = """
    SELECT t.order_id, t.opened_at, sum(LEAST(l.asked - l.found - l.short, $2))::int AS units
      FROM pick_tasks AS t
      JOIN pick_lines AS l ON l.store_id = t.store_id AND l.task_id = t.id
     WHERE t.store_id = $1 AND t.state IN ('open', 'claimed')
     GROUP BY t.order_id, t.opened_at, t.due_at, t.id
     ORDER BY t.due_at, t.id
     LIMIT 5000
"""
_FLOOR: Final = """
    WITH signed_in AS (
        SELECT DISTINCT associate_id AS who FROM associate_sessions
         WHERE store_id = $1 AND ends_at > $2
    ),
    walked AS (
        SELECT assigned_to AS who, bool_or(staged_at IS NULL) AS walks FROM pick_tasks
         WHERE store_id = $1 AND assigned_to IS NOT NULL
           AND (state IN ('claimed', 'picked') OR staged_at >= $3)
         GROUP BY assigned_to
    )
    SELECT (SELECT count(*) FROM signed_in) AS signed_in,
           (SELECT count(*) FROM walked
             WHERE walks OR who IN (SELECT who FROM signed_in)) AS pickers,
           (SELECT max(last.at)
              FROM unnest($4::text[]) AS n (name)
             CROSS JOIN LATERAL (
                   SELECT occurred_at AS at FROM events
                    WHERE store_id = $1 AND name = n.name ORDER BY occurred_at DESC LIMIT 1
                   ) AS last) AS moved_at
"""
_MOVES: Final = [fact.name for fact in (PickStarted, PickLineFound, PickLineShort, PickStaged)]


async def workload(tx: Tx, store_id: StoreId, *, since: datetime) -> Workload:
    """Return what waits and who walks; ``since`` is the start of today, or of the last shift."""
    before: dict[OrderId, tuple[int, int]] = {}
    units = 0
    waiting = await tx.rows(_WAITING, store_id, HANDFUL)
    for orders, row in enumerate(waiting):
        before[OrderId(row["order_id"])] = (units, orders)
        units += row["units"]
    floor = await tx.row(_FLOOR, store_id, machine_clock(), since, _MOVES)
    assert floor is not None
    return Workload(
        waiting_units=units,
        waiting_orders=len(before),
        before=before,
        pickers=floor["pickers"] or floor["signed_in"],
        waiting_since=min((row["opened_at"] for row in waiting), default=None),
        moved_at=floor["moved_at"],
    )


_UNTAKEN: Final = """
    SELECT count(*)::int FROM pick_tasks WHERE store_id = $1 AND state = 'open'
"""


async def waiting(tx: Tx, store_id: StoreId) -> int:
    """Return how many walks wait for somebody to take them."""
    return int(await tx.value(_UNTAKEN, store_id))
