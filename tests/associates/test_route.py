"""The shortest walk there is, or one that is nearly as short; and what it may not do."""

from itertools import pairwise, permutations
from math import isclose
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from associates.walking import burden, route
from associates.walking.route import Meters
from associates.walking.walk import Place, Stop, Walk, in_turn, planned, serpentine
from inventory.layout import ways
from inventory.layout.floor import Block, Direction, Floor, Point, PointKind, Way

COUNTER = Point(PointKind.COUNTER, 0.0, 0.0)


def plan(*, one_way: bool = False, blocks: dict[str, Block] | None = None, middle: bool = False,
         counter: Point | None = COUNTER) -> Floor:  # fmt: skip
    """Five aisles of 20 m, 5 m apart, joined at the front (y = 0), the back, and maybe between."""
    aisles = [
        Way(
            str(n + 1), (5.0 * n, 0.0), (5.0 * n, 20.0), bays=(1, 10),
            is_one_way=one_way and n % 2 == 1, block=(blocks or {}).get(str(n + 1)),
        )
        for n in range(5)
    ]  # fmt: skip
    rows = [0.0, 20.0, 10.0] if middle else [0.0, 20.0]
    cross = [Way(f"row {y}", (0.0, y), (20.0, y), is_cross=True) for y in rows]
    return Floor((*aisles, *cross), (counter,) if counter else ())


def stop(line: int, aisle: str, bay: str, *, zone: str = "", **more: bool | int) -> Stop:
    return Stop(line, Place(zone, aisle, bay, "1"), **more)  # type: ignore[arg-type]


def lines(walk: Walk) -> list[int]:
    return [one.line for one in walk.stops]


def length(floor: Floor, stops: list[Stop]) -> float:
    """Return how far it is from the counter by these stops and back, measured stop by stop."""
    net = ways.net(floor)
    counter = net.beside(COUNTER)
    spots = [counter, *(net.at((*_at(one), "")) for one in stops), counter]
    return sum(net.distance(a, b) for a, b in pairwise(spots) if a and b)


def _at(one: Stop) -> tuple[str, str, str]:
    assert one.place is not None
    return one.place.zone, one.place.aisle, one.place.bay


@st.composite
def tables(draw: st.DrawFn, most: int) -> tuple[Meters, list[int]]:
    """Return distances as a one-way store may have them, there and back different, and ranks."""
    n = draw(st.integers(0, most))
    dice = Random(draw(st.integers(0, 2**32)))
    row = [[dice.uniform(0, 50) for _ in range(n)] for _ in range(n + 2)]
    ranks = draw(st.lists(st.integers(0, 2), min_size=n, max_size=n))
    return Meters(row[0], row[1 : n + 1], row[n + 1]), ranks


@given(tables(most=6))
@settings(max_examples=25)
def test_up_to_eleven_stops_no_order_that_keeps_the_ranks_is_shorter(
    given_: tuple[Meters, list[int]],
) -> None:
    meters, ranks = given_
    n = len(ranks)
    kept = [p for p in permutations(range(n)) if [ranks[i] for i in p] == sorted(ranks)]

    found = route.shortest(meters, ranks)

    assert tuple(found) in kept
    assert isclose(meters.of(found), min(map(meters.of, kept)), abs_tol=1e-6)


@given(tables(most=11), st.randoms(use_true_random=False))
@settings(max_examples=20)
def test_beyond_no_stop_is_lost_and_no_known_walk_is_shorter(
    given_: tuple[Meters, list[int]], dice: Random
) -> None:
    meters, ranks = given_
    known = sorted(dice.sample(range(len(ranks)), len(ranks)), key=lambda one: ranks[one])

    found = route._near(meters, ranks, [known]) if ranks else []  # noqa: SLF001 -- without the sixty-odd stops

    assert sorted(found) == list(range(len(ranks)))
    assert [ranks[one] for one in found] == sorted(ranks)
    assert meters.of(found) <= meters.of(known) + 1e-6
    assert meters.of(found) >= meters.of(route.shortest(meters, ranks)) - 1e-6


places = st.tuples(
    st.integers(1, 5).map(str), st.integers(1, 10).map(str), st.sampled_from(["", "", "Frozen"])
)
shopping = st.lists(st.tuples(places, st.booleans()), min_size=1, max_size=14).map(
    lambda made: [
        stop(line, aisle, bay, zone=zone, is_heavy=heavy)
        for line, ((aisle, bay, zone), heavy) in enumerate(made)
    ]
)


@given(shopping, st.booleans(), st.booleans(), st.randoms(use_true_random=False))
@settings(max_examples=20, deadline=None)
def test_a_walk_makes_every_stop_once_and_is_never_longer_than_the_foreseeable_one(
    stops: list[Stop],
    one_way: bool,  # noqa: FBT001
    middle: bool,  # noqa: FBT001
    dice: Random,
) -> None:
    floor = plan(one_way=one_way, middle=middle)

    walk = planned(stops, floor)

    assert sorted(walk.stops, key=lambda one: one.line) == stops
    assert planned(dice.sample(stops, len(stops)), floor) == walk
    zones = [one.place.zone for one in walk.stops if one.place]
    assert zones == sorted(zones), "what is frozen comes last"
    assert isclose(walk.meters or 0, length(floor, walk.stops), abs_tol=0.06)
    if not any(one.is_heavy for one in stops):  # the S-shaped walk knows nothing of weight
        assert length(floor, walk.stops) <= length(floor, serpentine(stops)) + 1e-6


