"""A live stream ends with a word when the process is asked to stop."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from bopis.kernel.stopping import until


async def endless(closed: list[str]) -> AsyncIterator[str]:
    try:
        yield "one"
        await asyncio.Event().wait()
    finally:
        closed.append("source")


async def short() -> AsyncIterator[str]:
    yield "one"
    yield "two"


async def test_a_stream_ends_with_bye_and_its_source_with_it() -> None:
    stopping, closed = asyncio.Event(), list[str]()
    stream = until(stopping, endless(closed), "bye")

    assert await anext(stream) == "one"
    stopping.set()

    assert [item async for item in stream] == ["bye"]
    assert closed == ["source"]


async def test_a_stream_that_ends_by_itself_says_no_bye() -> None:
    assert [item async for item in until(asyncio.Event(), short(), "bye")] == ["one", "two"]


async def test_a_failing_source_fails_its_stream() -> None:
    async def broken() -> AsyncIterator[str]:
        yield "one"
        raise RuntimeError("torn")

    stream = until(asyncio.Event(), broken(), "bye")
    await anext(stream)

    with pytest.raises(RuntimeError, match="torn"):
        await anext(stream)


async def test_a_reader_who_leaves_takes_the_source_along() -> None:
    closed = list[str]()
    stream = until(asyncio.Event(), endless(closed), "bye")
    await anext(stream)
    reading = asyncio.ensure_future(anext(stream))
    await asyncio.sleep(0)

    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading

    assert closed == ["source"]
