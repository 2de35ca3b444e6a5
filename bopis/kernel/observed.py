"""Watches every request from outside: one log line, one measurement, by route and never by path."""

import re
import time
from typing import Any, Final

import structlog
from fastapi import Request

from bopis.kernel import metrics
from bopis.kernel.http import App, Receive, Scope, Send

NOWHERE: Final = "(none)"
UNSEEN: Final = frozenset({"/healthz", "/readyz", "/metrics", "/assets/{digest}/{name}"})
"""Measured, but not logged: a monitor asks every few seconds, a page for dozens of files."""
NAMED: Final = ("order_id", "task_id", "store_id")
"""Path parameters that say what a request is about, and are no secret."""
_ID: Final = re.compile(r"[A-Za-z0-9_.-]{1,80}")
"""What may be an id of ours. Whatever else a caller writes in its place stays out of the logs."""
_log = structlog.get_logger(__name__)


async def name_subject(request: Request) -> None:
    """Bind the ids of the path, so that every line of this request carries them."""
    given = {name: str(request.path_params.get(name, "")) for name in NAMED}
    found = {name: value for name, value in given.items() if _ID.fullmatch(value)}
    if found:
        structlog.contextvars.bind_contextvars(**found)


class Observed:
    def __init__(self, app: App) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        structlog.contextvars.unbind_contextvars(*NAMED)
        status = 500
        is_stream = False
        began = time.perf_counter()

        async def noted(message: Any) -> None:
            nonlocal status, is_stream
            if message["type"] == "http.response.start":
                status = message["status"]
                kind = dict(message["headers"]).get(b"content-type", b"")
                is_stream = kind.startswith(b"text/event-stream")
                if is_stream:
                    metrics.STREAMS.inc()
            await send(message)

        try:
            await self._app(scope, receive, noted)
        finally:
            seconds = time.perf_counter() - began
            route = template(scope)
            method = scope["method"] if scope["method"] in _METHODS else "OTHER"
            if is_stream:
                metrics.STREAMS.dec()
            else:
                metrics.REQUESTS.labels(method, route, str(status)).observe(seconds)
            if route not in UNSEEN:
                _log.info(
                    "request",
                    method=method,
                    route=route,
                    status=status,
                    ms=round(seconds * 1000, 1),
                )


_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


def template(scope: Scope) -> str:
    """Return the path as the code spells it, with names where a request has values."""
    included = scope.get("fastapi", {}).get("effective_route_context")
    route = getattr(included, "starlette_route", None) or included or scope.get("route")
    path = getattr(route, "path_format", None) or getattr(route, "path", None)
    return str(path) if path else NOWHERE
