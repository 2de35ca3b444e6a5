"""What a store has, and how much of it is spoken for: a function for each thing that can happen.

Each verb but ``reserve`` works alike: lock the rows in sku order, ask the rule, write the change
and the ledger entry that explains it, and see whether the numbers now contradict each other.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final
from uuid import UUID

from asyncpg import Record

from bopis.kernel.database import Tx
from bopis.kernel.ids import OrderId, Sku, StoreId
from inventory import holds as kept
from inventory import ledger
from inventory.belief import beliefs
from inventory.hold_models import HoldId
from inventory.ledger import Change
from inventory.looking import conflicts
from inventory.models import LedgerKind
from inventory.reconcile import Shortage, of_shortage
from inventory.reconcile import Shortfall as Shortfall  # noqa: PLC0414 -- what reserve answers


@dataclass(frozen=True, slots=True)
class Want:
    order_id: OrderId
    sku: Sku
    quantity: int


_RESERVE: Final = """
    WITH wanted AS (
        SELECT order_id, sku, quantity, entry
          FROM unnest($2::uuid[], $3::text[], $4::int[], $5::uuid[])
               AS w (order_id, sku, quantity, entry)
    ),
    needed AS (
        SELECT sku, sum(quantity)::int AS quantity FROM wanted GROUP BY sku
    ),
    locked AS (             -- in sku order, for every caller alike: no deadlocks
        SELECT stock.sku, needed.quantity, stock.held,
               LEAST(stock.on_hand - stock.unsellable - stock.safety, stock.cap, stock.ceiling)
               - stock.reserved - stock.held AS available
          FROM stock JOIN needed ON needed.sku = stock.sku
         WHERE stock.store_id = $1
         ORDER BY stock.sku
           FOR UPDATE OF stock
    ),
    short AS (
        SELECT needed.sku, needed.quantity, COALESCE(locked.available, 0) AS available,
               COALESCE(locked.held, 0) AS held
          FROM needed LEFT JOIN locked ON locked.sku = needed.sku
         WHERE locked.sku IS NULL OR locked.available < needed.quantity
    ),
    taken AS (
        UPDATE stock SET reserved = stock.reserved + locked.quantity, changed_at = $6
          FROM locked
         WHERE stock.store_id = $1 AND stock.sku = locked.sku AND NOT EXISTS (SELECT FROM short)
    ),
    promised AS (
        INSERT INTO reservations (store_id, order_id, sku, quantity, reserved_at)
        SELECT $1, order_id, sku, quantity, $6 FROM wanted WHERE NOT EXISTS (SELECT FROM short)
        ON CONFLICT (store_id, order_id, sku)
        DO UPDATE SET quantity = reservations.quantity + EXCLUDED.quantity
    ),
    explained AS (
        INSERT INTO stock_ledger
               (store_id, id, sku, kind, reserved, cause, effective_at, recorded_at)
        SELECT $1, entry, sku, 'commit', quantity, order_id, $6, $6
          FROM wanted WHERE NOT EXISTS (SELECT FROM short)
    )
    SELECT sku, quantity, GREATEST(available, 0) AS available, held FROM short ORDER BY sku
