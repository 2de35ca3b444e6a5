"""Carries facts to their later subscribers: exactly-once effect, in order per subject.

Two steps, so that the same SQL runs on a sharded database: which stores have work, without a lock;
then one store's due deliveries, with ``FOR UPDATE SKIP LOCKED``. The handler runs in the claiming
transaction and its row is deleted with it, so no receipt is needed.
"""

from datetime import timedelta
from typing import Final
from uuid import UUID

import structlog
from asyncpg import Record

from bopis.kernel.database import Database, Tx
from bopis.kernel.ids import StoreId, outward

BATCH: Final = 20
ATTEMPTS: Final = 8
_log = structlog.get_logger(__name__)

_READY_STORES: Final = """
    SELECT d.store_id FROM deliveries AS d  /* fanout: relay */
     WHERE d.dead_at IS NULL AND d.due_at <= clock_timestamp()
       AND NOT EXISTS (      -- what waits behind a dead letter is not work to be had
           SELECT FROM deliveries AS d2
            WHERE d2.store_id = d.store_id AND d2.subscriber = d.subscriber
              AND d2.subject = d.subject AND d2.seq < d.seq AND d2.dead_at IS NOT NULL)
     GROUP BY d.store_id ORDER BY min(d.due_at), d.store_id LIMIT 50
"""
_CLAIM: Final = """
    SELECT d.event_id, d.subscriber, d.attempts, e.name, e.payload, e.actor
      FROM deliveries AS d
      JOIN events AS e ON e.store_id = d.store_id AND e.id = d.event_id
     WHERE d.store_id = $1 AND d.dead_at IS NULL AND d.due_at <= clock_timestamp()
       AND NOT EXISTS (      -- never overtake an earlier fact about the same subject
           SELECT FROM deliveries AS d2
            WHERE d2.store_id = $1 AND d2.subscriber = d.subscriber
              AND d2.subject = d.subject AND d2.seq < d.seq)
     ORDER BY d.seq, d.subscriber
     LIMIT $2
       FOR UPDATE OF d SKIP LOCKED
"""
_DONE: Final = """
    DELETE FROM deliveries WHERE store_id = $1 AND event_id = $2 AND subscriber = $3
"""
_FAILED: Final = """
    UPDATE deliveries
       SET attempts = $4::int, error = $5,
           due_at = $7::timestamptz + $6::interval,
           dead_at = CASE WHEN $4::int >= $8::int THEN $7::timestamptz END
     WHERE store_id = $1 AND event_id = $2 AND subscriber = $3
"""


async def drain(db: Database, *, limit: int = 10_000) -> int:
    """Deliver what is due, and what that gives rise to; return how many deliveries succeeded."""
    done = 0
    while done < limit:
        async with db.transaction() as tx:
            stores = [StoreId(row["store_id"]) for row in await tx.rows(_READY_STORES)]
        handled = 0
        for store_id in stores:
            handled += await deliver(db, store_id)
        if not handled:
            return done
        done += handled
    return done


async def deliver(db: Database, store_id: StoreId) -> int:
    """Deliver one batch of one store; return how many succeeded."""
    done = 0
    async with db.transaction(store_id, actor="relay") as tx:
        for row in await tx.rows(_CLAIM, store_id, BATCH):
            with structlog.contextvars.bound_contextvars(**_about(store_id, row)):
                done += await _hand_over(db, tx, store_id, row)
    return done


def _about(store_id: StoreId, row: Record) -> dict[str, str]:
    """Return the ids that every line of a delivery's log shall carry."""
    known = {"store_id": str(store_id), "event_id": row["event_id"].hex}
    order = row["payload"].get("order_id")
    return known | ({"order_id": outward(store_id, UUID(order))} if order else {})


async def _hand_over(db: Database, tx: Tx, store_id: StoreId, row: Record) -> bool:
    key = (store_id, row["event_id"], row["subscriber"])
    try:
        subscription = db.routes.handlers[row["subscriber"]]
        event = subscription.event.model_validate({"store_id": store_id, **row["payload"]})
        async with tx.connection.transaction():
            await subscription.handler(tx, event)
            await tx.settle()
    except Exception as error:  # noqa: BLE001 -- the row stays, with its error
        tx.forget()
        attempts = row["attempts"] + 1
        _log.exception("delivery_failed", subscriber=row["subscriber"], attempts=attempts)
        wait = timedelta(seconds=min(2**attempts, 300))
        machine_now = await tx.value("SELECT clock_timestamp()")
        reason = f"{type(error).__name__}: {error}"[:500]
        await tx.run(_FAILED, *key, attempts, reason, wait, machine_now, ATTEMPTS)
        return False
    await tx.run(_DONE, *key)
    return True
