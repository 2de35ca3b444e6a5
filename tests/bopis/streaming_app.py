"""The application with one endless stream more, for the test that stops it."""

import asyncio
from collections.abc import AsyncIterator

from fastapi import FastAPI, Request
from fastapi.responses import StreamingResponse

from bopis import serving
from bopis.kernel import stopping


async def ticks() -> AsyncIterator[str]:
    yield "event: hello\ndata: 1\n\n"
    await asyncio.Event().wait()


async def stream(request: Request) -> StreamingResponse:
    told = stopping.until(request.app.state.stopping, ticks(), "event: bye\ndata: 1\n\n")
    return StreamingResponse(told, media_type="text/event-stream")


def application() -> FastAPI:
    app = serving.application()
    app.add_api_route("/stream", stream)
    return app
