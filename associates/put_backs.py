"""Units that were picked and will not be collected: a duty until they are on their shelf again."""

from typing import Final
from uuid import UUID

from sqlmodel import col, select

from associates import reading, scanlog
from associates.devices import Holder
from associates.events import PutBackDone
from associates.models import PickTask, PutBackDuty
from associates.scans import Heard, ItemCode, Said, ScanKind, ScanOutcome, Stranger
from bopis.kernel.database import Tx
from bopis.kernel.errors import NotFound
from bopis.kernel.ids import OrderId, Sku, StoreId
from inventory import stock


class DutyUnknown(NotFound):
    title = "There is nothing to put back here"


_OPEN_ALL: Final = """
    SELECT line, sku, name, found FROM pick_lines
     WHERE store_id = $1 AND task_id = $2 AND found > 0 ORDER BY line
"""


async def open_all(tx: Tx, task: PickTask) -> dict[Sku, int]:
    """Make a duty for each line of a task that was picked in vain; return the units."""
    rows = await tx.rows(_OPEN_ALL, task.store_id, task.id)
    await tx.add(
        *(
            PutBackDuty(
                store_id=task.store_id,
                id=tx.new_id(),
                order_id=task.order_id,
                number=task.number,
                sku=Sku(row["sku"]),
                name=row["name"],
                quantity=row["found"],
                from_code=task.staging_code,
                opened_at=tx.now,
            )
            for row in rows
        )
    )
    picked: dict[Sku, int] = {}
    for row in rows:
        picked[Sku(row["sku"])] = picked.get(Sku(row["sku"]), 0) + row["found"]
    return picked


async def listed(tx: Tx, store_id: StoreId, *, limit: int = 50) -> list[PutBackDuty]:
    """Return what is still to be put back, oldest first."""
    query = (
        select(PutBackDuty)
        .where(col(PutBackDuty.store_id) == store_id, col(PutBackDuty.done_at).is_(None))
        .order_by(col(PutBackDuty.opened_at), col(PutBackDuty.id))
        .limit(limit)
    )
    return await tx.select(query)


_LOCK: Final = "SELECT * FROM put_back_duties WHERE store_id = $1 AND id = $2 FOR UPDATE"
_DONE: Final = "UPDATE put_back_duties SET done_at = $3 WHERE store_id = $1 AND id = $2"


async def done(tx: Tx, duty_id: UUID, said: Said, holder: Holder) -> tuple[PutBackDuty, Heard]:
    """Take units back on their shelf: sellable again.

    Without a code it is taken on the associate's word, and the log shows that nothing was scanned.

    Raises:
        DutyUnknown: This store has none with this id.
        ScanNumberUsed: The device's running number stands for something else.
    """
    row = await tx.row(_LOCK, holder.store_id, duty_id)
    if row is None:
        raise DutyUnknown("There is no such duty in this store. Go back to the list.")
    duty = PutBackDuty.of(row)
    if earlier := await scanlog.find(tx, said.scan_id):
        return duty, earlier
    heard = await _judge(tx, duty, said)
    await scanlog.write(tx, holder, said, heard)
    if heard.outcome is ScanOutcome.APPLIED:
        await tx.run(_DONE, duty.store_id, duty.id, tx.now)
        await stock.put_back(tx, duty.store_id, duty.sku, duty.quantity, duty.id)
        await tx.emit(
            PutBackDone(
                store_id=duty.store_id,
                order_id=OrderId(duty.order_id),
                sku=duty.sku,
                quantity=duty.quantity,
            )
        )
    return duty, heard


async def _judge(tx: Tx, duty: PutBackDuty, said: Said) -> Heard:
    kind, code = ScanKind.PUT_BACK, scanlog.legible(said.code)
    if duty.done_at is not None:
        return Heard(kind, ScanOutcome.NOT_NOW, code=code)
    if not said.code:
        return Heard(kind, ScanOutcome.APPLIED, duty.sku, quantity=duty.quantity)
    read = await reading.read(tx, said.code, known={duty.sku})
    if isinstance(read, ItemCode):
        if read.sku == duty.sku:
            return Heard(kind, ScanOutcome.APPLIED, duty.sku, quantity=duty.quantity, code=code)
        return Heard(kind, ScanOutcome.WRONG_ITEM, read.sku, code=code)
    strange = isinstance(read, Stranger)
    outcome = ScanOutcome.UNKNOWN_CODE if strange else ScanOutcome.NOT_A_CODE
    return Heard(kind, outcome, code=code)
