"""A demo that is started again goes on with new scans: an id that was heard before is not heard."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx
import pytest

from bopis.simulation import chain, engine
from bopis.simulation.chain import Person
from bopis.simulation.doors import Screen
from bopis.simulation.inbox import Inbox
from bopis.simulation.loop import Loop
from bopis.simulation.stores import Associate
from bopis.simulation.town import Town, new_id
from bopis.simulation.world import World

NOON = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient() as made:
        yield made


def _town(client: httpx.AsyncClient, start: datetime) -> tuple[Town, Person]:
    async def wait(at: datetime) -> datetime:
        return at

    made = chain.generate(7, first_day=date(2026, 11, 23), stores=1, items=50)
    town = engine.settle_in(
        Loop(start, wait),
        client=client,
        chain=made,
        world=World(7, made),
        inbox=Inbox(),
        secrets={"channel": "", "feed": ""},
        forgiving=True,
    )
    return town, made.people[0]


def _hands(client: httpx.AsyncClient, start: datetime) -> tuple[object, ...]:
    """Return what the next scans of an associate and of the counter are called after a start."""
    town, person = _town(client, start)
    return new_id(Associate(town, person, early=True).rng), new_id(town.rng)


async def test_a_second_start_says_new_things(client: httpx.AsyncClient) -> None:
    first, again = _hands(client, NOON), _hands(client, NOON + timedelta(minutes=1))

    assert set(first).isdisjoint(again)
    assert _hands(client, NOON) == first


async def test_orders_that_are_offered_together_are_walked_together() -> None:
    """Each scan is about the order that the screen names, whichever was taken on first."""
    asked: list[str] = []
    shelf = iter(("A", "B"))

    def walk(task: str) -> dict[str, Any]:
        about = {"item": {"sku": sku}, "asked": 1, "found": 0, "line": 1, "together": ["A", "B"]}
        return {"next_state": "walk", "data": {"task_id": task, "fence": 1, **about}}

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.path.removeprefix("/v1/handheld/"))
        told = walk(task) if (task := next(shelf, None)) else {"next_state": "tasks", "data": {}}
        return httpx.Response(200, json=told | {"receipt": {"outcome": "applied"}})

    transport = httpx.MockTransport(answer)
    async with httpx.AsyncClient(transport=transport, base_url="https://here") as client:
        town, person = _town(client, NOON)
        sku = next(sku for store, sku in town.shelves if store == person.store)
        town.world.piles[person.store, sku].shelf = 5
        offered = {
            "together": {"task_ids": ["A", "B"]},
            "tasks": [{"task_id": "C", "state": "open"}],
        }
        associate = Associate(town, person, early=True)
        async for _ in associate._work(Screen("tasks", offered, "")):  # noqa: SLF001
            pass

    assert asked == ["waves", "tasks/A/scans", "tasks/B/scans"]
    assert (town.outcomes["waves"], town.outcomes["orders_in_waves"]) == (1, 2)
