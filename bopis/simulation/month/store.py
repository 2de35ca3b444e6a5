"""One store's month, event by event: its people, its shelves and its shoppers, and our desk.

What happens in truth is drawn here; what we make of it is decided at the desk. The two meet only
where they meet in a store: an order comes in, a scan is heard, words are read, somebody comes.
"""

import heapq
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from itertools import count
from typing import Any, Final
from uuid import UUID

from associates.crew.shifts import Shift
from bopis.kernel.ids import StoreId
from bopis.orders.choices.choice import CaseState, Outcome
from bopis.orders.states import PROMISED, WAITING, Bucket, CancelReason
from bopis.simulation.month import asking, counter, floor, shoppers, watch
from bopis.simulation.month import desk as desks
from bopis.simulation.month.desk import Desk
from bopis.simulation.month.floor import Walker
from bopis.simulation.month.kept import Order
from bopis.simulation.month.learning import OfAll
from bopis.simulation.month.nature import AFTERWARDS, Month, Nature
from bopis.simulation.month.scene import PHASE, TICK, Truth
from bopis.simulation.month.shelves import Slot
from bopis.simulation.month.shoppers import Shopper
from bopis.simulation.month.staff import Staff
from inventory.opening import hours
from notifications.models import MessageKind

B: Final = Bucket


@dataclass(frozen=True, slots=True)
class Played:
    """One store's month: its orders, and the rows that it leaves in our tables."""

    store: StoreId
    ended: Sequence[Order]
    rows: dict[str, list[tuple[Any, ...]]]
    shifts: Sequence[Shift]
    counts: dict[str, int]
    looked: int


