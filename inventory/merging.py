"""What a store learns from a feed: the rule of reconciliation, over all its items at once.

What is there now is what the feed said, plus what has moved in the building since the feed's
instant. A newer word wins over an older one, and a person who counted wins over a feed that is not
newer. So the stock is the same in whatever order batches arrive, and however often.
"""

from typing import Final

from bopis.kernel.database import Tx
from bopis.kernel.ids import StoreId
from inventory.feed import Batch, Tally

_JUDGED: Final = """
    told AS (
        SELECT sku, quantity, COALESCE(as_of, $3) AS as_of
          FROM feed_stage
         WHERE store_id = $1 AND ($6::text[] IS NULL OR sku = ANY ($6))
    ),
    confirmed AS (          -- said again by a run that had no need to write it (rare: we are late)
        SELECT again.sku, max(c.as_of) AS as_of
          FROM feed_confirmations AS c CROSS JOIN LATERAL unnest(c.skus) AS again (sku)
         WHERE c.store_id = $1 AND c.as_of >= $4
         GROUP BY again.sku
    ),
    moves AS (              -- in the building, after the instant of the feed
        SELECT told.sku, sum(l.on_hand) AS on_hand, sum(l.reserved) AS reserved,
               sum(l.staged) AS staged
          FROM stock_ledger AS l JOIN told ON told.sku = l.sku
         WHERE l.store_id = $1 AND l.effective_at > $4 AND l.effective_at > told.as_of
           AND l.kind <> 'feed_set' AND l.kind <> 'count'
         GROUP BY told.sku
    ),
    waiting AS (
        SELECT sku, sum(staged) AS staged FROM reservations
         WHERE store_id = $1 AND quantity > 0 AND $5 = 'at_ready'
         GROUP BY sku
    ),
    weighed AS (
        SELECT told.sku, told.quantity, told.as_of, s.sku IS NULL AS is_new,
               COALESCE(s.on_hand, 0) AS was, s.feed_quantity, s.feed_source, s.counted_at,
               GREATEST(s.feed_as_of, confirmed.as_of) AS feed_as_of,
               (told.quantity + COALESCE(moves.on_hand, 0) + CASE $5
                   WHEN 'at_order' THEN COALESCE(s.reserved, 0) - COALESCE(moves.reserved, 0)
                   WHEN 'at_ready' THEN COALESCE(waiting.staged, 0) - COALESCE(moves.staged, 0)
                   ELSE 0 END)::int AS on_hand
          FROM told
          LEFT JOIN stock AS s ON s.store_id = $1 AND s.sku = told.sku
          LEFT JOIN confirmed ON confirmed.sku = told.sku
          LEFT JOIN moves ON moves.sku = told.sku
          LEFT JOIN waiting ON waiting.sku = told.sku
    ),
    judged AS (
        SELECT *, CASE
               WHEN as_of <= counted_at OR as_of < feed_as_of THEN 'stale'
               WHEN as_of = feed_as_of THEN CASE      -- two words of one instant: the lower one
                   WHEN quantity = feed_quantity AND feed_source = $2 THEN 'unchanged'
                   WHEN (quantity, $2) < (feed_quantity, feed_source) THEN 'changed'
                   ELSE 'stale' END
               WHEN on_hand = was AND quantity = feed_quantity AND feed_source = $2
                    AND as_of = $3 THEN 'confirmed'
               ELSE 'changed' END AS verdict
          FROM weighed
    )
"""
_JUDGE: Final = f"""
    WITH {_JUDGED}
    SELECT count(*) AS rows,
           count(*) FILTER (WHERE verdict = 'stale') AS stale,
           COALESCE(array_agg(sku) FILTER (WHERE verdict = 'changed'), '{{}}') AS changed,
           COALESCE(array_agg(sku) FILTER (WHERE verdict = 'confirmed'), '{{}}') AS confirmed
      FROM judged
"""  # noqa: S608 -- put together from constants
_LOCK: Final = """
    SELECT count(*) FROM (
        SELECT FROM stock WHERE store_id = $1 AND sku = ANY ($2::text[]) ORDER BY sku FOR UPDATE
    ) AS locked
"""
_CHANGE: Final = f"""
    WITH {_JUDGED},
    updated AS (
        UPDATE stock
           SET on_hand = j.on_hand, feed_quantity = j.quantity, feed_as_of = j.as_of,
               feed_source = $2, changed_at = $7
          FROM judged AS j
         WHERE stock.store_id = $1 AND stock.sku = j.sku
           AND j.verdict = 'changed' AND NOT j.is_new
        RETURNING stock.sku
    ),
    inserted AS (
        INSERT INTO stock (store_id, sku, on_hand, safety, feed_quantity, feed_as_of,
                           feed_source, changed_at)
        SELECT $1, sku, on_hand, $8, quantity, as_of, $2, $7
          FROM judged WHERE verdict = 'changed' AND is_new
         ORDER BY sku
        ON CONFLICT (store_id, sku) DO NOTHING
        RETURNING sku
    ),
    explained AS (
        INSERT INTO stock_ledger (store_id, id, sku, kind, on_hand, source, note,
                                  effective_at, recorded_at)
        SELECT $1, ($9 || lpad(to_hex(row_number() OVER ()), 12, '0'))::uuid, j.sku,
               'feed_set', j.on_hand - j.was, $2, $10, j.as_of, $7
          FROM judged AS j
         WHERE j.on_hand <> j.was AND j.sku IN (
               SELECT sku FROM updated UNION ALL SELECT sku FROM inserted)
    )
    SELECT (SELECT count(*) FROM updated) + (SELECT count(*) FROM inserted)
"""  # noqa: S608 -- put together from constants
_TERMS: Final = """
    SELECT COALESCE((SELECT safety FROM stores WHERE store_id = $1), 0) AS safety,
           COALESCE((SELECT books_pickup FROM feed_sources WHERE source = $2), 'at_handover')
           AS books_pickup,
           (SELECT LEAST(min(as_of), $3) FROM feed_stage WHERE store_id = $1) AS since
"""


