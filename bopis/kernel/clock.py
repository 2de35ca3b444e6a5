"""Where the time comes from; everything else takes it as an argument.

There are two clocks. The *store clock* says what people read: promises, hours, due times. It may
be virtual, so that a demo or a replay plays a day in minutes. The *machine clock* is always real
and decides leases, back-off and time-outs; in SQL it is ``clock_timestamp()``.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Self

Clock = Callable[[], datetime]
"""Returns an aware UTC instant."""


def machine_clock() -> datetime:
    """Return the real time."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class ScaledClock:
    """A store clock that runs ``speed`` times as fast as the machine's.

    Several processes agree on it without speaking to each other, because its text form
    (``origin@since*speed``) holds all there is to know.
    """

    origin: datetime
    """The store's time at ``since``."""
    since: datetime
    """The machine's time at which the store's clock was started."""
    speed: float

    def __call__(self) -> datetime:
        return self.origin + (machine_clock() - self.since) * self.speed

    def __str__(self) -> str:
        return f"{self.origin.isoformat()}@{self.since.isoformat()}*{self.speed}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read the text form back.

        Raises:
            ValueError: The text is not ``origin@since*speed`` with aware instants.
        """
        origin, _, rest = text.partition("@")
        since, _, speed = rest.partition("*")
        clock = cls(datetime.fromisoformat(origin), datetime.fromisoformat(since), float(speed))
        if clock.origin.tzinfo is None or clock.since.tzinfo is None or clock.speed <= 0:
            raise ValueError(f"not a clock: {text!r}")
        return clock


class ManualClock:
    """A store clock that stands still until it is moved: for replay and tests."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def advance(self, by: timedelta) -> datetime:
        self.now += by
        return self.now

    def advance_to(self, moment: datetime) -> datetime:
        """Move to ``moment``; never back, for no clock of ours runs backwards."""
        self.now = max(self.now, moment)
        return self.now
