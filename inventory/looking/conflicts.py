"""Contradictions between what is promised and what is there, and requests to go and look."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from asyncpg import Record

from bopis.kernel.database import Tx
from bopis.kernel.ids import Sku, StoreId
from inventory import stores
from inventory.events import StockConflictClosed, StockConflictDeepened, StockConflictOpened
from inventory.looking import doubts
from inventory.models import CountPriority
from inventory.opening import hours

_FIND: Final = """
    SELECT s.sku, s.on_hand - s.unsellable AS there, s.reserved, c.id AS conflict_id,
           s.on_hand - s.unsellable - s.reserved - (c.on_hand - c.reserved) AS better
      FROM stock AS s
      LEFT JOIN stock_conflicts AS c
        ON c.store_id = $1 AND c.sku = s.sku AND c.closed_at IS NULL
     WHERE s.store_id = $1 AND s.sku = ANY ($2::text[])
       AND CASE WHEN c.id IS NULL THEN s.on_hand - s.unsellable < s.reserved
                ELSE s.on_hand - s.unsellable <> c.on_hand OR s.reserved <> c.reserved END
     ORDER BY s.sku
"""


async def settle(
    tx: Tx, store_id: StoreId, skus: Sequence[Sku], *, source: str, batch_id: str = ""
) -> int:
    """Open the conflicts that a change has made, close those it has resolved; count the opened.

    One that stays open follows the numbers; that it has grown is news, that it has shrunk is none.

    Shapes:
        skus: whose rows this transaction has locked.
    """
    rows = await tx.rows(_FIND, store_id, skus)
    opened = [row for row in rows if row["conflict_id"] is None]
    known = [row for row in rows if row["conflict_id"] is not None]
    closed = [row for row in known if row["there"] >= row["reserved"]]
    moved = [row for row in known if row["there"] < row["reserved"]]
    if opened:
        await _open(tx, store_id, opened, source, batch_id)
    if moved:
        await _move(tx, store_id, moved, source)
    if closed:
        await _close(tx, store_id, closed, source)
    return len(opened)


_OPEN: Final = """
    INSERT INTO stock_conflicts
           (store_id, id, sku, source, batch_id, on_hand, reserved, opened_at)
    SELECT $1, c.id, c.sku, $5, $6, c.there, c.reserved, $7
      FROM unnest($2::uuid[], $3::text[], $4::int[], $8::int[]) AS c (id, sku, there, reserved)
"""


async def _open(tx: Tx, store_id: StoreId, rows: list[Record], source: str, batch_id: str) -> None:
    ids = [tx.new_id() for _ in rows]
    await tx.run(
        _OPEN,
        store_id,
        ids,
        [row["sku"] for row in rows],
        [row["there"] for row in rows],
        source,
        batch_id,
        tx.now,
        [row["reserved"] for row in rows],
    )
    for conflict_id, row in zip(ids, rows, strict=True):
        await tx.emit(
            StockConflictOpened(
                store_id=store_id,
                conflict_id=conflict_id,
                sku=row["sku"],
                on_hand=row["there"],
                reserved=row["reserved"],
                source=source,
            )
        )


_MOVE: Final = """
    UPDATE stock_conflicts AS c SET on_hand = n.there, reserved = n.reserved
      FROM unnest($2::uuid[], $3::int[], $4::int[]) AS n (id, there, reserved)
     WHERE c.store_id = $1 AND c.id = n.id
"""


async def _move(tx: Tx, store_id: StoreId, rows: list[Record], source: str) -> None:
    await tx.run(
        _MOVE,
        store_id,
        [row["conflict_id"] for row in rows],
        [row["there"] for row in rows],
        [row["reserved"] for row in rows],
    )
    for row in rows:
        if row["better"] < 0:
            await tx.emit(
                StockConflictDeepened(
                    store_id=store_id,
                    conflict_id=row["conflict_id"],
                    sku=row["sku"],
                    on_hand=row["there"],
                    reserved=row["reserved"],
                    source=source,
                )
            )


_CLOSE: Final = """
    UPDATE stock_conflicts SET closed_at = $3, resolution = $4
     WHERE store_id = $1 AND id = ANY ($2::uuid[])
"""


async def _close(tx: Tx, store_id: StoreId, rows: list[Record], source: str) -> None:
    await tx.run(_CLOSE, store_id, [row["conflict_id"] for row in rows], tx.now, source)
    for row in rows:
        await tx.emit(
            StockConflictClosed(
                store_id=store_id,
                conflict_id=row["conflict_id"],
                sku=row["sku"],
                resolution=source,
            )
        )


_REQUEST: Final = """
    INSERT INTO count_requests (store_id, id, sku, reason, priority, cause, opened_at, due_at,
                                chance)
    VALUES ($1, CASE WHEN EXISTS (SELECT FROM count_requests WHERE store_id = $1 AND id = $6)
                     THEN $2 ELSE coalesce($6, $2) END, $3, $4, $5, $6, $7, $8, $9)
    ON CONFLICT (store_id, sku) WHERE done_at IS NULL
    DO UPDATE SET priority = EXCLUDED.priority, reason = EXCLUDED.reason, due_at = EXCLUDED.due_at,
                  cause = EXCLUDED.cause, chance = EXCLUDED.chance
     WHERE count_requests.priority > EXCLUDED.priority
"""
SHIFT: Final = timedelta(hours=4)
"""A count is asked for in the same shift: later, the shelf has been sold from and filled again."""


async def request_count(
    tx: Tx,
    store_id: StoreId,
    sku: Sku,
    reason: str,
    priority: CountPriority = CountPriority.FAILED_PICK,
    *,
    cause: UUID | None = None,
    chance: float | None = None,
) -> None:
    """Ask that somebody counts an item; one open request is enough, the graver reason counts.

    Shapes:
        cause: the scan that shows the need. The request has its id, so that a handheld without a
            network knows what it will be called.
        chance: how likely this item was to be drawn, if it was drawn.
    """
    due_at = await due_by(tx, store_id)
    about = (sku, reason, priority, cause, tx.now, due_at, chance)
    await tx.run(_REQUEST, store_id, tx.new_id(), *about)


async def due_by(tx: Tx, store_id: StoreId) -> datetime:
    """Return until when a count of now should be done: in this shift, before the doors close."""
    closes = hours.closing_after(await stores.calendar(tx, store_id), tx.now)
    latest = tx.now + SHIFT
    return latest if closes is None else min(closes, latest)


_COUNTED: Final = """
    UPDATE count_requests
       SET done_at = $3, counted = $4, claimed_by = NULL, claimed_until = NULL
     WHERE store_id = $1 AND sku = $2 AND done_at IS NULL
    RETURNING id
"""


async def count_done(tx: Tx, store_id: StoreId, sku: Sku, counted: int) -> None:
    """Note that an item, whose stock is locked, was counted: it is in doubt no more."""
    request_id = await tx.value(_COUNTED, store_id, sku, tx.now, counted)
    if request_id is not None:
        await doubts.settled(tx, store_id, sku, request_id)
