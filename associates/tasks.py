"""Everything that can happen to one order's walk, but for the scans themselves (``recording``).

Import the module, not its names: ``tasks.open(tx, ...)``. Whoever opened the transaction commits.
Lock a task before its order, and the order before stock: scans come from the floor.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from associates import bags, put_backs, scanlog, walks
from associates.bag import Given
from associates.devices import Holder
from associates.events import PickHandedOver, PickRetracted, PickStarted
from associates.models import PickTask
from associates.scans import Heard, Line, Looks, Said, ScanKind, ScanOutcome, TaskState
from associates.wave import Odds
from associates.workload import Workload, workload
from bopis.kernel.clock import machine_clock
from bopis.kernel.database import Tx
from bopis.kernel.errors import NotFound
from bopis.kernel.ids import AssociateId, DeviceId, OrderId, Sku, StoreId, TaskId

NOTHING_SAID: Final = Given()
LEASE: Final = timedelta(minutes=10)
"""For how long a task stays with somebody of whom nothing is heard. Every scan renews it."""


class TaskUnknown(NotFound):
    title = "There is no such task"


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
        raise TaskUnknown("There is no such task in this store. Go back to the list.")
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
    task = next((one for one in found if one.id == task_id), None)
    if task is None:
        raise TaskUnknown("There is no such task in this store. Go back to the list.")
    others = [one for one in found if one is not task and one.wave_id == task.wave_id]
    return task, sorted(others, key=lambda one: one.tote or 0)


_OF_ORDER: Final = """
    SELECT * FROM pick_tasks WHERE store_id = $1 AND order_id = $2
     ORDER BY opened_at DESC, id DESC LIMIT 1 FOR UPDATE
"""


async def _lock_latest(tx: Tx, store_id: StoreId, order_id: OrderId) -> PickTask | None:
    row = await tx.row(_OF_ORDER, store_id, order_id)
    return PickTask.of(row) if row is not None else None


_LINES: Final = """
    SELECT l.line, l.sku, l.asked, l.found, l.short,
           (SELECT jsonb_agg(to_jsonb(s.kind || s.place) ORDER BY s.received_at, s.device_seq)
              FROM scans AS s
             WHERE s.store_id = $1 AND s.task_id = $2 AND s.line = l.line
               AND s.outcome = 'applied' AND s.kind IN ('look', 'miss', 'item')
               AND s.place IS NOT NULL) AS looks
      FROM pick_lines AS l
     WHERE l.store_id = $1 AND l.task_id = $2 ORDER BY l.line
"""


async def lines(tx: Tx, task_id: TaskId) -> list[Line]:
    """Return the lines of a walk, each with where it was looked for."""
    return [
        Line(
            line=row["line"],
            sku=Sku(row["sku"]),
            asked=row["asked"],
            found=row["found"],
            short=row["short"],
            looks=Looks.of(row["looks"] or ()),
        )
        for row in await tx.rows(_LINES, tx.store_id, task_id)
    ]


_CLAIM: Final = """
    UPDATE pick_tasks
       SET state = $3, assigned_to = $4, device_id = $5, lease_until = $6, fence = $7,
           started_at = coalesce(started_at, $8), wave_id = $9, tote = $10,
           claimed_at = CASE WHEN fence < $7 THEN $8 ELSE claimed_at END
     WHERE store_id = $1 AND id = $2
"""
_SETTLED: Final = """
    UPDATE take_overs SET answered_at = $3
     WHERE store_id = $1 AND task_id = $2 AND answered_at IS NULL
