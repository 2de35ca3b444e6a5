"""What we promise, what we said, and what we learn from it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from associates import workload
from associates.crew import shifts
from bopis.kernel.database import Tx
from bopis.kernel.ids import OrderId, StoreId
from bopis.promises import calibrations, predictor, slots, timing, tracking
from bopis.promises.models import Promise
from bopis.promises.outlook import USUAL, Offer, Outlook, idle
from bopis.promises.predictor import Took, Worked
from inventory import stores
from notifications.facts import DelayReason

EXPERIENCE: Final = timedelta(days=28)
TODAY: Final = timedelta(hours=8)
"""How far back the tempo of the day is read: a shift."""

PLANNED: Final = timedelta(days=8)
"""How far ahead shifts and slots are read."""

_EXPERIENCE: Final = """
    SELECT open_minutes / base_minutes AS ratio, pick_minutes, units, known_at
      FROM preparations
     WHERE store_id = $1 AND known_at >= $2
     ORDER BY known_at DESC, order_id DESC LIMIT 200
"""
_POOLED: Final = """
    SELECT open_minutes / base_minutes AS ratio, pick_minutes IS NOT NULL AS is_ready
      FROM preparations  /* fanout: experience of the whole chain */
     WHERE known_at >= $1
     ORDER BY known_at DESC, order_id DESC LIMIT 400
"""


async def pooled(tx: Tx) -> list[Took]:
    """Return how the chain's recent orders went; in no store's transaction."""
    rows = await tx.rows(_POOLED, tx.now - EXPERIENCE)
    return [Took(row["ratio"], row["is_ready"]) for row in rows]


async def outlook(
    tx: Tx, store_id: StoreId, pooled: Sequence[Took] = (), *, to_offer: bool = False
) -> Outlook:
    """Return what we know of a store now; ``to_offer``: with what it plans for the days ahead.

    Raises:
        StoreUnknown: There is no such store.
    """
    calendar = await stores.calendar(tx, store_id)
    work = await workload.workload(tx, store_id, since=tx.now - TODAY)
    seen = await tx.rows(_EXPERIENCE, store_id, tx.now - EXPERIENCE)
    today = [row for row in seen if row["known_at"] >= tx.now - TODAY]
    worked = [
        Worked(row["units"], row["pick_minutes"])
        for row in today
        if row["pick_minutes"] is not None
    ]
    paused = timedelta(0)
    if work.waiting_since is not None:
        since = max(filter(None, (work.waiting_since, work.moved_at)))
        paused = idle(calendar, since, tx.now)
    ahead = (store_id, tx.now, tx.now + PLANNED)
    pickup = await stores.pickup_calendar(tx, store_id)
    return Outlook(
        store_id=store_id,
        calendar=calendar,
        pickup=pickup,
        open_now=timing.going_on(calendar, tx.now),
        pickup_now=timing.going_on(pickup, tx.now),
        taken_at=tx.now,
        orders_ahead=work.waiting_orders,
        units_ahead=work.waiting_units,
        pickers=work.pickers,
        tempo=predictor.today(worked, USUAL),
        known=predictor.evidence(
            [Took(row["ratio"], row["pick_minutes"] is not None) for row in seen], pooled
        ),
        idle=paused,
        before=work.before,
        quantile=await calibrations.quantile(
            tx, store_id, pace=tracking.pace([row["ratio"] for row in today])
        ),
        shifts=await shifts.planned(tx, *ahead) if to_offer else (),
        slots=await slots.of(tx, *ahead) if to_offer else (),
    )


_HOLD_SLOTS: Final = """
    SELECT 1 FROM store_slots WHERE store_id = $1 ORDER BY weekday, opens FOR UPDATE
"""


async def with_slots(tx: Tx, outlook: Outlook) -> Outlook:
    """Return an outlook whose slots are as they are now, and stay so until this transaction ends.

    An outlook is remembered for some seconds, by each process for itself: two of them would sell
    the last place of a slot twice. Where a store gives slots, its orders are taken one after
    another here; where it gives none, nobody waits.
    """
    if not outlook.slots:
        return outlook
    await tx.rows(_HOLD_SLOTS, outlook.store_id)
    slots_now = await slots.of(tx, outlook.store_id, tx.now, tx.now + PLANNED)
    return replace(outlook, slots=slots_now)


_MAKE: Final = """
    INSERT INTO promises (store_id, order_id, version, earliest, latest, confidence, sample_size,
                          basis, base_minutes, kept, hour, promised_minutes, made_at)
    SELECT $1, p.order_id, 1, p.earliest, p.latest, p.confidence, p.sample_size, p.basis,
           p.base_minutes, p.kept, p.hour, p.promised_minutes, $2
      FROM unnest($3::uuid[], $4::timestamptz[], $5::timestamptz[], $6::float[], $7::int[],
                  $8::text[], $9::float[], $10::int[], $11::text[], $12::float[])
           AS p (order_id, earliest, latest, confidence, sample_size, basis, base_minutes, kept,
                 hour, promised_minutes)
