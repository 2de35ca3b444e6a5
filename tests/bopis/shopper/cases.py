"""Orders as a shopper may find them, at the afternoon of a Friday in Chicago."""

from dataclasses import replace
from datetime import datetime, time
from typing import Any, Final
from uuid import UUID

from bopis.kernel.ids import OrderId, StoreId
from bopis.orders.choice import CaseState, Cause, Outcome
from bopis.orders.states import OrderState
from bopis.shopper.keeping import Kept
from bopis.shopper.status import (
    Asked,
    Fact,
    Line,
    Missing,
    Person,
    Promise,
    Record,
    Said,
    Shop,
    Unsure,
)
from inventory.hours import Calendar, WeeklyHours
from notifications.facts import Choice, Elsewhere, Facts, dump
from tests.notifications.letters import APOLOGY, CHICAGO, CHOICE, READY, RECEIVED, WITHDRAWN, pm

KEPT: Final = Kept(kept=94, total=100)
RIVERSIDE: Final = Shop(
    name="Riverside",
    zone=CHICAGO,
    calendar=Calendar(CHICAGO, tuple(WeeklyHours(day, time(9), time(21)) for day in range(7))),
    instructions="Pickup counter, left of the entrance",
    street="3400 N Halsted St",
    city="Chicago",
    postal_code="60657",
    phone="+1 555 0100",
    latitude=41.9436,
    longitude=-87.6494,
)
ADA: Final = Person(
    first_name="Ada", last_name="Shopper", email="ada@shopper.example", phone="+15550123"
)


def fact(seq: int, at: datetime, name: str, **payload: Any) -> Fact:
    return Fact(seq=seq, name=name, at=at, payload=payload)


def said(facts: Facts, at: datetime, state: str = "sent", reason: str | None = None) -> Said:
    facts = replace(facts, store_name="Riverside")
    return Said(kind=facts.kind, state=state, reason=reason, facts=dump(facts), at=at)


ACCEPTED_FACT = fact(1, pm(3, 5), "order.accepted", promised_at="2026-03-06T23:40:00Z")
OAT_FOUND = fact(3, pm(3, 43), "pick.line_found", line=1, sku="oat", quantity=2)
STARTED = fact(2, pm(3, 41), "pick.started")
FIRST: Final = Promise(
    version=1, latest=pm(5, 40), confidence=0.9, sample_size=212, basis="store", kept=197
)

