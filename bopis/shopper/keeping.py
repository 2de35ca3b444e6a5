"""What is told of a store on every order's page: how it keeps its word, how old its stock list is.

It changes slowly and is read often, so a process asks once in a while and remembers.
"""

import time
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from bopis.kernel.database import Tx
from bopis.kernel.ids import StoreId
from inventory.sources import cadence
from inventory.sources.cadence import Silence

WINDOW: Final = timedelta(days=28)
REMEMBER: Final = timedelta(minutes=10)

_KEPT: Final = """
    SELECT count(*) FILTER (WHERE o.first_ready_at <= p.latest) AS kept, count(*) AS total
      FROM orders AS o
      JOIN promises AS p ON p.store_id = $1 AND p.order_id = o.id AND p.version = 1
     WHERE o.store_id = $1 AND o.accepted_at > $2 AND p.latest <= $3
       AND (o.first_ready_at IS NOT NULL OR o.closed_at IS NULL OR o.closed_at > p.latest
            OR (o.close_reason IN ('shopper_request', 'basket_incomplete')) IS NOT TRUE)
"""


@dataclass(frozen=True, slots=True)
class Kept:
    """Of the first promises whose time has come, how many the order was ready by.

    An order that its shopper cancelled before the time had come says nothing either way.
    """

    kept: int
    total: int


@dataclass
class Keeping:
    """What this process knows of every store it has been asked about."""

    known: dict[StoreId, tuple[float, Kept]] = field(default_factory=dict)

    async def of(self, tx: Tx, store_id: StoreId) -> Kept:
        asked_at, kept = self.known.get(store_id, (0.0, Kept(0, 0)))
        if time.monotonic() - asked_at > REMEMBER.total_seconds() or not asked_at:
            row = await tx.row(_KEPT, store_id, tx.now - WINDOW, tx.now)
            assert row is not None
            kept = Kept(row["kept"], row["total"])
            self.known[store_id] = (time.monotonic(), kept)
        return kept


LISTENED: Final = timedelta(minutes=1)


@dataclass
class Listening:
    """Which stores' stock lists are older than usual, as far as this process has asked."""

    known: dict[StoreId, tuple[float, Silence | None]] = field(default_factory=dict)

    async def of(self, tx: Tx, store_id: StoreId) -> Silence | None:
        asked_at, silence = self.known.get(store_id, (0.0, None))
        if time.monotonic() - asked_at > LISTENED.total_seconds() or not asked_at:
            silence = await cadence.silent_for(tx, store_id)
            self.known[store_id] = (time.monotonic(), silence)
        return silence
