"""HTTP as every room speaks it: problems, keys, limits and headers, in one place."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterable, MutableMapping, Sequence
from typing import Annotated, Any, Final, TypeVar
from uuid import uuid4

import structlog
from fastapi import Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse, Response
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.exceptions import HTTPException

from bopis.kernel.database import Database
from bopis.kernel.errors import (
    Invalid,
    Malformed,
    NotFound,
    Problem,
    Refused,
    TooLarge,
    Unauthenticated,
)
from bopis.kernel.keys import ApiKey, KeyKind, Keyring, KeyUnknown

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

PROBLEM: Final = "application/problem+json"
BODY_LIMIT: Final = 1024 * 1024
HEADER_LIMIT: Final = 64 * 1024
PATIENCE: Final = 30.0
"""Seconds between two pieces of a body, at most."""
_log = structlog.get_logger(__name__)


class BodyTooLarge(TooLarge):
    title = "The request is too large"


class RequestInvalid(Invalid):
    title = "Some fields of the request are not right"


class JsonUnreadable(Malformed):
    title = "The request is not JSON"


class BodyTooSlow(Problem):
    status = 408
    title = "The body did not arrive"


class HeadersTooLarge(Problem):
    status = 431
    title = "The headers are too large"


class PageUnknown(NotFound):
    title = "There is nothing at this address"


class MethodNotTaken(Problem):
    status = 405
    title = "This address does not take such a request"


class KeyMissing(Unauthenticated):
    title = "This needs an API key"


class KeyOfAnotherKind(Refused):
    title = "This key is for something else"


async def database(request: Request) -> Database:  # async: else it costs a thread each time
    return request.app.state.db  # type: ignore[no-any-return]


Db = Annotated[Database, Depends(database)]
_bearer = HTTPBearer(auto_error=False, description="An API key: `bopis keys add` makes one.")
_Bearer = Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]


Dependency = TypeVar("Dependency", bound=Callable[..., Any])
_refusals: Final[dict[Callable[..., Any], tuple[type[Problem], ...]]] = {}


def refusing(*kinds: type[Problem]) -> Callable[[Dependency], Dependency]:
    """Say what a dependency may refuse: it is published for every endpoint behind it."""

    def said(dependency: Dependency) -> Dependency:
        _refusals[dependency] = kinds
        return dependency

    return said


def refusals(dependency: Callable[..., Any]) -> tuple[type[Problem], ...]:
    """Return what a dependency may refuse."""
    return _refusals.get(dependency, ())


def _key(*kinds: KeyKind) -> Callable[..., Awaitable[ApiKey]]:
    @refusing(KeyMissing, KeyUnknown, KeyOfAnotherKind)
    async def current(request: Request, bearer: _Bearer) -> ApiKey:
        if bearer is None:
            raise KeyMissing("Send an API key as `Authorization: Bearer …`.")
        keyring: Keyring = request.app.state.keyring
        key = await keyring.find(bearer.credentials)
        if key.kind not in kinds:
            raise KeyOfAnotherKind(f"This key is for {key.kind}; here, use one for {kinds[0]}.")
        return key

    return current


ChannelKey = Annotated[ApiKey, Depends(_key(KeyKind.CHANNEL))]
FeedKey = Annotated[ApiKey, Depends(_key(KeyKind.FEED))]
OpsKey = Annotated[ApiKey, Depends(_key(KeyKind.OPS))]


def problems(*kinds: type[Problem]) -> dict[int | str, dict[str, Any]]:
    """Return the ``responses=`` of an endpoint that can fail in these ways."""
    found: dict[int | str, dict[str, Any]] = {}
    for kind in kinds:
        entry = found.setdefault(
            kind.status,
            {"description": "", "content": {PROBLEM: {"schema": {"$ref": PROBLEM_SCHEMA}}}},
        )
        words = f"{kind.title} (`{kind.type_uri()}`)"
        entry["description"] = f"{entry['description']}; {words}".lstrip("; ")
    return found


PROBLEM_SCHEMA: Final = "#/components/schemas/Problem"


def render(problem: Problem) -> JSONResponse:
    headers = {}
    if problem.retry_after is not None:
        headers["Retry-After"] = str(problem.facts.get("retry_after", problem.retry_after))
    if problem.status == Unauthenticated.status:
        headers["WWW-Authenticate"] = "Bearer"
    return JSONResponse(
        problem.body(), status_code=problem.status, media_type=PROBLEM, headers=headers
    )


def wants_page(request: Request) -> bool:
    """Tell a person's browser from a program: a person gets words on a page."""
    return request.method in {"GET", "POST"} and "text/html" in request.headers.get("accept", "")


