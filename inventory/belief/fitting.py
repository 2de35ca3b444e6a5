"""What a week of picks and counts teaches about belief itself: each store alone, and all together.

A store with few looks is judged by the curve of all stores, or by none.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final

import numpy as np
from asyncpg import Record

from bopis.kernel.database import Tx
from bopis.kernel.ids import StoreId
from inventory.belief import isotonic, policies
from inventory.belief.filter import Trust
from inventory.belief.knowledge import ANY_KIND, Knowledge
from inventory.belief.odds import Curve

REMEMBERED: Final = timedelta(days=180)
MOST: Final = 500_000
COUNTS: Final = 100
"""Counts that a store needs before they say how its record errs."""
_ROUNDS: Final = 30

_LOOKS: Final = """
    SELECT store_id, raw, found, elsewhere, kind, present, propensity
      FROM belief_outcomes WHERE at > $1
     ORDER BY at DESC LIMIT $2  /* fanout: experience of the whole chain */
"""


@dataclass(frozen=True, slots=True)
class Experience:
    """Every look of the last half year, and the curve through all of them."""

    looks: Mapping[StoreId, Sequence[Record]]
    pooled: Curve


async def experience(tx: Tx) -> Experience:
    looks: dict[StoreId, list[Record]] = defaultdict(list)
    rows = await tx.rows(_LOOKS, tx.now - REMEMBERED, MOST)
    for row in rows:
        looks[StoreId(row["store_id"])].append(row)
    return Experience(looks, _curve(rows) or Curve())


def _curve(rows: Sequence[Mapping[str, Any]]) -> Curve | None:
    """Return the curve through some looks; None: there are too few."""
    if len(rows) < isotonic.ENOUGH:
        return None
    raw, hit, chance = (
        np.array([row[name] for row in rows], dtype=np.float64)
        for name in ("raw", "found", "propensity")
    )
    return isotonic.fitted(raw, hit, 1 / np.maximum(chance, 0.01))


_RATES: Final = """
    SELECT COALESCE(i.department, '') AS department, sum(b.sold) AS sold, sum(b.watched) AS days
      FROM beliefs AS b LEFT JOIN items AS i ON i.sku = b.sku
     WHERE b.store_id = $1
     GROUP BY 1 HAVING sum(b.watched) > 100
"""
_ERRORS: Final = """
    SELECT on_hand FROM stock_ledger
     WHERE store_id = $1 AND kind = 'count' AND source <> 'opening' AND effective_at > $2
     ORDER BY effective_at DESC LIMIT 5000
"""
_KEEP: Final = """
    INSERT INTO belief_stores (store_id, mode, learned, fitted_at) VALUES ($1, $2, $3, $4)
    ON CONFLICT (store_id) DO UPDATE SET learned = EXCLUDED.learned, fitted_at = EXCLUDED.fitted_at
"""


async def fit(tx: Tx, store_id: StoreId, all_stores: Experience) -> Knowledge:
    """Work out anew what a store has taught us, and keep it."""
    looks = all_stores.looks.get(store_id, ())
    own = _curve(looks)
    rates = await tx.rows(_RATES, store_id)
    errors = await tx.rows(_ERRORS, store_id, tx.now - REMEMBERED)
    policy = await policies.get(tx, store_id)
    known = replace(
        policy.known,
        curve=own or all_stores.pooled,
        is_own=own is not None,
        looks=len(looks),
        finds=finds(looks, policy.known),
        rates={row["department"]: float(row["sold"] / row["days"]) for row in rates},
        trust=trusted([row["on_hand"] for row in errors], policy.known.trust),
    )
    await tx.run(_KEEP, store_id, policy.mode, known.said(), tx.now)
    return known


def finds(looks: Sequence[Mapping[str, Any]], known: Knowledge) -> dict[str, tuple[float, float]]:
    """Return how often what was there was found, and overlooked, by kind of place.

    An empty shelf may have been empty: it counts as overlooked with the chance that it was not.
    """
    made: dict[str, tuple[float, float]] = {}
    for row in looks:
        overlooked = float(row["elsewhere"])
        if not row["found"]:
            miss = 1 - known.find(row["kind"])
            there = row["present"] * miss
            overlooked = there / (there + 1 - row["present"]) if there else 0.0
        hit = float(row["found"] and not row["elsewhere"])
        for kind in {row["kind"], ANY_KIND}:
            a, b = made.get(kind, (0.0, 0.0))
            made[kind] = (a + hit, b + overlooked)
    return made


def trusted(errors: Sequence[int], before: Trust) -> Trust:
    """Return how a record errs, from what counts have corrected in it; too few change nothing.

    Source:
        Expectation maximization for a point mass at zero and a discrete Laplace: its spread has a
        closed form, from the mean distance m: ``q = (sqrt(1 + m*m) - 1) / m``.
    """
    if len(errors) < COUNTS:
        return before
    away = np.abs(np.array(errors, dtype=np.float64))
    right, q = before.right, float(np.exp(-1 / before.spread))
    for _ in range(_ROUNDS):
        laplace = (1 - right) * (1 - q) / (1 + q) * q**away
        off = laplace / (laplace + right * (away == 0))
        right = float(np.clip(1 - off.mean(), 0.05, 0.95))
        mean = max(float((off * away).sum() / off.sum()), 0.1)
        q = (np.sqrt(1 + mean * mean) - 1) / mean
    return Trust(right, float(np.clip(-1 / np.log(q), 0.3, 10)))
