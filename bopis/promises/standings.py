"""How stores stand, as the record last said: read where a store is chosen."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from bopis.kernel.database import Tx
from bopis.kernel.ids import StoreId
from bopis.promises.standing import Share, Standing, unknown

_ONE: Final = "SELECT * FROM store_standings WHERE store_id = $1"


async def one(tx: Tx, store_id: StoreId) -> Standing:
    """Return how a store stands; one never counted stands as one of which nobody knows."""
    row = await tx.row(_ONE, store_id)
    return unknown(store_id) if row is None else read(row)


_OF: Final = """
    SELECT * FROM store_standings  /* fanout: quote */ WHERE store_id = ANY ($1::text[])
"""


async def of(tx: Tx, store_ids: Sequence[StoreId]) -> dict[StoreId, Standing]:
    """Return how each of some stores stands."""
    found = {store_id: unknown(store_id) for store_id in store_ids}
    for row in await tx.rows(_OF, store_ids):
        found[StoreId(row["store_id"])] = read(row)
    return found


def read(row: Mapping[str, Any]) -> Standing:
    """Return what a row says."""
    return Standing(
        store_id=StoreId(row["store_id"]),
        found=Share(row["found_lower"], row["found_ok"], row["found_n"]),
        on_time=Share(row["on_time_lower"], row["on_time_ok"], row["on_time_n"]),
        ready_true=Share(row["ready_true_lower"], row["ready_true_ok"], row["ready_true_n"]),
        padding=row["padding"],
        computed_at=row["computed_at"],
    )


_PUT: Final = """
    INSERT INTO store_standings (store_id, found_lower, on_time_lower, ready_true_lower, found_ok,
        found_n, on_time_ok, on_time_n, ready_true_ok, ready_true_n, computed_at,
        padding)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
    ON CONFLICT (store_id) DO UPDATE
    SET found_lower = EXCLUDED.found_lower, on_time_lower = EXCLUDED.on_time_lower,
        ready_true_lower = EXCLUDED.ready_true_lower, found_ok = EXCLUDED.found_ok,
        found_n = EXCLUDED.found_n, on_time_ok = EXCLUDED.on_time_ok,
        on_time_n = EXCLUDED.on_time_n, ready_true_ok = EXCLUDED.ready_true_ok,
        ready_true_n = EXCLUDED.ready_true_n, computed_at = EXCLUDED.computed_at,
        padding = EXCLUDED.padding
"""


async def put(tx: Tx, standing: Standing) -> None:
    """Write down how a store stands: over what was there."""
    found, on_time, ready = standing.found, standing.on_time, standing.ready_true
    await tx.run(
        _PUT,
        standing.store_id,
        found.lower,
        on_time.lower,
        ready.lower,
        found.ok,
        found.n,
        on_time.ok,
        on_time.n,
        ready.ok,
        ready.n,
        tx.now,
        standing.padding,
    )
