"""The lives inside a store: its computer, its street, and the people who walk its aisles."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from random import Random
from typing import Any, Final

from bopis.simulation.chain import COLD, Person, Shelf
from bopis.simulation.doors import DoorShut, Screen
from bopis.simulation.loads import table
from bopis.simulation.loop import Life, Pause
from bopis.simulation.people import Walker
from bopis.simulation.town import Town, new_id
from bopis.simulation.world import FeedFile

LISTENS: Final = 40.0
"""Seconds within which somebody idle has noticed that there is work."""
GLANCES: Final = timedelta(minutes=30)
"""How often somebody idle looks at the list without being called: calls may get lost in a demo."""
CADENCE: Final = timedelta(minutes=30)
SINGLY: Final = 2
"""Up to so many are scanned one by one; of more, one is scanned and the number is keyed in."""
COUNTS_AT_MOST: Final = 3
"""How often somebody counts the same shelf before they give up."""
STAGES_IN: Final = 25.0
ONE_BAG: Final = 6
"""Units that somebody carries in one bag."""
"""Seconds to label a bag and put it down."""


async def stock_system(town: Town, store: str, *, until: datetime | None = None) -> Life:
    """Write a file every half hour of opening, all numbers each morning; some arrive badly.

    The first file is there before the doors open: it is how the system learns what there is.
    """
    town.loop.start(_arrival(town, town.world.feed(store, town.now, full=True)))
    while True:
        yield town.opening(store)
        if until is not None and town.now > until:
            return
        full = True
        closes = town.closing(store, town.now)
        while town.now < closes:
            if until is not None and town.now > until:
                return
            file = town.world.feed(store, town.now, full=full)
            full = False
            for at in file.arrives:
                town.loop.start(_arrival(town, file), at)
            yield CADENCE
        yield closes + timedelta(minutes=1)


async def _arrival(town: Town, file: FeedFile) -> Life:
    rows: list[tuple[object, ...]] = [(file.store, sku, n) for sku, n in file.rows.items()]
    rows += [(file.store, sku, n) for sku, n in file.dirt]
    text = table(("store_id", "sku", "quantity"), rows)
    while True:
        try:
            answer = await town.stock.feed(
                file.store,
                f"{file.store}-{file.sequence:06}",
                text,
                kind=file.kind,
                as_of=file.as_of,
                sequence=file.sequence,
            )
        except DoorShut:
            if not town.forgiving:
                raise
            yield timedelta(minutes=2)
            continue
        break
    town.outcomes[f"feed_files_{'taken' if answer.is_success else 'refused'}"] += 1


async def street(town: Town, store: str, *, until: datetime | None = None) -> Life:
    """Let people buy without ordering, and a lorry come before opening."""
    while True:
        yield town.opening(store)
        if until is not None and town.now > until:
            return
        closes = town.closing(store, town.now)
        town.world.deliver(store, town.now)
        for at in town.world.walk_ins(store, town.now, closes):
            yield at
            town.world.sell(store, town.now)
        yield closes + timedelta(minutes=1)


async def counter(town: Town, person: Person, code: str) -> Life:
    """Open the pickup counter: somebody with a device who looks up codes."""
    device = town.open_door()
    await device.enrol(code, "Counter")
    await device.sign_in(person.badge)
    town.counters[person.store] = device
    return
    yield  # a life, though a short one


class Associate:
    """Somebody on shift, with a handheld, who does what its screen says."""

    def __init__(self, town: Town, person: Person, *, early: bool) -> None:
        self.town = town
        self.person = person
        self.early = early
        self.device = town.open_door()
        self.walker = Walker.of(town.world, person.badge)
        self.here: Shelf | None = None
        self.rng: Random = town.world.rng("hands", person.badge, town.now)

    async def life(self, code: str) -> Life:
        """Enrol a device, then work one shift after another."""
        town, store = self.town, self.person.store
        await self.device.enrol(code, f"{self.person.name}'s handheld")
        while True:
            opens = town.opening(store)
            yield opens
            closes = town.closing(store, town.now)
            half = (closes - opens) / 2
            starts, ends = (
                (opens, closes - half * 0.8) if self.early else (opens + half * 0.8, closes)
            )
            if starts > town.now:
                yield starts
            try:
                async for pause in self._shift(ends):
                    yield pause
            except DoorShut:
                if not town.forgiving:
                    raise
                yield timedelta(minutes=3)
                continue
            yield max(closes, town.now) + timedelta(minutes=1)

    async def _shift(self, ends: datetime) -> AsyncIterator[Pause]:
        await self.device.sign_in(self.person.badge)
        while self.town.now < ends:
            screen = await self.device.tasks()
            worked = False
            self.town.at_work.add(self.person.badge)
            try:
                async for pause in self._work(screen):
                    worked = True
                    yield pause
            finally:
                self.town.at_work.discard(self.person.badge)
            if not worked:
                glance = self.town.now + GLANCES if self.town.forgiving else ends
                yield self.town.bells[self.person.store].until(min(ends, glance))
                yield timedelta(seconds=self.rng.uniform(5, LISTENS))
        await self.device.sign_out()

    async def _work(self, screen: Screen) -> AsyncIterator[Pause]:
        """Do the first thing on the list: put something back, or fill an order."""
        store, items = self.person.store, self.town.chain.items
        for duty in screen.data.get("put_backs", ()):
            yield timedelta(seconds=self.rng.uniform(40, 120))
            done = await self.device.put_back(
                duty["duty_id"],
                scan_id=new_id(self.rng),
                scanned_at=self.town.now,
                code=items[duty["sku"]].gtin,
            )
            if done.outcome == "applied":
                self.town.world.put_back(store, duty["sku"], duty["quantity"])
            return
        async for offered in self._claims(screen):
            if offered.next_state not in {"walk", "stage"}:
                continue  # a colleague was quicker
            self.here = None
            async for pause in self._fill(offered):
                yield pause
            return
        async for pause in self._count(screen):
            yield pause

    async def _claims(self, screen: Screen) -> AsyncIterator[Screen]:
        """Take on what the list offers: orders together where it does, else the first that is free.

        As long as the one before was somebody else's by then.
        """
        if together := screen.data.get("together"):
            offered = await self.device.claim_wave(together["task_ids"])
            taken = offered.next_state in {"walk", "stage"}
            self.town.outcomes["waves"] += taken
            self.town.outcomes["orders_in_waves"] += len(offered.data.get("together", ()))
            yield offered
        for task in screen.data.get("tasks", ()):
            if task["state"] != "taken":
                yield await self.device.claim(task["task_id"])

    async def _count(self, screen: Screen) -> AsyncIterator[Pause]:
        """With nothing to pick, count the first thing on the list; twice, if it is far off."""
        store, rng = (
            self.person.store,
            self.town.world.rng("count", self.person.badge, self.town.now),
        )
        for card in screen.data.get("counts", ()):
            if card["another"]:
                continue
            claimed = await self.device.claim_count(card["count_id"])
            for _ in range(COUNTS_AT_MOST):
                if claimed.next_state != "count":
                    break
                yield timedelta(seconds=rng.uniform(40, 90))
                counted = self.town.world.count(store, card["sku"])
                claimed = await self.device.count(
                    card["count_id"],
                    scan_id=new_id(rng),
                    scanned_at=self.town.now,
                    code=self.town.chain.items[card["sku"]].gtin if counted else "",
                    counted=counted,
                )
                self.town.outcomes[f"counts_{claimed.outcome}"] += 1
            if claimed.outcome:
                return

    async def _fill(self, screen: Screen) -> AsyncIterator[Pause]:
        """Do what the screen says until there is nothing more: of several orders, each its turn."""
        while screen.next_state in {"walk", "stage"}:
            task_id = screen.data["task_id"]
            if screen.next_state == "stage":
                yield self._walk_to(None) + timedelta(seconds=STAGES_IN)
                places = [one for one in self.town.chain.staging if one.store == self.person.store]
                place = self.rng.choice(places)
                screen = await self._stage(task_id, screen, place.code)
                continue
            sku, left = screen.data["item"]["sku"], screen.data["asked"] - screen.data["found"]
            shelf = self._shelf(sku)
            yield self._walk_to(shelf)
            found = self.town.world.take(self.person.store, sku, left, task_id)
            yield timedelta(seconds=found.seconds)
            units = found.quantity
            if units < left:
                more = self.town.world.search(self.person.store, sku, left - units, task_id)
                yield timedelta(seconds=more.seconds)
                units += more.quantity
            screen = await self._report(task_id, screen, sku, units, left)

    async def _stage(self, task_id: str, screen: Screen, place: str) -> Screen:
        """Put the order down; of two bags that wear labels, the second in the cold cabinet."""
        fence, rng = (
            screen.data["fence"],
            self.town.world.rng("bags", self.person.badge, self.town.now),
        )
        if screen.data["labels"] and not screen.data["bags"]:
            units = sum(item["quantity"] for item in screen.data["items"])
            screen = await self.device.count_bags(
                task_id,
                1 if units <= ONE_BAG else 2,
                scan_id=new_id(rng),
                fence=fence,
                scanned_at=self.town.now,
            )
        for cold in screen.data.get("bags", ())[1:]:
            await self.device.scan(
                task_id,
                scan_id=new_id(rng),
                kind="stage",
                fence=fence,
                scanned_at=self.town.now,
                code=COLD,
                bags=[cold["code"]],
            )
        return await self._say(task_id, fence, "stage", code=place)

    async def _report(
        self, task_id: str, screen: Screen, sku: str, units: int, left: int
    ) -> Screen:
        """Say what was found and what was not; now and then, say it wrongly first."""
        temper, rng, supplied = self.town.world.temper, self.rng, self.town.world.supplied
        fence, line = screen.data["fence"], screen.data["line"]
        if units and rng.random() < temper.wrong_scan:
            neighbor = rng.choice(list(self.town.chain.items.values()))
            if neighbor.good.sku != sku:
                await self._say(task_id, fence, "item", code=neighbor.gtin, line=line)
                supplied["wrong_items_scanned"] += 1
        if units and rng.random() < temper.undone_scan:
            screen = await self._count_in(task_id, fence, sku, line, units)
            await self._say(task_id, fence, "undo")
            units_again = 1 if units <= SINGLY else units
            screen = await self._count_in(task_id, fence, sku, line, units_again)
            supplied["scans_undone"] += 1
        elif units:
            screen = await self._count_in(task_id, fence, sku, line, units)
        if units and screen.outcome != "applied":  # the order is gone: back on the shelf
            self.town.world.put_back(self.person.store, sku, units)
            return screen
        if units < left:
            reason = "short_quantity" if units else "not_found"
            screen = await self._say(task_id, fence, "short", line=line, reason=reason)
        return screen

    async def _count_in(self, task_id: str, fence: int, sku: str, line: int, units: int) -> Screen:
        """Scan a few one by one; of more, scan one and key in the number."""
        code = self.town.chain.items[sku].gtin
        if units > SINGLY:
            return await self._say(task_id, fence, "item", code=code, line=line, quantity=units)
        screen = await self._say(task_id, fence, "item", code=code, line=line)
        for _ in range(units - 1):
            screen = await self._say(task_id, fence, "item", code=code, line=line)
        return screen

    async def _say(self, task_id: str, fence: int, kind: str, **about: Any) -> Screen:
        return await self.device.scan(
            task_id,
            scan_id=new_id(self.rng),
            kind=kind,
            fence=fence,
            scanned_at=self.town.now,
            **about,
        )

    def _shelf(self, sku: str) -> Shelf | None:
        shelves = self.town.shelves.get((self.person.store, sku))
        return shelves[0] if shelves else None

    def _walk_to(self, there: Shelf | None) -> timedelta:
        seconds = self.walker.seconds(self.here, there)
        self.here = there
        return timedelta(seconds=seconds)
