"""Our log, as a monitor would read it."""

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from typing import Any

import structlog

from bopis.kernel import logs

_SERVERS = ("uvicorn", "uvicorn.error")


class Lines(StringIO):
    def read_all(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.getvalue().splitlines()]


@contextmanager
def captured() -> Iterator[Lines]:
    """Log as a served process does, for a while, into a string."""
    root = logging.getLogger()
    handlers, level, config = root.handlers[:], root.level, structlog.get_config()
    loggers = [logging.getLogger(name) for name in {*logs.QUIET, *_SERVERS}]
    before = [(one, one.level, one.handlers[:], one.propagate) for one in loggers]
    for name in _SERVERS:  # a server that an earlier test ran in this process logs its own way
        server = logging.getLogger(name)
        server.setLevel(logging.NOTSET)
        server.handlers.clear()
        server.propagate = True
    written = Lines()
    logs.configure(to=written)
    try:
        yield written
    finally:
        root.handlers[:], root.level = handlers, level
        structlog.configure(**config)
        for one, was_level, was_handlers, propagated in before:
            one.setLevel(was_level)
            one.handlers[:] = was_handlers
            one.propagate = propagated
        logging.captureWarnings(capture=False)
