"""A walk is written down when it is taken on, and planned anew when the floor is another."""

from dataclasses import replace
from itertools import pairwise

from associates import handlers
from associates.handheld import screens
from associates.handheld.walk_schemas import WalkData
from associates.offline import package
from associates.picking import claims, recording
from associates.picking.scans import ScanKind
from associates.walking import maps
from associates.walking.walk import Place
from bopis.kernel.ids import TaskId
from inventory.events import FloorChanged
from inventory.layout import floors
from inventory.layout.floor import Block, Floor, Point, PointKind, Way
from inventory.layout.ways import net
from tests.associates.floor import GTINS, JAM, STORE
from tests.associates.floor import Floor as ShopFloor

TURNS = "SELECT line, turn, is_cut_off FROM pick_lines WHERE task_id = $1 ORDER BY turn"
PLAN = Floor(
    (
        Way("3", (0, 0), (0, 20), bays=(1, 10)),
        Way("12", (9, 0), (9, 20), bays=(1, 10)),
        Way("front", (0, 0), (9, 0), is_cross=True),
        Way("back", (0, 20), (9, 20), is_cross=True),
    ),
    (Point(PointKind.COUNTER, 9, -2, "Counter"),),
)


async def turns(floor: ShopFloor, task: TaskId) -> list[tuple[int, bool]]:
    return [(row["line"], row["is_cut_off"]) for row in await floor.rows(TURNS, task)]


async def at(floor: ShopFloor, task: TaskId) -> WalkData:
    answer = await floor.do(screens.task, task, floor.ada)
    assert isinstance(answer.data, WalkData)
    return answer.data


async def test_a_walk_follows_the_floor_and_is_led_round_what_stands_in_it(
    floor: ShopFloor,
) -> None:
    await floor.do(floors.put, STORE, PLAN)
    _, task = await floor.open(oat=1, rye=1, jam=1)  # aisle 12 bay 4, aisle 3 bay 1, 12 bay 9
    await floor.do(claims.claim, task, floor.ada)
    first = await turns(floor, task)
    await floor.do(recording.record, task, floor.said(floor.ada, ScanKind.SKIP, line=2), floor.ada)
    skipped = await at(floor, task)

    await floor.do(floors.block, STORE, "12", Block("a pallet", bays=(4, 4)))
    await floor.do(handlers.plan_again, FloorChanged(store_id=STORE))
    blocked = await turns(floor, task)
    for sku in ("jam", "rye"):
        said = floor.said(floor.ada, code=GTINS[sku])  # type: ignore[index]
        await floor.do(recording.record, task, said, floor.ada)
    last = await at(floor, task)

    assert first == [(2, False), (1, False), (3, False)]
    assert skipped.item.sku == "oat"
    assert blocked == [(2, False), (3, False), (1, True)]
    assert last.item.sku == "oat"
    assert last.in_the_way.startswith("The aisle is blocked: a pallet.")


async def test_who_is_under_way_goes_on_from_where_they_are(floor: ShopFloor) -> None:
    await floor.do(floors.put, STORE, PLAN)
    _, task = await floor.open(oat=1, rye=1, jam=1)  # aisle 12 bay 4, aisle 3 bay 1, 12 bay 9
    await floor.do(claims.claim, task, floor.ada)
    said = floor.said(floor.ada, code=GTINS[JAM])
    await floor.do(recording.record, task, said, floor.ada)
    before = await floor.do(package.package, floor.ada)

    await floor.do(floors.block, STORE, "front", Block("a lift"))
    await floor.do(handlers.plan_again, FloorChanged(store_id=STORE))
    after = await floor.do(package.package, floor.ada)

    # Found at the back of aisle 12: on over the back, and last what is near the counter.
    assert await turns(floor, task) == [(3, False), (2, False), (1, False)]
    assert [stop.line for stop in after.walk] == [3, 2, 1]
    assert before.floor_mark != after.floor_mark
    assert (await at(floor, task)).item.sku == "rye"


async def test_a_package_has_the_walk_as_it_will_be_and_the_map_of_it(floor: ShopFloor) -> None:
    await floor.do(floors.put, STORE, PLAN)
    _, task = await floor.open(oat=1, rye=1)

    before = await floor.do(package.package, floor.ada)
    await floor.do(claims.claim, task, floor.ada)
    after = await floor.do(package.package, floor.ada)

    assert [stop.line for stop in before.walk] == [line for line, _ in await turns(floor, task)]
    assert after.walk == before.walk
    assert after.floor == before.floor
    assert after.floor
    [walk] = after.floor.walks
    assert [stop.line for stop in walk.stops] == [stop.line for stop in after.walk]


def test_a_map_is_drawn_along_the_aisles_and_leaves_out_what_nobody_gets_to() -> None:
    shut = replace(PLAN.ways[0], block=Block("wet floor"))
    floor = replace(PLAN, ways=(shut, *PLAN.ways[1:]))
    calls = [("t", 1, Place("", "12", "4", "")), ("t", 2, Place("", "3", "1", "")), ("t", 3, None)]

    drawn = maps.drawn(floor, [calls])

    [walk] = drawn.walks
    assert [stop.line for stop in walk.stops] == [1]
    assert walk.path[walk.stops[0].corner] == (9, 7)
    assert walk.path[0] == walk.path[-1] == (9, 0)
    assert (drawn.ways[0].blocked, drawn.ways[0].reason) == ((0, 1), "wet floor")
    length = sum(abs(a[0] - b[0]) + abs(a[1] - b[1]) for a, b in pairwise(walk.path))
    spot = net(floor).at(("", "12", "4", ""))
    assert spot
    assert length == 2 * spot.along
    assert maps.drawn(PLAN, [[]]).walks[0].stops == []
