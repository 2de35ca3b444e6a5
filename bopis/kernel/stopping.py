"""Ends live streams when the process is asked to stop.

A server waits for its open connections before it runs the lifespan's end, and a live stream has no
end of its own. So the signal has to reach the streams first: each says ``bye`` and is over.
"""

import asyncio
import contextlib
import signal
import threading
from collections.abc import AsyncIterator, Iterator
from types import FrameType
from typing import Final, TypeVar

T = TypeVar("T")
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


async def until(stopping: asyncio.Event, source: AsyncIterator[T], bye: T) -> AsyncIterator[T]:
    """Yield what the source yields; once the process is asked to stop, ``bye`` and no more."""
    stop = asyncio.ensure_future(stopping.wait())
    try:
        while True:
            following = asyncio.ensure_future(anext(source, None))
            try:
                await asyncio.wait({following, stop}, return_when=asyncio.FIRST_COMPLETED)
                if stop.done():
                    yield bye
                    return
                item = following.result()
            finally:
                following.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await following
            if item is None:
                return
            yield item
    finally:
        stop.cancel()
