"""How sure a time is, as it is said: counted, rounded down, or not known."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications import sureness


@pytest.mark.parametrize(
    ("kept", "of", "basis", "said"),
    [
        (197, 212, "store", "9 of 10 orders like this were ready by then (212 orders)."),
        (188, 212, "store", "8 of 10 orders like this were ready by then (212 orders)."),
        (
            361,
            400,
            "pooled",
            "9 of 10 orders like this of all our stores were ready by then (400 orders).",
        ),
        (20, 20, "store", "All of the last 20 orders like this were ready by then."),
        (9, 20, "store", "9 of 20 orders like this were ready by then."),
        (None, 0, "fixed", sureness.UNKNOWN),
        (None, 212, "store", ""),
    ],
)  # fmt: skip
def test_words(kept: int | None, of: int, basis: str, said: str) -> None:
    assert sureness.words(kept, of, basis) == said


@given(st.integers(1, 500), st.data())
def test_nothing_is_said_that_was_not_counted(of: int, data: st.DataObject) -> None:
    kept = data.draw(st.integers(0, of))
    said = sureness.words(kept, of, "store").split()

    if said[0] != "All":
        assert int(said[0]) / int(said[2]) <= kept / of
    else:
        assert kept == of
