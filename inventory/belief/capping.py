"""The most that may be promised of an item: written where ``reserve`` reads it, with the reason."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from bopis.kernel.database import Tx
from bopis.kernel.ids import Sku, StoreId


@dataclass(frozen=True, slots=True)
class Cap:
    """What may be promised of one item, and why.

    Units:
        most: in all, what is promised already included; None: no cap.
        chance: that at least one is found.
    """

    sku: Sku
    most: int | None
    record: int
    chance: float

    @property
    def words(self) -> str:
        if self.most is None:
            return "What may be promised follows the record again."
        return (
            f"We dare to promise {self.most} in all. The record says {self.record}; "
            f"one would be found {round(100 * self.chance)} times in 100."
        )


_LOCK: Final = """
    SELECT count(*) FROM (
        SELECT FROM stock WHERE store_id = $1 AND sku = ANY ($2::text[]) ORDER BY sku FOR UPDATE
    ) AS locked
"""
_WRITE: Final = """
    WITH said AS (
        SELECT id, sku, cap, note, version
          FROM unnest($2::uuid[], $3::text[], $4::int[], $5::text[], $6::text[])
               AS c (id, sku, cap, note, version)
    ),
    capped AS (             -- not where a pick has spoken since the belief was read
        UPDATE stock SET cap = said.cap, changed_at = $7
          FROM said
         WHERE stock.store_id = $1 AND stock.sku = said.sku
           AND stock.cap IS DISTINCT FROM said.cap
           AND (said.version IS NULL OR EXISTS (
               SELECT FROM beliefs AS b
                WHERE b.store_id = $1 AND b.sku = said.sku AND b.xmin::text = said.version))
        RETURNING said.id, said.sku, said.note
    )
    INSERT INTO stock_ledger (store_id, id, sku, kind, note, effective_at, recorded_at)
    SELECT $1, id, sku, 'believe', note, $7, $7 FROM capped
"""


_CAPPED: Final = """
    SELECT sku, on_hand - unsellable AS record FROM stock
     WHERE store_id = $1 AND cap IS NOT NULL ORDER BY sku FOR UPDATE
"""


async def lift(tx: Tx, store_id: StoreId) -> int:
    """Let a store promise what its record says again; return of how many items it did not."""
    rows = await tx.rows(_CAPPED, store_id)
    return await write(tx, store_id, [Cap(Sku(r["sku"]), None, r["record"], 1.0) for r in rows])


async def write(
    tx: Tx, store_id: StoreId, caps: Sequence[Cap], versions: Sequence[str] | None = None
) -> int:
    """Write caps that differ, each with an entry that says why; return how many did.

    Shapes:
        versions: of the beliefs from which the caps were worked out, if nobody has locked them.
    """
    if not caps:
        return 0
    skus = [cap.sku for cap in caps]
    if versions is not None:
        await tx.value(_LOCK, store_id, skus)
    return await tx.run(
        _WRITE,
        store_id,
        [tx.new_id() for _ in caps],
        skus,
        [cap.most for cap in caps],
        [cap.words for cap in caps],
        list(versions) if versions is not None else [None] * len(caps),
        tx.now,
    )
