"""Status pages read, beside one SELECT and one template."""

import asyncio
from collections.abc import Sequence

import httpx

from benchmarks.house import House, orders, serving
from benchmarks.load import get, measure
from benchmarks.row import Row, all_answered
from bopis.shopper.shown import ROOM


async def page(house: House, rounds: int, seconds: float) -> list[Row]:
    """Read status pages, each request from the database, 64 connections.

    Once each page as if for the first time (more orders than a process remembers pages of, in turn,
    so that each is written out anew), and once a few of them again and again.
    """
    new = Row("status page, new", "pages/s", 0.8)
    again = Row("status page, unchanged", "pages/s", 0.8)
    key = {"Authorization": f"Bearer {house.channel_key}"}
    async with (
        serving(house, "benchmarks.limits", "PORT") as limit_port,
        serving(house, "bopis", "serve", "--port", "PORT") as our_port,
    ):
        placed = await _placed(our_port, orders(house, ROOM + 200, hot=False, seed=77), key)
        our_paths = [f"/o/{one['status_url'].rsplit('/', 1)[1]}" for one in placed]
        limit_paths = [f"/o/{'/'.join(one['order_id'].split('.'))}" for one in placed]
        for _ in range(rounds):
            for row, some in ((new, len(placed)), (again, 200)):
                many = 1 + int(4000 * (seconds + 1) / some)
                theirs = await measure(
                    limit_port, [get(path) for path in limit_paths[:some]] * many, seconds=seconds
                )
                ours = await measure(
                    our_port, [get(path) for path in our_paths[:some]] * many, seconds=seconds
                )
                all_answered(ours, "200")
                all_answered(theirs, "200")
                row.add(ours.per_second, theirs.per_second)
    for row in (new, again):
        row.notes = {"limit_is": "FastAPI, one SELECT, one template of the same size"}
    return [new, again]


async def _placed(
    port: int, bodies: Sequence[dict[str, object]], key: dict[str, str]
) -> list[dict[str, str]]:
    few = asyncio.Semaphore(16)
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers=key) as client:

        async def place(body: dict[str, object]) -> dict[str, str]:
            async with few:
                answer: dict[str, str] = (await client.post("/v1/orders", json=body)).json()
            return answer

        return await asyncio.gather(*(place(body) for body in bodies))
