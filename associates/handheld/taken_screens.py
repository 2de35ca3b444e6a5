"""What two people read who want the same walk."""

from typing import Final
from zoneinfo import ZoneInfo

from associates.handheld import parts, screens, wording
from associates.handheld.devices import Holder
from associates.handheld.part_schemas import Units
from associates.handheld.schemas import Answer
from associates.handheld.walk_schemas import StageData, TakenData, TookOver, WalkData
from associates.handheld.wording import Message
from associates.models import PickTask
from associates.picking import claims, take_overs, tasks
from bopis.kernel.database import Tx
from bopis.kernel.ids import TaskId
from inventory import stores

_HELD: Final = """
    SELECT t.*, sum(l.asked)::int AS asked, sum(l.found)::int AS found,
           EXISTS (SELECT FROM take_overs AS o
                    WHERE o.store_id = $1 AND o.task_id = t.id AND o.fence = t.fence
                      AND o.answered_at IS NULL AND o.asked_by = $3) AS is_asked,
           EXISTS (SELECT FROM take_overs AS o
                    WHERE o.store_id = $1 AND o.task_id = t.id AND o.fence = t.fence
                      AND NOT o.granted AND o.asked_by = $3) AS is_refused,
           EXISTS (SELECT FROM take_overs AS o
                    WHERE o.store_id = $1 AND o.task_id = t.id AND o.fence = t.fence
                      AND o.answered_at IS NOT NULL AND o.granted IS NULL
                      AND o.asked_by = $3) AS is_silent
      FROM pick_tasks AS t JOIN pick_lines AS l ON l.store_id = $1 AND l.task_id = t.id
     WHERE t.store_id = $1 AND t.id = $2
     GROUP BY t.store_id, t.id
"""


async def taken(tx: Tx, task_id: TaskId, holder: Holder, who: str) -> Answer:
    """Say who has a walk, since when, and how far they are.

    Shapes:
        who: blank: nobody any more, so that it can be taken on.
    """
    row = await tx.row(_HELD, holder.store_id, task_id, holder.associate_id)
    assert row is not None, "whoever calls has locked it"
    store = await stores.get(tx, holder.store_id)
    since = row["claimed_at"] or row["started_at"] or tx.now
    data = TakenData(
        **parts.head(tx, store, row).model_dump(),
        who=who,
        since=wording.when(since, ZoneInfo(store.time_zone), tx.now),
        asked=row["asked"],
        found=row["found"],
        is_asked=row["is_asked"],
        is_refused=row["is_refused"],
        is_silent=row["is_silent"],
        is_free=not who,
    )
    return Answer(next_state="taken", data=data)


async def looked_at(tx: Tx, task: PickTask, holder: Holder) -> Answer:
    """Return how a walk stands for somebody who looks at it again.

    Whoever waits for somebody else's goes on waiting, until it is free; who was given it is shown
    what is in the tote.
    """
    task_id = TaskId(task.id)
    wish = await take_overs.wish(tx, holder.store_id, task_id, holder)
    if tasks.is_live(task) and not claims.is_his(task, holder):
        who = await claims.held_by_other(tx, task, holder)
        if who or (wish and wish.stands):
            return await taken(tx, task_id, holder, who or "")
    answer = await screens.task(tx, task_id, holder)
    return await took_over(tx, task, answer) if wish and wish.is_new else answer


_IN_THE_TOTE: Final = """
    SELECT name, found FROM pick_lines
     WHERE store_id = $1 AND task_id = $2 AND found > 0 ORDER BY line
"""
_LAST: Final = """
    SELECT s.fence, a.name
      FROM scans AS s JOIN associates AS a ON a.store_id = $1 AND a.id = s.associate_id
     WHERE s.store_id = $1 AND s.task_id = $2 AND s.outcome = 'applied' AND s.kind = 'item'
     ORDER BY s.fence DESC, s.received_at DESC, s.device_seq DESC LIMIT 1
"""


async def took_over(tx: Tx, task: PickTask, answer: Answer) -> Answer:
    """Add what is in the tote already to the answer of whoever carries on with another's walk.

    It is said until they have scanned something themselves.
    """
    if not isinstance(answer.data, WalkData | StageData):
        return answer
    last = await tx.row(_LAST, task.store_id, task.id)
    if last is None or last["fence"] >= answer.data.fence:
        return answer
    rows = await tx.rows(_IN_THE_TOTE, task.store_id, task.id)
    items = [Units(name=row["name"], quantity=row["found"]) for row in rows]
    data = answer.data.model_copy(update={"took_over": TookOver(who=last["name"], items=items)})
    return answer.model_copy(update={"data": data})


async def handed_on(tx: Tx, task: PickTask, who: str) -> Message:
    """Return what somebody reads who has just given a walk away."""
    rows = await tx.rows(_IN_THE_TOTE, task.store_id, task.id)
    return wording.handed_on(who, [(row["name"], row["found"]) for row in rows])
