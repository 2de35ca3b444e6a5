"""A staged order goes to its shopper."""

from typing import Final

from associates.bagging import bags
from associates.bagging.bag import Given
from associates.events import PickHandedOver
from associates.handheld.devices import Holder
from associates.picking import scanlog, tasks
from associates.picking.scans import Heard, Said, ScanKind, ScanOutcome, TaskState
from associates.picking.tasks import TaskUnknown
from bopis.kernel.database import Tx
from bopis.kernel.ids import OrderId, StoreId
from bopis.kernel.speech import t

NOTHING_SAID: Final = Given()

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
    task = await tasks.lock_latest(tx, store_id, order_id)
    if task is None:
        raise TaskUnknown(t("Nothing was picked for this order in this store."))
    if earlier := await scanlog.find(tx, said.scan_id):
        return earlier
    if task.state is not TaskState.STAGED:
        heard = Heard(ScanKind.HAND_OVER, ScanOutcome.NOT_NOW)
        await scanlog.write(tx, holder, said, heard, task_id=task.id)
        return heard
    found = sum(line.found for line in await tasks.lines(tx, task.id))
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
