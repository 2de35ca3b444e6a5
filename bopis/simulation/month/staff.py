"""How associates of a simulated store come, notice, walk, search and put down: the truth of it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Final
from uuid import UUID

from associates.models import ShortReason
from associates.picking.scans import TaskState
from bopis.orders.states import Bucket
from bopis.simulation.month import asking, counter, floor
from bopis.simulation.month import desk as desks
from bopis.simulation.month.floor import Walker
from bopis.simulation.month.kept import Line, Order
from bopis.simulation.month.nature import Month, Nature
from bopis.simulation.month.scene import Scene
from bopis.simulation.month.shelves import Slot
from inventory.opening import hours

B: Final = Bucket
SEARCH: Final = 5.0
"""Minutes to look for an item that is not at its place; the median."""
RECOUNT_FINDS: Final = 0.35
"""Share of counts that find what a search did not, where it is in the building at all."""
AT_WORK: Final = timedelta(hours=8)
COUNT_AGAIN: Final = timedelta(minutes=20)
"""Nobody hands over what was counted while the walk that missed it still goes on."""


@dataclass(slots=True)
class Walk:
    order: Order
    walker: Walker
    left: list[Line]
    picked: int = 0


class Staff(Scene):
    def __init__(self, month: Month, nature: Nature) -> None:
        super().__init__(month, nature)
        self._walkers: list[Walker] = []
        self._staged: dict[UUID, datetime] = {}

    def _floor(self, now: datetime) -> int:
        """Return who walks, as handhelds tell: whoever has, today; else whoever is signed in."""
        here = [w for w in self._walkers if w.is_here(now)]
        walked = [
            w
            for w in self._walkers
            if w.walks is not None
            or (w.is_here(now) and self._staged.get(w.id, w.begins - AT_WORK) >= now - AT_WORK)
        ]
        return len(walked) or len(here)

    def _come_to_work(self, now: datetime, *, walker: Walker) -> None:
        self._walkers = [w for w in self._walkers if w.ends > now or w.walks is not None]
        self._walkers.append(walker)
        self._call(now)

    def _bind(self, now: datetime, *, walker: Walker, until: datetime) -> None:
        if walker.walks is None:
            walker.bound_until = max(walker.bound_until, until)

    def _pause(self, now: datetime, *, until: datetime) -> None:
        desks.shut(self.desk, until, now)
        self.book.rows["pauses"].append(
            (self.nature.store, self.book.ids(now), now, until, "water", False, True, now)
        )
        for walker in self._walkers:
            walker.bound_until = max(walker.bound_until, until)

    def _waiting(self) -> list[Order]:
        return [o for o in self.desk.open.values() if o.task is TaskState.OPEN]

    def _call(self, now: datetime) -> None:
        """Somebody who is free will notice, sooner or later, that orders wait."""
        if not self._waiting():
            return
        for walker in self._walkers:
            if walker.walks is None and not walker.called and walker.is_here(now):
                walker.called = True
                notices = max(now, walker.bound_until)
                notices += floor.spread(self._work, self.nature.notice, 0.7)
                self._at(notices, partial(self._come, walker=walker))

    def _come(self, now: datetime, *, walker: Walker) -> None:
        walker.called = False
        waiting = self._waiting()
        if walker.walks is not None or not waiting or now > walker.ends - floor.LEAST_LEFT:
            return
        held = max(walker.bound_until, self._is_down(now) or now)
        if held > now:
            walker.called = True
            self._at(held + timedelta(minutes=1), partial(self._come, walker=walker))
            return
        order = min(waiting, key=lambda o: (o.first.latest, o.id))
        if desks.begin(self.desk, order, walker.id, now):
            walker.walks = order.reference
            todo = [line for line in order.lines if line.units[B.RESERVED]]
            self._next(Walk(order, walker, todo), now, first=True)

    def _next(self, walk: Walk, now: datetime, *, first: bool = False) -> None:
        """Go to the next place, or to the counter."""
        n, rng = self.nature, self._work
        if walk.left and walk.order.closed_at is None:
            line = walk.left[0]
            minutes = n.per_line + n.per_unit * min(line.asked, 4) + (n.out / 2 if first else 0)
            takes = floor.spread(rng, minutes, n.spread)
            if rng.random() < n.interrupted:
                takes += timedelta(minutes=rng.uniform(2, 12))
            self._at(now + takes, partial(self._look, walk=walk))
            return
        back = floor.spread(rng, n.out / 2 + 1, n.spread)
        self._at(now + back, partial(self._back, walk=walk))

    def _look(self, now: datetime, *, walk: Walk) -> None:
        n, line = self.nature, walk.left[0]
        slot = self._truth[walk.order.id].slots[line.line]
        misplaced = self._work.random() < n.misplaced
        if walk.order.closed_at is not None:
            self._next(walk, now)
        elif misplaced or slot.there < line.asked:
            there = not misplaced or self._work.random() < n.recovered
            units = min(slot.there, line.asked) if there else 0
            search = floor.spread(self._work, SEARCH, 0.5)
            self._at(now + search, partial(self._pick, walk=walk, units=units))
        else:
            self._pick(now, walk=walk, units=line.asked)

    def _pick(self, now: datetime, *, walk: Walk, units: int) -> None:
        order, line = walk.order, walk.left.pop(0)
        if order.closed_at is None:
            slot, asked = self._truth[order.id].slots[line.line], line.asked
            self.shelves.taken(slot, units, asked=asked)
            walk.picked += units
            self._tell(now, self._picked, order, line, units, asked)
            if units < asked:
                hidden = slot.there > 0
                slot.till = slot.told = 0
                self._count_later(order, line, slot, asked - units, hidden=hidden, now=now)
        self._next(walk, now)

    def _picked(self, order: Order, line: Line, units: int, asked: int, now: datetime) -> None:
        if order.closed_at is not None:
            return
        if units:
            desks.found(self.desk, order, line, units, now)
        if units < asked:
            reason = ShortReason.SHORT_QUANTITY if units else ShortReason.NOT_FOUND
            asking.gone(self.desk, order, line, asked - units, reason=reason, now=now)

    def _count_later(
        self, order: Order, line: Line, slot: Slot, units: int, *, hidden: bool, now: datetime
    ) -> None:
        turns_up = hidden and self._work.random() < RECOUNT_FINDS
        at = hours.add_open_time(self.calendar, now, timedelta(minutes=self._work.uniform(15, 100)))
        if at is not None:
            again = partial(self._counted, order, line, slot, units if turns_up else 0)
            self._at(at, lambda then: self._tell(then, again))

    def _counted(self, order: Order, line: Line, slot: Slot, units: int, now: datetime) -> None:
        if not units or order.closed_at is not None:
            return
        if order.task is TaskState.CLAIMED:
            self._at(now + COUNT_AGAIN, partial(self._counted, order, line, slot, units))
            return
        slot.there = max(slot.there, units)
        self.shelves.counted(slot)
        if slot.told - slot.held >= units:
            short = line.units[B.SHORT]
            if asking.found(self.desk, order, line, now):
                slot.held += short
                self.counts["found_when_counted"] += 1
                self._call(now)

    def _back(self, now: datetime, *, walk: Walk) -> None:
        """At the counter: the bag is put down, and the walker is free again."""
        order, walker = walk.order, walk.walker
        walker.walks = None
        if order.closed_at is None and (walk.picked or order.sum(B.PICKED, B.STAGED)):
            truth = self._truth[order.id]
            if self._work.random() < self.nature.wrong_ready:
                full = [line.line for line in order.lines if line.units[B.PICKED] or line.found]
                truth.bag_lacks = self._work.choice(full) if full else None
            late = floor.spread(self._work, self.nature.claims_late, 0.6)
            self._at(now + late, partial(self._claim, order=order, walker=walker))
        self._call(now)

    def _claim(self, now: datetime, *, order: Order, walker: Walker) -> None:
        self._staged[walker.id] = now
        self._tell(now, self._ready, order)

    def _ready(self, order: Order, now: datetime) -> None:
        if order.closed_at is None and order.task is TaskState.CLAIMED:
            asking.no_longer_late(self.desk, order, now)
            counter.ready(self.desk, order, now)
