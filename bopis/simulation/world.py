"""The truth that the system cannot see: what really is on the shelves, and what people will do.

The system only ever learns of this world as a real one would let it: by feeds, which report the
store's own record and not its shelves, and by scans. Seeded; the clock is an argument; every
decision about one order comes from a generator of its own, so that no decision depends on
which of two things happened to be asked first. Pure.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from random import Random
from typing import Any

from bopis.simulation.chain import Chain


@dataclass(frozen=True, slots=True)
class Temper:
    """How rough this world is.

    Units:
        shrunk, surplus, misplaced, ghost: share of (store, item) pairs that start out so.
        late, repeated, dirty, lost: share of feed files.
        walk_in: walk-in purchases per store and open hour.
        others: chances of one order.
    """

    shrunk: float = 0.05
    surplus: float = 0.03  # the store has more than its record says
    misplaced: float = 0.03
    ghost: float = 0.01  # the record says some, the store has none
    late: float = 0.10
    repeated: float = 0.06
    dirty: float = 0.08
    lost: float = 0.02  # never arrives: a gap in the sequence
    walk_in: float = 14.0
    walk_in_pair: float = 0.2  # chance that a walk-in takes two of a thing
    short_delivery: float = 0.02  # booked in full, comes one unit short
    cancels: float = 0.03
    no_show: float = 0.03
    answers: float = 0.4
    chooses: float = 0.6  # answers when we ask what to do about an order
    wrong_scan: float = 0.02
    undone_scan: float = 0.01
    bag_gap: float = 0.01  # something fell out of the bag between the aisle and the counter
    second_look: float = 0.6  # chance that a search finds what is in the store but not on its shelf


class FeedFault(StrEnum):
    LATE = "late"
    REPEATED = "repeated"
    DIRTY = "dirty"
    LOST = "lost"


@dataclass(slots=True)
class Pile:
    """One item in one store: the truth, and what the store's own computer believes.

    Units:
        shelf: units at the item's own places. elsewhere: units in the store, but not there.
        record: the store system's number; it starts equal and drifts.
    """

    shelf: int
    elsewhere: int
    record: int


@dataclass(frozen=True, slots=True)
class FeedFile:
    """One file of one store's stock system, and when it will reach us.

    Shapes:
        rows: sku to quantity on hand (snapshot) or change (delta). ``dirt`` are rows that no
            parser should accept, as (sku, quantity) text.
    """

    store: str
    sequence: int
    kind: str
    as_of: datetime
    arrives: tuple[datetime, ...]
    rows: Mapping[str, int]
    dirt: tuple[tuple[str, str], ...] = ()
    faults: frozenset[FeedFault] = frozenset()


@dataclass(frozen=True, slots=True)
class Found:
    """What a hand finds at a place."""

    quantity: int
    seconds: float


@dataclass(slots=True)
class World:
    """All stores of one chain. Every method names the store; nothing is shared between them."""

    seed: int
    chain: Chain
    temper: Temper = field(default_factory=Temper)
    piles: dict[tuple[str, str], Pile] = field(default_factory=dict)
    supplied: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    """What this world added to the data, for the report."""
    _assortment: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    _sequence: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    _reported: dict[str, dict[str, int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for store, sku in self.chain.opening:
            self._assortment[store].append(sku)
            self._stock(store, sku)

    def _stock(self, store: str, sku: str) -> None:
        """Put the opening stock on the shelf, and let some of it not be there."""
        units = self.chain.opening[store, sku]
        rng, temper = self.rng("pile", store, sku), self.temper
        pile = self.piles[store, sku] = Pile(units, 0, units)
        fates = ("ghost", "shrunk", "surplus", "misplaced")
        chances = [getattr(temper, fate) for fate in fates]
        fate = rng.choices((*fates, "true"), (*chances, 1 - sum(chances)))[0]
        some = min(units, 1 + int(rng.expovariate(1 / (0.15 * units))))
        match fate:
            case "true":
                return
            case "ghost":
                some, pile.shelf = units, 0
            case "shrunk":
                pile.shelf -= some
            case "surplus":
                pile.shelf += some
            case "misplaced":
                some = rng.randint(1, units)
                pile.shelf, pile.elsewhere = units - some, some
        self.supplied[f"units_{fate}"] += some

    def freeze(self) -> dict[str, Any]:
        """Return what has changed since the world was made, as JSON's own types."""
        return {
            "piles": [
                [store, sku, pile.shelf, pile.elsewhere, pile.record]
                for (store, sku), pile in self.piles.items()
            ],
            "sequence": dict(self._sequence),
            "reported": self._reported,
            "supplied": dict(self.supplied),
        }

    def thaw(self, frozen: dict[str, Any]) -> None:
        """Go on where ``freeze`` stopped."""
        for store, sku, shelf, elsewhere, record in frozen["piles"]:
            self.piles[store, sku] = Pile(shelf, elsewhere, record)
        self._sequence.update(frozen["sequence"])
        self._reported.update(frozen["reported"])
        self.supplied.clear()
        self.supplied.update(frozen["supplied"])

    def rng(self, *about: object) -> Random:
        """Return the generator for one decision; the same words give the same luck."""
        return Random(":".join(map(str, (self.seed, *about))))

    # What happens in a store without us.

    def walk_ins(self, store: str, opens: datetime, closes: datetime) -> Iterator[datetime]:
        """Yield the moments at which people buy without ordering."""
        rng, at = self.rng("walk-ins", store, opens.isoformat()), opens
        while (at := at + timedelta(hours=rng.expovariate(self.temper.walk_in))) < closes:
            yield at

    def sell(self, store: str, at: datetime) -> None:
        """Let one walk-in customer buy what they can reach; the store's computer sees it."""
        rng = self.rng("sale", store, at.isoformat())
        mine = self._assortment[store]
        for sku in rng.choices(mine, k=rng.randint(1, 4)):
            pile = self.piles[store, sku]
            units = min(pile.shelf, 1 + (rng.random() < self.temper.walk_in_pair))
            pile.shelf -= units
            pile.record -= units
            self.supplied["units_sold_to_walk_ins"] += units

    def deliver(self, store: str, at: datetime) -> None:
        """Refill what the store's computer thinks is low: what it thinks is there stays away."""
        rng = self.rng("delivery", store, at.isoformat())
        for sku in self._assortment[store]:
            pile, usual = self.piles[store, sku], self.chain.opening[store, sku]
            if pile.record * 2 > usual:
                continue
            units = usual - pile.record
            pile.record += units
            pile.shelf += units - (rng.random() < self.temper.short_delivery)
            self.supplied["units_delivered"] += units

    # What a hand finds.

    def take(self, store: str, sku: str, wanted: int, about: object) -> Found:
        """Take units off the item's own shelf: as many as there are, up to ``wanted``."""
        pile, rng = self.piles[store, sku], self.rng("take", store, sku, about)
        units = min(pile.shelf, wanted)
        pile.shelf -= units
        return Found(units, 4 + 1.5 * min(units, 12) + rng.expovariate(1 / 6))

    def search(self, store: str, sku: str, wanted: int, about: object) -> Found:
        """Look around for what was not on its shelf; it takes minutes, and helps sometimes."""
        pile, rng = self.piles[store, sku], self.rng("search", store, sku, about)
        units = min(pile.elsewhere, wanted) if rng.random() < self.temper.second_look else 0
        pile.elsewhere -= units
        return Found(units, rng.uniform(60, 240))

    def count(self, store: str, sku: str) -> int:
        """Count what is on the shelf; what lies somewhere else nobody sees."""
        return self.piles[store, sku].shelf

    def put_back(self, store: str, sku: str, units: int) -> None:
        self.piles[store, sku].shelf += units

    def hand_over(self, store: str, sku: str, units: int) -> None:
        """Book a pickup in the store's own computer, as its stock system does: at hand-over.

        A file of changes leaves it out: those who sent the shopper have booked it themselves.
        """
        self.piles[store, sku].record -= units
        mine = self._reported.get(store)
        if mine is not None and sku in mine:
            mine[sku] -= units

    # What the store's computer says.

    def feed(self, store: str, as_of: datetime, *, full: bool) -> FeedFile:
        """Write the store system's next file: all numbers, or the changes since its last file."""
        self._sequence[store] += 1
        sequence = self._sequence[store]
        rng, temper = self.rng("feed", store, sequence), self.temper
        now = {sku: max(0, self.piles[store, sku].record) for sku in self._assortment[store]}
        last = self._reported.get(store, {})
        self._reported[store] = now
        changed = {sku: n - last.get(sku, 0) for sku, n in now.items() if n != last.get(sku, 0)}
        first = sequence == 1
        chances = (
            (FeedFault.LATE, temper.late),
            (FeedFault.REPEATED, temper.repeated),
            (FeedFault.DIRTY, temper.dirty),
            (FeedFault.LOST, temper.lost),
        )
        faults = frozenset(
            fault for fault, chance in chances if rng.random() < chance and not first
        )
        lag = timedelta(seconds=rng.uniform(20, 90))
        if FeedFault.LATE in faults:
            lag = timedelta(minutes=rng.uniform(20, 75))
        arrives: tuple[datetime, ...] = (as_of + lag,)
        if FeedFault.REPEATED in faults:
            arrives += (as_of + lag + timedelta(minutes=rng.uniform(1, 9)),)
        for fault in sorted(faults):
            self.supplied[f"feed_files_{fault}"] += 1
        return FeedFile(
            store=store,
            sequence=sequence,
            kind="snapshot" if full else "delta",
            as_of=as_of,
            arrives=() if FeedFault.LOST in faults else arrives,
            rows=now if full else changed,
            dirt=_dirt(rng) if FeedFault.DIRTY in faults else (),
            faults=faults,
        )


def _dirt(rng: Random) -> tuple[tuple[str, str], ...]:
    kinds = (
        (f"X{rng.randrange(10**6):06}", "3"),  # an item nobody told us of
        ("010001", "twelve"),
        ("010002", ""),
        ("", "7"),
        ("010003", "1e9"),
    )
    return tuple(rng.sample(kinds, rng.randint(1, 3)))
