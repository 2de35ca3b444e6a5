"""What every command about a store's floor begins with."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

import typer

from bopis import command
from bopis.kernel.database import Tx
from bopis.kernel.ids import StoreId
from inventory import stores

Store = Annotated[str, typer.Argument(help="The store's id.")]
Note = Annotated[str, typer.Option(help="Why. It is kept.")]


@asynccontextmanager
async def in_store(store: str) -> AsyncIterator[tuple[Tx, StoreId]]:
    """Open one transaction about a store that exists."""
    store_id = StoreId(store)
    async with command.database() as db, db.transaction(store_id, actor="system") as tx:
        await stores.get(tx, store_id)
        yield tx, store_id
