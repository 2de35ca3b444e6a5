"""One message of each kind and case, as invented people would get them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Final, TypedDict
from zoneinfo import ZoneInfo

from notifications.facts import (
    CancelledBy,
    Choice,
    ChoiceNeeded,
    ChoiceSettled,
    Credit,
    DelayApology,
    DelayReason,
    Elsewhere,
    Facts,
    Item,
    ItemsConfirmed,
    ItemShort,
    NewsDue,
    OrderCancelled,
    OrderExpired,
    OrderMoved,
    OrderReady,
    OrderReceived,
    PickedUp,
    PickupReminder,
    Place,
    ReadyWithdrawn,
)

CHICAGO: Final = ZoneInfo("America/Chicago")
NOON: Final = datetime(2026, 3, 6, 18, 0, tzinfo=UTC)
"""Friday, March 6, 12 PM in Chicago."""


def pm(hour: int, minute: int = 0, *, days: int = 0) -> datetime:
    """Return an afternoon hour of that Friday in Chicago, or of a later day."""
    return NOON + timedelta(hours=hour, minutes=minute, days=days)


class Common(TypedDict):
    number: str
    first_name: str
    store_name: str
    status_url: str


ABOUT: Final[Common] = {
    "number": "R-10442",
    "first_name": "Ada",
    "store_name": "Lakeview",
    "status_url": "https://pickup.example/o/S0042.k2Vd9xQ",
}
OAT, RYE = Item("Oat drink, 1 l", 2), Item("Rye bread")
SPELT: Final = Item("Spelt bread")
COUNTER: Final = Place(
    "Pickup counter, left of the entrance", "3400 N Halsted St", NOON - timedelta(hours=3), pm(9)
)

RECEIVED: Final = OrderReceived(
    **ABOUT, promised_at=pm(5), next_news_at=pm(4, 30), items=(OAT, RYE)
)
APOLOGY: Final = DelayApology(
    **ABOUT,
    told=pm(5),
    promised_at=pm(5, 45),
    reason=DelayReason.SEARCHING_ITEM,
    next_news_at=pm(5, 15),
)
OWED: Final = Credit(Decimal("2.50"), "EUR")
CHOOSE: Final = replace(
    APOLOGY,
    case=1,
    options=(Choice.WAIT, Choice.PARTIAL_NOW, Choice.OTHER_STORE, Choice.CANCEL_ORDER),
    default=Choice.WAIT,
    answer_by=pm(5, 45),
    elsewhere=(Elsewhere("Riverside", 3.4, "S0051", pm(5, 30), "9 of 10"),),
    found=2,
    ordered=3,
)
ON_TIME: Final = NewsDue(**ABOUT, promised_at=pm(5), next_news_at=pm(4, 30), found=2, ordered=3)
SHORT: Final = ItemShort(**ABOUT, missing=(RYE,), rest=2, promised_at=pm(5))
CHOICE: Final = ChoiceNeeded(
    **ABOUT,
    missing=(RYE,),
    doubted=False,
    options=(Choice.WAIT, Choice.PARTIAL_NOW, Choice.CANCEL_ORDER),
    default=Choice.PARTIAL_NOW,
    answer_by=pm(5, 5),
    wait_until=pm(6, 5),
    rest=2,
    ready=False,
    elsewhere=(Elsewhere("Riverside", 3.4), Elsewhere("Hill Street")),
    case=1,
)
SETTLED: Final = ChoiceSettled(
    **ABOUT, items=(RYE,), found=False, answered=True, ready=False, promised_at=pm(5)
)
MOVED: Final = OrderMoved(
    **(ABOUT | {"number": "M-20881", "store_name": "Riverside"}),
    from_store="Lakeview",
    from_number="R-10442",
    rest=True,
    promised_at=pm(6, 15),
    next_news_at=pm(5, 45),
    items=(RYE,),
)
CONFIRMED: Final = ItemsConfirmed(**ABOUT, items=(RYE,), promised_at=pm(5))
READY: Final = OrderReady(
    **ABOUT,
    ready_at=pm(4, 20),
    told=pm(5),
    place=COUNTER,
    code="7QK-4M2",
    hold_until=pm(8, days=2),  # 9 PM: the clocks go forward that night
    items=(OAT, RYE),
)
WITHDRAWN: Final = ReadyWithdrawn(
    **ABOUT, said_at=pm(4, 20), promised_at=pm(5, 45), next_news_at=pm(5, 15)
)
REMINDER: Final = PickupReminder(**ABOUT, place=COUNTER, code="7QK-4M2", hold_until=pm(9))
EXPIRED: Final = OrderExpired(**ABOUT, held_until=pm(9))
CANCELLED: Final = OrderCancelled(**ABOUT, by=CancelledBy.SHOPPER)
COLLECTED: Final = PickedUp(**ABOUT, picked_up_at=pm(5, 12))

CASES: Final[dict[str, tuple[Facts, datetime | None]]] = {
    "order_received": (RECEIVED, pm(3)),
    "order_received_sure": (replace(RECEIVED, kept=197, sample_size=212, basis="store"), pm(3)),
    "order_received_undated": (replace(RECEIVED, items=()), None),
    "order_received_evening": (
        replace(RECEIVED, promised_at=pm(0, days=1) - timedelta(hours=2), next_news_at=pm(9)),
        pm(8, 40),
    ),
    "delay_apology": (APOLOGY, pm(4, 35)),
    "delay_apology_unsure": (replace(APOLOGY, reason=DelayReason.PICKING, unsure=True), pm(4, 54)),
    "delay_apology_held_out": (replace(APOLOGY, sorry=False), pm(4, 35)),
    "delay_apology_choices": (CHOOSE, pm(4, 35)),
    "delay_apology_credit": (replace(CHOOSE, credit=OWED), pm(4, 35)),
    "delay_apology_second": (
        replace(CHOOSE, default=Choice.PARTIAL_NOW, credit=OWED, promised_at=pm(6, 30)),
        pm(5, 31),
    ),
    "delay_apology_broken": (replace(APOLOGY, reason=DelayReason.QUEUE), pm(5, 2)),
    "delay_apology_no_time": (
        replace(APOLOGY, promised_at=None, reason=DelayReason.UNKNOWN),
        pm(4, 35),
    ),
    "delay_apology_open_end": (
        replace(
            CHOOSE,
            promised_at=None,
            reason=DelayReason.STORE_INCIDENT,
            options=(Choice.WAIT, Choice.OTHER_STORE, Choice.CANCEL_ORDER),
            answer_by=NOON + timedelta(days=60),
            open_end=True,
            next_news_at=pm(3, 30),
            found=0,
        ),
        pm(3),
    ),
    "news_due_on_time": (ON_TIME, pm(3, 30)),
    "news_due_cleared": (replace(ON_TIME, cleared=True), pm(3, 30)),
    "news_due_unknown": (
        replace(ON_TIME, promised_at=None, found=0, next_news_at=pm(3, 30)),
        pm(2, 30),
    ),
    "order_received_likely": (
        replace(RECEIVED, likely=(RYE,), confirm_by=pm(3, 15), next_news_at=pm(3, 15)),
        pm(3),
    ),
    "news_due_unconfirmed": (
        replace(ON_TIME, unconfirmed=(RYE,), next_news_at=pm(4), found=0),
        pm(3, 15),
    ),
    "choice_needed": (CHOICE, pm(4, 3)),
    "choice_needed_ready": (
        replace(
            CHOICE,
            ready=True,
            options=(Choice.PARTIAL_NOW, Choice.CANCEL_ORDER),
            wait_until=None,
            elsewhere=(),
        ),
        pm(4, 3),
    ),
    "choice_needed_nothing_left": (
        replace(
            CHOICE,
            missing=(OAT, RYE),
            options=(Choice.WAIT, Choice.CANCEL_ORDER),
            default=Choice.CANCEL_ORDER,
            rest=0,
            elsewhere=CHOICE.elsewhere[:1],
        ),
        pm(4, 3),
    ),
    "choice_needed_doubted": (
        replace(CHOICE, doubted=True, default=Choice.WAIT, wait_until=None, elsewhere=()),
        pm(4, 3),
    ),
    "choice_needed_elsewhere": (
        replace(
            CHOICE,
            options=(
                Choice.WAIT,
                Choice.SUBSTITUTE,
                Choice.PARTIAL_NOW,
                Choice.OTHER_STORE,
                Choice.CANCEL_ORDER,
            ),
            default=Choice.SUBSTITUTE,
            instead=(SPELT,),
            elsewhere=(
                Elsewhere("Riverside", 3.4, "S0051", pm(6, 15)),
                Elsewhere("Hill Street", None, "S0052", pm(7), "9 of 10"),
            ),
        ),
        pm(4, 3),
    ),
    "choice_needed_again": (
        replace(
            CHOICE,
            failed="Riverside",
            wait_until=None,
            options=CHOICE.options[1:],
            elsewhere=(),
        ),
        pm(4, 9),
    ),
    "choice_needed_late_again": (
        replace(
            CHOICE,
            failed="Riverside",
            late=True,
            wait_until=None,
            options=(Choice.WAIT, Choice.CANCEL_ORDER),
            default=Choice.WAIT,
            elsewhere=(),
        ),
        pm(4, 9),
    ),
    "choice_needed_open_end": (
        replace(
            CHOICE,
            failed="Riverside",
            late=True,
            open_end=True,
            wait_until=None,
            options=(Choice.WAIT, Choice.CANCEL_ORDER),
            default=Choice.WAIT,
            elsewhere=(),
        ),
        pm(4, 9),
    ),
    "choice_settled_instead": (replace(SETTLED, instead=(SPELT,)), pm(4, 20)),
    "choice_settled_instead_by_default": (
        replace(SETTLED, instead=(SPELT,), answered=False),
        pm(5, 6),
    ),
    "order_moved": (MOVED, pm(4, 20)),
    "order_moved_rest": (replace(MOVED, store_name="Lakeview"), pm(4, 20)),
    "order_moved_whole": (replace(MOVED, rest=False, items=(OAT, RYE)), pm(4, 20)),
    "choice_settled_by_choice": (SETTLED, pm(4, 20)),
    "choice_settled_by_default": (
        replace(SETTLED, answered=False, ready=True, promised_at=None),
        pm(5, 6),
    ),
    "choice_settled_after_waiting": (
        replace(SETTLED, answered=False, waited=True, ready=True, promised_at=None),
        pm(6, 6),
    ),
    "choice_settled_no_doubt": (
        replace(SETTLED, found=True, answered=False, doubted=True),
        pm(4, 20),
    ),
    "choice_settled_found": (replace(SETTLED, found=True, answered=False), pm(4, 20)),
    "items_confirmed": (CONFIRMED, pm(3, 12)),
    "item_short_one": (SHORT, pm(4)),
    "item_short_several": (replace(SHORT, missing=(OAT, RYE), rest=1, promised_at=None), pm(4)),
    "item_short_all": (replace(SHORT, missing=(OAT, RYE), rest=0, promised_at=None), pm(4)),
    "order_ready_earlier": (READY, pm(4, 20)),
    "order_ready_feared": (replace(READY, told=pm(5, 45), feared=True), pm(4, 20)),
    "order_ready_credit": (replace(READY, ready_at=pm(5, 20), credit=OWED), pm(5, 20)),
    "order_ready_later": (replace(READY, ready_at=pm(5, 20), items=(OAT,), missing=(RYE,)), pm(6)),
    "order_ready_asked": (replace(READY, items=(OAT,), missing=(RYE,), asked=True), pm(4, 20)),
    "order_ready_closed": (
        replace(
            READY,
            told=None,
            items=(),
            place=replace(
                COUNTER, opens_at=pm(0, days=1) - timedelta(hours=3), closes_at=pm(9, days=1)
            ),
        ),
        pm(9, 30),
    ),
    "ready_withdrawn": (WITHDRAWN, pm(4, 40)),
    "ready_withdrawn_credit": (
        replace(WITHDRAWN, credit=Credit(Decimal(20), "EUR"), sorry=False),
        pm(4, 40),
    ),
    "ready_withdrawn_no_time": (replace(WITHDRAWN, promised_at=None), pm(4, 40)),
    "pickup_reminder": (REMINDER, NOON),
    "order_expired": (EXPIRED, pm(9, 1)),
    "order_cancelled_by_shopper": (CANCELLED, pm(4)),
    "order_cancelled_by_shop": (replace(CANCELLED, by=CancelledBy.SHOP), pm(4)),
    "order_cancelled_by_store": (
        replace(CANCELLED, by=CancelledBy.STORE, reason=DelayReason.ITEM_NOT_FOUND),
        pm(4),
    ),
    "order_cancelled_credit": (
        replace(
            CANCELLED,
            by=CancelledBy.STORE,
            reason=DelayReason.STORE_INCIDENT,
            credit=Credit(Decimal(5), "EUR", settled=True),
        ),
        pm(4),
    ),
    "picked_up": (COLLECTED, pm(5, 13)),
}


def delays(reason: DelayReason) -> dict[str, tuple[DelayApology, datetime]]:
    """Return every case of a delay by one cause: with a time or none, a credit or none, choices."""
    keep = (Choice.WAIT, Choice.CANCEL_ORDER)
    choices = {
        "nothing to choose": replace(CHOOSE, case=0, options=(), elsewhere=(), found=0),
        "keep or cancel": replace(CHOOSE, options=keep, elsewhere=(), found=0),
        "a part is ready": replace(CHOOSE, options=(*keep, Choice.PARTIAL_NOW), elsewhere=()),
        "another store has it": replace(CHOOSE, options=(*keep, Choice.OTHER_STORE), found=0),
        "a second delay": replace(CHOOSE, default=Choice.PARTIAL_NOW),
    }
    cases = {}
    for choice, letter in choices.items():
        for time in (APOLOGY.promised_at, None):
            for credit in (None, OWED):
                said = replace(letter, reason=reason, promised_at=time, credit=credit)
                name = f"{choice}, {'a new time' if time else 'no time yet'}"
                cases[f"{name}, {'credited' if credit else 'no credit'}"] = (said, pm(4, 35))
    return cases
