"""What is known of how long orders take from where they stand: kept, learned from, and read."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from bopis.kernel.database import Database, Tx
from bopis.kernel.ids import OrderId, StoreId
from bopis.promises import survival
from bopis.promises.survival import ENOUGH, Cell, Fitted, Observation, Stage, Survival

EXPERIENCE: Final = timedelta(days=28)
KEPT: Final = EXPERIENCE + survival.WEEK
MOST: Final = 20_000
"""Looks that one fit is made from at most: the newest."""
FRESH: Final = timedelta(minutes=10)
"""Store clock: for how long a process goes on with what it read."""

_ACTOR: Final = "job:promises.survival"


@dataclass(frozen=True, slots=True)
class Expected:
    """What one look at an order expected.

    Units:
        base: open minutes that the rest should take. since_accepted: open minutes so far.
    """

    order_id: OrderId
    cell: Cell
    base: float
    since_accepted: float


_NOTE: Final = """
    INSERT INTO remaining_times (store_id, order_id, stage, elapsed, load, base_minutes,
                                 since_accepted, at)
    SELECT $1, n.order_id, n.stage, n.elapsed, n.load, n.base, n.since_accepted, $2
      FROM unnest($3::uuid[], $4::text[], $5::int[], $6::int[], $7::float[], $8::float[])
           AS n (order_id, stage, elapsed, load, base, since_accepted)
    ON CONFLICT DO NOTHING
"""


async def note(tx: Tx, store_id: StoreId, expected: Sequence[Expected]) -> None:
    """Keep what the first look in each stage and stretch of time expected; others are no news."""
    if not expected:
        return
    await tx.run(
        _NOTE,
        store_id,
        tx.now,
        [one.order_id for one in expected],
        [one.cell.stage for one in expected],
        [one.cell.elapsed for one in expected],
        [one.cell.load for one in expected],
        [one.base for one in expected],
        [one.since_accepted for one in expected],
    )


_OF_STORE: Final = "SELECT * FROM survival_cells WHERE store_id = $1"
_OF_ALL: Final = "SELECT * FROM survival_cells_of_all"


async def of(tx: Tx, store_id: StoreId) -> Survival:
    """Return what was learned of a store and of the chain, as read some minutes ago at most."""
    key = ("survival", store_id)
    read_at, known = tx.memory.get(key, (None, None))
    if isinstance(known, Survival) and timedelta(0) <= tx.now - read_at < FRESH:
        return known
    of_store = _fitted(await tx.rows(_OF_STORE, store_id))
    of_all = _fitted(await tx.rows(_OF_ALL))
    learned = Survival(of_store, of_all) if of_store or of_all else survival.UNLEARNED
    tx.memory[key] = (tx.now, learned)
    return learned


def _fitted(rows: Iterable[Any]) -> dict[Cell, Fitted]:
    return {
        Cell(Stage(row["stage"]), row["elapsed"], row["load"]): Fitted(
            tuple(row["ratios"]), row["n"]
        )
        for row in rows
    }


_TO_LEARN: Final = """
    SELECT s.store_id, s.orders, c.fitted_at, coalesce(c.orders, 0) AS learned
      FROM (SELECT store_id, count(DISTINCT order_id)::int AS orders
              FROM remaining_times  /* fanout: experience of the whole chain */
             WHERE at >= $1 GROUP BY store_id) AS s
      LEFT JOIN (SELECT store_id, max(fitted_at) AS fitted_at, max(orders) AS orders
                   FROM survival_cells GROUP BY store_id) AS c ON c.store_id = s.store_id
     ORDER BY s.store_id
"""
_LEARNED_OF_ALL: Final = """
    SELECT max(fitted_at) AS fitted_at, coalesce(max(orders), 0) AS learned
      FROM survival_cells_of_all
