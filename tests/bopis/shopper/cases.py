"""Orders as a shopper may find them, at the afternoon of a Friday in Chicago."""

from dataclasses import replace
from datetime import datetime, time
from typing import Any, Final
from uuid import UUID

from bopis.kernel.ids import OrderId, StoreId
from bopis.orders.choices.choice import CaseState, Cause, MoveState, Outcome
from bopis.orders.choices.consent import Consent
from bopis.orders.counter.arrival import Where
from bopis.orders.states import Arrival, OrderState
from bopis.shopper.coming import Coming
from bopis.shopper.record import (
    Asked,
    Fact,
    Instead,
    Line,
    Missing,
    Moved,
    Person,
    Promise,
    Record,
    Said,
    Shop,
    Unsure,
)
from inventory.opening.hours import Calendar, WeeklyHours
from inventory.opening.pause import Pause, PauseReason
from notifications.facts import Choice, Elsewhere, Facts, dump
from tests.notifications.letters import APOLOGY, CHICAGO, CHOICE, READY, RECEIVED, WITHDRAWN, pm

KEPT: Final = "94 of 100 first promises kept, last 28 days."
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
LEAK: Final = Pause(
    id=UUID(int=9),
    begins_at=pm(4),
    ends_at=pm(6),
    reason=PauseReason.WATER,
    takes_orders=False,
    closes=True,
)
PAUSED: Final = replace(
    RIVERSIDE,
    calendar=replace(RIVERSIDE.calendar, closures=((LEAK.begins_at, LEAK.ends_at),)),
    pauses=(LEAK,),
)
EARLY_PICKUP: Final = replace(
    RIVERSIDE,
    pickup=Calendar(CHICAGO, tuple(WeeklyHours(day, time(10), time(16)) for day in range(7))),
)

LIKELY: Final = replace(
    ACCEPTED,
    next_update_due_at=pm(3, 20),
    unsure=Unsure(lines=ASKED.asked.lines, confirm_by=pm(3, 20)),
)

PLACES: Final = (
    Elsewhere("Hill Street", 3.4, "S0051", pm(6, 15)),
    Elsewhere("Lakeview", 7.9, "S0052", pm(7), "9 of 10"),
)
ELSEWHERE: Final = replace(
    ASKED,
    lines=(replace(ASKED.lines[0], consent=Consent.ASK), ASKED.lines[1]),
    asked=replace(
        ASKED.asked,
        options=(Choice.WAIT, Choice.PARTIAL_NOW, Choice.OTHER_STORE, Choice.CANCEL_ORDER),
        elsewhere=PLACES,
    ),
)
assert ELSEWHERE.asked
INSTEAD: Final = replace(
    ASKED,
    lines=(ASKED.lines[0], replace(ASKED.lines[1], consent=Consent.LISTED, accepts=("b", "c"))),
    accepted={"b": "Spelt bread", "c": "Barley bread"},
    asked=replace(
        ASKED.asked,
        lines=(Missing(line=2, name="Rye bread", quantity=1, instead=Instead(name="Spelt bread")),),
        options=(Choice.SUBSTITUTE, Choice.PARTIAL_NOW, Choice.CANCEL_ORDER),
        default=Choice.SUBSTITUTE,
        elsewhere=(),
    ),
)
assert INSTEAD.asked
GONE: Final = Moved(
    store_id=StoreId("S0051"),
    name="Hill Street",
    state=MoveState.DONE,
    lines=ASKED.asked.lines,
    order_id=UUID(int=8),
    number="M-20881",
    promised_at=pm(6, 15),
)
MOVED_PART: Final = replace(
    ELSEWHERE,
    lines=(ELSEWHERE.lines[0], replace(ELSEWHERE.lines[1], short=0, rerouted=1)),
    asked=replace(
        ELSEWHERE.asked,
        state=CaseState.ANSWERED,
        answer=Choice.OTHER_STORE,
        outcome=Outcome.MOVED,
        target="S0051",
    ),
    moves=(GONE,),
)
LATE_ONCE: Final = replace(
    MOVED,
    asked=Asked(
        number=1,
        state=CaseState.OFFERED,
        cause=Cause.DELAYED,
        lines=ASKED.asked.lines,
        options=(Choice.WAIT, Choice.PARTIAL_NOW, Choice.OTHER_STORE, Choice.CANCEL_ORDER),
        default=Choice.WAIT,
        answer_by=pm(6, 15),
        elsewhere=PLACES[:1],
        delays=1,
    ),
)
assert LATE_ONCE.asked
TWICE: Final = replace(
    LATE_ONCE.asked,
    number=2,
    cause=Cause.CLOSED,
    default=Choice.PARTIAL_NOW,
    elsewhere=(),
    options=(Choice.WAIT, Choice.PARTIAL_NOW, Choice.CANCEL_ORDER),
    delays=2,
)

