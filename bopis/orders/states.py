"""The life of an order: which bucket each unit is in, and the one word that follows. Pure.

Quantities move, states are derived. Nobody types a status: ``roll_up`` reads it off the buckets,
and ``TRANSITIONS`` says which step from one word to the next can be meant. *Pick* is what an
associate does; *collect* is what a customer does. Being late is not a state, nor is being in
trouble or being on the way: those are overlays, and they can lie over any of them.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Final

from bopis.kernel.errors import Conflict


class Bucket(StrEnum):
    """Where a unit is. Every unit of a line is in exactly one of them."""

    RESERVED = "reserved"  # set aside in the books, still on a shelf
    PICKED = "picked"  # in a tote
    STAGED = "staged"  # at a place of the counter that was scanned
    HANDED_OVER = "handed_over"  # the customer has it
    SHORT = "short"  # could not be found, or not in a state to be sold; not settled yet
    SUBSTITUTED = "substituted"  # another line stands for it
    REROUTED = "rerouted"  # another order stands for it: at another store, or for the rest of this
    CANCELLED = "cancelled"  # will not be supplied
    EXPIRED = "expired"  # waited, and was never collected


_B: Final = Bucket

MOVES: Final[Mapping[tuple[Bucket, Bucket], str]] = {
    (_B.RESERVED, _B.PICKED): "found and scanned into a tote",
    (_B.PICKED, _B.RESERVED): "the pick was undone",
    (_B.PICKED, _B.STAGED): "put down at a scanned place",
    (_B.STAGED, _B.HANDED_OVER): "handed over against the pickup code",
    (_B.RESERVED, _B.SHORT): "not found, too few, or not fit to sell",
    (_B.SHORT, _B.RESERVED): "found later",
    (_B.SHORT, _B.SUBSTITUTED): "the customer took another item for it",
    (_B.SHORT, _B.REROUTED): "another store supplies it, as an order of its own",
    (_B.SHORT, _B.CANCELLED): "settled: it will not be supplied",
    (_B.RESERVED, _B.CANCELLED): "cancelled before it was picked",
    (_B.PICKED, _B.CANCELLED): "cancelled in the tote: to be put back",
    (_B.STAGED, _B.CANCELLED): "cancelled at the counter: to be put back",
    (_B.STAGED, _B.EXPIRED): "never collected: to be put back",
    (_B.STAGED, _B.PICKED): "ready was wrong: taken down from the counter",
    (_B.STAGED, _B.SHORT): "ready was wrong: it is not there",
    (_B.EXPIRED, _B.STAGED): "the customer asked for more time before it was put back",
    (_B.RESERVED, _B.REROUTED): "moved while it was on its shelf, as an order of its own",
    (_B.PICKED, _B.REROUTED): "moved when it was in the tote: to be put back",
    (_B.STAGED, _B.REROUTED): "moved when it was at the counter: to be put back",
    (_B.CANCELLED, _B.REROUTED): "refused here, and another store took it",
}
"""Every step a unit can take, and what brings it about."""

TO_DO: Final = frozenset({_B.RESERVED, _B.PICKED})
"""Units somebody still has to work on."""

LIVE: Final = TO_DO | {_B.STAGED}
"""Units the customer may still carry home."""

OPEN: Final = LIVE | {_B.SHORT}
"""Units that are not settled; an order with none of them is closed."""


class OrderState(StrEnum):
    ACCEPTED = "accepted"  # stock set aside; the promise is ours to keep
    PICKING = "picking"  # an associate has begun
    PARTIALLY_READY = "partially_ready"  # some of it is at the counter, some still to come
    READY_FOR_PICKUP = "ready_for_pickup"  # every unit that will come is at the counter
    PARTIALLY_PICKED_UP = "partially_picked_up"  # handed over in part; the rest is open
    PICKED_UP = "picked_up"  # handed over
    CANCELLED = "cancelled"  # ended before hand-over, by customer or store
    EXPIRED = "expired"  # never collected
    REJECTED = "rejected"  # the store refused before anybody picked
    REROUTED = "rerouted"  # all of it lives on as an order of another store


_S: Final = OrderState

TRANSITIONS: Final[Mapping[tuple[OrderState, OrderState], str]] = {
    (_S.ACCEPTED, _S.PICKING): "an associate begins",
    (_S.ACCEPTED, _S.REJECTED): "the store refuses",
    (_S.ACCEPTED, _S.CANCELLED): "cancelled",
    (_S.ACCEPTED, _S.REROUTED): "moved to another store",
    (_S.PICKING, _S.PARTIALLY_READY): "a first part is staged",
    (_S.PICKING, _S.READY_FOR_PICKUP): "the last unit that will come is staged",
    (_S.PICKING, _S.CANCELLED): "cancelled, or nothing of it was found",
    (
        _S.PICKING,
        _S.REROUTED,
    ): "moved to another store, which has what was not found here, or is sooner",
    (_S.PARTIALLY_READY, _S.READY_FOR_PICKUP): "the last unit that will come is staged",
    (_S.PARTIALLY_READY, _S.PICKING): "taken down from the counter",
    (_S.PARTIALLY_READY, _S.PARTIALLY_PICKED_UP): "the customer collects what is there",
    (_S.PARTIALLY_READY, _S.CANCELLED): "cancelled",
    (_S.PARTIALLY_READY, _S.REROUTED): "moved to another store",
    (_S.READY_FOR_PICKUP, _S.PICKED_UP): "the customer collects",
    (_S.READY_FOR_PICKUP, _S.PARTIALLY_PICKED_UP): "the customer collects a part",
    (_S.READY_FOR_PICKUP, _S.EXPIRED): "never collected",
    (_S.READY_FOR_PICKUP, _S.CANCELLED): "cancelled",
    (_S.READY_FOR_PICKUP, _S.PICKING): "ready was wrong: retracted, with a correction",
    (_S.READY_FOR_PICKUP, _S.PARTIALLY_READY): "ready was wrong in part, or a short item turned up",
    (_S.PARTIALLY_PICKED_UP, _S.PICKED_UP): "the rest is collected, cancelled or expired",
    (_S.EXPIRED, _S.READY_FOR_PICKUP): "the customer asked for more time before it was put back",
    (_S.REJECTED, _S.REROUTED): "another store took it",
}
"""Every step an order can take, and what brings it about. All else is refused, with a reason.

