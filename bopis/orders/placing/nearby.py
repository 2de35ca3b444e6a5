"""What the twenty nearest stores could do for a basket, asked in one round trip.

The verbs that read one store read these, too: what they are going to ask is listed here, put into
one statement, and they run on the answers (``bopis.kernel.ahead``). A test counts the round trips,
so a verb that begins to ask for something more is noticed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from associates import workload
from associates.crew import shifts
from associates.walking.walk import HANDFUL
from bopis.kernel import ahead
from bopis.kernel.ahead import Ahead, Read
from bopis.kernel.clock import machine_clock
from bopis.kernel.database import Database, Tx
from bopis.kernel.ids import Sku, StoreId
from bopis.orders.placing import outlooks
from bopis.orders.placing.asked import unknown
from bopis.promises import calibrations, promises, slots, standings
from bopis.promises.predictor import Took
from inventory import items, sellable, stores
from inventory.belief import beliefs
from inventory.sources import cadence

_NEAR: Final = """
    SELECT s.store_id, s.latitude, s.longitude,
           row_number() OVER (ORDER BY d.far, s.store_id) AS place
      FROM stores AS s
     CROSS JOIN LATERAL (
           SELECT power(sin(radians(s.latitude - $1::float8) / 2), 2)
                  + cos(radians($1::float8)) * cos(radians(s.latitude))
                    * power(sin(radians(s.longitude - $2::float8) / 2), 2) AS far) AS d
     WHERE s.is_active AND s.latitude IS NOT NULL AND s.longitude IS NOT NULL
       AND ($4::text IS NULL OR s.store_id = $4)
     ORDER BY place LIMIT $3
"""

_DAY: Final = timedelta(days=1)


def _ahead(now: datetime, *, more: timedelta = timedelta(0)) -> tuple[datetime, datetime]:
    return now - more, now + promises.PLANNED + more


def _of_store() -> tuple[Read, ...]:
    return (
        Read(stores.GET, lambda **_: ()),
        Read(stores._HOURS, lambda now, **_: (now - stores.PAST,)),
        Read(workload._WAITING, lambda **_: (HANDFUL,)),
        Read(
            workload._FLOOR,
            lambda now, **_: (machine_clock(), now - promises.TODAY, workload._MOVES),
        ),
        Read(promises._EXPERIENCE, lambda now, **_: (now - promises.EXPERIENCE,)),
        Read(calibrations._READ, lambda **_: ()),
        Read(shifts._PLANNED, lambda now, **_: _ahead(now)),
        Read(slots._RATES, lambda **_: ()),
        Read(slots._PROMISED, lambda now, **_: _ahead(now, more=_DAY)),  # of all slots, and more
        Read(sellable._AVAILABLE, lambda now, skus, **_: (skus, now)),
        Read(beliefs._ODDS, lambda skus, **_: (skus,)),
        Read(cadence._OF_STORE, lambda **_: ()),
        Read(standings._ONE, lambda **_: ()),
    )


_SHARED: Final = (
    Read(calibrations._COMMON, lambda **_: (), of_store=False),
    Read(items._NAMES, lambda skus, **_: (skus,), of_store=False),
)
_POOLED: Final = Read(
    promises._POOLED, lambda now, **_: (now - promises.EXPERIENCE,), of_store=False
)

_READS: Final = (*_of_store(), *_SHARED)
_WITH_POOLED: Final = (*_READS, _POOLED)
_ASK: Final = ahead.together(_NEAR, _READS, after=4)
_ASK_WITH_POOLED: Final = ahead.together(_NEAR, _WITH_POOLED, after=4)


@dataclass(frozen=True, slots=True)
class View:
    """One store near by, and all that is known of it, read."""

    store_id: StoreId
    distance_km: float
    tx: Ahead


async def seen_from(
    db: Database,
    tx: Tx,
    place: tuple[float, float],
    skus: Sequence[Sku],
    *,
    limit: int,
    only_store: StoreId | None = None,
) -> tuple[list[View], list[Took]]:
    """Return the nearest stores, nearest first, and the chain's experience: in one round trip.

    Raises:
        ItemsUnknown: An item is not in the catalog, so no store can have it.
    """
    fresh = outlooks.pooled_is_fresh(db)
    reads, statement = (_READS, _ASK) if fresh else (_WITH_POOLED, _ASK_WITH_POOLED)
    found, shared = await ahead.ask(
        tx, statement, reads, *place, limit, only_store, now=tx.now, skus=list(skus)
    )
    names = await items.names(shared, skus)
    if missing := [sku for sku in skus if sku not in names]:
        raise unknown(missing)
    if not fresh:
        outlooks.keep_pooled(db, await promises.pooled(shared))
    return [
        View(
            StoreId(row["store_id"]),
            stores.kilometers(*place, row["latitude"], row["longitude"]),
            view,
        )
        for row, view in found
    ], outlooks.remembered(tx)
