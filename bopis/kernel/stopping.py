"""Lets live streams hear that the process was asked to stop.

A server waits for its open connections before it runs the lifespan's end, and a live stream has no
end of its own. So the signal has to reach the streams first: whoever writes one waits for
``app.state.stopping`` as well, says ``bye``, and ends.
"""

import asyncio
import contextlib
import os
import signal
import sys
import threading
from collections.abc import Iterator
from types import FrameType
from typing import Final, NoReturn

SIGNALS: Final = (signal.SIGTERM, signal.SIGINT)


@contextlib.contextmanager
def heard(stopping: asyncio.Event, *, alone: bool = False) -> Iterator[None]:
    """Set the event on SIGTERM or SIGINT, then let whoever listened before act as before.

    ``alone``: nobody else is told, for a process whose end this event is.

    To be entered in the event loop. Only the main thread may listen; elsewhere (a test's own
    server) this does nothing.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    loop = asyncio.get_running_loop()
    before = {number: signal.getsignal(number) for number in SIGNALS}

    def act(number: int, frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(stopping.set)
        earlier = before[signal.Signals(number)]
        if not alone and callable(earlier) and earlier is not signal.default_int_handler:
            earlier(number, frame)

    for number in SIGNALS:
        signal.signal(number, act)
    try:
        yield
    finally:
        for number, earlier in before.items():
            signal.signal(number, earlier)


def leave() -> NoReturn:
    """End the process now, with 0: everything is closed, and only memory is left to hand back.

    The interpreter would do that object by object, and for a whole application take longer over it
    than over everything before.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)
