"""A few shelves are looked at by lot: the only looks that nobody's doubt has chosen.

What a pick finds says nothing of what we refuse to promise: nobody is sent there. So a few counts
are drawn among just these items, and how likely each was to be drawn is noted beside it, so that
whoever weighs looks can undo the choice.

Source:
    Selective labels: one or two in a hundred idle minutes, and the propensity logged.
"""

import hashlib
from datetime import datetime
from typing import Final

from bopis.kernel.database import Tx
from bopis.kernel.ids import Sku, StoreId
from inventory import stores
from inventory.looking import conflicts
from inventory.looking.counting import AGAIN_AFTER
from inventory.models import CountPriority
from inventory.opening import hours

A_DAY: Final = 4
"""Counts by lot that one store is asked for on one day of its own: some five minutes."""

_OPENED: Final = """
    SELECT count(*) FILTER (WHERE done_at IS NULL) AS open,
           count(*) FILTER (WHERE opened_at >= $2 AND priority = $3) AS today
      FROM count_requests
     WHERE store_id = $1 AND (done_at IS NULL OR opened_at >= $2)
"""
_DRAW: Final = """
    SELECT s.sku, count(*) OVER () AS among
      FROM stock AS s
     WHERE s.store_id = $1 AND s.on_hand - s.unsellable - s.reserved > 0
       AND s.cap <= s.reserved
       AND (s.counted_at IS NULL OR s.counted_at < $2)
       AND NOT EXISTS (
           SELECT FROM count_requests AS c
            WHERE c.store_id = $1 AND c.sku = s.sku AND (c.done_at IS NULL OR c.opened_at >= $2))
     ORDER BY md5(s.sku || $3), s.sku
     LIMIT 1
"""


async def draw(tx: Tx, store_id: StoreId) -> Sku | None:
    """Ask for a count of one item that we refuse though its record has some; return which.

    None: nothing is refused, the day has had its share, or the store has other things to count.
    """
    calendar = await stores.calendar(tx, store_id)
    if not hours.is_open(calendar, tx.now):
        return None
    midnight = tx.now.astimezone(calendar.zone).replace(hour=0, minute=0, second=0, microsecond=0)
    opened = await tx.row(_OPENED, store_id, midnight, CountPriority.AT_RANDOM)
    assert opened is not None
    if opened["open"] or opened["today"] >= A_DAY:
        return None
    drawn = await tx.row(_DRAW, store_id, tx.now - AGAIN_AFTER, lot(store_id, tx.now))
    if drawn is None:
        return None
    sku, chance = Sku(drawn["sku"]), 1 / drawn["among"]
    by_lot = CountPriority.AT_RANDOM
    await conflicts.request_count(tx, store_id, sku, "at_random", by_lot, chance=chance)
    return sku


def lot(store_id: StoreId, now: datetime) -> str:
    """Return what decides a draw: of one store and hour, whoever draws, and how often."""
    said = f"{store_id} {now:%Y-%m-%d %H}"
    return hashlib.sha256(said.encode()).hexdigest()