"""


async def reserve(
    tx: Tx, store_id: StoreId, wants: Sequence[Want], *, holds: Collection[HoldId] = ()
) -> list[Shortfall]:
    """Set aside everything or nothing, in one round trip; return the items we are short of.

    Two orders that race for the last item cannot both get it: the loser waits for the row lock,
    and then sees the winner's row. There is no CHECK (reserved <= on_hand): a feed may report less
    than we have promised, and that is a conflict to resolve, not a row to refuse.

    What is held for others is not theirs to take; what has run out is found where it is needed.

    Shapes:
        wants: 1..n, of one order or of several; each (order, item) once, each quantity at least 1.
        holds: of these orders; they end with success, whatever of them is left, and only then.
        returns: in sku order; empty means that all of it is reserved, else nothing is.
    """
    assert wants
    assert all(want.quantity > 0 for want in wants)
    if not holds:
        return await _reserve(tx, store_id, wants)
    freed = await kept.claim(tx, store_id, holds, beside={want.sku for want in wants})
    await kept.free(tx, store_id, freed)
    short = await _reserve(tx, store_id, wants)
    if short and freed:
        await kept.restore(tx, store_id, freed)
    return short


async def _reserve(tx: Tx, store_id: StoreId, wants: Sequence[Want]) -> list[Shortfall]:
    short = await _try(tx, store_id, wants)
    if await kept.lapse(tx, store_id, [row["sku"] for row in short if row["held"]]):
        short = await _try(tx, store_id, wants)
    return [Shortfall(Sku(row["sku"]), row["quantity"], row["available"]) for row in short]


async def _try(tx: Tx, store_id: StoreId, wants: Sequence[Want]) -> list[Record]:
    return await tx.rows(
        _RESERVE,
        store_id,
        [want.order_id for want in wants],
        [want.sku for want in wants],
        [want.quantity for want in wants],
        [tx.new_id() for _ in wants],
        tx.now,
    )


async def release(
    tx: Tx,
    store_id: StoreId,
    order_id: OrderId,
    quantities: Mapping[Sku, int],
    *,
    picked: Mapping[Sku, int] | None = None,
) -> None:
    """Give up what an order holds. Units that were picked are not for sale before ``put_back``.

    Shapes:
        picked: of ``quantities``, how many have left their shelf.
    """
    away = picked or {}
    changes = [
        Change(
            sku,
            LedgerKind.RELEASE,
            reserved=-quantity,
            unsellable=away.get(sku, 0),
            order_id=order_id,
            cause=order_id,
        )
        for sku, quantity in quantities.items()
    ]
    await ledger.apply(tx, store_id, changes)


_NONE_YET: Final = """
    INSERT INTO reservations (store_id, order_id, sku, quantity, reserved_at)
    SELECT $1, $2, sku, 0, $4 FROM unnest($3::text[]) AS n (sku)
