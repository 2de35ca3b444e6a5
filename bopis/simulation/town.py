"""Everything that the lives of one run share: the clock, the world, the doors, the bells."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Final
from uuid import UUID

from bopis.simulation.chain import Chain, Person, Shelf, Site
from bopis.simulation.doors import Browser, Handheld, Placed, StockSystem, WebShop
from bopis.simulation.inbox import Inbox
from bopis.simulation.loop import Bell, Loop
from bopis.simulation.world import World
from inventory.opening import hours

MAIL_DOMAIN: Final = "shoppers.example"
SETTLES: Final = timedelta(minutes=10)


@dataclass(slots=True)
class Town:
    """One run.

    Args:
        open_door: Makes a handheld that speaks to the system.
        code_for: Gets an enrolment code for a store, as its manager would.
        forgiving: True in a demo, whose servers may be restarted: a shut door is tried again.
            False in a replay: it ends the run.
    """

    loop: Loop
    chain: Chain
    world: World
    shop: WebShop
    stock: StockSystem
    browser: Browser
    inbox: Inbox
    open_door: Callable[[], Handheld]
    forgiving: bool = False
    home: str = ""
    """The only store of this town, where each has a loop of its own."""
    shelves: dict[tuple[str, str], list[Shelf]] = field(default_factory=lambda: defaultdict(list))
    sites: dict[str, Site] = field(default_factory=dict)
    counters: dict[str, Handheld] = field(default_factory=dict)
    bells: dict[str, Bell] = field(default_factory=lambda: defaultdict(Bell))
    """Rung in a store when there is something to do: what an idle associate hears."""
    news: Bell = field(default_factory=Bell)
    """Rung when anything about any order may have changed."""
    at_work: set[str] = field(default_factory=set)
    """Badges of those who are filling an order just now."""
    stirred_at: datetime | None = None
    """When an order last came in."""
    rng: Random = field(default_factory=Random)
    open_orders: dict[str, Placed] = field(default_factory=dict)
    """Orders whose shoppers have not finished their story, by reference."""
    pages: dict[str, set[str]] = field(default_factory=dict)
    """The pages of the orders that each address has begun to follow."""
    outcomes: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    """What the shoppers lived through, as they would tell it themselves."""

    def __post_init__(self) -> None:
        for shelf in self.chain.shelves:
            self.shelves[shelf.store, shelf.sku].append(shelf)
        self.rng = self.world.rng("town", self.home, self.now)
        self.sites = {site.store: site for site in self.chain.sites}

    @property
    def now(self) -> datetime:
        return self.loop.now

    @property
    def busy(self) -> bool:
        """Tell whether anything about an order may change within the next minutes."""
        fresh = self.stirred_at is not None and self.now - self.stirred_at < SETTLES
        return fresh or bool(self.at_work)

    def stir(self, store: str) -> None:
        """Let the people of a store hear that there is work."""
        self.stirred_at = self.now
        self.bells[store].ring()
        self.news.ring()

    def people(self, store: str) -> list[Person]:
        return [person for person in self.chain.people if person.store == store]

    def opening(self, store: str) -> datetime:
        """Return now while the store is open, else when it opens next."""
        return self._open_at(store, self.now)

    def open_at(self, store: str, at: datetime) -> datetime:
        """Return ``at`` if the store is open then with time to spare, else its next opening."""
        return self._open_at(store, at, spare=timedelta(minutes=15))

    def _open_at(self, store: str, at: datetime, spare: timedelta = timedelta(0)) -> datetime:
        calendar = self.sites[store].calendar
        if hours.is_open(calendar, at) and hours.is_open(calendar, at + spare):
            return at
        return hours.next_opening(calendar, at) or at + timedelta(days=1)

    def closing(self, store: str, at: datetime) -> datetime:
        """Return when the opening that goes on, or comes next, ends."""
        closes = hours.closing_after(self.sites[store].calendar, at)
        return closes or at + timedelta(hours=12)


def new_id(rng: Random) -> UUID:
    return UUID(int=rng.getrandbits(128), version=4)
