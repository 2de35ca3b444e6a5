"""Who has a walk in hand, on which device, and for how long.

A fence is raised whenever a walk changes hands: what another device still sends is kept, and
changes nothing.
"""

from collections.abc import Iterable
from datetime import timedelta
from typing import Final
from uuid import UUID

from associates.events import PickStarted
from associates.handheld.devices import Holder
from associates.models import PickTask
from associates.picking import scanlog, tasks
from associates.picking.scans import Heard, Said, ScanOutcome, TaskState
from associates.walking import walks
from bopis.kernel.clock import machine_clock
from bopis.kernel.database import Tx
from bopis.kernel.ids import AssociateId, DeviceId, StoreId, TaskId

LEASE: Final = timedelta(minutes=10)
"""For how long a task stays with somebody of whom nothing is heard. Every scan renews it."""

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
    task = await tasks.lock(tx, task_id)
    if not tasks.is_live(task):
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
    task = await tasks.lock(tx, task_id)
    if earlier := await scanlog.find(tx, said.scan_id):
        return earlier
    outcome = ScanOutcome.APPLIED
    if not tasks.is_live(task):
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
