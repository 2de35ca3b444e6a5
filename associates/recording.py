"""What a scan does: lock, rule, write, emit."""

from dataclasses import dataclass, replace
from typing import Final
from uuid import UUID

from associates import reading, scanlog, tasks
from associates.devices import Holder
from associates.events import PickLineFound, PickLineShort, PickLineUndone, PickStaged
from associates.models import PickTask
from associates.scans import (
    WALKING,
    Heard,
    ItemCode,
    Line,
    PlaceCode,
    Said,
    ScanKind,
    ScanOutcome,
    ShortReason,
    TaskState,
    after_pick,
    judge,
)
from bopis.kernel.clock import machine_clock
from bopis.kernel.database import Tx
from bopis.kernel.ids import Sku, TaskId
from inventory import locations, stock
from inventory.belief import beliefs


@dataclass(frozen=True, slots=True)
class _Change:
    """What one scan adds to its line, and the scan that it takes back."""

    found: int = 0
    short: int = 0
    skipped: int = 0
    reason: ShortReason | None = None
    place: str | None = None
    undoes: UUID | None = None


_NOTHING: Final = _Change()


async def record(tx: Tx, task_id: TaskId, said: Said, holder: Holder) -> Heard:
    """Take in one scan, live or hours late, and return what it means.

    A scan id that we have had before changes nothing and is answered as it was then.

    Raises:
        TaskUnknown: No such task in this store.
        ScanNumberUsed: The device's running number stands for another scan.
    """
    task = await tasks.lock(tx, task_id)
    if earlier := await scanlog.find(tx, said.scan_id):
        return earlier
    lines = await tasks.lines(tx, task_id)
    mine = task.fence == said.fence > 0 and task.device_id == holder.device_id
    if mine and task.state is TaskState.OPEN:
        task.state = TaskState.CLAIMED  # its lease had run out, and nobody else took it
    heard, change = await _judged(tx, task, lines, said, mine=mine)
    await scanlog.write(tx, holder, said, heard, task_id=task_id, undoes=change.undoes)
    if mine:
        await _apply(tx, task, lines, heard, change=change, holder=holder)
    if heard.outcome is ScanOutcome.APPLIED:
        before = sum(line.found for line in lines if line.line == heard.line)
        await _announce(tx, task, heard, change, said, before=before)
    return heard


async def _judged(
    tx: Tx, task: PickTask, lines: list[Line], said: Said, *, mine: bool
) -> tuple[Heard, _Change]:
    if said.kind in {ScanKind.ITEM, ScanKind.STAGE}:
        return await _scanned(tx, task, lines, said, mine=mine)
    if not mine:
        return Heard(said.kind, ScanOutcome.SUPERSEDED, line=said.line), _NOTHING
    if said.kind is ScanKind.UNDO and task.state in WALKING:
        return await _undone(tx, task, said)
    return _tapped(task, lines, said)


def _tapped(task: PickTask, lines: list[Line], said: Said) -> tuple[Heard, _Change]:
    line = next((line for line in lines if line.line == said.line and line.left > 0), None)
    if line is None or task.state not in WALKING:
        return Heard(said.kind, ScanOutcome.NOT_NOW, line=said.line), _NOTHING
    if said.kind is ScanKind.SKIP:
        return Heard(said.kind, ScanOutcome.APPLIED, line.sku, line.line), _Change(skipped=1)
    if said.kind is not ScanKind.SHORT:
        return Heard(said.kind, ScanOutcome.NOT_NOW, line=said.line), _NOTHING
    quantity = min(said.quantity or line.left, line.left)
    return (
        Heard(said.kind, ScanOutcome.APPLIED, line.sku, line.line, quantity),
        _Change(short=quantity, reason=said.reason or ShortReason.NOT_FOUND),
    )


async def _scanned(
    tx: Tx, task: PickTask, lines: list[Line], said: Said, *, mine: bool
) -> tuple[Heard, _Change]:
    read = await reading.read(tx, said.code, known={line.sku for line in lines})
    if isinstance(read, ItemCode) and said.quantity:
        read = replace(read, quantity=said.quantity)  # one was scanned, the number keyed in
    verdict = judge(task.state, lines, read, mine=mine, at=said.line)
    heard = Heard(
        kind=verdict.kind,
        outcome=verdict.outcome,
        sku=read.sku if isinstance(read, ItemCode) else None,
        line=verdict.line,
        quantity=verdict.quantity,
        code=scanlog.legible(said.code),
    )
    if verdict.outcome is not ScanOutcome.APPLIED:
        return heard, _NOTHING
    if isinstance(read, PlaceCode):
        return heard, _Change(place=read.code)
    return heard, _Change(found=verdict.quantity)


_UNDOABLE: Final = """
    SELECT id, kind, sku, line, quantity FROM scans
     WHERE store_id = $1 AND task_id = $2 AND outcome = 'applied'
       AND kind IN ('item', 'short', 'skip') AND ($3::uuid IS NULL OR id = $3)
     ORDER BY received_at DESC, device_seq DESC LIMIT 1
"""
_TAKE_BACK: Final = "UPDATE scans SET outcome = 'undone' WHERE store_id = $1 AND id = $2"


