"""A living day that never ends: real servers, a fast clock, and a chain that does not exist.

``bopis serve`` and ``bopis work`` run as they would anywhere; beside them, this process plays the
world: shoppers, stock systems and associates, all through the doors that real ones would use.
"""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import httpx
import structlog

from associates.crew import badges
from associates.handheld import devices
from bopis import command
from bopis.kernel import stopping
from bopis.kernel.clock import ScaledClock, machine_clock
from bopis.kernel.database import Database
from bopis.kernel.ids import StoreId
from bopis.simulation import chain, engine, inbox, inbox_page, keeping, labels_page, shoppers
from bopis.simulation.chain import Chain, Person, Site
from bopis.simulation.demo_ground import Options, Teller, remembered
from bopis.simulation.doors import DoorShut, Placed
from bopis.simulation.keeping import Kept
from bopis.simulation.loop import Loop
from bopis.simulation.processes import Children, children
from bopis.simulation.town import Town
from bopis.simulation.world import World

STARTS_WITHIN: Final = 60.0
KEEPS_EVERY: Final = 20.0
CODE_EVERY: Final = 600.0
"""Seconds after which a fresh enrolment code is shown: one lives for fifteen minutes."""
ORDERS: Final = 120.0
"""Web orders per store and day."""
PICKERS: Final = 4
FEW: Final = 2
"""Pickers of the first store, one in each shift: there is work left for whoever tries a handheld,
and now and then an order is late."""
SLICE: Final = 0.25
STANDSTILL: Final = 1e-9
"""The speed of a demo that has ended: nothing becomes overdue while nobody is there."""
_log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Show:
    """What the person who started the demo sees."""

    web: str
    inbox: str
    ops_key: str
    sites: Sequence[Site]
    """The first is the one with work left for whoever tries a handheld."""
    person: Person
    letters_before: int = 0
    enrolment_code: str = ""
    towns: list[Town] = field(default_factory=list)

    @property
    def site(self) -> Site:
        return self.sites[0]

    def letters(self) -> int:
        """Return how many letters came since this start."""
        return self.towns[0].inbox.received - self.letters_before

    def order_page(self) -> str:
        """Return the page of an order that is being prepared just now, if there is one."""
        for town in self.towns:
            for placed in reversed(town.open_orders.values()):
                letter = town.inbox.newest(placed.address)
                if letter is not None and letter.code is None:
                    return self.web + urlsplit(placed.status_url).path  # the port may be new
        return ""

    def count(self, outcome: str) -> int:
        return sum(town.outcomes[outcome] for town in self.towns)


Shower = Callable[[Show, ScaledClock, Database, Children, asyncio.Event], Awaitable[None]]
"""Shows the demo until the event is set."""


async def run(options: Options, dsn: str, show_with: Shower, tell: Teller) -> None:
    """Play until SIGINT or SIGTERM."""
    kept = remembered(options)
    clock = ScaledClock(kept.store_time + keeping.PAUSE, machine_clock(), options.speed)
    made = chain.generate(
        kept.seed, first_day=kept.first_day, stores=options.stores, items=options.items
    )
    letters = inbox.Inbox(options.folder / "inbox")
    stop = asyncio.Event()
    web = f"http://localhost:{options.port}"
    with _heard(stop):
        async with contextlib.AsyncExitStack() as stack:
            smtp_port = await stack.enter_async_context(inbox.serving(letters))
            environment = _environment(kept, clock, web, smtp_port)
            stack.enter_context(_shared(options.folder, environment, clock))
            tell("Starting the web server and the worker")
            started = stack.enter_context(
                children(options.folder / "demo.log", {**environment, "DATABASE_URL": dsn})
            )
            started.start("web server", "serve", "--port", str(options.port))
            started.start("worker", "work")
            labels = labels_page.router(made, made.sites[0])
            await stack.enter_async_context(
                inbox_page.serving(letters, options.inbox_port, beside=labels)
            )
            db = await stack.enter_async_context(Database.connect(dsn, clock=clock, pool_size=2))
            client = await stack.enter_async_context(
                httpx.AsyncClient(base_url=web, timeout=30, limits=_LIMITS)
            )
            if not await _answers(client, started, stop):
                return
            if not kept.loaded:
                tell(f"Loading {len(made.sites)} stores and {len(made.items):,} items")
                await _load(db, client, kept, made, options.folder)
            tell("Opening the stores")
            world, open_orders = _world(kept.seed, made, options.folder)
            towns = [
                await _inhabit(
                    db, client, site, world=world, letters=letters, keys=kept.keys, clock=clock
                )
                for site in made.sites
            ]
            _resume(towns, open_orders)
            show = Show(
                web,
                f"http://localhost:{options.inbox_port}/inbox",
                kept.keys["ops"],
                made.sites,
                guest(made),
                letters_before=letters.received,
                towns=towns,
            )
            tell("")
            async with _playing(towns), _keeping(options.folder, kept, clock, world, towns):
                await show_with(show, clock, db, started, stop)


def _environment(kept: Kept, clock: ScaledClock, web: str, smtp_port: int) -> dict[str, str]:
    mail = engine.mail(smtp_port)
    return {
        "BOPIS_CLOCK": str(clock),
        "BOPIS_LINK_KEYS": f'["{kept.link_key}"]',
        "BOPIS_BASE_URL": web,
        **{f"NOTIFICATIONS_{name.upper()}": value for name, value in mail.items()},
    }


