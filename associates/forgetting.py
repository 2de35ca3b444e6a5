"""What is no longer needed is deleted: used-up codes, old failures, and who held what device."""

from datetime import timedelta
from typing import Final

from bopis.kernel.clock import machine_clock
from bopis.kernel.database import Tx
from bopis.kernel.ids import StoreId

SPENT: Final = timedelta(days=1)
"""How long a set-up code outlives its last minute, and a wrong PIN its wait. That is a quarter of
an hour at most, so whoever guesses gains next to nothing by the clean slate."""

HELD: Final = timedelta(days=90)
"""How long we know who held which device: as long as an order may have to be explained by it."""

_STORES: Final = """
    SELECT store_id FROM enrolment_codes WHERE expires_at < $1  /* fanout: forgetting */
    UNION
    SELECT store_id FROM sign_in_failures WHERE locked_until < $1
    UNION
    SELECT store_id FROM associate_sessions WHERE ends_at < $2
    UNION
    SELECT store_id FROM handheld_cases WHERE opened_at < $2
    LIMIT 1000
"""
_CODES: Final = "DELETE FROM enrolment_codes WHERE store_id = $1 AND expires_at < $2"
_FAILURES: Final = "DELETE FROM sign_in_failures WHERE store_id = $1 AND locked_until < $2"
_CASES: Final = "DELETE FROM handheld_cases WHERE store_id = $1 AND opened_at < $2"
_SESSIONS: Final = "DELETE FROM associate_sessions WHERE store_id = $1 AND ends_at < $2"


async def stores(tx: Tx) -> list[StoreId]:
    """Return stores that have something to forget; a thousand at a time, the rest next time."""
    now = machine_clock()
    rows = await tx.rows(_STORES, now - SPENT, now - HELD)
    return [StoreId(row["store_id"]) for row in rows]


async def forget(tx: Tx, store_id: StoreId) -> int:
    """Delete what one store needs no longer; return how many rows."""
    now = machine_clock()
    return (
        await tx.run(_CODES, store_id, now - SPENT)
        + await tx.run(_FAILURES, store_id, now - SPENT)
        + await tx.run(_SESSIONS, store_id, now - HELD)
        + await tx.run(_CASES, store_id, now - HELD)
    )
