"""A month in two drawings: how promises were kept day by day, and store by store."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Final

from bopis.promises.backtest_page import picture
from bopis.simulation.month.figures import TARGET, WINDOW, rolling
from bopis.simulation.month.measured import Result

_LEFT: Final = 70
_RIGHT: Final = 610
_TOP: Final = 50
_FLOOR: Final = 360


def _y(share: float, least: float) -> float:
    return round(_FLOOR - (_FLOOR - _TOP) * (share - least) / (1 - least), 1)


def _grid(least: float) -> list[str]:
    parts = ['<rect class="ground" width="640" height="420"/>']
    steps = round((1 - least) * 20)
    for n in range(steps + 1):
        share = least + n / 20
        at = _y(share, least)
        parts.append(f'<line class="grid" x1="{_LEFT}" y1="{at}" x2="{_RIGHT}" y2="{at}"/>')
        parts.append(f'<text x="62" y="{at + 4}" text-anchor="end">{share:.0%}</text>')
    for share, word in ((TARGET, "target"), (2 * TARGET - 1, "limit")):
        at = _y(share, least)
        parts.append(f'<line class="line" x1="{_LEFT}" y1="{at}" x2="{_RIGHT}" y2="{at}"/>')
        parts.append(f'<text x="{_RIGHT}" y="{at - 5}" text-anchor="end">{word}</text>')
    return parts


def by_day(result: Result) -> str:
    """Draw the share kept of each 200 promises that fell due one after another."""
    month, kept = result.month, [fate.kept for fate in result.fates]
    points = [n / WINDOW for n in rolling(kept)]
    least = min(int(20 * min(points, default=1.0)) / 20, 0.7)
    span = timedelta(days=month.days + 1)

    def x(at: float) -> float:
        return round(_LEFT + (_RIGHT - _LEFT) * at, 1)

    parts = _grid(least)
    spell = [day for one in month.stores for day in one.lost_shift]
    if spell:
        left, right = x(min(spell) / month.days), x((max(spell) + 1) / month.days)
        parts.insert(
            1, f'<rect class="spell" x="{left}" y="50" width="{right - left:.1f}" height="310"/>'
        )
        parts.append(f'<text x="{left}" y="44">a shift is missing in many stores</text>')
    for n in range(0, month.days + 1, 5):
        day = month.first + timedelta(days=n)
        parts.append(
            f'<text x="{x(n / month.days)}" y="378" text-anchor="middle">{day:%d %b}</text>'
        )
    line = " ".join(
        f"{x((fate.due_at - month.begins) / span)},{_y(share, least)}"
        for fate, share in list(zip(result.fates[WINDOW - 1 :], points, strict=False))[::10]
    )
    parts.append(f'<polyline class="ours" points="{line}"/>')
    parts.append('<text x="70" y="28" font-weight="600">Kept, of the last 200 promises</text>')
    worst = f"at worst {min(points):.1%}" if len(kept) >= WINDOW else "fewer than 200"
    return picture("First promises kept, as they fell due", f"The whole chain; {worst}.", parts)


def by_store(result: Result) -> str:
    """Draw what each store kept, with its interval; the badly run ones apart."""
    stores = sorted(result.stores, key=lambda one: (one.coverage, one.name))
    bad = {one.store for one in result.month.stores if one.fault}
    least = min(int(20 * min(one.low for one in stores)) / 20, 0.7)
    parts = _grid(least)
    wide = (_RIGHT - _LEFT) / len(stores)
    for n, one in enumerate(stores):
        x = round(_LEFT + wide * (n + 0.5), 1)
        name = "theirs" if one.name in bad else "ours"
        low, high = _y(one.low, least), _y(one.high, least)
        parts.append(f'<line class="{name}" x1="{x}" y1="{low}" x2="{x}" y2="{high}"/>')
        parts.append(f'<circle class="{name}" cx="{x}" cy="{_y(one.coverage, least)}" r="4"/>')
        at = f'x="{x}" y="378" font-size="10" text-anchor="middle"'
        parts.append(f'<text class="{name}" {at}>{one.name}</text>')
    parts += [
        '<text x="70" y="28" font-weight="600">First promises kept, by store</text>',
        '<text class="theirs" x="340" y="404" text-anchor="middle">badly run on purpose</text>',
    ]
    said = "; ".join(f"{one.name} {one.coverage:.1%}" for one in stores)
    return picture("First promises kept, by store", f"{said}.", parts)


def all_of(result: Result) -> Iterable[tuple[str, str]]:
    """Yield the name and the drawing of each picture."""
    yield "month-days.svg", by_day(result)
    yield "month-stores.svg", by_store(result)
