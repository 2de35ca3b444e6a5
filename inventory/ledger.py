"""The one place where numbers of ``stock`` move, each with the entry that explains it.

``stock_ledger`` is append-only and signed: its sums are the numbers in ``stock``. Reservations move
in the same statement, so that their sum is what ``stock`` calls reserved. (``stock.reserve`` writes
its own, in the statement that also decides; a feed's merge writes its own for a whole store.)

What a hand carried in or out is no matter of belief: a cap and a belief move with it at once.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from bopis.kernel.database import Tx
from bopis.kernel.ids import OrderId, Sku, StoreId
from inventory.looking import conflicts
from inventory.models import LedgerKind
from inventory.reconcile import Position


@dataclass(frozen=True, slots=True)
class Change:
    """One signed ledger entry, and the order whose reservation moves with it, if any.

    Units:
        effective_at: store clock; None: now.
    """

    sku: Sku
    kind: LedgerKind
    on_hand: int = 0
    reserved: int = 0
    unsellable: int = 0
    staged: int = 0
    order_id: OrderId | None = None
    cause: UUID | None = None
    source: str = ""
    note: str = ""
    seen: bool = False
    effective_at: datetime | None = None


async def apply(tx: Tx, store_id: StoreId, changes: Collection[Change]) -> None:
    """Lock, write, and see whether a contradiction has come or gone."""
    given = [change for change in changes if change.reserved or change.unsellable or change.staged]
    if not given:
        return
    skus = [change.sku for change in given]
    await lock(tx, store_id, skus)
    await write(tx, store_id, given)
    if any(change.on_hand != change.reserved or change.unsellable for change in given):
        await conflicts.settle(tx, store_id, skus, source=given[0].kind)


_LOCK: Final = """
    SELECT sku, on_hand, reserved, unsellable FROM stock
     WHERE store_id = $1 AND sku = ANY ($2::text[])
     ORDER BY sku
       FOR UPDATE
"""


async def lock(tx: Tx, store_id: StoreId, skus: Collection[Sku]) -> dict[Sku, Position]:
    """Return positions that nobody else can move until this transaction ends."""
    rows = await tx.rows(_LOCK, store_id, list(skus))
    assert len(rows) == len(set(skus)), "what is promised has a row"
    return {
        Sku(row["sku"]): Position(row["on_hand"], row["reserved"], row["unsellable"])
        for row in rows
    }


_HELD: Final = """
    SELECT order_id, sku, quantity, staged FROM reservations
     WHERE store_id = $1 AND order_id = ANY ($2::uuid[]) AND sku = ANY ($3::text[])
"""
_WRITE: Final = """
    WITH entries AS (
        SELECT *, CASE WHEN kind IN ('hand_over', 'release', 'put_back', 'damage')
                       THEN on_hand - unsellable
                       WHEN kind = 'compensate' THEN -unsellable  -- it was not damaged after all
                       ELSE 0 END AS carried
          FROM unnest($3::uuid[], $4::text[], $5::text[], $6::int[], $7::int[], $8::int[],
                      $9::int[], $10::uuid[], $11::uuid[], $12::text[], $13::text[],
                      $14::bool[], $15::timestamptz[])
               AS e (id, sku, kind, on_hand, reserved, unsellable, staged, order_id, cause,
                     source, note, seen, effective_at)
    ),
    moved AS (
        UPDATE stock
           SET on_hand = stock.on_hand + e.on_hand, reserved = stock.reserved + e.reserved,
               unsellable = stock.unsellable + e.unsellable, changed_at = $2,
               cap = stock.cap + e.carried,
               counted_at = CASE WHEN e.seen THEN $2 ELSE stock.counted_at END,
               -- Units that come or go are units that may be sold, or may not; who looked, knows.
               ceiling = CASE WHEN e.seen THEN NULL
                              ELSE stock.ceiling + e.on_hand - e.unsellable END
          FROM entries AS e
         WHERE stock.store_id = $1 AND stock.sku = e.sku
    ),
    followed AS (           -- what a hand took or put back moves what we believe, too: in sku order
        SELECT b.sku, e.carried
          FROM beliefs AS b JOIN entries AS e ON e.sku = b.sku AND e.carried <> 0
         WHERE b.store_id = $1
         ORDER BY b.sku
           FOR UPDATE OF b
    ),
    carried AS (
        UPDATE beliefs AS b SET moved = b.moved + f.carried
          FROM followed AS f
         WHERE b.store_id = $1 AND b.sku = f.sku
    ),
    held AS (
        UPDATE reservations AS r
           SET quantity = r.quantity + e.reserved, staged = r.staged + e.staged
          FROM entries AS e
         WHERE r.store_id = $1 AND r.order_id = e.order_id AND r.sku = e.sku
    )
    INSERT INTO stock_ledger (store_id, id, sku, kind, on_hand, reserved, unsellable, staged,
                              cause, source, note, effective_at, recorded_at)
    SELECT $1, id, sku, kind, on_hand, reserved, unsellable, staged,
           cause, source, note, effective_at, $2
      FROM entries
"""


async def write(tx: Tx, store_id: StoreId, changes: Collection[Change]) -> None:
    """Move the numbers, the reservations and the ledger together. The stock rows are locked.

    Shapes:
        changes: each item once: an UPDATE would take but one of two.
    """
    assert len({change.sku for change in changes}) == len(changes)
    given = await _with_staged(tx, store_id, changes)
    columns: list[list[object]] = [
        [tx.new_id() for _ in given],
        [change.sku for change in given],
        [change.kind for change in given],
        [change.on_hand for change in given],
        [change.reserved for change in given],
        [change.unsellable for change in given],
        [change.staged for change in given],
        [change.order_id for change in given],
        [change.cause for change in given],
        [change.source for change in given],
        [change.note for change in given],
        [change.seen for change in given],
        [change.effective_at or tx.now for change in given],
    ]
    await tx.run(_WRITE, store_id, tx.now, *columns)


async def _with_staged(tx: Tx, store_id: StoreId, changes: Collection[Change]) -> list[Change]:
    """Return the changes with what they do to staged units; see that each order holds so much.

    A hand-over takes staged units first; a release takes those that are not staged first.
    """
    orders = {change.order_id for change in changes if change.order_id}
    if not orders:
        return list(changes)
    skus = {change.sku for change in changes}
    rows = await tx.rows(_HELD, store_id, list(orders), list(skus))
    held = {(row["order_id"], row["sku"]): (row["quantity"], row["staged"]) for row in rows}
    given = []
    for change in changes:
        quantity, staged = held[change.order_id, change.sku]
        left = quantity + change.reserved
        assert left >= 0, "an order cannot give back more than it holds"
        if change.kind is LedgerKind.HAND_OVER:
            after = max(staged + change.reserved, 0)
        else:
            after = min(max(staged + change.staged, 0), left)
        given.append(replace(change, staged=after - staged))
    return given
