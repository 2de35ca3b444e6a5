"""Numbers that are missing from a source, and what is held down until they are here.

While a gap is open, what comes after it may lower what we sell but never raise it: ``merging`` sets
``stock.ceiling``, and notes the store in ``feed_doubts``. The gap closes when the missing batch has
been applied, when newer snapshots make it moot, or when a person gives it up; then the ceilings go,
in one short transaction for each store.
"""

from datetime import datetime
from typing import Final

from bopis.kernel.database import Database, Tx
from bopis.kernel.errors import NotFound
from bopis.kernel.ids import StoreId
from inventory.feeds import batches, numbering
from inventory.feeds.feed import Batch
from inventory.feeds.models import FeedGap, GapEnd
from inventory.feeds.numbering import Heard, Numbering


class GapUnknown(NotFound):
    title = "Nothing of this number is missing"


_OPENED: Final = """
    SELECT * FROM feed_gaps WHERE closed_at IS NULL AND source = COALESCE($1, source)
     ORDER BY opened_at, source, sequence LIMIT 1000
"""


async def opened(tx: Tx, source: str | None = None) -> list[FeedGap]:
    """Return the gaps that are open, the oldest first."""
    return [FeedGap.of(row) for row in await tx.rows(_OPENED, source)]


async def before(tx: Tx, source: str, sequence: int | None) -> list[FeedGap]:
    """Return the open gaps that hold a batch down: those below its number; if it has none, all."""
    gaps = await opened(tx, source)
    return [gap for gap in gaps if sequence is None or gap.sequence < sequence]


_KNOWN: Final = """
    UPDATE feed_sources SET last_sequence = last_sequence WHERE source = $1
    RETURNING first_sequence, last_sequence, last_sequence_as_of, numbered_since
"""
"""Written as it is, so that who changes the numbers of a source waits for who does so already."""

_OTHER: Final = """
    SELECT batch_id FROM feed_batches
     WHERE source = $1 AND sequence = $2 AND batch_id <> $3 AND digest <> $4
       AND state IN ('validated', 'applied', 'superseded')
       AND as_of >= COALESCE($5::timestamptz, as_of)
     LIMIT 1
"""


async def heard(tx: Tx, batch: Batch) -> Heard | None:
    """Take in the number of a new batch; open a gap if others should have come before it.

    The batch's source is known. Batches of one source wait here for each other.
    """
    if batch.sequence is None:
        return None
    known = await _known(tx, batch.source)
    if known is None:
        await _remember(tx, batch.source, numbering.begun(batch.sequence, batch.as_of))
        return None
    gaps = await opened(tx, batch.source)
    found = numbering.heard(
        known,
        batch.sequence,
        batch.as_of,
        is_missed=any(gap.sequence <= batch.sequence <= gap.until for gap in gaps),
        any_missing=bool(gaps),
    )
    if found.numbering == known:
        key = (batch.source, batch.sequence, batch.batch_id, batch.digest)
        other = await tx.value(_OTHER, *key, known.since)
        if other is not None:
            words = f"Its number {batch.sequence} came before with another content, as {other}."
            return Heard(known, is_odd=True, words=words)
        return found
    await _remember(tx, batch.source, found.numbering)
    if found.missing is not None:
        await open_gap(tx, batch.source, *found.missing)
    return found


async def _known(tx: Tx, source: str) -> Numbering | None:
    row = await tx.row(_KNOWN, source)
    if row is None or row["last_sequence"] is None:
        return None
    return Numbering(*row)


_REMEMBER: Final = """
    UPDATE feed_sources
       SET first_sequence = $2, last_sequence = $3, last_sequence_as_of = $4, numbered_since = $5
     WHERE source = $1
"""


async def _remember(tx: Tx, source: str, known: Numbering) -> None:
    await tx.run(_REMEMBER, source, known.first, known.last, known.as_of, known.since)


