"""What an order's page says of the customer's coming, and which buttons it has. Pure."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from bopis.orders.counter.arrival import CHANGES, Doors, Where
from bopis.orders.states import PROMISED, WAITING, Arrival, OrderState

ROUGHLY: Final = (10, 20, 30, 45, 60, 90)
"""Minutes that somebody on the way can choose from; none is fine."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Coming:
    """What the customer has said of it, as far as it still holds."""

    state: Arrival = Arrival.NONE
    expected_at: datetime | None = None
    arrived_at: datetime | None = None
    waits_at: Where | None = None
    spot: str = ""
    changes: int = 0
    said_at: datetime | None = None

    @property
    def is_here(self) -> bool:
        return self.state is Arrival.ARRIVED

    @property
    def is_on_the_way(self) -> bool:
        return self.state is Arrival.ON_MY_WAY


@dataclass(frozen=True, slots=True)
class Buttons:
    """What can be said on the page now.

    Shapes:
        shut: nobody hands anything over just now, so nobody would come to meet them.
        spent: it was said and taken back so often that only a person can help.
    """

    on_my_way: bool = False
    here: bool = False
    not_yet: bool = False
    moved: bool = False
    shut: bool = False
    spent: bool = False


def buttons(coming: Coming, order: OrderState, door: Doors) -> Buttons | None:
    """Return what the page offers; None: the order has ended, and nobody comes for it."""
    if order not in PROMISED | WAITING:
        return None
    if coming.changes >= CHANGES:
        return Buttons(spent=True)
    is_open = door is Doors.OPEN
    return Buttons(
        on_my_way=door is not Doors.SHUT
        and coming.state not in {Arrival.ON_MY_WAY, Arrival.ARRIVED},
        here=is_open and not coming.is_here,
        not_yet=coming.is_here or coming.is_on_the_way,
        moved=is_open and coming.is_here,
        shut=not is_open,
    )


def is_first(coming: Coming, order: OrderState) -> bool:
    """Say whether it belongs at the top: there is something to come for, or they are coming."""
    return order in WAITING or coming.is_here or coming.is_on_the_way
