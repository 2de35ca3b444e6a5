"""What somebody sends us as JSON: read strictly."""

from datetime import date
from typing import Annotated, Any, Final

from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    GetCoreSchemaHandler,
    ValidatorFunctionWrapHandler,
    WrapValidator,
)
from pydantic_core import CoreSchema

_WITH_A_TYPE_IN_JSON: Final = {"int", "float", "bool"}


def _make_strict(part: Any) -> None:
    """Let a number or a truth value of a schema, and of all that it holds, be nothing else."""
    if isinstance(part, dict):
        if part.get("type") in _WITH_A_TYPE_IN_JSON:
            part["strict"] = True
        part = part.values()
    elif not isinstance(part, list):
        return
    for inner in part:
        _make_strict(inner)


class Body(BaseModel):
    """A JSON object without fields that we do not know, each value of the type it is said to have.

    Nothing is taken for something else: ``"1"`` is no number, 1 is not true, and 0 is no time.
    What JSON has no type for is written as text: ids, times, and the words of a closed list.
    Pydantic's own strictness is one for values of Python, as FastAPI hands them on, and would
    refuse all such text.
    """

    model_config = ConfigDict(extra="forbid")

    @classmethod
    def __get_pydantic_core_schema__(
        cls, source: type[BaseModel], handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        read = handler(source)
        _make_strict(read)
        return read


def _written(value: Any, read: ValidatorFunctionWrapHandler) -> Any:
    """Take what is written as a day or a time: a mere number would count seconds from 1970 on."""
    if not isinstance(value, date) and not (isinstance(value, str) and "-" in value[1:]):
        raise ValueError("has to be written as 2026-03-06T12:00:00Z, or as 2026-03-06 if a day")
    return read(value)


Instant = Annotated[AwareDatetime, WrapValidator(_written)]
Day = Annotated[date, WrapValidator(_written)]
