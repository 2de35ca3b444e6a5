"""What a store learns from a feed: the rule of reconciliation, over many of its items at once.

What is there now is what the feed said, plus what has moved in the building since the feed's
instant. A newer word wins over an older one, and a person who counted wins over a feed that is not
newer. So the stock is the same in whatever order batches arrive, and however often.

A store's rows are taken in slices, in the order of their items: each slice is one statement, or
few. Rows that say nothing new are only read; they are neither locked nor written.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from bopis.kernel.database import Tx
from bopis.kernel.ids import Sku, StoreId
from inventory.feeds.feed import Batch, Tally
from inventory.looking import conflicts


@dataclass(frozen=True, slots=True)
class Slice:
    """Some of the rows that wait in ``feed_stage`` for a store, in the order of their items.

    Shapes:
        since: no row of the store is older.
        after: the item before the first one.
        upto: the last item; None: of all.
    """

    store_id: StoreId
    batch: Batch
    since: datetime
    after: str = ""
    upto: str | None = None


TERMS: Final = """
    SELECT COALESCE((SELECT safety FROM stores WHERE store_id = $1), 0) AS safety,
           COALESCE((SELECT books_pickup FROM feed_sources WHERE source = $2), 'at_handover')
           AS books_pickup,
           EXISTS (SELECT FROM feed_gaps WHERE source = $2 AND closed_at IS NULL
                                           AND sequence < COALESCE($3::int, sequence + 1))
           AS is_held
"""
_DOUBT: Final = """
    INSERT INTO feed_doubts (store_id, source, since) VALUES ($1, $2, $3)
    ON CONFLICT (store_id, source) DO NOTHING
"""
JUDGED: Final = """
    told AS NOT MATERIALIZED (
        SELECT sku, quantity, COALESCE(as_of, $3) AS as_of
          FROM feed_stage
         WHERE store_id = $1 AND ($5 = '' OR sku > $5) AND ($6::text IS NULL OR sku <= $6)
    ),
    since AS (              -- all that has happened to an item after the instant of the feed
        SELECT sku, max(as_of) AS as_of, sum(on_hand) AS on_hand, sum(reserved) AS reserved,
               sum(staged) AS staged
          FROM (            -- said again by another run, and not written (rare: we are late)
               SELECT again.sku, c.as_of, 0 AS on_hand, 0 AS reserved, 0 AS staged
                 FROM feed_confirmations AS c CROSS JOIN LATERAL unnest(c.skus) AS again (sku)
                WHERE c.store_id = $1 AND c.as_of >= $4 AND (c.source, c.batch_id) <> ($2, $8)
               UNION ALL    -- moved in the building
               SELECT told.sku, NULL, l.on_hand, l.reserved, l.staged
                 FROM stock_ledger AS l JOIN told ON told.sku = l.sku
                WHERE l.store_id = $1 AND l.effective_at > $4 AND l.effective_at > told.as_of
                  AND l.kind <> 'feed_set' AND l.kind <> 'count'
               ) AS happened
         GROUP BY sku
    ),
    waiting AS (
        SELECT sku, sum(staged) AS staged FROM reservations
         WHERE store_id = $1 AND quantity > 0 AND $7 = 'at_ready'
         GROUP BY sku
    ),
    weighed AS (
        SELECT told.sku, told.quantity, told.as_of, s.ctid AS place, s.xmin AS version,
               COALESCE(s.on_hand, 0) AS was, s.feed_quantity, s.feed_source, s.counted_at,
               GREATEST(s.feed_as_of, since.as_of) AS feed_as_of,
               (told.quantity + COALESCE(since.on_hand, 0) + CASE $7
                   WHEN 'at_order' THEN COALESCE(s.reserved, 0) - COALESCE(since.reserved, 0)
                   WHEN 'at_ready' THEN COALESCE(waiting.staged, 0) - COALESCE(since.staged, 0)
                   ELSE 0 END)::int AS on_hand
          FROM told
          LEFT JOIN stock AS s ON s.store_id = $1 AND s.sku = told.sku
                              AND ($5 = '' OR s.sku > $5)
                              AND ($6::text IS NULL OR s.sku <= $6)
          LEFT JOIN since ON since.sku = told.sku
          LEFT JOIN waiting ON waiting.sku = told.sku
    ),
    judged AS NOT MATERIALIZED (
        SELECT sku, quantity, as_of, place, version, was, on_hand, CASE
               WHEN as_of <= counted_at OR as_of < feed_as_of THEN 'stale'
               WHEN as_of = feed_as_of THEN CASE      -- two words of one instant: the lower one
                   WHEN quantity = feed_quantity AND feed_source = $2 THEN 'unchanged'
                   WHEN (quantity, $2) < (feed_quantity, feed_source) THEN 'changed'
                   ELSE 'stale' END
               WHEN on_hand = was AND quantity = feed_quantity AND feed_source = $2
                    AND as_of = $3 THEN 'confirmed'
               WHEN place IS NULL THEN 'new'
               ELSE 'changed' END AS verdict
          FROM weighed
        OFFSET 0           -- each row is judged once, however often its verdict is asked for
    )
