"""A walk changes under way: an item is looked for again, another is added, or one is not wanted."""

from collections.abc import Mapping, Sequence
from typing import Final

from associates.bagging import bags
from associates.models import PickTask
from associates.picking.scans import TaskState
from associates.picking.tasks import Wanted
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
    WITH wanted AS (
        SELECT line, sku, name, quantity
          FROM unnest($3::int[], $4::text[], $5::text[], $6::int[])
               AS w (line, sku, name, quantity)
    ),
    again AS (
        UPDATE pick_lines AS l SET short = l.short - w.quantity, short_reason = NULL
          FROM wanted AS w
         WHERE l.store_id = $1 AND l.task_id = $2 AND l.line = w.line
        RETURNING l.line
    )
    INSERT INTO pick_lines (store_id, task_id, line, sku, name, asked)
    SELECT $1, $2, w.line, w.sku, w.name, w.quantity FROM wanted AS w
     WHERE w.line NOT IN (SELECT line FROM again)
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


async def again(tx: Tx, task: PickTask, wanted: Sequence[Wanted]) -> None:
    """Put units into a walk that is locked: such as were short, or lines that are new to it.

    What was staged is staged anew.

    Shapes:
        wanted: of a line that the walk has, all that were short of it.
    """
    numbers = [line.line for line in wanted]
    await tx.run(
        _LINES,
        task.store_id,
        task.id,
        numbers,
        [line.sku for line in wanted],
        [line.name for line in wanted],
        [line.quantity for line in wanted],
    )
    await tx.run(_SCANS, task.store_id, task.id, numbers)
    await tx.run(_AGAIN, task.store_id, task.id)
    await bags.take_down(tx, task.store_id, task.order_id)


_LEAVE: Final = """
    UPDATE pick_lines AS l SET asked = l.asked - w.quantity
      FROM unnest($3::int[], $4::int[]) AS w (line, quantity)
     WHERE l.store_id = $1 AND l.task_id = $2 AND l.line = w.line
"""
_EMPTY: Final = """
    DELETE FROM pick_lines WHERE store_id = $1 AND task_id = $2 AND asked = 0
"""
_DONE: Final = """
    UPDATE pick_tasks AS t
       SET state = CASE WHEN t.state IN ('open', 'claimed')
                         AND NOT EXISTS (SELECT FROM pick_lines AS l
                                          WHERE l.store_id = $1 AND l.task_id = $2
                                            AND l.found + l.short < l.asked)
                        THEN 'picked' ELSE t.state END
     WHERE t.store_id = $1 AND t.id = $2
"""
"""Whatever the state: a scan that waits for the task sees by its row that the lines are others."""


async def leave(tx: Tx, task: PickTask, lines: Mapping[int, int]) -> None:
    """Take units out of a walk that is locked, of which none has been found or given up.

    If nothing is left to look for, what was found is to be staged.
    """
    await tx.run(_LEAVE, task.store_id, task.id, list(lines), list(lines.values()))
    await tx.run(_EMPTY, task.store_id, task.id)
    await tx.run(_DONE, task.store_id, task.id)
