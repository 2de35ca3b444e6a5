"""A real server process: it starts, serves, and is gone within three seconds of being asked."""

import asyncio
import json
import os
import re
import signal
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import httpx

HERE = Path(__file__).parent
WITHIN = 3.0
SERVE = (
    "import sys; from bopis import cli, serving\n"
    "serving.FACTORY = 'streaming_app:application'\n"
    "sys.exit(cli.main(['serve', '--port', '0', *sys.argv[1:]]))"
)


@asynccontextmanager
async def served(dsn: str, *options: str) -> AsyncIterator[tuple[asyncio.subprocess.Process, str]]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", SERVE, *options),
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join([str(HERE), str(HERE.parents[1])]),
            "DATABASE_URL": dsn,
            "BOPIS_LINK_KEYS": '["of no value"]',
        },
        stdout=asyncio.subprocess.PIPE,
        limit=1 << 20,
        start_new_session=True,
    )
    assert process.stdout
    try:
        started, address = 0, ""
        expected = int(options[1]) if options else 1
        async with asyncio.timeout(60):
            while not (address and started == expected):
                line = json.loads(await process.stdout.readline())
                started += line["event"] == "Application startup complete."
                if found := re.search(r"running on (\S+)", line["event"]):
                    address = found[1]
        yield process, address
    finally:
        if process.returncode is None:
            process.terminate()
        try:
            await asyncio.wait_for(process.communicate(), 20)
        finally:
            with suppress(ProcessLookupError):  # its children too, if it left any behind
                os.killpg(process.pid, signal.SIGKILL)


async def stop(process: asyncio.subprocess.Process) -> float:
    """Ask the process to stop; return the seconds it took."""
    asked = time.monotonic()
    process.send_signal(signal.SIGTERM)
    await asyncio.wait_for(process.wait(), 20)
    return time.monotonic() - asked


async def test_one_process_ends_in_time_with_a_live_stream_open_and_logs_no_path(dsn: str) -> None:
    async with (
        served(dsn) as (process, address),
        httpx.AsyncClient(base_url=address, timeout=20) as client,
        client.stream("GET", "/stream") as answer,
    ):
        assert (await client.get("/readyz")).text == "ready"
        lost = await client.get("/o/canary-token?secret=canary-query")
        events: AsyncIterator[str] = answer.aiter_lines()
        assert await anext(events) == "event: hello"

        took = await stop(process)
        said = [line async for line in events if line.startswith("event:")]
        assert process.stdout
        written = (await process.stdout.read()).decode()

    assert said == ["event: bye"]
    assert took < WITHIN
    assert process.returncode == 0
    assert "canary" not in written
    logged = [json.loads(line) for line in written.splitlines()]
    assert [(line["route"], line["status"]) for line in logged if line["event"] == "request"] == [
        ("(none)", 404),
        ("/stream", 200),
    ]
    assert lost.headers["x-request-id"] in {line.get("request_id") for line in logged}


async def test_two_processes_end_in_time_and_add_up_their_numbers(dsn: str) -> None:
    async with (
        served(dsn, "--workers", "2") as (process, address),
        httpx.AsyncClient(base_url=address, headers={"Connection": "close"}) as client,
        client.stream("GET", "/stream") as answer,
    ):
        for _ in range(12):
            await client.get("/healthz")
        metrics = (await client.get("/metrics")).text
        events: AsyncIterator[str] = answer.aiter_lines()
        assert await anext(events) == "event: hello"

        took = await stop(process)
        said = [line async for line in events if line.startswith("event:")]

    assert said == ["event: bye"]
    assert took < WITHIN
    assert process.returncode == 0
    assert 'http_seconds_count{method="GET",route="/healthz",status="200"} 12.0' in metrics
    assert "bopis_streams_open 1.0" in metrics
