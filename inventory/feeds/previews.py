"""What a batch would do, asked without doing it: read, judged, and shown to a person.

The file goes through the same stage, the same verdicts and the same rule as one that is applied;
only nothing is locked, and every transaction is read only but for the temporary table.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import asyncpg

from bopis.kernel.database import Database, Tx
from bopis.kernel.ids import OrderId, Sku, StoreId
from inventory.feeds import gaps, intake, judging, merging, staging
from inventory.feeds.batches import Share
from inventory.feeds.feed import Batch, FeedKind
from inventory.feeds.intake import File
from inventory.feeds.models import BatchState, FeedGap
from inventory.feeds.rejects import Reject
from inventory.feeds.verdict import Cause

SHOWN: Final = 20
"""Items and orders of each store that are named."""


@dataclass(frozen=True, slots=True)
class Losing:
    """An order that would go without some units."""

    order_id: OrderId
    sku: Sku
    missing: int


@dataclass(frozen=True, slots=True)
class StorePreview:
    """What a batch would do in one store.

    Shapes:
        changes: the first items that would change: (item, units before, units after).
        losing: the first orders that would lose, in the order of their promises.
    """

    store_id: StoreId
    rows: int
    applied: int
    unchanged: int
    stale: int
    unknown: int
    conflicts: int
    changes: list[tuple[Sku, int, int]]
    losing: list[Losing]


@dataclass(slots=True)
class Preview:
    batch: Batch
    rows: int
    rejected: int
    would_be: BatchState
    cause: Cause | None
    problem: str | None
    gaps: list[FeedGap]
    rejects: list[Reject]
    stores: list[StorePreview] = field(default_factory=list)


async def preview(
    db: Database, file: File, batch: Batch, *, only_store: StoreId | None = None
) -> Preview:
    """Say what a batch would change, and whose order would lose. Nothing is written.

    Raises:
        FileUnreadable: Nothing in the file can be understood.
    """
    async with intake.staging(db, "feed_stage", staging.COLUMNS) as connection:
        staged = await staging.stage(db, connection, file, batch, only_store)
        async with db.transaction(on=connection) as tx:
            await _only_reading(tx)
            shares, verdicts = await judging.judge(tx, batch, staged.told())
            held = await gaps.before(tx, batch.source, batch.sequence)
        shown = Preview(
            batch=batch,
            rows=staged.rows,
            rejected=staged.rejected,
            would_be=BatchState.QUARANTINED if verdicts else BatchState.APPLIED,
            cause=verdicts[0].cause if verdicts else None,
            problem=" ".join(one.words for one in verdicts) or None,
            gaps=held,
            rejects=staged.rejects[:SHOWN],
        )
        for share in shares:
            shown.stores.append(await _store(db, connection, batch, share))
    if any(store.stale for store in shown.stores) and not any(
        store.applied or store.unchanged for store in shown.stores
    ):
        shown.would_be = BatchState.QUARANTINED if verdicts else BatchState.SUPERSEDED
    return shown


async def _only_reading(tx: Tx) -> None:
    await tx.run("SET TRANSACTION READ ONLY")


_SEEN_SNAPSHOT: Final = f"""
    {merging.JUDGED},
    seen AS MATERIALIZED (
        SELECT judged.sku, was, judged.on_hand,
               CASE WHEN verdict IN ('changed', 'new') AND items.sku IS NULL THEN 'unknown'
                    WHEN verdict = 'confirmed' THEN 'unchanged'
                    WHEN verdict = 'new' THEN 'changed' ELSE verdict END AS verdict,
               judged.on_hand - COALESCE(stock.unsellable, 0) AS there,
               COALESCE(stock.reserved, 0) AS reserved
          FROM judged
          LEFT JOIN items ON items.sku = judged.sku
          LEFT JOIN stock ON stock.store_id = $1 AND stock.sku = judged.sku
    )"""  # noqa: S608 -- put together from constants
_SEEN_DELTA: Final = """
    confirmed AS (
        SELECT again.sku, max(c.as_of) AS as_of
          FROM feed_confirmations AS c CROSS JOIN LATERAL unnest(c.skus) AS again (sku)
         WHERE c.store_id = $1 AND c.as_of >= $3
         GROUP BY again.sku
    ),
    said AS (
        SELECT told.sku, told.quantity, items.sku IS NULL AS is_unknown,
               COALESCE(s.on_hand, 0) AS was, COALESCE(s.unsellable, 0) AS unsellable,
               COALESCE(s.reserved, 0) AS reserved,
               COALESCE(told.as_of, $2) > COALESCE(
                   GREATEST(s.counted_at, s.feed_as_of, confirmed.as_of), '-infinity') AS is_fresh
          FROM feed_stage AS told
          LEFT JOIN items ON items.sku = told.sku
          LEFT JOIN stock AS s ON s.store_id = $1 AND s.sku = told.sku
          LEFT JOIN confirmed ON confirmed.sku = told.sku
         WHERE told.store_id = $1
    ),
    seen AS MATERIALIZED (
        SELECT sku, was, was + sum(quantity) FILTER (WHERE is_fresh) AS on_hand,
               CASE WHEN is_unknown THEN 'unknown'
                    WHEN bool_or(is_fresh) THEN 'changed' ELSE 'stale' END AS verdict,
               was - unsellable + sum(quantity) FILTER (WHERE is_fresh) AS there, reserved
          FROM said GROUP BY sku, is_unknown, was, unsellable, reserved
    )"""
_ASKED: Final = """
           count(*) AS rows,
           count(*) FILTER (WHERE verdict = 'changed') AS applied,
           count(*) FILTER (WHERE verdict = 'unchanged') AS unchanged,
           count(*) FILTER (WHERE verdict = 'stale') AS stale,
           count(*) FILTER (WHERE verdict = 'unknown') AS unknown,
           count(*) FILTER (WHERE verdict = 'changed' AND there < reserved) AS conflicts,
           (SELECT COALESCE(jsonb_agg(jsonb_build_array(c.sku, c.was, c.on_hand)), '[]')
              FROM (SELECT sku, was, on_hand FROM seen
                     WHERE verdict = 'changed' AND on_hand <> was ORDER BY sku LIMIT 20) AS c)
           AS changes,
           (SELECT COALESCE(jsonb_agg(jsonb_build_array(c.sku, c.there)), '[]')
              FROM (SELECT sku, there FROM seen
                     WHERE verdict = 'changed' AND there < reserved ORDER BY sku LIMIT 1000) AS c)
           AS short
      FROM seen
