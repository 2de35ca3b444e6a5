"""A bag at the counter, in memory: ready, collected, called to mind, expired, or not there.

As ``picking.make_ready``, ``collecting`` and ``orders.cancel`` have it.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from associates.picking.scans import ScanKind, TaskState
from bopis.kernel.ids import OrderId
from bopis.orders import events
from bopis.orders.amends.credit import Incident
from bopis.orders.states import (
    BY_SHOP,
    BY_SHOPPER,
    FINAL,
    LIVE,
    WAITING,
    Attention,
    CancelReason,
)
from bopis.promises import predictor, promise
from bopis.promises.outlook import opens_at
from bopis.promises.promise import PromiseStatus
from bopis.simulation.month import desk as desks
from bopis.simulation.month.desk import B, C, Desk, M
from bopis.simulation.month.kept import Line, Order
from inventory.opening import hours
from notifications.facts import DelayReason


def ready(desk: Desk, order: Order, now: datetime) -> None:
    """The bag is at a scanned place: with its proof it is ready, and what is missing is asked."""
    desk.moved_at = now
    if order.state in FINAL:
        return
    place = desk.book.scan(order, ScanKind.STAGE, now, device=desk.device)
    for line in order.lines:
        line.move(B.PICKED, B.STAGED)
    order.task, order.staged_at, order.staging = TaskState.STAGED, now, "P1"
    order.roll_up()
    until = hours.last_closing_on_or_after(desk.calendar, now, desk.hold_days)
    order.hold_until = until or now + timedelta(days=desk.hold_days)
    order.ready_at = now
    desks.owe(desk, order, promise.next_reminder_by(order.hold_until, now), now)
    if order.first_ready_at is None:
        order.first_ready_at = now
        kept = promise.kept(order.promises[0].latest, now, now)
        order.status = kept or order.status
        _learn(desk, order, now)
    proof = desks.tell(
        desk, order, events.OrderReady, now,
        hold_until=order.hold_until, evidence=[*order.scans.values(), place],
    )  # fmt: skip
    claims = [(C.READY, now.isoformat(), [proof]),
              (C.HELD_UNTIL, order.hold_until.isoformat(), [proof])]  # fmt: skip
    desks.say(desk, order, M.ORDER_READY, claims, now)


def _learn(desk: Desk, order: Order, now: datetime) -> None:
    since = order.picking_since
    assert since is not None
    desk.experience.learn(
        order,
        hours.open_time_between(desk.calendar, order.accepted_at, now),
        hours.open_time_between(desk.calendar, since, now),
        now,
    )


def arrive(desk: Desk, order: Order, now: datetime) -> None:
    """Their customer is here, by their own word: as ``arrivals.say`` has it."""
    fact = events.CustomerArrived(
        store_id=desk.store_id, order_id=OrderId(order.id), version=order.version, was_ready=True
    )
    desk.book.arrived(order, fact, now)


def collect(desk: Desk, order: Order, now: datetime) -> None:
    if order.state not in WAITING:
        return
    for line in order.lines:
        line.move(B.STAGED, B.HANDED_OVER)
        line.move(B.SHORT, B.CANCELLED)
    order.roll_up()
    _close(desk, order, "collected", TaskState.DONE, now)
    proof = desks.tell(desk, order, events.OrderCollected, now)
    desks.say(desk, order, M.PICKED_UP, [(C.COLLECTED, now.isoformat(), [proof])], now)


def _close(desk: Desk, order: Order, reason: str, task: TaskState, now: datetime) -> None:
    assert order.state in FINAL
    order.closed_at, order.close_reason, order.next_due = now, reason, None
    order.attention = Attention.NONE
    order.task, order.task_ended_at = task, now
    del desk.open[order.id]
    desk.ended.append(order)


def expire(desk: Desk, order: Order, now: datetime) -> None:
    """Nobody came in time: it goes back on the shelf."""
    assert order.hold_until is not None
    for line in order.lines:
        line.move(B.STAGED, B.EXPIRED)
        line.move(B.SHORT, B.CANCELLED)
    order.roll_up()
    _close(desk, order, "no_show", TaskState.CANCELLED, now)
    proof = desks.tell(desk, order, events.OrderExpired, now)
    desks.say(
        desk, order, M.ORDER_EXPIRED, [(C.EXPIRED, order.hold_until.isoformat(), [proof])], now
    )


def remind(desk: Desk, order: Order, now: datetime) -> None:
    assert order.hold_until is not None
    proof = desks.tell(desk, order, events.OrderHoldEnding, now, hold_until=order.hold_until)
    desks.owe(desk, order, order.hold_until, now)
    desks.say(
        desk, order, M.PICKUP_REMINDER, [(C.HELD_UNTIL, order.hold_until.isoformat(), [proof])], now
    )


def cancel(desk: Desk, order: Order, reason: CancelReason, now: datetime) -> None:
    """End all that is still open of an order."""
    if order.promises[0].latest < now and order.first_ready_at is None:
        order.status = PromiseStatus.MISSED
    if reason not in BY_SHOPPER | BY_SHOP and order.first_ready_at is None:
        desk.experience.give_up(order, now)
    for line in order.lines:
        for bucket in (*sorted(LIVE), B.SHORT):
            line.move(bucket, B.CANCELLED)
    order.roll_up()
    _close(desk, order, reason, TaskState.CANCELLED, now)
    proof = desks.tell(desk, order, events.OrderCancelled, now, reason=reason)
    if reason not in BY_SHOPPER | BY_SHOP:
        desks.break_word(desk, order, Incident.CANCELLED, until=None, warned=False, now=now)
    desks.say(desk, order, M.ORDER_CANCELLED, [(C.CANCELLED, reason, [proof])], now)


def retract(desk: Desk, order: Order, missing: Sequence[Line], now: datetime) -> None:
    """It was called ready and is not: back to the floor, with a new time and a correction."""
    if order.state not in WAITING:
        return
    order.false_readies += 1
    for line in order.lines:
        line.move(B.STAGED, B.PICKED)
        line.asked = line.move(B.PICKED, B.RESERVED) if line in missing else 0
        line.found -= line.asked
    order.task, order.walker = TaskState.OPEN, None
    order.roll_up()
    order.ready_at = order.first_ready_at = order.hold_until = order.staging = None
    later = len(order.promises) > 1
    order.status = PromiseStatus.DELAYED if later else PromiseStatus.ON_TRACK
    seen = desks.outlook(desk, now)
    base = seen.of_order(order.to_find)
    share = predictor.confidence(len(order.promises) + 1)
    ready_by = order.estimate_at = seen.ready_by(base, now, share=share)
    new = promise.revise(order.promised_at, ready_by, now)
    if new is None:
        by = promise.next_news_by(order.promised_at, now, opens_at(desk.calendar, now))
        desks.owe(desk, order, by, now)
    else:
        desks.move_promise(desk, order, new, DelayReason.SEARCHING_ITEM, base=base, now=now)
    proof = desks.tell(
        desk, order, events.OrderRetracted, now,
        promised_at=order.promised_at, promise_version=len(order.promises),
    )  # fmt: skip
    desks.break_word(
        desk, order, Incident.NOT_READY, until=order.promised_at, warned=False, now=now
    )
    left = desks.say(
        desk,
        order,
        M.READY_WITHDRAWN,
        [(C.NOT_READY, "", [proof]), *desks.times(order, proof)],
        now,
    )
    if order.promises[-1].told_at is None:
        order.promises[-1].told_at = left
