"""``docs/states.md``: the tables of ``states``, written out for people. Pure.

``python -m bopis.orders.statebook > docs/states.md`` brings the page up to date.
"""

import sys
from collections.abc import Iterable, Mapping
from datetime import timedelta
from enum import StrEnum
from typing import Final

from bopis.orders.choices.choice import ANSWER_WITHIN, ASKED_AFTER, COUNT_WITHIN, CaseState
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
    parts = (_states(), _transitions(), _moves(), _overlays(), _cases(), _elsewhere())
    return "\n".join((_HEAD, *(line for part in parts for line in part)))


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


def _minutes(time: timedelta) -> int:
    return round(time / timedelta(minutes=1))


_CASES: Final[Mapping[CaseState, str]] = {
    CaseState.OPENED: "an item cannot be had, or hardly; nobody has been asked, it may turn up yet",
    CaseState.OFFERED: "the shopper is asked, and told what happens without an answer, and when",
    CaseState.ANSWERED: "they chose; who collects the rest before answering has chosen it",
    CaseState.DEFAULTED: "no answer came, and what we had said has happened",
    CaseState.WITHDRAWN: "it was found, or the order ended",
}
_AFTER: Final = f"""\
A choice case opens when an associate gives an item up, when by the store's own numbers none is
left for an order, and when a delay is told. Of a missing item its shopper is asked
{_minutes(ASKED_AFTER)} minutes later: one question about all that is missing, and none about what
turned up. Nothing is taken off before their answer, or the time that the question named.

- Not there: they may wait while the store counts again ({_minutes(COUNT_WITHIN)} open minutes, and
  only where somebody does count again), take the rest without it, or cancel. Without an answer in
  {_minutes(ANSWER_WITHIN)} open minutes it is taken off and the rest is kept; if nothing is left,
  the order is cancelled.
- Doubted: somebody looks for it whatever they answer, and without an answer nothing changes.
- What is found of the rest is staged, is *ready*, and can be collected while the question is open.
- Another store is offered where the nearest that have all of it can take it, with a time and, where
  it is not sure, the odds. A move is a new order there and a link (docs/adr/0009); its units here
  are `rerouted`.
- Something else is offered only by the consent that was given with the order, and is a line of its
  own. What was listed then happens without an answer; what was to be asked never does.
- Late: they may keep the order, collect what is found while the rest becomes an order of its own,
  move it or cancel. Saying nothing keeps it; after a second delay, saying nothing also brings what
  is found to the counter.
- Whatever the answer, the stock follows the scan's reason code, in the scan's own transaction.
- What is found meanwhile is set aside again and fetched, and the question is void. A count, a
  delivery or a put-back finds; a snapshot that repeats the number which misled us does not. A bag
  that waits is taken up again only for a shopper who chose to wait.
"""


def _cases() -> Iterable[str]:
    yield "## When an item cannot be had\n"
    yield _AFTER
    yield from _table(
        ("a case is", "which means"), ((f"`{state}`", why) for state, why in _CASES.items())
    )


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
