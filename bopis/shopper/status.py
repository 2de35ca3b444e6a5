"""What an order's page says, from what is on record: the headline, the steps, every item. Pure.

Nothing on it is written by hand: each word follows from a bucket, a promise or a fact. The words
themselves are in ``templates/status.html``; this module decides which of them are true.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from bopis.orders.choices.choice import Cause, Outcome
from bopis.orders.states import FINAL, PROMISED, OrderState
from bopis.shopper.record import Asked, Fact, Line, Record
from inventory.opening import hours
from inventory.opening.hours import Calendar
from notifications.facts import Choice

LINK_LIVES: Final = timedelta(days=14)
"""How long after its end an order's page can still be opened."""


class Headline(StrEnum):
    """The one thing that a page says first."""

    ON_TIME = "on_time"  # the first promise stands
    MOVED = "moved"  # another promise stands; we were wrong
    WITHDRAWN = "withdrawn"  # we said ready, and it was not
    UNKNOWN = "unknown"  # we do not know yet, and say when we will write
    OVERDUE = "overdue"  # the promise is past and it is not ready
    ADDING = "adding"  # it was ready; they chose to wait for what has been found now
    ASKED = "asked"  # something cannot be had, and the shopper may choose
    READY = "ready"
    PARTLY_PICKED_UP = "partly_picked_up"
    PICKED_UP = "picked_up"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    REROUTED = "rerouted"


_S: Final = OrderState
_BY_STATE: Final = {
    _S.READY_FOR_PICKUP: Headline.READY,
    _S.PARTIALLY_PICKED_UP: Headline.PARTLY_PICKED_UP,
    _S.PICKED_UP: Headline.PICKED_UP,
    _S.CANCELLED: Headline.CANCELLED,
    _S.REJECTED: Headline.CANCELLED,
    _S.EXPIRED: Headline.EXPIRED,
    _S.REROUTED: Headline.REROUTED,
}
_NEWS: Final = frozenset({"order.accepted", "order.delayed", "order.news_due", "order.retracted"})


def headline(record: Record, now: datetime) -> Headline:
    """Return what is true first. A promise that has passed is never shown as one that stands."""
    if record.state in _BY_STATE:
        return _BY_STATE[record.state]
    if is_asked(record, now) and record.asked and record.asked.cause is Cause.NOT_THERE:
        return Headline.ASKED
    if now > record.promised_at:
        return Headline.OVERDUE
    if _is_adding(record):
        return Headline.ADDING
    return _by_news(record)


def _by_news(record: Record) -> Headline:
    news = next((fact for fact in reversed(record.facts) if fact.name in _NEWS), None)
    if news and news.name == "order.retracted":
        return Headline.WITHDRAWN
    if news and news.name == "order.news_due" and not news.payload.get("still_on_time", True):
        return Headline.UNKNOWN
    if news and news.name == "order.delayed" and news.payload.get("promised_at", "") is None:
        return Headline.UNKNOWN
    if record.promise.version > 1:
        return Headline.MOVED
    return Headline.ON_TIME


def _is_adding(record: Record) -> bool:
    asked = record.asked
    waited = asked is not None and asked.outcome is Outcome.FOUND and asked.answer is Choice.WAIT
    return waited and record.state is _S.PARTIALLY_READY


def rest(record: Record) -> int:
    """Return the units that are still to be given, or wait for it."""
    return sum(line.reserved + line.picked + line.staged for line in record.lines)


def is_asked(record: Record, now: datetime) -> bool:
    """Say whether the shopper can choose now; a question whose time is over is none.

    Nor is one of which they have just chosen another store, and that is being asked.
    """
    asked = record.asked
    if asked is None or record.closed_at is not None:
        return False
    return asked.is_open and not asked.is_moving and now < asked.answer_by


def open_question(record: Record, number: int, now: datetime) -> Asked | None:
    """Return the question with this number, if it is one that can be answered now."""
    asked = record.asked if is_asked(record, now) else None
    return asked if asked is not None and asked.number == number else None


class StepState(StrEnum):
    DONE = "done"
    NOW = "now"
    TO_COME = "to_come"