ACCEPTED: Final = Record(
    store_id=StoreId("S0042"),
    order_id=OrderId(UUID(int=7)),
    link_version=1,
    number="R-10442",
    pickup_code="7QK44M2P",
    state=OrderState.ACCEPTED,
    version=1,
    promise_status="on_track",
    promised_at=pm(5, 40),
    next_update_due_at=pm(4, 30),
    accepted_at=pm(3, 5),
    lines=(
        Line(line=1, name="Oat drink, 1 l", ordered=2, reserved=2),
        Line(line=2, name="Rye bread", ordered=1, reserved=1),
    ),
    promises=(FIRST,),
    facts=(ACCEPTED_FACT,),
    said=(said(replace(RECEIVED, promised_at=pm(5, 40)), pm(3, 5)),),
    shop=RIVERSIDE,
    person=ADA,
)
PICKING: Final = replace(
    ACCEPTED,
    state=OrderState.PICKING,
    picking_since=pm(3, 41),
    lines=(replace(ACCEPTED.lines[0], reserved=0, picked=2), ACCEPTED.lines[1]),
    facts=(ACCEPTED_FACT, STARTED, OAT_FOUND),
)
MOVED: Final = replace(
    PICKING,
    promise_status="delayed",
    promised_at=pm(6, 15),
    promises=(
        FIRST,
        Promise(
            version=2,
            latest=pm(6, 15),
            confidence=0.9,
            sample_size=212,
            basis="store",
            reason="searching_item",
        ),
    ),
    facts=(
        *PICKING.facts,
        fact(4, pm(4, 35), "order.delayed", promised_at="2026-03-07T00:15:00Z"),
    ),
    said=(*PICKING.said, said(replace(APOLOGY, told=pm(5, 40), promised_at=pm(6, 15)), pm(4, 35))),
)
UNKNOWN: Final = replace(
    MOVED,
    facts=(*MOVED.facts, fact(5, pm(4, 50), "order.news_due", still_on_time=False)),
    next_update_due_at=pm(5, 30),
)
READY_NOW: Final = replace(
    PICKING,
    state=OrderState.READY_FOR_PICKUP,
    promise_status="met",
    ready_at=pm(4, 20),
    hold_until=pm(9, days=1),
    lines=(
        replace(ACCEPTED.lines[0], reserved=0, staged=2),
        replace(ACCEPTED.lines[1], reserved=0, cancelled=1),
    ),
    facts=(
        *PICKING.facts,
        fact(4, pm(4, 2), "pick.line_short", line=2, sku="rye", quantity=1),
        fact(5, pm(4, 20), "order.ready"),
    ),
    said=(*PICKING.said, said(READY, pm(4, 20))),
)
WITHDRAWN_NOW: Final = replace(
    READY_NOW,
    state=OrderState.PICKING,
    ready_at=None,
    hold_until=None,
    lines=(replace(ACCEPTED.lines[0], reserved=1, picked=1), READY_NOW.lines[1]),
    promised_at=pm(6, 15),
    promises=MOVED.promises,
    facts=(*READY_NOW.facts, fact(6, pm(4, 40), "order.retracted")),
    said=(*READY_NOW.said, said(WITHDRAWN, pm(4, 40), "sending")),
)
PICKED_UP: Final = replace(
    READY_NOW,
    state=OrderState.PICKED_UP,
    closed_at=pm(5, 12),
    next_update_due_at=None,
    lines=(replace(ACCEPTED.lines[0], reserved=0, handed_over=2), READY_NOW.lines[1]),
    facts=(*READY_NOW.facts, fact(6, pm(5, 12), "order.collected")),
)
CANCELLED: Final = replace(
    ACCEPTED,
    state=OrderState.CANCELLED,
    closed_at=pm(3, 20),
    close_reason="shopper_request",
    next_update_due_at=None,
    lines=tuple(replace(line, reserved=0, cancelled=line.ordered) for line in ACCEPTED.lines),
    facts=(ACCEPTED_FACT, fact(2, pm(3, 20), "order.cancelled")),
    said=(said(RECEIVED, pm(3, 6), "suppressed", "It was cancelled meanwhile."),),
)
EXPIRED: Final = replace(
    READY_NOW,
    state=OrderState.EXPIRED,
    closed_at=pm(9, days=1),
    next_update_due_at=None,
    lines=(replace(ACCEPTED.lines[0], reserved=0, expired=2), READY_NOW.lines[1]),
    facts=(*READY_NOW.facts, fact(6, pm(9, days=1), "order.expired")),
)

