"""Mends stock whose numbers and ledger disagree: by an entry with a reason, never by forgetting.

Nothing that the ledger holds is changed or taken out of it. Where a number in use is wrong, it
moves, and an entry (of zeros, if need be) says why and how far. What has more than one explanation
is left as it is, and said, unless a person says whom to believe (``bopis.trust.drift``).
"""

from dataclasses import dataclass, fields
from typing import Final

from bopis.kernel.database import Database, Tx
from bopis.kernel.errors import Invalid
from bopis.kernel.ids import Sku, StoreId
from bopis.trust.drift import Believe, Remedy, Witnesses, remedy
from inventory.looking import conflicts


class ReasonMissing(Invalid):
    title = "A repair needs a reason"


@dataclass(frozen=True, slots=True)
class Mended:
    """What was written for one item, and what was left to a person."""

    store_id: StoreId
    sku: Sku
    remedy: Remedy


_STORES: Final = """
    SELECT store_id FROM stock UNION SELECT store_id FROM stock_ledger
     ORDER BY 1  /* fanout: repair */
"""
_LOCK: Final = "SELECT FROM stock WHERE store_id = $1 ORDER BY sku FOR UPDATE"
_DRIFT: Final = """
    WITH entered AS (
        SELECT l.sku, sum(l.on_hand)::int AS on_hand, sum(l.reserved)::int AS reserved,
               sum(l.unsellable)::int AS unsellable, sum(l.staged)::int AS staged,
               (sum(l.on_hand) FILTER (WHERE l.effective_at > s.feed_as_of
                                         AND l.kind NOT IN ('feed_set', 'count')))::int AS moved,
               (sum(l.reserved) FILTER (WHERE l.effective_at <= s.feed_as_of))::int AS promised,
               (sum(l.staged) FILTER (WHERE l.effective_at <= s.feed_as_of))::int AS waiting
          FROM stock_ledger AS l
          LEFT JOIN stock AS s ON s.store_id = $1 AND s.sku = l.sku
         WHERE l.store_id = $1
         GROUP BY l.sku
    ),
    held AS (
        SELECT sku, sum(quantity)::int AS held, sum(staged)::int AS waiting
          FROM reservations WHERE store_id = $1 GROUP BY sku
    ),
    lines AS (
        SELECT line.sku, sum(line.reserved + line.picked + line.staged)::int AS open
          FROM order_lines AS line
          JOIN orders AS o ON o.store_id = $1 AND o.id = line.order_id
         WHERE line.store_id = $1 AND o.closed_at IS NULL
         GROUP BY line.sku
    ),
    named AS (
        SELECT sku FROM stock WHERE store_id = $1
        UNION SELECT sku FROM entered UNION SELECT sku FROM held WHERE held <> 0
    ),
    seen AS (
        SELECT named.sku, s.sku IS NOT NULL AS is_there, coalesce(s.on_hand, 0) AS on_hand,
               coalesce(s.reserved, 0) AS reserved, coalesce(s.unsellable, 0) AS unsellable,
               coalesce(e.on_hand, 0) AS entered_on_hand,
               coalesce(e.reserved, 0) AS entered_reserved,
               coalesce(e.unsellable, 0) AS entered_unsellable,
               coalesce(e.staged, 0) AS entered_staged, coalesce(h.held, 0) AS held,
               coalesce(h.waiting, 0) AS waiting, coalesce(lines.open, 0) AS open,
               CASE WHEN s.counted_at IS NULL OR s.counted_at < s.feed_as_of THEN
                   s.feed_quantity + coalesce(e.moved, 0) + CASE f.books_pickup
                       WHEN 'at_order' THEN coalesce(e.promised, 0)
                       WHEN 'at_ready' THEN coalesce(e.waiting, 0) ELSE 0 END
               END AS fed
          FROM named
          LEFT JOIN stock AS s ON s.store_id = $1 AND s.sku = named.sku
          LEFT JOIN feed_sources AS f ON f.source = s.feed_source
          LEFT JOIN entered AS e ON e.sku = named.sku
          LEFT JOIN held AS h ON h.sku = named.sku
          LEFT JOIN lines ON lines.sku = named.sku
    )
    SELECT * FROM seen
     WHERE (NOT is_there AND (entered_on_hand, entered_reserved, held) <> (0, 0, 0))
        OR (on_hand, unsellable, waiting) <> (entered_on_hand, entered_unsellable, entered_staged)
        OR reserved <> entered_reserved OR reserved <> held
     ORDER BY sku
"""
_SET: Final = """
    UPDATE stock
       SET on_hand = on_hand + $3, reserved = reserved + $4, unsellable = unsellable + $5,
           changed_at = $6
     WHERE store_id = $1 AND sku = $2
"""
_ENTER: Final = """
    INSERT INTO stock_ledger (store_id, id, sku, kind, on_hand, reserved, unsellable, staged,
                              source, note, effective_at, recorded_at)
    VALUES ($1, $2, $3, 'compensate', $4, $5, $6, $7, $8, $9, $10, $10)
"""
_PATIENCE: Final = "SET LOCAL statement_timeout = '2min'"


async def repair(
    db: Database,
    reason: str,
    *,
    actor: str,
    dry_run: bool = False,
    believe: Believe | None = None,
) -> list[Mended]:
    """Mend every store, one transaction each; return what was written, or would be.

    Idempotent: what is mended has no drift, so a second run finds only what is left to a person.

    Raises:
        ReasonMissing: Nobody will know later why a number changed.
    """
    if not reason.strip():
        raise ReasonMissing("Say why: the reason is kept with the entry.")
    async with db.transaction() as tx:
        await tx.run(_PATIENCE)
        stores = [StoreId(row["store_id"]) for row in await tx.rows(_STORES)]
    mended: list[Mended] = []
    for store_id in stores:
        async with db.transaction(store_id, actor=actor) as tx:
            mended += await mend(tx, store_id, reason.strip(), dry_run=dry_run, believe=believe)
    return mended


async def mend(
    tx: Tx,
    store_id: StoreId,
    reason: str,
    *,
    dry_run: bool,
    believe: Believe | None = None,
) -> list[Mended]:
    """Mend one store under the locks of its stock rows, so that no order moves meanwhile."""
    await tx.run(_PATIENCE)
    if not dry_run:
        await tx.run(_LOCK, store_id)
    names = [field.name for field in fields(Witnesses)]
    found = []
    for row in await tx.rows(_DRIFT, store_id):
        seen = Witnesses(**{name: row[name] for name in names})
        found.append(Mended(store_id, Sku(row["sku"]), remedy(seen, believe)))
    if not dry_run:
        written = [one for one in found if one.remedy.does_something]
        for one in written:
            await _write(tx, one, reason)
        await conflicts.settle(tx, store_id, [one.sku for one in written], source="repair")
    return found


async def _write(tx: Tx, one: Mended, reason: str) -> None:
    what = one.remedy
    if what.moves_stock:
        moved = (what.stock_on_hand, what.stock_reserved, what.stock_unsellable)
        await tx.run(_SET, one.store_id, one.sku, *moved, tx.now)
    await tx.run(
        _ENTER,
        one.store_id,
        tx.new_id(),
        one.sku,
        what.on_hand,
        what.reserved,
        what.unsellable,
        what.staged,
        tx.actor,
        f"{reason} ({what})" if what.moves_stock else reason,
        tx.now,
    )
