"""A signed-in browser, and the application with this room in it."""

from collections.abc import Awaitable, Callable

import httpx
import pytest

from bopis.kernel import keys
from bopis.kernel.database import Database
from bopis.kernel.ids import StoreId
from bopis.kernel.keys import KeyKind

SignIn = Callable[..., Awaitable[httpx.AsyncClient]]
Key = Callable[..., Awaitable[dict[str, str]]]


@pytest.fixture
def sign_in(client: httpx.AsyncClient, db: Database) -> SignIn:
    """Make an ops key, sign in with it, and return a client that asks for pages."""

    async def signed_in(only_store: StoreId | None = None) -> httpx.AsyncClient:
        async with db.transaction() as tx:
            _, secret = await keys.add(tx, KeyKind.OPS, "desk", only_store=only_store)
        client.headers["accept"] = "text/html"
        answer = await client.post("/ops/sign-in", data={"key": secret})
        assert answer.status_code == 303
        return client

    return signed_in
