"""Our numbers are the truth, less what only a count could know: every unit of it, on every day.

``make prove`` plays a thousand such days; these are a few of them.
"""

from collections.abc import Iterator

import pytest

from inventory.feeds import batches
from tests.inventory.truth import Town, town


@pytest.fixture
def streets(dsn: str) -> Iterator[Town]:
    with town(dsn) as made:
        yield made


def test_after_each_quiet_point_we_know_all_that_can_be_known(
    streets: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    proof = streets.prove(*range(10_000, 10_008))
    monkeypatch.setattr(batches, "SLICE", 2)  # as if the store were too large for one transaction
    sliced = streets.prove(*range(10_008, 10_012))

    assert proof.stories + sliced.stories == []
    assert (proof + sliced).seen["quiet points"] >= 24
