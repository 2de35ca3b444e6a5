"""Scans, as 200 people make them: from the scan to the answer, beside a route with one statement.

Each handheld scans once every three seconds, at its own moment and whatever the server does: a
latency is counted from when its scan was due, so that a server that stands still is seen to.
"""

import asyncio
import json
import os
import random
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import httpx

from associates.crew import badges, people
from associates.handheld import devices
from benchmarks.house import LINKS, House, running, serving
from benchmarks.load import get, post
from benchmarks.row import Row
from bopis import app as roof
from bopis.kernel import relay
from bopis.kernel.database import Database
from bopis.kernel.ids import StoreId
from inventory.codes import gtin

EVERY: Final = 3.0
"""Seconds from one scan of a handheld to its next."""

LOOKS_EVERY: Final = 15.0
"""Seconds after which an idle handheld reads its list anew (``LOOK_AGAIN`` of the app)."""

ITEMS: Final = 3
_TICK: Final = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Handheld:
    """One that is signed in and has claimed a task.

    Shapes:
        codes: of the items of its task; of each there are enough units for every scan.
    """

    headers: dict[str, str]
    task_id: str
    fence: int
    codes: Sequence[str]


@dataclass(frozen=True)
class Heard:
    """Milliseconds from when a scan was due to the end of its answer."""

    p50: float
    p99: float
    statuses: dict[str, int]


async def scans(house: House, rounds: int, count: int, seconds: float) -> list[Row]:
    """Return how long a scan takes beside the limit, and what idle handhelds cost."""
    found = [Row("scan to answer, p50", "1/s", 0.5), Row("scan to answer, p99", "1/s", 0.5)]
    idle = Row("idle handhelds on one core", "devices", 1.0)
    async with (
        serving(house, "benchmarks.limits", "PORT") as limit_port,
        running(house, "bopis", "serve", "--port", "PORT") as (our_port, our_pid),
    ):
        handhelds = await _signed_in(house, our_port, count, int(rounds * (seconds + 9) / EVERY))
        sequence = 0
        for n in range(rounds):
            many = int(seconds / EVERY)
            theirs = await _measure(limit_port, [_bare(one, many) for one in handhelds], EVERY)
            asked = [_scans(one, many, sequence) for one in handhelds]
            sequence += many
            ours = await _measure(our_port, asked, EVERY)
            assert set(ours.statuses) == set(theirs.statuses) == {"200"}, (ours, theirs)
            for row, ms, limit in zip(
                found, (ours.p50, ours.p99), (theirs.p50, theirs.p99), strict=True
            ):
                row.add(1000 / ms, 1000 / limit)
            print(f"    round {n}: p50 {ours.p50:.1f} ms, p99 {ours.p99:.1f} ms")
        cost = await _look(our_port, our_pid, handhelds, seconds)
        idle.add(LOOKS_EVERY / cost, 2000)
    for row in found:
        row.notes = {"limit_is": "FastAPI and asyncpg, the same rows in one statement"}
    idle.notes = {
        "seconds_of_cpu_a_look": round(cost, 6),
        "looks_every_seconds": LOOKS_EVERY,
        "cores_for_2000": round(2000 / LOOKS_EVERY * cost, 3),
    }
    return [*found, idle]


def _scans(one: Handheld, many: int, after: int) -> list[bytes]:
    made = []
    for n in range(after + 1, after + many + 1):
        body = {
            "scan_id": str(uuid4()),
            "device_seq": n,
            "scanned_at": datetime.now(UTC).isoformat(),
            "kind": "item",
            "fence": one.fence,
            "code": one.codes[n % len(one.codes)],
        }
        path = f"/v1/handheld/tasks/{one.task_id}/scans"
        made.append(post(path, json.dumps(body).encode(), one.headers))
    return made


def _bare(one: Handheld, many: int) -> list[bytes]:
    store_id, _, task_id = one.task_id.partition(".")
    body = json.dumps({"store_id": store_id, "task_id": task_id}).encode()
    return [post("/scans", body, {})] * many


