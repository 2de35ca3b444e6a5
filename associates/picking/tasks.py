"""Everything that can happen to one order's walk, but for who has it and for its scans.

``claims`` says who has it, ``recording`` what was scanned, and ``hand_overs`` and ``retractions``
how a staged order goes.

Import the module, not its names: ``tasks.open(tx, ...)``. Whoever opened the transaction commits.
Lock a task before its order, and the order before stock: scans come from the floor. Whoever changes
the lines of a walk writes the row of its task, too: so that row's version tells whether anything
about the walk has changed (``quick`` asks it).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from asyncpg import Record

from associates.bagging import bags
from associates.models import PickTask
from associates.picking import put_backs, scanlog
from associates.picking.scans import Heard, Line, Looks, TaskState
from associates.walking.wave import Odds
from bopis.kernel.database import Tx
from bopis.kernel.errors import NotFound
from bopis.kernel.ids import OrderId, Sku, StoreId, TaskId
from bopis.kernel.speech import phrase, t


class TaskUnknown(NotFound):
    title = phrase("There is no such task")


@dataclass(frozen=True, slots=True)
class Wanted:
    line: int
    sku: Sku
    name: str
    quantity: int


_OPEN: Final = """
    INSERT INTO pick_tasks (store_id, id, order_id, number, due_at, state, opened_at, slow_minutes,
                            is_at_risk)
    VALUES ($1, $2, $3, $4, $5, 'open', $6, $7, $8)
    ON CONFLICT (store_id, order_id) WHERE state NOT IN ('done', 'cancelled') DO NOTHING
"""

_ADD_LINES: Final = """
    INSERT INTO pick_lines (store_id, task_id, line, sku, name, asked)
    SELECT $1, $2, w.line, w.sku, w.name, w.asked
      FROM unnest($3::int[], $4::text[], $5::text[], $6::int[]) AS w (line, sku, name, asked)
"""

_LIVE: Final = """
    SELECT id FROM pick_tasks
     WHERE store_id = $1 AND order_id = $2 AND state NOT IN ('done', 'cancelled')
"""


async def open(  # noqa: A001 -- said as tasks.open
    tx: Tx,
    store_id: StoreId,
    order_id: OrderId,
    *,
    number: str,
    due_at: datetime,
    lines: Sequence[Wanted],
    odds: Odds | None = None,
) -> TaskId:
    """Put an order's walk on the list; opened again, it is the same one."""
    assert lines
    task_id = TaskId(tx.new_id())
    told = (odds.slow_minutes, odds.is_at_risk) if odds else (None, False)
    if not await tx.run(_OPEN, store_id, task_id, order_id, number, due_at, tx.now, *told):
        return TaskId(await tx.value(_LIVE, store_id, order_id))
    await tx.run(
        _ADD_LINES,
        store_id,
        task_id,
        [line.line for line in lines],
        [line.sku for line in lines],
        [line.name for line in lines],
        [line.quantity for line in lines],
    )
    return task_id


_LOCK: Final = "SELECT * FROM pick_tasks WHERE store_id = $1 AND id = $2 FOR UPDATE"


async def lock(tx: Tx, task_id: TaskId) -> PickTask:
    """Return a task of this store that nobody else can change until this transaction ends.

    Raises:
        TaskUnknown: There is none; another store's is none.
    """
    row = await tx.row(_LOCK, tx.store_id, task_id)
    if row is None:
        raise TaskUnknown(t("There is no such task in this store. Go back to the list."))
    return PickTask.of(row)


_LOCK_WAVE: Final = """
    SELECT * FROM pick_tasks
     WHERE store_id = $1 AND id = ANY (ARRAY(
               SELECT $2::uuid UNION
               SELECT m.id FROM pick_tasks AS o
                 JOIN pick_tasks AS m ON m.store_id = $1 AND m.wave_id = o.wave_id
                WHERE o.store_id = $1 AND o.id = $2))
     ORDER BY id FOR UPDATE
"""


async def lock_wave(tx: Tx, task_id: TaskId) -> tuple[PickTask, list[PickTask]]:
    """Lock a task and those that are walked together with it; return it, and the others.

    Raises:
        TaskUnknown: There is none; another store's is none.
    """
    found = [PickTask.of(row) for row in await tx.rows(_LOCK_WAVE, tx.store_id, task_id)]
    if all(one.id != task_id for one in found):
        raise TaskUnknown(t("There is no such task in this store. Go back to the list."))
    return apart(found, task_id)


def apart(found: Sequence[PickTask], task_id: TaskId) -> tuple[PickTask, list[PickTask]]:
    """Return a task, and those of the others that are still walked together with it."""
    task = next(one for one in found if one.id == task_id)
    if task.wave_id is None:  # they were parted while we waited
        return task, []
    others = [one for one in found if one is not task and one.wave_id == task.wave_id]
    return task, sorted(others, key=lambda one: one.tote or 0)


_OF_ORDER: Final = """
    SELECT * FROM pick_tasks WHERE store_id = $1 AND order_id = $2
     ORDER BY opened_at DESC, id DESC LIMIT 1 FOR UPDATE
"""


