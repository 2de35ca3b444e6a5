"""Runs the web application in real processes."""

import contextlib
import gc
import os
import signal
import tempfile
from types import FrameType
from typing import Final

import uvicorn
from fastapi import FastAPI
from sqlalchemy.orm import configure_mappers

from bopis.kernel import logs, speech, stopping
from bopis.settings import Settings

FACTORY: Final = "bopis.serving:application"
SEARCHES: Final = (50_000, 20, 20)
"""How often Python looks for garbage that hangs in circles. A request makes next to none."""


def application() -> FastAPI:
    """Return the application as each server process makes it: from the environment alone."""
    from bopis import app as roof  # noqa: PLC0415 - not in the process that only minds others

    logs.configure()
    app = roof.create_app(Settings())
    warm_up(app)
    gc.collect()
    gc.freeze()  # what stands now stands for good: searching it again costs a page a fifth
    gc.set_threshold(*SEARCHES)
    return app


def warm_up(app: FastAPI) -> None:
    """Do now what would be done for the first request, while all others wait for it.

    The framework works out an included route when it first looks at it, SQLModel its tables when
    the first row is read, and Babel reads a language when the first time of a day is said in it:
    together as long as some hundred requests take.
    """
    configure_mappers()
    speech.ready()
    for route in app.routes:
        route.matches({"type": "http", "method": "GET", "path": "/", "headers": []})


def serve(*, host: str, port: int, workers: int) -> None:
    """Serve until SIGTERM or SIGINT.

    Access is logged by ourselves, because a server's own log would write down the paths, and with
    them the tokens in our links.
    """
    settings = Settings()
    logs.configure()
    options = {
        "factory": True,
        "host": host,
        "port": port,
        "loop": "uvloop",
        "http": "httptools",
        "ws": "none",
        "log_config": None,
        "access_log": False,
        "server_header": False,
        "timeout_graceful_shutdown": max(1, round(settings.drain_within.total_seconds())),
    }
    signal.signal(signal.SIGTERM, _heard)
    with contextlib.ExitStack() as stack:
        if workers > 1:  # the processes put their numbers side by side; any of them can add up
            folder = tempfile.TemporaryDirectory(prefix="bopis-metrics-")
            os.environ["PROMETHEUS_MULTIPROC_DIR"] = stack.enter_context(folder)
        uvicorn.run(FACTORY, workers=workers, **options)  # type: ignore[arg-type]
    stopping.leave()


def _heard(number: int, frame: FrameType | None) -> None:
    """Do nothing: the server raises the signal again at its end, when there is only tidying left.

    By default that would kill us before it, and a wanted end would look like a crash.
    """
