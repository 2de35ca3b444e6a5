"""What a month came to, counted from what the desks know: promises, words, questions. Pure.

The same figures are asked of the database by ``bopis.trust.report``; where both count a thing, both
must come to the same number, and a test says so.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from statistics import median
from typing import Final

from bopis.orders.choices.choice import Cause
from bopis.orders.states import OrderState
from bopis.promises import predictor
from bopis.simulation.month import unwarned
from bopis.simulation.month.kept import Order
from bopis.simulation.month.unwarned import Unwarned
from bopis.trust.intervals import wilson
from bopis.trust.silence import TOLERATED
from inventory.opening.hours import Span
from notifications.models import MessageKind

WINDOW: Final = 200
LEAST_WARNING: Final = timedelta(minutes=5)
TARGET: Final = predictor.CONFIDENCE
OWNING_UP: Final = frozenset(
    {MessageKind.DELAY_APOLOGY, MessageKind.READY_WITHDRAWN, MessageKind.ORDER_CANCELLED}
)
"""Words by which somebody hears that the first promise will not be kept."""
SHOPPERS_OWN: Final = frozenset({"shopper_request"})
_MINUTE: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Fate:
    """One promise that was due, and what became of it."""

    due_at: datetime
    kept: bool
    late: timedelta | None
    """How long after it the order was ready; None: in time, or never."""


@dataclass(frozen=True, slots=True)
class Figures:
    """A store's month, or the chain's.

    Units:
        worst: the smallest share of first promises kept in any 200 that came due one after another.
        low, high: of ``coverage``, the Wilson interval at 90 %.
        wait: minutes from order to first promise, and ``took`` to ready; medians.
        unwarned: late orders that were not warned, by where they stood; each counts once.
        beyond: of them those of which no observer of the same record could have warned.
        worst_days: the first and last day on which the promises of ``worst`` were due.
        false_alarms: orders that were ready by a promise that an apology had taken back.
        second: orders that were told of two delays.
        lead: minutes from the first word of a delay to the promise, of late orders; median.
        silent_by_outage: of the silent minutes those in which our own system was down.
    """

    name: str
    orders: int
    states: Mapping[str, int]
    due: int
    kept: int
    low: float
    high: float
    worst: float | None
    worst_days: tuple[date, date] | None
    late_half: float
    late_ninth: float
    wait: float
    took: float
    told: int
    warned: int
    unwarned: Mapping[str, Unwarned]
    beyond: int
    false_alarms: int
    second: int
    lead: float
    apologies: int
    said_ready: int
    false_ready: int
    silent_minutes: int
    silent_by_outage: int
    units: int
    found: int
    cases: Mapping[str, int]
    incidents: Mapping[str, int]
    credited: str
    calls: int

    @property
    def late(self) -> int:
        return self.due - self.kept

    @property
    def coverage(self) -> float:
        return self.kept / self.due if self.due else 1.0

    @property
    def warned_share(self) -> float:
        return self.warned / self.late if self.late else 1.0

    @property
    def most_warned(self) -> float:
        """Return what share any observer of the same record could have warned at the most."""
        return 1 - self.beyond / self.late if self.late else 1.0

    def per_hundred(self, count: int) -> float:
        return 100 * count / self.due if self.due else 0.0


def of(name: str, orders: Iterable[Order], outage: Span | None = None) -> Figures:
    """Count what became of some orders, all of which have ended.

    Shapes:
        outage: when our own system answered nobody, if it did.
    """
    ended = sorted(orders, key=lambda o: (o.promises[0].latest, o.id))
    due = [order for order in ended if counts(order)]
    late = [order for order in due if not fate(order).kept]
    minutes = sorted(f.late / _MINUTE for o in late if (f := fate(o)).late is not None)
    room = wilson(len(due) - len(late), len(due))
    cases = Counter(f"{c.cause} {c.state} {c.outcome}" for order in ended for c in order.cases)
    return Figures(
        name=name,
        orders=len(ended),
        states=dict(sorted(Counter(str(order.state) for order in ended).items())),
        due=len(due),
        kept=len(due) - len(late),
        low=room.low,
        high=room.high,
        worst=worst([fate(order).kept for order in due]),
        worst_days=_days_of_worst(due),
        late_half=rank(minutes, 0.5),
        late_ninth=rank(minutes, 0.9),
        wait=_middle((o.promises[0].latest - o.accepted_at) / _MINUTE for o in ended),
        took=_middle((o.ready_at - o.accepted_at) / _MINUTE for o in ended if o.ready_at),
        told=sum(told_at(order) is not None for order in late),
        warned=sum(is_warned(order) for order in late),
        unwarned=unwarned.counted((o for o in late if not is_warned(o)), outage),
        beyond=sum(unwarned.is_beyond(o, outage) for o in late if not is_warned(o)),
        false_alarms=sum(is_false_alarm(order) for order in due),
        second=sum(_apologies(order) > 1 for order in due),
        lead=_middle(
            (o.promises[0].latest - at) / _MINUTE for o in late if (at := told_at(o)) is not None
        ),
        apologies=sum(map(_apologies, ended)),
        said_ready=sum(_said(order, MessageKind.ORDER_READY) for order in ended),
        false_ready=sum(order.false_readies for order in ended),
        silent_minutes=sum((silence(order) for order in ended), timedelta()) // _MINUTE,
        silent_by_outage=sum((_by_outage(order, outage) for order in ended), timedelta())
        // _MINUTE,
        units=sum(line.ordered for order in ended for line in order.lines),
        found=sum(line.found for order in ended for line in order.lines),
        cases=dict(sorted(cases.items())),
        incidents=dict(sorted(Counter(str(x.what) for o in ended for x in o.incidents).items())),
        credited=str(
            sum((x.credit.amount for o in ended for x in o.incidents if x.credit), Decimal(0))
        ),
        calls=sum(x.needs_call for o in ended for x in o.incidents),
    )


def counts(order: Order) -> bool:
    """Say whether a promise counts: not one that its shopper called off before it was due."""
    return not (
        order.state is OrderState.CANCELLED
        and order.ready_at is None
        and order.close_reason in SHOPPERS_OWN
        and order.closed_at is not None
        and order.closed_at <= order.promises[0].latest
    )


def fate(order: Order) -> Fate:
    first, ready = order.promises[0].latest, order.first_ready_at
    late = ready - first if ready is not None and ready > first else None
    return Fate(first, kept=ready is not None and ready <= first, late=late)


def told_at(order: Order) -> datetime | None:
    """Return when somebody first heard that the first promise will not be kept.

    Whoever reads that an item is not there has heard it; that it is only doubted is no such news.
    """
    asked = [case.offered_at for case in order.cases if case.cause is Cause.NOT_THERE]
    since = min((at for at in asked if at is not None), default=None)
    return min(
        (
            at
            for kind, at in order.told
            if kind in OWNING_UP
            or (kind is MessageKind.CHOICE_NEEDED and since is not None and since <= at)
        ),
        default=None,
    )


def is_warned(order: Order) -> bool:
    at = told_at(order)
    return at is not None and at <= order.promises[0].latest - LEAST_WARNING


def _days_of_worst(due: Sequence[Order]) -> tuple[date, date] | None:
    if len(due) < WINDOW:
        return None
    counted = rolling([fate(order).kept for order in due], WINDOW)
    first = counted.index(min(counted))
    ends = due[first], due[first + WINDOW - 1]
    return ends[0].promises[0].latest.date(), ends[1].promises[0].latest.date()


def is_false_alarm(order: Order) -> bool:
    """Say whether its shopper was told of a delay, and it was ready by its first promise."""
    return fate(order).kept and _apologies(order) > 0


def silence(order: Order) -> timedelta:
    """Return for how long an order was past the time at which we owed it a word."""
    return sum((until - since for since, until in _silences(order)), timedelta())


def _by_outage(order: Order, outage: Span | None) -> timedelta:
    """Return how much of it went by before our own system was there again and spoke."""
    if outage is None:
        return timedelta()
    down, up = outage[0], outage[1] + TOLERATED
    return sum(
        (
            min(until, up) - max(since, down)
            for since, until in _silences(order)
            if since < up and down < until
        ),
        timedelta(),
    )


def _silences(order: Order) -> list[Span]:
    found, end = [], order.closed_at
    assert end is not None
    said = [order.due[0][0], *sorted([*(at for _, at in order.told), *order.answered])]
    for n, word in enumerate(said):
        by = [due for at, due in order.due if at <= word][-1]
        until = min(said[n + 1] if n + 1 < len(said) else end, end)
        start = max(by, word)
        if until - start > TOLERATED:
            found.append((start, until))
    return found


def worst(kept: Sequence[bool], window: int = WINDOW) -> float | None:
    """Return the smallest share kept in any run of ``window``; None if there are not so many."""
    if len(kept) < window:
        return None
    return min(rolling(kept, window)) / window


def rolling(kept: Sequence[bool], window: int = WINDOW) -> list[int]:
    """Return how many were kept in each run of ``window``, the first run first."""
    held = sum(kept[:window])
    counted = [held]
    for gone, came in zip(kept, kept[window:], strict=False):
        held += came - gone
        counted.append(held)
    return counted


def rank(values: Sequence[float], share: float) -> float:
    return values[min(int(len(values) * share), len(values) - 1)] if values else 0.0


def _middle(values: Iterable[float]) -> float:
    found = list(values)
    return median(found) if found else 0.0


def _said(order: Order, kind: MessageKind) -> int:
    return sum(said == kind for said, _ in order.told)


def _apologies(order: Order) -> int:
    return _said(order, MessageKind.DELAY_APOLOGY)
