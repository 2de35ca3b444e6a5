"""Orders that one person walks for at once: taken on, told apart, handed on."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from associates.handheld import reading
from associates.handheld.devices import Holder
from associates.models import PickTask
from associates.picking import claims, scanlog, tasks
from associates.picking.claims import LEASE
from associates.picking.picking import Loose
from associates.picking.scans import (
    WALKING,
    Heard,
    ItemCode,
    Said,
    ScanKind,
    ScanOutcome,
    TaskState,
    ToteCode,
    judge,
)
from associates.walking import walks, wave
from associates.walking.wave import Odds
from bopis.kernel.clock import machine_clock
from bopis.kernel.database import Tx
from bopis.kernel.errors import Conflict
from bopis.kernel.ids import OrderId, StoreId, TaskId
from bopis.kernel.speech import phrase, t


class NotHeld(Conflict):
    title = phrase("This order is not in your hands")


_FORESEE: Final = """
    WITH free AS (      -- whoever scans for one of them is not waited for: it is told next time
        SELECT t.id, n.slow_minutes, n.is_at_risk
          FROM pick_tasks AS t
          JOIN unnest($2::uuid[], $3::float[], $4::bool[]) AS n (order_id, slow_minutes, is_at_risk)
            ON n.order_id = t.order_id
         WHERE t.store_id = $1 AND t.order_id = ANY ($2::uuid[])
           AND t.state IN ('open', 'claimed', 'picked')
           AND (t.slow_minutes, t.is_at_risk) IS DISTINCT FROM (n.slow_minutes, n.is_at_risk)
         ORDER BY t.id FOR UPDATE OF t SKIP LOCKED
    )
    UPDATE pick_tasks AS t SET slow_minutes = free.slow_minutes, is_at_risk = free.is_at_risk
      FROM free WHERE t.store_id = $1 AND t.id = free.id
"""


async def foresee(tx: Tx, store_id: StoreId, seen: Mapping[OrderId, Odds]) -> None:
    """Note what whoever makes promises thinks of some orders: which are in a hurry, which are not.

    It waits for nobody, so it may be called whatever is locked.
    """
    if not seen:
        return
    ids = sorted(seen)
    await tx.run(
        _FORESEE,
        store_id,
        ids,
        [seen[one].slow_minutes for one in ids],
        [seen[one].is_at_risk for one in ids],
    )


async def claim(tx: Tx, wanted: Sequence[TaskId], holder: Holder) -> dict[str, str]:
    """Take some orders on as one walk; return who has those that were taken meanwhile.

    Whatever is still free is taken: one alone is a walk like any other. An order at risk is walked
    alone, so it is left where it is if it became one meanwhile.

    Shapes:
        wanted: 1 to 4, in any order; one that is not to be picked any more is left out.
        returns: the order's number to a name; empty: all that can be taken is taken.

    Raises:
        TaskUnknown: There is no such task in this store.
    """
    locked = [await tasks.lock(tx, task_id) for task_id in sorted(set(wanted))]
    taken: dict[str, str] = {}
    free: list[PickTask] = []
    for task in locked:
        if not tasks.is_live(task):
            continue
        if who := await claims.held_by_other(tx, task, holder):
            taken[task.number] = who
        elif task.state is not TaskState.PICKED and not (task.is_at_risk and len(locked) > 1):
            free.append(task)
    free = sorted(free, key=lambda task: (task.due_at, task.id))[: wave.MOST]
    ids = [task.id for task in free]
    if len(free) > 1:
        wave_id, totes = tx.new_id(), wave.totes(ids)
        for task in free:
            fence = task.fence + (not claims.is_his(task, holder))
            await claims.hand_to(tx, task, holder, fence, wave=(wave_id, totes[task.id].number))
    elif free:
        fence = free[0].fence + (not claims.is_his(free[0], holder))
        await claims.hand_to(tx, free[0], holder, fence)
    if free:
        await walks.plan(tx, free[0].store_id, ids)
        await claims.start(tx, free)
    return taken


async def take(
    tx: Tx, wanted: Mapping[TaskId, int], said: Said, holder: Holder
) -> tuple[Heard, dict[str, str]]:
    """Take orders on as one walk as a handheld did that could not ask.

    Each of them that nobody else has taken since is taken, its tote where it stands; so what was
    done for it counts. The others are left to whoever has them, and said: then it is superseded,
    for that is not what the person was shown.

    Shapes:
        wanted: each with the fence by all the device knew, in the order of the totes.
        returns: what we made of it, and of the others the number and who has it; blank: nobody.

    Raises:
        TaskUnknown: There is no such task in this store.
        ScanNumberUsed: The device's running number stands for something else.
    """
    locked = {task_id: await tasks.lock(tx, task_id) for task_id in sorted(wanted)}
    if earlier := await scanlog.find(tx, said.scan_id):
        return earlier, {}
    free: list[PickTask] = []
    others: dict[str, str] = {}
    for number, (task_id, fence) in enumerate(wanted.items(), 1):
        task = locked[task_id]
        who = await claims.held_by_other(tx, task, holder) if tasks.is_live(task) else None
        if who or not tasks.is_live(task) or task.fence != fence:
            others[task.number] = who or ""
            continue
        raised = fence + (task.device_id != holder.device_id)
        await claims.hand_to(tx, task, holder, raised, wave=(said.scan_id, number))
        free.append(task)
    heard = Heard(said.kind, ScanOutcome.SUPERSEDED if others else ScanOutcome.APPLIED)
    await scanlog.write(tx, holder, said, heard)
    if free:
        await walks.plan(tx, free[0].store_id, [task.id for task in free])
        await claims.start(tx, free)
    return heard, others


_LATEST: Final = """
    SELECT task_id FROM scans
     WHERE store_id = $1 AND task_id = ANY ($2::uuid[]) AND outcome = 'applied'
       AND kind IN ('item', 'short', 'skip', 'look', 'miss', 'zero_check')
       AND ($3::uuid IS NULL OR id = $3)
     ORDER BY received_at DESC, device_seq DESC LIMIT 1