@given(shopping, st.data())
@settings(max_examples=20, deadline=None)
def test_whatever_is_done_or_skipped_the_rest_keeps_its_order(
    stops: list[Stop], data: st.DataObject
) -> None:
    floor = plan()
    before = lines(planned(stops, floor))
    later = data.draw(st.sets(st.sampled_from(before)))

    put_off = [Stop(s.line, s.place, int(s.line in later), s.is_heavy) for s in stops]
    after = planned(put_off, floor)
    turns = {one.line: n for n, one in enumerate(after.stops)}
    now = in_turn(sorted(put_off, key=lambda one: turns[one.line]))

    assert lines(after) == before
    rest = [one for one in before if one not in later]
    assert [one.line for one in now] == rest + [one for one in before if one in later]


def test_a_one_way_aisle_is_never_walked_against_its_arrow() -> None:
    net = ways.net(plan(one_way=True))
    low, high = net.at(("", "2", "2", "")), net.at(("", "2", "9", ""))
    assert low
    assert high

    assert net.distance(low, high) == 14.0
    assert net.distance(high, low) == 3 + 5 + 20 + 5 + 3  # out at the back, round by an aisle
    path = net.path(high, low)
    assert path[0] == high.xy
    assert path[-1] == low.xy
    assert (5.0, 20.0) in path
    assert (5.0, 0.0) in path


@pytest.mark.parametrize("direction", Direction)
def test_an_aisle_that_is_shut_one_way_is_walked_the_other(direction: Direction) -> None:
    net = ways.net(plan(blocks={"2": Block("a lift", bays=(4, 6), direction=direction)}))
    low, middle, high = (net.at(("", "2", bay, "")) for bay in ("2", "5", "9"))
    assert low
    assert high

    round_by = 3 + 5 + 20 + 5 + 3
    assert net.distance(low, high) == (14.0 if direction is Direction.BACK else round_by)
    assert net.distance(high, low) == (14.0 if direction is Direction.FORTH else round_by)
    assert (middle is None) is (direction is Direction.BOTH)
    if middle:
        assert net.distance(low, middle) + net.distance(middle, high) >= net.distance(low, high)


def test_a_blocked_aisle_is_reached_from_the_other_side() -> None:
    floor = plan(blocks={"1": Block("a pallet", bays=(4, 5))})

    walk = planned([stop(1, "1", "6"), stop(2, "1", "2")], floor)

    assert lines(walk) == [2, 1]
    assert walk.cut_off == frozenset()
    assert walk.meters == 3 + 3 + 5 + 20 + 5 + 9 + (9 + 5 + 20 + 5)


def test_what_is_cut_off_comes_last_and_is_said() -> None:
    floor = plan(blocks={"1": Block("a pallet", bays=(4, 5)), "3": Block("wet floor")})

    walk = planned(
        [stop(1, "1", "4"), stop(2, "3", "1"), stop(3, "5", "5"), stop(4, "9", "1"), Stop(5, None)],
        floor,
    )

    assert lines(walk) == [3, 1, 2, 4, 5]
    assert walk.cut_off == {1, 2}


def test_things_of_one_bay_are_one_stop() -> None:
    one = planned([stop(n, "2", "5") for n in range(30)], plan())

    assert lines(one) == list(range(30))
    assert one.meters == planned([stop(1, "2", "5")], plan()).meters


def test_heavy_things_come_after_the_rest_and_what_is_cold_after_them() -> None:
    stops = [
        stop(1, "1", "1", is_heavy=True),
        stop(2, "5", "9"),
        stop(3, "1", "2", zone="Frozen"),
        stop(4, "1", "3", zone="Dairy"),
        stop(5, "1", "1"),  # beside the heavy one: nobody comes twice
    ]

    assert lines(planned(stops, plan())) == [2, 5, 1, 4, 3]
    assert lines(planned(stops, plan(), heavy_first=True)) == [1, 5, 2, 4, 3]


def test_where_no_counter_is_known_the_walk_may_begin_and_end_anywhere() -> None:
    walk = planned([stop(1, "1", "10"), stop(2, "1", "1"), stop(3, "1", "5")], plan(counter=None))

    assert lines(walk) == [2, 3, 1]
    assert walk.meters == 18.0


def test_without_a_plan_the_walk_is_the_foreseeable_one() -> None:
    stops = [stop(1, "2", "1"), stop(2, "2", "9"), stop(3, "1", "9")]

    assert planned(stops, None) == Walk(serpentine(stops))


@pytest.mark.parametrize(
    ("size", "quantity", "heavy"),
    [
        ("1 l", 1, False),
        ("1 l", 8, True),
        ("6 x 1.5 l", 1, True),
        ("10 kg", 1, True),
        ("500 g", 4, False),
        ("12 \u00d7 330 ml", 2, False),
        ("12 \u00d7 330 ml", 3, True),
        ("large", 99, False),
        ("", 5, False),
    ],
)
def test_what_is_heavy_is_read_off_its_size(size: str, quantity: int, heavy: bool) -> None:  # noqa: FBT001
    assert burden.is_heavy(size, quantity) is heavy
