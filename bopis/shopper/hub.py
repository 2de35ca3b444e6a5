"""What an order's live page watches: the number of the newest fact about it."""

from collections.abc import Collection
from operator import lt
from typing import Any, Final

from bopis.kernel.database import Database, Tx
from bopis.kernel.hub import Hub
from bopis.kernel.ids import OrderId, StoreId

_NEWEST: Final = """
    SELECT subject, max(seq) AS seq FROM events
     WHERE store_id = $1 AND subject = ANY($2::uuid[])
     GROUP BY subject
"""

OrderHub = Hub[OrderId, int]


async def newest(tx: Tx, store_id: StoreId, orders: Collection[OrderId]) -> dict[OrderId, int]:
    """Return the number of the newest fact about each order."""
    rows = await tx.rows(_NEWEST, store_id, list(orders))
    return {OrderId(row["subject"]): row["seq"] for row in rows}


def made(db: Database, **options: Any) -> OrderHub:
    """Return a hub of orders' pages: a number is news to whoever saw a lower one."""
    return Hub(db, newest, is_news=lt, **options)
