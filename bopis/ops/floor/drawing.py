"""The floor of a store from above, for a desk: drawn from data, in meters. Pure.

What it shows is said in the table below it, too.
"""

from collections.abc import Sequence
from typing import Final

from markupsafe import Markup

from inventory.layout.floor import XY, Direction, Floor, Point, Way

MARGIN: Final = 3.0
"""Meters around everything."""


def drawn(floor: Floor, said: str) -> Markup:
    """Return the map of a floor, with what is blocked just now.

    Shapes:
        floor: as it is blocked now.
        said: the same in a sentence, for whoever does not see it.
    """
    ends = [end for way in floor.ways for end in (way.start, way.end)]
    ends += [(point.x, point.y) for point in floor.points]
    left, top = min(x for x, _ in ends) - MARGIN, max(y for _, y in ends) + MARGIN
    width = max(x for x, _ in ends) + MARGIN - left
    height = top - min(y for _, y in ends) + MARGIN

    def at(spot: XY) -> XY:
        return round(spot[0] - left, 2), round(top - spot[1], 2)

    parts = [_way(way, at(way.start), at(way.end)) for way in floor.ways]
    parts += [_blocked(way, [at(end) for end in _stretch(way)]) for way in floor.ways if way.block]
    parts += [_sign(way, at(max(way.start, way.end, key=lambda end: end[1]))) for way in floor.ways]
    parts += [_point(point, at((point.x, point.y))) for point in floor.points]
    return Markup(
        '<svg class="floor" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>'
    ).format(round(width, 2), round(height, 2), said, Markup("").join(parts))


def _way(way: Way, start: XY, end: XY) -> Markup:
    kind = "cross" if way.is_cross else "aisle"
    return Markup('<line class="way {}" x1="{}" y1="{}" x2="{}" y2="{}"/>').format(
        kind, *start, *end
    )


def _stretch(way: Way) -> tuple[XY, XY]:
    """Return the ends of what is blocked, in the direction in which nobody walks."""
    block = way.block
    assert block is not None
    begins, ends = way.reach(*block.bays) if block.bays else (0.0, way.length)
    first, last = way.at(begins), way.at(ends)
    return (last, first) if block.direction is Direction.BACK else (first, last)


def _blocked(way: Way, ends: Sequence[XY]) -> Markup:
    """Draw a cross in the middle of what is shut, or a bar where its arrow would point."""
    (ax, ay), (bx, by) = ends
    block = way.block
    assert block is not None
    line = Markup('<line class="blocked" x1="{}" y1="{}" x2="{}" y2="{}"/>').format(ax, ay, bx, by)
    x, y = round((ax + bx) / 2, 2), round((ay + by) / 2, 2)
    mark = "✕" if block.direction is Direction.BOTH else _arrow(bx - ax, by - ay)
    return line + Markup('<text class="mark" x="{}" y="{}">{}</text>').format(x, y, mark)


def _arrow(dx: float, dy: float) -> str:
    """Return which way nobody walks."""
    if abs(dx) > abs(dy):
        return "→" if dx > 0 else "←"
    return "↓" if dy > 0 else "↑"


def _sign(way: Way, end: XY) -> Markup:
    if way.is_cross:
        return Markup("")
    x, y = end
    return Markup('<text class="sign" x="{}" y="{}">{}</text>').format(x, y - 0.8, way.aisle)


def _point(point: Point, spot: XY) -> Markup:
    x, y = spot
    return Markup(
        '<circle class="point" cx="{}" cy="{}" r="0.6"/><text class="word" x="{}" y="{}">{}</text>'
    ).format(x, y, x + 1, y + 0.4, point.label)