async def lock_latest(tx: Tx, store_id: StoreId, order_id: OrderId) -> PickTask | None:
    row = await tx.row(_OF_ORDER, store_id, order_id)
    return PickTask.of(row) if row is not None else None


KNOWN: Final = """
    SELECT l.line, l.sku, l.asked, l.found, l.short, k.looks,
           (SELECT jsonb_object_agg(g.gtin, g.quantity) FROM item_gtins AS g
             WHERE g.sku = l.sku) AS codes,
           e.kind, e.outcome, e.sku AS said_sku, e.line AS said_line, e.quantity, e.code,
           e.task_id
      FROM pick_lines AS l
      LEFT JOIN (
           SELECT s.line, jsonb_agg(to_jsonb(s.kind || s.place)
                                    ORDER BY s.received_at, s.device_seq) AS looks
             FROM scans AS s
            WHERE s.store_id = $1 AND s.task_id = $2 AND s.outcome = 'applied'
              AND s.kind IN ('look', 'miss', 'item') AND s.place IS NOT NULL
            GROUP BY s.line) AS k ON k.line = l.line
      LEFT JOIN scans AS e ON e.store_id = $1 AND e.id = $3
     WHERE l.store_id = $1 AND l.task_id = $2 ORDER BY l.line
"""
_NO_SCAN: Final = UUID(int=0)
"""Not NULL: a condition that can never hold makes the planner forget which store it is about."""


@dataclass(frozen=True, slots=True)
class Known:
    """What has to be known of a walk before a scan of it can be judged.

    Shapes:
        earlier: what we made of this very scan when it came before; None: it is new.
        codes: of the items of its lines, with how many units each holds.
    """

    earlier: Heard | None
    lines: list[Line]
    codes: Mapping[str, tuple[Sku, int]]


async def known(tx: Tx, task_id: TaskId, scan_id: UUID = _NO_SCAN) -> Known:
    """Return what is known of a locked walk, and of a scan that comes for it: in one look."""
    return known_of(await tx.rows(KNOWN, tx.store_id, task_id, scan_id))


def known_of(rows: Sequence[Record]) -> Known:
    """Return what rows of ``KNOWN`` say."""
    lines = [
        Line(
            line=row["line"],
            sku=Sku(row["sku"]),
            asked=row["asked"],
            found=row["found"],
            short=row["short"],
            looks=Looks.of(row["looks"] or ()),
        )
        for row in rows
    ]
    codes = {
        code: (Sku(row["sku"]), units)
        for row in rows
        for code, units in (row["codes"] or {}).items()
    }
    earlier = None
    if rows and rows[0]["kind"] is not None:
        earlier = scanlog.heard(rows[0], sku=rows[0]["said_sku"], line=rows[0]["said_line"])
    return Known(earlier, lines, codes)


@dataclass(frozen=True, slots=True)
class Locked:
    """A walk that nobody else can change until this transaction ends, and what is known of it.

    Shapes:
        others: walked together with it, locked as well.
    """

    task: PickTask
    others: list[PickTask]
    known: Known


async def locked(tx: Tx, task_id: TaskId, scan_id: UUID) -> Locked:
    """Lock a walk for a scan.

    What is known of it is read by a statement of its own: what is read beside a row that had to be
    waited for would be as old as the wait.

    Raises:
        TaskUnknown: There is none; another store's is none.
    """
    task, others = await lock_wave(tx, task_id)
    return Locked(task, others, await known(tx, task_id, scan_id))


async def lines(tx: Tx, task_id: TaskId) -> list[Line]:
    """Return the lines of a walk, each with where it was looked for."""
    return (await known(tx, task_id)).lines


def is_live(task: PickTask) -> bool:
    return task.state in {TaskState.OPEN, TaskState.CLAIMED, TaskState.PICKED}


_DUE: Final = """
    UPDATE pick_tasks SET due_at = $3
     WHERE store_id = $1 AND order_id = $2 AND state NOT IN ('done', 'cancelled')
"""


async def due(tx: Tx, store_id: StoreId, order_id: OrderId, due_at: datetime) -> None:
    """Move a walk in the list."""
    await tx.run(_DUE, store_id, order_id, due_at)


_END: Final = """
    UPDATE pick_tasks
       SET state = $3, ended_at = $4, lease_until = NULL
     WHERE store_id = $1 AND id = $2
"""


async def cancel(tx: Tx, store_id: StoreId, order_id: OrderId) -> dict[Sku, int]:
    """Stop an order's walk; return what was picked already, and now has to be put back."""
    task = await lock_latest(tx, store_id, order_id)
    if task is None or task.state in {TaskState.DONE, TaskState.CANCELLED}:
        return {}
    await tx.run(_END, store_id, task.id, TaskState.CANCELLED, tx.now)
    picked = await put_backs.open_all(tx, task)
    if not picked:
        await bags.empty(tx, store_id, order_id)
    return picked


async def expire(tx: Tx, store_id: StoreId, order_id: OrderId) -> dict[Sku, int]:
    """Take a staged order that nobody collected off its place; return what has to be put back."""
    return await cancel(tx, store_id, order_id)
