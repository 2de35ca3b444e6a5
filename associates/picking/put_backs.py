"""Units that were picked and will not be collected: a duty until they are on their shelf again."""

from enum import StrEnum
from typing import Final
from uuid import UUID

from sqlmodel import col, select

from associates.bagging import bags
from associates.events import PutBackDone
from associates.handheld import reading
from associates.handheld.devices import Holder
from associates.models import PickTask, PutBackDuty
from associates.picking import pickings, scanlog
from associates.picking.scans import BagCode, Heard, ItemCode, Said, ScanKind, ScanOutcome, Stranger
from bopis.kernel.database import Tx
from bopis.kernel.errors import NotFound
from bopis.kernel.ids import OrderId, Sku, StoreId
from bopis.kernel.speech import phrase, t
from inventory import stock
from inventory.looking import counting


class DutyUnknown(NotFound):
    title = phrase("There is nothing to put back here")


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
_DONE: Final = """
    UPDATE put_back_duties
       SET back = back + $3, broken = broken + $4, lost = lost + $5,
           done_at = CASE WHEN back + $3 + broken + $4 + lost + $5 = quantity
                          THEN $6::timestamptz END
     WHERE store_id = $1 AND id = $2
"""
_ANY_LEFT: Final = """
    SELECT EXISTS (SELECT FROM put_back_duties
                    WHERE store_id = $1 AND order_id = $2 AND done_at IS NULL)
"""


class Rest(StrEnum):
    """What is with the units that do not go back now."""

    LATER = "later"  # they are still to be put back
    BROKEN = "broken"  # nobody will buy them
    LOST = "lost"  # they were not in the bag


def left(duty: PutBackDuty) -> int:
    """Return how many units are still to be put back."""
    return duty.quantity - duty.back - duty.broken - duty.lost


async def done(
    tx: Tx, duty_id: UUID, said: Said, holder: Holder, rest: Rest = Rest.LATER
) -> tuple[PutBackDuty, Heard]:
    """Take units back on their shelf: sellable again. What is with the others, is said by ``rest``.

    Without a code it is taken on the associate's word, and the log shows that nothing was scanned.

    Raises:
        DutyUnknown: This store has none with this id.
        ScanNumberUsed: The device's running number stands for something else.
    """
    row = await tx.row(_LOCK, holder.store_id, duty_id)
    if row is None:
        raise DutyUnknown(t("There is no such duty in this store. Go back to the list."))
    duty = PutBackDuty.of(row)
    if earlier := await scanlog.find(tx, said.scan_id):
        return duty, earlier
    heard = await _judge(tx, duty, said)
    await scanlog.write(tx, holder, said, heard)
    if heard.outcome is ScanOutcome.APPLIED:
        await _apply(tx, duty, heard.quantity, rest)
        if rest is Rest.LOST and left(duty) > heard.quantity:
            who, how = holder.associate_id, await pickings.of(tx, duty.store_id)
            await counting.taken_off(tx, duty.store_id, duty.sku, who, how.alone)
    return duty, heard


async def _apply(tx: Tx, duty: PutBackDuty, back: int, rest: Rest) -> None:
    others = left(duty) - back
    broken = others if rest is Rest.BROKEN else 0
    lost = others if rest is Rest.LOST else 0
    await tx.run(_DONE, duty.store_id, duty.id, back, broken, lost, tx.now)
    if back:
        await stock.put_back(tx, duty.store_id, duty.sku, back, duty.id)
    if broken or lost:
        await stock.not_put_back(
            tx, duty.store_id, duty.sku, broken or lost, duty.id, is_lost=lost > 0
        )
    order_id = OrderId(duty.order_id)
    if not await tx.value(_ANY_LEFT, duty.store_id, order_id):
        await bags.empty(tx, duty.store_id, order_id)
    await tx.emit(
        PutBackDone(
            store_id=duty.store_id,
            order_id=order_id,
            sku=duty.sku,
            quantity=back,
            broken=broken,
            lost=lost,
        )
    )


async def _judge(tx: Tx, duty: PutBackDuty, said: Said) -> Heard:
    kind, code = ScanKind.PUT_BACK, scanlog.legible(said.code)
    if duty.done_at is not None:
        return Heard(kind, ScanOutcome.NOT_NOW, code=code)
    wanted = left(duty) if said.quantity is None else min(said.quantity, left(duty))
    if not said.code:
        return Heard(kind, ScanOutcome.APPLIED, duty.sku, quantity=wanted)
    read = await reading.read(tx, said.code, known={duty.sku})
    if isinstance(read, ItemCode):
        if read.sku == duty.sku:
            return Heard(kind, ScanOutcome.APPLIED, duty.sku, quantity=wanted, code=code)
        return Heard(kind, ScanOutcome.WRONG_ITEM, read.sku, code=code)
    strange = isinstance(read, Stranger | BagCode)
    outcome = ScanOutcome.UNKNOWN_CODE if strange else ScanOutcome.NOT_A_CODE
    return Heard(kind, outcome, code=code)
