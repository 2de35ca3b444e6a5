"""A backtest judges every way on the same orders, at the instants at which things were known."""

from math import inf
from pathlib import Path

import pytest

from bopis.promises import backtest, backtest_page, made_up
from bopis.promises.backtest import OURS, Ours, Past, Played, play
from bopis.promises.commands import DOCS


class Told:
    """A way that promises twice the base, and writes down what it hears."""

    def __init__(self) -> None:
        self.heard: list[tuple[float, bool, float]] = []

    def times(self, past: Past) -> float:
        return 2.0

    def hear(self, past: Past, ratio: float, *, missed: bool, at: float) -> None:
        self.heard.append((at, missed, ratio))


def test_a_miss_is_heard_when_the_promise_passes_and_not_when_the_order_is_ready() -> None:
    pasts = [
        Past("S1", at=0.0, base=10.0, took=500.0),
        Past("S1", at=1.0, base=10.0, took=5.0),
        Past("S1", at=19.0, base=10.0, took=inf),
        Past("S1", at=600.0, base=10.0, took=1.0),
    ]
    way = Told()

    played = play(pasts, way)

    assert played.missed == [True, False, True, False]
    assert played.promised == [20.0, 24.0, 21.0, 20.0]  # to the next five minutes
    assert way.heard == [(6.0, False, 0.5), (20.0, True, 2.0), (40.0, True, 2.1)]


def test_the_worst_window_is_the_worst_of_any_200_in_a_row() -> None:
    missed = [False] * 300 + [True] * 50 + [False] * 300

    assert Played(missed, [1.0] * 650).worst == 0.25
    assert Played(missed[:199], [1.0] * 199).worst is None
    assert len(Played([True] * 300, [1.0] * 300).faults()) == 2


def test_nine_of_ten_are_kept_though_one_of_three_is_away() -> None:
    """A short form of what ``docs/promises.md`` shows of 8,000 orders and ten seeds."""
    spell = range(1000, 1400)
    pasts = made_up.days(3, orders=2400, spell=spell)

    ours, fixed = play(pasts, Ours()), play(pasts, backtest.Fixed(pasts))

    assert ours.faults() == []
    assert fixed.within(spell.start, spell.stop) > 2 * ours.within(spell.start, spell.stop)
    assert pasts == made_up.days(3, orders=2400, spell=spell)


def test_the_page_is_made_of_what_was_found(tmp_path: Path) -> None:
    found = {OURS: Played([False] * 180 + [True] * 40, [30.0] * 220)}
    (tmp_path / "img").mkdir()
    page = tmp_path / "promises.md"
    page.write_text(f"Before\n{backtest_page.BEGIN}\nold\n{backtest_page.END}\nAfter\n")

    drawn = backtest_page.drawing(found, range(100, 150))
    backtest_page.write(tmp_path, backtest_page.table(found, range(100, 150)), drawn)

    assert page.read_text() == (
        f"Before\n{backtest_page.BEGIN}\n\n"
        "| way of promising | missed | in the spell | worst 200 orders | mean promise |\n"
        "| --- | --: | --: | --: | --: |\n"
        f"| {OURS} | 18.2% | 0.0% | 20.0% | 30.0 min |\n\n"
        f"{backtest_page.END}\nAfter\n"
    )
    assert (tmp_path / "img" / "promises-windows.svg").read_text() == drawn
    assert backtest_page.verdict(found[OURS]).startswith("Not kept: 18.2% missed overall")
    assert backtest_page.verdict(Played([True], [1.0])).startswith("Too few to judge: 1 orders")
    page.write_text("no marks")
    with pytest.raises(ValueError, match="no place"):
        backtest_page.write(tmp_path, "", "")


def test_the_published_figures_have_their_place() -> None:
    text = (DOCS / "promises.md").read_text(encoding="utf-8")

    assert f"| {OURS} |" in text.partition(backtest_page.BEGIN)[2].partition(backtest_page.END)[0]
    assert (DOCS / "img" / "promises-windows.svg").exists()