"""


async def refit(db: Database) -> int:
    """Learn anew where it is time to; return for how many stores."""
    async with db.transaction(actor=_ACTOR) as tx:
        stores = await tx.rows(_TO_LEARN, tx.now - EXPERIENCE)
        chain = await tx.row(_LEARNED_OF_ALL)
        assert chain is not None
        orders = sum(row["orders"] for row in stores)
        if survival.is_due(tx.now, chain["fitted_at"], chain["learned"], orders):
            await _learn_of_all(tx, orders)
        due = [
            (StoreId(row["store_id"]), row["orders"])
            for row in stores
            if survival.is_due(tx.now, row["fitted_at"], row["learned"], row["orders"])
        ]
    for store_id, of_store in due:
        async with db.transaction(store_id, actor=_ACTOR) as tx:
            await _learn(tx, store_id, of_store)
    return len(due)


_SEEN: Final = """
    SELECT s.stage, s.elapsed, s.load, s.base_minutes,
           GREATEST(p.open_minutes - s.since_accepted, 0) AS took,
           p.pick_minutes IS NOT NULL AS is_over
      FROM remaining_times AS s
      JOIN preparations AS p ON p.store_id = $1 AND p.order_id = s.order_id
     WHERE s.store_id = $1 AND s.at >= $2
     ORDER BY s.at DESC, s.order_id, s.stage, s.elapsed LIMIT $3
"""
_SEEN_BY_ALL: Final = """
    SELECT s.stage, s.elapsed, s.load, s.base_minutes,
           GREATEST(p.open_minutes - s.since_accepted, 0) AS took,
           p.pick_minutes IS NOT NULL AS is_over
      FROM (SELECT *
              FROM remaining_times  /* fanout: experience of the whole chain */
             WHERE at >= $1 ORDER BY at DESC, order_id, stage, elapsed LIMIT $2) AS s
      JOIN preparations AS p ON p.store_id = s.store_id AND p.order_id = s.order_id
"""


def _observed(rows: Iterable[Any]) -> list[Observation]:
    return [
        Observation(
            Cell(Stage(row["stage"]), row["elapsed"], row["load"]),
            row["base_minutes"],
            row["took"],
            is_over=row["is_over"],
        )
        for row in rows
    ]


_FORGET: Final = "DELETE FROM remaining_times WHERE store_id = $1 AND at < $2"
_CLEAR: Final = "DELETE FROM survival_cells WHERE store_id = $1"
_KEEP: Final = """
    INSERT INTO survival_cells (store_id, stage, elapsed, load, n, ratios, orders, fitted_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
"""


async def _learn(tx: Tx, store_id: StoreId, orders: int) -> None:
    rows = await tx.rows(_SEEN, store_id, tx.now - EXPERIENCE, MOST)
    fitted = survival.fit(_observed(rows))
    await tx.run(_FORGET, store_id, tx.now - KEPT)
    await tx.run(_CLEAR, store_id)
    await tx.run_many(_KEEP, [(store_id, *row) for row in _rows(fitted, orders, tx.now)])
    tx.memory.pop(("survival", store_id), None)


_CLEAR_ALL: Final = "DELETE FROM survival_cells_of_all"
_KEEP_ALL: Final = """
    INSERT INTO survival_cells_of_all (stage, elapsed, load, n, ratios, orders, fitted_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7)
"""


async def _learn_of_all(tx: Tx, orders: int) -> None:
    fitted = survival.fit(_observed(await tx.rows(_SEEN_BY_ALL, tx.now - EXPERIENCE, MOST)))
    await tx.run(_CLEAR_ALL)
    await tx.run_many(_KEEP_ALL, _rows(fitted, orders, tx.now))


def _rows(fitted: Mapping[Cell, Fitted], orders: int, now: datetime) -> list[tuple[Any, ...]]:
    return [
        (cell.stage, cell.elapsed, cell.load, found.n, list(found.ratios), orders, now)
        for cell, found in fitted.items()
        if found.n >= ENOUGH
    ]
