"""The edge where orders come in: what waits for one store goes into one transaction.

One order a transaction is limited by commits and, on an item that everybody wants, by the queue
for its row. So while a store's transactions are under way, what comes in for it waits, and is then
taken together. Nobody waits who comes alone.
"""

import asyncio
import time
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final

import structlog

from bopis.kernel.database import Database
from bopis.kernel.errors import Problem, Unavailable
from bopis.kernel.ids import Sku, StoreId
from bopis.orders.placing import outlooks, placing
from bopis.orders.placing.asked import (
    FASTER,
    DoesNotFit,
    ItemsShort,
    NewOrder,
    Outcome,
    Receipt,
    short_of,
)
from inventory import sellable

BATCH: Final = 32
AT_ONCE: Final = 2
"""Transactions of one store under way at a time: one works while the other commits."""

IN_ALL: Final = 4
"""And of all stores: more would only wait for each other, in smaller batches."""

TRIES: Final = 4
REMEMBERED: Final = 2.0
"""Seconds for which a process remembers who has what a store is short of, and what is gone."""

MOST_REMEMBERED: Final = 10_000
BREATH: Final = 0.03
"""Seconds between two batches of those who come for what is gone, while others are served."""

_log = structlog.get_logger(__name__)

Waiting = deque[tuple[NewOrder, "asyncio.Future[Outcome]"]]


@dataclass
class _Queue:
    late: bool
    """For something that is gone: they are refused, unless it has come back. One batch at a time,
    and after others: a crowd that has come too late does not keep whoever wants something else."""
    waiting: Waiting = field(default_factory=deque)
    busy: int = 0

    @property
    def room(self) -> int:
        return 1 if self.late else AT_ONCE


