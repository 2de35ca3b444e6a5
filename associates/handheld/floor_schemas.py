"""The map of a store as a handheld draws it."""

from pydantic import BaseModel

from inventory.layout.floor import PointKind

XY = tuple[float, float]


class WayOut(BaseModel):
    """An aisle, or a cross aisle, from end to end. Meters, y away from the entrance.

    Shapes:
        blocked: from where to where nobody passes, as shares of its length; null: it is free.
    """

    aisle: str
    zone: str
    is_cross: bool
    is_one_way: bool
    start: XY
    end: XY
    blocked: tuple[float, float] | None
    reason: str


class PointOut(BaseModel):
    kind: PointKind
    label: str
    at: XY


class StopOut(BaseModel):
    """A stop of a walk: its line, and where on the path it is (a corner, by its number)."""

    task_id: str
    line: int
    corner: int


class WalkOut(BaseModel):
    """A walk as it is drawn: from the counter along all stops and back.

    Shapes:
        path: its corners, stops among them.
        stops: in the order of the walk; what is not on the plan, or cut off, is left out.
    """

    path: list[XY]
    stops: list[StopOut]


class FloorOut(BaseModel):
    ways: list[WayOut]
    points: list[PointOut]
    walks: list[WalkOut]
