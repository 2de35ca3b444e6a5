"""What somebody has in hand: one order, or the orders of a wave. Reads."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, Final
from uuid import UUID

from asyncpg import Record

from associates.handheld import wording
from associates.handheld.devices import Holder
from associates.handheld.task_schemas import ToteOut, WaveOrder
from associates.picking.scans import WALKING, TaskState
from associates.walking.wave import TOTES
from bopis.kernel.database import Tx
from bopis.kernel.ids import TaskId, outward

TASKS: Final = """
    SELECT t.*, EXISTS (
               SELECT FROM scans AS s
                WHERE s.store_id = $1 AND s.task_id = t.id AND s.outcome = 'applied'
                  AND s.kind IN ('item', 'short', 'skip', 'look', 'miss', 'zero_check')
           ) AS can_undo,
           (SELECT a.name FROM associates AS a
             WHERE a.store_id = $1 AND a.id = t.assigned_to) AS holder,
           (SELECT a.name FROM take_overs AS o
              JOIN associates AS a ON a.store_id = $1 AND a.id = o.asked_by
             WHERE o.store_id = $1 AND o.task_id = t.id AND o.fence = t.fence
               AND o.answered_at IS NULL) AS asked_by,
           (SELECT jsonb_agg(to_jsonb(w) ORDER BY w.line)
              FROM (SELECT l.line, l.sku, l.name, l.asked, l.found, l.short, l.skipped, l.turn,
                           l.is_cut_off, l.asked - l.found - l.short AS "left", k.looks
                      FROM pick_lines AS l
                      LEFT JOIN (
                           SELECT s.line, jsonb_agg(to_jsonb(s.kind || s.place)
                                                    ORDER BY s.received_at, s.device_seq) AS looks
                             FROM scans AS s
                            WHERE s.store_id = $1 AND s.task_id = t.id AND s.outcome = 'applied'
                              AND s.kind IN ('look', 'miss', 'item') AND s.place IS NOT NULL
                            GROUP BY s.line) AS k ON k.line = l.line
                     WHERE l.store_id = $1 AND l.task_id = t.id) AS w) AS lines
      FROM pick_tasks AS t
     WHERE t.store_id = $1 AND t.id = ANY (ARRAY(
               SELECT $2::uuid UNION
               SELECT m.id FROM pick_tasks AS o
                 JOIN pick_tasks AS m ON m.store_id = $1 AND m.wave_id = o.wave_id
                WHERE o.store_id = $1 AND o.id = $2))
     ORDER BY t.tote, t.id
"""

Row = Mapping[str, Any]


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
    lines: Sequence[Row]

    def lines_of(self, task_id: TaskId) -> list[Row]:
        return [line for line in self.lines if line["task_id"] == task_id]

    @property
    def walking(self) -> list[Row]:
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
        """Return which order to put at a place now: tote by tote."""
        return self.held[0]

    @property
    def ids(self) -> list[TaskId]:
        return [TaskId(task["id"]) for task in self.held]

    @property
    def has_totes(self) -> bool:
        return any(task["tote"] is not None for task in self.held)

    def told(self, task: Record) -> dict[str, Any]:
        """Return what a screen says of the wave: whose tote it is, and how the others stand."""
        if task["wave_id"] is None:
            return {}
        held = {one["id"] for one in self.held}
        return {
            "tote": tote(task["tote"]),
            "together": [_order(one, is_held=one["id"] in held) for one in self.wave],
            "notice": _notice(self.wave),
        }


def _order(task: Record, *, is_held: bool) -> WaveOrder:
    done = task["state"] in {TaskState.STAGED, TaskState.DONE}
    picked = task["state"] == TaskState.PICKED
    return WaveOrder(
        task_id=outward(task["store_id"], task["id"]),
        number=task["number"],
        tote=tote(task["tote"]),
        state=("found" if picked else "walking") if is_held else "staged" if done else "gone",
    )


def _notice(wave: Sequence[Record]) -> str:
    return " ".join(
        wording.cancelled_beside(task["number"], tote_words(task))
        for task in wave
        if task["state"] == TaskState.CANCELLED
    )


_WAVES: Final = """
    SELECT store_id, id, number, state, assigned_to, device_id, wave_id, tote FROM pick_tasks
     WHERE store_id = $1 AND wave_id = ANY ($2::uuid[]) ORDER BY tote
"""


async def waves(
    tx: Tx, holder: Holder, ids: Collection[UUID]
) -> dict[UUID, tuple[list[WaveOrder], str]]:
    """Return the orders of some waves, the staged ones too, and what has happened to them."""
    found: dict[UUID, list[Record]] = {}
    for task in await tx.rows(_WAVES, holder.store_id, list(ids)) if ids else ():
        found.setdefault(task["wave_id"], []).append(task)
    return {
        wave_id: ([_order(one, is_held=_is_held(one, holder)) for one in wave], _notice(wave))
        for wave_id, wave in found.items()
    }


def _is_held(task: Record, holder: Holder) -> bool:
    hands = holder.associate_id, holder.device_id
    return (task["assigned_to"], task["device_id"]) == hands and task["state"] in WALKING


def tote(number: int) -> ToteOut:
    return ToteOut(number=number, color=TOTES[number].color, words=TOTES[number].words)


def tote_words(task: Record) -> str:
    """Return which tote an order's things go into; blank: there is only one."""
    return TOTES[task["tote"]].words if task["tote"] else ""


async def read(tx: Tx, task_id: TaskId, holder: Holder) -> Hand:
    """Return a task that whoever calls has locked, with its wave."""
    wave = await tx.rows(TASKS, holder.store_id, task_id)
    asked = next((task for task in wave if task["id"] == task_id), None)
    assert asked is not None, "whoever calls has locked it"
    lines = [
        {**line, "task_id": task["id"]}
        for task in sorted(wave, key=itemgetter("id"))
        for line in task["lines"] or ()
    ]
    return Hand(asked, wave, [task for task in wave if _is_held(task, holder)], lines)
