"""Late orders of which nobody was warned: where they stood when a warning could last leave. Pure.

Not all of them can be warned of. Somebody whose order was called ready, and was not, hears of it at
the counter; and while our own system is down no word can leave. What is left out of account by this
is no more than that: any observer of the same record, however clever, is bound by it as we are.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from bopis.promises.warning import LAST_CALL, LEAST_LEAD
from bopis.simulation.month.kept import Order, Standing
from inventory.opening.hours import Span
from notifications.models import MessageKind

CALLED_READY: Final = "had been called ready, and were not"
DOWN: Final = "were due while our own system was down"
SHORT: Final = "lacked an item that somebody had looked for"
UNSEEN: Final = "were not looked at before"


@dataclass(frozen=True, slots=True)
class Unwarned:
    """Some late orders that stood alike.

    Units:
        least, most: of 100 that they would be late, by our last look that could have warned.
    """

    orders: int
    least: float | None = None
    most: float | None = None


def is_last_call(order: Order, now: datetime) -> bool:
    """Say whether this look is the last that can warn of the first promise."""
    return len(order.promises) == 1 and (
        LEAST_LEAD < order.first.latest - now <= LEAST_LEAD + LAST_CALL
    )


def where(order: Order, outage: Span | None) -> str:
    """Return where an order stood when a warning could last leave."""
    if is_beyond(order, outage):
        return CALLED_READY if _was_called_ready(order) else DOWN
    if any(
        case.opened_at < order.first.latest for case in order.cases if case.cause == "not_there"
    ):
        return SHORT
    return UNSEEN if order.stood is None else _STAGES[order.stood.stage]


_STAGES: Final[Mapping[str, str]] = {
    "waiting": "waited for somebody",
    "still": "waited on a floor that stood still",
    "walking": "were being walked for",
    "searching": "were being searched for",
    "picked": "were in a tote, on the way to the counter",
}


def is_beyond(order: Order, outage: Span | None) -> bool:
    """Say whether no observer of the same record could have warned of a late order."""
    if _was_called_ready(order):
        return True
    last = order.first.latest - LEAST_LEAD
    return outage is not None and outage[0] <= last < outage[1]


def _was_called_ready(order: Order) -> bool:
    """Say whether by the record all was well when a warning could last leave, and at the promise.

    Whoever was told before that it is not ready was warned.
    """
    until, last = order.first.latest, order.first.latest - LEAST_LEAD
    ready = [at for kind, at in order.told if kind == MessageKind.ORDER_READY and at <= until]
    taken_back = [
        at for kind, at in order.told if kind == MessageKind.READY_WITHDRAWN and at <= last
    ]
    return len(ready) > len(taken_back)


def counted(orders: Iterable[Order], outage: Span | None) -> dict[str, Unwarned]:
    """Return where some late orders stood that nobody was warned of."""
    found: dict[str, list[Standing | None]] = defaultdict(list)
    for order in orders:
        found[where(order, outage)].append(order.stood)
    return {what: _alike(stood) for what, stood in sorted(found.items())}


def _alike(stood: list[Standing | None]) -> Unwarned:
    odds = [round(100 * one.odds, 1) for one in stood if one is not None]
    return Unwarned(len(stood), min(odds, default=None), max(odds, default=None))
