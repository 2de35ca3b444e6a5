"""What is on record of an order, as its page needs it: values, and nothing decided. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from bopis.kernel.ids import OrderId, StoreId
from bopis.orders.choices.choice import LATE, CaseState, Cause, MoveState, Outcome, has_no_time
from bopis.orders.choices.consent import Consent
from bopis.orders.states import OrderState
from bopis.shopper.coming import Coming
from inventory.opening.hours import Calendar
from inventory.opening.pause import Pause
from notifications.facts import Choice, Elsewhere


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    line: int
    name: str
    ordered: int
    reserved: int = 0
    picked: int = 0
    staged: int = 0
    handed_over: int = 0
    short: int = 0
    substituted: int = 0
    rerouted: int = 0
    cancelled: int = 0
    expired: int = 0
    consent: Consent = Consent.NEVER
    accepts: tuple[str, ...] | None = None
    stands_for: int | None = None

    @property
    def found(self) -> int:
        return self.picked + self.staged + self.handed_over


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    version: int
    latest: datetime
    confidence: float
    sample_size: int
    basis: str
    kept: int | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    seq: int
    name: str
    at: datetime
    payload: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A message about this order, as far as it has got."""

    kind: str
    state: str
    reason: str | None
    facts: dict[str, Any]
    at: datetime
    """When it left or was held back; until then, when it was written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Instead:
    """What is proposed for a line."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """A line that is asked about, or that has to be made sure of."""

    line: int
    name: str
    quantity: int
    instead: Instead | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The newest question that we put to the shopper, and how it ended if it has."""

    number: int
    state: CaseState
    cause: Cause
    lines: tuple[Missing, ...]
    options: tuple[Choice, ...]
    default: Choice
    answer_by: datetime
    wait_until: datetime | None = None
    elsewhere: tuple[Elsewhere, ...] = ()
    answer: Choice | None = None
    outcome: Outcome | None = None
    target: str | None = None
    delays: int = 0

    @property
    def is_open(self) -> bool:
        return self.state is CaseState.OFFERED

    def has_no_time(self, promised_at: datetime) -> bool:
        """Say whether it is about a delay of which nobody knows the end."""
        return has_no_time(self.cause, self.answer_by, promised_at)

    @property
    def is_moving(self) -> bool:
        """Say whether another store is being asked for it at this moment."""
        return self.is_open and self.answer is Choice.OTHER_STORE

    @property
    def late(self) -> bool:
        return self.cause in LATE

    @property
    def places(self) -> tuple[Elsewhere, ...]:
        """Return the stores that it can be moved to."""
        can_move = Choice.OTHER_STORE in self.options
        return tuple(place for place in self.elsewhere if can_move and place.store_id)

    @property
    def instead(self) -> str:
        return " and ".join(x.instead.name for x in self.lines if x.instead)

    @property
    def doubted(self) -> bool:
        return self.cause is Cause.DOUBTED


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """What has moved to another store, or is about to: or to an order of its own in this one."""

    store_id: StoreId
    name: str
    state: MoveState
    lines: tuple[Missing, ...]
    order_id: UUID | None = None
    number: str | None = None
    promised_at: datetime | None = None
    """What was promised of the new order when it was taken in: its own page knows better."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsure:
    """What was only likely there when we accepted the order."""

    lines: tuple[Missing, ...]
    confirm_by: datetime
    closed_at: datetime | None = None
    is_found: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Shop:
    """The store, as a shopper needs to know it."""

    name: str
    zone: ZoneInfo
    calendar: Calendar
    pickup: Calendar | None = None
    """When orders are handed out; None: while it is open."""
    pauses: tuple[Pause, ...] = ()
    """On, or still to come."""
    instructions: str = ""
    street: str = ""
    city: str = ""
    postal_code: str = ""
    phone: str = ""
    latitude: float | None = None
    longitude: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """What we hold about whoever ordered."""

    first_name: str = ""
    last_name: str = ""
    email: str = ""
    phone: str = ""
    locale: str = "en"


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """Everything about one order that its page may show, read at one instant."""

    store_id: StoreId
    order_id: OrderId
    link_version: int
    number: str
    pickup_code: str
    state: OrderState
    version: int
    promise_status: str
    promised_at: datetime
    next_update_due_at: datetime | None
    accepted_at: datetime
    picking_since: datetime | None = None
    ready_at: datetime | None = None
    hold_until: datetime | None = None
    closed_at: datetime | None = None
    close_reason: str | None = None
    lines: tuple[Line, ...]
    promises: tuple[Promise, ...]
    facts: tuple[Fact, ...]
    said: tuple[Said, ...] = ()
    asked: Asked | None = None
    unsure: Unsure | None = None
    moves: tuple[Moved, ...] = ()
    accepted: Mapping[str, str] = field(default_factory=dict)
    """The names of what may be given instead."""
    from_number: str | None = None
    from_store: str | None = None
    """The order that this one stands for."""
    coming: Coming = field(default_factory=Coming)
    shop: Shop
    person: Person

    @property
    def seq(self) -> int:
        """The newest fact on record: what a live page compares itself with."""
        return self.facts[-1].seq if self.facts else 0

    @property
    def first_promise(self) -> Promise:
        return self.promises[0]

    @property
    def promise(self) -> Promise:
        return self.promises[-1]
