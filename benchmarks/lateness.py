"""What warnings would have been worth, in a store that is made up: thresholds side by side.

``python -m benchmarks.lateness`` plays the same four weeks again for each threshold and each way to
tell what is left, and prints the tables of ``docs/lateness.md``; ``--write`` puts them there. The
looks are those of the watchdog, once a minute; promises are those that a shopper would be given.

The store is none that the predictor assumes. Days differ, walks differ, people are missing for an
hour, one order of twenty hides an item, and a walk says nothing of that before it comes to it.
"""

import argparse
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from math import exp
from pathlib import Path
from random import Random
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from bopis.kernel.ids import OrderId, StoreId
from bopis.orders.states import Attention
from bopis.orders.watching.looks import look_through
from bopis.orders.watching.sight import Seen, Sight
from bopis.promises import predictor, promise, survival, tracking
from bopis.promises.outlook import Outlook
from bopis.promises.predictor import Tempo, Took, Worked
from bopis.promises.promise import PromiseStatus
from bopis.promises.survival import UNLEARNED, Cell, Observation, Survival
from bopis.promises.tracking import Hour, Levels, Quantile
from bopis.promises.warning import EARLY_AT, LAST_AT, RULE, Threshold
from inventory.opening.hours import Calendar, WeeklyHours

MINUTE: Final = timedelta(minutes=1)
DAYS: Final = 28
LEARNS: Final = 7
"""Days before which nothing is counted: they are what the first week's fit is made of."""
OPENS, CLOSES = 9, 23
LAST_ORDER: Final = 11 * 60
AN_HOUR: Final = (6, 8, 10, 13, 12, 10, 9, 10, 13, 12, 8)
"""Orders that come in each hour of a day."""
PEOPLE: Final = 3
USUAL: Final = Tempo()
PAGE: Final = Path(__file__).parents[1] / "docs" / "lateness.md"
MARK: Final = "<!-- made by python -m benchmarks.lateness --write -->"
CALENDAR: Final = Calendar(
    ZoneInfo("UTC"), tuple(WeeklyHours(day, time(OPENS), time(CLOSES)) for day in range(7))
)
START: Final = datetime(2026, 3, 2, OPENS, tzinfo=UTC)


@dataclass
class Order:
    """One order: what it is, what was said of it, and what came of it."""

    id: OrderId
    at: datetime
    units: int
    base: float
    first: datetime
    hour: Hour
    seen: Seen
    found: list[datetime] = field(default_factory=list)
    """When each of its units is in the tote, from when somebody began."""
    ready_at: datetime | None = None
    said: list[datetime] = field(default_factory=list)
    foreseen: bool = False
    is_missed: bool = False


@dataclass(frozen=True, slots=True)
class Way:
    """How what is left is told: the threshold, and what is learned."""

    name: str
    rule: Threshold = RULE
    learns: bool = True
    sight: type[Sight] = Sight


class Absolute(Sight):
    """Survival of minutes instead of multiples of the base: what if the base were not needed?"""

    def p_late(self, seen: Seen, base: float) -> float:
        cell = self.cell(seen)
        known = self.survival.rest(cell, predictor.WALK)
        if known is predictor.WALK:
            return super().p_late(seen, base)
        return predictor.share_over(known.ratios, self.left(seen.promised_at), ABSOLUTE)


ABSOLUTE: Final = 30.0