"""
_MERGE: Final = f"""
    WITH {JUDGED},
    counted AS MATERIALIZED (      -- what is news is kept, so that no row is judged twice
        SELECT count(*) AS rows,
               count(*) FILTER (WHERE verdict = 'stale') AS stale,
               array_agg(sku) FILTER (WHERE verdict = 'confirmed') AS confirmed,
               array_agg(ROW(sku, quantity, as_of, place, version, was, on_hand, verdict))
               FILTER (WHERE verdict IN ('changed', 'new')) AS news
          FROM judged
    ),
    again AS (
        INSERT INTO feed_confirmations (store_id, source, batch_id, after, as_of, skus)
        SELECT $1, $2, $8, $5, $3, confirmed FROM counted WHERE confirmed IS NOT NULL
        ON CONFLICT (store_id, source, batch_id, after) DO UPDATE SET skus = EXCLUDED.skus
    ),
    news AS MATERIALIZED (
        SELECT n.*
          FROM counted CROSS JOIN LATERAL unnest(counted.news)
               AS n (sku text COLLATE "C", quantity bigint, as_of timestamptz, place tid,
                     version xid, was int, on_hand int, verdict text)
    ),
    locked AS MATERIALIZED (       -- in sku order; not what somebody has touched since we looked
        SELECT j.sku, j.quantity, j.as_of, j.was, j.on_hand, s.ctid AS place
          FROM news AS j
          JOIN stock AS s ON s.store_id = $1 AND s.ctid = j.place AND s.xmin = j.version
         WHERE j.verdict = 'changed'
         ORDER BY j.sku
           FOR UPDATE OF s
    ),
    updated AS (
        UPDATE stock
           SET on_hand = j.on_hand, feed_quantity = j.quantity, feed_as_of = j.as_of,
               feed_source = $2, changed_at = $9,
               ceiling = CASE      -- while a batch is missing: no more than was sold before
                   WHEN NOT $12::bool THEN stock.ceiling
                   WHEN j.on_hand > LEAST(stock.on_hand,
                                          stock.ceiling + stock.unsellable + stock.safety)
                   THEN LEAST(stock.on_hand - stock.unsellable - stock.safety, stock.ceiling)
                   END
          FROM locked AS j
         WHERE stock.store_id = $1 AND stock.ctid = j.place
        RETURNING stock.sku, stock.feed_as_of, j.was, stock.on_hand,
                  stock.on_hand - stock.unsellable < stock.reserved AS contradicts
    ),
    inserted AS (
        INSERT INTO stock (store_id, sku, on_hand, safety, feed_quantity, feed_as_of,
                           feed_source, changed_at, ceiling)
        SELECT $1, sku, on_hand, $10, quantity, as_of, $2, $9, CASE WHEN $12::bool THEN 0 END
          FROM news
         WHERE verdict = 'new' AND EXISTS (SELECT FROM items WHERE items.sku = news.sku)
         ORDER BY sku
        ON CONFLICT (store_id, sku) DO NOTHING
        RETURNING sku, feed_as_of, 0 AS was, on_hand, on_hand < 0 AS contradicts
    ),
    written AS (SELECT * FROM updated UNION ALL SELECT * FROM inserted),
    explained AS (
        INSERT INTO stock_ledger (store_id, id, sku, kind, on_hand, source, note,
                                  effective_at, recorded_at)
        SELECT $1, ($11 || lpad(to_hex(row_number() OVER ()), 12, '0'))::uuid, sku,
               'feed_set', on_hand - was, $2, $8, feed_as_of, $9
          FROM written WHERE on_hand <> was
    )
    SELECT (SELECT rows FROM counted) AS rows,
           (SELECT stale FROM counted) AS stale,
           count(*) AS news,
           count(*) FILTER (WHERE verdict = 'new' AND NOT EXISTS (
               SELECT FROM items WHERE items.sku = news.sku)) AS unknown,
           (SELECT count(*) FROM written) AS written,
           (SELECT array_agg(w.sku ORDER BY w.sku)
              FROM written AS w
              LEFT JOIN stock_conflicts AS c
                ON c.store_id = $1 AND c.sku = w.sku AND c.closed_at IS NULL
             WHERE w.contradicts OR c.id IS NOT NULL) AS turned
      FROM news
