import pytest

from bopis.ops.today import overview
from bopis.trust.day import Report


@pytest.mark.parametrize(
    ("said", "beside"),
    [
        (0, "we have not said it today"),
        (1, "of 1 time that we said it"),
        (1200, "of 1,200 times that we said it"),
    ],
)
def test_a_wrong_ready_is_held_against_how_often_it_was_said(said: int, beside: str) -> None:
    figures = overview.figures(Report(day="2026-03-06", stores=1, ready_said=said), [])

    [wrong] = [one for one in figures if one.title == "Wrong “ready”"]
    assert wrong.sample == beside