async def count_anew(
    tx: Tx, source: str, sequence: int | None, as_of: datetime, *, actor: str, reason: str
) -> None:
    """Let a source's numbers begin anew with a newer batch, because a person says that they do."""
    known = await _known(tx, source)
    if sequence is None or known is None or as_of <= known.as_of:
        return
    await _remember(tx, source, numbering.begun(sequence, as_of, anew=True))
    for gap in await opened(tx, source):
        await _close(tx, gap, GapEnd.GIVEN_UP, actor=actor, reason=reason)


_OPEN: Final = """
    INSERT INTO feed_gaps (id, source, sequence, until, opened_at) VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (source, sequence) WHERE closed_at IS NULL DO NOTHING
"""


async def open_gap(
    tx: Tx, source: str, first: int, until: int, *, since: datetime | None = None
) -> None:
    await tx.run(_OPEN, tx.new_id(), source, first, until, since or tx.now)


_CLOSE: Final = """
    UPDATE feed_gaps SET closed_at = $2, resolution = $3, actor = $4, reason = $5 WHERE id = $1
"""
_NARROW: Final = "UPDATE feed_gaps SET sequence = $2, until = $3 WHERE id = $1"


async def _close(
    tx: Tx, gap: FeedGap, resolution: GapEnd, *, actor: str = "", reason: str = ""
) -> None:
    await tx.run(_CLOSE, gap.id, tx.now, resolution, actor, reason)


async def _around(tx: Tx, source: str, number: int) -> FeedGap | None:
    """Return the open gap that a number is in. Whoever changes gaps holds the source's row."""
    await tx.row(_KNOWN, source)
    gaps = await opened(tx, source)
    return next((gap for gap in gaps if gap.sequence <= number <= gap.until), None)


async def arrived(tx: Tx, batch: Batch) -> bool:
    """Note that a batch is applied; return whether its number was missing."""
    if batch.sequence is None:
        return False
    return await _settle(tx, batch.source, batch.sequence, GapEnd.ARRIVED, reason=batch.batch_id)


async def without(tx: Tx, source: str, number: int, *, actor: str, reason: str) -> bool:
    """Note that the batch of a number was discarded; return whether its number was missing."""
    return await _settle(tx, source, number, GapEnd.GIVEN_UP, actor=actor, reason=reason)


async def _settle(
    tx: Tx, source: str, number: int, resolution: GapEnd, *, actor: str = "", reason: str = ""
) -> bool:
    """Take one number out of the gap that it is in."""
    gap = await _around(tx, source, number)
    if gap is None:
        return False
    if gap.sequence == gap.until:
        await _close(tx, gap, resolution, actor=actor, reason=reason)
    elif number == gap.sequence:
        await tx.run(_NARROW, gap.id, number + 1, gap.until)
    else:
        await tx.run(_NARROW, gap.id, gap.sequence, number - 1)
        if number < gap.until:
            await open_gap(tx, source, number + 1, gap.until, since=gap.opened_at)
    return True


async def abandon(tx: Tx, source: str, sequence: int, *, actor: str, reason: str) -> FeedGap:
    """Close the gap that a number is in, because a person says so. ``lift`` has to follow.

    Raises:
        GapUnknown: Nothing of this number is missing.
    """
    gap = await _around(tx, source, sequence)
    if gap is None:
        raise GapUnknown(f"No batch {sequence} of {source} is missing. Read the list again.")
    await _close(tx, gap, GapEnd.GIVEN_UP, actor=actor, reason=reason)
    return gap


async def give_up(db: Database, source: str, sequence: int, *, actor: str, reason: str) -> FeedGap:
    """Wait no longer for what is missing, and sell what we know. All of one gap is given up.

    Raises:
        GapUnknown: Nothing of this number is missing.
    """
    async with db.transaction(actor=actor) as tx:
        gap = await abandon(tx, source, sequence, actor=actor, reason=reason)
    await lift(db, source)
    return gap


_DOUBTED: Final = """
    SELECT store_id FROM feed_doubts  /* fanout: one source */
     WHERE source = $1 ORDER BY store_id LIMIT 10000
"""


