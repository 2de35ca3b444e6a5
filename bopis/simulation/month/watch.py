"""The sweep in memory: what ``orders.watching.watchdog`` does each minute, by the same looks."""

from datetime import datetime, timedelta
from typing import Final

from bopis.orders import events
from bopis.orders.choices.choice import CaseState, Outcome
from bopis.orders.states import PROMISED, WAITING, Attention, Bucket
from bopis.orders.watching import foresight
from bopis.orders.watching.looks import AHEAD, APOLOGIES, Look, glance
from bopis.orders.watching.sight import Known, Seen, Sight
from bopis.promises import promise, warning
from bopis.promises.outlook import Outlook, opens_at
from bopis.promises.promise import PromiseStatus
from bopis.simulation.month import asking, counter, unwarned
from bopis.simulation.month import desk as desks
from bopis.simulation.month.desk import B, C, Desk, M
from bopis.simulation.month.kept import Order, Standing
from inventory.opening import hours
from notifications.facts import DelayReason

AT_NIGHT: Final = timedelta(minutes=30)
"""How often a closed store is looked at, unless a word is due: nothing moves there."""


def sweep(desk: Desk, now: datetime) -> None:
    """Look at every open order of a store once, and say what has to be said."""
    for order in [o for o in desk.open.values() if o.state in WAITING]:
        _wait(desk, order, now)
    doubted = desk.doubted()
    for order in list(desk.open.values()):
        asking.due(desk, order, now, doubted=order.id in doubted)
    waited = [o for o in desk.open.values() if o.state in PROMISED]
    if not waited or not _matters(desk, waited, now):
        return
    outlook = desks.outlook(desk, now)
    sight = Sight(
        outlook,
        now,
        desk.experience.survival(),
        _known(desk, outlook, now),
        since=min(order.accepted_at for order in waited),
        until=max(order.promised_at for order in waited),
    )
    for order in waited:
        items, none_left = doubted.get(order.id, (0, ()))
        if none_left:
            asking.doubt(order, none_left, now)
        _missed(desk, order, outlook, now)
        if order.sum(B.RESERVED, B.PICKED, B.STAGED):
            desk.looked += 1
            seen = _seen(order, items)
            looked = glance(sight, seen)
            if unwarned.is_last_call(order, now):
                order.stood = Standing(seen.stage, sight.p_late(seen, sight.base(seen)))
            _expect(desk, order, sight, seen, now)
            if looked is not None:
                _act(desk, order, looked, now)


def _known(desk: Desk, outlook: Outlook, now: datetime) -> Known:
    """Return what is on record about the store, as ``foresight.known`` reads it."""
    planned = None
    if not outlook.pickers and outlook.orders_ahead:
        until = now + foresight.PLANNED
        spans = [(x.begins, x.ends) for x in desk.shifts if x.begins < until and x.ends > now]
        planned = spans or None
    return Known(desk.closures, planned, desk.down_since)