ASKED: Final = replace(
    PICKING,
    lines=(PICKING.lines[0], replace(ACCEPTED.lines[1], reserved=0, short=1)),
    facts=(
        *PICKING.facts,
        fact(4, pm(4, 2), "pick.line_short", line=2, sku="rye", quantity=1),
        fact(5, pm(4, 5), "order.choice_offered", cause="not_there"),
    ),
    asked=Asked(
        number=1,
        state=CaseState.OFFERED,
        cause=Cause.NOT_THERE,
        lines=(Missing(line=2, name="Rye bread", quantity=1),),
        options=(Choice.WAIT, Choice.PARTIAL_NOW, Choice.CANCEL_ORDER),
        default=Choice.PARTIAL_NOW,
        answer_by=pm(5, 5),
        wait_until=pm(6, 5),
        elsewhere=(Elsewhere("Hill Street", 3.4),),
    ),
    said=(*PICKING.said, said(CHOICE, pm(4, 5))),
)
assert ASKED.asked
ASKED_READY: Final = replace(
    READY_NOW,
    lines=(READY_NOW.lines[0], ASKED.lines[1]),
    facts=(*ASKED.facts, fact(6, pm(4, 20), "order.ready")),
    asked=ASKED.asked,
)
NOTHING_LEFT: Final = replace(
    ASKED,
    lines=tuple(replace(line, reserved=0, short=line.ordered) for line in ACCEPTED.lines),
    asked=replace(
        ASKED.asked,
        lines=(Missing(line=1, name="Oat drink, 1 l", quantity=2), *ASKED.asked.lines),
        options=(Choice.WAIT, Choice.CANCEL_ORDER),
        default=Choice.CANCEL_ORDER,
        elsewhere=(),
    ),
)
SETTLED_NOW: Final = replace(
    READY_NOW,
    asked=replace(ASKED.asked, state=CaseState.DEFAULTED, outcome=Outcome.WITHOUT),
)
LIKELY: Final = replace(
    ACCEPTED,
    next_update_due_at=pm(3, 20),
    unsure=Unsure(lines=ASKED.asked.lines, confirm_by=pm(3, 20)),
)

CASES: Final[dict[str, tuple[Record, datetime]]] = {
    "accepted": (ACCEPTED, pm(3, 10)),
    "accepted_unsure": (
        replace(
            ACCEPTED, promises=(replace(FIRST, sample_size=0, basis="fixed", kept=None),), said=()
        ),
        pm(3, 10),
    ),
    "accepted_pooled": (
        replace(ACCEPTED, promises=(replace(FIRST, basis="pooled", kept=212),), said=()),
        pm(3, 10),
    ),
    "picking": (PICKING, pm(3, 50)),
    "moved": (MOVED, pm(4, 36)),
    "unknown": (UNKNOWN, pm(5)),
    "overdue": (MOVED, pm(6, 20)),
    "ready": (READY_NOW, pm(4, 21)),
    "asked": (ASKED, pm(4, 10)),
    "asked_ready": (ASKED_READY, pm(4, 21)),
    "asked_nothing_left": (NOTHING_LEFT, pm(4, 10)),
    "asked_doubted": (
        replace(
            PICKING,
            asked=replace(
                ASKED.asked,
                cause=Cause.DOUBTED,
                default=Choice.WAIT,
                wait_until=None,
                elsewhere=(),
            ),
        ),
        pm(4, 10),
    ),
    "waiting": (
        replace(
            ASKED,
            asked=replace(
                ASKED.asked,
                answer=Choice.WAIT,
                answer_by=pm(6, 5),
                options=(Choice.PARTIAL_NOW, Choice.CANCEL_ORDER),
            ),
        ),
        pm(4, 30),
    ),
    "adding": (
        replace(
            ASKED_READY,
            state=OrderState.PARTIALLY_READY,
            ready_at=None,
            hold_until=None,
            lines=(READY_NOW.lines[0], ACCEPTED.lines[1]),
            asked=replace(
                ASKED.asked,
                answer=Choice.WAIT,
                state=CaseState.WITHDRAWN,
                outcome=Outcome.FOUND,
            ),
        ),
        pm(4, 50),
    ),
    "taken_off": (SETTLED_NOW, pm(5, 6)),
    "likely": (LIKELY, pm(3, 10)),
    "likely_not_yet": (LIKELY, pm(3, 25)),
    "ready_closed": (READY_NOW, pm(9, 30)),
    "withdrawn": (WITHDRAWN_NOW, pm(4, 41)),
    "picked_up": (PICKED_UP, pm(5, 13)),
    "cancelled": (CANCELLED, pm(3, 21)),
    "not_had": (
        replace(CANCELLED, close_reason="not_found", said=()),
        pm(3, 21),
    ),
    "expired": (EXPIRED, pm(9, 30, days=1)),
}
