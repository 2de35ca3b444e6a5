"""What somebody has in hand: one order, or the orders of a wave. Reads."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from asyncpg import Record

from associates import wording
from associates.devices import Holder
from associates.scans import WALKING, TaskState
from associates.schemas import ToteOut, WaveOrder
from associates.wave import TOTES
from bopis.kernel.database import Tx
from bopis.kernel.ids import TaskId, outward

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

    @property
    def can_undo(self) -> bool:
        return any(task["can_undo"] for task in self.held)

    @property
    def staged_next(self) -> Record:
        """Return which order to put at a place now: the one at hand, then tote by tote."""
        return self.asked if self.asked in self.held else self.held[0]

    def told(self, task: Record) -> dict[str, Any]:
        """Return what a screen says of the wave: whose tote it is, and how the others stand."""
        if task["wave_id"] is None:
            return {}
        return {
            "tote": _tote(task),
            "together": [
                WaveOrder(tote=_tote(one), task_id=outward(one["store_id"], one["id"]),
                          number=one["number"], state=self._state(one))
                for one in self.wave
            ],
            "notice": " ".join(wording.cancelled_beside(one["number"], tote_words(one))
                               for one in self.wave if one["state"] == TaskState.CANCELLED),
        }  # fmt: skip

    def _state(self, task: Record) -> Literal["walking", "found", "staged", "gone"]:
        if task in self.held:
            return "found" if task["state"] == TaskState.PICKED else "walking"
        return "staged" if task["state"] in {TaskState.STAGED, TaskState.DONE} else "gone"


def _tote(task: Record) -> ToteOut:
    tote = TOTES[task["tote"]]
    return ToteOut(number=tote.number, color=tote.color, words=tote.words)


def tote_words(task: Record) -> str:
    """Return which tote an order's things go into; blank: there is only one."""
    return TOTES[task["tote"]].words if task["tote"] else ""


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
