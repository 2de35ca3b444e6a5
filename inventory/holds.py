"""Units kept for a while for somebody who has not ordered yet: all that was asked for, or nothing.

A hold moves no stock and promises nothing: it only keeps units from being sold to others.
``stock.held`` is the sum of the lines here, those that have run out and not been tidied away
included. So whoever sells reads one number in the row that it locks anyway, and only where that
is too little, and something is held, it looks for what has run out (docs/adr/0006). What one person
says is gone is kept the same way until somebody else has looked (``looking.doubts``).

Whoever changes lines has locked the rows of their items first, in sku order.
"""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from bopis.kernel.database import Database, Tx
from bopis.kernel.errors import NotFound, TooMany
from bopis.kernel.ids import Sku, StoreId
from inventory.hold_models import HoldId
from inventory.reconcile import Shortfall

MOST_LIVE: Final = 500
"""Of one owner in one store: a busy shop's checkouts, and not the whole shelf for an afternoon."""

MOST_A_MINUTE: Final = 300
"""Asked for by one owner in one store."""

DOUBT: Final = ":doubt"
"""Whose holds wait for a count, and not for a shopper (``looking.doubts``). No channel's name."""

KEPT: Final = timedelta(days=1)
"""How long we can say of a hold that it has ended."""

_MINUTE: Final = timedelta(minutes=1)


class HoldsTooMany(TooMany):
    title = "Too much is held for you already"


class HoldUnknown(NotFound):
    title = "There is no such hold"


@dataclass(frozen=True, slots=True)
class Held:
    """A live hold."""

    owner: str
    until: datetime
    quantities: Mapping[Sku, int]


_TURN: Final = """
    INSERT INTO hold_turns (store_id, owner, since, taken) VALUES ($1, $2, $3, 1)
    ON CONFLICT (store_id, owner) DO UPDATE
       SET taken = CASE WHEN hold_turns.since > $4 THEN hold_turns.taken + 1 ELSE 1 END,
           since = CASE WHEN hold_turns.since > $4 THEN hold_turns.since ELSE EXCLUDED.since END
    RETURNING taken
"""
_LIVE: Final = """
    SELECT count(*) FROM holds
     WHERE store_id = $1 AND owner = $2 AND ended_at IS NULL AND until > $3
"""


async def _wait_for_turn(tx: Tx, store_id: StoreId, owner: str) -> None:
    """See that an owner may take one more; its others wait until this transaction ends.

    Raises:
        HoldsTooMany: It has asked too often, or holds too much already.
    """
    asked = await tx.value(_TURN, store_id, owner, tx.now, tx.now - _MINUTE)
    if asked > MOST_A_MINUTE:
        raise HoldsTooMany(
            f"You asked this store for {MOST_A_MINUTE} holds within a minute. Try again in one,"
            " or order without a hold."
        )
    live = await tx.value(_LIVE, store_id, owner, tx.now)
    if live >= MOST_LIVE:
        raise HoldsTooMany(
            f"You have {live} holds in this store. Use some, drop some, or let some run out."
        )


_TAKE: Final = """
    WITH wanted AS (
        SELECT sku, quantity FROM unnest($2::text[], $3::int[]) AS w (sku, quantity)
    ),
    locked AS (             -- in sku order, for every caller alike: no deadlocks
        SELECT stock.sku, stock.held,
               LEAST(stock.on_hand - stock.unsellable - stock.safety, stock.cap, stock.ceiling)
               - stock.reserved - stock.held AS available
          FROM stock JOIN wanted ON wanted.sku = stock.sku
         WHERE stock.store_id = $1
         ORDER BY stock.sku
           FOR UPDATE OF stock
    ),
    short AS (
        SELECT wanted.sku, wanted.quantity, COALESCE(locked.available, 0) AS available,
               COALESCE(locked.held, 0) AS held
          FROM wanted LEFT JOIN locked ON locked.sku = wanted.sku
         WHERE locked.sku IS NULL OR locked.available < wanted.quantity
    ),
    kept AS (
        UPDATE stock SET held = stock.held + wanted.quantity
          FROM locked JOIN wanted ON wanted.sku = locked.sku
         WHERE stock.store_id = $1 AND stock.sku = locked.sku AND NOT EXISTS (SELECT FROM short)
    ),
    begun AS (
        INSERT INTO holds (store_id, id, owner, taken_at, until)
        SELECT $1, $4::uuid, $5, $6, $7 WHERE NOT EXISTS (SELECT FROM short)
    ),
    lines AS (
        INSERT INTO hold_lines (store_id, hold_id, sku, quantity, until)
        SELECT $1, $4, sku, quantity, $7 FROM wanted WHERE NOT EXISTS (SELECT FROM short)
    )
    SELECT sku, quantity, GREATEST(available, 0) AS available, held FROM short ORDER BY sku
"""


