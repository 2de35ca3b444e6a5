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
    levels = {name: logging.getLogger(name).level for name in {*logs.QUIET, *_SERVERS}}
    written = Lines()
    for name in _SERVERS:  # a server that an earlier test ran in this process may have hushed them
        logging.getLogger(name).setLevel(logging.NOTSET)
    logs.configure(to=written)
    try:
        yield written
    finally:
        root.handlers[:], root.level = handlers, level
        structlog.configure(**config)
        for name, before in levels.items():
            logging.getLogger(name).setLevel(before)
        logging.captureWarnings(capture=False)
