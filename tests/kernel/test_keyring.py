"""One key, asked for by a crowd."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from bopis.kernel import keys
from bopis.kernel.database import Database, Tx
from bopis.kernel.keys import KeyKind, Keyring, KeyUnknown


async def test_a_crowd_that_comes_with_one_key_asks_the_database_once(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with db.transaction() as tx:
        key, secret = await keys.add(tx, KeyKind.CHANNEL, "shop")
    asked = 0
    lent = db.transaction

    @asynccontextmanager
    async def counted(*about: Any, **more: Any) -> AsyncIterator[Tx]:
        nonlocal asked
        asked += 1
        async with lent(*about, **more) as tx:
            yield tx

    monkeypatch.setattr(db, "transaction", counted)
    ring = Keyring(db)

    found = await asyncio.gather(*(ring.find(secret) for _ in range(200)))
    wrong = await asyncio.gather(*(ring.find("no key") for _ in range(9)), return_exceptions=True)

    assert {one.id for one in found} == {key.id}
    assert {type(one) for one in wrong} == {KeyUnknown}
    assert asked == 2
