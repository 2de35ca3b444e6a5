"""What follows when something has happened on the floor, and what the floor has to do next.

What a scan says moves units in the scan's own transaction. What is to be done comes later, by the
relay, and only if it is still true then. What shoppers are told is in ``telling``.
"""

from associates.events import (
    PickHandedOver,
    PickLineFound,
    PickLineShort,
    PickLineUndone,
    PickRetracted,
    PickStaged,
    PickStarted,
)
from associates.picking import tasks
from associates.picking.tasks import Wanted
from associates.walking.walk import effort
from bopis.kernel.database import Tx
from bopis.kernel.ids import Sku, StoreId
from bopis.orders import orders, picking
from bopis.orders.counter import arrivals, collecting
from bopis.orders.events import (
    OrderAccepted,
    OrderCancelled,
    OrderCollected,
    OrderExpired,
    OrderKept,
    OrderRerouted,
)
from bopis.orders.placing import likely
from bopis.orders.states import OrderState
from bopis.orders.watching import haste, rounds, watchdog
from inventory import stock, stores
from inventory.events import (
    StockConflictClosed,
    StockConflictDeepened,
    StockConflictOpened,
    StorePaused,
    StorePauseMoved,
    StoreResumed,
)

# From the floor: inline.


async def begin(tx: Tx, event: PickStarted) -> None:
    await picking.start(tx, event.store_id, event.order_id)


async def found(tx: Tx, event: PickLineFound) -> None:
    await picking.found(tx, event.store_id, event.order_id, event.line, event.quantity)


async def undone(tx: Tx, event: PickLineUndone) -> None:
    await picking.undone(
        tx,
        event.store_id,
        event.order_id,
        event.line,
        event.quantity,
        was_short=event.was_short,
    )


async def short(tx: Tx, event: PickLineShort) -> None:
    await picking.short(
        tx, event.store_id, event.order_id, event.line, event.quantity, reason=event.reason
    )


async def make_ready(tx: Tx, event: PickStaged) -> None:
    await picking.make_ready(
        tx,
        event.store_id,
        event.order_id,
        place=event.place,
        scans=[*event.proofs, event.scan_id],
    )


async def collect(tx: Tx, event: PickHandedOver) -> None:
    await collecting.collect(tx, event.store_id, event.order_id)


async def retract(tx: Tx, event: PickRetracted) -> None:
    await collecting.retract(tx, event.store_id, event.order_id, missing=event.missing)


# From the order: inline, for the screens that show who waits.


async def serve(tx: Tx, event: OrderCollected) -> None:
    await arrivals.serve(tx, event.store_id, event.order_id)


async def stop_waiting(tx: Tx, event: OrderCancelled | OrderExpired) -> None:
    await arrivals.leave(tx, event.store_id, event.order_id)


async def stop_waiting_if_moved(tx: Tx, event: OrderRerouted) -> None:
    """Whoever has moved a part of an order still comes for the rest."""
    if event.whole:
        await arrivals.leave(tx, event.store_id, event.order_id)


# To the floor: later.


async def open_task(tx: Tx, event: OrderAccepted) -> None:
    """Put the walk on the list, unless the order has ended before anybody could.

    Nobody walks for a part of a purchase as long as other stores may refuse theirs.
    """
    await _open_task(tx, event)


async def open_task_of_kept(tx: Tx, event: OrderKept) -> None:
    await _open_task(tx, event)


async def _open_task(tx: Tx, event: OrderAccepted | OrderKept) -> None:
    order = await orders.lock(tx, event.store_id, event.order_id)
    if order.state is not OrderState.ACCEPTED or order.awaits_basket:
        return
    lines = await orders.lines(tx, event.store_id, event.order_id)
    await likely.judge(tx, order, lines)
    await tasks.open(
        tx,
        event.store_id,
        event.order_id,
        number=order.number,
        due_at=await likely.task_due(tx, order),
        lines=[Wanted(line.line, line.sku, line.name, line.ordered) for line in lines],
        odds=haste.of_new(effort(line.ordered for line in lines), order.promise_status),
    )
    await arrivals.tell_floor(tx, event.store_id, event.order_id)  # who is here came before it


# From the feeds: later.


async def doubt(tx: Tx, event: StockConflictOpened) -> None:
    await _look_again(tx, event.store_id, event.sku)


async def doubt_more(tx: Tx, event: StockConflictDeepened) -> None:
    await _look_again(tx, event.store_id, event.sku)


async def trust_again(tx: Tx, event: StockConflictClosed) -> None:
    await _look_again(tx, event.store_id, event.sku)


async def _look_again(tx: Tx, store_id: StoreId, sku: Sku) -> None:
    """Do not wait for the next sweep: who holds some of it may be late by this, or no longer."""
    concerned = await stock.orders_concerned(tx, store_id, sku)
    await watchdog.look_again(tx, store_id, concerned)


# From the store's hours: later.


async def pause(tx: Tx, event: StorePaused) -> None:
    await _look_at_all(tx, event.store_id)


async def move_pause(tx: Tx, event: StorePauseMoved) -> None:
    await _look_at_all(tx, event.store_id)


async def resume(tx: Tx, event: StoreResumed) -> None:
    await _look_at_all(tx, event.store_id)


async def _look_at_all(tx: Tx, store_id: StoreId) -> None:
    """Have the next sweep look: every promise of the store may be broken by this, or saved.

    Not here and now: whoever hears that the store is shut also hears who else has it, and other
    stores cannot be asked in a transaction of this one. Whoever is waited for is not to find the
    doors shut on the last day.
    """
    stores.forget(tx, store_id)  # this process may not be the one in which they changed
    rounds.forget(tx, store_id)
    await collecting.keep_longer(tx, store_id)
