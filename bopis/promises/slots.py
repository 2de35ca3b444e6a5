"""The slots of a store, with what is promised for each."""

from datetime import datetime, time, timedelta
from typing import Final

from bopis.kernel.database import Tx
from bopis.kernel.ids import StoreId
from bopis.promises.slot import Rate, Slot, fill, lay_out
from inventory import stores
from inventory.opening.hours import WeeklyHours

__all__ = ["Slot", "of"]

_RATES: Final = """
    SELECT weekday, opens, closes, minutes, capacity FROM store_slots WHERE store_id = $1
"""
_PROMISED: Final = """
    SELECT promised_at FROM orders
     WHERE store_id = $1 AND closed_at IS NULL AND first_ready_at IS NULL
       AND promised_at > $2 AND promised_at <= $3
     LIMIT 20000
"""


async def of(tx: Tx, store_id: StoreId, since: datetime, until: datetime) -> tuple[Slot, ...]:
    """Return the slots that touch a stretch of time, in order; () where the store gives none.

    A slot is taken by every order that is not ready yet and whose promise, as it stands now, ends
    in it: one that was ready early, or was cancelled, has made room.

    Raises:
        StoreUnknown: There is no such store.
    """
    rates = [
        Rate(
            WeeklyHours(
                row["weekday"],
                time.fromisoformat(row["opens"]),
                time.fromisoformat(row["closes"]),
            ),
            timedelta(minutes=row["minutes"]),
            row["capacity"],
        )
        for row in await tx.rows(_RATES, store_id)
    ]
    if not rates:
        return ()
    slots = lay_out(await stores.calendar(tx, store_id), rates, since, until)
    if not slots:
        return ()
    promised = await tx.rows(_PROMISED, store_id, slots[0].begins, slots[-1].ends)
    return tuple(fill(slots, [row["promised_at"] for row in promised]))