An order never changes its store: another store is another order, and this one says *rerouted*.
"""

FINAL: Final = frozenset(
    {_S.PICKED_UP, _S.CANCELLED, _S.EXPIRED, _S.REJECTED, _S.REROUTED},
)
"""Closed: no unit is open, nothing is owed but a put-back. Late scans are recorded, not applied."""

PROMISED: Final = frozenset({_S.ACCEPTED, _S.PICKING, _S.PARTIALLY_READY})
"""States in which the customer is waiting on our word."""

WAITING: Final = frozenset({_S.READY_FOR_PICKUP, _S.PARTIALLY_PICKED_UP})
"""States in which we are waiting for the customer."""


class Attention(StrEnum):
    """Who has to act before the order can go on. An overlay, not a state."""

    NONE = "none"
    AWAITING_SHOPPER_CHOICE = "awaiting_shopper_choice"
    AWAITING_TRANSFER = "awaiting_transfer"
    STAFF_NEEDED = "staff_needed"


class Arrival(StrEnum):
    """How near the customer is, in their own words. An overlay, not a state."""

    NONE = "none"
    ON_MY_WAY = "on_my_way"
    ARRIVED = "arrived"
    SERVED = "served"
    LEFT = "left"


class CancelReason(StrEnum):
    """Why units will not be supplied."""

    SHOPPER_REQUEST = "shopper_request"
    SHOPPER_REFUSED_AT_COUNTER = "shopper_refused_at_counter"
    NOT_FOUND = "not_found"
    RECALLED_OR_NOT_SELLABLE = "recalled_or_not_sellable"
    FEED_CONFLICT = "feed_conflict"  # the store never had it, by its own system's word
    STORE_CLOSED = "store_closed"
    OUTAGE = "outage"
    OVERLOAD = "overload"
    PAYMENT_FAILED = "payment_failed"
    FRAUD_HOLD = "fraud_hold"
    BASKET_INCOMPLETE = "basket_incomplete"  # another store could not take its part


BY_SHOPPER: Final = frozenset(
    {CancelReason.SHOPPER_REQUEST, CancelReason.SHOPPER_REFUSED_AT_COUNTER}
)
BY_SHOP: Final = frozenset({CancelReason.PAYMENT_FAILED, CancelReason.FRAUD_HOLD})

NOT_OURS: Final = BY_SHOPPER | BY_SHOP | {CancelReason.BASKET_INCOMPLETE}
"""Reasons that say nothing of whether this store would have kept its word."""

REFUSALS: Final = frozenset(
    {CancelReason.STORE_CLOSED, CancelReason.OUTAGE, CancelReason.OVERLOAD},
)
"""Reasons that are the store's: before anybody picked, the order is *rejected*, not cancelled."""


class IllegalTransition(Conflict):
    title = "The state of the order does not allow this"


def check(before: OrderState, after: OrderState) -> OrderState:
    """Return ``after``, if an order may go there from ``before``; staying is no step.

    Raises:
        IllegalTransition: The table has no such row.
    """
    if before != after and (before, after) not in TRANSITIONS:
        raise IllegalTransition(
            f"An order that is {before} cannot become {after}.", state=before, wanted=after
        )
    return after


def roll_up(
    lines: Iterable[Mapping[Bucket, int]], *, started: bool, refused: bool = False
) -> OrderState:
    """Return the one word for what the buckets say.

    A short unit keeps an order open but not waiting: what was found can be collected, and
    somebody still has to settle what was not.

    Shapes:
        lines: 1..200, each with at least one unit; a bucket that is left out is empty.
        started: an associate has begun, even if nothing has been found yet.
        refused: the store's own reason ended it; it only matters before ``started``.
    """
    units = dict.fromkeys(Bucket, 0)
    for line in lines:
        for bucket, quantity in line.items():
            units[bucket] += quantity
    if not any(units[bucket] for bucket in OPEN):
        return _closed(units, refused=refused and not started)
    if units[_B.HANDED_OVER]:
        return _S.PARTIALLY_PICKED_UP
    if units[_B.STAGED]:
        to_do = any(units[bucket] for bucket in TO_DO)
        return _S.PARTIALLY_READY if to_do else _S.READY_FOR_PICKUP
    if started or units[_B.PICKED] or units[_B.SHORT]:
        return _S.PICKING
    return _S.ACCEPTED


def _closed(units: Mapping[Bucket, int], *, refused: bool) -> OrderState:
    """Return how it ended: the best thing that became of any unit names the whole."""
    if units[_B.HANDED_OVER]:
        return _S.PICKED_UP
    if units[_B.EXPIRED]:
        return _S.EXPIRED
    if units[_B.REROUTED]:
        return _S.REROUTED
    return _S.REJECTED if refused else _S.CANCELLED