"""  # noqa: S608 -- put together from constants


async def snapshot(tx: Tx, part: Slice) -> Tally:
    """Judge some rows without a lock, note what is said again, and write what is new: in one go.

    A row is written only in the version that was judged. What has changed hands meanwhile (a
    hand-over, a count, another feed) is locked but not written; then all is judged again, and as
    nobody can move a locked row, what is left is written.
    """
    batch = part.batch
    terms = await tx.row(TERMS, part.store_id, batch.source, batch.sequence)
    assert terms is not None
    if terms["is_held"]:
        await tx.run(_DOUBT, part.store_id, batch.source, tx.now)
    given = (
        part.store_id,
        batch.source,
        batch.as_of,
        part.since,
        part.after,
        part.upto,
        terms["books_pickup"],
        batch.batch_id,
    )
    tally = Tally()
    for _ in range(3):  # more than once, if others have been faster with some of the items
        done = await tx.row(
            _MERGE, *given, tx.now, terms["safety"], str(tx.new_id())[:24], terms["is_held"]
        )
        assert done is not None
        tally.applied += done["written"]
        tally.stale, tally.unknown = done["stale"], done["unknown"]
        tally.unchanged = done["rows"] - tally.stale - tally.unknown - tally.applied
        tally.conflicts += await _settle(tx, part, done["turned"])
        if done["news"] - done["unknown"] == done["written"]:
            break
    return tally


async def _settle(tx: Tx, part: Slice, turned: list[Sku] | None) -> int:
    """Settle the conflicts of items whose numbers turned; return how many were opened."""
    if not turned:
        return 0
    batch = part.batch
    return await conflicts.settle(
        tx, part.store_id, turned, source=batch.source, batch_id=batch.batch_id
    )


_FORGET: Final = """
    DELETE FROM feed_confirmations
     WHERE store_id = $1 AND as_of < $2::timestamptz - interval '30 days'
"""
"""A month later nothing so old arrives any more."""


async def forget(tx: Tx, store_id: StoreId, batch: Batch) -> None:
    """Forget what was confirmed so long ago that no file can contradict it any more."""
    await tx.run(_FORGET, store_id, batch.as_of)


_ENSURE: Final = """
    INSERT INTO stock (store_id, sku, safety, changed_at)
    SELECT DISTINCT $1, sku, COALESCE((SELECT safety FROM stores WHERE store_id = $1), 0),
                    $2::timestamptz
      FROM feed_stage
     WHERE store_id = $1 AND sku > $3 AND ($4::text IS NULL OR sku <= $4)
       AND NOT EXISTS (SELECT FROM stock WHERE store_id = $1 AND stock.sku = feed_stage.sku)
       AND EXISTS (SELECT FROM items WHERE items.sku = feed_stage.sku)
     ORDER BY sku
    ON CONFLICT (store_id, sku) DO NOTHING
"""
_LOCK: Final = """
    SELECT count(*) FROM (
        SELECT FROM stock
         WHERE store_id = $1 AND sku IN (
               SELECT sku FROM feed_stage
                WHERE store_id = $1 AND sku > $2 AND ($3::text IS NULL OR sku <= $3))
         ORDER BY sku FOR UPDATE
    ) AS locked
