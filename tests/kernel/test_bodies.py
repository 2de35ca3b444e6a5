"""What somebody sends is read strictly, whether it was parsed before or not."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, Literal, Self
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import Field, TypeAdapter, ValidationError, model_validator

from bopis.kernel.bodies import Body, Day, Instant


class Color(StrEnum):
    RED = "red"


class Part(Body):
    color: Color = Color.RED
    at: Instant | None = None


class Sent(Body):
    id: UUID
    whole: int = 0
    share: float = 0.0
    price: Decimal = Decimal(0)
    word: str = ""
    yes: bool = False
    at: Instant | None = None
    day: Day | None = None
    one: Literal[Color.RED] = Color.RED
    parts: tuple[Part, ...] = ()
    counts: dict[str, int] = Field(default={})

    @model_validator(mode="after")
    def _not_seven(self) -> Self:
        if self.whole == 7:
            raise ValueError("is seven")
        return self


ID = "00000000000000000000000000000001"
AS_FASTAPI_DOES = TypeAdapter(Sent | None)


def parsed(said: Any) -> Any:
    return AS_FASTAPI_DOES.validate_python(said, from_attributes=True)


def test_what_json_has_no_type_for_is_read_from_text() -> None:
    said = {
        "id": ID,
        "price": "1.50",
        "at": "2026-03-06T12:00:00+01:00",
        "day": "2026-03-06",
        "one": "red",
        "parts": [{"color": "red"}, {"at": "2026-03-06T11:00:00Z"}],
        "counts": {"oats": 1},
    }

    found = parsed(said)

    assert found == Sent.model_validate_json(json.dumps(said))
    assert found.at == datetime(2026, 3, 6, 11, tzinfo=UTC)
    assert (found.day, found.price, found.one) == (date(2026, 3, 6), Decimal("1.50"), Color.RED)
    assert [part.color for part in found.parts] == [Color.RED, Color.RED]
    assert "share" not in found.model_fields_set


WRONG: dict[str, list[Any]] = {
    "whole": ["1", 1.0, True, None, 7],
    "share": ["1", True],
    "price": [True, "NaN", []],
    "word": [1, True, None],
    "yes": [0, 1, "yes", "true", None],
    "at": [0, 1.5, True, "0", "-1", "1772798400", "2026-03-06", "2026-03-06T12:00:00"],
    "day": [0, "0", "1772755200", "20260306"],
    "id": [1, "1", None],
    "one": ["blue", 1],
    "parts": [{}, "x", [1], [{"at": 0}], [{"size": 1}]],
    "counts": [[], {"oats": "1"}],
    "size": [1],  # there is no such field
}


@pytest.mark.parametrize(
    ("field", "value"), [(field, value) for field, wrong in WRONG.items() for value in wrong]
)
def test_nothing_is_taken_for_something_else(field: str, value: Any) -> None:
    said = {"id": ID, field: value}

    with pytest.raises(ValidationError):
        parsed(said)
    with pytest.raises(ValidationError):
        Sent.model_validate_json(json.dumps(said))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=4,
)


@settings(max_examples=60)
@given(st.dictionaries(st.sampled_from([*Sent.model_fields, "size"]), JSON), st.booleans())
def test_both_ways_find_the_same(said: dict[str, Any], has_id: bool) -> None:  # noqa: FBT001
    body = {**said, "id": ID} if has_id else said

    assert _outcome(lambda: parsed(body)) == _outcome(
        lambda: Sent.model_validate_json(json.dumps(body))
    )


def _outcome(read: Any) -> Any:
    try:
        return read()
    except ValidationError as error:
        return {one["loc"] for one in error.errors()}


def test_it_can_be_made_of_what_it_holds() -> None:
    noon = datetime(2026, 3, 6, 12, tzinfo=UTC)

    assert Sent(id=UUID(int=1), at=noon, parts=(Part(),)) == parsed(
        {"id": ID, "at": "2026-03-06T12:00:00Z", "parts": [{}]}
    )
