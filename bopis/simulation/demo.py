"""A living day that never ends: real servers, a fast clock, and a chain that does not exist.

``bopis serve`` and ``bopis work`` run as they would anywhere; beside them, this process plays the
world: shoppers, stock systems and associates, all through the doors that real ones would use.
"""

import asyncio
import contextlib
import fcntl
import shutil
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from datetime import time as wall_time
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import asyncpg
import httpx
import structlog

from associates import badges, devices
from bopis import command, migrate
from bopis.kernel import stopping
from bopis.kernel.clock import ScaledClock, machine_clock
from bopis.kernel.database import Database
from bopis.kernel.embedded import EmbeddedServer
from bopis.kernel.ids import StoreId
from bopis.simulation import chain, engine, inbox, inbox_page, keeping, shoppers
from bopis.simulation.chain import Chain, Person, Site
from bopis.simulation.doors import Placed
from bopis.simulation.keeping import Kept
from bopis.simulation.loop import Loop
from bopis.simulation.processes import Children, children
from bopis.simulation.town import Town
from bopis.simulation.world import World

DATABASE: Final = "bopis"
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
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Options:
    folder: Path
    port: int
    inbox_port: int
    speed: float
    seed: int
    stores: int
    items: int
    fresh: bool
    database_url: str | None


@dataclass(slots=True)
class Show:
    """What the person who started the demo sees."""

    web: str
    inbox: str
    ops_key: str
    site: Site
    person: Person
    enrolment_code: str = ""
    towns: list[Town] = field(default_factory=list)

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


class AlreadyRunning(command.Refusal):
    """Two demos would share one folder."""


@contextlib.contextmanager
def prepared(options: Options) -> Iterator[str]:
    """Lend a migrated database: the given one, or one of a server of our own. Not in a loop."""
    if options.database_url is not None:
        if options.fresh:
            raise command.Refusal(
                "--fresh would empty the database of DATABASE_URL, which is not ours. "
                "Name an empty database instead."
            )
        migrate.upgrade(options.database_url)
        yield options.database_url
        return
    with EmbeddedServer.start(options.folder) as server:
        asyncio.run(_create(server.dsn()))
        dsn = server.dsn(DATABASE)
        migrate.upgrade(dsn)
        yield dsn


async def _create(dsn: str) -> None:
    connection = await asyncpg.connect(dsn)
    try:
        known = await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", DATABASE)
        if not known:
            await connection.execute(f"CREATE DATABASE {DATABASE}")
    finally:
        await connection.close()


@contextlib.contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Keep a second demo out of this folder."""
    folder.mkdir(parents=True, exist_ok=True)
    lock_file = folder.with_name(f"{folder.name}.lock")
    with lock_file.open("wb") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise AlreadyRunning(f"A demo is running on {folder} already.") from None
        yield


def clear(folder: Path) -> None:
    """Forget everything that a demo kept."""
    for entry in folder.iterdir():
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink()


def remembered(options: Options) -> Kept:
    """Return what the last demo kept, or a new memory: of a Monday morning in the first zone."""
    kept = Kept.read(options.folder)
    if kept is not None:
        return kept
    zone = ZoneInfo(chain.SITES[0].zone)
    today = machine_clock().astimezone(zone).date()
    monday = today - timedelta(days=today.weekday())
    morning = datetime.combine(monday, wall_time(9, 30), zone).astimezone(UTC)
    return Kept(options.seed, monday, morning)


def free_port(wanted: int) -> int:
    """Return the port itself, or a free one for 0.

    Raises:
        command.Refusal: Somebody listens there already.
    """
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", wanted))
        except OSError:
            raise command.Refusal(
                f"Something listens on port {wanted} already; choose another with --port."
            ) from None
        port: int = probe.getsockname()[1]
        return port


Shower = Callable[[Show, ScaledClock, Database, Children, asyncio.Event], Awaitable[None]]
"""Shows the demo until the event is set."""


async def run(options: Options, dsn: str, show_with: Shower) -> None:
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
            environment = {
                "DATABASE_URL": dsn,
                "BOPIS_CLOCK": str(clock),
                "BOPIS_LINK_KEYS": f'["{kept.link_key}"]',
                "BOPIS_BASE_URL": web,
                **{
                    f"NOTIFICATIONS_{name.upper()}": value
                    for name, value in engine.mail(smtp_port).items()
                },
            }
            command.remember(
                options.folder, {k: v for k, v in environment.items() if k != "DATABASE_URL"}
            )
            started = stack.enter_context(children(options.folder / "demo.log", environment))
            started.start("web server", "serve", "--port", str(options.port))
            started.start("worker", "work")
            await stack.enter_async_context(inbox_page.serving(letters, options.inbox_port))
            db = await stack.enter_async_context(Database.connect(dsn, clock=clock, pool_size=2))
            client = await stack.enter_async_context(
                httpx.AsyncClient(base_url=web, timeout=30, limits=_LIMITS)
            )
            if not await _answers(client, started, stop):
                return
            await _load(db, client, kept, made, options.folder)
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
                made.sites[0],
                towns[0].people(made.sites[0].store)[-1],
                towns=towns,
            )
            async with _playing(towns), _keeping(options.folder, kept, clock, world, towns):
                await show_with(show, clock, db, started, stop)


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


async def _load(
    db: Database, client: httpx.AsyncClient, kept: Kept, made: Chain, folder: Path
) -> None:
    """Fill an empty system once, through its own doors."""
    if kept.loaded:
        return
    kept.keys = await engine.keys_for(db)
    kept.write(folder)
    badges.configure([kept.link_key])  # as the web server's are: we take people on for it
    await engine.load(engine.stock_system(client, kept.keys), made)
    await engine.hire(db, made, pins=False)
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
