"""Every body that the application reads takes no value for another."""

from collections.abc import Iterator
from typing import Any, Final

from fastapi import FastAPI, params
from pydantic import BaseModel, ValidationError

from associates.picking import acts
from bopis.kernel.described import routes_of
from inventory.sources.mapping import FileMapping

VALUES: Final = (0, 1, 1.0, 1.5, True, "1", "yes", "0", "1772798400", [1], {"a": 1})
_TYPES: Final = {bool: "boolean", int: "integer", float: "number", str: "string", list: "array"}


def _bodies(app: FastAPI) -> Iterator[type[BaseModel]]:
    for route in routes_of(app.routes):
        field = route.body_field
        if field is not None and not isinstance(field.field_info, params.Form):
            yield from _models(field.field_info.annotation)
    for act in acts._acts.values():  # noqa: SLF001
        yield from _models(act.body)


def _models(kind: Any) -> Iterator[type[BaseModel]]:
    if kind is FileMapping:  # a document of a feed's, which may as well be written as TOML
        return
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        yield kind
        for field in kind.model_fields.values():
            yield from _models(field.annotation)
    for inner in getattr(kind, "__args__", ()):
        yield from _models(inner)


def _takes(schema: dict[str, Any], part: dict[str, Any]) -> set[str]:
    """Return the JSON types that are published for a field."""
    if name := part.get("$ref"):
        return _takes(schema, schema["$defs"][name.rpartition("/")[2]])
    if inner := part.get("anyOf"):
        return set().union(*(_takes(schema, one) for one in inner))
    form = part.get("format")
    return {form} if form in {"date", "date-time", "uuid"} else {part["type"]}


def _fits(value: Any, types: set[str]) -> bool:
    name = _TYPES.get(type(value), "object")
    return name in types or (name == "integer" and "number" in types)


def test_no_value_is_taken_for_another(app: FastAPI) -> None:
    models = set(_bodies(app))
    lax = [
        f"{model.__name__}.{name} takes {value!r}"
        for model in models
        for schema in [model.model_json_schema()]
        for name, part in schema.get("properties", {}).items()
        for value in VALUES
        if not _fits(value, _takes(schema, part)) and not _is_refused(model, name, value)
    ]

    assert lax == []
    assert len(models) > 30


def _is_refused(model: type[BaseModel], name: str, value: Any) -> bool:
    try:
        model.model_validate({name: value})
    except ValidationError as error:
        return any(one["loc"][:1] == (name,) for one in error.errors())
    return False
