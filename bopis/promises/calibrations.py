"""What stores have learned from their promises, written down: one row for each part of the day."""

from collections.abc import Sequence
from typing import Any, Final

from bopis.kernel.database import Database, Tx
from bopis.kernel.ids import StoreId
from bopis.promises import tracking
from bopis.promises.tracking import Hour, Known, Levels, Quantile, Sums, Tracked

AT_ONCE: Final = 500
"""Promises of one store learned from in one transaction."""

_READ: Final = """
    SELECT hour, theta, orders, missed FROM calibrations WHERE store_id = $1
"""
_LOCK: Final = """
    SELECT hour, theta, orders, missed FROM calibrations WHERE store_id = $1
     ORDER BY hour FOR UPDATE
"""
_COMMON: Final = "SELECT hour, theta, orders, missed FROM common_calibrations"


async def quantile(tx: Tx, store_id: StoreId, *, pace: float = 0.0) -> Quantile:
    """Return what a store's base is multiplied by, at the pace of today."""
    own = await tx.rows(_READ, store_id)
    return Quantile(_levels(own), _levels(await tx.rows(_COMMON)), pace)


def _levels(rows: Sequence[Any]) -> dict[Hour, Tracked]:
    return {Hour(row["hour"]): Tracked(row["theta"], row["orders"], row["missed"]) for row in rows}


_STORES: Final = """
    SELECT DISTINCT store_id FROM preparations  /* fanout: experience of the whole chain */
     WHERE NOT is_learned ORDER BY store_id LIMIT 10000
"""


async def learn(db: Database) -> int:
    """Take in what has become known of promises, store by store; return of how many.

    Not where an order is made ready: all orders of a store would wait for this one row there. A
    promise is counted here within a minute of the instant at which it was kept or broken.
    """
    async with db.transaction(actor=ACTOR) as tx:
        stores = [StoreId(row["store_id"]) for row in await tx.rows(_STORES)]
    count = 0
    for store_id in stores:
        async with db.transaction(store_id, actor=ACTOR) as tx:
            count += await learn_of(tx, store_id)
    if count:
        async with db.transaction(actor=ACTOR) as tx:
            await _together(tx)
    return count


ACTOR: Final = "job:promises.learn"

_TO_LEARN: Final = """
    UPDATE preparations AS p SET is_learned = true
      FROM (SELECT order_id FROM preparations
             WHERE store_id = $1 AND NOT is_learned
             ORDER BY known_at, order_id LIMIT $2
               FOR UPDATE) AS n
     WHERE p.store_id = $1 AND p.order_id = n.order_id
    RETURNING p.known_at, p.order_id, p.missed, p.hour
"""
_KEEP: Final = """
    INSERT INTO calibrations (store_id, hour, theta, orders, missed)
    SELECT $1, n.hour, n.theta, n.orders, n.missed
      FROM unnest($2::text[], $3::float[], $4::int[], $5::int[]) AS n (hour, theta, orders, missed)
     ORDER BY n.hour
        ON CONFLICT (store_id, hour) DO UPDATE
       SET theta = EXCLUDED.theta, orders = EXCLUDED.orders, missed = EXCLUDED.missed
"""


async def learn_of(tx: Tx, store_id: StoreId) -> int:
    """Take in what has become known of one store's promises; each is taken in once."""
    rows = await tx.rows(_TO_LEARN, store_id, AT_ONCE)
    known = [
        Known(row["missed"], Hour(row["hour"]))
        for row in sorted(rows, key=lambda row: (row["known_at"], row["order_id"]))
        if row["missed"] is not None
    ]
    if known:
        levels = _levels(await tx.rows(_LOCK, store_id))
        of_all = _levels(await tx.rows(_COMMON))
        new = tracking.learned(levels, known, of_all=of_all)
        await tx.run(_KEEP, store_id, *_columns(new))
    return len(known)


def _columns(levels: Levels) -> list[list[Any]]:
    rows = sorted((hour, one.theta, one.orders, one.missed) for hour, one in levels.items())
    return [list(column) for column in zip(*rows, strict=True)]


_SUMS: Final = """
    SELECT hour, sum(orders)::int AS orders, sum(missed)::int AS missed, count(*)::int AS stores
      FROM calibrations  /* fanout: experience of the whole chain */
     GROUP BY hour
"""
_KEEP_COMMON: Final = """
    INSERT INTO common_calibrations (hour, theta, orders, missed)
    SELECT n.hour, n.theta, n.orders, n.missed
      FROM unnest($1::text[], $2::float[], $3::int[], $4::int[]) AS n (hour, theta, orders, missed)
     ORDER BY n.hour
        ON CONFLICT (hour) DO UPDATE
       SET theta = EXCLUDED.theta, orders = EXCLUDED.orders, missed = EXCLUDED.missed
"""


async def _together(tx: Tx) -> None:
    rows = await tx.rows(_SUMS)
    sums = {Hour(row["hour"]): Sums(row["orders"], row["missed"], row["stores"]) for row in rows}
    of_all = tracking.together(_levels(await tx.rows(_COMMON)), sums)
    if of_all:
        await tx.run(_KEEP_COMMON, *_columns(of_all))
