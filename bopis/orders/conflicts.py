"""A number below what is promised: who goes without, if the number is true?"""

from dataclasses import dataclass
from typing import Final

from bopis.kernel.database import Tx
from bopis.kernel.ids import OrderId, StoreId

_DOUBTED: Final = """
    SELECT w.order_id, count(*)::int AS items,
           array_agg(w.line) FILTER (WHERE w.up_to - w.own >= w.to_find - w.lacking) AS none_left
      FROM (SELECT o.id AS order_id, l.line, l.reserved AS own,
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


@dataclass(frozen=True, slots=True)
class Doubt:
    """What an order would go without.

    Shapes:
        items: of which the stock has too few for it.
        none_left: the lines of those of which it would get not one unit.
    """

    items: int
    none_left: tuple[int, ...] = ()


async def doubted(tx: Tx, store_id: StoreId) -> dict[OrderId, Doubt]:
    """Return the orders that would go without, if the numbers are true.

    The first promise is served first. What is in a tote or at the counter is had already, whoever
    holds it: only what has still to be found can turn out not to be there.
    """
    return {
        OrderId(row["order_id"]): Doubt(row["items"], tuple(sorted(row["none_left"] or ())))
        for row in await tx.rows(_DOUBTED, store_id)
    }
