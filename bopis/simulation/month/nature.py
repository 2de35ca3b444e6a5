"""What the stores of a simulated chain are like in truth. Our rules are told none of this. Pure.

Two of the stores are run badly, each in a way of its own: in one too few people work and the
handheld lies in a drawer, in the other nothing is where it should be and its stock feed falls
silent. All others differ as stores do.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Final
from zoneinfo import ZoneInfo

from bopis.kernel.ids import StoreId
from inventory.opening.hours import Calendar, WeeklyHours

FIRST_DAY: Final = date(2026, 10, 12)
"""A Monday. In the month that follows, clocks are set back in Paris and in New York."""
HOLD_DAYS: Final = 2
AFTERWARDS: Final = 10
"""Days until the last order has been collected or put back."""
_ZONES: Final = ("America/New_York", "Europe/Paris")
_TOWNS: Final = (
    "Ashford", "Birchwood", "Cedar Falls", "Dunmore", "Elmhurst", "Fairview", "Glenside",
    "Hartley", "Ivybridge", "Juniper Hill", "Kessel", "Lavande", "Mirebeau", "Nantelle",
    "Ormont", "Plaisance", "Quincey", "Rochefane", "Saint-Aubin", "Tournelle",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Shift:
    """One person's day: from opening or up to closing, and for how long.

    Units:
        hours: until the person goes home; a break of half an hour lies in the middle.
    """

    early: bool
    hours: float


@dataclass(frozen=True, slots=True)
class Nature:
    """One store, as nobody ever writes it down.

    Units:
        orders: web orders of an average day.
        notice: minutes until somebody who is free looks at the handheld; the median.
        out, per_line, per_unit: minutes of a walk: there and back, to each place, for each unit.
        spread: log-normal sigma of each of these times.
        misplaced: share of lines of which the item is not at its place.
        recovered: share of those that a search finds all the same.
        interrupted: chance, at each line, that a customer asks for something.
        bound: times an hour and person that other work holds somebody for a while.
        sick: chance that a shift is called off in the morning.
        claims_late: minutes between the bag at the counter and the scan that says so; the median.
        wrong_ready: share of orders called ready of which something is missing at the counter.
        shrink: chance, per item and night, that a unit or two are gone and nobody knows.
        silent: days on which its stock feed says nothing, counted from the first.
    """

    store: StoreId
    name: str
    zone: ZoneInfo
    opens: time
    closes: time
    sunday: tuple[time, time] | None
    exceptions: Mapping[date, tuple[tuple[time, time], ...]]
    orders: float
    shifts: tuple[Shift, ...]
    notice: float
    out: float
    per_line: float
    per_unit: float
    spread: float
    misplaced: float
    recovered: float
    interrupted: float
    bound: float
    sick: float
    shrink: float
    late_deliveries: float
    claims_late: float = 0.0
    wrong_ready: float = 0.002
    silent: frozenset[int] = frozenset()
    lost_shift: frozenset[int] = frozenset()
    """Days on which the last of its shifts is not filled: flu, and a fair that pays more."""
    gives_plan: bool = False
    """Whether it tells us its shifts: as planned, not who came."""
    pauses: tuple[tuple[datetime, datetime], ...] = ()
    """Afternoons on which the store does nothing at all for pickup."""
    fault: str = ""

    @property
    def calendar(self) -> Calendar:
        return Calendar(self.zone, tuple(self.weekly()), dict(self.exceptions))

    def weekly(self) -> list[WeeklyHours]:
        rows = [WeeklyHours(day, self.opens, self.closes) for day in range(6)]
        return rows + ([WeeklyHours(6, *self.sunday)] if self.sunday else [])


@dataclass(frozen=True, slots=True)
class Month:
    """What is played: which stores, for how long, and what befalls all of them."""

    seed: int
    days: int
    stores: tuple[Nature, ...]
    outage: tuple[datetime, datetime] | None
    """Our own system answers nobody."""
    first: date = FIRST_DAY
    hold_days: int = field(default=HOLD_DAYS)

    @property
    def begins(self) -> datetime:
        return datetime.combine(self.first, time(0), UTC)

    @property
    def ends(self) -> datetime:
        """Return when the last order has been placed."""
        return self.begins + timedelta(days=self.days)


def month(seed: int, *, stores: int = 20, days: int = 30) -> Month:
    """Return the month of a seed: the same one, to the letter, each time."""
    chain = [_ordinary(seed, n, days) for n in range(stores)]
    if stores > 1:
        chain[stores // 3] = _understaffed(chain[stores // 3])
        chain[-1 - stores // 5] = _disordered(chain[-1 - stores // 5])
    third = FIRST_DAY + timedelta(days=min(9, days - 1))
    paused = min(3, stores - 1)
    chain[paused] = _paused(chain[paused], third)
    down = datetime.combine(FIRST_DAY + timedelta(days=min(22, days - 1)), time(15), UTC)
    return Month(seed, days, tuple(chain), (down, down + timedelta(hours=1)))


def _ordinary(seed: int, n: int, days: int) -> Nature:
    rng = Random(f"{seed}:nature:{n}")
    zone = _ZONES[n % 2]
    opens, closes = time(rng.choice((8, 8, 9))), time(rng.choice((20, 20, 21, 22)))
    sunday = (time(10), time(18)) if rng.random() < 0.8 else None
    dated: dict[date, tuple[tuple[time, time], ...]] = {}
    if zone == "Europe/Paris":
        dated[date(2026, 11, 1)] = () if rng.random() < 0.5 else ((time(10), time(14)),)
    elif rng.random() < 0.5:
        dated[date(2026, 10, 31)] = ((opens, time(17)),)
    shifts = [Shift(early=True, hours=8.5), Shift(early=False, hours=8.5)]
    orders = min(34.0, max(12.0, 20.0 * rng.lognormvariate(0.0, 0.25)))
    if orders > 16:
        shifts.append(Shift(early=rng.random() < 0.5, hours=7.0))
    spell = range(14, 19) if rng.random() < 0.6 else range(0)
    return Nature(
        store=StoreId(f"M{n + 1:02}"),
        name=_TOWNS[n % len(_TOWNS)],
        zone=ZoneInfo(zone),
        opens=opens,
        closes=closes,
        sunday=sunday,
        exceptions=dated,
        orders=round(orders, 2),
        shifts=tuple(shifts),
        notice=round(rng.uniform(3.0, 7.0), 2),
        out=round(rng.uniform(2.5, 5.0), 2),
        per_line=round(rng.uniform(1.4, 2.4), 2),
        per_unit=round(rng.uniform(0.15, 0.4), 2),
        spread=round(rng.uniform(0.35, 0.5), 2),
        misplaced=round(rng.uniform(0.015, 0.04), 4),
        recovered=round(rng.uniform(0.6, 0.85), 2),
        interrupted=round(rng.uniform(0.01, 0.04), 3),
        bound=round(rng.uniform(0.2, 0.45), 2),
        sick=round(rng.uniform(0.01, 0.04), 3),
        shrink=round(rng.uniform(0.001, 0.003), 4),
        late_deliveries=0.12,
        lost_shift=frozenset(day for day in spell if day < days),
        gives_plan=n % 4 < 2,
    )


def _understaffed(one: Nature) -> Nature:
    """Two people where three are needed, and the handheld lies in a drawer."""
    return replace(
        one,
        orders=19.0,
        shifts=(Shift(early=True, hours=8.5), Shift(early=False, hours=8.5)),
        notice=9.0,
        bound=0.6,
        sick=0.08,
        claims_late=12.0,
        fault="too few people, and the handheld ignored: ready is scanned late",
    )


def _disordered(one: Nature) -> Nature:
    """Nothing is where it should be, and the feed of its stock stops for days."""
    return replace(
        one,
        misplaced=0.16,
        recovered=0.55,
        shrink=0.012,
        wrong_ready=0.03,
        late_deliveries=0.3,
        silent=frozenset({5, 6, 7, 12, 13, 19, 20, 21, 26}),
        fault="a back room in disorder: items not found, wrong readies, a silent feed",
    )


def _paused(one: Nature, day: date) -> Nature:
    since = datetime.combine(day, time(13), one.zone).astimezone(UTC)
    return replace(one, pauses=((since, since + timedelta(hours=4)),))
