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
from urllib.parse import urlsplit

import httpx
import pytest

from bopis.kernel import keys
from bopis.kernel.clock import ScaledClock, machine_clock
from bopis.kernel.database import Database
from bopis.kernel.keys import KeyKind
from tests.conftest import NOON
from tests.journeys.day import CUSTOMER, S1, stores, wanted

ROOT = Path(__file__).parents[2]
WITHIN = 6.0
"""Seconds: three, and as much again for a busy machine."""


@asynccontextmanager
async def served(dsn: str, *options: str) -> AsyncIterator[tuple[asyncio.subprocess.Process, str]]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bopis", "serve", "--port", "0", *options),
        env={
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "DATABASE_URL": dsn,
            "BOPIS_CLOCK": str(ScaledClock(NOON, machine_clock(), 1.0)),
            "BOPIS_LINK_KEYS": '["a secret of no value"]',
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


@pytest.fixture
async def shop(db: Database) -> dict[str, str]:
    """A store, and the key of a web shop."""
    await stores(db, S1)
    async with db.transaction() as tx:
        _, secret = await keys.add(tx, KeyKind.CHANNEL, "shop")
    return {"Authorization": f"Bearer {secret}"}


async def page_of_an_order(client: httpx.AsyncClient, shop: dict[str, str]) -> str:
    body = {
        "store_id": S1,
        "reference": "W-1",
        "customer": CUSTOMER,
        "lines": wanted(oat=1),
    }
    answer = await client.post("/v1/orders", json=body, headers=shop)
    assert answer.status_code == 201, answer.text
    return str(urlsplit(answer.json()["status_url"]).path)


async def stop(process: asyncio.subprocess.Process) -> float:
    """Ask the process to stop; return the seconds it took."""
    asked = time.monotonic()
    process.send_signal(signal.SIGTERM)
    await asyncio.wait_for(process.wait(), 20)
    return time.monotonic() - asked


async def test_one_process_ends_in_time_with_a_live_page_open_and_logs_no_path(
    dsn: str, shop: dict[str, str]
) -> None:
    async with (
        served(dsn) as (process, address),
        httpx.AsyncClient(base_url=address, timeout=20) as client,
    ):
        assert (await client.get("/readyz")).text == "ready"
        page = await page_of_an_order(client, shop)
        lost = await client.get("/canary-path", params={"secret": "canary-query"})
        async with client.stream("GET", f"{page}/live") as answer:
            lines: AsyncIterator[str] = answer.aiter_lines()
            assert (await anext(lines)).startswith("retry:")

            took = await stop(process)
            said = [line async for line in lines if line.startswith("event:")]
        assert process.stdout
        written = (await process.stdout.read()).decode()

    assert said[-1:] == ["event: bye"]
    assert took < WITHIN
    assert process.returncode == 0
    assert "canary" not in written
    assert page not in written
    logged = [json.loads(line) for line in written.splitlines()]
    assert [(line["route"], line["status"]) for line in logged if line["event"] == "request"] == [
        ("/v1/orders", 201),
        ("(none)", 404),
        ("/o/{token}/live", 200),
    ]
    assert lost.headers["x-request-id"] in {line.get("request_id") for line in logged}


async def test_two_processes_end_in_time_and_add_up_their_numbers(
    dsn: str, shop: dict[str, str]
) -> None:
    async with (
        served(dsn, "--workers", "2") as (process, address),
        httpx.AsyncClient(base_url=address, headers={"Connection": "close"}) as client,
    ):
        page = await page_of_an_order(client, shop)
        async with client.stream("GET", f"{page}/live") as answer:
            lines: AsyncIterator[str] = answer.aiter_lines()
            assert (await anext(lines)).startswith("retry:")
            for _ in range(12):
                await client.get("/healthz")
            metrics = (await client.get("/metrics")).text

            took = await stop(process)
            said = [line async for line in lines if line.startswith("event:")]

    assert said[-1:] == ["event: bye"]
    assert took < WITHIN
    assert process.returncode == 0
    assert 'http_seconds_count{method="GET",route="/healthz",status="200"} 12.0' in metrics
    assert "bopis_streams_open 1.0" in metrics
