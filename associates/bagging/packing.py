"""How many bags an order is in: said once everything is found, before it is put down."""

from typing import Final

from associates.bagging import bags
from associates.handheld.devices import Holder
from associates.picking import claims, scanlog, tasks
from associates.picking.scans import Heard, Said, ScanKind, ScanOutcome, TaskState
from bopis.kernel.clock import machine_clock
from bopis.kernel.database import Tx
from bopis.kernel.ids import TaskId

_RENEW: Final = """
    UPDATE pick_tasks SET assigned_to = $3, lease_until = $4 WHERE store_id = $1 AND id = $2
"""


async def count(tx: Tx, task_id: TaskId, said: Said, holder: Holder, wanted: int) -> Heard:
    """Take in how many bags there are; said again with another number, the last word counts.

    Raises:
        TaskUnknown: No such task in this store.
        ScanNumberUsed: The device's running number stands for something else.
    """
    task = await tasks.lock(tx, task_id)
    if earlier := await scanlog.find(tx, said.scan_id):
        return earlier
    mine = task.fence == said.fence > 0 and task.device_id == holder.device_id
    if not mine:
        outcome = ScanOutcome.SUPERSEDED
    elif task.state is not TaskState.PICKED:
        outcome = ScanOutcome.NOT_NOW
    else:
        outcome = ScanOutcome.APPLIED
        await bags.count(tx, task, wanted, said.scan_id)
        until = machine_clock() + claims.LEASE
        await tx.run(_RENEW, task.store_id, task_id, holder.associate_id, until)
    heard = Heard(ScanKind.BAGS, outcome, quantity=wanted)
    await scanlog.write(tx, holder, said, heard, task_id=task_id)
    return heard
