"""What somebody has in hand: one order, or the orders of a wave. Reads."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from asyncpg import Record

from associates.devices import Holder
from associates.scans import WALKING, TaskState
from bopis.kernel.database import Tx
from bopis.kernel.ids import TaskId

_TASKS: Final = """
    SELECT t.*, EXISTS (
               SELECT FROM scans AS s
                WHERE s.store_id = $1 AND s.task_id = t.id AND s.outcome = 'applied'
                  AND s.kind IN ('item', 'short', 'skip', 'look', 'miss', 'zero_check')
           ) AS can_undo
      FROM pick_tasks AS t
     WHERE t.store_id = $1 AND t.id = ANY (ARRAY(
               SELECT $2::uuid UNION
               SELECT m.id FROM pick_tasks AS o
                 JOIN pick_tasks AS m ON m.store_id = $1 AND m.wave_id = o.wave_id
                WHERE o.store_id = $1 AND o.id = $2))
     ORDER BY t.tote, t.id
"""
_LINES: Final = """
    SELECT l.task_id, l.line, l.sku, l.name, l.asked, l.found, l.short, l.skipped, l.turn,
           l.is_cut_off, l.asked - l.found - l.short AS "left",
           (SELECT jsonb_agg(to_jsonb(s.kind || s.place) ORDER BY s.received_at, s.device_seq)
              FROM scans AS s
             WHERE s.store_id = $1 AND s.task_id = l.task_id AND s.line = l.line
               AND s.outcome = 'applied' AND s.kind IN ('look', 'miss', 'item')
               AND s.place IS NOT NULL) AS looks
      FROM pick_lines AS l
     WHERE l.store_id = $1 AND l.task_id = ANY ($2::uuid[]) ORDER BY l.task_id, l.line
"""


@dataclass(frozen=True)
class Hand:
    """One task, and those that were claimed together with it.

    Shapes:
        asked: the task that was asked about.
        wave: all of them, by their totes; of a task without a wave, the task itself.
        held: those of them that these hands hold, and that are not staged yet.
        lines: of all of them.
    """

    asked: Record
    wave: Sequence[Record]
    held: Sequence[Record]
    lines: Sequence[Record]

    def lines_of(self, task_id: TaskId) -> list[Record]:
        return [line for line in self.lines if line["task_id"] == task_id]

    @property
    def walking(self) -> list[Record]:
        """Return the lines of what is held, done ones too."""
        held = {task["id"] for task in self.held}
        return [line for line in self.lines if line["task_id"] in held]

    @property
    def is_picked(self) -> bool:
        return all(task["state"] == TaskState.PICKED for task in self.held)


async def read(tx: Tx, task_id: TaskId, holder: Holder) -> Hand:
    """Return a task that whoever calls has locked, with its wave."""
    wave = await tx.rows(_TASKS, holder.store_id, task_id)
    asked = next((task for task in wave if task["id"] == task_id), None)
    assert asked is not None, "whoever calls has locked it"
    lines = await tx.rows(_LINES, holder.store_id, [task["id"] for task in wave])
    hands = holder.associate_id, holder.device_id
    held = [
        task
        for task in wave
        if (task["assigned_to"], task["device_id"]) == hands and task["state"] in WALKING
    ]
    return Hand(asked, wave, held, lines)