async def lift(db: Database, source: str) -> None:
    """Take away the ceilings that no open gap of a source needs any more.

    It may be interrupted anywhere and run again: a store's doubt goes in the transaction in which
    its ceilings go.
    """
    async with db.transaction() as tx:
        stores = [StoreId(row["store_id"]) for row in await tx.rows(_DOUBTED, source)]
    for store_id in stores:
        async with db.transaction(store_id) as tx:
            await _lift(tx, store_id, source)
    async with db.transaction() as tx:
        for gap in await opened(tx, source):
            if await tx.value(_IS_MOOT, source, gap.until, tx.now):
                await _close(tx, gap, GapEnd.MOOT)


_NEWER: Final = """
    SELECT r.as_of FROM feed_runs AS r
     WHERE r.store_id = $1 AND r.source = $2 AND r.kind = 'snapshot' AND r.upto IS NULL
       AND r.sequence > (
           SELECT min(b.sequence) FROM feed_batches AS b
            WHERE b.source = $2 AND b.sequence > $3 AND b.state IN ('validated', 'applied'))
     ORDER BY r.as_of DESC LIMIT 1
"""
_LIFT: Final = """
    WITH free AS MATERIALIZED (
        SELECT stock.sku FROM stock
         WHERE stock.store_id = $1 AND stock.ceiling IS NOT NULL
           AND ($3::timestamptz IS NULL
                OR (stock.feed_source = $2 AND stock.feed_as_of >= $3)
                OR stock.sku IN (SELECT unnest(c.skus) FROM feed_confirmations AS c
                                  WHERE c.store_id = $1 AND c.source = $2 AND c.as_of >= $3))
         ORDER BY stock.sku
           FOR UPDATE OF stock
    )
    UPDATE stock SET ceiling = NULL, changed_at = $4
     WHERE store_id = $1 AND sku IN (SELECT free.sku FROM free)
"""
_UNDOUBT: Final = """
    DELETE FROM feed_doubts
     WHERE store_id = $1 AND source = $2
       AND ($3 OR NOT EXISTS (
           SELECT FROM stock WHERE stock.store_id = $1 AND stock.ceiling IS NOT NULL))
"""
_SHARED: Final = """
    SELECT EXISTS (SELECT FROM feed_doubts WHERE store_id = $1 AND source <> $2)
"""


async def _lift(tx: Tx, store_id: StoreId, source: str) -> None:
    """Free what may be freed in one store. No feed teaches it meanwhile.

    An item is free when nothing is missing any more; or when the source has said, in a snapshot
    after the one by which we learned of the gap, how many there are: that one builds on nothing
    that is missing. Another source's doubt keeps all ceilings of the store.
    """
    await batches.turn(tx, store_id)
    gaps = await opened(tx, source)
    since = None
    if gaps:
        since = await tx.value(_NEWER, store_id, source, max(gap.until for gap in gaps))
        if since is None:
            return
    if not await tx.value(_SHARED, store_id, source):
        await tx.run(_LIFT, store_id, source, since, tx.now)
    await tx.run(_UNDOUBT, store_id, source, not gaps)


_IS_MOOT: Final = """
    WITH revealed AS (
        SELECT min(sequence) AS sequence FROM feed_batches
         WHERE source = $1 AND sequence > $2 AND state IN ('validated', 'applied')
    ),
    concerned AS (
        SELECT r.store_id, bool_or(r.kind = 'snapshot' AND r.upto IS NULL
                                   AND r.sequence > (SELECT sequence FROM revealed)) AS is_told
          FROM feed_runs AS r  /* fanout: one source */
         WHERE r.source = $1 AND r.as_of > $3::timestamptz - interval '30 days'
         GROUP BY r.store_id
    )
    SELECT COALESCE(bool_and(is_told), false)
           AND NOT EXISTS (SELECT FROM feed_doubts WHERE source = $1)
      FROM concerned
"""


_DOUBTFUL: Final = """
    SELECT DISTINCT source FROM feed_doubts  /* fanout: one source */ LIMIT 100
"""


async def lift_all(db: Database) -> None:
    """Go on where somebody was interrupted between closing a gap and lifting what it held down."""
    async with db.transaction() as tx:
        sources = [row["source"] for row in await tx.rows(_DOUBTFUL)]
    for source in sources:
        await lift(db, source)
