"""What a look at open orders is held against: a store's record, and what we expected."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from associates.crew import shifts
from bopis.kernel.database import Tx
from bopis.kernel.ids import OrderId
from bopis.orders.watching.sight import Known, Seen, Sight
from bopis.promises import survivals
from bopis.promises.outlook import Outlook
from bopis.promises.promise import PromiseStatus
from bopis.promises.survival import Cell
from bopis.promises.survivals import Expected

PLANNED: Final = timedelta(days=2)
"""How far ahead a plan of shifts is read, where nobody is there."""
SOME: Final = 200
"""Orders that are no longer open, and of which a process still remembers where they stood."""


async def known(tx: Tx, outlook: Outlook, down: datetime | None) -> Known:
    """Return what is on record about a store; its plan only where nobody is there to be seen."""
    planned = None
    if not outlook.pickers and outlook.orders_ahead:
        ahead = await shifts.planned(tx, outlook.store_id, tx.now, tx.now + PLANNED)
        planned = [(one.begins, one.ends) for one in ahead if one.people] if ahead else None
    return Known(outlook.calendar.closures, planned, down)


async def expect(tx: Tx, sight: Sight, seen: Sequence[Seen]) -> None:
    """Keep what was expected of orders that have come to another stage, or long stayed in one."""
    key = ("expected", sight.outlook.store_id)
    before: dict[OrderId, Cell] = tx.memory.get(key, {})
    cells = {one.id: sight.cell(one) for one in seen}
    new = [one for one in seen if _moved(before.get(one.id), cells[one.id])]
    await survivals.note(
        tx,
        sight.outlook.store_id,
        [
            Expected(one.id, cells[one.id], sight.base(one), sight.passed(one.accepted_at))
            for one in new
            if one.promise_status is not PromiseStatus.MISSED
        ],
    )
    tx.memory[key] = {**before, **cells} if len(before) < 2 * len(cells) + SOME else cells


def _moved(before: Cell | None, after: Cell) -> bool:
    return before is None or (before.stage, before.elapsed) != (after.stage, after.elapsed)
