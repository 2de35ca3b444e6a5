"""Two stores and a web shop, with nobody on the floor: what the verbs of an order need."""

from typing import Any

import pytest

from bopis import app as roof
from bopis.kernel.clock import ManualClock
from bopis.kernel.database import Database
from bopis.kernel.keys import KeyKind
from tests.conftest import Key
from tests.journeys.day import S1, S2, Day, stores


@pytest.fixture
async def shop(db: Database, client: Any, clock: ManualClock, key: Key) -> Day:
    await stores(db, S1, S2)
    made = Day(db, clock, client, await key(KeyKind.CHANNEL, "shop"), None)  # type: ignore[arg-type]
    roof.configure_sending(post=made.post)
    return made