"""
_SNAPSHOT: Final = f"WITH {_SEEN_SNAPSHOT} SELECT {_ASKED}"
_DELTA: Final = f"WITH {_SEEN_DELTA} SELECT {_ASKED}"


async def _store(
    db: Database, connection: asyncpg.Connection, batch: Batch, share: Share
) -> StorePreview:
    async with db.transaction(share.store_id, on=connection) as tx:
        await _only_reading(tx)
        if batch.kind is FeedKind.DELTA:
            seen = await tx.row(_DELTA, share.store_id, batch.as_of, share.since)
        else:
            seen = await tx.row(_SNAPSHOT, *await _given(tx, batch, share))
        assert seen is not None
        losing = await _losing(tx, share.store_id, dict(seen["short"])) if seen["short"] else []
    counts: dict[str, Any] = {k: v for k, v in seen.items() if k not in {"changes", "short"}}
    counts["unknown"] += share.unknown
    counts["rows"] += share.unknown
    changes = [(Sku(sku), was, after) for sku, was, after in seen["changes"]]
    return StorePreview(share.store_id, changes=changes, losing=losing, **counts)


async def _given(tx: Tx, batch: Batch, share: Share) -> Sequence[object]:
    terms = await tx.row(merging.TERMS, share.store_id, batch.source, batch.sequence)
    assert terms is not None
    books = terms["books_pickup"]
    return (
        share.store_id,
        batch.source,
        batch.as_of,
        share.since,
        "",
        None,
        books,
        batch.batch_id,
    )


_LOSING: Final = """
    WITH short AS (
        SELECT * FROM unnest($2::text[], $3::int[]) AS s (sku, there)
    ),
    served AS (             -- the first promise first, as far as the units go
        SELECT r.order_id, r.sku, r.quantity, r.reserved_at,
               sum(r.quantity) OVER (PARTITION BY r.sku ORDER BY r.reserved_at, r.order_id)
               - GREATEST(short.there, 0) AS over
          FROM reservations AS r JOIN short ON short.sku = r.sku
         WHERE r.store_id = $1 AND r.quantity > 0
    )
    SELECT order_id, sku, LEAST(quantity, over)::int AS missing FROM served
     WHERE over > 0 ORDER BY reserved_at, order_id, sku LIMIT $4
"""


async def _losing(tx: Tx, store_id: StoreId, there: dict[str, int]) -> list[Losing]:
    """Return the orders that would go without, if so many units are there."""
    rows = await tx.rows(_LOSING, store_id, list(there), list(there.values()), SHOWN)
    return [Losing(OrderId(row["order_id"]), Sku(row["sku"]), row["missing"]) for row in rows]