PageMaker = Callable[[Request, Problem], Response]


def answer_problems(app: FastAPI, page: PageMaker) -> None:
    """Render whatever goes wrong: problem+json to programs, a page to people."""

    def shown(request: Request, problem: Problem) -> Response:
        return page(request, problem) if wants_page(request) else render(problem)

    @app.exception_handler(Problem)
    async def named(request: Request, problem: Problem) -> Response:
        return shown(request, problem)

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> Response:
        return shown(request, _unfit(request, error.errors()))

    @app.exception_handler(HTTPException)
    async def other(request: Request, error: HTTPException) -> Response:
        headers = dict(error.headers or {})
        if error.status_code == NotFound.status and (better := _without_slash(request)):
            return better
        if problem := _named(error):
            answer = shown(request, problem)
            answer.headers.update(headers)
            return answer
        body = {
            "type": "about:blank",
            "title": str(error.detail),
            "status": error.status_code,
            "detail": f"{error.detail}.",
        }
        return JSONResponse(body, error.status_code, headers, media_type=PROBLEM)


_UNREADABLE: Final = "The body cannot be read as JSON in UTF-8. Nothing was done."
_UNNAMED: Final = "Send JSON, and say so: `Content-Type: application/json`. Nothing was done."
_NO_OBJECT: Final = "model_attributes_type"
_REASONS: Final = {
    "missing": "is missing",
    "extra_forbidden": "is no field of this",
    _NO_OBJECT: "has to be a JSON object",
    "int_type": "has to be a whole number",
    "int_parsing": "has to be a whole number",
    "int_from_float": "has to be a whole number",
    "float_type": "has to be a number",
    "decimal_type": "has to be a number, best written as text",
    "bool_type": "has to be true or false",
    "string_type": "has to be text",
    "uuid_type": "has to be an id, as text",
    "list_type": "has to be a list",
    "tuple_type": "has to be a list",
    "model_type": "has to be a JSON object",
    "dict_type": "has to be a JSON object",
    "string_pattern_mismatch": "has to match {pattern}",
    "string_too_short": "needs at least {min_length} characters",
    "string_too_long": "takes at most {max_length} characters",
    "too_short": "needs at least {min_length}",
    "too_long": "takes at most {max_length}, not {actual_length}",
    "greater_than_equal": "has to be at least {ge}",
    "less_than_equal": "has to be at most {le}",
    "enum": "has to be {expected}",
    "literal_error": "has to be {expected}",
}
"""Pydantic's kinds of fault, to whoever wrote the request; the others keep its own words."""


def _unfit(request: Request, faults: Sequence[Any]) -> Problem:
    """Return what is wrong with a request that is not what its endpoint takes."""
    kinds = {fault["type"] for fault in faults}
    if "json_invalid" in kinds:
        return JsonUnreadable(_UNREADABLE)
    if _NO_OBJECT in kinds and not _says_json(request):
        return JsonUnreadable(_UNNAMED)
    fields = [
        {"field": ".".join(str(part) for part in fault["loc"]), "reason": _reason(fault)}
        for fault in faults[:50]
    ]
    detail = f"{fields[0]['field']}: {fields[0]['reason']}. Nothing was done."
    return RequestInvalid(detail, errors=fields)


def _reason(fault: Any) -> str:
    words = _REASONS.get(fault["type"])
    said = words.format(**fault.get("ctx", {})) if words else str(fault["msg"])
    return said.removeprefix("Value error, ").rstrip(".")


