"""An order as a whole: read it, hold it, end it.

Whoever changes units takes the order's task first, then the order, then stock, then messages:
handhelds begin at the task, so everybody does. What happens to its units while it is placed,
picked and collected is in ``placing``, ``picking`` and ``collecting``.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from associates.picking import tasks
from associates.walking.walk import effort
from bopis.kernel.database import Tx
from bopis.kernel.errors import Conflict, NotFound
from bopis.kernel.ids import OrderId, Sku, StoreId, outward
from bopis.orders import states
from bopis.orders.choices import cases
from bopis.orders.choices.choice import CaseState, Outcome
from bopis.orders.events import OrderCancelled
from bopis.orders.models import Order, OrderLine
from bopis.orders.states import FINAL, LIVE, MOVES, Attention, Bucket, CancelReason
from bopis.promises import promises
from bopis.promises.promise import PromiseStatus
from inventory import stock
from notifications import messages


class OrderUnknown(NotFound):
    title = "There is no such order"


class OrderClosed(Conflict):
    title = "The order has ended"


_GET: Final = "SELECT * FROM orders WHERE store_id = $1 AND id = $2"
_LOCK: Final = "SELECT * FROM orders WHERE store_id = $1 AND id = $2 FOR UPDATE"


async def get(tx: Tx, store_id: StoreId, order_id: OrderId) -> Order:
    """Return an order as it is now.

    Raises:
        OrderUnknown: There is none with this id in this store.
    """
    return _found(await tx.row(_GET, store_id, order_id), store_id, order_id)


async def lock(tx: Tx, store_id: StoreId, order_id: OrderId) -> Order:
    """Return an order that nobody else can change until this transaction ends.

    Raises:
        OrderUnknown: There is none with this id in this store.
    """
    return _found(await tx.row(_LOCK, store_id, order_id), store_id, order_id)


def _found(row: Any, store_id: StoreId, order_id: OrderId) -> Order:
    if row is None:
        shown = outward(store_id, order_id)
        raise OrderUnknown(f"No order has the id {shown}.", order_id=shown)
    return Order.of(row)


_LINES: Final = "SELECT * FROM order_lines WHERE store_id = $1 AND order_id = $2 ORDER BY line"


async def lines(tx: Tx, store_id: StoreId, order_id: OrderId) -> list[OrderLine]:
    return [OrderLine.of(row) for row in await tx.rows(_LINES, store_id, order_id)]


@dataclass(frozen=True, slots=True)
class Held:
    """An order and its lines, locked: what a change is worked out on before it is written."""

    order: Order
    lines: Sequence[OrderLine]

    def move(self, source: Bucket, target: Bucket, *, lines: Iterable[int] | None = None) -> int:
        """Move all units of a bucket, of some lines or of all; return how many there were."""
        chosen = None if lines is None else set(lines)
        return sum(
            move(line, source, target, getattr(line, source))
            for line in self.lines
            if chosen is None or line.line in chosen
        )

    def units(self, *buckets: Bucket) -> dict[Sku, int]:
        """Return how many units of each item are in any of these buckets; none are left out."""
        counted = {line.sku: sum(getattr(line, b) for b in buckets) for line in self.lines}
        return {sku: quantity for sku, quantity in counted.items() if quantity}

    def roll_up(self, *, refused: bool = False, moved: bool = False) -> None:
        """Read the order's state off its lines.

        Raises:
            IllegalTransition: No order may go from where it was to what its lines now say.
        """
        buckets = [{bucket: getattr(line, bucket) for bucket in Bucket} for line in self.lines]
        started = self.order.picking_since is not None
        state = states.roll_up(buckets, started=started, refused=refused, moved=moved)
        self.order.state = states.check(self.order.state, state)

    def close(self, now: datetime, reason: str) -> None:
        assert self.order.state in FINAL
        self.order.closed_at = now
        self.order.close_reason = reason
        self.order.next_update_due_at = None
        self.order.attention = Attention.NONE


def move(line: OrderLine, source: Bucket, target: Bucket, quantity: int) -> int:
    """Move units of a line from one bucket to another; return how many."""
    assert (source, target) in MOVES, f"{source} to {target}"
    assert 0 <= quantity <= getattr(line, source)
    setattr(line, source, getattr(line, source) - quantity)
    setattr(line, target, getattr(line, target) + quantity)
    return quantity


def take_down(held: Held) -> None:
    """Count what is at the counter as in hand: the rest does not come, and it is staged anew."""
    if held.order.state is states.OrderState.PARTIALLY_READY:
        held.move(Bucket.STAGED, Bucket.PICKED)


async def hold(tx: Tx, store_id: StoreId, order_id: OrderId) -> Held:
    """Lock an order and return it with its lines.

    Raises:
        OrderUnknown: There is none with this id in this store.
    """
    order = await lock(tx, store_id, order_id)
    return Held(order, await lines(tx, store_id, order_id))


_SAVE: Final = """
    UPDATE orders
       SET state = $3, version = version + $4, promise_version = $5, promised_at = $6,
           promise_status = $7, attention = $8, estimate_at = $9, p_late = $10,
           next_update_due_at = $11, picking_since = $12, ready_at = $13, first_ready_at = $14,
           hold_until = $15, closed_at = $16, close_reason = $17, staging_code = $18
     WHERE store_id = $1 AND id = $2
    RETURNING version
