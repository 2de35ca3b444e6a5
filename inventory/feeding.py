"""How a batch runs: staged whole, judged whole, then applied store by store.

Each store has its own transaction, which ends with its run written down. Whoever is interrupted
sends the same batch again: stores with a run are passed over, the others go on. Until the last one
is done the batch is ``receiving``.
"""

from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Final

import asyncpg

from bopis.kernel.database import Database, DatabaseBusy
from bopis.kernel.ids import StoreId
from inventory import feed, feeds, intake
from inventory.feed import Batch, FeedKind, Tally
from inventory.intake import File
from inventory.models import BatchState, FeedBatch
from inventory.records import Reason, Reject

KEPT: Final = 10_000
"""Rejects of one batch that we keep; a file with more of them is wrong as a whole."""

TRIES: Final = 3

_SET_ASIDE: Final = BatchState.QUARANTINED
_COLUMNS: Final = """
    line int, store_id text COLLATE "C", sku text COLLATE "C", gtin text COLLATE "C",
    quantity bigint, as_of timestamptz
"""


@dataclass(slots=True)
class _Staged:
    """What was in the file, before any store hears of it."""

    rows: int = 0
    rejected: int = 0
    rejects: list[Reject] = field(default_factory=list)
    unknown: dict[str, int] = field(default_factory=dict)

    def keep(self, found: list[Reject]) -> None:
        self.rejects.extend(found[: KEPT - len(self.rejects)])


def batch_of(
    source: str,
    batch_id: str,
    file: File,
    *,
    kind: FeedKind,
    as_of: datetime,
    sequence: int | None,
) -> Batch:
    """Return the batch that a file is, with the digest of all that was said."""
    said = f"{kind} {as_of.timestamp()} {sequence} {file.form} {file.sha256}"
    digest = sha256(said.encode()).hexdigest()
    return Batch(source, batch_id, kind, as_of, digest, sequence)


_STORES: Final = "SELECT DISTINCT store_id FROM feed_stage ORDER BY 1"


async def take(
    db: Database,
    file: File,
    batch: Batch,
    *,
    actor: str,
    only_store: StoreId | None = None,
    despite_rejects: bool = False,
) -> FeedBatch:
    """Take in a batch and return it as it then stands. The same batch again changes nothing.

    Args:
        db: Where the stores are.
        file: The content.
        batch: Its name, and what was said about it.
        actor: For the audit trail.
        only_store: Rows of any other store are rejected.
        despite_rejects: Apply the good rows even if too many are bad for us to trust the file.

    Raises:
        BatchDiffers: The name belongs to another content.
        FileUnreadable: Nothing in the file can be understood; nothing was done.
        DatabaseBusy: A store could not be locked in time. Those before it are done: send it again.
    """
    async with db.transaction(actor=actor) as tx:
        known = await feeds.same(tx, batch)
    settled = {BatchState.APPLIED} if despite_rejects else {BatchState.APPLIED, _SET_ASIDE}
    if known is not None and known.state in settled:
        return known
    async with intake.staging(db, "feed_stage", _COLUMNS) as connection:
        staged = await _stage(db, connection, file, batch, only_store)
        async with db.transaction(actor=actor, on=connection) as tx:
            known = await feeds.begin(
                tx,
                batch,
                rows=staged.rows,
                rejected=staged.rejected,
                rejects=staged.rejects,
            )
        suspect = feed.is_suspect(staged.rows, staged.rejected)
        if suspect and not despite_rejects:
            problem = (
                f"{staged.rejected} of {staged.rows} rows are bad: too many to trust the rest. "
                "Nothing was applied."
            )
            return await _ended(db, batch, _SET_ASIDE, problem, on=connection)
        done = [
            await _store(
                db, connection, batch, StoreId(row["store_id"]), staged=staged, actor=actor
            )
            for row in await connection.fetch(_STORES)
        ]
    again = bool(done) and not any(done)
    words = "Every store has learned this before." if again else None
    if suspect:
        words = f"Applied on somebody's word, despite {staged.rejected} bad rows."
    return await _ended(db, batch, BatchState.APPLIED, words)


