"""When a handheld was last heard of, and what it still held then."""

from typing import Final

from associates.handheld.devices import Credentials
from bopis.kernel.database import Database

EVERY: Final = 300.0
"""Seconds for which a process does not write down again what it has just written down."""

_SEEN: Final = """
    UPDATE devices SET seen_at = $3, unsent = $4 WHERE store_id = $1 AND id = $2
"""


async def seen(db: Database, shown: Credentials, unsent: int) -> None:
    """Note that a device is here, and how much of its log it says that it still holds.

    Of one that was let in: whoever calls has made sure of it.
    """
    key = ("seen", shown.store_id, shown.device_id)

    async def write() -> int:
        async with db.transaction(shown.store_id, actor=shown.actor) as tx:
            await tx.run(_SEEN, shown.store_id, shown.device_id, tx.now, unsent)
        return unsent

    if db.memory.last(key) != unsent:
        db.memory.forget(key)
    await db.memory.lately(key, EVERY, write)
