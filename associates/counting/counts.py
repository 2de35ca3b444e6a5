"""Counting on the floor: who counts what, and what came of it."""

from collections.abc import Collection
from dataclasses import replace
from datetime import timedelta
from typing import Final
from uuid import UUID

from associates.handheld import reading
from associates.handheld.devices import Holder
from associates.picking import pickings, scanlog
from associates.picking.scans import Heard, ItemCode, Noise, Said, ScanKind, ScanOutcome
from bopis.kernel.database import Tx
from bopis.kernel.ids import Sku, StoreId
from inventory.looking import counting
from inventory.looking.counting import CountGone, CountTask, Verdict

KIND: Final = ScanKind.COUNT
FRESH: Final = timedelta(minutes=10)
"""A count that was made longer ago is not believed: shoppers have been at the shelf since."""

LIVE: Final = timedelta(seconds=15)
"""A count sent so soon did not wait for the network."""

_AWAY: Final = """
    SELECT coalesce(sum(l.found), 0)::int
      FROM pick_tasks AS t
      JOIN pick_lines AS l ON l.store_id = t.store_id AND l.task_id = t.id
     WHERE t.store_id = $1 AND t.state NOT IN ('done', 'cancelled')
       AND l.store_id = $1 AND l.sku = $2
"""


async def away(tx: Tx, store_id: StoreId, sku: Sku) -> int:
    """Return how many units are picked or staged, of all orders: in the building, off the shelf."""
    return int(await tx.value(_AWAY, store_id, sku))


_AWAY_OF: Final = """
    SELECT l.sku, sum(l.found)::int AS units
      FROM pick_tasks AS t
      JOIN pick_lines AS l ON l.store_id = t.store_id AND l.task_id = t.id
     WHERE t.store_id = $1 AND t.state NOT IN ('done', 'cancelled')
       AND l.store_id = $1 AND l.sku = ANY ($2::text[])
     GROUP BY l.sku
"""


async def away_of(tx: Tx, store_id: StoreId, skus: Collection[Sku]) -> dict[Sku, int]:
    """Return the same as ``away`` of several items."""
    found = {row["sku"]: row["units"] for row in await tx.rows(_AWAY_OF, store_id, list(skus))}
    return {sku: found.get(sku, 0) for sku in skus}


_NAME: Final = "SELECT name FROM associates WHERE store_id = $1 AND id = $2"


async def claim(tx: Tx, count_id: UUID, holder: Holder) -> str | None:
    """Take a count on; return the name of who else has it, or None.

    Raises:
        CountGone: It was made meanwhile, or there never was one.
    """
    who = await counting.claim(tx, holder.store_id, count_id, holder.associate_id)
    return None if who is None else str(await tx.value(_NAME, holder.store_id, who))


async def check(tx: Tx, count: CountTask, code: str) -> Heard:
    """Say whether a code is the item that is to be counted. Nothing is written."""
    read = await reading.read(tx, code, known={count.sku})
    heard = Heard(ScanKind.COUNT, ScanOutcome.UNKNOWN_CODE, line=None, code=scanlog.legible(code))
    if isinstance(read, ItemCode):
        is_it = read.sku == count.sku
        outcome = ScanOutcome.APPLIED if is_it else ScanOutcome.WRONG_ITEM
        return replace(heard, outcome=outcome, sku=read.sku)
    return replace(heard, outcome=ScanOutcome.NOT_A_CODE) if isinstance(read, Noise) else heard


_MOVED: Final = """
    SELECT EXISTS (
        SELECT FROM scans
         WHERE store_id = $1 AND sku = $2 AND received_at > $3
           AND kind IN ('item', 'undo', 'put_back') AND outcome IN ('applied', 'undone'))
"""


async def done(
    tx: Tx, count_id: UUID, said: Said, holder: Holder, *, counted: int, age: timedelta
) -> tuple[Heard, int]:
    """Take in one count; return what we made of it, and what the record said.

    Units:
        counted: on the shelf and in the back room, and nowhere else.
        age: from the count until it was sent, by the handheld's own clock.

    Raises:
        CountGone: This store has no such request.
        ScanNumberUsed: The device's running number stands for something else.
    """
    if earlier := await scanlog.find(tx, said.scan_id):
        return earlier, 0
    count = await counting.get(tx, holder.store_id, count_id)
    if count is None:
        heard, record = Heard(ScanKind.COUNT, ScanOutcome.NOT_NOW), 0
    else:
        heard, record = await _taken(tx, count, said, counted, age, holder)
    await scanlog.write(tx, holder, said, heard)
    return heard, record


async def _is_stale(tx: Tx, sku: Sku, age: timedelta) -> bool:
    return age > FRESH or bool(await tx.value(_MOVED, tx.store_id, sku, tx.now - age))


async def _taken(  # noqa: PLR0917 -- what, how, how many, how long ago, by whom
    tx: Tx, count: CountTask, said: Said, counted: int, age: timedelta, holder: Holder
) -> tuple[Heard, int]:
    assert tx.store_id is not None
    heard = Heard(ScanKind.COUNT, ScanOutcome.APPLIED, count.sku, quantity=counted)
    if said.code or counted:  # of nothing there is nothing to scan
        heard = replace(await check(tx, count, said.code), quantity=counted)
    if heard.outcome is not ScanOutcome.APPLIED:
        return heard, 0
    if age > LIVE and await _is_stale(tx, count.sku, age):
        return replace(heard, outcome=ScanOutcome.STALE), 0
    result = await counting.done(
        tx,
        tx.store_id,
        count.id,
        counted,
        source=tx.actor,
        away=await away(tx, tx.store_id, count.sku),
        by=holder.associate_id,
        alone=(await pickings.of(tx, tx.store_id)).alone,
    )
    outcome = {
        Verdict.TAKEN: ScanOutcome.APPLIED,
        Verdict.AGAIN: ScanOutcome.COUNT_AGAIN,
        Verdict.SECOND: ScanOutcome.SECOND_PERSON,
        Verdict.SAME: ScanOutcome.SAME_PERSON,
        Verdict.GONE: ScanOutcome.NOT_NOW,
    }[result.verdict]
    return replace(heard, outcome=outcome), result.record


__all__ = ["KIND", "CountGone", "away", "check", "claim", "done"]
