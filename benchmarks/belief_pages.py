"""The proof of belief as tables and drawings: ``docs/belief.md`` is rewritten between two marks."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from benchmarks import belief
from benchmarks.belief import Bin, Fared, Scores, Wishes, World

DOCS: Final = Path(__file__).parents[1] / "docs"
BEGIN: Final = "<!-- figures: python -m benchmarks belief --write -->"
END: Final = "<!-- end of figures -->"
SEEDS: Final = range(1, 6)
SHOWN: Final = (0.5, 0.7, 0.8, 0.87, 0.92, 0.95)

_STYLE: Final = """
  <style>
    svg { font: 13px system-ui, sans-serif; fill: #1d2733; }
    .line { fill: none; stroke: #1d2733; stroke-width: 1 }
    .grid { stroke: #d5dbe2; stroke-width: 1 }
    .ours { stroke: #0b5cad; fill: #0b5cad } .theirs { stroke: #b3471d; fill: #b3471d }
    .third { stroke: #6b7683; fill: #6b7683 }
    polyline, circle.line { fill: none !important; stroke-width: 2 }
    text { stroke: none !important }
    .ground { fill: #fff }
    @media (prefers-color-scheme: dark) {
      svg { fill: #e8edf2 } .ground { fill: #14181d } .line { stroke: #e8edf2 }
      .grid { stroke: #38424d } .ours { stroke: #6db3ff; fill: #6db3ff }
      .theirs { stroke: #ff9b6b; fill: #ff9b6b } .third { stroke: #9aa5b1; fill: #9aa5b1 }
    }
  </style>"""


@dataclass(frozen=True, slots=True)
class Case:
    """One world, played and judged."""

    name: str
    late: Wishes
    peers: list[Fared]
    believed: list[Fared]
    careful: Fared
    scores: Scores

    @classmethod
    def of(cls, name: str, world: World) -> "Case":
        wishes = belief.played(world)
        half = world.days // 2
        late, early = wishes.late(half), wishes.early(half)
        return cls(
            name,
            late,
            belief.peers(late),
            belief.believed(late),
            belief.careful(late),
            belief.scored(late, early),
        )

    def shown(self) -> Iterable[Fared]:
        yield from self.peers
        yield self.careful
        yield from (one for one in self.believed if float(one.rule.split()[-1]) in SHOWN)


def cases() -> list[Case]:
    return [
        Case.of("demand known within ± 30 %", World()),
        Case.of("demand badly known (log error 0.8)", World(demand_error=0.8)),
    ]


def table(case: Case) -> str:
    lines = [
        f"**{case.name[0].upper()}{case.name[1:]}**; {len(case.late.found):,} wishes,",
        f"{case.late.wrong:.0%} of records wrong.",
        "",
        "| rule | promised | broken, of these | kept | broken in 1,000 wishes | peers, same kept |",
        "| --- | --: | --: | --: | --: | --: |",
    ]
    for one in case.shown():
        same = "" if one in case.peers else f"{belief.at_kept(case.peers, one.kept):.1f}"
        lines.append(
            f"| {one.rule} | {one.promised:.1%} | {one.broken:.2%} | {one.kept:.1%} |"
            f" {one.breaches:.1f} | {same} |"
        )
    return "\n".join(lines)


def brier(found: Sequence[Case]) -> str:
    lines = [
        "| Brier score, lower is better | raw | recalibrated | record only | constant |",
        "| --- | --: | --: | --: | --: |",
    ]
    for case in found:
        s = case.scores
        lines.append(
            f"| {case.name} | {s.raw:.4f} | {s.recalibrated:.4f} | {s.record_only:.4f} |"
            f" {s.constant:.4f} |"
        )
    return "\n".join(lines)


def repeated() -> str:
    """Say what the threshold of 0.80 did with other luck."""
    lines = [
        "| seed | belief ≥ 0.8 keeps | breaks | peers, same kept | hidden a week keeps | breaks |",
        "| --: | --: | --: | --: | --: | --: |",
    ]
    for seed in SEEDS:
        case = Case.of("", replace(World(), seed=seed))
        ours = next(one for one in case.believed if one.rule.endswith(" 0.8"))
        lines.append(
            f"| {seed} | {ours.kept:.1%} | {ours.breaches:.1f} |"
            f" {belief.at_kept(case.peers, ours.kept):.1f} |"
            f" {case.careful.kept:.1%} | {case.careful.breaches:.1f} |"
        )
    return "\n".join(lines)


def figures(found: Sequence[Case], seeds: str) -> str:
    parts = [*(table(case) for case in found), brier(found), "The same with other luck:", seeds]
    return "\n\n".join(parts)


def write(found: Sequence[Case], seeds: str, docs: Path = DOCS) -> None:
    """Put the figures into the page, between its marks, and draw the two pictures."""
    page = docs / "belief.md"
    text = page.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    made = f"{before}{BEGIN}\n\n{figures(found, seeds)}\n\n{END}{after}"
    page.write_text(made, encoding="utf-8")
    first, hardest = found[0], found[-1]
    bins = belief.reliability(hardest.late.said, hardest.late.found)
    raw = belief.reliability(hardest.late.raw, hardest.late.found)
    (docs / "img" / "belief-tradeoff.svg").write_text(tradeoff(first), encoding="utf-8")
    (docs / "img" / "belief-calibration.svg").write_text(calibration(raw, bins), encoding="utf-8")


@dataclass(frozen=True, slots=True)
class _Frame:
    """A drawing area of 640 by 420, and where a value lies in it."""

    low_x: float
    high_x: float
    low_y: float
    high_y: float

    def x(self, value: float) -> float:
        return round(70 + 540 * (value - self.low_x) / (self.high_x - self.low_x), 1)

    def y(self, value: float) -> float:
        return round(360 - 310 * (value - self.low_y) / (self.high_y - self.low_y), 1)

    def axes(self, xs: Iterable[float], ys: Iterable[float], *, percent_y: bool) -> list[str]:
        parts = ['<rect class="ground" width="640" height="420"/>']
        for v in xs:
            parts.append(f'<line class="grid" x1="{self.x(v)}" y1="50" x2="{self.x(v)}" y2="360"/>')
            parts.append(f'<text x="{self.x(v)}" y="378" text-anchor="middle">{v:.0%}</text>')
        for v in ys:
            said = f"{v:.0%}" if percent_y else f"{v:.0f}"
            parts.append(f'<line class="grid" x1="70" y1="{self.y(v)}" x2="610" y2="{self.y(v)}"/>')
            parts.append(f'<text x="62" y="{self.y(v) + 4}" text-anchor="end">{said}</text>')
        return parts

    def line(self, points: Iterable[tuple[float, float]], name: str, extra: str = "") -> str:
        at = " ".join(f"{self.x(a)},{self.y(b)}" for a, b in points)
        return f'<polyline class="{name}" points="{at}"{extra}/>'

    def dot(self, a: float, b: float, name: str) -> str:
        return f'<circle class="{name}" cx="{self.x(a)}" cy="{self.y(b)}" r="4"/>'


def _drawn(title: str, about: str, parts: Iterable[str]) -> str:
    inside = "\n  ".join(parts)
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 640 420" role="img"'
        ' aria-labelledby="title about">\n'
        f'  <title id="title">{title}</title>\n  <desc id="about">{about}</desc>{_STYLE}\n'
        f"  {inside}\n</svg>\n"
    )


def tradeoff(case: Case) -> str:
    """Draw what is broken against what is kept: lower and further right is better."""
    most = 20 * (1 + int(max(one.breaches for one in case.peers)) // 20)
    frame = _Frame(0.2, 1.0, 0, most)
    parts = frame.axes([n / 10 for n in range(2, 11)], range(0, most + 1, 20), percent_y=False)
    for rules, name in ((case.peers, "theirs"), (case.believed, "ours")):
        parts.append(frame.line(((one.kept, one.breaches) for one in rules), name))
        parts += [frame.dot(one.kept, one.breaches, name) for one in rules]
    for one in case.peers[:-1]:
        x, y = frame.x(one.kept) - 8, frame.y(one.breaches) - 8
        parts.append(f'<text class="theirs" x="{x}" y="{y}" text-anchor="end">{one.rule}</text>')
    ours = next(one for one in case.believed if one.rule.endswith(" 0.8"))
    x, y = frame.x(ours.kept), frame.y(ours.breaches)
    parts.append(f'<circle class="line ours" cx="{x}" cy="{y}" r="8"/>')
    parts.append(f'<line class="grid" x1="{x}" y1="{y + 8}" x2="{x}" y2="{y + 50}"/>')
    parts.append(f'<text class="ours" x="{x}" y="{y + 64}" text-anchor="end">{ours.rule}</text>')
    aside = case.careful
    parts.append(frame.dot(aside.kept, aside.breaches, "third"))
    x, y = frame.x(aside.kept), frame.y(aside.breaches) + 20
    parts.append(f'<text class="third" x="{x}" y="{y}" text-anchor="end">hidden a week</text>')
    parts += [
        '<text x="70" y="28" font-weight="600">Broken promises in 1,000 wishes</text>',
        '<text x="610" y="404" text-anchor="end">good demand kept (further right is better)</text>',
    ]
    about = (
        f"Peers' rules run from {case.peers[-1].breaches:.0f} broken promises in 1,000 wishes at "
        f"{case.peers[-1].kept:.0%} kept to {case.peers[0].breaches:.0f} at all kept; belief at "
        f"0.80 breaks {ours.breaches:.0f} and keeps {ours.kept:.0%}."
    )
    return _drawn("What is broken, and what is kept", about, parts)


def calibration(raw: Sequence[Bin], bins: Sequence[Bin]) -> str:
    """Draw what was said against what became true: on the diagonal, words are kept."""
    least = min(one.low for one in [*raw, *bins])
    low = max(0.0, int(10 * min(least, bins[0].said, raw[0].said)) / 10)
    frame = _Frame(low, 1.0, low, 1.0)
    ticks = [n / 10 for n in range(round(10 * low), 11)]
    parts = frame.axes(ticks, ticks, percent_y=True)
    parts.append(frame.line([(low, low), (1.0, 1.0)], "third", ' stroke-dasharray="4 4"'))
    for some, name in ((raw, "theirs"), (bins, "ours")):
        for one in some:
            x = frame.x(one.said)
            parts.append(
                f'<line class="{name}" x1="{x}" y1="{frame.y(one.low)}" x2="{x}"'
                f' y2="{frame.y(one.high)}"/>'
            )
            parts.append(frame.dot(one.said, one.found, name))
    parts += [
        '<text x="70" y="28" font-weight="600">Found, of all looks of which this was said</text>',
        '<text x="610" y="404" text-anchor="end">what we said, P(find)</text>',
        '<circle class="ours" cx="90" cy="70" r="4"/><text x="102" y="75">recalibrated</text>',
        '<circle class="theirs" cx="90" cy="92" r="4"/><text x="102" y="97">raw</text>',
    ]
    about = "; ".join(f"said {one.said:.0%}, found {one.found:.0%}" for one in bins)
    return _drawn("What we said, and what became true", f"Recalibrated: {about}.", parts)