"""


async def pass_on(
    tx: Tx, store_id: StoreId, giver: OrderId, taker: OrderId, quantities: Mapping[Sku, int]
) -> None:
    """Let another order hold what one holds. In between it is nobody else's to take.

    Shapes:
        taker: holds none of these items yet.
    """
    await tx.run(_NONE_YET, store_id, taker, list(quantities), tx.now)
    for order_id, kind, sign in ((giver, LedgerKind.RELEASE, -1), (taker, LedgerKind.COMMIT, 1)):
        changes = [
            Change(sku, kind, reserved=sign * units, order_id=order_id, cause=order_id)
            for sku, units in quantities.items()
        ]
        await ledger.apply(tx, store_id, changes)


async def consume(
    tx: Tx, store_id: StoreId, order_id: OrderId, quantities: Mapping[Sku, int]
) -> None:
    """Book a hand-over: the units leave the building, and the promise on them is kept."""
    changes = [
        Change(
            sku,
            LedgerKind.HAND_OVER,
            on_hand=-quantity,
            reserved=-quantity,
            order_id=order_id,
            cause=order_id,
        )
        for sku, quantity in quantities.items()
    ]
    await ledger.apply(tx, store_id, changes)


async def stage(
    tx: Tx, store_id: StoreId, order_id: OrderId, quantities: Mapping[Sku, int]
) -> None:
    """Note that units wait for their shopper; negative numbers: that they do not after all.

    No number in ``stock`` moves. A source that takes a pickup off its stock when it is ready says
    too little by just these units, and this is how a feed knows (``BooksPickup.AT_READY``).
    """
    changes = [
        Change(sku, LedgerKind.STAGE, staged=quantity, order_id=order_id, cause=order_id)
        for sku, quantity in quantities.items()
    ]
    await ledger.apply(tx, store_id, changes)


async def short(  # noqa: PLR0917 -- whose, what, how many, why: in the order one says it
    tx: Tx,
    store_id: StoreId,
    order_id: OrderId,
    sku: Sku,
    quantity: int,
    reason: str,
    cause: UUID,
    *,
    picked: int | None = None,
) -> int:
    """Take in that an associate could not find, or could not use, promised units.

    Returns how many units that took off the record.

    Shapes:
        reason: a word of ``reconcile.Shortage``.
        cause: the scan that said so.
        picked: units of this item that are picked or staged, of all orders, if the caller knows.
    """
    row = (await ledger.lock(tx, store_id, [sku]))[sku]
    effect = of_shortage(Shortage(reason), quantity, row, picked)
    change = Change(
        sku,
        LedgerKind(effect.kind),
        on_hand=effect.on_hand,
        reserved=effect.reserved,
        unsellable=effect.unsellable,
        order_id=order_id,
        cause=order_id,
        source=str(cause),
        note=reason,
        seen=effect.seen,
    )
    await ledger.write(tx, store_id, [change])
    if effect.recount:
        await conflicts.request_count(tx, store_id, sku, reason, cause=cause)
    await conflicts.settle(tx, store_id, [sku], source=reason)
    return max(-effect.on_hand, 0)


_SHORTENED: Final = """
    WITH said AS (          -- each shortage of the item, less what has been taken back of it
        SELECT cause, source, min(effective_at) AS at, min(id::text COLLATE "C") AS id,
               sum(on_hand)::int AS on_hand, sum(reserved)::int AS reserved,
               sum(unsellable)::int AS unsellable,
               bool_or(note IN ('not_found', 'short_quantity')) AS is_look,
               cause = $3 AND source = $4 AS is_this
          FROM stock_ledger
         WHERE store_id = $1 AND sku = $2 AND kind IN ('short', 'damage', 'compensate')
           AND cause IS NOT NULL
         GROUP BY cause, source
    ),
    words AS (              -- what a person saw, and what a feed said ('z': of one instant, last)
        SELECT effective_at AS at, id::text COLLATE "C" AS id, true AS is_seen FROM stock_ledger
         WHERE store_id = $1 AND sku = $2 AND kind = 'count'
        UNION ALL
        SELECT at, id, true FROM said WHERE is_look AND reserved < 0 AND NOT is_this
        UNION ALL
        SELECT feed_as_of, 'z', false FROM stock
         WHERE store_id = $1 AND sku = $2 AND feed_as_of IS NOT NULL
        UNION ALL
        SELECT c.as_of, 'z', false FROM feed_confirmations AS c JOIN said ON said.is_this
         WHERE c.store_id = $1 AND c.as_of >= said.at AND c.after < $2 AND $2 = ANY (c.skus)
    ),
    word AS (SELECT at, id FROM words ORDER BY at DESC, id DESC LIMIT 1)
    SELECT said.at, said.reserved, said.unsellable, said.is_look,
           (SELECT max(at) FROM words WHERE is_seen) AS seen_at,
           (SELECT -COALESCE(sum(gone.on_hand), 0)::int FROM said AS gone LEFT JOIN word ON true
             WHERE (gone.is_this OR gone.reserved = 0)
               AND (word.at IS NULL OR (gone.at, gone.id) > (word.at, word.id))) AS on_hand
      FROM said
     WHERE said.is_this
