"""The child's side of ``kernel.apart``: one file after another is read here, and nothing else is.

It imports nothing of ours until it is told what to do, and knows neither the database nor any
secret. It ends when its parent has gone, or when nobody has needed it for a while.
"""

import importlib
import io
import os
import resource
import signal
import socket
import struct
import sys
import traceback
from contextlib import suppress
from pathlib import Path
from typing import Final

MEMORY: Final = 1 << 30
"""Bytes of address space, where the platform counts them. Libraries take a third of it."""

ROOMY: Final = 256 << 10
"""Kilobytes. A child that has once been larger makes room for a new one."""

PATIENCE: Final = 60
"""Seconds of CPU from one page to the next; somebody whose parent has died ends too."""

IDLE: Final = 600.0
"""Seconds."""

HEAD: Final = struct.Struct("<cI")
BEGUN, PAGE, DONE, MEMORY_OUT, BUG = b"A", b"P", b"D", b"M", b"B"


class Place(io.RawIOBase):
    """A file that somebody else has open too: read at a place of our own, theirs does not move."""

    def __init__(self, descriptor: int) -> None:
        super().__init__()
        self._descriptor = descriptor
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def readinto(self, room: memoryview) -> int:  # type: ignore[override]
        size = os.preadv(self._descriptor, [room], self._at)
        self._at += size
        return size

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self._at}
        self._at = start.get(whence, os.fstat(self._descriptor).st_size) + offset
        return self._at

    def tell(self) -> int:
        return self._at

    def close(self) -> None:
        if not self.closed:
            os.close(self._descriptor)
        super().close()


def main(descriptor: int) -> None:
    for number in (signal.SIGINT, signal.SIGTERM):  # our parent decides when we go
        signal.signal(number, signal.SIG_IGN)
    for limit, most in ((resource.RLIMIT_AS, MEMORY), (resource.RLIMIT_CORE, 0)):
        with suppress(ValueError, OSError):
            resource.setrlimit(limit, (most, most))
    with socket.socket(fileno=descriptor) as parent, suppress(OSError):
        while _job(parent):
            if _largest() > ROOMY:
                return


def _largest() -> int:
    """Return how large this process has been at most, in kilobytes.

    Linux counts in ``ru_maxrss`` what the parent had when this one was started; so the memory
    itself is asked, where that can be.
    """
    with suppress(OSError, StopIteration):
        status = Path("/proc/self/status").read_text()
        line = next(one for one in status.splitlines() if one.startswith("VmHWM:"))
        return int(line.split()[1])
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def _job(parent: socket.socket) -> bool:
    """Do the next thing that is asked; return False if nothing is."""
    parent.settimeout(IDLE)
    head, files, _, _ = socket.recv_fds(parent, HEAD.size, 1)
    if len(head) < HEAD.size or not files:
        return False
    parent.settimeout(None)
    _, size = HEAD.unpack(head)
    said = _exactly(parent, size)
    with io.BufferedReader(Place(files[0]), 1 << 16) as source:
        name, _, given = said.partition(b"\0")
        _send(parent, BEGUN)
        try:
            module, _, function = name.decode().partition(":")
            for page in getattr(importlib.import_module(module), function)(source, given):
                _send(parent, PAGE, page)
        except MemoryError:
            _send(parent, MEMORY_OUT)
            return False
        except ConnectionError:  # our parent does not listen any more
            raise
        except Exception:  # noqa: BLE001 -- a bug, and it is our parent's to tell of it
            _send(parent, BUG, traceback.format_exc()[-4000:].encode())
        else:
            _send(parent, DONE)
    return True


def _send(parent: socket.socket, kind: bytes, said: bytes = b"") -> None:
    used = resource.getrusage(resource.RUSAGE_SELF)
    until = int(used.ru_utime + used.ru_stime) + PATIENCE
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_CPU, (until, resource.RLIM_INFINITY))
    parent.sendall(HEAD.pack(kind, len(said)))
    if said:
        parent.sendall(said)


def _exactly(parent: socket.socket, size: int) -> bytes:
    said = bytearray()
    while len(said) < size:
        more = parent.recv(size - len(said))
        if not more:
            raise ConnectionResetError
        said += more
    return bytes(said)


if __name__ == "__main__":
    main(int(sys.argv[1]))