@contextlib.contextmanager
def _shared(folder: Path, environment: Mapping[str, str], clock: ScaledClock) -> Iterator[None]:
    """Let the commands beside the demo read its clock: while it runs, and once it has stopped."""
    command.remember(folder, environment)
    try:
        yield
    finally:
        still = ScaledClock(clock(), machine_clock(), STANDSTILL)
        command.remember(folder, {**environment, "BOPIS_CLOCK": str(still)})


@contextlib.contextmanager
def _heard(stop: asyncio.Event) -> Iterator[None]:
    """Set the event on SIGINT or SIGTERM, and on nothing else: a second Ctrl-C changes nothing."""
    loop = asyncio.get_running_loop()
    for number in stopping.SIGNALS:
        loop.add_signal_handler(number, stop.set)
    try:
        yield
    finally:
        for number in stopping.SIGNALS:
            loop.remove_signal_handler(number)


_LIMITS: Final = httpx.Limits(max_connections=16, max_keepalive_connections=16)


async def _answers(client: httpx.AsyncClient, started: Children, stop: asyncio.Event) -> bool:
    """Wait until the web server can take requests; False: we were asked to stop before."""
    deadline = time.monotonic() + STARTS_WITHIN
    while not stop.is_set():
        if gone := started.ended():
            raise command.Refusal(f"The {gone[0]} has ended; demo.log in the data folder says why.")
        with contextlib.suppress(httpx.TransportError):
            if (await client.get("/readyz")).is_success:
                return True
        if time.monotonic() > deadline:
            raise command.Refusal("The web server does not answer; demo.log says why.")
        await asyncio.sleep(0.1)
    return False


def guest(made: Chain) -> Person:
    """Return who stays free in the first store, for whoever tries a handheld."""
    return [person for person in made.people if person.store == made.sites[0].store][-1]


async def _load(
    db: Database, client: httpx.AsyncClient, kept: Kept, made: Chain, folder: Path
) -> None:
    """Fill an empty system once, through its own doors."""
    kept.keys = await engine.keys_for(db, made.sites)
    kept.write(folder)
    badges.configure([kept.link_key])  # as the web server's are: we take people on for it
    await engine.load(engine.stock_system(client, kept.keys), made)
    await engine.hire(db, made, with_pin=guest(made))
    await engine.bag(db, made)
    kept.loaded = True
    kept.write(folder)


def _world(seed: int, made: Chain, folder: Path) -> tuple[World, list[Placed]]:
    world = World(seed, made)
    before = keeping.read_world(folder)
    if before is None:
        return world, []
    world.thaw(before[0])
    return world, before[1]


async def _inhabit(
    db: Database,
    client: httpx.AsyncClient,
    site: Site,
    *,
    world: World,
    letters: inbox.Inbox,
    keys: Mapping[str, str],
    clock: ScaledClock,
) -> Town:
    """Give one store its own loop, its people and its shoppers: no store waits for another."""

    async def wait(at: datetime) -> datetime:
        seconds = (at - clock()).total_seconds() / clock.speed
        if seconds > 0:
            await asyncio.sleep(min(seconds, SLICE))
        return clock()

    loop = Loop(clock(), wait, failed=_failed)
    town = engine.settle_in(
        loop,
        client=client,
        chain=world.chain,
        world=world,
        inbox=letters,
        secrets=keys,
        forgiving=True,
        home=site.store,
    )
    pickers = FEW if site == world.chain.sites[0] else PICKERS
    await engine.staff(town, db, site.store, pickers=pickers)
    engine.open_store(town, site.store)
    loop.start(engine.shop_for_ever(town, site, daily=ORDERS))
    return town


def _failed(error: Exception) -> bool:
    if isinstance(error, DoorShut):
        _log.warning("life_ended", reason=str(error))  # of each that stood there, one line
    else:
        _log.error("life_ended", exc_info=error)
    return True


def _resume(towns: list[Town], open_orders: list[Placed]) -> None:
    by_store = {town.home: town for town in towns}
    for placed in open_orders:
        town = by_store.get(placed.store)
        if town is not None:
            town.loop.start(shoppers.shopper(town, placed))


@contextlib.asynccontextmanager
async def _playing(towns: list[Town]) -> AsyncIterator[None]:
    playing = [asyncio.create_task(town.loop.run()) for town in towns]
    try:
        yield
    finally:
        for one in playing:
            one.cancel()
        await asyncio.gather(*playing, return_exceptions=True)
        for town in towns:
            await town.loop.close()


@contextlib.asynccontextmanager
async def _keeping(
    folder: Path, kept: Kept, clock: ScaledClock, world: World, towns: list[Town]
) -> AsyncIterator[None]:
    """Write down where the world stands, now and then, and at the end."""

    def write() -> None:
        kept.store_time = clock()
        kept.write(folder)
        waiting = [placed for town in towns for placed in town.open_orders.values()]
        keeping.write_world(folder, world.freeze(), waiting)

    async def now_and_then() -> None:
        while True:
            write()
            await asyncio.sleep(KEEPS_EVERY)

    task = asyncio.create_task(now_and_then())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        write()


async def enrolment_code(db: Database, store: str) -> str:
    store_id = StoreId(store)
    async with db.transaction(store_id) as tx:
        return await devices.new_code(tx, store_id)
