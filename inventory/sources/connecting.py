"""What every place looks like from which files are fetched: list, open, mark as taken.

A connector says what lies there and streams it. It decides nothing and remembers nothing: whether a
file is new, whole and worth reading is decided by ``fetching``, the same for all of them.
"""

import os
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from fnmatch import fnmatchcase
from importlib import import_module
from typing import Any, Final, Protocol

from inventory.feeds.records import Format
from inventory.sources.naming import Unnamed

CHUNK: Final = 1 << 16
CONNECT_WITHIN: Final = timedelta(seconds=10)
SILENT_FOR: Final = timedelta(seconds=30)
"""What a server may take for the next piece of an answer."""

_SUFFIXES: Final = {
    ".csv": Format.CSV,
    ".tsv": Format.CSV,
    ".txt": Format.CSV,
    ".ndjson": Format.NDJSON,
    ".jsonl": Format.NDJSON,
    ".json": Format.NDJSON,
    ".parquet": Format.PARQUET,
    ".pq": Format.PARQUET,
}


class FetchFailed(Exception):
    """Nothing was had this time, for a reason that may pass: it is tried again."""


class FileChanged(FetchFailed):
    """This file was written while we read it; the others may be had."""


class NotModified(Exception):
    """The file is as it was when we last took it."""


@dataclass(frozen=True, slots=True)
class Found:
    """A file that lies there.

    Shapes:
        name: under which it is remembered; unique in its place.
        version: another content has another; empty where only opening it tells.
    """

    name: str
    version: str
    size: int | None = None
    modified_at: datetime | None = None
    content_type: str = ""


@dataclass(frozen=True, slots=True)
class Opened:
    found: Found
    """As it is now, which may be more than its listing said."""
    chunks: AsyncIterator[bytes]


class Connector(Protocol):
    """A place, for as long as we are connected to it."""

    grows: bool
    """Whether a file may be seen before it is whole."""
    is_here: bool
    """Whether its times are those of our own clock."""

    async def listed(self) -> list[Found]:
        """Return what lies there.

        Raises:
            FetchFailed: The place cannot be reached, or is not there.
        """

    def opened(self, found: Found, known: str | None) -> AbstractAsyncContextManager[Opened]:
        """Lend a file as it is sent; ``known`` is the version that we have taken.

        Raises:
            NotModified: It is still that version.
            FetchFailed: It cannot be had just now; also while its chunks are read.
        """

    async def taken(self, found: Found) -> None:
        """Do with a file that we have taken what its source declares: nothing, unless told."""


class Secrets:
    """Reads secrets from the environment, and keeps them out of what we say."""

    def __init__(self) -> None:
        self._read: set[str] = set()

    def of(self, variable: str) -> str:
        """Return what an environment variable holds.

        Raises:
            FetchFailed: It is not set in this process.
        """
        value = os.environ.get(variable, "")
        if not value:
            raise FetchFailed(f"The variable {variable}, which the source names, is not set here.")
        self._read.add(value)
        return value

    def hidden(self, text: str) -> str:
        """Return a text for people, without any secret that was read."""
        for secret in self._read:
            text = text.replace(secret, "…")
        return text


def extra(module: str, name: str) -> Any:
    """Return a module that is not always installed.

    Raises:
        FetchFailed: It is not; the message says how to install it.
    """
    try:
        return import_module(module)
    except ImportError:
        raise FetchFailed(
            f"{module} is not installed, and this source needs it: pip install 'bopis[{name}]'."
        ) from None


def is_wanted(name: str, pattern: str) -> bool:
    """Say whether a file is one of those that a source declares. Hidden ones never are."""
    return not name.startswith(".") and "/" not in name and fnmatchcase(name, pattern)


def form_of(name: str, content_type: str = "") -> Format:
    """Return how a file is written, by its name.

    Raises:
        Unnamed: Neither its name nor its server says.
    """
    lowered = name.lower()
    for suffix, form in _SUFFIXES.items():
        if lowered.endswith(suffix):
            return form
    kind = content_type.partition(";")[0].strip().lower()
    words = {"csv": Format.CSV, "json": Format.NDJSON, "parquet": Format.PARQUET}
    for word, form in words.items():
        if word in kind:
            return form
    raise Unnamed(f'Nothing says how {name} is written: declare mapping.format = "csv".')