def _says_json(request: Request) -> bool:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    return kind == "application/json" or kind.endswith("+json")


def _named(error: HTTPException) -> Problem | None:
    """Return what the framework's own refusal is called here."""
    if isinstance(error.__cause__, Problem):  # FastAPI wraps what the body limit raises
        return error.__cause__
    if isinstance(error.__cause__, ValueError | RecursionError):  # of a body: no UTF-8, say
        return JsonUnreadable(_UNREADABLE)
    if error.status_code == NotFound.status:
        return PageUnknown("There is nothing at this address.")
    if error.status_code == MethodNotTaken.status:
        taken = (error.headers or {}).get("Allow", "another method")
        return MethodNotTaken(f"Send {taken} here. Nothing was done.")
    return None


def _without_slash(request: Request) -> Response | None:
    """Lead a reader to the address that has no slash at its end, on this host whatever it says.

    What changes something is not repeated for anybody: it gets its 404.
    """
    path = request.url.path
    if request.method not in {"GET", "HEAD"} or path == "/" or not path.endswith("/"):
        return None
    query = f"?{request.url.query}" if request.url.query else ""
    return RedirectResponse(f"/{path.strip('/')}{query}", status_code=308)


class Envelope:
    """The outermost layer: a request id, safe headers, a body limit, and the last word on bugs."""

    def __init__(
        self,
        app: App,
        *,
        limit: int = BODY_LIMIT,
        streamed: str = "",
        patience: float = PATIENCE,
        page: PageMaker | None = None,
    ) -> None:
        self._app = app
        self._page = page
        self._limit = limit
        self._patience = patience
        self._streamed = re.compile(streamed) if streamed else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = uuid4().hex
        scope.setdefault("state", {})["request_id"] = request_id
        started = False
        streamed = self._streamed and self._streamed.match(scope["path"])
        body = _measured(receive, None if streamed else self._limit, self._patience)

        async def dressed(message: MutableMapping[str, Any]) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                headers = message["headers"] = list(message.get("headers", ()))
                present = {name.lower() for name, _ in headers}
                headers.append((b"x-request-id", request_id.encode()))
                headers.extend(pair for pair in _SAFE if pair[0] not in present)
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                _weigh(scope["headers"])
                await self._app(scope, body, dressed)
            except Exception as error:
                if started:
                    raise
                problem = error
                if not isinstance(problem, Problem):
                    _log.exception("request_failed")
                    problem = Bug(f"Something failed on our side. Quote {request_id}.")
                await self._shown(Request(scope), problem)(scope, receive, dressed)

    def _shown(self, request: Request, problem: Problem) -> Response:
        """Return words on a page to a person, and to a program what it can read."""
        if self._page is not None and wants_page(request):
            return self._page(request, problem)
        return render(problem)


def _weigh(headers: Iterable[tuple[bytes, bytes]]) -> None:
    if sum(len(name) + len(value) for name, value in headers) > HEADER_LIMIT:
        raise HeadersTooLarge(f"At most {HEADER_LIMIT} bytes are taken. Nothing was done.")


def _measured(receive: Receive, limit: int | None, patience: float) -> Receive:
    """Return a ``receive`` that ends a body which is too large or does not come."""
    seen = 0
    whole = False

    async def measured() -> MutableMapping[str, Any]:
        nonlocal seen, whole
        if whole:  # what comes now is the end of the connection, and it may take its time
            return await receive()
        try:
            async with asyncio.timeout(patience):
                message = await receive()
        except TimeoutError:
            raise BodyTooSlow("The rest of the body did not arrive. Nothing was done.") from None
        whole = not message.get("more_body", False)
        seen += len(message.get("body", b""))
        if limit is not None and seen > limit:
            raise BodyTooLarge(f"At most {limit} bytes are taken here. Nothing was done.")
        return message

    return measured


class Bug(Problem):
    status = 500
    title = "This is our fault"


_SAFE: Final = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"geolocation=(), microphone=(), payment=()"),
    (b"cache-control", b"no-store"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
)