async def _ended(
    db: Database,
    batch: Batch,
    state: BatchState,
    problem: str | None,
    *,
    on: asyncpg.Connection | None = None,
) -> FeedBatch:
    async with db.transaction(on=on) as tx:
        await feeds.end(tx, batch, state, problem)
        found = await feeds.find(tx, batch.source, batch.batch_id)
    assert found is not None
    return found


async def _store(
    db: Database,
    connection: asyncpg.Connection,
    batch: Batch,
    store_id: StoreId,
    *,
    staged: _Staged,
    actor: str,
) -> Tally | None:
    """Apply the rows of one store; if somebody holds its rows for too long, try again."""
    unknown = staged.unknown.get(store_id, 0)
    for _ in range(TRIES - 1):
        try:
            async with db.transaction(store_id, actor=actor, on=connection) as tx:
                return await feeds.apply(tx, store_id, batch, unknown=unknown)
        except DatabaseBusy:
            continue
    async with db.transaction(store_id, actor=actor, on=connection) as tx:
        return await feeds.apply(tx, store_id, batch, unknown=unknown)


async def _stage(
    db: Database,
    connection: asyncpg.Connection,
    file: File,
    batch: Batch,
    only_store: StoreId | None,
) -> _Staged:
    """Copy the good rows into ``feed_stage``, and take out those that no store can use."""
    staged, with_gtin = _Staged(), False
    pages = feed.read(file.content, file.form, batch.kind, db.clock())
    async for page in intake.paged(pages):
        staged.rows += len(page.rows) + len(page.rejects)
        staged.rejected += len(page.rejects)
        staged.keep(page.rejects)
        with_gtin = with_gtin or any(row.gtin for row in page.rows)
        if page.rows:
            await connection.copy_records_to_table(
                "feed_stage", records=page.rows, columns=feed.Row._fields
            )
    if with_gtin:
        await connection.execute(_RESOLVE_GTINS)
        staged.rejected += await _take_out(connection, staged, _TOO_MANY, feed.MOST)
    staged.rejected += await _take_out(connection, staged, _STRANGE_STORES, only_store)
    for row in await connection.fetch(_UNKNOWN_ITEMS):
        staged.unknown[row["store_id"]] = row["rows"]
    if staged.unknown:
        await _take_out(connection, staged, _STRANGE_ITEMS)
    if batch.kind is FeedKind.SNAPSHOT:
        staged.rejected += await _one_row_an_item(connection, staged, batch.as_of)
    else:
        await connection.execute("CREATE INDEX ON feed_stage (store_id, sku)")
    await connection.execute("ANALYZE feed_stage")
    return staged


_RESOLVE_GTINS: Final = """
    UPDATE feed_stage AS s SET sku = g.sku, quantity = s.quantity * g.quantity
      FROM item_gtins AS g WHERE s.sku IS NULL AND g.gtin = s.gtin
"""
_TOO_MANY: Final = """
    WITH gone AS (
        DELETE FROM feed_stage WHERE abs(quantity) > $1
        RETURNING line, store_id, sku, gtin, quantity
    )
    SELECT line, 'quantity' AS field, 'out_of_range' AS reason,
           concat_ws(',', store_id, gtin, quantity) AS raw, count(*) OVER () AS total
      FROM gone ORDER BY line LIMIT 10000
"""
_STRANGE_STORES: Final = """
    WITH gone AS (
        DELETE FROM feed_stage AS s
         WHERE NOT EXISTS (SELECT FROM stores WHERE stores.store_id = s.store_id)
            OR s.store_id <> $1::text
        RETURNING line, store_id, COALESCE(sku, gtin) AS item, quantity
    )
    SELECT line, 'store_id' AS field, 'unknown_store' AS reason,
           concat_ws(',', store_id, item, quantity) AS raw, count(*) OVER () AS total
      FROM gone ORDER BY line LIMIT 10000
"""
_UNKNOWN_ITEMS: Final = """
    SELECT store_id, count(*) AS rows FROM feed_stage AS s
     WHERE NOT EXISTS (SELECT FROM items WHERE items.sku = s.sku)
     GROUP BY store_id
"""
_STRANGE_ITEMS: Final = """
    WITH gone AS (
        DELETE FROM feed_stage AS s
         WHERE NOT EXISTS (SELECT FROM items WHERE items.sku = s.sku)
        RETURNING line, store_id, sku, gtin, quantity
    )
    SELECT line, CASE WHEN sku IS NULL THEN 'gtin' ELSE 'sku' END AS field,
           'unknown_item' AS reason, concat_ws(',', store_id, COALESCE(sku, gtin), quantity) AS raw,
           count(*) OVER () AS total
      FROM gone ORDER BY line LIMIT 10000
"""


