"""How the stores of a month stand in the end: their index, and in which order they are offered."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from bopis.kernel.database import Database
from bopis.kernel.ids import StoreId
from bopis.orders.placing import ranking
from bopis.orders.placing.ranking import Candidate
from bopis.promises import standings
from bopis.promises.standing import Standing, unknown
from bopis.simulation.month.nature import Month
from bopis.trust import record, records
from bopis.trust.record import Index

AWAY: Final = 2.0
"""Kilometers to each store: so that nothing but their word tells them apart."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where one store stands among all.

    Shapes:
        before: its place when nothing was known of any; by its code, as all are alike.
        index: the honesty index over 28 days; None where there were too few orders.
    """

    place: int
    before: int
    store: str
    why: str
    found: float
    on_time: float
    ready_true: float
    index: float | None
    costs: Mapping[str, float]
    """What takes most off the index, as exponents."""


LATELY: Final = timedelta(days=28)

_WAITS: Final = """
    SELECT store_id, percentile_cont(0.5) WITHIN GROUP (ORDER BY promised_minutes)
                     * interval '1 minute' AS wait
      FROM promises  /* fanout: report */
     WHERE version = 1 AND made_at > $1 AND promised_minutes IS NOT NULL
     GROUP BY store_id LIMIT 10000
"""


async def ranked(db: Database, month: Month) -> list[Place]:
    """Rank the stores of a month for one and the same order, before anything was known and now.

    Each at the time that it usually names: whoever needs longer is ready later.
    """
    names = [nature.store for nature in month.stores]
    async with db.transaction() as tx:
        known = await standings.of(tx, names)
        counted = await records.of_all(tx, tx.now.date())
        waits = {row["store_id"]: row["wait"] for row in await tx.rows(_WAITS, tx.now - LATELY)}
    chain = record.total(one.now for one in counted.values())
    index = {name: record.index(one.now, chain) for name, one in counted.items()}
    before = _offered([unknown(name) for name in names], {})
    return [
        _place(n, why, known[name], before=before, index=index.get(name))
        for n, (name, why) in enumerate(_offered([known[name] for name in names], waits).items(), 1)
    ]


def _offered(stands: list[Standing], waits: Mapping[StoreId, timedelta]) -> dict[StoreId, str]:
    """Return the stores in the order in which they are offered, each with the reason."""
    hour = timedelta(hours=1)
    alike = [
        Candidate(
            one.store_id, one, (None,), AWAY, 0.0, timedelta(0), waits.get(one.store_id, hour)
        )
        for one in stands
    ]
    places, _ = ranking.rank(alike, b"no draw")
    return {one.candidate.store_id: one.why for one in places}


def _place(
    n: int, why: str, stands: Standing, *, before: Mapping[StoreId, str], index: Index | None
) -> Place:
    parts = sorted(index.components.items(), key=lambda pair: -pair[1])[:2] if index else []
    return Place(
        place=n,
        before=list(before).index(stands.store_id) + 1,
        store=stands.store_id,
        why=why,
        found=round(stands.found.lower, 4),
        on_time=round(stands.on_time.lower, 4),
        ready_true=round(stands.ready_true.lower, 4),
        index=round(index.value, 1) if index else None,
        costs={what: round(cost, 3) for what, cost in parts if cost > 0},
    )
