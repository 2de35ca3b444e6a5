"""Other people's files, read in a process of their own: that one may crash, hang or grow.

A child is started when the first file comes, kept warm, and given one file at a time: the open file
itself, and the name of a function that yields pages of bytes. The pages come back through a socket
whose buffer is all that waits, so that memory does not grow with the file, and the child reads on
while a page is used. Why so: docs/adr/0010.
"""

import asyncio
import atexit
import os
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final, Self

from bopis.kernel.apart_child import BEGUN, BUG, DONE, HEAD, MEMORY, MEMORY_OUT, PAGE

PATIENCE: Final = 90.0
"""Seconds that a child may take over one page. It stops itself earlier, if it can."""

LARGEST: Final = 1 << 26
"""Bytes of a page. A child that announces more is not in its right mind."""

KEPT: Final = 2
"""Children that are kept warm."""

_PARTING: Final = 2.0
"""Seconds that one may take over leaving by itself."""

_PASSED_ON: Final = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "LD_LIBRARY_PATH", "PYTHONHOME")
_OURS: Final = {
    "ARROW_DEFAULT_MEMORY_POOL": "system",  # the others reserve more than they need
    "OMP_NUM_THREADS": "1",
    "PYTHONSAFEPATH": "1",
}


class Died(Exception):
    """The child ended over a file, or was ended; the message says how, as a part of a sentence."""


class _Child:
    """One process, and our end of the socket to it."""

    __slots__ = ("process", "socket")

    def __init__(self) -> None:
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        known = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
        path = os.pathsep.join(one or str(Path.cwd()) for one in sys.path)
        with theirs:
            self.process = subprocess.Popen(  # noqa: S603 -- our own words
                [sys.executable, "-m", "bopis.kernel.apart_child", str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                env={**known, **_OURS, "PYTHONPATH": path},  # no secret is among them
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                start_new_session=True,  # the terminal's Ctrl-C is not meant for it
            )
        self.socket = ours

    @classmethod
    async def started(cls) -> Self:
        return await asyncio.to_thread(cls)

    async def ask(self, call: str, said: bytes, descriptor: int) -> bool:
        """Give it something to do; return False if it has left meanwhile."""
        loop, job = asyncio.get_running_loop(), call.encode() + b"\0" + said
        try:
            socket.send_fds(self.socket, [HEAD.pack(BEGUN, len(job))], [descriptor])
            async with asyncio.timeout(PATIENCE):
                await loop.sock_sendall(self.socket, job)
                kind, _ = await self.frame()
        except (OSError, EOFError, TimeoutError):
            return False
        return kind == BEGUN

    async def frame(self) -> tuple[bytes, bytearray]:
        """Return what it says next.

        Raises:
            EOFError: It says nothing more.
        """
        kind, size = HEAD.unpack(await self._exactly(HEAD.size))
        if size > LARGEST:
            raise EOFError
        return kind, await self._exactly(size)

    async def _exactly(self, size: int) -> bytearray:
        loop, said = asyncio.get_running_loop(), bytearray(size)
        room = memoryview(said)
        while room:
            count = await loop.sock_recv_into(self.socket, room)
            if not count:
                raise EOFError
            room = room[count:]
        return said

    def end(self, patience: float = 0.0) -> int:
        """End it and return with what status it went, its own if it goes in time by itself."""
        self.socket.close()
        try:
            return self.process.wait(patience)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait()


_idle: Final[list[_Child]] = []
"""Of this process: they belong to no loop and no database."""


@asynccontextmanager
async def pages(call: str, said: bytes, descriptor: int) -> AsyncIterator[AsyncIterator[bytearray]]:
    """Lend the pages that a function yields, called in a child as ``function(file, said)``.

    Args:
        call: ``module:function``. The function yields bytes.
        said: What it is told.
        descriptor: An open file. The child reads it from its beginning, at a place of its own.

    Raises:
        Died: The child ended, took too long or too much memory. The next one is a new one.
        RuntimeError: The function raised: a bug of ours, with the child's own traceback.
    """
    child = await _asked(call, said, descriptor)
    state = {"is_done": False}

    async def each() -> AsyncIterator[bytearray]:
        while True:
            kind, page = await _next(child)
            if kind == PAGE:
                yield page
                continue
            state["is_done"] = kind in {DONE, BUG}
            if kind == BUG:
                raise RuntimeError(page.decode())
            if kind == MEMORY_OUT:
                raise Died(f"it needs more than the {MEMORY >> 30} GB that one file is given")
            return

    try:
        yield each()
    finally:
        if state["is_done"] and len(_idle) < KEPT:
            _idle.append(child)
        else:
            await asyncio.to_thread(child.end)


async def _asked(call: str, said: bytes, descriptor: int) -> _Child:
    """Return a child that has begun: a warm one, or if that has left, a new one."""
    while True:
        is_warm = bool(_idle)
        child = _idle.pop() if is_warm else await _Child.started()
        try:
            has_begun = await child.ask(call, said, descriptor)
        except BaseException:
            await asyncio.to_thread(child.end)
            raise
        if has_begun:
            return child
        status = await asyncio.to_thread(child.end, _PARTING)
        if not is_warm:
            raise RuntimeError(f"a reading process cannot be started: it ended with {status}")


async def _next(child: _Child) -> tuple[bytes, bytearray]:
    try:
        async with asyncio.timeout(PATIENCE):
            return await child.frame()
    except TimeoutError:
        raise Died(f"nothing came of it for {PATIENCE:.0f} seconds") from None
    except (OSError, EOFError):
        status = await asyncio.to_thread(child.end, _PARTING)
    if status == -signal.SIGXCPU:
        raise Died("it took too long over one page")
    if status < 0:
        raise Died(f"it was ended by {signal.Signals(-status).name}")
    raise Died(f"it ended with {status}")


@atexit.register
def _leave() -> None:
    while _idle:
        _idle.pop().end(_PARTING)