async def _signed_in(house: House, port: int, count: int, scanned: int) -> list[Handheld]:
    """Enrol handhelds, order what they are going to pick, and let each claim a task."""
    codes = {sku: _gtin(n) for n, sku in enumerate(house.skus()[:ITEMS])}
    holders: list[tuple[StoreId, str, str]] = []
    badges.configure([LINKS])
    async with Database.connect(house.dsn, routes=roof.routes()) as db:
        async with db.transaction() as tx:
            await tx.run_many(
                "INSERT INTO item_gtins (gtin, sku, quantity) VALUES ($1, $2, 1)",
                [(code, sku) for sku, code in codes.items()],
            )
        for n in range(count):
            store_id = StoreId(house.stores[n % len(house.stores)])
            async with db.transaction(store_id) as tx:
                setup = await devices.new_code(tx, store_id)
                _, token = await devices.enrol(tx, setup, f"Scanner {n}")
                badge = f"B{n:010}"
                await people.add(tx, store_id, number=f"{n:04}", name=f"Ada {n}", badge=badge)
            holders.append((store_id, token, badge))
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=30) as client:
            for n, (store_id, _, _) in enumerate(holders):
                await _order(client, house, store_id, f"scans-{n}", list(codes), scanned)
            await relay.drain(db)
            return [await _claimed(client, *one, list(codes.values())) for one in holders]


async def _order(  # noqa: PLR0917 -- one order of many, placed in one place
    client: httpx.AsyncClient,
    house: House,
    store_id: StoreId,
    reference: str,
    skus: Sequence[str],
    units: int,
) -> None:
    answer = await client.post(
        "/v1/orders",
        headers={"Authorization": f"Bearer {house.channel_key}"},
        json={
            "store_id": store_id,
            "reference": f"{reference}-{time.time_ns()}",
            "customer": {"first_name": "Ada", "email": "ada@example.org"},
            "lines": [{"sku": sku, "quantity": min(999, units + 1)} for sku in skus],
        },
    )
    answer.raise_for_status()


async def _claimed(
    client: httpx.AsyncClient, store_id: StoreId, token: str, badge: str, codes: Sequence[str]
) -> Handheld:
    headers = {"Authorization": f"Bearer {token}"}
    signed = await client.post("/v1/handheld/sign-in", headers=headers, json={"badge": badge})
    signed.raise_for_status()
    data = signed.json()["data"]
    headers["X-Associate-Session"] = data["session"]
    free = next(task for task in data["tasks"] if task["state"] == "open")
    claimed = await client.post(f"/v1/handheld/tasks/{free['task_id']}/claim", headers=headers)
    claimed.raise_for_status()
    task: dict[str, Any] = claimed.json()["data"]
    return Handheld(headers, task["task_id"], task["fence"], codes)


def _gtin(number: int) -> str:
    body = f"0950600{number:06}"
    return body + gtin.check_digit(body)


async def _look(port: int, pid: int, handhelds: Sequence[Handheld], seconds: float) -> float:
    """Return how much CPU one look at the list costs the server process, in seconds."""
    asked = []
    for one in handhelds:
        head = "".join(f"{name}: {value}\r\n" for name, value in one.headers.items())
        look = get("/v1/handheld/tasks", "application/json")
        asked.append([look.replace(b"Host:", head.encode() + b"Host:", 1)] * int(seconds / EVERY))
    before = _cpu(pid)
    heard = await _measure(port, asked, EVERY)
    return (_cpu(pid) - before) / sum(heard.statuses.values())


def _cpu(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICK


async def _measure(port: int, asked: Sequence[Sequence[bytes]], every: float) -> Heard:
    """Send each handheld's requests on its own connection, from a process of their own."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "benchmarks.scans", str(port), str(every)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        cwd=Path(__file__).parent.parent,
    )
    told = json.dumps([[one.decode("latin-1") for one in some] for some in asked]).encode()
    output, _ = await process.communicate(told)
    return Heard(**json.loads(output))


async def _one(
    port: int, asked: Sequence[str], began: float, every: float
) -> tuple[list[float], Counter[str]]:
    """Send one request after the other, each when it is due or as soon as the last is answered."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    took: list[float] = []
    statuses: Counter[str] = Counter()
    for n, request in enumerate(asked):
        due = began + n * every
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        writer.write(request.encode("latin-1"))
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().split(b"content-length:", 1)[1].split(b"\r\n", 1)[0])
        await reader.readexactly(length)
        took.append((time.perf_counter() - due) * 1000)
        statuses[head[9:12].decode()] += 1
    writer.close()
    return took, statuses


async def _all(port: int, asked: Sequence[Sequence[str]], every: float) -> dict[str, Any]:
    chance, start = random.Random(1), time.perf_counter() + 1
    parts = await asyncio.gather(
        *(_one(port, some, start + every * chance.random(), every) for some in asked)
    )
    took = sorted(one for part, _ in parts for one in part)
    statuses = sum((counted for _, counted in parts), Counter[str]())
    return {
        "p50": took[len(took) // 2],
        "p99": took[int(len(took) * 0.99)],
        "statuses": dict(statuses),
    }


if __name__ == "__main__":
    said = asyncio.run(_all(int(sys.argv[1]), json.load(sys.stdin), float(sys.argv[2])))
    print(json.dumps(said))
