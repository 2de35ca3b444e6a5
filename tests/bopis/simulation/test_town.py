"""A demo that is started again goes on with new scans: an id that was heard before is not heard."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta

import httpx
import pytest

from bopis.simulation import chain, engine
from bopis.simulation.inbox import Inbox
from bopis.simulation.loop import Loop
from bopis.simulation.stores import Associate
from bopis.simulation.town import new_id
from bopis.simulation.world import World

NOON = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient() as made:
        yield made


def _hands(client: httpx.AsyncClient, start: datetime) -> tuple[object, ...]:
    """Return what the next scans of an associate and of the counter are called after a start."""

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
    associate = Associate(town, made.people[0], early=True)
    return new_id(associate.rng), new_id(town.rng)


async def test_a_second_start_says_new_things(client: httpx.AsyncClient) -> None:
    first, again = _hands(client, NOON), _hands(client, NOON + timedelta(minutes=1))

    assert set(first).isdisjoint(again)
    assert _hands(client, NOON) == first
