"""``docs/states.md``: the tables of ``states``, written out for people. Pure.

``python -m bopis.orders.statebook > docs/states.md`` brings the page up to date.
"""

import sys
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Final

from bopis.orders.states import (
    FINAL,
    MOVES,
    PROMISED,
    TRANSITIONS,
    Attention,
    Bucket,
    CancelReason,
    OrderState,
)
from bopis.promises.promise import PromiseStatus

_HEAD: Final = """\
# The life of an order

Generated from `bopis/orders/states.py` by `python -m bopis.orders.statebook`; a test keeps it
current.

Quantities move, states are derived: every unit of a line is in one bucket, and the order's state
is read off the buckets of all its lines. Whatever is not in these tables is refused.
"""

_ELSEWHERE: Final[Mapping[OrderState, tuple[str, str, str, str]]] = {
    OrderState.ACCEPTED: ("OrderProcessing", "processing", "RESERVED", "unfulfilled"),
    OrderState.PICKING: ("OrderProcessing", "processing", "RESERVED", "in progress"),
    OrderState.PARTIALLY_READY: ("OrderProblem", "processing", "none", "prepared, in part"),
    OrderState.READY_FOR_PICKUP: (
        "OrderPickupAvailable",
        "readyForPickup",
        "PREPARED",
        "prepared for pickup",
    ),
    OrderState.PARTIALLY_PICKED_UP: ("OrderPickupAvailable", "readyForPickup", "PREPARED", "none"),
    OrderState.PICKED_UP: ("OrderDelivered", "pickedUp", "COMPLETED", "fulfilled"),
    OrderState.CANCELLED: ("OrderCancelled", "cancelled", "CANCELED", "cancelled"),
    OrderState.EXPIRED: ("OrderCancelled", "cancelled", "CANCELED", "cancelled"),
    OrderState.REJECTED: ("OrderCancelled", "cancelled", "FAILED", "rejected"),
    OrderState.REROUTED: ("OrderProcessing", "processing", "CANCELED", "moved"),
}
"""Our words in those of schema.org, Apple Wallet, Square, Shopify; "none" if they lack one."""


def page() -> str:
    """Return the whole page."""
    return "\n".join((_HEAD, *_states(), *_transitions(), *_moves(), *_overlays(), *_elsewhere()))


def _states() -> Iterable[str]:
    yield "## States\n"
    for state in OrderState:
        who = "closed" if state in FINAL else "the customer waits for us"
        if state not in FINAL | PROMISED:
            who = "we wait for the customer"
        yield f"- `{state}`: {who}"
    yield ""


def _transitions() -> Iterable[str]:
    yield "## From state to state\n"
    yield from _table(
        ("from", "to", "what brings it about"),
        ((f"`{a}`", f"`{b}`", why) for (a, b), why in TRANSITIONS.items()),
    )


def _moves() -> Iterable[str]:
    yield "## From bucket to bucket\n"
    yield f"`ordered = {' + '.join(Bucket)}`, always.\n"
    yield from _table(
        ("from", "to", "what brings it about"),
        ((f"`{a}`", f"`{b}`", why) for (a, b), why in MOVES.items()),
    )


def _overlays() -> Iterable[str]:
    yield "## Overlays and reasons\n"
    yield _one_of("The promise is", PromiseStatus)
    yield _one_of("Attention is", Attention)
    yield _one_of("Units are cancelled because of", CancelReason)
    yield ""


def _elsewhere() -> Iterable[str]:
    yield "## In other systems' words\n"
    yield from _table(
        ("ours", "schema.org", "Apple Wallet", "Square", "Shopify"),
        ((f"`{state}`", *words) for state, words in _ELSEWHERE.items()),
    )


def _one_of(subject: str, words: type[StrEnum]) -> str:
    return f"- {subject} one of: {', '.join(f'`{word}`' for word in words)}."


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterable[str]:
    yield f"| {' | '.join(head)} |"
    yield f"|{' --- |' * len(head)}"
    for row in rows:
        yield f"| {' | '.join(row)} |"
    yield ""


if __name__ == "__main__":
    sys.stdout.write(page())
