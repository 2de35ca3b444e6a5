"""One stream of JSON lines, for our own words and for those of uvicorn and APScheduler.

Nobody's name, address or token may reach a log, so nothing goes there but what is listed here: a
field that is not on the list is dropped, and named in ``dropped`` so that its author notices. An
exception shows its type and where it was raised; its message stays behind, for it may quote a row
or a request. So do the arguments of other libraries' messages, but for those known to be harmless.
"""

import json
import logging
import sys
import traceback
from collections.abc import MutableMapping
from contextlib import suppress
from typing import Any, Final, TextIO

import msgspec
import structlog
from structlog.typing import EventDict, Processor

OURS: Final = frozenset(
    {"event", "level", "logger", "at", "error", "sqlstate", "frames", "dropped"}
)
"""Fields that this module fills in, and nobody else."""
ALLOWED: Final = OURS | frozenset(
    {
        *("request_id", "order_id", "task_id", "store_id", "event_id", "message_id"),
        *("method", "route", "status", "ms", "key"),
        *("job", "subscriber", "attempts", "reason", "kind", "state", "verdict"),
        *("source", "batch_id", "rows", "rejected", "count", "seconds", "jobs"),
        *("host", "port", "workers", "version"),
    }
)
HARMLESS: Final = ("uvicorn", "apscheduler", "alembic", "py")
"""Loggers whose messages are about processes and jobs, not people; ``py`` is Python's warnings."""
QUIET: Final = {
    "apscheduler": logging.ERROR,  # what a slow job skips is made good by its next run
    "httpx": logging.WARNING,  # it writes down every address with its query
    "uvicorn.access": logging.CRITICAL,  # paths hold tokens; our own line has the route instead
    "asyncio": logging.WARNING,
}
_FRAMES: Final = 12


def configure(level: int = logging.INFO, *, to: TextIO | None = None) -> None:
    """Send all logging of this process to stdout, or another stream, as JSON lines."""
    stream = to or sys.stdout
    said: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
        _without_message,
    ]
    written: list[Processor] = [
        _only_allowed,
        structlog.processors.JSONRenderer(_encoded),
    ]
    structlog.configure(
        processors=[*said, *written],
        logger_factory=lambda *names: _Line(names[0] if names else "root", stream),
        wrapper_class=structlog.make_filtering_bound_logger(level),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[
                _only_template,
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                *written,
            ],
            foreign_pre_chain=said,
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name, quiet in QUIET.items():
        logging.getLogger(name).setLevel(quiet)
    logging.captureWarnings(capture=True)


class _Line:
    """Writes our own lines where the handler writes those of others, without a detour.

    A line that cannot be written, because nobody reads our output any more, stops nothing.
    """

    def __init__(self, name: str, stream: TextIO) -> None:
        self.name = name
        self._stream = stream

    def msg(self, line: str) -> None:
        with suppress(OSError, ValueError):
            self._stream.write(line + "\n")
            self._stream.flush()

    debug = info = warning = error = critical = exception = msg


def _encoded(fields: MutableMapping[str, Any], **_: Any) -> str:
    try:
        return msgspec.json.encode(fields, enc_hook=str).decode()
    except UnicodeEncodeError:  # half a character, out of somebody's JSON
        return json.dumps(fields, default=str)


def _without_message(_: Any, __: str, fields: EventDict) -> EventDict:
    """Replace an exception by its type, its place, and PostgreSQL's code for it."""
    error = fields.pop("exc_info", None)
    if error is True:
        error = sys.exc_info()
    if isinstance(error, tuple):
        error = error[1]
    if isinstance(error, BaseException):
        fields["error"] = f"{type(error).__module__}.{type(error).__qualname__}"
        frames = traceback.extract_tb(error.__traceback__)[-_FRAMES:]
        fields["frames"] = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
        if (code := getattr(error, "sqlstate", None)) is not None:
            fields["sqlstate"] = code
    return fields


def _only_template(_: Any, __: str, fields: EventDict) -> EventDict:
    """Of a library's message keep what its author wrote, not what was filled in."""
    record: logging.LogRecord | None = fields.get("_record")
    if not fields.get("_from_structlog") and record is not None:
        if record.name.split(".")[0] not in HARMLESS:
            fields["event"] = str(record.msg)
        fields["event"] = fields["event"].partition("\n")[0]
    return fields


def _only_allowed(_: Any, __: str, fields: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    dropped = sorted(fields.keys() - ALLOWED)
    for name in dropped:
        del fields[name]
    if dropped:
        fields["dropped"] = dropped
    return fields