@dataclass(frozen=True, slots=True)
class Step:
    name: str
    state: StepState
    at: datetime | None


def steps(record: Record) -> list[Step]:
    """Return the way of the order: what happened, when, and what is still to come.

    Of an order that ended otherwise, only what happened: nothing is to come.
    """
    collected = record.closed_at if record.state is _S.PICKED_UP else None
    reached = [
        ("accepted", record.accepted_at),
        ("picking", record.picking_since),
        ("counter", record.ready_at),
        ("yours", collected),
    ]
    ended = record.state in FINAL and collected is None
    shown: list[Step] = []
    for name, at in reached:
        if at is not None:
            shown.append(Step(name, StepState.DONE, at))
        elif not ended:
            shown.append(Step(name, StepState.TO_COME, None))
    if record.state is _S.PICKING and record.picking_since is not None:
        shown[1] = Step("picking", StepState.NOW, record.picking_since)
    return shown


@dataclass(frozen=True, slots=True)
class Piece:
    """How many units of a line are where, and since when if a scan says so."""

    word: str
    quantity: int
    at: datetime | None = None


def pieces(record: Record, line: Line) -> list[Piece]:
    """Return where the units of one line are, best first; a bucket that is empty says nothing."""
    found_at = next(
        (
            fact.at
            for fact in reversed(record.facts)
            if fact.name == "pick.line_found" and fact.payload.get("line") == line.line
        ),
        None,
    )
    asked = record.asked if record.asked and record.asked.is_open else None
    open_ = line.short if asked or record.state not in FINAL else 0
    gone = line.short - open_ + (0 if _called_off(record) else line.cancelled)
    where = [
        Piece("yours", line.handed_over),
        Piece("counter", line.staged),
        Piece("found", line.picked, found_at),
        Piece("to_pick", line.reserved),
        Piece("substituted", line.substituted),
        Piece("rerouted", line.rerouted),
        Piece("not_there", open_),
        Piece("missing", gone),
        Piece("cancelled", line.cancelled if _called_off(record) else 0),
        Piece("expired", line.expired),
    ]
    return [piece for piece in where if piece.quantity]


def _called_off(record: Record) -> bool:
    """Say whether the order as a whole was cancelled, and not an item that could not be had."""
    return record.state in {_S.CANCELLED, _S.REJECTED} and record.close_reason != "not_found"


def found(record: Record) -> tuple[int, int]:
    """Return how many units a scan has found, of how many that are still this order's."""
    gone = sum(line.substituted + line.rerouted for line in record.lines)
    ordered = sum(line.ordered for line in record.lines)
    return sum(line.found for line in record.lines), ordered - gone or ordered


def missing(record: Record) -> int:
    return sum(
        piece.quantity
        for line in record.lines
        for piece in pieces(record, line)
        if piece.word == "missing"
    )


def may_cancel(record: Record) -> bool:
    return record.state in PROMISED or record.state is _S.READY_FOR_PICKUP


def shows_code(record: Record) -> bool:
    """Say whether the pickup code is of any use yet; before that it would only be lost."""
    return record.ready_at is not None and record.closed_at is None


@dataclass(frozen=True, slots=True)
class Doors:
    """Whether somebody can walk in now, and when that changes; None: not within 60 days."""

    open: bool
    until: datetime | None


def doors(calendar: Calendar, now: datetime) -> Doors:
    if hours.is_open(calendar, now):
        return Doors(open=True, until=hours.closing_after(calendar, now))
    return Doors(open=False, until=hours.next_opening(calendar, now))


def link_has_expired(closed_at: datetime | None, now: datetime) -> bool:
    return closed_at is not None and now > closed_at + LINK_LIVES


def masked(address: str) -> str:
    """Return an address as far as its owner needs to recognize it."""
    name, at, domain = address.partition("@")
    if at:
        return f"{name[:1]}…@{domain}"
    return f"…{address[-2:]}" if address else ""


def answered(record: Record) -> bool | None:
    """Return the first answer to "was everything in the bag?"; None: none yet."""
    answers: Sequence[Fact] = [fact for fact in record.facts if fact.name == "shopper.answered"]
    return bool(answers[0].payload["all_there"]) if answers else None
