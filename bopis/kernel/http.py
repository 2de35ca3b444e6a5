"""HTTP as every room speaks it: problems, keys, limits and headers, in one place."""

import re
from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from typing import Annotated, Any, Final
from uuid import uuid4

import structlog
from fastapi import Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
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
from bopis.kernel.keys import ApiKey, KeyKind, Keyring

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

PROBLEM: Final = "application/problem+json"
BODY_LIMIT: Final = 1024 * 1024
_log = structlog.get_logger(__name__)


class BodyTooLarge(TooLarge):
    title = "The request is too large"


class RequestInvalid(Invalid):
    title = "Some fields of the request are not right"


class JsonUnreadable(Malformed):
    title = "The request is not JSON"


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


def _key(*kinds: KeyKind) -> Callable[..., Awaitable[ApiKey]]:
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
            {"description": "", "content": {PROBLEM: {"schema": {"$ref": _PROBLEM_SCHEMA}}}},
        )
        words = f"{kind.title} (`{kind.type_uri()}`)"
        entry["description"] = f"{entry['description']}; {words}".lstrip("; ")
    return found


_PROBLEM_SCHEMA: Final = "#/components/schemas/Problem"


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
}


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
    return _REASONS.get(fault["type"]) or str(fault["msg"]).removeprefix("Value error, ")


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


class Envelope:
    """The outermost layer: a request id, safe headers, a body limit, and the last word on bugs."""

    def __init__(self, app: App, *, limit: int = BODY_LIMIT, streamed: str = "") -> None:
        self._app = app
        self._limit = limit
        self._streamed = re.compile(streamed) if streamed else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = uuid4().hex
        scope.setdefault("state", {})["request_id"] = request_id
        started = False
        seen = 0
        limited = not (self._streamed and self._streamed.match(scope["path"]))

        async def counted() -> MutableMapping[str, Any]:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if limited and seen > self._limit:
                raise BodyTooLarge(f"At most {self._limit} bytes are taken here. Nothing was done.")
            return message

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
                await self._app(scope, counted, dressed)
            except Exception as error:
                if started:
                    raise
                if isinstance(error, Problem):
                    answer = render(error)
                else:
                    _log.exception("request_failed")
                    answer = render(Bug(f"Something failed on our side. Quote {request_id}."))
                await answer(scope, receive, dressed)


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
