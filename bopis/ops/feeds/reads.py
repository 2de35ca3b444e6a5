"""What sources sent, and what waits for a person. Nothing here changes anything."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from bopis.kernel.database import Database, Tx
from bopis.kernel.ids import OrderId, Sku, StoreId
from bopis.ops.reads import Scope
from bopis.ops.views import Rows
from inventory import items
from inventory.feeds import batches, contents, feeding, gaps, previews, quarantine
from inventory.feeds.models import FeedBatch, FeedGap, FeedReject, FeedRun
from inventory.feeds.previews import Preview
from inventory.sources import cadence, declarations
from inventory.sources.cadence import Silence
from inventory.sources.declarations import Declared

Row = dict[str, Any]

BATCHES: Final = 60
REJECTS: Final = 10_000


@dataclass(frozen=True, slots=True)
class Source:
    """Who speaks, how it reaches us, and whether it is silent."""

    silence: Silence
    declared: Declared | None
    terms: Row
    doubted: int
    """In how many stores something of it is held down."""


@dataclass(frozen=True, slots=True)
class Overview:
    sources: Sequence[Source]
    waiting: Sequence[FeedBatch]
    gaps: Sequence[FeedGap]
    batches: Rows


_TERMS: Final = """
    SELECT c.source, c.books_pickup, c.cadence_minutes, f.succeeded_at, f.failures, f.problem
      FROM feed_sources c LEFT JOIN feed_fetches f ON f.source = c.source
     ORDER BY c.source LIMIT 1000
"""
_DOUBTED: Final = """
    SELECT source, count(*)::int AS stores FROM feed_doubts  /* fanout: ops */
     GROUP BY source LIMIT 1000
"""
_OF_STORE: Final = """
    SELECT DISTINCT source FROM feed_runs
     WHERE store_id = $1 AND as_of > $2::timestamptz - interval '30 days' LIMIT 1000
"""
_BATCHES: Final = """
    SELECT b.*
      FROM feed_batches b  /* fanout: ops */
     WHERE $1::text IS NULL
        OR EXISTS (SELECT FROM feed_runs r
                    WHERE r.store_id = $1 AND r.source = b.source AND r.batch_id = b.batch_id)
     ORDER BY b.received_at DESC, b.batch_id LIMIT $2
"""
_TALLIES: Final = """
    SELECT r.source, r.batch_id, count(*)::int AS stores, sum(r.applied)::int AS applied,
           sum(r.unchanged)::int AS unchanged, sum(r.stale)::int AS stale,
           sum(r.unknown)::int AS unknown, sum(r.conflicts)::int AS conflicts
      FROM stores s  /* fanout: ops */
      JOIN feed_runs r ON r.store_id = s.store_id AND r.as_of = ANY ($2::timestamptz[])
     WHERE $1::text IS NULL OR s.store_id = $1
     GROUP BY r.source, r.batch_id LIMIT 10000
"""
_UNTOLD: Final = {"stores": 0, "applied": 0, "unchanged": 0, "stale": 0, "unknown": 0,
                  "conflicts": 0}  # fmt: skip


async def overview(tx: Tx, scope: Scope) -> Overview:
    """Return every source with its silence, what waits for a person, and the last batches.

    A key for one store is told of the sources that speak of it, and decides nothing: a batch may
    be about any store.
    """
    terms = {row["source"]: dict(row) for row in await tx.rows(_TERMS)}
    declared = {one.source: one for one in await declarations.listed(tx)}
    doubted = {row["source"]: row["stores"] for row in await tx.rows(_DOUBTED)}
    silences = await cadence.silences(tx)
    if scope is not None:
        heard = {row["source"] for row in await tx.rows(_OF_STORE, scope, tx.now)}
        silences = [one for one in silences if one.source in heard]
    return Overview(
        sources=[
            Source(one, declared.get(one.source), terms[one.source], doubted.get(one.source, 0))
            for one in silences
        ],
        waiting=await quarantine.waiting(tx) if scope is None else (),
        gaps=await gaps.opened(tx) if scope is None else (),
        batches=await lately(tx, scope),
    )


async def lately(tx: Tx, scope: Scope, *, limit: int = BATCHES) -> Rows:
    """Return the last batches with what became of their rows, the newest first."""
    rows = [dict(row) for row in await tx.rows(_BATCHES, scope, limit)]
    tallies = {
        (row["source"], row["batch_id"]): dict(row)
        for row in await tx.rows(_TALLIES, scope, [row["as_of"] for row in rows])
    }
    return [_UNTOLD | row | tallies.get((row["source"], row["batch_id"]), {}) for row in rows]


@dataclass(frozen=True, slots=True)
class Told:
    """One batch, with what it did in each store and what of it could not be used."""

    batch: FeedBatch
    runs: Sequence[FeedRun]
    rejects: Sequence[FeedReject]
    names: dict[StoreId, str]


_NAMES: Final = "SELECT store_id, name FROM stores WHERE store_id = ANY ($1::text[]) LIMIT 10000"


async def batch(tx: Tx, source: str, batch_id: str) -> Told:
    """Return one batch.

    Raises:
        BatchUnknown: The source never sent one of this name.
    """
    found = await batches.get(tx, source, batch_id)
    runs = await batches.runs(tx, source, batch_id)
    named = await tx.rows(_NAMES, [run.store_id for run in runs])
    return Told(
        batch=found,
        runs=runs,
        rejects=await batches.rejects(tx, source, batch_id, limit=REJECTS),
        names={row["store_id"]: row["name"] for row in named},
    )


@dataclass(frozen=True, slots=True)
class Tried:
    """What a batch would do, with the names of what and whom it would touch."""

    preview: Preview
    stores: dict[StoreId, str]
    orders: dict[tuple[StoreId, OrderId], str]
    items: dict[Sku, str]


_NUMBERS: Final = """
    SELECT id, number FROM orders WHERE store_id = $1 AND id = ANY ($2::uuid[]) LIMIT 1000
"""


async def tried(db: Database, known: FeedBatch) -> Tried | None:
    """Say what would change if a batch were released; None: its content is not kept any more.

    Nothing is written. The names of orders are asked for store by store.

    Raises:
        ContentTooLarge: All its parts together are more than we take.
        FileUnreadable: Nothing in it can be understood.
    """
    async with contents.whole(db, known) as file:
        if file is None:
            return None
        batch = feeding.again(known, file)
        preview = await previews.preview(db, file, batch, only_store=known.only_store)
    numbers: dict[tuple[StoreId, OrderId], str] = {}
    for store in preview.stores:
        if store.losing:
            async with db.transaction(store.store_id) as tx:
                ids = [one.order_id for one in store.losing]
                for row in await tx.rows(_NUMBERS, store.store_id, ids):
                    numbers[store.store_id, OrderId(row["id"])] = row["number"]
    skus = {one.sku for store in preview.stores for one in store.losing}
    skus |= {sku for store in preview.stores for sku, _, _ in store.changes}
    async with db.transaction() as tx:
        named = await tx.rows(_NAMES, [store.store_id for store in preview.stores])
        return Tried(
            preview=preview,
            stores={StoreId(row["store_id"]): row["name"] for row in named},
            orders=numbers,
            items=await items.names(tx, skus),
        )
