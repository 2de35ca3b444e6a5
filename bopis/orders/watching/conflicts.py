"""A number below what is promised: who goes without, if the number is true?"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from bopis.kernel.database import Tx
from bopis.kernel.ids import OrderId, Sku, StoreId

_IN_LINE: Final = """
    SELECT w.conflict_id, w.sku, w.order_id, w.line, w.to_find, w.up_to > w.there AS goes_without,
           w.up_to - w.to_find >= w.there AS gets_none
      FROM (SELECT c.id AS conflict_id, c.sku, o.id AS order_id, l.line, l.reserved AS to_find,
                   sum(l.reserved) OVER (PARTITION BY l.sku ORDER BY o.accepted_at, o.id) AS up_to,
                   sum(l.reserved) OVER (PARTITION BY l.sku)
                   - (s.reserved - (s.on_hand - s.unsellable)) AS there
              FROM stock_conflicts AS c
              JOIN stock AS s ON s.store_id = $1 AND s.sku = c.sku
              JOIN reservations AS r ON r.store_id = $1 AND r.sku = c.sku AND r.quantity > 0
              JOIN orders AS o ON o.store_id = $1 AND o.id = r.order_id
              JOIN order_lines AS l ON l.store_id = $1 AND l.order_id = o.id AND l.sku = c.sku
             WHERE c.store_id = $1 AND c.closed_at IS NULL AND l.reserved > 0) AS w
     WHERE $2 OR w.up_to > w.there
     ORDER BY w.sku, w.up_to
     LIMIT 5000
"""


@dataclass(frozen=True, slots=True)
class Claim:
    """An order that still has to be given units of an item of which too few are there."""

    conflict_id: UUID
    sku: Sku
    order_id: OrderId
    line: int
    to_find: int
    goes_without: bool
    """If the number is true; wholly or in part."""
    gets_none: bool
    """If the number is true; not one unit."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """What an order would go without.

    Shapes:
        items: of which the stock has too few for it.
        none_left: the lines of those of which it would get not one unit.
    """

    items: int
    none_left: tuple[int, ...] = ()


async def in_line(tx: Tx, store_id: StoreId) -> list[Claim]:
    """Return all orders that wait for an item in conflict: item by item, the first served first.

    The first promise is served first. What is in a tote or at the counter is had already, whoever
    holds it: only what has still to be found can turn out not to be there.
    """
    return [_claim(row) for row in await tx.rows(_IN_LINE, store_id, True)]


async def doubted(tx: Tx, store_id: StoreId) -> dict[OrderId, Doubt]:
    """Return the orders that would go without, if the numbers are true."""
    by_order: dict[OrderId, list[Claim]] = {}
    for row in await tx.rows(_IN_LINE, store_id, False):
        claim = _claim(row)
        by_order.setdefault(claim.order_id, []).append(claim)
    return {
        order_id: Doubt(len(claims), tuple(sorted(one.line for one in claims if one.gets_none)))
        for order_id, claims in by_order.items()
    }


def _claim(row: Mapping[str, Any]) -> Claim:
    return Claim(
        conflict_id=row["conflict_id"],
        sku=Sku(row["sku"]),
        order_id=OrderId(row["order_id"]),
        line=row["line"],
        to_find=row["to_find"],
        goes_without=row["goes_without"],
        gets_none=row["gets_none"],
    )
