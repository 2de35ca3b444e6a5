"""How long walks are and how long it takes to plan them, in stores that are made up.

``python -m benchmarks walks`` plans the same seeded walks in each way and prints the tables of
``docs/walking.md``; ``--write`` puts them there. Every walk is measured stop by stop on the floor,
from the counter and back, whoever planned it.
"""

import platform
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from random import Random
from statistics import mean, median
from typing import Final

from associates.walking import route
from associates.walking.route import Meters
from associates.walking.walk import Place, Stop, ends_of, planned, serpentine
from inventory.layout import ways
from inventory.layout.floor import Floor, Point, PointKind, Way
from inventory.layout.ways import Net

PAGE: Final = Path(__file__).parents[1] / "docs" / "walking.md"
BEGIN: Final = "<!-- made by python -m benchmarks walks --write -->"
END: Final = "<!-- end -->"
WALKS: Final = 1000
SIZES: Final = (3, 5, 8, 11, 15, 20)
EXACT: Final = 15
"""Up to so many stops the shortest walk itself is found for comparison, in a second or so."""

Order = Sequence[Stop]


def store(dice: Random) -> Floor:
    """Make a store of 6 to 14 aisles of 14 to 26 m; in some, one goes across the middle."""
    count, length = dice.randint(6, 14), dice.uniform(14, 26)
    narrow = dice.random() < 0.5
    aisles = [
        Way(
            str(n + 1),
            (3.5 * n, 2.0),
            (3.5 * n, 2.0 + length),
            bays=(1, 12),
            is_one_way=narrow and n > 0 and dice.random() < 0.3,
        )
        for n in range(count)
    ]
    rows = [2.0, 2.0 + length]
    if dice.random() < 0.5:
        rows.append(2.0 + length * dice.uniform(0.4, 0.6))
    width = 3.5 * (count - 1)
    cross = [Way(f"row {y:.1f}", (0.0, y), (width, y), is_cross=True) for y in rows]
    counter = Point(PointKind.COUNTER, dice.choice((0.0, width / 2)), 0.0)
    return Floor((*aisles, *cross), (counter,))


def errands(dice: Random, floor: Floor, count: int) -> list[Stop]:
    """Return so many different bays, in the order in which somebody put things into a basket."""
    aisles = [way.aisle for way in floor.ways if not way.is_cross]
    bays = [(aisle, str(bay)) for aisle in aisles for bay in range(1, 13)]
    return [Stop(n, Place("", *bay, "1")) for n, bay in enumerate(dice.sample(bays, count))]


@dataclass(frozen=True)
class Ruler:
    """One floor and its counter, to measure walks on."""

    net: Net
    counter: ways.Spot

    @classmethod
    def of(cls, floor: Floor) -> "Ruler":
        net = ways.net(floor)
        counter, _ = ends_of(net)
        assert counter is not None
        return cls(net, counter)

    def length(self, order: Order) -> float:
        spots = [self._spot(stop) for stop in order]
        walk = [self.counter, *spots, self.counter]
        return sum(self.net.distance(a, b) for a, b in pairwise(walk))

    def meters(self, stops: Sequence[Stop]) -> Meters:
        spots = [self._spot(stop) for stop in stops]
        far = self.net.distance
        return Meters(
            [far(self.counter, spot) for spot in spots],
            [[far(a, b) for b in spots] for a in spots],
            [far(spot, self.counter) for spot in spots],
        )

    def _spot(self, stop: Stop) -> ways.Spot:
        assert stop.place is not None
        spot = self.net.at((stop.place.zone, stop.place.aisle, stop.place.bay, stop.place.shelf))
        assert spot is not None
        return spot


def shortest(ruler: Ruler, stops: Sequence[Stop]) -> list[Stop]:
    """Return the shortest walk there is, however long it takes to find."""
    return [stops[n] for n in route._exact(ruler.meters(stops), [0] * len(stops))]  # noqa: SLF001


def as_listed(stops: Sequence[Stop]) -> list[Stop]:
    return list(stops)


