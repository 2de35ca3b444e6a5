"""Who has left: let in no more at once, and nobody's name 90 days later.

What they did has no name by then either (``forgetting``). A row stays, so that whatever still
speaks of it speaks of somebody: without a name, under a number that stands for nothing. Their own
number is free again.
"""

from typing import Final

from associates.picking import claims
from bopis.kernel.clock import machine_clock
from bopis.kernel.database import Tx
from bopis.kernel.ids import AssociateId, StoreId

_LEFT: Final = """
    UPDATE associates SET is_active = false, left_at = $3, badge_digest = NULL, pin_hash = NULL
     WHERE store_id = $1 AND id = ANY ($2::uuid[]) AND is_active
"""
_END_ALL: Final = """
    UPDATE associate_sessions SET ends_at = $3
     WHERE store_id = $1 AND associate_id = ANY ($2::uuid[]) AND ends_at > $3
"""


async def leave(tx: Tx, store_id: StoreId, *who: AssociateId) -> int:
    """Let people in no more: their sessions end now, and their walks are free for others.

    What opened the door for them is not kept. Return how many there were to shut out.
    """
    for one in who:  # rows of tasks are locked first, as everywhere
        await claims.release(tx, store_id, one)
    left = await tx.run(_LEFT, store_id, who, tx.now)
    await tx.run(_END_ALL, store_id, who, machine_clock())
    return left
