"""The hidden world: seeded, consistent with itself, and only as wrong as it was told to be."""

import json
from datetime import UTC, date, datetime, timedelta

import pytest

from bopis.simulation import chain
from bopis.simulation.people import Plan, Shopper, Walker, orders_of_day
from bopis.simulation.world import FeedFault, Temper, World

MONDAY = date(2026, 11, 23)
NOON = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)
STORE = "R101"
CALM = Temper(shrunk=0, surplus=0, misplaced=0, ghost=0, late=0, repeated=0, dirty=0, lost=0)


@pytest.fixture
def town() -> chain.Chain:
    return chain.generate(7, first_day=MONDAY, stores=2, items=200)


def _live(world: World) -> list[object]:
    """Play the same two hours; return everything that could be seen of them."""
    seen: list[object] = []
    for at in world.walk_ins(STORE, NOON, NOON + timedelta(hours=2)):
        world.sell(STORE, at)
    world.deliver(STORE, NOON + timedelta(hours=3))
    seen += [world.feed(STORE, NOON + timedelta(hours=n), full=n % 4 == 0) for n in range(40)]
    seen += list(orders_of_day(world, STORE, NOON, 50))
    seen += [Shopper.of(world, f"W-{n}") for n in range(50)]
    return [*seen, world.piles, dict(world.supplied)]


def test_the_same_seed_lives_the_same_life(town: chain.Chain) -> None:
    assert _live(World(7, town)) == _live(World(7, town))
    assert _live(World(7, town)) != _live(World(8, town))


def test_luck_does_not_depend_on_who_asks_first(town: chain.Chain) -> None:
    one, other = World(7, town), World(7, town)

    first = [Shopper.of(one, "W-1"), Shopper.of(one, "W-2")]
    second = [Shopper.of(other, "W-2"), Shopper.of(other, "W-1")]

    assert first == second[::-1]


def test_in_a_calm_world_the_record_is_the_truth(town: chain.Chain) -> None:
    world = World(7, town, CALM)

    for at in world.walk_ins(STORE, NOON, NOON + timedelta(hours=9)):
        world.sell(STORE, at)

    assert all(pile.shelf == pile.record and not pile.elsewhere for pile in world.piles.values())
    assert world.supplied["units_sold_to_walk_ins"] > 0


def test_a_rough_world_says_what_it_supplied(town: chain.Chain) -> None:
    world = World(7, town)

    missing = sum(pile.record - pile.shelf for pile in world.piles.values())

    told = world.supplied
    assert missing == (
        told["units_ghost"] + told["units_shrunk"] + told["units_misplaced"] - told["units_surplus"]
    )


def test_a_hand_takes_what_is_there_and_no_more(town: chain.Chain) -> None:
    world = World(7, town, CALM)
    sku = next(sku for (store, sku) in town.opening if store == STORE)
    there = town.opening[STORE, sku]

    found = world.take(STORE, sku, there + 3, "order 1")
    nothing = world.take(STORE, sku, 1, "order 2")

    assert found.quantity == there
    assert nothing.quantity == 0
    assert world.piles[STORE, sku].shelf == 0


def test_changes_add_up_to_the_snapshot(town: chain.Chain) -> None:
    world = World(7, town, CALM)
    numbers = dict(world.feed(STORE, NOON, full=True).rows)

    for hour in range(1, 4):
        world.sell(STORE, NOON + timedelta(hours=hour))
        delta = world.feed(STORE, NOON + timedelta(hours=hour), full=False)
        for sku, change in delta.rows.items():
            numbers[sku] += change

    assert numbers == world.feed(STORE, NOON + timedelta(hours=5), full=True).rows


@pytest.mark.parametrize("fault", FeedFault)
def test_every_fault_of_a_feed_can_happen(town: chain.Chain, fault: FeedFault) -> None:
    world = World(7, town)

    files = [world.feed(STORE, NOON + timedelta(minutes=30 * n), full=False) for n in range(400)]

    faulty = [file for file in files if fault in file.faults]
    assert faulty
    assert world.supplied[f"feed_files_{fault}"] == len(faulty)
    for file in faulty:
        match fault:
            case FeedFault.LATE:
                assert all(at > file.as_of + timedelta(minutes=19) for at in file.arrives)
            case FeedFault.REPEATED:
                assert len(file.arrives) != 1
            case FeedFault.DIRTY:
                assert file.dirt
            case FeedFault.LOST:
                assert not file.arrives
    assert [file.sequence for file in files] == list(range(1, 401))


@pytest.mark.parametrize("plan", Plan)
def test_every_plan_of_a_shopper_can_happen(town: chain.Chain, plan: Plan) -> None:
    world = World(7, town)

    assert plan in {Shopper.of(world, f"W-{n}").plan for n in range(300)}


def test_walking_far_takes_longer(town: chain.Chain) -> None:
    walker = Walker.of(World(7, town), "12345")
    near, far = town.shelves[0], max(town.shelves, key=lambda shelf: shelf.aisle)

    assert walker.seconds(None, near) < walker.seconds(None, far)
    assert walker.seconds(near, far) == walker.seconds(far, near)


def test_a_day_of_orders_is_in_order_and_about_as_long_as_asked(town: chain.Chain) -> None:
    orders = list(orders_of_day(World(7, town), STORE, NOON, 200))

    assert 150 < len(orders) < 250
    assert [at for at, _ in orders] == sorted(at for at, _ in orders)
    for _, lines in orders:
        assert len({sku for sku, _ in lines}) == len(lines) >= 1


def test_a_world_goes_on_where_it_stopped(town: chain.Chain) -> None:
    one = World(7, town)
    _live(one)
    frozen = json.loads(json.dumps(one.freeze()))

    other = World(7, town)
    other.thaw(frozen)

    later = NOON + timedelta(days=1)
    assert other.feed(STORE, later, full=False) == one.feed(STORE, later, full=False)
    assert other.piles == one.piles