class Store(Staff):
    def __init__(self, month: Month, nature: Nature) -> None:
        super().__init__(month, nature)
        self._orders = count(1)
        self._conflicted: list[Slot] = []
        self._swept = month.begins - timedelta(days=1) + PHASE
        self._quiet_until = self._swept
        self._day = 0
        device = self.book.ids(month.begins)
        self.book.rows["devices"].append((nature.store, device, "Handheld", b"month", month.begins))
        self.desk = Desk(
            nature.store, self.calendar, self.book, device, month.hold_days, self._floor,
            doubted=self._doubted, heard=self._heard,
            shifts=floor.plan(nature, self.calendar, month.first, month.days + AFTERWARDS),
        )  # fmt: skip
        for day in range(month.days + AFTERWARDS):
            local = month.first + timedelta(days=day)
            at = datetime.combine(local, time(0), nature.zone).astimezone(UTC)
            self._at(at, partial(self._dawn, day=day, local=local))

    def run(self, until: datetime, known: OfAll) -> None:
        """Go on up to an instant, with what the chain knows by now."""
        self.desk.experience.told(known, self._swept)
        while True:
            due = self._heap[0][0] if self._heap else until
            minute = self._swept + TICK
            if minute <= min(due, until):
                self._swept = minute
                self._sweep(minute)
            elif due < until:
                at, _, act = heapq.heappop(self._heap)
                self._quiet_until = at
                act(at)
            else:
                return

    def played(self) -> Played:
        """Return what the month has left of it."""
        for order in self.desk.ended:
            self.book.order(order)
        self.book.learned(self.desk.experience)
        return Played(
            self.nature.store,
            self.desk.ended,
            dict(self.book.rows),
            self.desk.shifts,
            dict(self.counts),
            self.desk.looked,
        )

    def _sweep(self, now: datetime) -> None:
        if not self.desk.open:
            self._skip(self._heap[0][0] if self._heap else now)
        elif self._is_down(now) is None and (now >= self._quiet_until or self._was_down(now)):
            self.desk.down_since = self._was_down(now)
            watch.sweep(self.desk, now)
            self._quiet_until = self._nothing_before(now)

    def _skip(self, to: datetime) -> None:
        last = (to - PHASE).replace(second=0, microsecond=0) + PHASE - TICK
        self._swept = max(self._swept, last)

    def _nothing_before(self, now: datetime) -> datetime:
        """Return until when no sweep can find anything, if nothing happens meanwhile."""
        soonest = now + timedelta(days=1)
        for order in self.desk.open.values():
            if order.state in PROMISED or order.case is not None or order.next_due is None:
                return now
            soonest = min(soonest, order.next_due - TICK, order.hold_until or now)
        return soonest

    def _dawn(self, now: datetime, *, day: int, local: date) -> None:
        self._day = day
        self.shelves.night(local.weekday())
        self._feed(now)
        for at in shoppers.arrivals(self.nature, local, self._web):
            if day < self.month.days:
                self._at(at, self._order)
        opens = hours.next_opening(self.calendar, now)
        if opens is None or opens.astimezone(self.nature.zone).date() != local:
            return
        closes = hours.closing_after(self.calendar, opens)
        assert closes is not None
        at = opens
        while at < closes:
            self._at(at + timedelta(minutes=59), self._hour)
            at += timedelta(hours=1)
        for begins, ends in floor.day_shifts(self.nature, self.calendar, opens, day, self._work):
            walker = Walker(self._people(begins), begins, ends, begins)
            self._at(begins, partial(self._come_to_work, walker=walker))
            for since, until in floor.other_work(self.nature, begins, ends, self._work):
                self._at(since, partial(self._bind, walker=walker, until=until))
        for since, until in self.nature.pauses:
            if opens <= since < closes:
                self._at(since, partial(self._pause, until=until))

    def _hour(self, now: datetime) -> None:
        self.shelves.hour(1 / 12)
        self._feed(now)

    def _feed(self, now: datetime) -> None:
        if self.shelves.feed(self._day):
            self.book.fed(now)
        self._conflicted = [slot for slot in self.shelves.slots if slot.told < slot.held]

    def _doubted(self) -> dict[UUID, tuple[int, tuple[int, ...]]]:
        """Return which orders go without, by the store's numbers: the first served first."""
        found: dict[UUID, tuple[int, tuple[int, ...]]] = {}
        for slot in self._conflicted:
            up_to = 0
            for order in self.desk.open.values() if slot.told < slot.held else ():
                for line in order.lines:
                    if line.sku != slot.sku or not line.units[B.RESERVED]:
                        continue
                    before, up_to = up_to, up_to + line.units[B.RESERVED]
                    if up_to > slot.told:
                        items, none = found.get(order.id, (0, ()))
                        none = (*none, line.line) if before >= slot.told else none
                        found[order.id] = items + 1, none
        return found

    def _is_paused(self, now: datetime) -> bool:
        return any(since <= now < until for since, until in self.nature.pauses)

    def _order(self, now: datetime) -> None:
        until = self._is_down(now)
        if until is not None:
            self.counts["turned_away_by_our_outage"] += 1
            if self._web.random() < shoppers.COMES_BACK:
                self._at(until + timedelta(minutes=self._web.uniform(1, 30)), self._order)
            return
        shopper = Shopper.of(self._web)
        lines = self._web.choices(range(1, 7), shoppers.LINES)[0]
        wanted = [
            (slot, self._web.choices((1, 2, 3), shoppers.UNITS)[0])
            for slot in self.shelves.draw(self._web, lines)
        ]
        if self._is_paused(now):
            self.counts["not_offered_while_paused"] += 1
            return
        had = [(slot, units) for slot, units in wanted if slot.told - slot.held >= units]
        if not had or (len(had) < len(wanted) and self._web.random() < shoppers.ALL_OR_NOTHING):
            self._refuse(wanted, now)
            return
        reference = f"W{next(self._orders):06}"
        order = desks.accept(self.desk, now, reference, [(s.sku, units) for s, units in had])
        for slot, units in had:
            slot.held += units
        slots = {n: slot for n, (slot, _) in enumerate(had, 1)}
        self._truth[order.id] = Truth(shopper, slots)
        if shopper.cancels_after is not None:
            self._at(now + shopper.cancels_after, partial(self._cancel, order=order))
        self._call(now)

    def _refuse(self, wanted: Sequence[tuple[Slot, int]], now: datetime) -> None:
        self.counts["refused"] += 1
        reference = f"W{next(self._orders):06}"
        self.book.rows["refusals"].append(
            (self.nature.store, self.book.ids(now), "web", reference, "items_short", "[]", now)
        )

    def _cancel(self, now: datetime, *, order: Order) -> None:
        if order.closed_at is None and order.first_ready_at is None:
            self._tell(now, self._cancelled, order)

    def _cancelled(self, order: Order, now: datetime) -> None:
        if order.closed_at is None and order.first_ready_at is None:
            counter.cancel(self.desk, order, CancelReason.SHOPPER_REQUEST, now)
            asking.end(self.desk, order, now, CaseState.WITHDRAWN, Outcome.CANCELLED)
            self._drop(order)

    def _drop(self, order: Order) -> None:
        """What was not picked is free again; what was is put back."""
        truth = self._truth[order.id]
        if truth.dropped:
            return
        truth.dropped = True
        for line in order.lines:
            slot = truth.slots[line.line]
            back = line.found - line.units[B.HANDED_OVER]
            slot.held -= line.ordered - line.found - line.given_up
            if back:
                self.shelves.put_back(slot, back)

    def _heard(self, order: Order, kind: MessageKind, at: datetime) -> None:
        """A shopper reads what we wrote."""
        truth = self._truth.get(order.id)
        if truth is None:
            return
        shopper = truth.shopper
        if kind is MessageKind.ORDER_READY and shopper.comes:
            comes = shoppers.visit(self.desk.calendar, at + shopper.comes_after, self._web)
            here = max(at, comes - shoppers.waits(order.id))
            self._at(here, partial(self._here, order=order, ready_at=order.ready_at))
            self._at(comes, partial(self._visit, order=order, ready_at=order.ready_at))
        elif kind is MessageKind.CHOICE_NEEDED and shopper.answers_after is not None:
            case = order.cases[-1]
            chosen = shopper.choose(case.options)
            self._at(
                at + shopper.answers_after,
                lambda now: self._tell(now, self._answer, order, case.number, chosen),
            )
        elif kind is MessageKind.DELAY_APOLOGY and shopper.gives_up:
            self._at(at + timedelta(minutes=12), partial(self._cancel, order=order))
        elif kind in {MessageKind.ORDER_CANCELLED, MessageKind.ORDER_EXPIRED}:
            self._drop(order)

    def _answer(self, order: Order, number: int, chosen: Any, now: datetime) -> None:
        if asking.answer(self.desk, order, number, chosen, now):
            self.counts[f"answered_{chosen}"] += 1

    def _here(self, now: datetime, *, order: Order, ready_at: datetime | None) -> None:
        """They say that they are here; the bag is fetched. Many say nothing, and just stand there.

        In the world they come when they come: what they say of it changes nothing there.
        """
        if order.state in WAITING and order.ready_at == ready_at and shoppers.says_so(order.id):
            counter.arrive(self.desk, order, now)

    def _visit(self, now: datetime, *, order: Order, ready_at: datetime | None) -> None:
        self._tell(now, self._at_counter, order, ready_at)

    def _at_counter(self, order: Order, ready_at: datetime | None, now: datetime) -> None:
        if order.state not in WAITING or order.ready_at != ready_at:
            return
        truth = self._truth[order.id]
        lacks, truth.bag_lacks = truth.bag_lacks, None
        if lacks is not None and order.lines[lacks - 1].units[B.STAGED]:
            line = order.lines[lacks - 1]
            truth.slots[lacks].held += line.units[B.STAGED]
            counter.retract(self.desk, order, [line], now)
            self._call(now)
            return
        counter.collect(self.desk, order, now)
        asking.end(self.desk, order, now, CaseState.ANSWERED, Outcome.WITHOUT)
