"""Puts a run together: a chain behind the system's own doors, and the lives that use them."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import httpx

from associates.bagging import bags
from associates.bagging.bag_models import Bagging
from associates.crew import people
from associates.handheld import devices
from bopis.kernel import keys
from bopis.kernel.database import Database
from bopis.kernel.ids import StoreId
from bopis.kernel.keys import KeyKind
from bopis.simulation import doors, loads, shoppers, stores
from bopis.simulation.chain import Chain, Person, Site
from bopis.simulation.doors import Browser, Handheld, StockSystem, WebShop
from bopis.simulation.inbox import Inbox
from bopis.simulation.loop import Life, Loop
from bopis.simulation.people import orders_of_day
from bopis.simulation.shoppers import Wish
from bopis.simulation.town import Town
from bopis.simulation.world import World

CHANNEL: Final = "webshop"
SOURCE: Final = "till"


async def keys_for(db: Database, tills: Iterable[Site] = ()) -> dict[str, str]:
    """Make the keys that the run's own callers show; each of these tills has one of its own."""
    async with db.transaction() as tx:
        _, channel = await keys.add(tx, KeyKind.CHANNEL, CHANNEL)
        _, feed = await keys.add(tx, KeyKind.FEED, SOURCE)
        _, ops = await keys.add(tx, KeyKind.OPS, "desk")
        made = {"channel": channel, "feed": feed, "ops": ops}
        for site in tills:
            source = doors.till(SOURCE, site.store)
            _, made[source] = await keys.add(tx, KeyKind.FEED, source)
    return made


def stock_system(client: httpx.AsyncClient, secrets: Mapping[str, str]) -> StockSystem:
    return StockSystem(client, secrets, SOURCE)


def mail(port: int) -> dict[str, str]:
    """Return the settings that send every e-mail to an inbox of ours."""
    return {
        "smtp_host": "127.0.0.1",
        "smtp_port": str(port),
        "smtp_security": "none",
        "sender": "orders@pickup.example",
    }


async def load(stock: StockSystem, chain: Chain, *, hold_days: int = 3, safety: int = 0) -> None:
    """Send the chain through the doors that any retailer would use.

    Units:
        safety: units of every item that are never sold for pickup.

    Raises:
        DoorShut: A row was refused: our own chain has no bad rows.
    """
    for path, text in loads.files(chain, hold_days=hold_days, safety=safety):
        await stock.load(path, text)


async def hire(db: Database, chain: Chain, *, with_pin: Person | None = None) -> None:
    """Take everybody on, with a badge alone: hashing a PIN is slow, and one is enough to try."""
    for person in chain.people:
        store_id = StoreId(person.store)
        pin_hash = await people.hash_pin(person.pin) if person == with_pin else None
        async with db.transaction(store_id) as tx:
            await people.add(
                tx,
                store_id,
                number=person.number,
                name=person.name,
                badge=person.badge,
                pin_hash=pin_hash,
            )


async def bag(db: Database, chain: Chain) -> None:
    """Let the first store label its bags, and no other: both ways are lived through."""
    store_id = StoreId(chain.sites[0].store)
    async with db.transaction(store_id) as tx:
        await bags.configure(tx, Bagging(store_id=store_id, labels=True))


def settle_in(
    loop: Loop,
    *,
    client: httpx.AsyncClient,
    chain: Chain,
    world: World,
    inbox: Inbox,
    secrets: Mapping[str, str],
    forgiving: bool,
    home: str = "",
) -> Town:
    """Return the town of a run, with nobody in it yet."""
    return Town(
        loop=loop,
        chain=chain,
        world=world,
        shop=WebShop(client, secrets["channel"]),
        stock=stock_system(client, secrets),
        browser=Browser(client),
        inbox=inbox,
        open_door=lambda: Handheld(client),
        forgiving=forgiving,
        home=home,
    )


async def staff(town: Town, db: Database, store: str, *, pickers: int | None = None) -> None:
    """Give people a handheld: the first stands at the counter, ``pickers`` others pick (or all)."""
    first, *rest = town.people(store)
    town.loop.start(stores.counter(town, first, await _code(db, store)))
    for n, person in enumerate(rest[:pickers]):
        associate = stores.Associate(town, person, early=n % 2 == 0)
        town.loop.start(associate.life(await _code(db, store)))


async def _code(db: Database, store: str) -> str:
    store_id = StoreId(store)
    async with db.transaction(store_id) as tx:
        return await devices.new_code(tx, store_id)


def open_store(town: Town, store: str, *, until: datetime | None = None) -> None:
    """Start what goes on in a store by itself."""
    town.loop.start(stores.stock_system(town, store, until=until))
    town.loop.start(stores.street(town, store, until=until))


async def shop_for_ever(town: Town, site: Site, *, daily: float) -> Life:
    """Order day after day, each day with luck of its own."""
    zone = ZoneInfo(site.zone)
    while True:
        today = town.now.astimezone(zone).date()
        midnight = datetime.combine(today, time(), zone)
        wishes = _rest_of(_wishes(town, site.store, midnight, daily), town.now)
        async for pause in shoppers.web_shop(town, site.store, wishes, picky=True):
            yield pause
        yield datetime.combine(today + timedelta(days=1), time(), zone)


def _wishes(town: Town, store: str, midnight: datetime, daily: float) -> Iterator[Wish]:
    day = f"{midnight:%y%m%d}"
    for n, (at, lines) in enumerate(orders_of_day(town.world, store, midnight, daily), 1):
        yield at, f"{store}-{day}-{n:03}", lines


def _rest_of(wishes: Iterable[Wish], now: datetime) -> Iterator[Wish]:
    return (wish for wish in wishes if wish[0] >= now)
