"""What somebody sends us as JSON: read strictly, in whichever way it comes in."""

import json
import re
from datetime import date
from typing import Annotated, Any, Final

from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    ValidatorFunctionWrapHandler,
    WrapValidator,
)
from pydantic_core import (
    CoreSchema,
    PydanticSerializationError,
    core_schema,
    to_json,
    to_jsonable_python,
)


class Body(BaseModel):
    """A JSON object without fields that we do not know, each value of the type it is said to have.

    Nothing is taken for something else: ``"1"`` is no number, 1 is not true, and 0 is no time.
    What JSON has no type for is written as text: ids, times, and the words of a closed list.

    FastAPI parses a body before its model sees it, and strictness towards Python's values would
    refuse all such text. So values that were parsed already are read as the JSON they came from.
    """

    model_config = ConfigDict(extra="forbid", strict=True)

    @classmethod
    def __get_pydantic_core_schema__(
        cls, source: type[BaseModel], handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        read: Any = handler(source)
        if read["type"] == "json-or-python":  # another model has one of these in a field
            return read  # type: ignore[no-any-return]
        name = read.pop("ref", None)  # the whole is what others refer to, and not its halves

        def parsed(value: Any, check: ValidatorFunctionWrapHandler) -> Any:
            if not isinstance(value, dict):
                return check(value)
            made = source.__pydantic_validator__.validate_json(_as_json(value))
            return check({name: getattr(made, name) for name in made.model_fields_set})

        return core_schema.json_or_python_schema(
            json_schema=read,
            python_schema=core_schema.no_info_wrap_validator_function(parsed, read),
            ref=name,
        )


_HALVES: Final = re.compile("[\ud800-\udfff]")
"""Halves of characters: JSON can spell one alone, as an escape, and no text can hold it."""


def _as_json(value: dict[str, Any]) -> bytes:
    """Return the JSON that says this.

    Half a character is read as NUL: whoever takes what a scanner sends, whatever it is, gets it,
    and whoever takes text refuses it.
    """
    try:
        return to_json(value)
    except PydanticSerializationError:
        pass
    try:
        said = json.dumps(value, ensure_ascii=False, default=to_jsonable_python)
    except (ValueError, RecursionError):
        raise ValueError("cannot be read") from None
    return _HALVES.sub("\\\\u0000", said).encode()


def _written(value: Any, read: ValidatorFunctionWrapHandler) -> Any:
    """Take what is written as a day or a time: a mere number would count seconds from 1970 on."""
    if not isinstance(value, date) and not (isinstance(value, str) and "-" in value[1:]):
        raise ValueError("has to be written as 2026-03-06T12:00:00Z, or as 2026-03-06 if a day")
    return read(value)


Instant = Annotated[AwareDatetime, Field(strict=False), WrapValidator(_written)]
Day = Annotated[date, Field(strict=False), WrapValidator(_written)]