"""


async def make(tx: Tx, store_id: StoreId, offers: Mapping[OrderId, Offer]) -> None:
    """Write down what is promised to new orders: version 1, which never changes."""
    made = offers.values()
    await tx.run(
        _MAKE,
        store_id,
        tx.now,
        list(offers),
        [offer.earliest for offer in made],
        [offer.latest for offer in made],
        [offer.confidence for offer in made],
        [offer.sample_size for offer in made],
        [offer.basis for offer in made],
        [offer.base_minutes for offer in made],
        [offer.kept for offer in made],
        [offer.hour for offer in made],
        [offer.promised_minutes for offer in made],
    )


_REVISE: Final = """
    INSERT INTO promises (store_id, order_id, version, latest, confidence, sample_size, basis,
                          base_minutes, reason, made_at)
    SELECT p.store_id, p.order_id, p.version + 1, $3, $4, p.sample_size, p.basis,
           $5, $6, $7
      FROM promises AS p
     WHERE p.store_id = $1 AND p.order_id = $2
     ORDER BY p.version DESC LIMIT 1
    RETURNING *
"""


async def revise(
    tx: Tx,
    store_id: StoreId,
    order_id: OrderId,
    *,
    latest: datetime,
    reason: DelayReason,
    base_minutes: float = 0.0,
    confidence: float = predictor.CONFIDENCE,
) -> Promise:
    """Write down that a promise moved. The caller holds the order's lock.

    Shapes:
        confidence: how sure ``latest`` is (``predictor.confidence``).
    """
    row = await tx.row(
        _REVISE,
        store_id,
        order_id,
        latest,
        confidence,
        base_minutes,
        reason,
        tx.now,
    )
    assert row is not None, "an order without a promise"
    return Promise.of(row)


_VERSIONS: Final = """
    SELECT * FROM promises WHERE store_id = $1 AND order_id = $2 ORDER BY version LIMIT 50
"""


async def versions(tx: Tx, store_id: StoreId, order_id: OrderId) -> list[Promise]:
    """Return all that was promised for an order, the first promise first."""
    return [Promise.of(row) for row in await tx.rows(_VERSIONS, store_id, order_id)]


_FIRST: Final = "SELECT latest FROM promises WHERE store_id = $1 AND order_id = $2 AND version = 1"


async def first(tx: Tx, store_id: StoreId, order_id: OrderId) -> datetime:
    """Return what was promised first: what we are judged by, and by what work is put in order."""
    return await tx.value(_FIRST, store_id, order_id)  # type: ignore[no-any-return]


_HAS_NO_TIME: Final = """
    SELECT coalesce(bool_and(latest = before), false)
      FROM (SELECT latest, lag(latest) OVER (ORDER BY version) AS before FROM promises
             WHERE store_id = $1 AND order_id = $2 ORDER BY version DESC LIMIT 1) AS last
"""


async def has_no_time(tx: Tx, store_id: StoreId, order_id: OrderId) -> bool:
    """Say whether the last that was said of an order is that nobody knows when it will be ready.

    A promise only ever moves later; a version that ends when the one before it did names no time.
    """
    return await tx.value(_HAS_NO_TIME, store_id, order_id)  # type: ignore[no-any-return]


_LEARN: Final = """
    INSERT INTO preparations (store_id, order_id, base_minutes, open_minutes, pick_minutes, units,
                              known_at, missed, hour, promised_minutes)
    SELECT p.store_id, p.order_id, p.base_minutes, $3, $4, $5, $6, $6 > p.latest, p.hour,
           p.promised_minutes
      FROM promises AS p
     WHERE p.store_id = $1 AND p.order_id = $2 AND p.version = 1
    ON CONFLICT (store_id, order_id) DO UPDATE
       SET open_minutes = EXCLUDED.open_minutes, pick_minutes = EXCLUDED.pick_minutes,
           known_at = EXCLUDED.known_at
     WHERE preparations.pick_minutes IS NULL
"""


async def learn(
    tx: Tx,
    store_id: StoreId,
    order_id: OrderId,
    *,
    took: timedelta,
    picked_in: timedelta | None,
    units: int,
) -> None:
    """Take in how long an order took, in open time.

    Called when it is ready, and before that when its promise passes: a miss is known then, and a
    predictor that waited for late orders to finish would be most hopeful where it is least right.
    Whether the promise was kept is written down once, by whoever knows first, and never again: an
    order teaches once, however often this is called and whatever the clock does meanwhile.
    A second *ready*, after a wrong one, teaches nothing: most of that time nobody worked on it.
    """
    await tx.run(
        _LEARN,
        store_id,
        order_id,
        took / timedelta(minutes=1),
        None if picked_in is None else picked_in / timedelta(minutes=1),
        units,
        tx.now,
    )


_GIVE_UP: Final = """
    INSERT INTO preparations (store_id, order_id, base_minutes, open_minutes, units, known_at,
                              missed, hour, promised_minutes)
    SELECT p.store_id, p.order_id, p.base_minutes, p.promised_minutes, $3, $4, true, p.hour,
           p.promised_minutes
      FROM promises AS p
     WHERE p.store_id = $1 AND p.order_id = $2 AND p.version = 1
       AND p.promised_minutes IS NOT NULL
        ON CONFLICT (store_id, order_id) DO NOTHING
"""


async def give_up(tx: Tx, store_id: StoreId, order_id: OrderId, *, units: int) -> None:
    """Take in that we cancelled an order before its promise passed: a promise that was not kept.

    One that its shopper cancelled teaches nothing, and is not told here.
    """
    await tx.run(_GIVE_UP, store_id, order_id, units, tx.now)
