"""A folder of this machine, into which somebody else writes.

Whoever may write there shall not make us read anything else: links are not followed, and what is
no plain file is left alone.
"""

import asyncio
import os
import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from inventory.sources.connecting import CHUNK, FetchFailed, FileChanged, Found, Opened, is_wanted
from inventory.sources.declaration import Folder

_FLAGS: Final = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)


class WatchedFolder:
    """A connector for a folder."""

    grows = True
    is_here = True

    def __init__(self, way: Folder) -> None:
        self._way = way
        self._path = Path(way.path)

    async def listed(self) -> list[Found]:
        try:
            return await asyncio.to_thread(self._listed)
        except OSError as error:
            why = error.strerror or type(error).__name__
            raise FetchFailed(f"The folder {self._path} cannot be read: {why}.") from None

    def _listed(self) -> list[Found]:
        with os.scandir(self._path) as entries:
            return [
                _found(entry.name, entry.stat(follow_symlinks=False))
                for entry in entries
                if entry.is_file(follow_symlinks=False) and is_wanted(entry.name, self._way.files)
            ]

    @asynccontextmanager
    async def opened(self, found: Found, known: str | None) -> AsyncIterator[Opened]:
        path = self._path / found.name
        try:
            descriptor = await asyncio.to_thread(os.open, path, _FLAGS)
        except OSError as error:
            why = error.strerror or type(error).__name__
            raise FileChanged(f"{found.name} cannot be opened: {why}.") from None
        with os.fdopen(descriptor, "rb", buffering=0) as file:
            now = os.fstat(descriptor)
            if not stat.S_ISREG(now.st_mode) or _found(found.name, now).version != found.version:
                raise FileChanged(f"{found.name} is another file than it was.")

            async def chunks() -> AsyncIterator[bytes]:
                while chunk := await asyncio.to_thread(file.read, CHUNK):
                    yield chunk
                if not await asyncio.to_thread(self._is_still, found):
                    raise FileChanged(f"{found.name} was written while it was read.")

            yield Opened(found, chunks())

    async def taken(self, found: Found) -> None:
        if self._way.after != "keep":
            await asyncio.to_thread(self._tidy, found)

    def _tidy(self, found: Found) -> None:
        if not self._is_still(found):
            return  # a newer one has come under this name
        path = self._path / found.name
        if self._way.after == "delete":
            path.unlink(missing_ok=True)
        elif self._way.move_to is not None:
            folder = self._path / self._way.move_to
            folder.mkdir(exist_ok=True)
            path.rename(_free(folder / found.name))

    def _is_still(self, found: Found) -> bool:
        try:
            now = (self._path / found.name).lstat()
        except OSError:
            return False
        return _found(found.name, now).version == found.version


def _found(name: str, now: os.stat_result) -> Found:
    modified_at = datetime.fromtimestamp(now.st_mtime, UTC)
    return Found(name, f"{now.st_size}-{now.st_mtime_ns}", now.st_size, modified_at)


def _free(path: Path) -> Path:
    """Return a path where nothing lies yet: what was moved before is not written over."""
    number, free = 1, path
    while free.exists():
        number += 1
        free = path.with_name(f"{path.stem}-{number}{path.suffix}")
    return free
