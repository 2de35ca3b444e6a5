"""Feeds for programs: who speaks, what came, and what waits for a person.

What a person decides of it is in ``inventory.feeds.quarantine_router``, beside what is decided.
"""

from typing import Final

from fastapi import APIRouter

from bopis.kernel.http import Db, OpsKey, problems
from bopis.ops.answers import Answer
from bopis.ops.feeds import reads
from bopis.ops.feeds.present import way
from bopis.ops.feeds.reads import Source
from bopis.ops.scope import NotYours
from inventory.feeds.batches import BatchUnknown
from inventory.feeds.models import FeedBatch, FeedGap

router: Final = APIRouter(prefix="/v1/ops/feeds", tags=["store operations"])

SHOWN: Final = 500
"""Rejected rows in one answer. All that are kept: GET /v1/feeds/{source}/batches/{id}/rejects."""


@router.get("")
async def feeds(db: Db, key: OpsKey) -> Answer:
    """Every source with its silence, what waits for a person, and the last batches.

    To a key for one store: the sources and batches that speak of it.
    """
    async with db.transaction() as tx:
        found = await reads.overview(tx, key.only_store)
    hidden = {"digest", "only_store"}
    if key.only_store is not None:  # these may name other stores
        hidden |= {"problem", "decision"}
    return {
        "sources": [_source(source) for source in found.sources],
        "waiting": [_batch(batch) for batch in found.waiting],
        "gaps": [_gap(gap) for gap in found.gaps],
        "batches": [{k: v for k, v in row.items() if k not in hidden} for row in found.batches],
    }


def _source(source: Source) -> Answer:
    one = source.silence
    return {
        "source": one.source,
        "comes": way(source),
        "cadence_minutes": source.terms["cadence_minutes"],
        "books_pickup": source.terms["books_pickup"],
        "last_as_of": one.last_as_of,
        "expected_at": one.expected_at,
        "is_silent": one.is_silent,
        "problem": source.terms["problem"],
    }


def _batch(batch: FeedBatch) -> Answer:
    return batch.model_dump(exclude={"digest", "only_store"})


def _gap(gap: FeedGap) -> Answer:
    return gap.model_dump(include={"source", "sequence", "until", "opened_at"})


@router.get("/{source}/batches/{batch_id}", responses=problems(NotYours, BatchUnknown))
async def batch(source: str, batch_id: str, db: Db, key: OpsKey) -> Answer:
    """One batch: what it did in each store, and its first rows that could not be used."""
    if key.only_store is not None:
        raise NotYours("This key is for one store, and a feed may be about any.")
    async with db.transaction() as tx:
        told = await reads.batch(tx, source, batch_id)
    return _batch(told.batch) | {
        "stores": [run.model_dump(exclude={"source", "batch_id", "digest"}) for run in told.runs],
        "rejects": [
            reject.model_dump(exclude={"source", "batch_id"}) for reject in told.rejects[:SHOWN]
        ],
        "more_rejects": len(told.rejects) > SHOWN,
    }