"""


async def meant(
    tx: Tx, task: PickTask, others: Sequence[PickTask], said: Said, loose: Loose | None
) -> PickTask:
    """Return which order of the wave a scan is of; if it is none's, the one on the screen.

    An item that this order does not want, or has enough of, may be what another tote still needs.
    What is taken back is what was done last, in whichever tote. The label of a tote is about what
    waits to be put into one.

    Shapes:
        others: of the same wave and in the same hands, locked.
    """
    live = [one for one in others if one.state in {*WALKING, TaskState.OPEN}]
    by_id = {one.id: one for one in live}
    if said.kind is ScanKind.UNDO:
        ids = [*by_id, *([task.id] if task.state in WALKING else [])]
        latest = await tx.value(_LATEST, tx.store_id, ids, said.undoes)
        return by_id.get(latest, task)
    if said.kind not in {ScanKind.ITEM, ScanKind.STAGE}:
        return task
    wanted = {one.id: await tasks.lines(tx, one.id) for one in (task, *live)}
    known = {line.sku for lines in wanted.values() for line in lines}
    read = await reading.read(tx, said.code, known=known)
    if isinstance(read, ToteCode) and loose is not None:
        return by_id.get(loose.task_id, task)
    if not isinstance(read, ItemCode) or said.kind is ScanKind.STAGE:
        return task
    item = replace(read, quantity=said.quantity or read.quantity)
    for one in (task, *live):
        state = TaskState.CLAIMED if one.state is TaskState.OPEN else one.state
        verdict = judge(state, wanted[one.id], item, mine=True, at=said.line)
        if verdict.outcome is ScanOutcome.APPLIED:
            return one
    return task


_RENEW: Final = """
    UPDATE pick_tasks SET lease_until = $5, assigned_to = $4
     WHERE store_id = $1 AND wave_id = $2 AND device_id = $3
       AND state IN ('claimed', 'picked')
"""


async def renew(tx: Tx, task: PickTask, holder: Holder) -> None:
    """Keep the other totes in these hands, too: whoever scans for one is at all of them."""
    until: datetime = machine_clock() + LEASE
    who, device = holder.associate_id, holder.device_id
    await tx.run(_RENEW, task.store_id, task.wave_id, device, who, until)


_GIVE_UP: Final = """
    UPDATE pick_tasks
       SET state = CASE state WHEN 'claimed' THEN 'open' ELSE state END, fence = fence + 1,
           assigned_to = NULL, device_id = NULL, lease_until = NULL, wave_id = NULL, tote = NULL
     WHERE store_id = $1 AND id = $2
"""


async def give_up(tx: Tx, task_id: TaskId, holder: Holder) -> tuple[list[TaskId], str]:
    """Put one order back on the list with all that was found for it: somebody else takes its tote.

    The rest of the wave goes on as it is; the last one of it is a walk by itself.

    Returns:
        The rest, and the number of the order.

    Raises:
        TaskUnknown: There is no such task in this store.
        NotHeld: It is in no hands, or in somebody else's.
    """
    task, others = await tasks.lock_wave(tx, task_id)
    if not claims.is_his(task, holder) or task.state not in WALKING:
        raise NotHeld(t("This order is not in your hands any more. Go back to the list."))
    await tx.run(_GIVE_UP, task.store_id, task.id)
    return [one.id for one in others], task.number
