from collections.abc import AsyncIterator

import httpx
import pytest

from bopis import app as roof
from bopis.kernel.clock import ManualClock
from bopis.kernel.database import Database
from bopis.trust.verify import verify
from tests.journeys.day import Day, a_day


@pytest.fixture
async def day(db: Database, client: httpx.AsyncClient, clock: ManualClock) -> AsyncIterator[Day]:
    """A day over HTTP; when its story is told, everything that must be true still is."""
    made = await a_day(db, client, clock)
    roof.configure_sending(post=made.post)
    yield made
    await made.settle()
    assert {one.invariant.id: one.examples for one in await verify(db) if one.count} == {}