"""
_NAME: Final = "SELECT name FROM associates WHERE store_id = $1 AND id = $2"


async def claim(tx: Tx, task_id: TaskId, holder: Holder) -> str | None:
    """Take a task on, or carry on with it; return the name of who else has it, or None.

    Taking it on anew raises its fence: what another device still sends under the old one is kept,
    and changes nothing. Then it is a walk of its own, whatever it was walked with before. A task
    that is no longer to be picked is left as it is.
    """
    task = await lock(tx, task_id)
    if not is_live(task):
        return None
    if who := await held_by_other(tx, task, holder):
        return who
    if is_his(task, holder):
        await hand_to(tx, task, holder, task.fence, wave=(task.wave_id, task.tote))
    else:
        await hand_to(tx, task, holder, task.fence + 1)
        await walks.plan(tx, task.store_id, [task_id])
    await start(tx, [task])
    return None


async def take(tx: Tx, task_id: TaskId, said: Said, holder: Holder) -> Heard:
    """Take a task on as a handheld did that could not ask, if nobody else has taken it since.

    The device counts on a fence that is one above the one it knew, or on that one if the task was
    its own already; so what it did under it counts, or is superseded, as one.

    Raises:
        TaskUnknown: No such task in this store.
        ScanNumberUsed: The device's running number stands for something else.
    """
    task = await lock(tx, task_id)
    if earlier := await scanlog.find(tx, said.scan_id):
        return earlier
    outcome = ScanOutcome.APPLIED
    if not is_live(task):
        outcome = ScanOutcome.NOT_NOW
    elif task.fence != said.fence or await held_by_other(tx, task, holder):
        outcome = ScanOutcome.SUPERSEDED
    heard = Heard(said.kind, outcome)
    await scanlog.write(tx, holder, said, heard, task_id=task_id)
    if outcome is ScanOutcome.APPLIED:
        here = task.device_id == holder.device_id
        wave = (task.wave_id, task.tote) if here else None
        await hand_to(tx, task, holder, task.fence if here else task.fence + 1, wave=wave)
        if not here:
            await walks.plan(tx, task.store_id, [task_id])
        await start(tx, [task])
    return heard


def is_live(task: PickTask) -> bool:
    return task.state in {TaskState.OPEN, TaskState.CLAIMED, TaskState.PICKED}


def is_his(task: PickTask, holder: Holder) -> bool:
    return (task.assigned_to, task.device_id) == (holder.associate_id, holder.device_id)


async def held_by_other(tx: Tx, task: PickTask, holder: Holder) -> str | None:
    """Return who else has a task just now; None: nobody."""
    is_held = task.lease_until is not None and task.lease_until > machine_clock()
    if task.assigned_to in {None, holder.associate_id} or not is_held:
        return None
    return str(await tx.value(_NAME, tx.store_id, task.assigned_to))


async def hand_to(
    tx: Tx,
    task: PickTask,
    holder: Holder,
    fence: int,
    *,
    wave: tuple[UUID | None, int | None] | None = None,
) -> None:
    """Put a locked task into somebody's hands, and into their wave; who asked asks no more."""
    await tx.run(
        _CLAIM,
        tx.store_id,
        task.id,
        TaskState.CLAIMED if task.state is TaskState.OPEN else task.state,
        holder.associate_id,
        holder.device_id,
        machine_clock() + LEASE,
        fence,
        tx.now,
        *(wave or (None, None)),
    )
    if fence > task.fence > 0:
        await tx.run(_SETTLED, tx.store_id, task.id, tx.now)


async def start(tx: Tx, started: Iterable[PickTask]) -> None:
    """Say of tasks, as they were before, that somebody has begun; orders are locked by id."""
    for task in sorted(started, key=lambda one: one.order_id):
        if task.started_at is None:
            about = {"store_id": task.store_id, "order_id": task.order_id}
            await tx.emit(PickStarted(**about, task_id=TaskId(task.id)))


_EXPIRED_STORES: Final = """
    SELECT DISTINCT store_id FROM pick_tasks  /* fanout: lease expiry */
     WHERE state IN ('claimed', 'picked') AND lease_until <= $1 LIMIT 1000
"""
_RELEASE: Final = """
    UPDATE pick_tasks
       SET state = CASE state WHEN 'claimed' THEN 'open' ELSE state END,
           assigned_to = NULL, lease_until = NULL
     WHERE store_id = $1 AND state IN ('claimed', 'picked')
       AND (lease_until <= $2 OR assigned_to = $3)
"""


async def stores_with_expired_leases(tx: Tx) -> list[StoreId]:
    return [StoreId(row["store_id"]) for row in await tx.rows(_EXPIRED_STORES, machine_clock())]


async def release_expired(tx: Tx, store_id: StoreId) -> int:
    """Give back tasks of which nothing was heard; return how many.

    The device stays noted, and so does the fence: when it is heard of again before anybody else
    has taken the task, its scans count.
    """
    return await tx.run(_RELEASE, store_id, machine_clock(), None)