"""
_UNSEEN: Final = "UPDATE stock SET counted_at = $3 WHERE store_id = $1 AND sku = $2"


async def unshort(  # noqa: PLR0917 -- as ``short``
    tx: Tx, store_id: StoreId, order_id: OrderId, sku: Sku, quantity: int, cause: UUID
) -> None:
    """Take a shortage back: the unit was there after all, and is promised again.

    To the building it is as if the shortage had never been: what it did is undone by an entry that
    became true when it did, so that a feed between the two is not corrected twice; and if it was a
    look at the shelf, older feeds are believed again. If a count, a feed or another look has spoken
    since, that stands. The promise comes back now, and not before: a source that takes orders off
    its stock had believed us until now.

    Shapes:
        quantity: all that the scan was short of.
        cause: the scan that is taken back.
    """
    row = (await ledger.lock(tx, store_id, [sku]))[sku]
    done = await tx.row(_SHORTENED, store_id, sku, order_id, str(cause))
    assert done is not None, "nothing was short"
    assert quantity == -done["reserved"], "a scan is taken back as a whole, and once"
    back = Change(
        sku, LedgerKind.COMPENSATE, cause=order_id, source=str(cause), note="found after all"
    )
    undone = replace(
        back,
        on_hand=done["on_hand"],
        unsellable=-min(done["unsellable"], row.unsellable),
        effective_at=done["at"],
    )
    promised = replace(back, reserved=quantity, order_id=order_id)
    if undone.on_hand or undone.unsellable:
        await ledger.write(tx, store_id, [undone])
    await ledger.write(tx, store_id, [promised])
    if done["is_look"]:
        await tx.run(_UNSEEN, store_id, sku, done["seen_at"])
    await conflicts.settle(tx, store_id, [sku], source="found")


async def put_back(tx: Tx, store_id: StoreId, sku: Sku, quantity: int, cause: UUID) -> None:
    """Note that picked units are on their shelf again: they may be sold.

    A count since may have said that there are fewer units than we had set aside; then only so
    many come back.
    """
    row = (await ledger.lock(tx, store_id, [sku]))[sku]
    back = min(quantity, row.unsellable)
    await ledger.apply(
        tx, store_id, [Change(sku, LedgerKind.PUT_BACK, unsellable=-back, cause=cause)]
    )


_ENSURE: Final = """
    INSERT INTO stock (store_id, sku, safety, changed_at)
    SELECT $1, $2, COALESCE((SELECT safety FROM stores WHERE store_id = $1), 0), $3
    ON CONFLICT (store_id, sku) DO NOTHING
"""


async def not_put_back(
    tx: Tx, store_id: StoreId, sku: Sku, quantity: int, cause: UUID, *, is_lost: bool
) -> None:
    """Note that units which were to go back on their shelf never will.

    What is broken stays what it was, in the building and not for sale. What is lost is in the
    building no more, as far as anybody can see: so somebody counts.
    """
    row = (await ledger.lock(tx, store_id, [sku]))[sku]
    gone = min(quantity, row.unsellable) if is_lost else 0
    change = Change(
        sku,
        LedgerKind.ADJUST if is_lost else LedgerKind.DAMAGE,
        on_hand=-gone,
        unsellable=-gone,
        cause=cause,
        note="lost on its way back" if is_lost else "broken on its way back",
    )
    await ledger.write(tx, store_id, [change])
    if is_lost:
        await conflicts.request_count(tx, store_id, sku, "not_found", cause=cause)
        await conflicts.settle(tx, store_id, [sku], source=LedgerKind.ADJUST)


async def count(
    tx: Tx,
    store_id: StoreId,
    sku: Sku,
    counted: int,
    *,
    cause: UUID | None,
    source: str,
    note: str = "",
) -> None:
    """Believe a person who counted. It wins over every feed that is not newer.

    Units:
        counted: all units in the building, with those that are picked, staged or damaged.
    """
    assert counted >= 0
    await tx.run(_ENSURE, store_id, sku, tx.now)
    row = (await ledger.lock(tx, store_id, [sku]))[sku]
    change = Change(
        sku,
        LedgerKind.COUNT,
        on_hand=counted - row.on_hand,
        unsellable=min(counted - row.unsellable, 0),
        cause=cause,
        source=source,
        note=note,
        seen=True,
    )
    await ledger.write(tx, store_id, [change])
    await beliefs.counted(tx, store_id, sku)
    await conflicts.count_done(tx, store_id, sku, counted)
    await conflicts.settle(tx, store_id, [sku], source=source)


_CONCERNED: Final = """
    SELECT order_id FROM reservations
     WHERE store_id = $1 AND sku = $2 AND quantity > 0
     ORDER BY reserved_at, order_id LIMIT 1000
"""


async def orders_concerned(tx: Tx, store_id: StoreId, sku: Sku) -> list[OrderId]:
    """Return the orders that hold units of an item, the oldest first: the last one loses first."""
    return [OrderId(row["order_id"]) for row in await tx.rows(_CONCERNED, store_id, sku)]