"""
_DELTA: Final = """
    WITH told AS (
        SELECT sku, COALESCE(as_of, $3) AS as_of, sum(quantity)::int AS quantity, count(*) AS rows
          FROM feed_stage
         WHERE store_id = $1 AND sku > $5 AND ($6::text IS NULL OR sku <= $6)
         GROUP BY sku, COALESCE(as_of, $3)
    ),
    confirmed AS (
        SELECT again.sku, max(c.as_of) AS as_of
          FROM feed_confirmations AS c CROSS JOIN LATERAL unnest(c.skus) AS again (sku)
         WHERE c.store_id = $1 AND c.as_of >= $4
         GROUP BY again.sku
    ),
    known AS (              -- fresh: what no snapshot and no count has seen yet
        SELECT told.*, told.as_of > COALESCE(
               GREATEST(s.counted_at, s.feed_as_of, confirmed.as_of), '-infinity') AS is_fresh
          FROM told
          JOIN stock AS s ON s.store_id = $1 AND s.sku = told.sku
          LEFT JOIN confirmed ON confirmed.sku = told.sku
    ),
    moved AS (
        UPDATE stock
           SET on_hand = stock.on_hand + f.quantity, changed_at = $7,
               ceiling = CASE      -- while a batch is missing: less at once, more when it is here
                   WHEN f.quantity > 0 AND $10::bool
                   THEN LEAST(stock.on_hand - stock.unsellable - stock.safety, stock.ceiling)
                   ELSE stock.ceiling + LEAST(f.quantity, 0) END
          FROM (SELECT sku, sum(quantity)::int AS quantity FROM known
                 WHERE is_fresh GROUP BY sku) AS f
         WHERE stock.store_id = $1 AND stock.sku = f.sku
        RETURNING stock.sku, stock.on_hand - stock.unsellable < stock.reserved AS contradicts
    ),
    explained AS (
        INSERT INTO stock_ledger (store_id, id, sku, kind, on_hand, source, note,
                                  effective_at, recorded_at)
        SELECT $1, ($8 || lpad(to_hex(row_number() OVER ()), 12, '0'))::uuid, sku,
               'feed_delta', quantity, $2, $9, as_of, $7
          FROM known WHERE is_fresh AND quantity <> 0
    )
    SELECT (SELECT COALESCE(sum(rows), 0)::int FROM told) AS rows,
           (SELECT COALESCE(sum(rows), 0)::int FROM known) AS known,
           (SELECT COALESCE(sum(rows), 0)::int FROM known WHERE is_fresh) AS fresh,
           (SELECT array_agg(m.sku ORDER BY m.sku)
              FROM moved AS m
              LEFT JOIN stock_conflicts AS c
                ON c.store_id = $1 AND c.sku = m.sku AND c.closed_at IS NULL
             WHERE m.contradicts OR c.id IS NOT NULL) AS turned
"""


async def delta(tx: Tx, part: Slice) -> Tally:
    """Add what came and went since the last snapshot or count, item by item.

    The feed's own instant does not move: an older snapshot that comes later is still taken, and
    then these entries are what it lacks.
    """
    batch = part.batch
    terms = await tx.row(TERMS, part.store_id, batch.source, batch.sequence)
    assert terms is not None
    if terms["is_held"]:
        await tx.run(_DOUBT, part.store_id, batch.source, tx.now)
    await tx.run(_ENSURE, part.store_id, tx.now, part.after, part.upto)
    await tx.value(_LOCK, part.store_id, part.after, part.upto)
    found = await tx.row(
        _DELTA,
        part.store_id,
        batch.source,
        batch.as_of,
        part.since,
        part.after,
        part.upto,
        tx.now,
        str(tx.new_id())[:24],
        batch.batch_id,
        terms["is_held"],
    )
    assert found is not None
    return Tally(
        applied=found["fresh"],
        stale=found["known"] - found["fresh"],
        unknown=found["rows"] - found["known"],
        conflicts=await _settle(tx, part, found["turned"]),
    )