async def release(tx: Tx, store_id: StoreId, associate_id: AssociateId) -> None:
    """Give back what somebody has in hand, as if its lease had run out."""
    await tx.run(_RELEASE, store_id, machine_clock(), associate_id)


_PUT_AWAY: Final = """
    UPDATE pick_tasks
       SET state = CASE state WHEN 'claimed' THEN 'open' ELSE state END,
           assigned_to = NULL, lease_until = NULL
     WHERE store_id = $1 AND device_id = $2 AND state IN ('claimed', 'picked')
       AND assigned_to IS DISTINCT FROM $3
"""


async def put_away(
    tx: Tx, store_id: StoreId, device_id: DeviceId, *, but: AssociateId | None = None
) -> None:
    """Give back what was in hand on a device: whoever held it has signed out, and may be gone.

    What the device has not sent yet still counts, until somebody else takes the task.
    """
    await tx.run(_PUT_AWAY, store_id, device_id, but)


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
    task = await _lock_latest(tx, store_id, order_id)
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


_COLLECTED: Final = """
    UPDATE pick_tasks
       SET state = 'done', ended_at = $3, lease_until = NULL, collector = $4, id_looked = $5
     WHERE store_id = $1 AND id = $2
"""


async def hand_over(  # noqa: PLR0917 -- what, to whom, by whom, how: in the order one says it
    tx: Tx,
    store_id: StoreId,
    order_id: OrderId,
    said: Said,
    holder: Holder,
    given: Given = NOTHING_SAID,
) -> Heard:
    """Record that the shopper has it. The pickup code was checked by whoever calls.

    Where bags wear labels, each of them was scanned; a bag of another order stops the hand-over.

    Raises:
        TaskUnknown: The order has no task in this store.
        ScanNumberUsed: The device's running number stands for something else.
    """
    task = await _lock_latest(tx, store_id, order_id)
    if task is None:
        raise TaskUnknown("Nothing was picked for this order in this store.")
    if earlier := await scanlog.find(tx, said.scan_id):
        return earlier
    if task.state is not TaskState.STAGED:
        heard = Heard(ScanKind.HAND_OVER, ScanOutcome.NOT_NOW)
        await scanlog.write(tx, holder, said, heard, task_id=task.id)
        return heard
    found = sum(line.found for line in await lines(tx, task.id))
    outcome = await bags.give(tx, store_id, order_id, given, said.scan_id)
    is_done = outcome is ScanOutcome.APPLIED
    heard = Heard(ScanKind.HAND_OVER, outcome, quantity=found if is_done else 0)
    await scanlog.write(tx, holder, said, heard, task_id=task.id)
    if not is_done:
        return heard
    looked = given.looked or None
    await tx.run(_COLLECTED, store_id, task.id, tx.now, given.collector, looked)
    await tx.emit(
        PickHandedOver(store_id=store_id, order_id=order_id, task_id=task.id, scan_id=said.scan_id)
    )
    return heard


_REOPEN: Final = """
    UPDATE pick_tasks
       SET state = $3, fence = fence + 1, assigned_to = NULL, device_id = NULL, lease_until = NULL,
           staging_code = NULL, staged_at = NULL
     WHERE store_id = $1 AND id = $2
"""
_DISPROVE: Final = """
    WITH proofs AS (
        SELECT s.id, s.line, s.quantity, lost.quantity AS lost,
               sum(s.quantity) OVER newest - s.quantity AS newer
          FROM scans AS s
          JOIN unnest($3::int[], $4::int[]) AS lost (line, quantity) ON lost.line = s.line
         WHERE s.store_id = $1 AND s.task_id = $2 AND s.kind = 'item' AND s.outcome = 'applied'
        WINDOW newest AS (PARTITION BY s.line ORDER BY s.received_at DESC, s.device_seq DESC, s.id)
    )
    UPDATE scans SET outcome = 'undone'
      FROM proofs
     WHERE scans.store_id = $1 AND scans.id = proofs.id AND proofs.newer < proofs.lost
    RETURNING scans.line, scans.quantity
"""
_UNSTAGE: Final = """
    UPDATE scans SET outcome = 'undone'
     WHERE store_id = $1 AND task_id = $2 AND kind = 'stage' AND outcome = 'applied'
"""
_LOSE: Final = """
    UPDATE pick_lines AS l SET found = l.found - w.quantity
      FROM unnest($3::int[], $4::int[]) AS w (line, quantity)
     WHERE l.store_id = $1 AND l.task_id = $2 AND l.line = w.line
"""


