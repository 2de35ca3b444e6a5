"""The page on which a demo shows every letter that it sent, as text and as the shopper saw it."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator
from itertools import groupby
from pathlib import Path
from typing import Final

import uvicorn
from fastapi import APIRouter, FastAPI
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from bopis.kernel import pages
from bopis.simulation.inbox import Inbox, Letter

SHOWN: Final = 200
_SEALED: Final = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'; "
    "sandbox allow-same-origin allow-popups allow-popups-to-escape-sandbox"
)
"""No script runs in a letter; so it may share our origin, and its height be measured."""

_HERE: Final = Path(__file__).parent
pages.add_assets(_HERE / "assets")
_pages: Final = pages.Pages(_HERE / "templates")


def create(inbox: Inbox) -> FastAPI:
    app = FastAPI(title="inbox", docs_url=None, redoc_url=None, openapi_url=None)
    app.include_router(pages.router)

    @app.get("/")
    def root() -> Response:
        return RedirectResponse("/inbox")

    @app.get("/inbox")
    def listed(q: str = "") -> Response:
        query = q.strip()
        found = [one for one in reversed(inbox.letters) if query.casefold() in _haystack(one)]
        shown = found[:SHOWN]
        days = [(day, list(letters)) for day, letters in groupby(shown, key=lambda one: one.day)]
        return _pages.render(
            "inbox.html", days=days, shown=len(shown), query=query, received=inbox.received
        )

    @app.get("/inbox/received")
    def received() -> dict[str, int]:
        """Say how many letters there have been: a page asks whether to offer a newer one."""
        return {"received": inbox.received}

    @app.get("/inbox/{number}")
    def letter(number: int) -> Response:
        found = _find(inbox, number)
        if found is None:
            return RedirectResponse("/inbox")
        answer = _pages.render(
            "letter.html",
            letter=found,
            told=[one for one in inbox.letters if one.to == found.to],
            newer=_find(inbox, number + 1),
            older=_find(inbox, number - 1),
        )
        policy = answer.headers["Content-Security-Policy"]
        answer.headers["Content-Security-Policy"] = f"{policy}; frame-src 'self'"
        return answer

    @app.get("/inbox/{number}/page")
    def page(number: int) -> Response:
        """Show the letter's own HTML, sealed off: it may style itself and do nothing else."""
        found = _find(inbox, number)
        html = found.html if found else "<p>This letter is no longer kept.</p>"
        html = html.replace("<head>", '<head><base target="_blank">', 1)
        return HTMLResponse(html, headers={"Content-Security-Policy": _SEALED})

    return app


def _haystack(letter: Letter) -> str:
    return f"{letter.to} {letter.subject} {letter.text}".casefold()


def _find(inbox: Inbox, number: int) -> Letter | None:
    return next((one for one in inbox.letters if one.number == number), None)


class _Quiet(uvicorn.Server):
    """A server beside others in one process: signals are not its business."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@contextlib.asynccontextmanager
async def serving(inbox: Inbox, port: int, *, beside: APIRouter) -> AsyncIterator[None]:
    app = create(inbox)
    app.include_router(beside)
    config = uvicorn.Config(
        app,
        host="127.0.0.1",
        port=port,
        log_config=None,
        access_log=False,
        lifespan="off",
        timeout_graceful_shutdown=1,
    )
    server = _Quiet(config)
    running = asyncio.create_task(server.serve())
    try:
        yield
    finally:
        server.should_exit = True
        await running
