"""Whatever happens to the stock, in whatever order, it is what an independent model says it is.

The model (``benchmarks.truth.store``) knows the truth, who has heard of what, and nothing of SQL.
Here Hypothesis decides what happens, also what no sane day holds: counts that are wrong, books that
run below zero, messages that come after the next one. A verb that is new to the stock gets a rule
here, and what it sets aside goes into ``Store.available``.
"""

from typing import ClassVar

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from benchmarks.truth.day import REASONS
from benchmarks.truth.scene import SOURCES, Message
from bopis.kernel.ids import OrderId, Sku
from tests.inventory.shelves import OATS, RYE, TEA, order
from tests.inventory.truth import Town, town

skus = st.sampled_from([OATS, RYE, TEA])
sources = st.sampled_from(sorted(SOURCES))
few = st.integers(1, 4)


class Stock(RuleBasedStateMachine):
    town: ClassVar[Town]

    def __init__(self) -> None:
        super().__init__()
        self.scene = self.town.opened()
        self.store = self.scene.store
        self.orders = 0
        self.under_way: list[Message] = []
        self.past: list[Message] = []
        for sku in (OATS, RYE, TEA):
            self.scene.happens("opening", sku, really=6, booked=6)
        self.town.run(self.scene.arrive(self.scene.snapshot("erp-at_handover", [OATS, RYE])))

    # Orders, and what becomes of them.

    @rule(wanted=st.lists(st.dictionaries(skus, few, min_size=1), min_size=1, max_size=2))
    def reserve(self, wanted: list[dict[Sku, int]]) -> None:
        orders = {}
        for some in wanted:
            self.orders += 1
            orders[order(self.orders)] = some
        self.town.run(self.scene.accept_all(orders))

    @precondition(lambda self: self.units("find"))
    @rule(data=st.data())
    def pick(self, data: st.DataObject) -> None:
        who, sku, most = data.draw(st.sampled_from(self.units("find")))
        self.scene.pick(who, sku, data.draw(st.integers(1, most)))

    @precondition(lambda self: self.units("find"))
    @rule(data=st.data(), reason=st.sampled_from(REASONS), knows=st.booleans())
    def short(self, data: st.DataObject, reason: str, *, knows: bool) -> None:
        who, sku, most = data.draw(st.sampled_from(self.units("find")))
        quantity = data.draw(st.integers(1, most))
        self.town.run(self.scene.short(who, sku, quantity, reason, knows_picked=knows))

    @precondition(lambda self: self.lacks())
    @rule(data=st.data())
    def unshort(self, data: st.DataObject) -> None:
        place = data.draw(st.sampled_from(self.lacks()))
        self.town.run(self.scene.unshort(self.store.lacks[place]))

    @precondition(lambda self: self.units("picked"))
    @rule(data=st.data())
    def stage(self, data: st.DataObject) -> None:
        who, _, _ = data.draw(st.sampled_from(self.units("picked")))
        self.town.run(self.scene.stage(who))

    @precondition(lambda self: self.units("staged"))
    @rule(data=st.data())
    def retract(self, data: st.DataObject) -> None:
        who, _, _ = data.draw(st.sampled_from(self.units("staged")))
        self.town.run(self.scene.retract(who))

    @precondition(lambda self: self.units("staged"))
    @rule(data=st.data())
    def hand_over(self, data: st.DataObject) -> None:
        who, sku, most = data.draw(st.sampled_from(self.units("staged")))
        share = {sku: data.draw(st.integers(1, most))}
        self.town.run(self.scene.hand_over(who, share))

    @precondition(lambda self: self.store.orders)
    @rule(data=st.data())
    def release(self, data: st.DataObject) -> None:
        self.town.run(self.scene.release(data.draw(st.sampled_from(sorted(self.store.orders)))))

    @rule(sku=skus, quantity=few)
    def put_back(self, sku: Sku, quantity: int) -> None:
        if self.store.items[sku].known:
            self.town.run(self.scene.put_back(sku, quantity))

    # What people and belief say.

    @rule(sku=skus, counted=st.none() | st.integers(0, 9))
    def count(self, sku: Sku, counted: int | None) -> None:
        if counted is not None or self.store.items[sku].truth() >= 0:
            self.town.run(self.scene.count(sku, counted))

    @rule(sku=skus, safety=st.integers(0, 2), cap=st.none() | st.integers(0, 6))
    def limit(self, sku: Sku, safety: int, cap: int | None) -> None:
        self.town.run(self.scene.limit(sku, safety=safety, cap=cap))

    # What happens in the store, and what its systems say of it, sooner or later.

    @rule(sku=skus, really=st.integers(-3, 3), is_seen=st.booleans())
    def comes_or_goes(self, sku: Sku, really: int, *, is_seen: bool) -> None:
        self.scene.happens("movement", sku, really=really, booked=really * is_seen)

    @rule(source=sources, sku=skus)
    def stocktake(self, source: str, sku: Sku) -> None:
        self.scene.stocktake(source, sku)

    @rule(source=sources, some=st.sets(skus, min_size=1), now=st.booleans())
    def snapshot(self, source: str, some: set[Sku], *, now: bool) -> None:
        self.send(self.scene.snapshot(source, sorted(some)), now=now)

    @rule(source=sources, some=st.sets(skus, min_size=1), now=st.booleans())
    def delta(self, source: str, some: set[Sku], *, now: bool) -> None:
        message = self.scene.delta(source, sorted(some))
        if message:
            self.send(message, now=now)

    @precondition(lambda self: self.under_way)
    @rule(data=st.data())
    def arrives_late(self, data: st.DataObject) -> None:
        place = data.draw(st.integers(0, len(self.under_way) - 1))
        self.send(self.under_way.pop(place), now=True)

    @precondition(lambda self: self.past)
    @rule(data=st.data())
    def arrives_again(self, data: st.DataObject) -> None:
        place = data.draw(st.integers(0, len(self.past) - 1))
        self.town.run(self.scene.arrive(self.past[place]))

    @invariant()
    def every_number_is_right_and_explained(self) -> None:
        self.town.run(self.scene.compare())

    def send(self, message: Message, *, now: bool) -> None:
        if not now:
            self.under_way.append(message)
            return
        self.town.run(self.scene.arrive(message))
        self.past.append(message)

    def units(self, where: str) -> list[tuple[OrderId, Sku, int]]:
        """Return the lines with units there, and how many these are."""
        return [
            (who, sku, getattr(line, where))
            for who, lines in self.store.orders.items()
            for sku, line in lines.items()
            if getattr(line, where)
        ]

    def lacks(self) -> list[int]:
        """Return the places of shortages that could still be taken back."""
        return [
            place
            for place, lack in enumerate(self.store.lacks)
            if lack.live and lack.order in self.store.orders
        ]


@pytest.mark.timeout(180)
def test_stock(dsn: str) -> None:
    with town(dsn) as made:
        Stock.town = made
        run_state_machine_as_test(
            Stock, settings=settings(max_examples=30, stateful_step_count=20, deadline=None)
        )
