"""Child processes of a demo: started together, ended together, whatever happens to their parent."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import IO, Final

GRACE: Final = 4.0
"""Seconds from the polite word to the last one."""
_PR_SET_PDEATHSIG: Final = 1


class Children:
    """``bopis`` commands that run beside us, with their words in one log."""

    def __init__(self, log: Path, environment: Mapping[str, str]) -> None:
        self._log: IO[bytes] = log.open("ab")
        self._environment = {**os.environ, **environment}
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, name: str, *arguments: str) -> None:
        """Start ``python -m bopis`` with these arguments. From the main thread."""
        self._running[name] = subprocess.Popen(  # noqa: S603 - our own arguments
            [sys.executable, "-m", "bopis", *arguments],
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=self._log,
            start_new_session=True,  # a Ctrl-C in the terminal is for us; we tell them
            preexec_fn=_die_with_us(),  # noqa: PLW1509 - one system call, no locks
        )

    def ended(self) -> list[str]:
        """Return the names of those that have ended by themselves."""
        return [name for name, child in self._running.items() if child.poll() is not None]

    def stop(self) -> None:
        """End all of them: politely, then not."""
        for word, patience in ((signal.SIGTERM, GRACE), (signal.SIGKILL, GRACE)):
            for child in self._running.values():
                if child.poll() is None:
                    child.send_signal(word)
            deadline = time.monotonic() + patience
            for child in self._running.values():
                with contextlib.suppress(subprocess.TimeoutExpired):
                    child.wait(max(0.0, deadline - time.monotonic()))
        self._running.clear()
        self._log.close()


@contextlib.contextmanager
def children(log: Path, environment: Mapping[str, str]) -> Iterator[Children]:
    made = Children(log, environment)
    try:
        yield made
    finally:
        made.stop()


def _die_with_us() -> Callable[[], None] | None:
    """Return what a child does first, so that it cannot outlive us, where that can be had."""
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None).prctl
    parent = os.getpid()

    def bind() -> None:
        prctl(_PR_SET_PDEATHSIG, int(signal.SIGTERM), 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)

    return bind
