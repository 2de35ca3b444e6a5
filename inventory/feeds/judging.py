"""What speaks against a batch, asked once it is staged and before any store learns it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from bopis.kernel.database import Tx
from bopis.kernel.ids import StoreId
from inventory.feeds import verdict
from inventory.feeds.batches import Share
from inventory.feeds.feed import Batch, FeedKind
from inventory.feeds.verdict import Swing, Verdict

_BOUND: Final = "SELECT swing FROM feed_sources WHERE source = $1"


@dataclass(frozen=True, slots=True)
class Told:
    """What was in a file.

    Units:
        rows: all of them, good and bad.
        rejected: those that cannot be used, with those about stores that we do not know.
        strange: rows about stores that we do not know.
    """

    rows: int
    rejected: int
    strange: int
    strangers: Sequence[str]
    shares: Sequence[Share]


async def judge(tx: Tx, batch: Batch, told: Told) -> tuple[list[Share], list[Verdict]]:
    """Return the shares with what they add up to, and all that speaks against a batch.

    Shapes:
        returns: verdicts, the gravest first; none: the batch may be believed.
    """
    found = [
        verdict.of_totals(
            rows=told.rows,
            rows_said=batch.rows_said,
            sha256=batch.sha256,
            sha256_said=batch.sha256_said,
        ),
        verdict.of_stores(rows=told.rows, strange=told.strange, names=told.strangers)
        or verdict.of_rows(rows=told.rows, rejected=told.rejected),
    ]
    source = await tx.row(_BOUND, batch.source)
    bound = verdict.SWING if source is None else source["swing"]
    shares = list(told.shares)
    if bound is not None and batch.kind is FeedKind.SNAPSHOT:
        shares, swings = await _weighed(tx, batch, shares, bound)
        found.append(verdict.of_swings(swings, bound))
    return shares, [one for one in found if one is not None]


async def _weighed(
    tx: Tx, batch: Batch, shares: Sequence[Share], bound: float
) -> tuple[list[Share], list[Swing]]:
    """Return the shares with their units, and what they would do to stores where it may be much.

    A store of which the source says about as much as it last did is not looked at again: most are
    such, and their rows would have to be read twice.
    """
    units = await _units(tx, shares)
    told = [replace(share, units=units.get(share.store_id) or 0) for share in shares]
    last = await _last(tx, batch.source, [share.store_id for share in shares])
    swings = []
    for share in told:
        before = last.get(share.store_id)
        if before is None or abs((share.units or 0) - before) > bound / 2 * before:
            swings.append(await _swing(tx, batch, share.store_id))
    return told, swings


_ALL: Final = "SELECT sum(quantity::int) FROM feed_stage"
_UNITS: Final = """
    SELECT asked.store_id, told.units
      FROM unnest($1::text[]) AS asked (store_id)
      CROSS JOIN LATERAL (      -- by the index: half the price of grouping
           SELECT sum(quantity::int) AS units FROM feed_stage
            WHERE feed_stage.store_id = asked.store_id) AS told
"""


async def _units(tx: Tx, shares: Sequence[Share]) -> dict[str, int | None]:
    """Return how many units a file says each store has. No other store's rows are staged."""
    stores = [share.store_id for share in shares]
    if len(stores) == 1:
        known = shares[0].units  # by whoever read it
        return {stores[0]: await tx.value(_ALL) if known is None else known}
    return {row["store_id"]: row["units"] for row in await tx.rows(_UNITS, stores)}


_LAST: Final = """
    SELECT asked.store_id, last.units  /* fanout: one batch */
      FROM unnest($2::text[]) AS asked (store_id)
      CROSS JOIN LATERAL (
           SELECT r.units FROM feed_runs AS r
            WHERE r.store_id = asked.store_id AND r.source = $1 AND r.units IS NOT NULL
            ORDER BY r.as_of DESC LIMIT 1) AS last
"""


async def _last(tx: Tx, source: str, stores: Sequence[StoreId]) -> dict[str, int]:
    rows = await tx.rows(_LAST, source, stores)
    return {row["store_id"]: row["units"] for row in rows}


_SWING: Final = """
    SELECT COALESCE((SELECT sum(GREATEST(on_hand, 0)) FROM stock WHERE store_id = $1), 0)::bigint
           AS known,
           COALESCE(sum(told.quantity - GREATEST(stock.on_hand, 0)), 0)::bigint AS change
      FROM feed_stage AS told
      JOIN stock ON stock.store_id = $1 AND stock.sku = told.sku
     WHERE told.store_id = $1
       AND COALESCE(told.as_of, $2) > COALESCE(
           GREATEST(stock.feed_as_of, stock.counted_at), '-infinity')
"""


async def _swing(tx: Tx, batch: Batch, store_id: StoreId) -> Swing:
    row = await tx.row(_SWING, store_id, batch.as_of)
    assert row is not None
    return Swing(store_id, row["known"], row["change"])