"""
_SAVE_LINES: Final = """
    UPDATE order_lines AS l
       SET reserved = n.reserved, picked = n.picked, staged = n.staged,
           handed_over = n.handed_over, short = n.short, substituted = n.substituted,
           rerouted = n.rerouted, cancelled = n.cancelled, expired = n.expired
      FROM unnest($3::int[], $4::int[], $5::int[], $6::int[], $7::int[], $8::int[], $9::int[],
                  $10::int[], $11::int[], $12::int[])
           AS n (line, reserved, picked, staged, handed_over, short, substituted, rerouted,
                 cancelled, expired)
     WHERE l.store_id = $1 AND l.order_id = $2 AND l.line = n.line
"""


async def save(tx: Tx, order: Order, *, seen: bool = True) -> None:
    """Write an order that is locked. ``seen``: a person could see the change, so pages follow."""
    order.version = await tx.value(
        _SAVE,
        order.store_id,
        order.id,
        order.state,
        int(seen),
        order.promise_version,
        order.promised_at,
        order.promise_status,
        order.attention,
        order.estimate_at,
        order.p_late,
        order.next_update_due_at,
        order.picking_since,
        order.ready_at,
        order.first_ready_at,
        order.hold_until,
        order.closed_at,
        order.close_reason,
        order.staging_code,
    )


async def save_held(tx: Tx, held: Held) -> None:
    """Write an order that is locked, and its lines."""
    await save(tx, held.order)
    columns = [[line.line for line in held.lines]]
    columns += [[getattr(line, bucket) for line in held.lines] for bucket in Bucket]
    await tx.run(_SAVE_LINES, held.order.store_id, held.order.id, *columns)


async def cancel(tx: Tx, store_id: StoreId, order_id: OrderId, *, reason: CancelReason) -> Order:
    """End an order before it is collected: everything it held is free again at once.

    Cancelling again changes nothing. What was picked already has to be put back first.

    Raises:
        OrderUnknown: There is none with this id in this store.
        OrderClosed: It was collected or has expired.
    """
    await tasks.cancel(tx, store_id, order_id)
    held = await hold(tx, store_id, order_id)
    order = held.order
    if order.state in {states.OrderState.CANCELLED, states.OrderState.REJECTED}:
        return order
    if order.state in FINAL:
        raise OrderClosed(f"Order {order.number} is {order.state}.", state=order.state)
    await end(tx, held, reason)
    return order


async def end(tx: Tx, held: Held, reason: CancelReason) -> None:
    """Cancel all that is still open of an order that is locked, and whose task is ended."""
    order = held.order
    picked = held.units(Bucket.PICKED, Bucket.STAGED)
    live = held.units(*LIVE)
    for bucket in (*LIVE, Bucket.SHORT):
        held.move(bucket, Bucket.CANCELLED)
    held.roll_up(refused=reason in states.REFUSALS)
    held.close(tx.now, reason)
    order.promise_status = judged(order, tx.now)
    if order.first_ready_at is None and reason not in states.NOT_OURS:
        await promises.give_up(
            tx, order.store_id, order.id, units=effort(line.ordered for line in held.lines)
        )
    if live:
        await stock.release(tx, order.store_id, order.id, live, picked=picked)
    await messages.withdraw(tx, order.store_id, order.id, reason="The order was cancelled.")
    await save_held(tx, held)
    await cases.end(tx, order, CaseState.WITHDRAWN, Outcome.CANCELLED)
    await tx.emit(
        OrderCancelled(
            store_id=order.store_id, order_id=order.id, version=order.version, reason=reason
        )
    )


def due(order: Order) -> datetime:
    """Return by when an open order is owed news."""
    assert order.next_update_due_at is not None
    return order.next_update_due_at


def judged(order: Order, now: datetime) -> PromiseStatus:
    """Return how our word stands after a change. A promise once moved does not become unmoved."""
    if order.promise_status in {PromiseStatus.MET, PromiseStatus.MISSED}:
        return order.promise_status
    if order.first_ready_at is None and now > order.promised_at:
        return PromiseStatus.MISSED
    return order.promise_status


_HISTORY: Final = """
    SELECT id, name, actor, payload, occurred_at FROM events
     WHERE store_id = $1 AND subject = $2 ORDER BY seq LIMIT 1000
"""


@dataclass(frozen=True, slots=True)
class Fact:
    id: UUID
    name: str
    actor: str
    payload: dict[str, Any]
    occurred_at: datetime


async def history(tx: Tx, store_id: StoreId, order_id: OrderId) -> list[Fact]:
    """Return everything that happened to an order, oldest first."""
    return [Fact(**row) for row in await tx.rows(_HISTORY, store_id, order_id)]


_BY_NUMBER: Final = """
    SELECT store_id, id FROM orders  /* fanout: an operator who knows only the number */
     WHERE number = $1 ORDER BY accepted_at DESC LIMIT 5
"""


async def find(tx: Tx, number: str) -> tuple[StoreId, OrderId]:
    """Return the newest order with this number, in whatever store: for people, never for programs.

    Raises:
        OrderUnknown: No order has this number.
    """
    row = await tx.row(_BY_NUMBER, number)
    if row is None:
        raise OrderUnknown(f"No order has the number {number}.", number=number)
    return StoreId(row["store_id"]), OrderId(row["id"])
