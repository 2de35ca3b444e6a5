"""A chain of stores that does not exist: the same one, to the letter, for the same seed. Pure.

Stores, goods, shelves, people and opening stock come out as plain values; ``loads`` turns them
into the very files that a retailer would send us, so a demo enters by the front door.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from random import Random
from typing import Final
from zoneinfo import ZoneInfo

from bopis.simulation.baskets import Good
from bopis.simulation.words import BRANDS, DEPARTMENTS, FIRST_NAMES, Department
from inventory.opening.hours import Calendar, WeeklyHours

BAYS: Final = 12
SHELVES: Final = 5
SECOND_HOME: Final = 0.06
"""The share of items that have a promotion place at the end of an aisle besides their shelf."""
CARRIED: Final = 0.85
"""The share of the chain's items that one store carries."""
CASES: Final = 0.04
"""The share of items sold as a case, whose code is a GTIN-14."""
MAX_FACINGS: Final = 60
COLD: Final = "ST-COLD"
"""The place at every counter for what must stay cold."""
FAVORITE: Final = 9.0
"""How much more often than an ordinary item the best-selling ones are bought."""


@dataclass(frozen=True, slots=True)
class Hours:
    """When a store is open on one weekday or one date; no times at all means closed."""

    opens: time | None
    closes: time | None


@dataclass(frozen=True, slots=True)
class Site:
    """A store, as its signs and its lease describe it.

    Shapes:
        week: seven entries, Monday first.
        exceptions: 0..n dates whose hours differ from their weekday's.
    """

    store: str
    name: str
    street: str
    city: str
    postal_code: str
    country: str
    latitude: float
    longitude: float
    zone: str
    counter: str
    week: tuple[Hours, ...]
    exceptions: Mapping[date, Hours] = field(default_factory=dict)

    @property
    def calendar(self) -> Calendar:
        """Return the hours in the form that answers questions about them."""
        weekly = tuple(
            WeeklyHours(day, hours.opens, hours.closes)
            for day, hours in enumerate(self.week)
            if hours.opens and hours.closes
        )
        dated = {
            day: ((hours.opens, hours.closes),) if hours.opens and hours.closes else ()
            for day, hours in self.exceptions.items()
        }
        return Calendar(ZoneInfo(self.zone), weekly, dated)


@dataclass(frozen=True, slots=True)
class Item:
    """A good with the code that is printed on it.

    Units:
        weight: how often it is bought, relative to other items.
    """

    good: Good
    gtin: str
    weight: float


@dataclass(frozen=True, slots=True)
class Shelf:
    """One place of one item in one store. ``rank`` 1 is where to look first."""

    store: str
    sku: str
    area: str
    aisle: int
    bay: int
    shelf: int
    rank: int

    @property
    def code(self) -> str:
        """Return what the label on the shelf edge says, and its bar code."""
        return f"{self.aisle:02}-{self.bay:02}-{self.shelf}"


@dataclass(frozen=True, slots=True)
class StagingPlace:
    store: str
    code: str
    label: str


@dataclass(frozen=True, slots=True)
class Person:
    """An associate. Invented: a first name, a number with its PIN, and what the badge says."""

    store: str
    number: str
    badge: str
    name: str
    pin: str


@dataclass(frozen=True, slots=True)
class Chain:
    """Everything about the stores that somebody could have written down.

    Shapes:
        opening: (store, sku) to units on hand when the doors first open; items that a store does
            not carry are absent.
    """

    sites: tuple[Site, ...]
    items: Mapping[str, Item]
    shelves: tuple[Shelf, ...]
    staging: tuple[StagingPlace, ...]
    people: tuple[Person, ...]
    opening: Mapping[tuple[str, str], int]


def _week(opens: int, closes: int, sunday: tuple[int, int]) -> tuple[Hours, ...]:
    weekday = Hours(time(opens), time(closes))
    return (*(weekday,) * 6, Hours(time(sunday[0]), time(sunday[1])))


SITES: Final = (
    Site("R101", "Riverside", "218 Ferryman Street", "Hoboken", "07030", "US", 40.7433, -74.0324,
         "America/New_York", "Pickup counter, left of the entrance", _week(8, 21, (9, 20))),
    Site("R102", "Prospect", "47 Lantern Avenue", "Brooklyn", "11215", "US", 40.6681, -73.9806,
         "America/New_York", "Service desk, behind the tills", _week(7, 22, (8, 21))),
    Site("R201", "Lakeview", "3415 Halyard Avenue", "Chicago", "60657", "US", 41.9403, -87.6538,
         "America/Chicago", "Pickup counter, through the garden door", _week(8, 21, (9, 19))),
    Site("R301", "Mission Grove", "902 Almendra Road", "Los Angeles", "90042", "US", 34.1141,
         -118.1929, "America/Los_Angeles", "Lockers and counter, next to the café",
         _week(7, 22, (8, 21))),
    Site("R401", "Canal", "14 rue des Bateliers", "Paris", "75010", "FR", 48.8722, 2.3636,
         "Europe/Paris", "Comptoir retrait, to the right of the entrance", _week(9, 20, (9, 13))),
)  # fmt: skip
"""The demo chain. Towns are real so that distances are; streets and stores are not."""


def generate(seed: int, *, first_day: date, stores: int = 5, items: int = 3000) -> Chain:
    """Make the demo chain.

    Shapes:
        stores: 1..5.
        first_day: the first day to be played; each store closes early on one day of its week.
    """
    rng = Random(f"{seed}:exceptions")
    sites = []
    for n, site in enumerate(SITES[:stores]):
        day = first_day + timedelta(days=1 + n)
        opens = site.week[day.weekday()].opens
        early = Hours(opens, time(rng.choice((13, 15, 16)), 0))
        sites.append(_with(site, {day: early}))
    return lay_out(seed, sites, compose(seed, items))


