"""A store with things on its shelves, for whoever needs one."""

import io
from collections.abc import Mapping
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

from bopis.kernel.database import Database
from bopis.kernel.ids import OrderId, Sku, StoreId
from inventory import sellable, stock
from inventory.feeds import feeding
from inventory.feeds.feed import FeedKind
from inventory.feeds.intake import File
from inventory.feeds.models import FeedBatch
from inventory.feeds.records import Format
from inventory.models import Item, Store
from tests.conftest import NOON

S1 = StoreId("S1")
S2 = StoreId("S2")
HOUR = timedelta(hours=1)
SEVEN = NOON - 5 * HOUR
OATS, RYE, TEA = Sku("oats"), Sku("rye"), Sku("tea")


def order(number: int) -> OrderId:
    return OrderId(UUID(int=number))


def cause(number: int) -> UUID:
    return UUID(int=10_000 + number)


async def a_store(db: Database, store_id: StoreId = S1, *, safety: int = 0) -> None:
    async with db.transaction() as tx:
        await tx.add(
            Store(store_id=store_id, name="Lakeview", time_zone="America/Chicago", safety=safety)
        )


async def items(db: Database, *skus: Sku) -> None:
    async with db.transaction() as tx:
        await tx.add(*(Item(sku=sku, name=sku.capitalize()) for sku in skus))


async def stocked(db: Database, on_hand: Mapping[Sku, int], store_id: StoreId = S1) -> None:
    """Have a person count everything in a store."""
    async with db.transaction(store_id) as tx:
        for sku, counted in on_hand.items():
            await stock.count(tx, store_id, sku, counted, cause=None, source="opening")


async def numbers(db: Database, sku: Sku, store_id: StoreId = S1) -> tuple[int, int, int]:
    """Return on hand, reserved, unsellable."""
    async with db.transaction(store_id) as tx:
        row = await tx.row(
            "SELECT on_hand, reserved, unsellable FROM stock WHERE store_id = $1 AND sku = $2",
            store_id,
            sku,
        )
    assert row is not None
    return row["on_hand"], row["reserved"], row["unsellable"]


_UNEXPLAINED = """
    SELECT s.store_id, s.sku, s.on_hand, s.reserved, s.unsellable,
           COALESCE(l.on_hand, 0), COALESCE(l.reserved, 0), COALESCE(l.unsellable, 0),
           COALESCE(r.quantity, 0), COALESCE(l.staged, 0), COALESCE(r.staged, 0)
      FROM stock AS s
      LEFT JOIN (SELECT store_id, sku, sum(on_hand) AS on_hand, sum(reserved) AS reserved,
                        sum(unsellable) AS unsellable, sum(staged) AS staged
                   FROM stock_ledger GROUP BY store_id, sku) AS l
        ON l.store_id = s.store_id AND l.sku = s.sku
      LEFT JOIN (SELECT store_id, sku, sum(quantity) AS quantity, sum(staged) AS staged
                   FROM reservations GROUP BY store_id, sku) AS r
        ON r.store_id = s.store_id AND r.sku = s.sku
     WHERE s.on_hand <> COALESCE(l.on_hand, 0) OR s.reserved <> COALESCE(l.reserved, 0)
        OR s.unsellable <> COALESCE(l.unsellable, 0) OR s.reserved <> COALESCE(r.quantity, 0)
        OR COALESCE(l.staged, 0) <> COALESCE(r.staged, 0)
"""


async def unexplained(db: Database) -> list[Any]:
    """Return the numbers that ledger and reservations do not add up to: there should be none."""
    async with db.transaction() as tx:
        return [tuple(row) for row in await tx.rows(_UNEXPLAINED)]


async def open_conflicts(db: Database, store_id: StoreId = S1) -> list[str]:
    async with db.transaction(store_id) as tx:
        rows = await tx.rows(
            "SELECT sku FROM stock_conflicts WHERE store_id = $1 AND closed_at IS NULL"
            " ORDER BY sku",
            store_id,
        )
    return [row["sku"] for row in rows]


def csv(rows: Mapping[Sku, int], store_id: StoreId = S1) -> str:
    return "store_id,sku,quantity\n" + "".join(f"{store_id},{k},{n}\n" for k, n in rows.items())


async def feed(
    db: Database,
    text: str,
    *,
    as_of: datetime = SEVEN,
    kind: FeedKind = FeedKind.SNAPSHOT,
    batch_id: str | None = None,
    source: str = "erp",
    despite_rejects: bool = False,
    **said: Any,
) -> FeedBatch:
    data = text.encode()
    file = File(io.BytesIO(data), Format.CSV, sha256(data).hexdigest())
    name = batch_id or f"{kind}-{as_of:%H%M}-{file.sha256[:8]}"
    said.setdefault("sequence", None)
    batch = feeding.batch_of(source, name, file, kind=kind, as_of=as_of, **said)
    return await feeding.take(db, file, batch, actor="key:erp", despite_rejects=despite_rejects)


async def for_sale(db: Database, sku: Sku, store_id: StoreId = S1) -> int:
    """Return how many units an order could get now."""
    async with db.transaction(store_id) as tx:
        return (await sellable.availability(tx, store_id, [sku]))[sku].available


async def ceilings(db: Database, store_id: StoreId = S1) -> dict[str, int]:
    """Return what may not be sold beyond, where a batch is missing."""
    async with db.transaction(store_id) as tx:
        rows = await tx.rows(
            "SELECT sku, ceiling FROM stock WHERE store_id = $1 AND ceiling IS NOT NULL", store_id
        )
    return {row["sku"]: row["ceiling"] for row in rows}
