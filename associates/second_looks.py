"""An item that was given up is to be looked for again: it turned up, or somebody counted it."""

from collections.abc import Mapping
from typing import Final

from associates.models import PickTask
from associates.scans import TaskState
from bopis.kernel.database import Tx
from bopis.kernel.ids import OrderId, StoreId

_OF_ORDER: Final = """
    SELECT * FROM pick_tasks WHERE store_id = $1 AND order_id = $2
     ORDER BY opened_at DESC, id DESC LIMIT 1 FOR UPDATE
"""


async def lock(tx: Tx, store_id: StoreId, order_id: OrderId) -> PickTask | None:
    """Return an order's walk, locked; None where none is live. The order itself is locked later."""
    row = await tx.row(_OF_ORDER, store_id, order_id)
    if row is None:
        return None
    task = PickTask.of(row)
    return None if task.state in {TaskState.DONE, TaskState.CANCELLED} else task


_LINES: Final = """
    UPDATE pick_lines AS l SET short = l.short - w.quantity, short_reason = NULL
      FROM unnest($3::int[], $4::int[]) AS w (line, quantity)
     WHERE l.store_id = $1 AND l.task_id = $2 AND l.line = w.line
"""
_SCANS: Final = """
    UPDATE scans SET outcome = 'undone'
     WHERE store_id = $1 AND task_id = $2 AND kind = 'short' AND outcome = 'applied'
       AND line = ANY($3::int[])
"""
_AGAIN: Final = """
    UPDATE pick_tasks
       SET state = CASE WHEN state = 'picked' AND assigned_to IS NOT NULL THEN 'claimed'
                        WHEN state = 'claimed' THEN 'claimed' ELSE 'open' END,
           fence = fence + (state = 'staged')::int,
           assigned_to = CASE WHEN state <> 'staged' THEN assigned_to END,
           device_id = CASE WHEN state <> 'staged' THEN device_id END,
           lease_until = CASE WHEN state <> 'staged' THEN lease_until END,
           staging_code = NULL, staged_at = NULL
     WHERE store_id = $1 AND id = $2
"""


async def again(tx: Tx, task: PickTask, lines: Mapping[int, int]) -> None:
    """Put units that were short back into a walk that is locked; what was staged is staged anew.

    Shapes:
        lines: units for each line, all that were short of it.
    """
    numbers, units = list(lines), list(lines.values())
    await tx.run(_LINES, task.store_id, task.id, numbers, units)
    await tx.run(_SCANS, task.store_id, task.id, numbers)
    await tx.run(_AGAIN, task.store_id, task.id)
