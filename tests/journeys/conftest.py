import httpx
import pytest

from bopis import app as roof
from bopis.kernel.clock import ManualClock
from bopis.kernel.database import Database
from tests.journeys.day import Day, a_day


@pytest.fixture
async def day(db: Database, client: httpx.AsyncClient, clock: ManualClock) -> Day:
    made = await a_day(db, client, clock)
    roof.configure_sending(post=made.post)
    return made
