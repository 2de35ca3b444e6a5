"""What a message may say: one value for each kind of message, and nothing beside it.

A message keeps its facts, not its words, so that what we told somebody can be shown again and
proved. Every instant is aware; a zone enters in ``wording``, where a person reads it. Pure.
"""

from dataclasses import dataclass, fields
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from functools import cache
from typing import Any, ClassVar, Final, get_args

from pydantic import TypeAdapter


class DelayReason(StrEnum):
    """Why an order is late, as far as somebody or something has recorded it.

    Closed on purpose: a cause without words in ``wording.REASONS`` cannot be given, and a cause
    without evidence is ``UNKNOWN``.
    """

    QUEUE = "queue"  # more orders before this one than were planned for
    PICKING = "picking"  # begun, and slower than was planned for
    SEARCHING_ITEM = "searching_item"  # not on its shelf; somebody is looking
    ITEM_NOT_FOUND = "item_not_found"  # looked for, and given up
    STOCK_CORRECTED = "stock_corrected"  # the store's own number fell below what it had promised
    AWAITING_DELIVERY = "awaiting_delivery"  # on its way to the store
    STANDSTILL = "standstill"  # orders wait, and nobody in the store has moved on any of them
    STORE_CLOSES = "store_closes"  # the doors shut on it: tomorrow, then
    STORE_INCIDENT = "store_incident"  # an alarm, a power cut, a closed aisle
    OUR_SYSTEM = "our_system"  # this software
    UNKNOWN = "unknown"


class CancelledBy(StrEnum):
    SHOPPER = "shopper"
    STORE = "store"
    SHOP = "shop"  # the online shop that sold it and took the money


class Choice(StrEnum):
    """What a shopper may answer when an item cannot be had, or when an order is late."""

    WAIT = "wait"
    PARTIAL_NOW = "partial_now"
    OTHER_STORE = "other_store"
    SUBSTITUTE = "substitute"
    CANCEL_ORDER = "cancel_order"


