"""A chain of one store that keeps oats, for files to speak of."""

import pytest

from bopis.kernel.database import Database
from tests.inventory.shelves import OATS, a_store, items


@pytest.fixture
async def store_of_oats(db: Database) -> None:
    await a_store(db)
    await items(db, OATS)
