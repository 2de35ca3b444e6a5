"""Whatever happens to the stock, in whatever order, the ledger agrees with a few counters."""

from collections import Counter
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

from bopis.kernel.ids import OrderId, Sku
from inventory import stock
from inventory.stock import Want
from tests.inventory.bench import Bench, benched
from tests.inventory.shelves import OATS, RYE, S1, TEA, cause, order, unexplained

skus = st.sampled_from([OATS, RYE, TEA])


class Ledger(RuleBasedStateMachine):
    bench: ClassVar[Bench]

    def __init__(self) -> None:
        super().__init__()
        self.bench.run(
            lambda tx: tx.run(
                "TRUNCATE stock, stock_ledger, reservations, stock_conflicts, count_requests"
            )
        )
        self.on_hand = Counter[Sku]()
        self.away = Counter[Sku]()  # not for sale: broken, or waiting to be put back
        self.held = Counter[tuple[OrderId, Sku]]()
        self.orders = 0

    def reserved(self, sku: Sku) -> int:
        return sum(n for (_, held), n in self.held.items() if held == sku)

    @rule(sku=skus, counted=st.integers(0, 9))
    def count(self, sku: Sku, counted: int) -> None:
        self.bench.run(lambda tx: stock.count(tx, S1, sku, counted, cause=None, source="test"))
        self.on_hand[sku] = counted
        self.away[sku] = min(self.away[sku], counted)

    @rule(wanted=st.dictionaries(skus, st.integers(1, 5), min_size=1))
    def reserve(self, wanted: dict[Sku, int]) -> None:
        self.orders += 1
        who = order(self.orders)
        short = self.bench.run(
            lambda tx: stock.reserve(tx, S1, [Want(who, sku, n) for sku, n in wanted.items()])
        )

        free = {s: self.on_hand[s] - self.away[s] - self.reserved(s) for s in wanted}
        assert {one.sku for one in short} == {s for s, n in wanted.items() if n > free[s]}
        assert all(one.available == max(free[one.sku], 0) for one in short)
        if not short:
            self.held.update({(who, sku): n for sku, n in wanted.items()})

    @precondition(lambda self: +self.held)
    @rule(data=st.data())
    def hand_over(self, data: st.DataObject) -> None:
        who, sku, quantity = self.some(data)
        self.bench.run(lambda tx: stock.consume(tx, S1, who, {sku: quantity}))
        self.held[who, sku] -= quantity
        self.on_hand[sku] -= quantity

    @precondition(lambda self: +self.held)
    @rule(data=st.data(), picked=st.integers(0, 5))
    def cancel(self, data: st.DataObject, picked: int) -> None:
        who, sku, quantity = self.some(data)
        away = min(picked, quantity)
        self.bench.run(lambda tx: stock.release(tx, S1, who, {sku: quantity}, picked={sku: away}))
        self.held[who, sku] -= quantity
        self.away[sku] += away

    @rule(sku=skus, quantity=st.integers(1, 3))
    def put_back(self, sku: Sku, quantity: int) -> None:
        if not self.away[sku]:
            return
        self.bench.run(lambda tx: stock.put_back(tx, S1, sku, quantity, cause(0)))
        self.away[sku] = max(self.away[sku] - quantity, 0)

    @precondition(lambda self: +self.held)
    @rule(data=st.data())
    def one_is_broken(self, data: st.DataObject) -> None:
        who, sku, quantity = self.some(data)
        self.bench.run(lambda tx: stock.short(tx, S1, who, sku, quantity, "damaged", cause(1)))
        self.held[who, sku] -= quantity
        self.away[sku] += quantity

    @precondition(lambda self: +self.held)
    @rule(data=st.data())
    def shelf_is_empty(self, data: st.DataObject) -> None:
        who, sku, quantity = self.some(data)
        self.bench.run(
            lambda tx: stock.short(tx, S1, who, sku, quantity, "not_found", cause(1), picked=None)
        )
        self.held[who, sku] -= quantity
        left = self.reserved(sku) + self.away[sku]
        self.on_hand[sku] = min(self.on_hand[sku], left)

    def some(self, data: st.DataObject) -> tuple[OrderId, Sku, int]:
        who, sku = data.draw(st.sampled_from(sorted(+self.held)))
        return who, sku, data.draw(st.integers(1, self.held[who, sku]))

    @invariant()
    def numbers_agree(self) -> None:
        rows = self.bench.run(
            lambda tx: tx.rows("SELECT sku, on_hand, reserved, unsellable FROM stock")
        )

        assert {row["sku"]: tuple(row)[1:] for row in rows} == {
            sku: (n, self.reserved(sku), self.away[sku]) for sku, n in self.on_hand.items()
        }

    @invariant()
    def every_number_is_explained(self) -> None:
        assert self.bench.do(unexplained) == []

    @invariant()
    def contradictions_are_open_conflicts(self) -> None:
        rows = self.bench.run(
            lambda tx: tx.rows("SELECT sku FROM stock_conflicts WHERE closed_at IS NULL")
        )

        assert {row["sku"] for row in rows} == {
            sku for sku, n in self.on_hand.items() if n - self.away[sku] < self.reserved(sku)
        }


@pytest.mark.timeout(180)
def test_ledger(dsn: str) -> None:
    with benched(dsn) as bench:
        Ledger.bench = bench
        run_state_machine_as_test(
            Ledger, settings=settings(max_examples=40, stateful_step_count=15, deadline=None)
        )