def measured(count: int = WALKS) -> list[str]:
    """Return the tables, as lines of Markdown."""
    return [*_thousand(count), "", *_by_size(max(count // 10, 1)), "", *_heavy(max(count // 5, 1))]


def _thousand(count: int) -> list[str]:
    gaps, seconds, beyond = [], [], []
    for seed in range(count):
        dice = Random(f"walk {seed}")
        floor = store(dice)
        stops = errands(dice, floor, dice.randint(2, EXACT))
        ruler = Ruler.of(floor)
        begins = time.thread_time()
        walk = planned(stops, floor)
        seconds.append(time.thread_time() - begins)
        best = ruler.length(shortest(ruler, stops))
        gaps.append(ruler.length(walk.stops) / best - 1)
        if len(stops) > route.EXACT:
            beyond.append(gaps[-1])
    slowest = sorted(seconds)[int(len(seconds) * 0.99)]
    many = f"the same, of the {len(beyond)} walks of more than {route.EXACT} stops"
    return [
        f"{count} walks of 2 to {EXACT} stops, each in a store of its own, beside the shortest:",
        "",
        "| | |",
        "| --- | --: |",
        f"| longer than the shortest, on average | {mean(gaps):.3%} |",
        f"| {many} | {mean(beyond):.3%} |",
        f"| the worst of all | {max(gaps):.2%} |",
        f"| walks that are the shortest | {sum(gap < 1e-6 for gap in gaps)} of {count} |",
        f"| CPU time to plan one, the median | {median(seconds) * 1e3:.1f} ms |",
        f"| CPU time to plan one, the slowest of a hundred | {slowest * 1e3:.1f} ms |",
    ]


def _by_size(count: int) -> list[str]:
    ways: dict[str, Callable[[Floor, list[Stop]], Order]] = {
        "as listed": lambda _, stops: as_listed(stops),
        "S-shaped": lambda _, stops: serpentine(stops),
        "ours": lambda floor, stops: planned(stops, floor).stops,
    }
    lines = [
        f"Meters of a walk, the mean of {count} of each size, where no aisle is one-way:",
        "",
        "| stops | as listed | S-shaped | ours | shorter than S-shaped by | CPU time, median |",
        "| --: | --: | --: | --: | --: | --: |",
    ]
    for size in SIZES:
        meters: dict[str, list[float]] = {name: [] for name in ways}
        seconds = []
        for seed in range(count):
            dice = Random(f"{size} stops {seed}")
            floor = store(dice)
            floor = Floor(tuple(_both(way) for way in floor.ways), floor.points)
            stops = errands(dice, floor, size)
            ruler = Ruler.of(floor)
            for name, way in ways.items():
                begins = time.thread_time()
                order = way(floor, stops)
                seconds += [time.thread_time() - begins] if name == "ours" else []
                meters[name].append(ruler.length(order))
        listed, shaped, ours = (mean(meters[name]) for name in ways)
        lines.append(
            f"| {size} | {listed:.0f} | {shaped:.0f} | {ours:.0f} | {1 - ours / shaped:.0%} | "
            f"{median(seconds) * 1e3:.1f} ms |"
        )
    return lines


def _both(way: Way) -> Way:
    return Way(way.aisle, way.start, way.end, bays=way.bays, is_cross=way.is_cross)


def _heavy(count: int) -> list[str]:
    """Say what it costs to end with what is heavy and then what is frozen; and of waves."""
    free, ranked, alone, beside = [], [], [], []
    for seed in range(count):
        dice = Random(f"heavy {seed}")
        floor = store(dice)
        stops = errands(dice, floor, 8)
        ruler = Ruler.of(floor)
        heavy = [Stop(s.line, s.place, is_heavy=s.line == 0) for s in stops]
        cold = [
            Stop(s.line, _frozen(s.place) if s.line == 1 else s.place, 0, s.is_heavy) for s in heavy
        ]
        free.append(ruler.length(planned(stops, floor).stops))
        ranked.append(ruler.length(planned(cold, floor).stops))
        orders = [errands(dice, floor, 3) for _ in range(3)]
        alone.append(sum(ruler.length(planned(order, floor).stops) for order in orders))
        every = [
            Stop(n, stop.place) for n, stop in enumerate(stop for order in orders for stop in order)
        ]
        beside.append(ruler.length(planned(every, floor).stops))
    return [
        "| | meters |",
        "| --- | --: |",
        f"| 8 stops, in any order | {mean(free):.0f} |",
        (
            "| the same, one heavy thing after the rest and one frozen thing last "
            f"| {mean(ranked):.0f} |"
        ),
        f"| 3 orders of 3 stops, one after another | {mean(alone):.0f} |",
        f"| the same as one walk | {mean(beside):.0f} ({mean(beside) / mean(alone) - 1:.0%}) |",
    ]


def _frozen(place: Place | None) -> Place | None:
    return place and Place("Frozen", place.aisle, place.bay, place.shelf)


def main(words: Sequence[str]) -> int:
    lines = measured()
    text = "\n".join(lines)
    print(text)
    if "--write" in words:
        before, _, rest = PAGE.read_text("utf-8").partition(BEGIN)
        _, _, after = rest.partition(END)
        made_by = f"Measured with Python {platform.python_version()} on one core."
        made = f"{BEGIN}\n\n{text}\n\n{made_by}\n\n{END}"
        PAGE.write_text(f"{before}{made}{after}", "utf-8")
    return 0
