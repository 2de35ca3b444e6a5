"""What may be sold of an item, here or elsewhere: read, and nothing held."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from bopis.kernel.database import Tx
from bopis.kernel.ids import Sku, StoreId


@dataclass(frozen=True, slots=True)
class Availability:
    """What may be sold, and since when we know.

    Units:
        available: units that an order could get now; never below zero.
        on_hand: units in the building; may be negative, where the numbers contradict.
        as_of: store clock; the newest of feed, confirmation and count.
    """

    sku: Sku
    available: int
    on_hand: int
    reserved: int
    as_of: datetime | None
    source: str | None


_AVAILABLE: Final = """
    SELECT stock.sku, on_hand, reserved, feed_as_of, feed_source, counted_at,
           GREATEST(LEAST(on_hand - unsellable - safety, cap, ceiling) - reserved - held + CASE
               WHEN held > 0 THEN (SELECT COALESCE(sum(over.quantity), 0)::int
                                     FROM hold_lines AS over
                                    WHERE over.store_id = $1 AND over.sku = stock.sku
                                      AND over.until <= $3)
               ELSE 0 END, 0) AS available,
           confirmed.as_of AS confirmed_at
      FROM stock
      LEFT JOIN LATERAL (
           SELECT as_of, source, skus FROM feed_confirmations
            WHERE store_id = $1 AND after < stock.sku ORDER BY as_of DESC, after DESC LIMIT 1
           ) AS confirmed
        ON confirmed.source = stock.feed_source AND stock.sku = ANY (confirmed.skus)
     WHERE stock.store_id = $1 AND stock.sku = ANY ($2::text[])
     LIMIT 1000
"""


async def availability(tx: Tx, store_id: StoreId, skus: Sequence[Sku]) -> dict[Sku, Availability]:
    """Return what may be sold of each item; one that this store never had is absent."""
    found = {}
    for row in await tx.rows(_AVAILABLE, store_id, skus, tx.now):
        fed = max(filter(None, (row["feed_as_of"], row["confirmed_at"])), default=None)
        counted = row["counted_at"]
        by_person = counted is not None and (fed is None or counted >= fed)
        found[Sku(row["sku"])] = Availability(
            sku=Sku(row["sku"]),
            available=row["available"],
            on_hand=row["on_hand"],
            reserved=row["reserved"],
            as_of=counted if by_person else fed,
            source="count" if by_person else row["feed_source"],
        )
    return found


_STORES_WITH: Final = """
    SELECT sku, store_id  /* fanout: refusal */
      FROM (
           SELECT wanted.sku, stock.store_id,
                  row_number() OVER (PARTITION BY wanted.sku ORDER BY
                      LEAST(stock.on_hand - stock.unsellable - stock.safety, stock.cap,
                            stock.ceiling)
                      - stock.reserved - stock.held + COALESCE(over.quantity, 0) DESC,
                      stock.store_id) AS place
             FROM unnest($1::text[], $2::int[]) AS wanted (sku, quantity)
             JOIN stores ON stores.is_active AND stores.store_id IS DISTINCT FROM $3
             JOIN stock ON stock.store_id = stores.store_id AND stock.sku = wanted.sku
             LEFT JOIN LATERAL (
                  SELECT sum(l.quantity)::int AS quantity FROM hold_lines AS l
                   WHERE stock.held > 0 AND l.store_id = stock.store_id AND l.sku = stock.sku
                     AND l.until <= $5
                  ) AS over ON true
            WHERE LEAST(stock.on_hand - stock.unsellable - stock.safety, stock.cap, stock.ceiling)
                  - stock.reserved - stock.held + COALESCE(over.quantity, 0) >= wanted.quantity
           ) AS stocked
     WHERE place <= $4
     ORDER BY sku, place
"""


async def stores_with(
    tx: Tx, wanted: Mapping[Sku, int], *, except_store: StoreId | None = None, limit: int = 5
) -> dict[Sku, list[StoreId]]:
    """Return, for each item, stores that could fill it now, the best stocked first.

    For a refusal that helps: nothing is locked, so it may be untrue a moment later.
    """
    found: dict[Sku, list[StoreId]] = {sku: [] for sku in wanted}
    for row in await tx.rows(
        _STORES_WITH, list(wanted), list(wanted.values()), except_store, limit, tx.now
    ):
        found[Sku(row["sku"])].append(StoreId(row["store_id"]))
    return found