async def take(
    tx: Tx, store_id: StoreId, wanted: Mapping[Sku, int], *, until: datetime, owner: str = ""
) -> HoldId | list[Shortfall]:
    """Keep everything or nothing; return the hold, or the items that we are short of.

    Shapes:
        wanted: 1..n, each quantity at least 1.

    Raises:
        HoldsTooMany: The owner has asked too often, or holds too much already.
    """
    assert wanted
    assert all(quantity > 0 for quantity in wanted.values())
    assert until > tx.now
    await _wait_for_turn(tx, store_id, owner)
    hold_id = HoldId(tx.new_id())
    given = (store_id, list(wanted), list(wanted.values()), hold_id, owner, tx.now, until)
    short = await tx.rows(_TAKE, *given)
    if await lapse(tx, store_id, [Sku(row["sku"]) for row in short if row["held"]]):
        short = await tx.rows(_TAKE, *given)
    if not short:
        return hold_id
    return [Shortfall(Sku(row["sku"]), row["quantity"], row["available"]) for row in short]


_KEEP: Final = """
    WITH begun AS (
        INSERT INTO holds (store_id, id, owner, taken_at, until) VALUES ($1, $2, $5, $6, $7)
        ON CONFLICT (store_id, id) DO UPDATE
        SET taken_at = EXCLUDED.taken_at, until = EXCLUDED.until, ended_at = NULL
    ),
    lines AS (
        INSERT INTO hold_lines (store_id, hold_id, sku, quantity, until)
        SELECT $1, $2, sku, quantity, $7 FROM unnest($3::text[], $4::int[]) AS w (sku, quantity)
        RETURNING sku, quantity
    )
    UPDATE stock SET held = stock.held + l.quantity
      FROM lines AS l
     WHERE stock.store_id = $1 AND stock.sku = l.sku
"""


async def keep(
    tx: Tx,
    store_id: StoreId,
    hold_id: HoldId,
    quantities: Mapping[Sku, int],
    *,
    until: datetime,
    owner: str,
    most: int,
) -> bool:
    """Keep units of items that are locked, whether so many are there or not.

    Returns:
        False: nothing is kept, because the owner has ``most`` holds already.

    Shapes:
        hold_id: new, or of one that has ended.
    """
    await tx.value(_TURN, store_id, owner, tx.now, tx.now - _MINUTE)  # the owner's others wait
    if await tx.value(_LIVE, store_id, owner, tx.now) >= most:
        return False
    what = (list(quantities), list(quantities.values()))
    await tx.run(_KEEP, store_id, hold_id, *what, owner, tx.now, until)
    return True


_LAPSE: Final = """
    WITH gone AS (
        DELETE FROM hold_lines WHERE store_id = $1 AND sku = ANY ($2::text[]) AND until <= $3
        RETURNING sku, quantity
    ),
    freed AS (
        UPDATE stock SET held = stock.held - g.quantity
          FROM (SELECT sku, sum(quantity)::int AS quantity FROM gone GROUP BY sku) AS g
         WHERE stock.store_id = $1 AND stock.sku = g.sku
    )
    SELECT count(*) FROM gone
"""


async def lapse(tx: Tx, store_id: StoreId, skus: Sequence[Sku]) -> int:
    """Set free what has run out, of items whose rows are locked; return how many lines.

    A statement of its own, after the one that locked: what was held or dropped by those for whom
    we waited is seen only by a statement that began after the wait.
    """
    return int(await tx.value(_LAPSE, store_id, skus, tx.now)) if skus else 0


_ITEMS: Final = """
    SELECT DISTINCT sku FROM hold_lines WHERE store_id = $1 AND hold_id = ANY ($2::uuid[])
"""
_LOCK: Final = """
    SELECT sku FROM stock WHERE store_id = $1 AND sku = ANY ($2::text[]) ORDER BY sku FOR UPDATE
"""
_HELD: Final = """
    SELECT l.hold_id, l.sku, l.quantity, l.until, h.owner
      FROM hold_lines AS l JOIN holds AS h ON h.store_id = $1 AND h.id = l.hold_id
     WHERE l.store_id = $1 AND l.hold_id = ANY ($2::uuid[]) AND l.until > $3
"""


async def claim(
    tx: Tx, store_id: StoreId, hold_ids: Collection[HoldId], *, beside: Collection[Sku] = ()
) -> dict[HoldId, Held]:
    """Lock the items of some holds and return those that live; nobody can end them meanwhile.

    Shapes:
        beside: items that are wanted, too: all are locked at once, in their order.
        returns: one that has run out, was used or dropped, or never was, is absent.
    """
    ids = list(hold_ids)
    skus = {row["sku"] for row in await tx.rows(_ITEMS, store_id, ids)}
    await tx.rows(_LOCK, store_id, sorted(skus.union(beside)))
    found: dict[HoldId, dict[Sku, int]] = {}
    rows = await tx.rows(_HELD, store_id, ids, tx.now)
    for row in rows:
        found.setdefault(row["hold_id"], {})[row["sku"]] = row["quantity"]
    about = {row["hold_id"]: row for row in rows}
    return {
        hold_id: Held(about[hold_id]["owner"], about[hold_id]["until"], quantities)
        for hold_id, quantities in found.items()
    }