@dataclass
class Store:
    """The made-up floor, minute by minute."""

    dice: Random
    way: Way
    people: int = PEOPLE
    orders: list[Order] = field(default_factory=list)
    waiting: list[Order] = field(default_factory=list)
    walking: list[Order] = field(default_factory=list)
    busy: list[datetime] = field(default_factory=list)
    seen: list[Took] = field(default_factory=list)
    today: list[Worked] = field(default_factory=list)
    ratios: list[float] = field(default_factory=list)
    levels: Levels = field(default_factory=dict)
    looks: dict[tuple[OrderId, Cell], tuple[Order, datetime, float]] = field(default_factory=dict)
    survival: Survival = UNLEARNED
    moved_at: datetime = START

    def outlook(self, now: datetime) -> Outlook:
        before, units = {}, 0
        for number, order in enumerate(self.waiting):
            before[order.id] = (units, number)
            units += order.units
        idle = now - max(self.moved_at, min((o.at for o in self.waiting), default=now))
        return Outlook(
            store_id=StoreId("S1"),
            calendar=CALENDAR,
            taken_at=now,
            orders_ahead=len(self.waiting),
            units_ahead=units,
            pickers=self.people,
            tempo=predictor.today(self.today[-60:], USUAL),
            known=predictor.evidence(self.seen[-200:], ()),
            idle=max(idle, timedelta(0)) if self.waiting else timedelta(0),
            before=before,
            quantile=Quantile(self.levels, {}, tracking.pace(self.ratios[::-1])),
        )

    def day(self, day: int) -> None:
        """Play one day, until all that came is ready."""
        opens = START + timedelta(days=day)
        mood = exp(self.dice.gauss(0, 0.15))
        away = self.dice.randrange(60, LAST_ORDER) if self.dice.random() < 0.5 else None
        coming = sorted(self._arrivals(opens))
        self.today, self.ratios, self.busy = [], [], []
        self.moved_at = opens
        if self.waiting or self.walking:
            self._look(opens - MINUTE)
        for minute in range((CLOSES - OPENS) * 60):
            now = opens + minute * MINUTE
            missing = away is not None and away <= minute < away + 60
            self.people = PEOPLE - missing
            self._finish(now)
            while coming and coming[0] <= now:
                self._accept(coming.pop(0))
            self._begin(now, mood * (1.15 if 180 <= minute < 300 else 1.0))
            if self.waiting or self.walking:
                self._look(now)

    def _arrivals(self, opens: datetime) -> Iterable[datetime]:
        for hour, expected in enumerate(AN_HOUR):
            minute = 0.0
            while (minute := minute + self.dice.expovariate(expected / 60)) < 60:
                yield opens + timedelta(minutes=hour * 60 + minute)

    def _accept(self, at: datetime) -> None:
        units = 1 + min(int(self.dice.expovariate(1 / 5)), 30)
        offer = self.outlook(at).offer(units, at)
        id_ = OrderId(UUID(int=len(self.orders) + 1))
        seen = Seen(
            id=id_,
            promised_at=offer.latest,
            accepted_at=at,
            promise_version=1,
            promise_status=PromiseStatus.ON_TRACK,
            attention=Attention.NONE,
            p_late=None,
            next_update_due_at=offer.latest,
            begun_at=None,
            reserved=units,
            ordered=units,
            short=0,
        )
        order = Order(id_, at, units, offer.base_minutes, offer.latest, offer.hour, seen)
        self.orders.append(order)
        self.waiting.append(order)
        self.waiting.sort(key=lambda one: (one.first, one.id.int))

    def _begin(self, now: datetime, slower: float) -> None:
        while self.waiting and len(self.walking) < self.people:
            order = self.waiting.pop(0)
            dice = self.dice
            pace = slower * exp(dice.gauss(0, 0.3))
            at = now + timedelta(minutes=dice.uniform(0.5, 4) * bool(not self.walking))
            begun = at
            hidden = dice.randrange(order.units) if dice.random() < 0.05 else None
            for unit in range(order.units):
                minutes = USUAL.per_unit * pace * dice.expovariate(1)
                minutes += USUAL.per_order * pace * 0.5 * (unit == 0)
                minutes += dice.uniform(8, 30) * (unit == hidden)
                at += timedelta(minutes=minutes)
                order.found.append(at)
            order.ready_at = at + timedelta(minutes=USUAL.per_order * pace * 0.5)
            order.seen = replace(order.seen, begun_at=begun)
            self.walking.append(order)
            self.moved_at = max(self.moved_at, begun)

    def _finish(self, now: datetime) -> None:
        for order in list(self.walking):
            left = sum(at > now for at in order.found)
            if left < order.seen.reserved:
                self.moved_at = now
            order.seen = replace(order.seen, reserved=left)
            assert order.ready_at is not None
            assert order.seen.begun_at is not None
            if order.ready_at <= now:
                self.walking.remove(order)
                self.moved_at = now
                took = (order.ready_at - order.at) / MINUTE
                self._learn(order, took, is_ready=True)
                walked = (order.ready_at - order.seen.begun_at) / MINUTE
                self.today.append(Worked(order.units, walked))

    def _learn(self, order: Order, took: float, *, is_ready: bool) -> None:
        missed = order.ready_at is None or not is_ready or order.ready_at > order.first
        if not order.is_missed:
            self.levels = tracking.learned(self.levels, [tracking.Known(missed, order.hour)])
            self.seen.append(Took(took / order.base, is_ready))
            self.ratios.append(took / order.base)
        order.is_missed = order.is_missed or missed

    def _look(self, now: datetime) -> None:
        sight = self.way.sight(
            self.outlook(now),
            now,
            self.survival,
            since=now - timedelta(hours=12),
            until=now + timedelta(hours=14),
            rule=self.way.rule,
        )
        for order in (*self.waiting, *self.walking):
            looked = look_through(sight, order.seen)
            key = (order.id, sight.cell(order.seen))
            self.looks.setdefault(key, (order, now, looked.base))
            version, until = order.seen.promise_version, order.seen.promised_at
            in_time = now <= order.first - looked.lead
            order.foreseen |= version == 1 and looked.is_foreseen and in_time
            if looked.speak:
                order.said.append(now)
                until = promise.revise(until, looked.ready_by, now) or until
                version += 1
            order.seen = replace(
                order.seen,
                p_late=looked.p_late,
                promised_at=until,
                promise_version=version,
                next_update_due_at=until,
                attention=Attention.STAFF_NEEDED if version > 2 else Attention.NONE,
            )
            if now >= order.first and not order.is_missed:
                self._learn(order, (order.first - order.at) / MINUTE, is_ready=False)

    def refit(self) -> None:
        """Learn from all looks so far, as the job does each week."""
        if not self.way.learns:
            return
        made = [
            Observation(cell, self._base(base), (order.ready_at - at) / MINUTE)
            for (_, cell), (order, at, base) in self.looks.items()
            if order.ready_at is not None
        ]
        self.survival = Survival(survival.fit(made))

    def _base(self, base: float) -> float:
        return ABSOLUTE if self.way.sight is Absolute else base