@dataclass(frozen=True, slots=True)
class Item:
    name: str
    quantity: int = 1


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Another store that had it when we looked. To know, not to go by: nothing is set aside.

    ``store_id``: the order can be moved there; empty in what was said before that could be done.
    ``odds``: how sure we are that it is on the shelf there, as "9 of 10"; empty: not in doubt.
    """

    name: str
    km: float | None = None
    store_id: str = ""
    ready_by: datetime | None = None
    odds: str = ""


@dataclass(frozen=True, slots=True)
class Credit:
    """What we owe them for it. Whoever took the money pays it out, and may have ``settled`` it."""

    amount: Decimal
    currency: str
    settled: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """Where an order is handed over, and when that door is open next.

    Both hours belong to the opening that is going on, or to the next one; None: not known.
    """

    name: str
    address: str = ""
    opens_at: datetime | None = None
    closes_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What every message says: whose order, where, and the page that knows more.

    Name and link are not kept with the message. They are filled in when the words leave, so that
    forgetting somebody is emptying one row, and a link is made with the keys of that day.
    """

    number: str
    store_name: str
    first_name: str = ""
    status_url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderReceived(About):
    kind: ClassVar[str] = "order_received"

    promised_at: datetime
    next_news_at: datetime
    items: tuple[Item, ...] = ()
    likely: tuple[Item, ...] = ()
    confirm_by: datetime | None = None
    """By when we say whether the ``likely`` ones are there."""
    kept: int | None = None
    sample_size: int = 0
    basis: str = ""
    """How many of so many orders like it were ready by then, and whose; None: nobody can say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DelayApology(About):
    """The promise will not be kept, and we say so first.

    ``told`` is what the customer last heard, which need not be what the order row last held.
    ``promised_at`` is None while no new time can be given; then the news is the next news.
    ``sorry``: the word is said. It is said once about one thing, and twice about an order at most.
    ``case``: the question behind the ``options``; 0: there is none, and they may only cancel.
    ``found`` of ``ordered`` units wait at the counter already.
    ``unsure``: it is likely enough to be told, and too early to say that it is so.
    ``open_end``: the question stands until there is a time; ``answer_by`` is none to be named.
    """

    kind: ClassVar[str] = "delay_apology"

    told: datetime
    promised_at: datetime | None
    reason: DelayReason
    next_news_at: datetime
    sorry: bool = True
    credit: Credit | None = None
    case: int = 0
    options: tuple[Choice, ...] = ()
    default: Choice | None = None
    answer_by: datetime | None = None
    open_end: bool = False
    elsewhere: tuple[Elsewhere, ...] = ()
    found: int = 0
    ordered: int = 0
    unsure: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class NewsDue(About):
    """Nothing has changed, and we said that we would write.

    ``promised_at`` is the promise that still stands, or None: we do not know yet.
    ``found`` of ``ordered`` units have a scan; with ``ordered`` 0 nothing is said about it.
    ``cleared``: what we apologized for is settled, and the promise made then still stands.
    ``unconfirmed``: what we said we would be sure of by now, and are not.
    """

    kind: ClassVar[str] = "news_due"

    promised_at: datetime | None
    next_news_at: datetime
    found: int = 0
    ordered: int = 0
    cleared: bool = False
    unconfirmed: tuple[Item, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemShort(About):
    """Something cannot be given. ``rest`` counts the units that are still being prepared.

    No longer said: who misses an item is asked (``ChoiceNeeded``). What was said once is still
    shown to whoever it was said to.
    """

    kind: ClassVar[str] = "item_short"

    missing: tuple[Item, ...]
    rest: int
    promised_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoiceNeeded(About):
    """Something cannot be had, or hardly: what shall become of the order?

    ``doubted``: nobody has looked yet; by the store's own list there is none left.
    ``default`` is what happens at ``answer_by`` without an answer. ``rest`` counts the units that
    can be had, and ``ready`` says that they wait at the counter already. ``instead`` is what we
    could give for the ``missing`` ones, where they have said that we may propose something.
    ``failed``: the store that they chose before, and that could not take it after all.
    ``late``: nothing is missing; it is about the time. ``open_end``: nobody knows that time, so
    that ``answer_by`` is none that has to be named.
    """

    kind: ClassVar[str] = "choice_needed"

    missing: tuple[Item, ...]
    doubted: bool
    options: tuple[Choice, ...]
    default: Choice
    answer_by: datetime
    wait_until: datetime | None
    rest: int
    ready: bool
    elsewhere: tuple[Elsewhere, ...] = ()
    instead: tuple[Item, ...] = ()
    failed: str = ""
    late: bool = False
    open_end: bool = False
    case: int = 0
    """Which question of this order it is; 0: from before an answer could be a link."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoiceSettled(About):
    """What we asked about is settled: it was found, or it was taken off the order.

    ``answered``: by the shopper's own choice; else as we had said, because no answer came, or
    because they ``waited`` in vain. ``instead``: what they get for it.
    ``promised_at``: by when all of it is ready; None: it is, or that is said elsewhere.
    """

    kind: ClassVar[str] = "choice_settled"

    items: tuple[Item, ...]
    found: bool
    answered: bool
    ready: bool
    waited: bool = False
    doubted: bool = False
    """Nobody has it in hand yet; by the numbers there is enough of it again."""
    promised_at: datetime | None = None
    instead: tuple[Item, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderMoved(About):
    """What they wanted is set aside in this store, because another could not give it.

    ``rest``: the remainder of ``from_number`` goes on at ``from_store``.
    """

    kind: ClassVar[str] = "order_moved"

    from_store: str
    from_number: str
    rest: bool
    promised_at: datetime
    next_news_at: datetime
    items: tuple[Item, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemsConfirmed(About):
    """What was only likely is in somebody's hands."""

    kind: ClassVar[str] = "items_confirmed"

    items: tuple[Item, ...]
    promised_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderReady(About):
    """``told`` is the time that the customer last heard; earlier and later are both said.

    ``feared``: that time was a later one, for which we had apologized.
    """

    kind: ClassVar[str] = "order_ready"

    ready_at: datetime
    told: datetime | None
    place: Place
    code: str
    hold_until: datetime
    items: tuple[Item, ...] = ()
    missing: tuple[Item, ...] = ()
    asked: bool = False
    """What shall become of the ``missing`` ones is for the shopper to say."""
    feared: bool = False
    sorry: bool = True
    credit: Credit | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadyWithdrawn(About):
    """We said that it was ready at ``said_at``, and it was not."""

    kind: ClassVar[str] = "ready_withdrawn"

    said_at: datetime
    promised_at: datetime | None
    next_news_at: datetime
    sorry: bool = True
    credit: Credit | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PickupReminder(About):
    kind: ClassVar[str] = "pickup_reminder"

    place: Place
    code: str
    hold_until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderExpired(About):
    kind: ClassVar[str] = "order_expired"

    held_until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderCancelled(About):
    """``reason`` is given only for a cancellation by the store, and only with evidence."""

    kind: ClassVar[str] = "order_cancelled"

    by: CancelledBy
    reason: DelayReason | None = None
    sorry: bool = True
    credit: Credit | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PickedUp(About):
    kind: ClassVar[str] = "picked_up"

    picked_up_at: datetime


Facts = (
    OrderReceived
    | DelayApology
    | NewsDue
    | ItemShort
    | ChoiceNeeded
    | ChoiceSettled
    | OrderMoved
    | ItemsConfirmed
    | OrderReady
    | ReadyWithdrawn
    | PickupReminder
    | OrderExpired
    | OrderCancelled
    | PickedUp
)

FILLED_IN: Final = frozenset({"first_name", "status_url"})
KINDS: Final[dict[str, type[Facts]]] = {cls.kind: cls for cls in get_args(Facts)}


@cache
def _adapter(kind: str) -> TypeAdapter[Facts]:
    return TypeAdapter(KINDS[kind])


def dump(facts: Facts) -> dict[str, Any]:
    """Return the snapshot that is kept with the message, in JSON's own types: no name, no link."""
    snapshot: dict[str, Any] = _adapter(facts.kind).dump_python(facts, mode="json")
    return {name: value for name, value in snapshot.items() if name not in FILLED_IN}


def load(
    kind: str, snapshot: dict[str, Any], *, first_name: str = "", status_url: str = ""
) -> Facts:
    """Return the facts that ``dump`` kept, addressed to somebody.

    A field that the class no longer has is dropped, so that a snapshot outlives a release.
    """
    known = {field.name for field in fields(KINDS[kind])}
    values = {name: value for name, value in snapshot.items() if name in known}
    values |= {"first_name": first_name, "status_url": status_url}
    return _adapter(kind).validate_python(values)
