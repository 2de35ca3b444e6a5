"""A seeded day: what happens in which order, so that any part of it can be left out and replayed.

A step is a kind and a seed of its own; what it does is chosen when it is played, from what is
there then. So a shorter list of steps is again a day, and a day that went wrong can be shrunk.
"""

from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from random import Random
from typing import Final, NamedTuple
from uuid import UUID

from benchmarks.truth.scene import SKUS, SOURCES, Message, Scene
from benchmarks.truth.store import Lack
from bopis.kernel.ids import OrderId, Sku

STEPS: Final = 150


class Step(NamedTuple):
    kind: str
    seed: int


def planned(seed: int, steps: int = STEPS) -> list[Step]:
    """Return a day. Each has its own habits: some kinds are rare in it, and some never come."""
    chance = Random(seed)
    weights = [weight * chance.choice((0, 0.3, 1, 1, 2)) for weight, _ in KINDS.values()]
    kinds = chance.choices(list(KINDS), weights, k=steps)
    kinds[steps // 3] = kinds[2 * steps // 3] = "quiet"
    opening = [Step("delivery", chance.getrandbits(32)) for _ in SKUS]
    middle = [Step(kind, chance.getrandbits(32)) for kind in kinds]
    return [Step("opening", seed), *opening, *middle, Step("quiet", seed)]


class Day:
    """Plays steps in a store."""

    def __init__(self, scene: Scene, seed: int) -> None:
        self.scene = scene
        self.store = scene.store
        chance = Random(seed)
        sources = list(SOURCES)
        self.sources = chance.sample(sources, chance.choice((1, 1, 2)))
        self.deltas = chance.choice((True, True, False))
        self.under_way: list[Message] = []
        self.past: list[Message] = []
        self.orders = 0
        self.compared = 0
        self.chance = chance

    async def play(self, steps: Sequence[Step]) -> None:
        for step in steps:
            self.chance = Random(step.seed)
            await KINDS[step.kind][1](self) if step.kind in KINDS else await self.opening()

    async def opening(self) -> None:
        """Say before the doors open what there is, or say it hours later."""
        for sku in SKUS:
            units = self.chance.choice((0, 2, 5, 9))
            self.scene.happens("opening", sku, really=units, booked=units)
        for source in self.sources:
            self.under_way.append(self.scene.snapshot(source, SKUS))
        if self.chance.random() < 0.8:  # else deltas come before the first snapshot
            await self._arrive(self.under_way.pop(0))

    # What we do.

    async def order(self) -> None:
        self.orders += 1
        some = self.chance.sample(SKUS, self.chance.choice((1, 1, 2, 3)))
        wanted = {sku: self.chance.choice((1, 1, 2, 4)) for sku in some}
        await self.scene.accept(OrderId(UUID(int=self.orders)), wanted)

    async def pick(self) -> None:
        found = self._line(lambda order, sku: self.store.orders[order][sku].find)
        if found:
            order, sku = found
            most = min(self.store.orders[order][sku].find, self.store.on_shelf(sku))
            if most:
                some = self.chance.random() < 0.3
                self.scene.pick(order, sku, self.chance.randint(1, most) if some else most)
            else:
                await self.scene.short(order, sku, self.store.orders[order][sku].find, "not_found")

    async def short(self) -> None:
        found = self._line(lambda order, sku: self.store.orders[order][sku].find)
        if not found:
            return
        order, sku = found
        reason = self.chance.choice(REASONS)
        quantity = self.chance.randint(1, self.store.orders[order][sku].find)
        if reason == "damaged":
            quantity = min(quantity, self.store.on_shelf(sku))
        if quantity:
            knows = self.chance.random() < 0.9
            await self.scene.short(order, sku, quantity, reason, knows_picked=knows)

    async def unshort(self) -> None:
        lacks = [one for one in self.store.lacks if one.live and one.order in self.store.orders]
        if lacks:
            last: Lack = lacks[-1]  # the wrong button, mostly
            lack = last if self.chance.random() < 0.5 else self.chance.choice(lacks)
            await self.scene.unshort(lack)
            await self.between()

    async def slip(self) -> None:
        """Press the wrong button, let something come meanwhile, and take it back."""
        found = self._line(lambda order, sku: self.store.orders[order][sku].find)
        if found:
            order, sku = found
            quantity = self.store.orders[order][sku].find
            await self.scene.short(order, sku, quantity, self.chance.choice(REASONS))
            await self.delta()
            for _ in range(self.chance.randint(0, 2)):
                await self.arrival()
            await self.scene.unshort(self.store.lacks[-1])
            await self.between()

    async def stage(self) -> None:
        orders = [
            order
            for order, lines in self.store.orders.items()
            if any(one.picked for one in lines.values())
            and not any(one.find for one in lines.values())
        ]
        if orders:
            await self.scene.stage(self.chance.choice(orders))

    async def retract(self) -> None:
        order = self._waiting()
        if order:
            await self.scene.retract(order)

    async def hand_over(self) -> None:
        order = self._waiting()
        if order:
            lines = self.store.orders[order].items()
            part = self.chance.random() < 0.2
            share = {
                sku: self.chance.randint(1, line.staged) if part else line.staged
                for sku, line in lines
                if line.staged
            }
            await self.scene.hand_over(order, share)

    async def cancel(self) -> None:
        if self.store.orders:
            await self.scene.release(self.chance.choice(list(self.store.orders)))

    async def expire(self) -> None:
        order = self._waiting()
        if order:
            await self.scene.release(order, "expired")

    async def put_back(self) -> None:
        skus = [sku for sku in SKUS if self.store.items[sku].aside]
        if skus:
            sku = self.chance.choice(skus)
            most = self.store.items[sku].aside
            await self.scene.put_back(sku, self.chance.randint(1, most))

    async def count(self) -> None:
        await self.scene.count(self.chance.choice(SKUS))

    async def limit(self) -> None:
        cap = self.chance.choice((None, None, 3, 8))
        await self.scene.limit(
            self.chance.choice(SKUS), safety=self.chance.choice((0, 0, 1, 2)), cap=cap
        )

    # What only the store sees.

    async def sale(self) -> None:
        sku, most = self._on_shelf()
        if most:
            units = self.chance.randint(1, min(most, 3))
            self.scene.happens("sale", sku, really=-units, booked=-units)

    async def delivery(self) -> None:
        units = self.chance.choice((3, 6, 12))
        self.scene.happens("delivery", self.chance.choice(SKUS), really=units, booked=units)

    async def returned(self) -> None:
        self.scene.happens("return", self.chance.choice(SKUS), really=1, booked=1)

    async def theft(self) -> None:
        sku, most = self._on_shelf()
        if most:
            self.scene.happens("theft", sku, really=-self.chance.randint(1, most), booked=0)

    async def wrong_till(self) -> None:
        sku = self.chance.choice(SKUS)
        self.scene.happens("wrong item at the till", sku, really=0, booked=-1)

    async def mislay(self) -> None:
        sku, most = self._on_shelf()
        hidden = self.store.items[sku].hidden
        if hidden and self.chance.random() < 0.5:
            self.scene.mislaid(sku, -hidden)
        elif most:
            self.scene.mislaid(sku, self.chance.randint(1, most))

    async def stocktake(self) -> None:
        self.scene.stocktake(self.chance.choice(self.sources), self.chance.choice(SKUS))

    # What the store's systems say, and when it reaches us.

    async def snapshot(self) -> None:
        source = self.chance.choice(self.sources)
        skus = self.chance.sample(SKUS, self.chance.randint(1, len(SKUS)))
        instants = {}
        if self.chance.random() < 0.3:  # a multi-row as_of: some were read a while ago
            for sku in skus[::2]:
                back = timedelta(seconds=37 * self.chance.randint(1, 40) + 5)
                instants[sku] = self.scene.clock.now - back
        self.under_way.append(self.scene.snapshot(source, skus, instants))

    async def delta(self) -> None:
        if not self.deltas:
            return
        skus = self.chance.sample(SKUS, self.chance.randint(1, len(SKUS)))
        message = self.scene.delta(self.sources[0], skus)
        if message:
            self.under_way.append(message)

    async def arrival(self) -> None:
        if self.under_way:
            await self._arrive(self.under_way.pop(self.chance.randrange(len(self.under_way))))

    async def arrival_again(self) -> None:
        if self.past:
            await self.scene.arrive(self.chance.choice(self.past))

    async def quiet(self) -> None:
        """Let everything that is booked reach us, in any order, some of it twice; then compare."""
        message = self.scene.delta(self.sources[0], SKUS) if self.deltas else None
        if message:
            self.under_way.append(message)
        if not message or self.chance.random() < 0.5:
            self.under_way.append(self.scene.snapshot(self.chance.choice(self.sources), SKUS))
        self.chance.shuffle(self.under_way)
        while self.under_way:
            await self._arrive(self.under_way.pop())
            if self.chance.random() < 0.2:
                await self.arrival_again()
        if any(item.untold() for item in self.store.items.values()):
            # A word that a look refused, which was then taken back, is not kept: the next heals it.
            self.scene.seen["refused by a look since undone"] += 1
            await self._arrive(self.scene.snapshot(self.sources[0], SKUS))
        self.compared += await self.scene.compare(quiet=True)

    async def between(self) -> None:
        self.compared += await self.scene.compare()

    async def _arrive(self, message: Message) -> None:
        await self.scene.arrive(message)
        self.past.append(message)
        await self.between()

    def _line(self, units: Callable[[OrderId, Sku], int]) -> tuple[OrderId, Sku] | None:
        lines = [
            (order, sku)
            for order, some in self.store.orders.items()
            for sku in some
            if units(order, sku)
        ]
        return self.chance.choice(lines) if lines else None

    def _waiting(self) -> OrderId | None:
        orders = [
            order
            for order, lines in self.store.orders.items()
            if any(one.staged for one in lines.values())
        ]
        return self.chance.choice(orders) if orders else None

    def _on_shelf(self) -> tuple[Sku, int]:
        sku = self.chance.choice(SKUS)
        return sku, self.store.on_shelf(sku)


REASONS: Final = (
    "not_found",
    "short_quantity",
    "damaged",
    "wrong_item_at_location",
    "recalled_or_not_sellable",
)
KINDS: Final[dict[str, tuple[float, Callable[[Day], Awaitable[None]]]]] = {
    "order": (9, Day.order),
    "pick": (14, Day.pick),
    "short": (4, Day.short),
    "unshort": (5, Day.unshort),
    "slip": (1.5, Day.slip),
    "stage": (9, Day.stage),
    "retract": (3, Day.retract),
    "hand_over": (7, Day.hand_over),
    "cancel": (1.5, Day.cancel),
    "expire": (2, Day.expire),
    "put_back": (2, Day.put_back),
    "count": (1.5, Day.count),
    "limit": (1, Day.limit),
    "sale": (6, Day.sale),
    "delivery": (2, Day.delivery),
    "returned": (1, Day.returned),
    "theft": (1, Day.theft),
    "wrong_till": (0.5, Day.wrong_till),
    "mislay": (1, Day.mislay),
    "stocktake": (1, Day.stocktake),
    "snapshot": (4, Day.snapshot),
    "delta": (4, Day.delta),
    "arrival": (6, Day.arrival),
    "arrival_again": (2, Day.arrival_again),
    "between": (3, Day.between),
    "quiet": (0.7, Day.quiet),
}
"""How often each kind comes, and what it does."""
