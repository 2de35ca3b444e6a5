"""One store's side of the line, in memory: what the verbs of orders do, by the same pure rules.

Each function here stands for a verb of the same name under ``bopis.orders``, takes the desk first,
as those take a ``tx``, and decides nothing by itself: offers, looks, revisions, questions and the
state of an order all come from the rules that those verbs ask.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from associates.crew.shifts import Shift
from associates.models import ShortReason
from associates.picking.scans import ScanKind, TaskState
from associates.walking.walk import HANDFUL
from bopis.kernel.ids import OrderId, StoreId
from bopis.orders import events, numbers
from bopis.orders.amends.apology import Said
from bopis.orders.amends.credit import Incident
from bopis.orders.states import (
    FINAL,
    LIVE,
    PROMISED,
    Bucket,
)
from bopis.promises import predictor, promise, promises
from bopis.promises.outlook import USUAL, Outlook, idle, opens_at
from bopis.promises.predictor import Worked
from bopis.promises.promise import PromiseStatus
from bopis.simulation.month import remedies
from bopis.simulation.month.kept import Book, Line, Order, Version
from bopis.simulation.month.learning import Experience
from inventory.opening import hours
from inventory.opening.hours import Calendar, Span
from notifications.facts import DelayReason
from notifications.models import ClaimKind, MessageKind

B: Final = Bucket
C: Final = ClaimKind
M: Final = MessageKind


@dataclass(slots=True)
class Desk:
    """What our tables hold of one store, and nothing of the truth behind it."""

    store_id: StoreId
    calendar: Calendar
    book: Book
    device: UUID
    hold_days: int
    floor: Callable[[datetime], int]
    """Who walks, as handhelds let us see it."""
    open: dict[UUID, Order] = field(default_factory=dict)
    """In order of acceptance."""
    ended: list[Order] = field(default_factory=list)
    experience: Experience = field(default_factory=Experience)
    moved_at: datetime | None = None
    doubted: Callable[[], Mapping[UUID, tuple[int, tuple[int, ...]]]] = dict
    heard: Callable[[Order, MessageKind, datetime], None] = lambda order, kind, at: None
    """The shopper reads what left."""
    shifts: Sequence[Shift] = ()
    """What the store plans, if it gives a plan."""
    closures: tuple[Span, ...] = ()
    """For how long somebody has shut it."""
    down_since: datetime | None = None
    """Since when our own system was down until just now."""
    looked: int = 0


def shut(desk: Desk, until: datetime, now: datetime) -> None:
    """Somebody shuts the store for a while: its calendar knows at once."""
    desk.closures = (*desk.closures, (now, until))
    desk.calendar = replace(desk.calendar, closures=desk.closures)


def outlook(desk: Desk, now: datetime, *, to_offer: bool = False) -> Outlook:
    """Return what we know of the store now, as ``promises.outlook`` reads it from its tables."""
    before: dict[OrderId, tuple[int, int]] = {}
    units, since = 0, None
    walks = [o for o in desk.open.values() if o.task in {TaskState.OPEN, TaskState.CLAIMED}]
    for n, order in enumerate(sorted(walks, key=lambda o: (o.first.latest, o.task_id))):
        before[OrderId(order.id)] = (units, n)
        units += sum(min(x.asked, HANDFUL) for x in order.lines if x.units[B.RESERVED])
        since = min(since, order.accepted_at) if since else order.accepted_at
    paused = timedelta(0)
    if since is not None:
        paused = idle(desk.calendar, max(filter(None, (since, desk.moved_at))), now)
    experience = desk.experience
    seen = experience.lately(now)
    today = [one for one in seen if one.known_at >= now - promises.TODAY]
    worked = [Worked(one.units, x) for one in today if (x := one.pick_minutes) is not None]
    ahead = now + promises.PLANNED
    return Outlook(
        store_id=desk.store_id,
        calendar=desk.calendar,
        taken_at=now,
        orders_ahead=len(before),
        units_ahead=units,
        pickers=desk.floor(now),
        tempo=predictor.today(worked, USUAL),
        known=predictor.evidence([one.took for one in seen], experience.of_all.took),
        idle=paused,
        before=before,
        pickup=desk.calendar,
        quantile=experience.quantile(today),
        shifts=[x for x in desk.shifts if x.begins < ahead and x.ends > now] if to_offer else (),
    )


def accept(desk: Desk, now: datetime, reference: str, wanted: Iterable[tuple[str, int]]) -> Order:
    """Take an order: say by when, and that it is not ready yet."""
    lines = [Line.of(n, sku, ordered) for n, (sku, ordered) in enumerate(wanted, 1)]
    effort = sum(min(line.ordered, HANDFUL) for line in lines)
    offer = outlook(desk, now, to_offer=True).offer(effort, now)
    first = Version(
        1, offer.earliest, offer.latest, offer.confidence, offer.sample_size, offer.basis,
        offer.base_minutes, None, now, offer.kept, offer.hour, offer.promised_minutes,
    )  # fmt: skip
    ids = desk.book.ids
    made = ids(now)
    order = Order(
        id=made,
        task_id=ids(now),
        reference=reference,
        number=numbers.number(made),
        code=numbers.code(ids(now)),
        accepted_at=now,
        lines=lines,
        promises=[first],
        promised_at=first.latest,
        next_due=None,
        total=sum((price(line.sku) * line.ordered for line in lines), Decimal(0)),
    )
    owe(desk, order, promise.next_news_by(first.latest, now, opens_at(desk.calendar, now)), now)
    desk.open[made] = order
    proof = desk.book.fact(
        order, _fact(desk, order, events.OrderAccepted, promised_at=first.latest), now, "web"
    )
    claims = [(C.ACCEPTED, "", [proof]), *times(order, proof)]
    first.told_at = say(desk, order, M.ORDER_RECEIVED, claims, now)
    return order


def break_word(
    desk: Desk, order: Order, what: Incident, *, until: datetime | None, warned: bool, now: datetime
) -> bool:
    """Write down that we broke our word, and what it is worth; return whether to say sorry."""
    late = max(until - order.first.latest, timedelta(0)) if until else timedelta(0)
    incident = remedies.met(
        order.id, order.incidents, what, order_version=order.version, late=late, warned=warned,
        total=order.total, now=now,
    )  # fmt: skip
    order.incidents.append(incident)
    if incident.credit is not None:
        granted = _fact(
            desk, order, events.CreditGranted, incident=incident.number, tier=incident.tier,
            amount=incident.credit.amount, currency=incident.credit.currency,
        )  # fmt: skip
        desk.book.fact(order, granted, now)
    return incident.said is Said.APOLOGY


def ask_for_call(order: Order, now: datetime) -> None:
    """Words are used up: somebody has to call, once."""
    owed = remedies.call(order.incidents, order_version=order.version, now=now)
    if owed is not None:
        order.incidents.append(owed)


def price(sku: str) -> Decimal:
    """Return what an item costs: a number that its own number stands for."""
    return Decimal(2 + int(sku[1:]) * 7 % 23)


def owe(desk: Desk, order: Order, by: datetime, now: datetime) -> None:
    """Set by when an order is owed news."""
    order.next_due = by
    order.due.append((now, by))


def say(
    desk: Desk, order: Order, kind: MessageKind, claims: Iterable[Any], now: datetime
) -> datetime:
    left = desk.book.say(order, kind, claims, now)
    desk.heard(order, kind, left)
    return left


def _fact(
    desk: Desk, order: Order, kind: type[events.OrderFact], **values: Any
) -> events.OrderFact:
    return kind(store_id=desk.store_id, order_id=OrderId(order.id), version=order.version, **values)


def tell(
    desk: Desk, order: Order, kind: type[events.OrderFact], now: datetime, **values: Any
) -> UUID:
    """Change an order so that a person could see it, and write down why."""
    order.version += 1
    return desk.book.fact(order, _fact(desk, order, kind, **values), now)


def times(order: Order, proof: UUID) -> list[tuple[ClaimKind, str, list[UUID]]]:
    assert order.next_due is not None
    return [
        (C.READY_BY, order.promised_at.isoformat(), [proof]),
        (C.NEWS_BY, order.next_due.isoformat(), [proof]),
    ]


def begin(desk: Desk, order: Order, walker: UUID, now: datetime) -> bool:
    """Somebody takes the walk; False if it is not to be had any more."""
    if order.state not in PROMISED or order.task is not TaskState.OPEN:
        return False
    order.task, order.walker = TaskState.CLAIMED, walker
    order.started_at = order.started_at or now
    desk.moved_at = now
    if order.picking_since is None:
        order.picking_since = now
        order.roll_up()
        tell(desk, order, events.OrderPicking, now)
    return True


def found(desk: Desk, order: Order, line: Line, units: int, now: datetime) -> None:
    """Units are in a tote."""
    desk.moved_at = now
    if order.state in FINAL:
        return
    line.move(B.RESERVED, B.PICKED, units)
    line.found += units
    order.version += 1
    order.scans[line.line] = desk.book.scan(
        order, ScanKind.ITEM, now, device=desk.device, line=line, quantity=units
    )


def move_promise(
    desk: Desk, order: Order, to: datetime, reason: DelayReason, *, base: float, now: datetime
) -> None:
    """Make a later promise; where the doors are shut then, it is the next opening."""
    if not hours.is_open(desk.calendar, to):
        to = hours.next_opening(desk.calendar, to) or to
    last = order.promises[-1]
    number, sure = last.number + 1, predictor.confidence(last.number + 1)
    order.promises.append(
        Version(number, None, to, sure, last.sample_size, last.basis, base, reason, now)
    )
    order.promised_at, order.status = to, PromiseStatus.DELAYED
    owe(desk, order, promise.next_news_by(to, now, opens_at(desk.calendar, now)), now)


def apologize(
    desk: Desk, order: Order, reason: DelayReason, *, p_late: float, before: datetime, now: datetime
) -> None:
    """Say that the promise has moved."""
    proof = tell(
        desk, order, events.OrderDelayed, now,
        previously=before, promised_at=order.promised_at, promise_version=len(order.promises),
        reason=reason, p_late=p_late,
    )  # fmt: skip
    sorry = break_word(
        desk, order, Incident.LATE, until=order.promised_at, warned=now < before, now=now
    )
    claims = [(C.DELAY, before.isoformat(), [proof]), *times(order, proof)]
    claims += [(C.APOLOGY, reason, [proof])] if sorry else []
    order.promises[-1].told_at = say(desk, order, M.DELAY_APOLOGY, claims, now)


def short(
    desk: Desk, order: Order, line: Line, units: int, *, reason: ShortReason, now: datetime
) -> bool:
    """Units cannot be had; return whether anything is left to be walked for."""
    desk.moved_at = now
    if order.state in FINAL:
        return False
    line.move(B.RESERVED, B.SHORT, units)
    line.given_up += units
    line.reason = reason
    desk.book.scan(order, ScanKind.SHORT, now, device=desk.device, line=line, quantity=units)
    order.roll_up()
    return bool(order.sum(*LIVE))