_FREE: Final = """
    WITH gone AS (
        DELETE FROM hold_lines
         WHERE store_id = $1 AND hold_id = ANY ($2::uuid[])
           AND ($4::timestamptz IS NULL OR until <= $4)
        RETURNING sku, quantity
    ),
    freed AS (
        UPDATE stock SET held = stock.held - g.quantity
          FROM (SELECT sku, sum(quantity)::int AS quantity FROM gone GROUP BY sku) AS g
         WHERE stock.store_id = $1 AND stock.sku = g.sku
    )
    UPDATE holds SET ended_at = $3
     WHERE store_id = $1 AND id = ANY ($2::uuid[]) AND ended_at IS NULL
       AND ($4::timestamptz IS NULL OR until <= $4)
    RETURNING id
"""


async def free(
    tx: Tx, store_id: StoreId, hold_ids: Collection[HoldId], *, over_at: datetime | None = None
) -> list[HoldId]:
    """End holds that ``claim`` has locked: their units may be had by whoever is next.

    Shapes:
        over_at: only those that have run out by then, whoever has begun one anew meanwhile.
        returns: which have ended by this.
    """
    rows = await tx.rows(_FREE, store_id, list(hold_ids), tx.now, over_at)
    return [HoldId(row["id"]) for row in rows]


_RESTORE: Final = """
    WITH back AS (
        SELECT hold_id, sku, quantity, until
          FROM unnest($2::uuid[], $3::text[], $4::int[], $5::timestamptz[])
               AS b (hold_id, sku, quantity, until)
    ),
    lines AS (
        INSERT INTO hold_lines (store_id, hold_id, sku, quantity, until)
        SELECT $1, hold_id, sku, quantity, until FROM back
    ),
    begun AS (
        UPDATE holds SET ended_at = NULL
         WHERE store_id = $1 AND id IN (SELECT hold_id FROM back)
    )
    UPDATE stock SET held = stock.held + b.quantity
      FROM (SELECT sku, sum(quantity)::int AS quantity FROM back GROUP BY sku) AS b
     WHERE stock.store_id = $1 AND stock.sku = b.sku
"""


async def restore(tx: Tx, store_id: StoreId, freed: Mapping[HoldId, Held]) -> None:
    """Take back that holds were ended, in the transaction that ended them."""
    lines = [
        (hold_id, sku, quantity, held.until)
        for hold_id, held in freed.items()
        for sku, quantity in held.quantities.items()
    ]
    await tx.run(_RESTORE, store_id, *([line[n] for line in lines] for n in range(4)))


_OWNED: Final = "SELECT owner FROM holds WHERE store_id = $1 AND id = $2"


async def drop(tx: Tx, store_id: StoreId, hold_id: HoldId, *, owner: str = "") -> None:
    """Give a hold up. One that has ended already stays ended.

    Raises:
        HoldUnknown: This owner never had it, or it ended days ago.
    """
    if await tx.value(_OWNED, store_id, hold_id) != owner:
        raise HoldUnknown("No hold of yours has this id.")
    await claim(tx, store_id, [hold_id])
    await free(tx, store_id, [hold_id])


_STORES: Final = """
    SELECT DISTINCT store_id FROM holds  /* fanout: forgetting */
     WHERE (ended_at IS NULL AND until <= $1) OR until <= $2
     ORDER BY store_id LIMIT 10000
"""
_OVER: Final = """
    SELECT id, owner FROM holds
     WHERE store_id = $1 AND ended_at IS NULL AND until <= $2 ORDER BY until LIMIT 200
"""
_FORGET: Final = """
    DELETE FROM holds AS h WHERE store_id = $1 AND until <= $2 AND ended_at IS NOT NULL
       AND NOT EXISTS (      -- of a doubt it can be said as long as nobody has settled it
           SELECT FROM count_requests AS c
            WHERE c.store_id = $1 AND c.id = h.id AND c.done_at IS NULL)
"""


_Told = Callable[[Tx, StoreId, HoldId], Awaitable[None]]


async def sweep(db: Database, *, told: _Told | None = None) -> int:
    """Tidy away what has run out; return how many holds. Nothing that is sold waits for this.

    Shapes:
        told: hears of each doubt that nobody has settled.
    """
    async with db.transaction(actor="job:inventory.holds") as tx:
        rows = await tx.rows(_STORES, tx.now, tx.now - KEPT)
    return sum([await _tidy(db, StoreId(row["store_id"]), told) for row in rows])


async def _tidy(db: Database, store_id: StoreId, told: _Told | None) -> int:
    async with db.transaction(store_id, actor="job:inventory.holds") as tx:
        owners = {HoldId(r["id"]): r["owner"] for r in await tx.rows(_OVER, store_id, tx.now)}
        if owners:
            await claim(tx, store_id, owners)
            for ended in await free(tx, store_id, owners, over_at=tx.now):
                if told is not None and owners[ended] == DOUBT:
                    await told(tx, store_id, ended)
        await tx.run(_FORGET, store_id, tx.now - KEPT)
    return len(owners)
