"""What handhelds that lie still cost: one server process, and PostgreSQL behind it.

Every device holds one stream open. Nothing happens in their stores but a few open walks, so all
that is paid is for looking whether something does. CPU time is counted, not the clock, so that
other work of the machine shows in neither.

    python -m benchmarks idle [--streams 2000] [--stores 100] [--seconds 20]
"""

import argparse
import asyncio
import hashlib
import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final
from uuid import UUID, uuid4

import asyncpg

from benchmarks.house import House, postgres, running
from bopis import migrate

TASKS: Final = 12
"""Open walks of each store: what a look has to read."""
_TICKS: Final = os.sysconf("SC_CLK_TCK")
_SECRET: Final = "a-secret-of-measurements-only"  # noqa: S105
_DIGEST: Final = hashlib.sha256(_SECRET.encode()).digest()

_STORES: Final = """
    INSERT INTO stores (store_id, name, time_zone)
    SELECT 'I' || n, 'Store ' || n, 'America/Chicago' FROM generate_series(0, $1::int - 1) AS n
"""
_DEVICES: Final = """
    INSERT INTO devices (store_id, id, name, token_digest, enrolled_at)
    SELECT 'I' || (n % $1::int), d.id, 'Handheld ' || n, $3, clock_timestamp()
      FROM unnest($2::uuid[]) WITH ORDINALITY AS d (id, n)
"""
_PEOPLE: Final = """
    INSERT INTO associates (store_id, id, number, name)
    SELECT store_id, id, id::text, 'Somebody' FROM devices
"""
_SESSIONS: Final = """
    INSERT INTO associate_sessions (store_id, id, device_id, associate_id, token_digest, started_at,
                                    ends_at)
    SELECT store_id, id, id, id, $1, clock_timestamp(), clock_timestamp() + interval '9 hours'
      FROM devices
"""
_WALKS: Final = """
    INSERT INTO pick_tasks (store_id, id, order_id, number, state, opened_at, due_at)
    SELECT store_id, gen_random_uuid(), gen_random_uuid(), n::text, 'open', clock_timestamp(),
           clock_timestamp() + interval '1 hour'
      FROM stores, generate_series(1, $1::int) AS n
"""


async def fill(dsn: str, stores: int, devices: Sequence[UUID]) -> None:
    await asyncio.to_thread(migrate.upgrade, dsn)
    connection = await asyncpg.connect(dsn)
    await connection.execute(_STORES, stores)
    await connection.execute(_DEVICES, stores, devices, _DIGEST)
    await connection.execute(_PEOPLE)
    await connection.execute(_SESSIONS, _DIGEST)
    await connection.execute(_WALKS, TASKS)
    await connection.execute("VACUUM ANALYZE")
    await connection.close()


async def open_stream(port: int, store: str, device: UUID) -> asyncio.StreamWriter:
    """Open one stream, and read until it has said how things are."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(
        f"GET /v1/handheld/live HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
        f"Authorization: Bearer {store}.{device.hex}.{_SECRET}\r\n"
        f"X-Associate-Session: {device.hex}.{_SECRET}\r\n\r\n".encode()
    )
    said = await reader.readuntil(b"event: beat")
    assert b" 200 OK" in said, said[:200]
    return writer


def cpu(*pids: int) -> float:
    """Return the CPU seconds that processes of this machine have used."""
    total = 0
    for pid in pids:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        total += int(fields[11]) + int(fields[12])
    return total / _TICKS


def memory(pid: int) -> int:
    """Return the kB that a process holds."""
    [line] = [x for x in Path(f"/proc/{pid}/status").read_text().splitlines() if "VmRSS" in x]
    return int(line.split()[1])


async def backends(dsn: str) -> list[int]:
    connection = await asyncpg.connect(dsn)
    rows = await connection.fetch(
        "SELECT pid FROM pg_stat_activity WHERE application_name = 'bopis'"
        " AND datname = current_database()"
    )
    await connection.close()
    return [row["pid"] for row in rows]


async def measure(dsn: str, streams: int, stores: int, seconds: float) -> None:
    devices = [uuid4() for _ in range(streams)]
    await fill(dsn, stores, devices)
    house = House(dsn, items=0, channel_key="")
    async with running(house, "bopis", "serve", "--port", "PORT") as (port, pid):
        first = [await open_stream(port, f"I{n % stores}", devices[n - 1]) for n in range(1, 51)]
        before = memory(pid)
        few = asyncio.Semaphore(8)  # as they would come: not all in one instant

        async def come(n: int) -> asyncio.StreamWriter:
            async with few:
                return await open_stream(port, f"I{n % stores}", devices[n - 1])

        began = time.perf_counter()
        rest = await asyncio.gather(*(come(n) for n in range(51, streams + 1)))
        took = time.perf_counter() - began
        after = memory(pid)
        watched = await backends(dsn)
        ours, theirs = cpu(pid), cpu(*watched)
        began = time.perf_counter()
        await asyncio.sleep(seconds)
        wall = time.perf_counter() - began
        ours, theirs = cpu(pid) - ours, cpu(*watched) - theirs
        print(
            f"{streams:,} streams of {stores} stores, all open after {took:.1f} s:"
            f" {100 * ours / wall:.1f} % of a core here, {100 * theirs / wall:.1f} % in PostgreSQL,"
            f" {(after - before) / (streams - 50):.1f} kB each ({after // 1024} MB in all)"
        )
        for writer in (*first, *rest):
            writer.close()


def main(argv: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks idle", description=__doc__)
    parser.add_argument("--streams", type=int, default=2_000)
    parser.add_argument("--stores", type=int, default=100)
    parser.add_argument("--seconds", type=float, default=20.0)
    chosen = parser.parse_args(argv)
    with postgres() as dsn:
        asyncio.run(measure(dsn, chosen.streams, chosen.stores, chosen.seconds))
    return 0