@dataclass(frozen=True, slots=True)
class Figures:
    """What one way came to."""

    way: Way
    orders: int
    late: int
    warned: int
    foreseen: int
    unwarned: int
    alarms: int
    twice: int
    lead: float

    def row(self) -> str:
        share = 100 * self.warned / self.late
        return (
            f"| {self.way.name} | {self.orders:,} | {100 * self.late / self.orders:.1f} %"
            f" | {share:.1f} % | {100 * self.foreseen / self.late:.1f} % | {self.lead:.0f} min"
            f" | {100 * self.alarms / self.orders:.1f} | {100 * self.twice / self.orders:.1f}"
            f" | {self.unwarned} |"
        )


RULES: Final = ((0.7, 0.7), (0.7, LAST_AT), (0.85, 0.4), (EARLY_AT, LAST_AT), (0.95, LAST_AT))
HEAD: Final = (
    "| | orders | late | warned ≥ 5 min before | knowable | median lead | false alarms / 100"
    " | told twice / 100 | late, unwarned |\n|---|---|---|---|---|---|---|---|---|"
)


def played(way: Way, seed: int, days: int = DAYS) -> Figures:
    """Play the weeks; count what came after the first of them."""
    store = Store(Random(seed), way)
    for day in range(days):
        if day and day % LEARNS == 0:
            store.refit()
        store.day(day)
    since = START + timedelta(days=LEARNS)
    counted = [order for order in store.orders if order.at >= since]
    late = [order for order in counted if order.ready_at is None or order.ready_at > order.first]
    leads = sorted((o.first - o.said[0]) / MINUTE for o in late if o.said)
    return Figures(
        way=way,
        orders=len(counted),
        late=len(late),
        warned=sum(lead >= 5 for lead in leads),
        foreseen=sum(order.foreseen for order in late),
        unwarned=len(late) - sum(lead > 0 for lead in leads),
        alarms=sum(bool(o.said) for o in counted if o not in late),
        twice=sum(len(o.said) > 1 for o in counted),
        lead=leads[len(leads) // 2] if leads else 0.0,
    )


def tables(seed: int, days: int) -> str:
    ways = [
        Way("the present forms alone", learns=False),
        Way("survival of multiples of the base"),
        Way("survival of minutes, without a base", sight=Absolute),
    ]
    lines = [f"By what is believed of the rest, at {EARLY_AT} and {LAST_AT}:", "", HEAD]
    lines += [played(way, seed, days).row() for way in ways]
    lines += [
        "",
        "By the odds early on and at the last call, with survival of multiples:",
        "",
        HEAD,
    ]
    lines += [
        played(Way(f"{early} / {last}", Threshold(early, last)), seed, days).row()
        for early, last in RULES
    ]
    return "\n".join(lines) + "\n"


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.lateness", description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--days", type=int, default=DAYS)
    parser.add_argument("--write", action="store_true", help=f"into {PAGE.name}")
    chosen = parser.parse_args(arguments)
    made = tables(chosen.seed, chosen.days)
    print(made)
    if chosen.write:
        before, _, after = PAGE.read_text(encoding="utf-8").split(MARK)
        PAGE.write_text(f"{before}{MARK}\n\n{made}\n{MARK}{after}", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