async def retract(
    tx: Tx,
    store_id: StoreId,
    order_id: OrderId,
    said: Said,
    holder: Holder,
    *,
    missing: Mapping[Sku, int],
) -> Heard:
    """Take back a *ready* that was wrong: pick again what is missing, and stage everything anew.

    The scans that proved the missing units, newest first, and the scan of the place prove nothing
    any more. A scan is taken back whole: with the code of a case, more units than are missing.

    Shapes:
        missing: units that are not there; empty: the bag itself is not, so all of it. More than
            was found counts as all that was found.

    Raises:
        TaskUnknown: The order has no task in this store.
        ScanNumberUsed: The device's running number stands for something else.
    """
    task = await _lock_latest(tx, store_id, order_id)
    if task is None:
        raise TaskUnknown("Nothing was picked for this order in this store.")
    if earlier := await scanlog.find(tx, said.scan_id):
        return earlier
    lost = {
        line: line.found if not missing else min(line.found, missing.get(line.sku, 0))
        for line in await lines(tx, task.id)
    }
    if task.state is not TaskState.STAGED or not any(lost.values()):
        heard = Heard(ScanKind.RETRACT, ScanOutcome.NOT_NOW)
        await scanlog.write(tx, holder, said, heard, task_id=task.id)
        return heard
    gone = await _disprove(tx, task, {line.line: n for line, n in lost.items() if n > 0})
    if not missing:
        await bags.empty(tx, store_id, order_id)  # their labels hang on bags that nobody finds
    heard = Heard(ScanKind.RETRACT, ScanOutcome.APPLIED, quantity=sum(gone.values()))
    await scanlog.write(tx, holder, said, heard, task_id=task.id)
    units = {line.sku: gone[line.line] for line in lost if line.line in gone}
    await tx.emit(
        PickRetracted(
            store_id=store_id,
            order_id=order_id,
            task_id=task.id,
            missing=units if missing else {},
        )
    )
    return heard


async def disprove(tx: Tx, store_id: StoreId, order_id: OrderId) -> bool:
    """Take back a wrong *ready* on the word of a person without a handheld; return whether it was.

    Nothing was scanned, so nothing is in the log of scans: the fact's actor says whose word it is.
    """
    task = await _lock_latest(tx, store_id, order_id)
    if task is None or task.state is not TaskState.STAGED:
        return False
    await _disprove(tx, task, {line.line: line.found for line in await lines(tx, task.id)})
    await bags.empty(tx, store_id, order_id)
    await tx.emit(PickRetracted(store_id=store_id, order_id=order_id, task_id=task.id, missing={}))
    return True


async def _disprove(tx: Tx, task: PickTask, lost: Mapping[int, int]) -> dict[int, int]:
    rows = await tx.rows(
        _DISPROVE, task.store_id, task.id, list(lost), [lost[line] for line in lost]
    )
    gone: dict[int, int] = {}
    for row in rows:
        gone[row["line"]] = gone.get(row["line"], 0) + row["quantity"]
    await tx.run(_LOSE, task.store_id, task.id, list(gone), list(gone.values()))
    await tx.run(_REOPEN, task.store_id, task.id, TaskState.OPEN)
    await tx.run(_UNSTAGE, task.store_id, task.id)
    await bags.take_down(tx, task.store_id, task.order_id)
    return gone


__all__ = [
    "LEASE",
    "TaskUnknown",
    "Wanted",
    "Workload",
    "cancel",
    "claim",
    "disprove",
    "due",
    "expire",
    "hand_over",
    "hand_to",
    "held_by_other",
    "lines",
    "lock",
    "open",
    "put_away",
    "release",
    "release_expired",
    "retract",
    "stores_with_expired_leases",
    "take",
    "workload",
]