async def snapshot(tx: Tx, store_id: StoreId, batch: Batch) -> Tally:
    """Judge all rows without a lock, then lock what changes, judge that again, and write it.

    Rows that say nothing new are only read. What changed hands between the two judgments (a
    hand-over, a count, another feed) is seen by the second, for nobody can move a locked row.
    """
    terms = await tx.row(_TERMS, store_id, batch.source, batch.as_of)
    assert terms is not None
    given = (store_id, batch.source, batch.as_of, terms["since"], terms["books_pickup"])
    tally = Tally()
    confirmed: list[str] = []
    for _ in range(3):  # again only if another feed brought a new item at the same moment
        judged = await tx.row(_JUDGE, *given, None)
        assert judged is not None
        changed = len(judged["changed"])
        if changed:
            await tx.value(_LOCK, store_id, judged["changed"])
            done = await tx.value(
                _CHANGE,
                *given,
                judged["changed"],
                tx.now,
                terms["safety"],
                str(tx.new_id())[:24],
                batch.batch_id,
            )
            tally.applied += done
            changed -= done
        tally.stale = judged["stale"]
        tally.unchanged = judged["rows"] - judged["stale"] - tally.applied
        confirmed = judged["confirmed"]
        if not changed:
            break
    if confirmed:
        await _confirm(tx, store_id, batch, confirmed)
    return tally


_CONFIRM: Final = """
    INSERT INTO feed_confirmations (store_id, source, batch_id, as_of, skus)
    VALUES ($1, $2, $3, $4, $5)
"""
_FORGET: Final = """
    DELETE FROM feed_confirmations
     WHERE store_id = $1 AND as_of < $2::timestamptz - interval '30 days'
"""


async def _confirm(tx: Tx, store_id: StoreId, batch: Batch, skus: list[str]) -> None:
    """Note what was said again. A month later nothing so old arrives any more."""
    await tx.run(_CONFIRM, store_id, batch.source, batch.batch_id, batch.as_of, skus)
    await tx.run(_FORGET, store_id, batch.as_of)


_ENSURE: Final = """
    INSERT INTO stock (store_id, sku, safety, changed_at)
    SELECT DISTINCT $1, sku, $2::int, $3::timestamptz FROM feed_stage
     WHERE store_id = $1
       AND NOT EXISTS (SELECT FROM stock WHERE store_id = $1 AND stock.sku = feed_stage.sku)
     ORDER BY sku
    ON CONFLICT (store_id, sku) DO NOTHING
"""
_LOCK_ALL: Final = """
    SELECT count(*) FROM (
        SELECT FROM stock
         WHERE store_id = $1 AND sku IN (SELECT sku FROM feed_stage WHERE store_id = $1)
         ORDER BY sku FOR UPDATE
    ) AS locked
"""
_ADD: Final = """
    WITH told AS (
        SELECT sku, COALESCE(as_of, $3) AS as_of, sum(quantity)::int AS quantity, count(*) AS rows
          FROM feed_stage WHERE store_id = $1
         GROUP BY sku, COALESCE(as_of, $3)
    ),
    confirmed AS (
        SELECT again.sku, max(c.as_of) AS as_of
          FROM feed_confirmations AS c CROSS JOIN LATERAL unnest(c.skus) AS again (sku)
         WHERE c.store_id = $1 AND c.as_of >= $4
         GROUP BY again.sku
    ),
    fresh AS (              -- what no snapshot and no count has seen yet
        SELECT told.* FROM told
          JOIN stock AS s ON s.store_id = $1 AND s.sku = told.sku
          LEFT JOIN confirmed ON confirmed.sku = told.sku
         WHERE told.as_of > COALESCE(GREATEST(s.counted_at, s.feed_as_of, confirmed.as_of),
                                     '-infinity')
    ),
    moved AS (
        UPDATE stock SET on_hand = stock.on_hand + f.quantity, changed_at = $5
          FROM (SELECT sku, sum(quantity)::int AS quantity FROM fresh GROUP BY sku) AS f
         WHERE stock.store_id = $1 AND stock.sku = f.sku
    ),
    explained AS (
        INSERT INTO stock_ledger (store_id, id, sku, kind, on_hand, source, note,
                                  effective_at, recorded_at)
        SELECT $1, ($6 || lpad(to_hex(row_number() OVER ()), 12, '0'))::uuid, sku,
               'feed_delta', quantity, $2, $7, as_of, $5
          FROM fresh WHERE quantity <> 0
    )
    SELECT (SELECT COALESCE(sum(rows), 0)::int FROM told) AS rows,
           (SELECT COALESCE(sum(rows), 0)::int FROM fresh) AS fresh
"""


async def delta(tx: Tx, store_id: StoreId, batch: Batch) -> Tally:
    """Add what came and went since the last snapshot or count, item by item.

    The feed's own instant does not move: an older snapshot that comes later is still taken, and
    then these entries are what it lacks.
    """
    terms = await tx.row(_TERMS, store_id, batch.source, batch.as_of)
    assert terms is not None
    await tx.run(_ENSURE, store_id, terms["safety"], tx.now)
    await tx.value(_LOCK_ALL, store_id)
    row = await tx.row(
        _ADD,
        store_id,
        batch.source,
        batch.as_of,
        terms["since"],
        tx.now,
        str(tx.new_id())[:24],
        batch.batch_id,
    )
    assert row is not None
    return Tally(applied=row["fresh"], stale=row["rows"] - row["fresh"])