async def _undone(tx: Tx, task: PickTask, said: Said) -> tuple[Heard, _Change]:
    """Take back what was done last, or what is named."""
    row = await tx.row(_UNDOABLE, task.store_id, task.id, said.undoes)
    if row is None:
        return Heard(ScanKind.UNDO, ScanOutcome.NOT_NOW), _NOTHING
    await tx.run(_TAKE_BACK, task.store_id, row["id"])
    kind, quantity = ScanKind(row["kind"]), row["quantity"]
    heard = Heard(ScanKind.UNDO, ScanOutcome.APPLIED, Sku(row["sku"]), row["line"], quantity)
    return heard, _Change(
        found=-quantity if kind is ScanKind.ITEM else 0,
        short=-quantity if kind is ScanKind.SHORT else 0,
        skipped=-1 if kind is ScanKind.SKIP else 0,
        undoes=row["id"],
    )


_APPLY: Final = """
    WITH line AS (
        UPDATE pick_lines
           SET found = found + $4, short = short + $5, skipped = greatest(skipped + $6, 0),
               short_reason = CASE WHEN short + $5 = 0 THEN NULL
                                   ELSE coalesce($7, short_reason) END
         WHERE store_id = $1 AND task_id = $2 AND line = $3
    )
    UPDATE pick_tasks
       SET state = $8, lease_until = $9, assigned_to = $10,
           staging_code = $11, staged_at = $12
     WHERE store_id = $1 AND id = $2
"""


async def _apply(
    tx: Tx,
    task: PickTask,
    lines: list[Line],
    heard: Heard,
    *,
    change: _Change,
    holder: Holder,
) -> None:
    """Write what has changed, and renew the lease: whatever was scanned, somebody is at it."""
    state = task.state
    if change.place is not None:
        state = TaskState.STAGED
    elif change is not _NOTHING:
        state = after_pick([_moved(line, heard, change) for line in lines])
    is_live = state in WALKING
    await tx.run(
        _APPLY,
        task.store_id,
        task.id,
        heard.line,
        change.found,
        change.short,
        change.skipped,
        change.reason,
        state,
        machine_clock() + tasks.LEASE if is_live else None,
        holder.associate_id if is_live or change.place else task.assigned_to,
        change.place or task.staging_code,
        tx.now if change.place is not None else task.staged_at,
    )


def _moved(line: Line, heard: Heard, change: _Change) -> Line:
    if line.line != heard.line:
        return line
    found, short = line.found + change.found, line.short + change.short
    return Line(line.line, line.sku, line.asked, found, short)


_UNSEEN: Final = {
    ShortReason.NOT_FOUND,
    ShortReason.SHORT_QUANTITY,
    ShortReason.WRONG_ITEM_AT_LOCATION,
}
_PICKED: Final = """
    SELECT coalesce(sum(l.found), 0)::int
      FROM pick_tasks AS t
      JOIN pick_lines AS l ON l.store_id = t.store_id AND l.task_id = t.id
     WHERE t.store_id = $1 AND t.state NOT IN ('done', 'cancelled')
       AND l.store_id = $1 AND l.sku = $2
"""


async def _announce(
    tx: Tx, task: PickTask, heard: Heard, change: _Change, said: Said, *, before: int
) -> None:
    """Say what happened, and do to the stock what follows from it."""
    about = {"store_id": task.store_id, "order_id": task.order_id, "task_id": task.id}
    if change.place is not None:
        await tx.emit(PickStaged(**about, place=change.place, scan_id=said.scan_id))
        return
    if change.found == change.short == 0:
        return  # skipped: a matter of the walk alone
    assert heard.sku is not None
    assert heard.line is not None
    about |= {"line": heard.line, "sku": heard.sku, "scan_id": said.scan_id}
    if change.found > 0:
        await tx.emit(PickLineFound(**about, quantity=change.found))
        await beliefs.found(tx, task.store_id, heard.sku, change.found, picked=before)
        if before == 0:
            await _noted(tx, task, heard.sku, seen=True)
    elif change.short > 0:
        assert change.reason is not None
        await tx.emit(PickLineShort(**about, quantity=change.short, reason=change.reason))
        picked = await tx.value(_PICKED, task.store_id, heard.sku)
        if change.reason in _UNSEEN:
            await beliefs.missed(tx, task.store_id, heard.sku, looked=1, picked=picked)
        await stock.short(
            tx,
            task.store_id,
            task.order_id,
            heard.sku,
            change.short,
            change.reason,
            said.scan_id,
            picked=picked,
        )
        if change.reason in {ShortReason.NOT_FOUND, ShortReason.WRONG_ITEM_AT_LOCATION}:
            await _noted(tx, task, heard.sku, seen=False)
    else:
        was_short = change.short < 0
        quantity = -(change.short + change.found)
        await tx.emit(PickLineUndone(**about, quantity=quantity, was_short=was_short))
        if was_short:
            assert change.undoes is not None
            cause = change.undoes
            await stock.unshort(tx, task.store_id, task.order_id, heard.sku, quantity, cause)


async def _noted(tx: Tx, task: PickTask, sku: Sku, *, seen: bool) -> None:
    """Remember whether the item was where the screen sent the associate: the likeliest place."""
    known = await locations.find(tx, task.store_id, [sku])
    if known[sku]:
        first = known[sku][0]
        place = (first.zone, first.aisle, first.bay, first.shelf)
        note = locations.found_at if seen else locations.missed_at
        await note(tx, task.store_id, sku, place)
