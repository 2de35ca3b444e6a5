"""A number below what is promised: who goes without, if the number is true?"""

from typing import Final

from bopis.kernel.database import Tx
from bopis.kernel.ids import OrderId, StoreId

_DOUBTED: Final = """
    SELECT w.order_id, count(*)::int AS items
      FROM (SELECT o.id AS order_id,
                   sum(l.reserved) OVER (PARTITION BY l.sku ORDER BY o.accepted_at, o.id) AS up_to,
                   sum(l.reserved) OVER (PARTITION BY l.sku) AS to_find,
                   s.reserved - (s.on_hand - s.unsellable) AS lacking
              FROM stock_conflicts AS c
              JOIN stock AS s ON s.store_id = $1 AND s.sku = c.sku
              JOIN reservations AS r ON r.store_id = $1 AND r.sku = c.sku AND r.quantity > 0
              JOIN orders AS o ON o.store_id = $1 AND o.id = r.order_id
              JOIN order_lines AS l ON l.store_id = $1 AND l.order_id = o.id AND l.sku = c.sku
             WHERE c.store_id = $1 AND c.closed_at IS NULL AND l.reserved > 0) AS w
     WHERE w.up_to > w.to_find - w.lacking
     GROUP BY w.order_id
     LIMIT 5000
"""


async def doubted(tx: Tx, store_id: StoreId) -> dict[OrderId, int]:
    """Return the orders that would go without, if the numbers are true, and for how many items.

    The first promise is served first. What is in a tote or at the counter is had already, whoever
    holds it: only what has still to be found can turn out not to be there.
    """
    return {OrderId(row["order_id"]): row["items"] for row in await tx.rows(_DOUBTED, store_id)}
