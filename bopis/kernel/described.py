"""What is published of every endpoint beside what it says itself: how it may refuse."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

from fastapi import FastAPI, params
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from bopis.kernel.errors import Problem
from bopis.kernel.http import PROBLEM, JsonUnreadable, RequestInvalid, problems, refusals

_SHAPE: Final = {
    "type": "object",
    "description": "RFC 9457. Further members depend on the type.",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string", "description": "What went wrong: stable, for programs."},
        "title": {"type": "string", "description": "The same, for people."},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "This case, and what to do."},
    },
}


def describe_problems(app: FastAPI) -> None:
    """Publish what is really answered, where FastAPI would describe its own kind of 422.

    What an endpoint decides by itself stands at the endpoint. What its dependencies refuse, and
    that a body is no JSON, is added here: it is the same wherever they are.
    """
    made = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            published = made()
            schemas = published["components"]["schemas"]
            for name in ("HTTPValidationError", "ValidationError"):
                schemas.pop(name, None)
            schemas["Problem"] = _SHAPE
            for route in routes_of(app.routes):
                operations = published["paths"].get(route.path_format, {})
                for method in route.methods or ():
                    if operation := operations.get(method.lower()):
                        operation["responses"] = _answers(operation["responses"], _met_by(route))
        assert app.openapi_schema is not None
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


def routes_of(routes: Iterable[Any]) -> Iterator[APIRoute]:
    """Return the endpoints below, those of routers within as well."""
    for route in routes:
        if isinstance(route, APIRoute):
            yield route
        else:
            inner = getattr(route, "original_router", route)
            yield from routes_of(getattr(inner, "routes", ()))


def calls_of(dependant: Dependant) -> Iterator[Callable[..., Any]]:
    """Return what is asked before an endpoint, and before that."""
    for one in dependant.dependencies:
        if one.call is not None:
            yield one.call
        yield from calls_of(one)


def _met_by(route: APIRoute) -> Iterator[type[Problem]]:
    """Return what a request may meet with before its endpoint."""
    for call in calls_of(route.dependant):
        yield from refusals(call)
    body = route.body_field
    if body is not None and not isinstance(body.field_info, params.Form):
        yield JsonUnreadable


def _answers(own: dict[str, Any], met: Iterable[type[Problem]]) -> dict[str, Any]:
    """Return what an endpoint answers, with what its requests may meet, each said once."""
    found = dict(own)
    theirs = found.pop(str(RequestInvalid.status), None)
    kinds = list(met)
    if theirs is not None:
        kinds.append(RequestInvalid)
        if PROBLEM in theirs["content"]:  # else it is FastAPI's
            found[str(RequestInvalid.status)] = theirs
    for status, entry in problems(*kinds).items():
        known = found.get(str(status), entry)
        words = f"{known['description']}; {entry['description']}".split("; ")
        found[str(status)] = {**entry, "description": "; ".join(dict.fromkeys(words))}
    return dict(sorted(found.items()))
