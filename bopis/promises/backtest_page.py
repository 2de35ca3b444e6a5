"""What a backtest found, as tables and a drawing, for ``docs/promises.md``."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from bopis.promises.backtest import OURS, WINDOW, WORST, Past, Played
from bopis.promises.tracking import TARGET

BEGIN: Final = "<!-- figures: bopis backtest --write -->"
END: Final = "<!-- end of figures -->"

DRAWN: Final = {
    "fixed p90 of the first 1,000": "theirs",
    "p90 of the last 400": "third",
    OURS: "ours",
}

_STYLE: Final = """
  <style>
    svg { font: 13px system-ui, sans-serif; fill: #1d2733; }
    .line { fill: none; stroke: #1d2733; stroke-width: 1 }
    .grid { stroke: #d5dbe2; stroke-width: 1 }
    .ours { stroke: #0b5cad; fill: #0b5cad } .theirs { stroke: #b3471d; fill: #b3471d }
    .third { stroke: #6b7683; fill: #6b7683 }
    polyline { fill: none !important; stroke-width: 2 }
    text { stroke: none !important }
    .ground { fill: #fff } .spell { fill: #f0e6d8 }
    @media (prefers-color-scheme: dark) {
      svg { fill: #e8edf2 } .ground { fill: #14181d } .line { stroke: #e8edf2 }
      .grid { stroke: #38424d } .ours { stroke: #6db3ff; fill: #6db3ff }
      .theirs { stroke: #ff9b6b; fill: #ff9b6b } .third { stroke: #9aa5b1; fill: #9aa5b1 }
      .spell { fill: #2b2620 }
    }
  </style>"""


def table(found: Mapping[str, Played], spell: range | None = None) -> str:
    """Return the comparison as Markdown."""
    head = ["way of promising", "missed", f"worst {WINDOW} orders", "mean promise"]
    if spell is not None:
        head.insert(2, "in the spell")
    lines = [f"| {' | '.join(head)} |", f"| --- |{' --: |' * (len(head) - 1)}"]
    for name, played in found.items():
        cells = [name, f"{played.share:.1%}", _share(played.worst), f"{played.mean:.1f} min"]
        if spell is not None:
            cells.insert(2, f"{played.within(spell.start, spell.stop):.1%}")
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _share(value: float | None) -> str:
    return f"fewer than {WINDOW}" if value is None else f"{value:.1%}"


def by_store(pasts: Sequence[Past], found: Mapping[str, Played]) -> str:
    """Return how far apart the stores of a chain are: what each of them misses."""
    lines = [
        "| way of promising | missed | best store | worst store | mean promise |",
        "| --- | --: | --: | --: | --: |",
    ]
    for name, played in found.items():
        of: dict[str, list[bool]] = {}
        for past, miss in zip(pasts, played.missed, strict=True):
            of.setdefault(past.store, []).append(miss)
        shares = sorted(sum(missed) / len(missed) for missed in of.values())
        lines.append(
            f"| {name} | {played.share:.1%} | {shares[0]:.1%} | {shares[-1]:.1%} |"
            f" {played.mean:.1f} min |"
        )
    return "\n".join(lines)


def verdict(played: Played) -> str:
    """Say whether the limits were kept, in a sentence."""
    if len(played.missed) < WINDOW:
        return f"Too few to judge: {len(played.missed)} orders, {played.share:.1%} of them missed."
    faults = played.faults()
    if faults:
        return f"Not kept: {'; '.join(faults)}."
    worst = "" if played.worst is None else f", {played.worst:.1%} of the worst {WINDOW} in a row"
    return f"Kept: {played.share:.1%} missed{worst}."


def other_luck(others: Iterable[tuple[int, Played]], spell: range) -> Iterator[str]:
    """Yield what our way did in other made-up weeks, as Markdown."""
    yield f"| seed | missed | in the spell | worst {WINDOW} orders | mean promise | limits |"
    yield "| --: | --: | --: | --: | --: | --- |"
    for seed, played in others:
        within = played.within(spell.start, spell.stop)
        yield (
            f"| {seed} | {played.share:.1%} | {within:.1%} | {_share(played.worst)} |"
            f" {played.mean:.1f} min | {'not kept' if played.faults() else 'kept'} |"
        )


def figures(found: Mapping[str, Played], spell: range, *, luck: str, many: str) -> str:
    """Return all that a page shows of a backtest."""
    return "\n\n".join(
        (
            table(found, spell),
            f"Ours. {verdict(found[OURS])}",
            "Ours with other luck:",
            luck,
            "The same number of orders in twenty small stores, 400 each:",
            many,
        )
    )


def drawing(found: Mapping[str, Played], spell: range) -> str:
    """Draw the share of misses of each 200 orders in a row, as the orders come in."""
    lines = {name: list(played.windows())[::10] for name, played in found.items() if name in DRAWN}
    count = max(len(points) for points in lines.values())
    top = max(0.1 * (1 + int(10 * max(max(points) for points in lines.values()))), 0.3)
    total = (count - 1) * 10 + WINDOW

    def x(order: float) -> float:
        return round(70 + 540 * order / total, 1)

    def y(share: float) -> float:
        return round(360 - 310 * share / top, 1)

    parts = ['<rect class="ground" width="640" height="420"/>']
    left, right = x(spell.start), x(spell.stop)
    parts.append(f'<rect class="spell" x="{left}" y="50" width="{right - left:.1f}" height="310"/>')
    for tenth in range(int(top * 10) + 1):
        at = y(tenth / 10)
        parts.append(f'<line class="grid" x1="70" y1="{at}" x2="610" y2="{at}"/>')
        parts.append(f'<text x="62" y="{at + 4}" text-anchor="end">{tenth * 10} %</text>')
    parts += [
        f'<text x="{x(order)}" y="378" text-anchor="middle">{order:,}</text>'
        for order in range(0, total + 1, 2000)
    ]
    for share, word in ((TARGET, "target"), (WORST, "limit")):
        parts.append(f'<line class="line" x1="70" y1="{y(share)}" x2="610" y2="{y(share)}"/>')
        parts.append(f'<text x="612" y="{y(share) + 4}" font-size="10">{word}</text>')
    for name, points in lines.items():
        line = " ".join(f"{x(WINDOW + 10 * n)},{y(share)}" for n, share in enumerate(points))
        parts.append(f'<polyline class="{DRAWN[name]}" points="{line}"/>')
    for n, name in enumerate(lines):
        parts.append(f'<text class="{DRAWN[name]}" x="80" y="{66 + 17 * n}">{name}</text>')
    parts.append('<text x="70" y="28" font-weight="600">Missed of the last 200 promises</text>')
    middle = (left + right) / 2
    parts.append(f'<text x="{middle:.1f}" y="44" text-anchor="middle">one of three away</text>')
    parts.append('<text x="340" y="404" text-anchor="middle">orders</text>')
    return picture("Missed promises in any 200 orders in a row", _about(found), parts)


def _about(found: Mapping[str, Played]) -> str:
    said = (f"{name}: at worst {_share(played.worst)}" for name, played in found.items())
    return "; ".join(said) + "."


def picture(title: str, about: str, parts: Iterable[str]) -> str:
    """Return a drawing with our colors, in light and in dark."""
    inside = "\n  ".join(parts)
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 640 420" role="img"'
        ' aria-labelledby="title about">\n'
        f'  <title id="title">{title}</title>\n  <desc id="about">{about}</desc>{_STYLE}\n'
        f"  {inside}\n</svg>\n"
    )


def write(docs: Path, figures: str, picture: str) -> None:
    """Put the figures into the page, between its marks, and draw the picture.

    Raises:
        ValueError: The page has no such marks.
    """
    page = docs / "promises.md"
    text = page.read_text(encoding="utf-8")
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{page} has no place for figures.")
    page.write_text(f"{before}{BEGIN}\n\n{figures}\n\n{END}{after}", encoding="utf-8")
    (docs / "img" / "promises-windows.svg").write_text(picture, encoding="utf-8")
