"""What can happen to an order, in the past tense."""

from decimal import Decimal
from typing import Any, ClassVar
from uuid import UUID

from associates.models import ShortReason
from bopis.kernel.columns import datetime
from bopis.kernel.events import Event
from bopis.kernel.ids import OrderId, Sku, StoreId
from bopis.orders.amends.credit import CreditTier
from bopis.orders.choices.choice import CaseState, Cause, Outcome
from bopis.orders.states import CancelReason
from notifications.facts import (  # the closed lists that we have words for
    Choice,
    DelayReason,
)


class OrderFact(Event):
    order_id: OrderId
    version: int
    """The order's, after this."""

    @property
    def subject(self) -> UUID:
        return self.order_id


class OrderAccepted(OrderFact):
    """Stock is set aside and a promise made."""

    name: ClassVar[str] = "order.accepted"

    promised_at: datetime


class OrderKept(OrderFact):
    """It awaited a decision in another store, and stands.

    A part of a purchase of which all stores have taken theirs; or what another store has given up.
    """

    name: ClassVar[str] = "order.kept"

    rest: bool = False
    """Of an order that moved here: something of it stays where it was."""


class OrderPicking(OrderFact):
    name: ClassVar[str] = "order.picking"


class OrderLineShort(OrderFact):
    """Units of a line could not be had; the shopper has to know."""

    name: ClassVar[str] = "order.line_short"

    line: int
    sku: Sku
    quantity: int
    reason: ShortReason
    case: int | None = None
    """The choice case that asks about it; None: from before shoppers were asked."""


class ChoiceFact(OrderFact):
    """Of a question, and by when its order is owed the next word."""

    news_by: datetime | None = None


class OrderChoiceOffered(ChoiceFact):
    """The shopper is asked what to do about items that cannot be had, or hardly."""

    name: ClassVar[str] = "order.choice_offered"

    case: int
    cause: Cause
    lines: list[int]
    options: list[Choice]
    default: Choice
    answer_by: datetime
    wait_until: datetime | None
    failed: str = ""
    """The store that they had chosen, and that could not take it."""


class OrderChoiceAnswered(ChoiceFact):
    name: ClassVar[str] = "order.choice_answered"

    case: int
    answer: Choice
    via: str


class OrderChoiceClosed(ChoiceFact):
    """Answered, defaulted or void: and what became of the units that it was about."""

    name: ClassVar[str] = "order.choice_closed"

    case: int
    state: CaseState
    outcome: Outcome
    was_offered: bool


class OrderConfirmed(OrderFact):
    """What was only likely when we accepted it has been found."""

    name: ClassVar[str] = "order.confirmed"

    lines: list[int]


class OrderDelayed(OrderFact):
    """The promise moved: before it was broken, whenever we could see it coming."""

    name: ClassVar[str] = "order.delayed"

    previously: datetime
    promised_at: datetime | None
    """None: it will not be kept, and nobody knows when instead."""
    promise_version: int
    reason: DelayReason
    p_late: float
    elsewhere: tuple[dict[str, Any], ...] = ()
    """Other stores that could take it, as they were when this was known."""


class OrderNewsDue(OrderFact):
    """It was time to say something, and there was nothing new: so we say that.

    Or what we had apologized for is settled, and the promise made then still stands.
    """

    name: ClassVar[str] = "order.news_due"

    promised_at: datetime
    next_update_due_at: datetime
    still_on_time: bool
    cleared: bool = False
    unconfirmed: bool = False
    """We had said that we would be sure of its items by now."""


class OrderReady(OrderFact):
    """Every live unit is at a scanned place."""

    name: ClassVar[str] = "order.ready"

    hold_until: datetime
    evidence: list[UUID]
    """The scans that prove it: one per found line, and the staging place."""


class OrderRetracted(OrderFact):
    """It was called ready and was not."""

    name: ClassVar[str] = "order.retracted"

    promised_at: datetime
    promise_version: int


class OrderHoldEnding(OrderFact):
    name: ClassVar[str] = "order.hold_ending"

    hold_until: datetime


class OrderCollected(OrderFact):
    name: ClassVar[str] = "order.collected"


class OrderExpired(OrderFact):
    name: ClassVar[str] = "order.expired"


class OrderRerouted(OrderFact):
    """Units of it live on as an order of their own, in another store or in this one."""

    name: ClassVar[str] = "order.rerouted"

    case: int
    to_store: StoreId
    to_order: OrderId
    lines: list[int]
    whole: bool


class OrderCancelled(OrderFact):
    name: ClassVar[str] = "order.cancelled"

    reason: CancelReason


class CreditGranted(OrderFact):
    """We owe somebody something for an incident: for whoever took the money to pay out."""

    name: ClassVar[str] = "credit.granted"

    incident: int
    tier: CreditTier
    amount: Decimal
    currency: str


class CreditSettled(OrderFact):
    """The shop says that its customer has it."""

    name: ClassVar[str] = "credit.settled"

    incident: int
    amount: Decimal
    currency: str


class CustomerSetOff(OrderFact):
    """The customer says that they are on their way."""

    name: ClassVar[str] = "customer.set_off"

    expected_at: datetime | None
    """Roughly; None: they did not say."""


class CustomerArrived(OrderFact):
    """The customer says that they are here. Where they stand is no fact for ever."""

    name: ClassVar[str] = "customer.arrived"

    was_ready: bool


class CustomerTookBack(OrderFact):
    """The customer is not coming just now, or not here yet."""

    name: ClassVar[str] = "customer.took_back"


class CustomerLeft(OrderFact):
    """They said long ago that they were here or coming, and nothing was handed over."""

    name: ClassVar[str] = "customer.left"
