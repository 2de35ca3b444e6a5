"""A short way in for requests that come by the hundred, past what a framework does for each.

To find a route among all of them and to solve its parameters anew costs as much as some of these
requests do. One that is plainly in order is read by the same model and the same keys, and answered
by the same endpoint; whatever is not takes the usual way from its beginning, so that what is wrong
with it is said in one place.
"""

import re
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from bopis.kernel import observed
from bopis.kernel.errors import Problem
from bopis.kernel.http import App, Receive, Scope, Send, render, wants_page

Way = Callable[[Request], Awaitable[Response | None]]
"""Answers a POST of JSON; None: it is for the usual way, and nothing has been done."""

_JSON: Final = "application/json"


@dataclass(frozen=True)
class Shortcut:
    """The endpoint of a path that is answered here, if it can be.

    Shapes:
        path_format: as its router spells it, names in braces.
    """

    path_format: str
    way: Way
    address: re.Pattern[str] = field(init=False)

    def __post_init__(self) -> None:
        pattern = re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape(self.path_format))
        object.__setattr__(self, "address", re.compile(pattern))


class Express:
    """The innermost layer, right before the framework's own search for a route."""

    def __init__(self, app: App, shortcuts: Iterable[Shortcut]) -> None:
        self._app = app
        self._shortcuts = tuple(shortcuts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        shortcut = self._shortcut(scope)
        if shortcut is None:
            await self._app(scope, receive, send)
            return
        request = Request(scope, receive)
        try:
            answer = await self._answer(request, shortcut)
        except ClientDisconnect:
            answer = Response(status_code=400)  # to nobody
        except Problem as problem:
            answer = render(problem)
        if answer is None:
            await self._app(scope, _again(await request.body(), receive), send)
        else:
            await answer(scope, receive, send)

    def _shortcut(self, scope: Scope) -> Shortcut | None:
        if scope["type"] != "http" or scope["method"] != "POST":
            return None
        for one in self._shortcuts:
            if found := one.address.fullmatch(scope["path"]):
                scope["path_params"], scope["route"] = found.groupdict(), one
                return one
        return None

    @staticmethod
    async def _answer(request: Request, shortcut: Shortcut) -> Response | None:
        await request.body()
        if request.headers.get("content-type") != _JSON or wants_page(request):
            return None
        await observed.name_subject(request)
        return await shortcut.way(request)


def _again(body: bytes, receive: Receive) -> Receive:
    """Return a ``receive`` that gives the body once more, and then what comes after it."""
    given = False

    async def again() -> Any:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again
