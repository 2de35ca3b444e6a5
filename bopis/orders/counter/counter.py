"""The counter: who stands there is known by the pickup code, and by nothing else.

A wrong code is an outcome, not an error; many of them on one handheld are somebody guessing.
"""

from collections import deque
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from associates.bagging import bag, bags, hand_overs
from associates.bagging.bag import Collector, Given
from associates.handheld.devices import Holder
from associates.picking import retractions, scanlog
from associates.picking.scans import Heard, Said, ScanOutcome
from bopis.kernel.clock import machine_clock
from bopis.kernel.database import Tx
from bopis.kernel.errors import TooMany
from bopis.kernel.ids import DeviceId, Sku, StoreId
from bopis.kernel.speech import phrase, t
from bopis.orders import numbers
from bopis.orders.models import Order
from bopis.orders.states import WAITING

WRONG_CODES: Final = 10
WITHIN: Final = timedelta(minutes=10)


class TooManyWrongCodes(TooMany):
    title = phrase("Too many wrong codes on this handheld")
    retry_after = 600


_BY_CODE: Final = """
    SELECT * FROM orders
     WHERE store_id = $1 AND (pickup_code = $2 OR other_code = $2) AND closed_at IS NULL
     ORDER BY pickup_code <> $2 LIMIT 1
"""


async def find(tx: Tx, store_id: StoreId, device_id: DeviceId, code: str) -> Order | None:
    """Return the open order with this code; or None, and one more mark against the handheld.

    What does not even read like a code is no guess: the bars of an item, say.

    Raises:
        TooManyWrongCodes: Ten wrong ones within ten minutes (machine clock), in this process.
    """
    marks = _marks(tx, device_id)
    if len(marks) >= WRONG_CODES:
        raise TooManyWrongCodes(
            t("Ten codes were wrong. Wait ten minutes, or look this one up on another handheld.")
        )
    meant = numbers.typed(code)
    if meant is None:
        return None
    row = await tx.row(_BY_CODE, store_id, meant)
    if row is None:
        marks.append(machine_clock())
        return None
    return Order.of(row)


def _marks(tx: Tx, device_id: DeviceId) -> deque[datetime]:
    marks: deque[datetime] = tx.memory.setdefault(("wrong codes", device_id), deque())
    since = machine_clock() - WITHIN
    while marks and marks[0] < since:
        marks.popleft()
    return marks


_GOODS: Final = """
    SELECT l.sku, coalesce(i.department, '') AS department
      FROM order_lines AS l LEFT JOIN items AS i ON i.sku = l.sku
     WHERE l.store_id = $1 AND l.order_id = $2 AND l.staged > 0
"""


async def look(tx: Tx, order: Order) -> str:
    """Return why an ID is to be looked at when an order is handed over; blank if it is not."""
    how = await bags.settings(tx, order.store_id)
    if how.look_over is None and not how.look_for:
        return ""
    rows = await tx.rows(_GOODS, order.store_id, order.id)
    goods = [(Sku(row["sku"]), row["department"]) for row in rows]
    return bag.must_look(order.total, goods, over=how.look_over, listed=how.look_for)


def is_others(order: Order, code: str) -> bool:
    """Tell whether a code is the one that the shopper gave to somebody else."""
    return order.other_code is not None and numbers.typed(code) == order.other_code


async def hand_over(  # noqa: PLR0917 -- against what, by whom, how: in the order one says it
    tx: Tx, code: str, said: Said, holder: Holder, given: Given, number: str | None = None
) -> tuple[Heard, Order | None]:
    """Give an order to whoever shows its code; said again, it is answered as it was.

    A bag that was not scanned, another order's bag, or an ID that nobody looked at stops it. So
    does the code of another order than that of this ``number``: it is a wrong one, too.

    Raises:
        TooManyWrongCodes: As in ``find``.
        ScanNumberUsed: The device's running number stands for something else.
    """
    order = await _meant(tx, code, said, holder, number)
    if not isinstance(order, Order):
        return order, None
    if not given.looked and order.state in WAITING and await look(tx, order):
        heard = Heard(said.kind, ScanOutcome.LOOK_FIRST)
        await scanlog.write(tx, holder, said, heard)
        return heard, order
    if is_others(order, code):
        given = replace(given, collector=Collector.OTHER)
    heard = await hand_overs.hand_over(tx, holder.store_id, order.id, said, holder, given)
    return heard, order


async def retract(
    tx: Tx, code: str, said: Said, holder: Holder, *, missing: Mapping[Sku, int]
) -> tuple[Heard, Order | None]:
    """Take back a *ready* that is not true: the bag, or part of what should be in it, is not there.

    Shapes:
        missing: units that are not there; empty: the bag itself is not.

    Raises:
        TooManyWrongCodes: As in ``find``.
        ScanNumberUsed: The device's running number stands for something else.
    """
    order = await _meant(tx, code, said, holder)
    if not isinstance(order, Order):
        return order, None
    heard = await retractions.retract(tx, holder.store_id, order.id, said, holder, missing=missing)
    return heard, order


async def _meant(
    tx: Tx, code: str, said: Said, holder: Holder, number: str | None = None
) -> Order | Heard:
    """Return the order that a code opens, or what there is to say where it opens none.

    The wrong code itself is not kept: it may be the right one of another store.
    """
    if earlier := await scanlog.find(tx, said.scan_id):
        return earlier
    order = await find(tx, holder.store_id, holder.device_id, code)
    if order is not None and number in {None, order.number}:
        return order
    heard = Heard(said.kind, ScanOutcome.UNKNOWN_CODE)
    await scanlog.write(tx, holder, said, heard)
    return heard