def _with(site: Site, exceptions: Mapping[date, Hours]) -> Site:
    values = {name: getattr(site, name) for name in Site.__slots__}
    return Site(**{**values, "exceptions": exceptions})


def compose(seed: int, count: int) -> list[Good]:
    """Return ``count`` different goods, spread evenly over the departments."""
    rng = Random(f"{seed}:goods")
    goods: list[Good] = []
    for n, department in enumerate(DEPARTMENTS):
        quota = count // len(DEPARTMENTS) + (n < count % len(DEPARTMENTS))
        names = _names(department)
        rng.shuffle(names)
        for k, (name, size) in enumerate(sorted(names[:quota], key=lambda pair: pair[0].lower())):
            cents = rng.randrange(department.cents[0], department.cents[1], 10) // 10 * 10 + 9
            goods.append(Good(f"{n + 1:02}{k + 1:04}", name, size, department.name, cents))
    return goods


def _names(department: Department) -> list[tuple[str, str]]:
    return [
        (f"{brand} {noun}" + (f", {qualifier}" if qualifier else ""), size)
        for noun, sizes in department.nouns
        for brand in BRANDS
        for qualifier in department.qualifiers
        for size in sizes
    ]


def lay_out(
    seed: int,
    sites: Iterable[Site],
    goods: Sequence[Good],
    *,
    depth: Mapping[tuple[str, str], int] | None = None,
) -> Chain:
    """Give goods their codes, each store its shelves, its people and its first stock.

    Shapes:
        goods: 1..n, no sku twice.
        depth: (store, sku) to the units held at least, where the demand is known beforehand; with
            it, every store carries every item.
    """
    sites = tuple(sites)
    rng = Random(f"{seed}:items")
    items = {
        good.sku: Item(good, _code(n, rng), min(FAVORITE, rng.paretovariate(1.3)))
        for n, good in enumerate(goods)
    }
    shelves: list[Shelf] = []
    opening: dict[tuple[str, str], int] = {}
    for site in sites:
        rng = Random(f"{seed}:{site.store}:shelves")
        carried = [good for good in goods if depth is not None or rng.random() < CARRIED]
        shelves += _shelves(site.store, carried, rng)
        for good in carried:
            wanted = items[good.sku].weight ** 0.5
            usual = min(MAX_FACINGS, 3 + int(wanted * rng.lognormvariate(2.2, 0.7)))
            least = (depth or {}).get((site.store, good.sku), 0)
            opening[site.store, good.sku] = max(usual, least)
    return Chain(
        sites=sites,
        items=items,
        shelves=tuple(shelves),
        staging=tuple(place for site in sites for place in _staging(site.store)),
        people=_people(seed, sites),
        opening=opening,
    )


def _code(n: int, rng: Random) -> str:
    """Return a code from GS1's range for demonstrations (952), or a case of one (GTIN-14)."""
    if rng.random() < CASES:
        return gtin(f"1952{n:09}")
    return gtin(f"952{n:09}")


def gtin(body: str) -> str:
    """Return ``body`` with its check digit.

    Shapes:
        body: 12 digits for a GTIN-13, 13 for a GTIN-14.

    Source:
        GS1 General Specifications, section 7.9: weights 3 and 1 alternate from the right.
    """
    total = sum(int(digit) * (3, 1)[n % 2] for n, digit in enumerate(reversed(body)))
    return f"{body}{-total % 10}"


def _shelves(store: str, goods: Sequence[Good], rng: Random) -> list[Shelf]:
    """Fill the store department by department, in this store's own order of departments."""
    departments = sorted({good.department for good in goods})
    rng.shuffle(departments)
    shelves: list[Shelf] = []
    aisle = 0
    for department in departments:
        here = [good for good in goods if good.department == department]
        per_place = 2 if len(here) > BAYS * SHELVES else 1
        room = BAYS * SHELVES * per_place
        for n, good in enumerate(here):
            place = n % room // per_place
            shelves.append(
                Shelf(
                    store, good.sku, department, aisle + 1 + n // room,
                    1 + place // SHELVES, 1 + place % SHELVES, 1,
                )
            )  # fmt: skip
        aisle += 1 + (len(here) - 1) // room
    ends = [
        Shelf(store, good.sku, "Aisle ends", rng.randint(1, aisle), BAYS + 1, n % SHELVES + 1, 2)
        for n, good in enumerate(goods)
        if rng.random() < SECOND_HOME
    ]
    return shelves + ends


def _staging(store: str) -> list[StagingPlace]:
    racks = [StagingPlace(store, f"ST-{row}{n}", f"Rack {row}, place {n}")
             for row in "AB" for n in range(1, 7)]  # fmt: skip
    return [*racks, StagingPlace(store, COLD, "Cold cabinet behind the counter")]


def _people(seed: int, sites: Sequence[Site]) -> tuple[Person, ...]:
    rng = Random(f"{seed}:people")
    badges = rng.sample(range(10**9, 10**10), 8 * len(sites))
    people = []
    for site in sites:
        for n, name in enumerate(rng.sample(FIRST_NAMES, rng.randint(5, 7))):
            pin = f"{rng.randrange(10**6):06}"
            people.append(Person(site.store, f"{101 + n}", f"B{badges.pop()}", name, pin))
    return tuple(people)
