"""What a person may decide about a step that failed for good. Each leaves a fact."""

from typing import Final
from uuid import UUID

from bopis.kernel.database import Tx
from bopis.kernel.errors import NotFound
from bopis.kernel.ids import StoreId
from bopis.ops.events import OpsNoted


class DeadLetterUnknown(NotFound):
    title = "There is no such dead letter"


_RETRY: Final = """
    UPDATE deliveries SET due_at = dead_at, dead_at = NULL, attempts = 0
     WHERE store_id = $1 AND event_id = $2 AND subscriber = $3 AND dead_at IS NOT NULL
    RETURNING subject
"""

_DISCARD: Final = """
    DELETE FROM deliveries
     WHERE store_id = $1 AND event_id = $2 AND subscriber = $3 AND dead_at IS NOT NULL
    RETURNING subject
"""


async def retry_dead_letter(tx: Tx, store_id: StoreId, event_id: UUID, subscriber: str) -> None:
    """Let the relay try again, from the first attempt on; what waited behind it follows.

    Raises:
        DeadLetterUnknown: It is not there, or not dead: somebody else was faster.
    """
    await _settle_dead(tx, _RETRY, store_id, event_id, subscriber, note="")


async def discard_dead_letter(
    tx: Tx, store_id: StoreId, event_id: UUID, subscriber: str, *, note: str
) -> None:
    """Give up on what could not be carried out; what waited behind it follows.

    Raises:
        DeadLetterUnknown: It is not there, or not dead.
    """
    await _settle_dead(tx, _DISCARD, store_id, event_id, subscriber, note=note)


async def _settle_dead(
    tx: Tx, sql: str, store_id: StoreId, event_id: UUID, subscriber: str, *, note: str
) -> None:
    subject = await tx.value(sql, store_id, event_id, subscriber)
    if subject is None:
        raise DeadLetterUnknown("It is not waiting here any more. Look at the list again.")
    act = f"try {subscriber} again" if sql is _RETRY else f"give up on {subscriber}"
    await tx.emit(OpsNoted(store_id=store_id, about=subject, act=act, note=note))