def _matters(desk: Desk, waited: list[Order], now: datetime) -> bool:
    if hours.is_open(desk.calendar, now) or now.minute % (AT_NIGHT.seconds // 60) == 0:
        return True
    return min(min(o.promised_at, o.next_due or o.promised_at) for o in waited) <= now + AHEAD


def _wait(desk: Desk, order: Order, now: datetime) -> None:
    if order.hold_until is None:
        return  # given up a second time, and not put down again yet
    assert order.next_due is not None
    if order.hold_until <= now:
        counter.expire(desk, order, now)
        asking.end(desk, order, now, CaseState.DEFAULTED, Outcome.WITHOUT)
    elif order.next_due <= now + AHEAD and order.next_due < order.hold_until:
        counter.remind(desk, order, now)


def _seen(order: Order, doubted: int) -> Seen:
    assert order.next_due is not None
    return Seen(
        id=order.id,  # type: ignore[arg-type]
        promised_at=order.promised_at,
        accepted_at=order.accepted_at,
        promise_version=len(order.promises),
        promise_status=order.status,
        attention=order.attention,
        p_late=order.p_late,
        next_update_due_at=order.next_due,
        begun_at=order.picking_since if order.first_ready_at is None else None,
        reserved=order.to_find,
        ordered=order.effort,
        short=order.sum(Bucket.SHORT),
        doubted=doubted,
        moved_by_doubt=order.moved_by_doubt,
    )


def _expect(desk: Desk, order: Order, sight: Sight, seen: Seen, now: datetime) -> None:
    """Keep what was expected of an order that has come to another stage, or long stayed in one."""
    cell = sight.cell(seen)
    was, order.cell = order.cell, cell
    if was is not None and (was.stage, was.elapsed) == (cell.stage, cell.elapsed):
        return
    if seen.promise_status is not PromiseStatus.MISSED:
        minutes = sight.passed(order.accepted_at)
        desk.experience.note(order, cell, sight.base(seen), minutes, now)


def _missed(desk: Desk, order: Order, outlook: Outlook, now: datetime) -> None:
    """Learn of a first promise that has passed: now, not when the late order is done."""
    first = order.promises[0].latest
    if order.first_ready_at is not None or first >= now or order.missed:
        return
    order.missed = True
    took = outlook.open_between(order.accepted_at, first)
    desk.experience.learn(order, took, None, now)


def _act(desk: Desk, order: Order, looked: Look, now: datetime) -> None:
    if looked.is_material:
        order.p_late, order.estimate_at = looked.p_late, looked.ready_by
        order.version += order.status is not looked.status or order.attention != looked.attention
        order.status, order.attention = looked.status, looked.attention
    if looked.is_foreseen or looked.begins_doubt:
        _signal(desk, order, looked, now)
    if looked.speak:
        _speak(desk, order, looked, now)
    elif looked.cleared or looked.news:
        _news(desk, order, now, cleared=looked.cleared)


def _signal(desk: Desk, order: Order, looked: Look, now: datetime) -> None:
    """Keep what a look said, once for each promise and each piece of evidence."""
    key, hot = (looked.seen.promise_version, looked.hard), looked.p_late >= looked.threshold
    if key in order.signals and (order.signals[key] or not hot):
        return
    order.signals[key] = hot
    desk.book.rows["delay_signals"].append(
        (desk.store_id, desk.book.ids(now), order.id, looked.seen.promise_version, now,
         looked.p_late, looked.threshold, looked.lead / timedelta(minutes=1), looked.hard)
    )  # fmt: skip


def _speak(desk: Desk, order: Order, looked: Look, now: datetime) -> None:
    """Move the promise and say so, as ``orders.update_estimate`` does: two apologies at most."""
    order.estimate_at, order.p_late = looked.ready_by, looked.p_late
    later = promise.revise(order.promised_at, looked.ready_by, now)
    if later is None or len(order.promises) > APOLOGIES:
        if later is not None:
            desks.ask_for_call(order, now)
            if order.attention is Attention.NONE:
                order.attention = Attention.STAFF_NEEDED
        if looked.p_late >= warning.LATE_AT and order.status is PromiseStatus.ON_TRACK:
            order.status = PromiseStatus.AT_RISK
        return
    before = order.promised_at
    desks.move_promise(desk, order, later, looked.reason, base=looked.base, now=now)
    order.moved_by_doubt = looked.reason is DelayReason.STOCK_CORRECTED
    desks.apologize(desk, order, looked.reason, p_late=looked.p_late, before=before, now=now)
    asking.delayed(desk, order, looked.reason, now)


def _news(desk: Desk, order: Order, now: datetime, *, cleared: bool) -> None:
    """It is time to write and there is nothing new, as ``orders.say_news`` does."""
    on_time = order.promised_at > now + AHEAD
    cleared = cleared and on_time
    believed = order.promised_at if on_time else now
    by = promise.next_news_by(believed, now, opens_at(desk.calendar, now))
    desks.owe(desk, order, by, now)
    if cleared:
        order.moved_by_doubt = False
    if not on_time and order.status not in {PromiseStatus.MET, PromiseStatus.MISSED}:
        order.status = PromiseStatus.MISSED if order.first_ready_at is None else order.status
    if not on_time and len(order.promises) > APOLOGIES:
        desks.ask_for_call(order, now)
    proof = desks.tell(
        desk, order, events.OrderNewsDue, now,
        promised_at=order.promised_at, next_update_due_at=by, still_on_time=on_time,
        cleared=cleared,
    )  # fmt: skip
    claims = [(C.NEWS_BY, by.isoformat(), [proof])]
    if on_time:
        claims.append((C.READY_BY, order.promised_at.isoformat(), [proof]))
    desks.say(desk, order, M.NEWS_DUE, claims, now)
