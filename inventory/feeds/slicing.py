"""How much of a store's rows is judged at once: they wait in ``feed_stage``, in no order."""

from typing import Final

from bopis.kernel.database import Tx
from bopis.kernel.ids import StoreId

_CALM: Final = """
    SELECT count(*) FILTER (WHERE stock.feed_quantity IS DISTINCT FROM told.quantity) * $3::int
           <= count(*)
      FROM (SELECT sku, quantity FROM feed_stage WHERE store_id = $1 AND sku > $2 LIMIT 200)
           AS told
      LEFT JOIN stock ON stock.store_id = $1 AND stock.sku = told.sku
"""


async def first(tx: Tx, store_id: StoreId, after: str, *, least: int, most: int) -> int:
    """Return how many rows to begin with: by a glance at some of them, whether much has changed."""
    return most if await tx.value(_CALM, store_id, after, most // least) else least


_FIND_ROWS: Final = "CREATE INDEX IF NOT EXISTS feed_stage_items ON feed_stage (store_id, sku)"


async def prepare(tx: Tx) -> None:
    """Let rows be found by their item, where a file was staged in the hope of one slice."""
    await tx.run(_FIND_ROWS)


_LAST: Final = """
    SELECT sku FROM feed_stage WHERE store_id = $1 AND sku > $2 ORDER BY sku OFFSET $3 LIMIT 2
"""


async def last(tx: Tx, store_id: StoreId, after: str, size: int) -> str | None:
    """Return the last item of so many after one; None: none comes after these."""
    found = await tx.rows(_LAST, store_id, after, size - 1)
    return found[0]["sku"] if len(found) > 1 else None
