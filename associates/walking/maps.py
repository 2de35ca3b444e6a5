"""A store's floor and the walks on it, as values that a map is drawn from. Pure."""

from collections.abc import Iterable, Sequence

from associates.handheld.floor_schemas import FloorOut, PointOut, StopOut, WalkOut, WayOut
from associates.walking.walk import Place, ends_of
from inventory.layout.floor import Direction, Floor, Way
from inventory.layout.ways import Net, Spot, net

Call = tuple[str, int, Place | None]
"""A stop: its task, its line, and its place."""


def drawn(floor: Floor, walks: Iterable[Sequence[Call]]) -> FloorOut:
    """Return the map of a store with some walks on it.

    Shapes:
        floor: as it is blocked now.
        walks: the stops of each, in the order in which they are walked.
    """
    made = net(floor)
    return FloorOut(
        ways=[_way(way) for way in floor.ways],
        points=[PointOut(kind=p.kind, label=p.label, at=(p.x, p.y)) for p in floor.points],
        walks=[_walk(made, calls) for calls in walks],
    )


def _way(way: Way) -> WayOut:
    block, blocked, start, end = way.block, None, way.start, way.end
    if block is not None and block.direction is Direction.BOTH:
        begins, ends = way.reach(*block.bays) if block.bays else (0.0, way.length)
        blocked = (round(begins / way.length, 3), round(ends / way.length, 3))
    if block is not None and block.direction is Direction.FORTH:
        start, end = end, start  # it is drawn from where it is walked
    return WayOut(
        aisle=way.aisle,
        zone=way.zone,
        is_cross=way.is_cross,
        is_one_way=way.is_one_way or (block is not None and blocked is None),
        start=start,
        end=end,
        blocked=blocked,
        reason=block.reason if block else "",
    )


def _walk(made: Net, calls: Sequence[Call]) -> WalkOut:
    begins, ends = ends_of(made)
    path = [_xy(begins)] if begins else []
    stops: list[StopOut] = []
    here = begins
    for task_id, line, place in calls:
        spot = made.at((place.zone, place.aisle, place.bay, place.shelf)) if place else None
        way = made.path(here, spot) if here and spot else [spot.xy] if spot else []
        if spot is None or not way:
            continue  # nobody gets there: it is not drawn
        path.extend((round(x, 2), round(y, 2)) for x, y in (way[1:] if here else way))
        stops.append(StopOut(task_id=task_id, line=line, corner=len(path) - 1))
        here = spot
    if here and ends and stops:
        path.extend((round(x, 2), round(y, 2)) for x, y in made.path(here, ends)[1:])
    return WalkOut(path=path, stops=stops)


def _xy(spot: Spot) -> tuple[float, float]:
    return round(spot.xy[0], 2), round(spot.xy[1], 2)
