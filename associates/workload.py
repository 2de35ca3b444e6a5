"""How much work a store has, and how fast it goes: what a predictor needs to know."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from associates.walk import HANDFUL
from bopis.kernel.clock import machine_clock
from bopis.kernel.database import Tx
from bopis.kernel.ids import OrderId, StoreId

LATELY: Final = timedelta(hours=1)
"""Who staged something within this time (store clock) is taken to be at work."""


@dataclass(frozen=True, slots=True)
class Workload:
    """One store's floor, now.

    Shapes:
        before: for each order still to be picked, the units and the orders that are due earlier.
        staged: the last 30 since the time asked for, newest first.
    """

    waiting_units: int
    waiting_orders: int
    before: dict[OrderId, tuple[int, int]]
    pickers: int
    staged: list[tuple[datetime, int]]


_WAITING: Final = """
    SELECT t.order_id, sum(LEAST(l.asked - l.found - l.short, $2))::int AS units
      FROM pick_tasks AS t
      JOIN pick_lines AS l ON l.store_id = t.store_id AND l.task_id = t.id
     WHERE t.store_id = $1 AND t.state IN ('open', 'claimed')
     GROUP BY t.order_id, t.due_at, t.id
     ORDER BY t.due_at, t.id
     LIMIT 5000
"""
_PICKERS: Final = """
    SELECT count(DISTINCT who) FROM (
        SELECT associate_id AS who FROM associate_sessions
         WHERE store_id = $1 AND ends_at > $2
        UNION ALL
        SELECT assigned_to FROM pick_tasks
         WHERE store_id = $1 AND staged_at > $3 AND assigned_to IS NOT NULL
    ) AS seen
"""
_STAGED: Final = """
    SELECT t.staged_at, sum(LEAST(l.found, $3))::int AS units
      FROM (SELECT store_id, id, staged_at FROM pick_tasks
             WHERE store_id = $1 AND staged_at >= $2
             ORDER BY staged_at DESC LIMIT 30) AS t
      JOIN pick_lines AS l ON l.store_id = t.store_id AND l.task_id = t.id
     WHERE l.store_id = $1
     GROUP BY t.id, t.staged_at
     ORDER BY t.staged_at DESC
"""


async def workload(tx: Tx, store_id: StoreId, *, since: datetime) -> Workload:
    """Return what waits, who walks, and what was staged since (the start of today, say)."""
    before: dict[OrderId, tuple[int, int]] = {}
    units = 0
    for orders, row in enumerate(await tx.rows(_WAITING, store_id, HANDFUL)):
        before[OrderId(row["order_id"])] = (units, orders)
        units += row["units"]
    pickers = await tx.value(_PICKERS, store_id, machine_clock(), tx.now - LATELY)
    staged = await tx.rows(_STAGED, store_id, since, HANDFUL)
    return Workload(
        waiting_units=units,
        waiting_orders=len(before),
        before=before,
        pickers=pickers,
        staged=[(row["staged_at"], row["units"]) for row in staged],
    )