class Intake:
    """Takes in the orders of one process. Holds nothing that would be missed after a crash."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self.room = asyncio.Semaphore(IN_ALL)
        """Where what sets stock aside waits, rather than for a connection."""
        self._queues: dict[tuple[StoreId, str, bool], _Queue] = {}
        self._gone: dict[tuple[StoreId, Sku], float] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def place(self, store_id: StoreId, order: NewOrder) -> Outcome:
        """Take in one order; return what became of it.

        Raises:
            StoreUnknown: There is no such store.
            StoreTakesNoOrders: It is switched off.
            StoreNeverOpens: No opening is known, so nothing can be promised.
        """
        late = self._comes_late(store_id, order)
        queue = self._queues.setdefault((store_id, order.channel, late), _Queue(late))
        answer: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        queue.waiting.append((order, answer))
        if queue.busy < queue.room:
            queue.busy += 1
            task = asyncio.create_task(self._work_off(store_id, queue))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return await answer

    async def _work_off(self, store_id: StoreId, queue: _Queue) -> None:
        """Take in what waits, batch by batch, until nothing does. A failure is its batch's own."""
        while queue.waiting:
            async with self.room:
                batch = _next(queue.waiting)
                try:
                    outcomes = await self._take(store_id, [order for order, _ in batch])
                except Exception as error:  # noqa: BLE001 -- handed to whoever waits
                    _settle_all(batch, error)
                    continue
            for (_, answer), outcome in zip(batch, outcomes, strict=True):
                if not answer.done():
                    answer.set_result(outcome)
            if queue.late and any(one.busy for one in self._queues.values() if not one.late):
                await asyncio.sleep(BREATH)
        queue.busy -= 1

    def _comes_late(self, store_id: StoreId, order: NewOrder) -> bool:
        """Say whether we have just refused what an order wants, and nothing is held for it."""
        now = time.monotonic()
        return order.hold_id is None and any(
            self._gone.get((store_id, sku), now) > now for sku, _ in order.lines
        )

    def _learn(self, store_id: StoreId, order: NewOrder, outcome: Outcome) -> None:
        """Remember what is gone: a hint where to wait, never an answer."""
        if isinstance(outcome, ItemsShort):
            if len(self._gone) > MOST_REMEMBERED:
                self._gone.clear()
            for line in outcome.facts["lines"]:
                if not line["available"]:
                    self._gone[store_id, line["sku"]] = time.monotonic() + REMEMBERED
        elif isinstance(outcome, Receipt):
            for sku, _ in order.lines:
                self._gone.pop((store_id, sku), None)

    async def _take(self, store_id: StoreId, orders: Sequence[NewOrder]) -> list[Outcome]:
        if len(orders) > 1:
            try:
                return await self._accept(store_id, orders)
            except Exception as error:
                if isinstance(error, Unavailable) and not isinstance(error, DoesNotFit):
                    raise
                # What one of them does is not the others' fault.
                _log.info("orders_taken_one_by_one", reason=type(error).__name__)
        return [await self._insist(store_id, order) for order in orders]

    async def _insist(self, store_id: StoreId, order: NewOrder) -> Outcome:
        """Take in one order: again, while others are faster with what it needs."""
        for _ in range(TRIES - 1):
            with suppress(DoesNotFit):
                return await self._alone(store_id, order)
        try:
            return await self._alone(store_id, order)
        except DoesNotFit as lost:
            return lost

    async def _alone(self, store_id: StoreId, order: NewOrder) -> Outcome:
        """Take in one order. What is wrong with it is its own answer: its neighbors are taken."""
        try:
            [outcome] = await self._accept(store_id, [order])
        except DoesNotFit:
            raise
        except Problem as problem:
            return problem
        return outcome

    async def _accept(self, store_id: StoreId, orders: Sequence[NewOrder]) -> list[Outcome]:
        outlook = await outlooks.of(self._db, store_id)
        async with self._db.transaction(store_id, actor=f"key:{orders[0].channel}") as tx:
            outcomes = await placing.accept(tx, store_id, orders, outlook=outlook)
        placed = [
            (order, outcome.offer.latest)
            for order, outcome in zip(orders, outcomes, strict=True)
            if isinstance(outcome, Receipt) and outcome.accepted_at == tx.now
        ]
        units = sum(order.units for order, _ in placed)
        outlooks.add(self._db, store_id, units=units, promised=[latest for _, latest in placed])
        for order, outcome in zip(orders, outcomes, strict=True):
            self._learn(store_id, order, outcome)
        return await self._with_stores(store_id, orders, outcomes)

    async def _with_stores(
        self, store_id: StoreId, orders: Sequence[NewOrder], outcomes: Sequence[Outcome]
    ) -> list[Outcome]:
        """Add who has what is missing: a look at other stores, so after the transaction.

        What was answered before, under its key, says so already.

        Raises:
            DoesNotFit: A key was answered by another process meanwhile.
        """
        told: list[Outcome] = []
        new: list[tuple[NewOrder, dict[str, Any]]] = []
        for order, outcome in zip(orders, outcomes, strict=True):
            if not isinstance(outcome, ItemsShort) or all(
                "stores" in line for line in outcome.facts["lines"]
            ):
                told.append(outcome)
                continue
            lines = outcome.facts["lines"]
            short = short_of([{**x, "stores": await self._who_has(store_id, x)} for x in lines])
            told.append(short)
            if order.key is not None:
                new.append((order, {"lines": short.facts["lines"]}))
        if new:
            async with self._db.transaction(store_id, actor=f"key:{orders[0].channel}") as tx:
                if await placing.remember(tx, store_id, new, status=ItemsShort.status):
                    raise DoesNotFit(FASTER)
        return told

    async def _who_has(self, store_id: StoreId, line: dict[str, Any]) -> list[StoreId]:
        sku, wanted = Sku(line["sku"]), int(line["wanted"])

        async def ask() -> list[StoreId]:
            async with self._db.transaction() as tx:
                found = await sellable.stores_with(tx, {sku: wanted}, except_store=store_id)
            return found[sku]

        key = ("who has", store_id, sku, wanted)
        return list(await self._db.memory.lately(key, REMEMBERED, ask))


def _next(waiting: Waiting) -> list[tuple[NewOrder, "asyncio.Future[Outcome]"]]:
    """Take what goes into one transaction: the first in line, but nothing twice.

    The same order sent again, or another under the same key, waits for the answer to the first.
    Those with holds and those without go separately: the former lock more, and in one go.
    """
    batch: list[tuple[NewOrder, asyncio.Future[Outcome]]] = []
    again: Waiting = deque()
    names: set[tuple[str, str]] = set()
    while waiting and len(batch) < BATCH:
        order, answer = waiting.popleft()
        mine = {("reference", order.reference)}
        if order.key is not None:
            mine.add(("key", order.key))
        if names & mine or (batch and (order.hold_id is None) != (batch[0][0].hold_id is None)):
            again.append((order, answer))
            continue
        names |= mine
        batch.append((order, answer))
    waiting.extendleft(reversed(again))
    return batch


def _settle_all(
    batch: Sequence[tuple[NewOrder, "asyncio.Future[Outcome]"]], error: Exception
) -> None:
    for _, answer in batch:
        if not answer.done():
            answer.set_exception(error)
