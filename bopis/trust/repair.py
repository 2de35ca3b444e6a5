"""Mends stock whose numbers and ledger disagree: by an entry with a reason, never by forgetting.

What is reserved follows the orders' holds, which are the truth. For what is on hand or unsellable
the number in use stays, because it is what the store was run by, and the ledger gets the entry that
it lacks.
"""

from dataclasses import dataclass
from typing import Final

from bopis.kernel.database import Database, Tx
from bopis.kernel.errors import Invalid
from bopis.kernel.ids import Sku, StoreId


class ReasonMissing(Invalid):
    title = "A repair needs a reason"


@dataclass(frozen=True, slots=True)
class Mended:
    """What was written for one item.

    Units:
        reserved_by: how far the stock's own ``reserved`` moved.
        on_hand, reserved, unsellable: the compensating entry of the ledger.
    """

    store_id: StoreId
    sku: Sku
    reserved_by: int
    on_hand: int
    reserved: int
    unsellable: int


_STORES: Final = "SELECT DISTINCT store_id FROM stock ORDER BY 1  /* fanout: repair */"
_LOCK: Final = "SELECT FROM stock WHERE store_id = $1 ORDER BY sku FOR UPDATE"
_DRIFT: Final = """
    SELECT s.sku, coalesce(r.held, 0) - s.reserved AS reserved_by,
           s.on_hand - coalesce(l.on_hand, 0) AS on_hand,
           coalesce(r.held, 0) - coalesce(l.reserved, 0) AS reserved,
           s.unsellable - coalesce(l.unsellable, 0) AS unsellable
      FROM stock s
      LEFT JOIN (SELECT sku, sum(quantity)::int AS held FROM reservations
                  WHERE store_id = $1 GROUP BY sku) r USING (sku)
      LEFT JOIN (SELECT sku, sum(on_hand)::int AS on_hand, sum(reserved)::int AS reserved,
                        sum(unsellable)::int AS unsellable
                   FROM stock_ledger WHERE store_id = $1 GROUP BY sku) l USING (sku)
     WHERE s.store_id = $1
       AND (coalesce(r.held, 0) <> s.reserved OR s.on_hand <> coalesce(l.on_hand, 0)
            OR coalesce(r.held, 0) <> coalesce(l.reserved, 0)
            OR s.unsellable <> coalesce(l.unsellable, 0))
     ORDER BY s.sku
"""
_SET: Final = """
    UPDATE stock SET reserved = reserved + $3, changed_at = $4 WHERE store_id = $1 AND sku = $2
"""
_ENTER: Final = """
    INSERT INTO stock_ledger (store_id, id, sku, kind, on_hand, reserved, unsellable, source, note,
                              effective_at, recorded_at)
    VALUES ($1, $2, $3, 'compensate', $4, $5, $6, $7, $8, $9, $9)
"""


async def repair(db: Database, reason: str, *, actor: str, dry_run: bool = False) -> list[Mended]:
    """Mend every store, one transaction each; return what was written, or would be.

    Idempotent: what is mended has no drift, so a second run finds nothing.

    Raises:
        ReasonMissing: Nobody will know later why a number changed.
    """
    if not reason.strip():
        raise ReasonMissing("Say why: the reason is kept with the entry.")
    async with db.transaction() as tx:
        stores = [StoreId(row["store_id"]) for row in await tx.rows(_STORES)]
    mended: list[Mended] = []
    for store_id in stores:
        async with db.transaction(store_id, actor=actor) as tx:
            mended += await mend(tx, store_id, reason.strip(), dry_run=dry_run)
    return mended


async def mend(tx: Tx, store_id: StoreId, reason: str, *, dry_run: bool) -> list[Mended]:
    """Mend one store under the locks of its stock rows, so that no order moves meanwhile."""
    if not dry_run:
        await tx.run(_LOCK, store_id)
    found = [Mended(store_id=store_id, **row) for row in await tx.rows(_DRIFT, store_id)]
    if dry_run:
        return found
    for one in found:
        if one.reserved_by:
            await tx.run(_SET, store_id, one.sku, one.reserved_by, tx.now)
        if one.on_hand or one.reserved or one.unsellable:
            await tx.run(
                _ENTER, store_id, tx.new_id(), one.sku, one.on_hand, one.reserved, one.unsellable,
                tx.actor, reason, tx.now,
            )  # fmt: skip
    return found
