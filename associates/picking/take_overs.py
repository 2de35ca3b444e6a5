"""One walk, and two who want it: the second asks, and the first says yes or no.

Nobody is overwritten. Without an answer the second has it once nothing has been heard of the first
for as long as a lease runs, or at once when the first has signed out. A question that is not
answered does not stand for ever: then the first carries on, and the second is told.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from associates.handheld.devices import Holder
from associates.models import PickTask
from associates.picking import claims, tasks
from bopis.kernel.database import Tx
from bopis.kernel.ids import AssociateId, DeviceId, StoreId, TaskId

STANDS: Final = timedelta(minutes=2)
"""How long a question waits for its answer: who asks has other orders to walk for."""

_ASK: Final = """
    INSERT INTO take_overs (store_id, id, task_id, fence, asked_by, asked_from, asked_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7)
    ON CONFLICT (store_id, task_id) WHERE answered_at IS NULL DO NOTHING
"""


async def ask(tx: Tx, task_id: TaskId, holder: Holder) -> str | None:
    """Ask whoever has a walk for it; return their name. None: nobody has it, so it was taken.

    Asked twice, it is one question; of two who ask, the first is answered.

    Raises:
        TaskUnknown: No such task in this store.
    """
    who = await claims.claim(tx, task_id, holder)
    if who is not None:
        task = await tasks.lock(tx, task_id)
        asker = (holder.associate_id, holder.device_id)
        await tx.run(_ASK, tx.store_id, tx.new_id(), task_id, task.fence, *asker, tx.now)
    return who


@dataclass(frozen=True, slots=True)
class Asked:
    id: UUID
    asker: Holder


_OPEN: Final = """
    SELECT o.id, o.asked_by, o.asked_from, a.name
      FROM take_overs AS o JOIN associates AS a ON a.store_id = $1 AND a.id = o.asked_by
     WHERE o.store_id = $1 AND o.task_id = $2 AND o.fence = $3 AND o.answered_at IS NULL
"""
_ANSWER: Final = """
    UPDATE take_overs SET answered_at = $3, granted = $4 WHERE store_id = $1 AND id = $2
"""


async def asked(tx: Tx, store_id: StoreId, task_id: TaskId, fence: int) -> Asked | None:
    """Return who asks for a walk as it is held now."""
    row = await tx.row(_OPEN, store_id, task_id, fence)
    if row is None:
        return None
    who, device = AssociateId(row["asked_by"]), DeviceId(row["asked_from"])
    return Asked(row["id"], Holder(store_id, device, who, row["name"]))


async def answer(tx: Tx, task_id: TaskId, holder: Holder, *, yes: bool) -> tuple[PickTask, str]:
    """Say yes or no to who asks; return the walk as it was, and their name if it is theirs now.

    Only who has it may answer; anybody else's answer, or a late one, changes nothing.

    Raises:
        TaskUnknown: No such task in this store.
    """
    task = await tasks.lock(tx, task_id)
    store_id = StoreId(task.store_id)
    one = await asked(tx, store_id, task_id, task.fence)
    is_own = (task.assigned_to, task.device_id) == (holder.associate_id, holder.device_id)
    if one is None or not is_own:
        return task, ""
    await tx.run(_ANSWER, store_id, one.id, tx.now, yes)
    if not yes:
        return task, ""
    await claims.hand_to(tx, task, one.asker, task.fence + 1)
    return task, one.asker.name


_SILENT: Final = """
    SELECT DISTINCT store_id FROM take_overs  /* fanout: lease expiry */
     WHERE answered_at IS NULL AND asked_at <= $1 LIMIT 1000
"""
_LAPSE: Final = """
    UPDATE take_overs SET answered_at = $3
     WHERE store_id = $1 AND answered_at IS NULL AND asked_at <= $2
"""


async def stores_with_silence(tx: Tx) -> list[StoreId]:
    return [StoreId(row["store_id"]) for row in await tx.rows(_SILENT, tx.now - STANDS)]


async def lapse(tx: Tx, store_id: StoreId) -> int:
    """End questions that nobody has answered, neither yes nor no; return how many."""
    return await tx.run(_LAPSE, store_id, tx.now - STANDS, tx.now)


_MINE: Final = """
    SELECT t.fence = o.fence AS stands, o.granted, o.answered_at
      FROM take_overs AS o JOIN pick_tasks AS t ON t.store_id = $1 AND t.id = o.task_id
     WHERE o.store_id = $1 AND o.task_id = $2 AND o.asked_by = $3 AND o.asked_from = $4
     ORDER BY o.asked_at DESC, o.id DESC LIMIT 1
"""


@dataclass(frozen=True, slots=True)
class Wish:
    """What has become of somebody's question.

    Shapes:
        stands: the walk is in the hands that it was in when they asked, or in none.
        is_new: it was granted so shortly ago that they may not have seen it.
    """

    stands: bool
    is_new: bool


async def wish(tx: Tx, store_id: StoreId, task_id: TaskId, holder: Holder) -> Wish | None:
    """Return what has become of the last question about a walk; None: they never asked."""
    asker = (holder.associate_id, holder.device_id)
    row = await tx.row(_MINE, store_id, task_id, *asker)
    if row is None:
        return None
    is_new = bool(row["granted"]) and row["answered_at"] > tx.now - _SEEN_WITHIN
    return Wish(row["stands"], is_new)


_SEEN_WITHIN: Final = timedelta(minutes=1)
