"""What is no longer needed is deleted: used-up codes, old failures, and who did what.

The facts stay, because an order and the stock are explained by them. That it was this person is
forgotten: their name is taken off, and who held which device is deleted. Of somebody who has left,
the name itself goes.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

from bopis.kernel.clock import machine_clock
from bopis.kernel.database import Tx
from bopis.kernel.ids import StoreId

SPENT: Final = timedelta(days=1)
"""How long a set-up code outlives its last minute, and a wrong PIN its wait. That is a quarter of
an hour at most, so whoever guesses gains next to nothing by the clean slate."""

HELD: Final = timedelta(days=90)
"""How long we know who it was: as long as an order may have to be explained by it."""

SLACK: Final = timedelta(days=3)
"""How far behind its last look this process looks again, for what had failed then."""

STORES: Final = 1000
_EARLIEST: Final = datetime(2000, 1, 1, tzinfo=UTC)

_STORES: Final = """
    SELECT store_id FROM enrolment_codes WHERE expires_at < $1  /* fanout: forgetting */
    UNION
    SELECT store_id FROM sign_in_failures WHERE locked_until < $1
    UNION
    SELECT store_id FROM associate_sessions WHERE ends_at < $2
    UNION
    SELECT store_id FROM scans
     WHERE received_at >= $4 AND received_at < $3 AND associate_id IS NOT NULL
    UNION
    SELECT store_id FROM pick_tasks
     WHERE opened_at >= $4 AND opened_at < $3 AND ended_at < $3
       AND (assigned_to IS NOT NULL OR device_id IS NOT NULL)
    UNION
    SELECT store_id FROM take_overs WHERE asked_at < $3
    UNION
    SELECT store_id FROM count_requests
     WHERE done_at < $3 AND (claimed_by IS NOT NULL OR first_by IS NOT NULL)
    UNION
    SELECT store_id FROM handheld_cases WHERE opened_at < $3
    UNION
    SELECT store_id FROM disputes WHERE answered_at < $3
    UNION
    SELECT store_id FROM associates WHERE left_at < $3 AND name <> ''
    LIMIT $5
"""
_SPENT: Final[Mapping[str, str]] = {
    "enrolment_codes": "DELETE FROM enrolment_codes WHERE store_id = $1 AND expires_at < $2",
    "sign_in_failures": "DELETE FROM sign_in_failures WHERE store_id = $1 AND locked_until < $2",
}
_SESSIONS: Final = "DELETE FROM associate_sessions WHERE store_id = $1 AND ends_at < $2"
_HELD: Final[Mapping[str, str]] = {
    "scans": """
        UPDATE scans SET associate_id = NULL
         WHERE store_id = $1 AND id IN (
               SELECT id FROM scans
                WHERE store_id = $1 AND received_at < $2 AND associate_id IS NOT NULL
                LIMIT 20000)
    """,
    "pick_tasks": """
        UPDATE pick_tasks SET assigned_to = NULL, device_id = NULL
         WHERE store_id = $1 AND opened_at < $2 AND ended_at < $2
           AND (assigned_to IS NOT NULL OR device_id IS NOT NULL)
    """,
    "take_overs": "DELETE FROM take_overs WHERE store_id = $1 AND asked_at < $2",
    "count_requests": """
        UPDATE count_requests SET claimed_by = NULL, first_by = NULL
         WHERE store_id = $1 AND done_at < $2
           AND (claimed_by IS NOT NULL OR first_by IS NOT NULL)
    """,
    "handheld_cases": "DELETE FROM handheld_cases WHERE store_id = $1 AND opened_at < $2",
    "disputes": """
        DELETE FROM disputes AS d
         WHERE d.store_id = $1 AND (d.answered_at < $2 OR d.associate_id IN (
               SELECT a.id FROM associates AS a WHERE a.store_id = $1 AND a.left_at < $2))
    """,
    "associates": """
        UPDATE associates SET name = '', number = '~' || replace(id::text, '-', '')
         WHERE store_id = $1 AND left_at < $2 AND name <> ''
    """,
}


async def stores(tx: Tx) -> list[StoreId]:
    """Return stores that have something to forget; a thousand at a time, the rest next time.

    What is long forgotten is not looked at again and again: a process that has seen all of it once
    looks only at what has grown old since.
    """
    now, old = machine_clock(), tx.now - HELD
    key = "forgotten up to"
    since = tx.memory.get(key, _EARLIEST)
    await tx.run("SET LOCAL statement_timeout = '2min'")
    rows = await tx.rows(_STORES, now - SPENT, now - HELD, old, since, STORES)
    if len(rows) < STORES:
        tx.memory[key] = old - SLACK
    return [StoreId(row["store_id"]) for row in rows]


async def forget(tx: Tx, store_id: StoreId) -> int:
    """Delete what one store needs no longer, and take off the names; return how many rows."""
    now = machine_clock()
    await tx.run("SET LOCAL statement_timeout = '1min'")
    forgotten = await tx.run(_SESSIONS, store_id, now - HELD)
    for sql in _SPENT.values():
        forgotten += await tx.run(sql, store_id, now - SPENT)
    for sql in _HELD.values():
        forgotten += await tx.run(sql, store_id, tx.now - HELD)
    return forgotten