async def _take_out(
    connection: asyncpg.Connection, staged: _Staged, sql: str, *values: object
) -> int:
    """Take rows out of the stage, keep the first of them as rejects, return how many there were."""
    rows = await connection.fetch(sql, *values)
    staged.keep(
        [Reject(row["line"], row["field"], Reason(row["reason"]), row["raw"]) for row in rows]
    )
    return rows[0]["total"] if rows else 0


_UNIQUE: Final = "CREATE UNIQUE INDEX ON feed_stage (store_id, sku)"
_CONTRADICTED: Final = """
    WITH ranked AS (
        SELECT ctid AS place, quantity, COALESCE(as_of, $1) AS as_of,
               row_number() OVER last AS nth, first_value(quantity) OVER last AS kept,
               first_value(COALESCE(as_of, $1)) OVER last AS kept_as_of
          FROM feed_stage
        WINDOW last AS (PARTITION BY store_id, sku, gtin
                            ORDER BY COALESCE(as_of, $1) DESC, quantity, line)
    ),
    gone AS (
        DELETE FROM feed_stage AS s USING ranked
         WHERE s.ctid = ranked.place AND ranked.nth > 1
        RETURNING s.line, s.store_id, s.sku, s.quantity,
                  ranked.as_of = ranked.kept_as_of AND s.quantity <> ranked.kept AS is_strange
    )
    SELECT line, 'quantity' AS field, 'contradicted' AS reason,
           concat_ws(',', store_id, sku, quantity) AS raw, count(*) OVER () AS total
      FROM gone WHERE is_strange ORDER BY line LIMIT 10000
"""
_SUM_OVER_GTINS: Final = """
    WITH several AS (
        SELECT store_id, sku, min(line) AS line, sum(quantity) AS quantity,
               min(COALESCE(as_of, $1)) AS as_of
          FROM feed_stage GROUP BY store_id, sku HAVING count(*) > 1
    ),
    summed AS (
        UPDATE feed_stage AS s SET quantity = several.quantity, as_of = several.as_of
          FROM several
         WHERE s.store_id = several.store_id AND s.sku = several.sku AND s.line = several.line
    )
    DELETE FROM feed_stage AS s USING several
     WHERE s.store_id = several.store_id AND s.sku = several.sku AND s.line <> several.line
"""


async def _one_row_an_item(connection: asyncpg.Connection, staged: _Staged, as_of: datetime) -> int:
    """Leave one row for each item of a store; return how many rows contradicted it.

    The newest row stays, of one instant the lowest. An item that was counted under several codes,
    units and cases, is their sum. In most files nothing repeats: then the index says so at once.
    """
    try:
        await connection.execute(_UNIQUE)
    except asyncpg.UniqueViolationError:
        rejected = await _take_out(connection, staged, _CONTRADICTED, as_of)
        await connection.execute(_SUM_OVER_GTINS, as_of)
        await connection.execute(_UNIQUE)
        return rejected
    return 0