HERE: Final = Coming(
    state=Arrival.ARRIVED,
    arrived_at=pm(4, 19),
    said_at=pm(4, 19),
    waits_at=Where.PARKING,
    spot="4",
    changes=1,
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
    "ready_paused": (replace(READY_NOW, shop=PAUSED), pm(4, 21)),
    "ready_no_pickup": (replace(READY_NOW, shop=EARLY_PICKUP), pm(4, 21)),
    "picking_before_a_pause": (replace(PICKING, shop=PAUSED), pm(3, 50)),
    "withdrawn": (WITHDRAWN_NOW, pm(4, 41)),
    "picked_up": (PICKED_UP, pm(5, 13)),
    "cancelled": (CANCELLED, pm(3, 21)),
    "not_had": (
        replace(CANCELLED, close_reason="not_found", said=()),
        pm(3, 21),
    ),
    "expired": (EXPIRED, pm(9, 30, days=1)),
    "asked_elsewhere": (ELSEWHERE, pm(4, 10)),
    "asked_instead": (INSTEAD, pm(4, 10)),
    "moving": (
        replace(
            ELSEWHERE,
            asked=replace(ELSEWHERE.asked, answer=Choice.OTHER_STORE, target="S0051"),
        ),
        pm(4, 12),
    ),
    "moved_part": (MOVED_PART, pm(4, 12)),
    "moved_whole": (
        replace(
            MOVED_PART,
            state=OrderState.REROUTED,
            closed_at=pm(4, 12),
            close_reason="rerouted",
            next_update_due_at=None,
            lines=tuple(replace(x, reserved=0, rerouted=x.ordered) for x in ACCEPTED.lines),
            moves=(replace(GONE, lines=NOTHING_LEFT.asked.lines if NOTHING_LEFT.asked else ()),),
        ),
        pm(4, 13),
    ),
    "came_from": (
        replace(ACCEPTED, from_number="R-10400", from_store="Hill Street"),
        pm(3, 10),
    ),
    "on_the_way": (
        replace(
            PICKING,
            coming=Coming(
                state=Arrival.ON_MY_WAY, expected_at=pm(4, 20), said_at=pm(3, 50), changes=1
            ),
        ),
        pm(3, 51),
    ),
    "here_not_ready": (replace(PICKING, coming=HERE), pm(4, 21)),
    "here_unknown": (replace(UNKNOWN, coming=replace(HERE, spot="", waits_at=None)), pm(5)),
    "here_ready": (replace(READY_NOW, coming=HERE), pm(4, 22)),
    "said_too_often": (replace(READY_NOW, coming=Coming(changes=20)), pm(4, 22)),
    "late": (LATE_ONCE, pm(4, 36)),
    "late_twice": (replace(LATE_ONCE, asked=TWICE), pm(4, 36)),
    "split": (
        replace(
            MOVED,
            lines=MOVED_PART.lines,
            asked=replace(TWICE, state=CaseState.ANSWERED, outcome=Outcome.SPLIT),
            moves=(replace(GONE, store_id=ACCEPTED.store_id, name="Riverside"),),
        ),
        pm(4, 40),
    ),
    "substituted": (
        replace(
            INSTEAD,
            lines=(
                INSTEAD.lines[0],
                replace(INSTEAD.lines[1], short=0, substituted=1),
                Line(line=3, name="Spelt bread", ordered=1, reserved=1, stands_for=2),
            ),
            asked=replace(
                INSTEAD.asked,
                state=CaseState.ANSWERED,
                answer=Choice.SUBSTITUTE,
                outcome=Outcome.SUBSTITUTED,
            ),
        ),
        pm(4, 20),
    ),
}
