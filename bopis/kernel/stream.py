"""Server-sent events over ASGI, with an end: for readers who left, who stall, and for shutdown."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, MutableMapping
from contextlib import aclosing, suppress
from datetime import timedelta
from typing import Any, Final

from starlette.responses import Response

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

WRITE_WITHIN: Final = timedelta(seconds=10)
"""Whoever takes in nothing for so long is not reading any more."""


def event(name: str, *, id_: int | None = None, data: str = "") -> bytes:
    head = f"id: {id_}\n" if id_ is not None else ""
    return f"{head}event: {name}\ndata: {data}\n\n".encode()


HEARTBEAT: Final = b": still here\n\n"
BYE: Final = event("bye")
HELLO: Final = b"retry: 2000\n\n"


class EventStream(Response):
    media_type = "text/event-stream"

    def __init__(self, chunks: AsyncGenerator[bytes, None]) -> None:
        super().__init__(headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})
        del self.headers["content-length"]
        self._chunks = chunks

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        gone = asyncio.ensure_future(_until_gone(receive))
        written = asyncio.ensure_future(self._write(send))
        try:
            await asyncio.wait({gone, written}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            gone.cancel()
            written.cancel()
            for one in (gone, written):
                with suppress(asyncio.CancelledError, TimeoutError, OSError):
                    await one

    async def _write(self, send: Send) -> None:
        start = {"type": "http.response.start", "status": 200, "headers": self.raw_headers}
        await send(start)
        async with aclosing(self._chunks) as chunks:
            async for chunk in chunks:
                body = {"type": "http.response.body", "body": chunk, "more_body": True}
                async with asyncio.timeout(WRITE_WITHIN.total_seconds()):  # wait_for may not end
                    await send(body)
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
