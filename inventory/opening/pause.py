"""A store, or a stretch of its day, that is paused: why, until when, what goes on. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from inventory.opening.hours import HORIZON, Span


class PauseReason(StrEnum):
    """Why a store is paused. A closed list: of these alone do shoppers hear."""

    WATER = "water"
    POWER = "power"
    FIRE_ALARM = "fire_alarm"
    WEATHER = "weather"
    DAMAGE = "damage"  # a window, a door, a roof
    SYSTEMS = "systems"  # tills, handhelds, the network
    SHORT_STAFFED = "short_staffed"
    TOO_BUSY = "too_busy"
    EVENT = "event"  # stock-taking, a delivery, a street party
    OTHER = "other"  # nothing that a shopper has to know


BECAUSE: Final[Mapping[PauseReason, str]] = {
    PauseReason.WATER: "because of a water leak",
    PauseReason.POWER: "because of a power cut",
    PauseReason.FIRE_ALARM: "because of a fire alarm",
    PauseReason.WEATHER: "because of the weather",
    PauseReason.DAMAGE: "because of damage to the building",
    PauseReason.SYSTEMS: "because its systems are down",
    PauseReason.SHORT_STAFFED: "because too few people are at work",
    PauseReason.TOO_BUSY: "because it has more orders than it can prepare",
    PauseReason.EVENT: "because of work in the store",
    PauseReason.OTHER: "",
}
"""How a sentence about the store goes on; a reason that is nobody's business is left out."""


NOBODY_KNOWS: Final = timedelta(days=36_500)
"""A pause whose end nobody knows ends so long after it begins: further than anybody looks ahead."""


def is_known(ends_at: datetime, now: datetime) -> bool:
    """Say whether somebody knows when a pause ends."""
    return ends_at - now <= HORIZON


@dataclass(frozen=True, slots=True)
class Pause:
    """A stretch for which a store does not do what its hours say.

    Shapes:
        closes: nobody works and nothing is handed out; else only new orders are refused.
        takes_orders: new orders are taken, and promised for after it; else they are refused.
    """

    id: UUID
    begins_at: datetime
    ends_at: datetime
    reason: PauseReason
    takes_orders: bool
    closes: bool

    def is_on(self, now: datetime) -> bool:
        return self.begins_at <= now < self.ends_at


def closures(pauses: Iterable[Pause]) -> tuple[Span, ...]:
    """Return the stretches in which no work goes on."""
    return tuple((one.begins_at, one.ends_at) for one in pauses if one.closes)


def live(pauses: Iterable[Pause], now: datetime) -> Pause | None:
    """Return the pause that is on; of several, one that refuses orders, then the longest."""
    on = [one for one in pauses if one.is_on(now)]
    return max(on, key=lambda one: (not one.takes_orders, one.ends_at, one.id), default=None)


def refusing(pauses: Iterable[Pause], now: datetime) -> Pause | None:
    """Return the pause for which new orders are refused now; None: they are taken."""
    return live((one for one in pauses if not one.takes_orders), now)
