"""A *ready* that was wrong is taken back."""

from collections.abc import Mapping
from typing import Final

from associates.bagging import bags
from associates.events import PickRetracted
from associates.handheld.devices import Holder
from associates.models import PickTask
from associates.picking import scanlog, tasks
from associates.picking.scans import Heard, Said, ScanKind, ScanOutcome, TaskState
from associates.picking.tasks import TaskUnknown
from bopis.kernel.database import Tx
from bopis.kernel.ids import OrderId, Sku, StoreId
from bopis.kernel.speech import t

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
    task = await tasks.lock_latest(tx, store_id, order_id)
    if task is None:
        raise TaskUnknown(t("Nothing was picked for this order in this store."))
    if earlier := await scanlog.find(tx, said.scan_id):
        return earlier
    lost = {
        line: line.found if not missing else min(line.found, missing.get(line.sku, 0))
        for line in await tasks.lines(tx, task.id)
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
    task = await tasks.lock_latest(tx, store_id, order_id)
    if task is None or task.state is not TaskState.STAGED:
        return False
    await _disprove(tx, task, {line.line: line.found for line in await tasks.lines(tx, task.id)})
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
