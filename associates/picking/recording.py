"""What a scan does: lock, rule, write, emit."""

from dataclasses import dataclass, replace
from functools import partial
from typing import Final
from uuid import UUID

from associates.bagging import bags
from associates.counting import counts
from associates.events import PickLineFound, PickLineShort, PickLineUndone, PickStaged
from associates.handheld import reading
from associates.handheld.devices import Holder
from associates.models import PickTask
from associates.picking import claims, picking, pickings, scanlog, tasks
from associates.picking.picking import ShelfFirst
from associates.picking.pickings import Hands
from associates.picking.scanlog import Step
from associates.picking.scans import (
    WALKING,
    Heard,
    ItemCode,
    Line,
    PlaceCode,
    Said,
    ScanKind,
    ScanOutcome,
    ShelfCode,
    ShortReason,
    Spot,
    TaskState,
    ToteCode,
    Verdict,
    after_pick,
    judge,
)
from associates.picking.tasks import Known, Locked
from associates.walking import waves
from bopis.kernel.clock import machine_clock
from bopis.kernel.database import Tx
from bopis.kernel.ids import Sku, TaskId
from inventory import stock
from inventory.belief import beliefs
from inventory.layout import locations
from inventory.looking import counting
from inventory.models import LocationKind


@dataclass(frozen=True, slots=True)
class _Change:
    """What one scan adds to its line, and the scan that it takes back."""

    found: int = 0
    short: int = 0
    skipped: int = 0
    reason: ShortReason | None = None
    place: str | None = None
    """Where the order waits from now on: all of it is put down."""
    proofs: tuple[UUID, ...] = ()
    """Scans of before that put some of its bags down."""
    undoes: UUID | None = None
    spot: Spot | None = None
    """Which place this teaches us about, or sends the walk to."""
    teaches: bool = True
    spot_kind: str = "shelf"
    empty: bool | None = None


_NOTHING: Final = _Change()


async def record(
    tx: Tx, task_id: TaskId, said: Said, holder: Holder, locked: Locked | None = None
) -> Heard:
    """Take in one scan, live or hours late, and return what it means.

    A scan id that we have had before changes nothing and is answered as it was then. Of orders that
    are walked together, it may be another's than the one that was on the screen.

    Shapes:
        locked: the walk, if whoever calls has locked it for this scan.

    Raises:
        TaskUnknown: No such task in this store.
        ScanNumberUsed: The device's running number stands for another scan.
    """
    locked = locked or await tasks.locked(tx, task_id, said.scan_id)
    task, others, known = locked.task, locked.others, locked.known
    if known.earlier:
        return known.earlier
    mine = task.fence == said.fence > 0 and task.device_id == holder.device_id
    held = [one for one in others if mine and one.device_id == holder.device_id]
    ids = [TaskId(one.id) for one in (task, *held)] if mine else []
    hands = await pickings.in_hand(tx, task.store_id, ids, totes=task.tote is not None)
    if held and not said.was_told_no:
        meant = await waves.meant(tx, task, held, said, hands.loose)
        if meant is not task:
            task, said = meant, replace(said, fence=meant.fence)
            known = await tasks.known(tx, task.id)
    if mine and task.state is TaskState.OPEN:
        task.state = TaskState.CLAIMED  # its lease had run out, and nobody else took it
    heard, change = await _judged(tx, task, known, said, mine=mine, hands=hands)
    heard = replace(heard, task_id=task.id)
    place: tuple[str, ...] | None = change.spot
    if place is not None and heard.kind is ScanKind.LOOK:
        place = (*place, change.spot_kind)
    await scanlog.write(
        tx,
        holder,
        said,
        heard,
        task_id=task.id,
        undoes=change.undoes,
        place=place,
        step=_step(tx, task, known.lines, heard, change, holder) if mine else scanlog.NOWHERE,
    )
    if held:
        await waves.renew(tx, task, holder)
    if heard.outcome is ScanOutcome.APPLIED:
        line = next((line for line in known.lines if line.line == heard.line), None)
        gone = await _announce(tx, task, heard, change, said, line=line)
        if gone and heard.sku is not None:
            who, alone = holder.associate_id, hands.how.alone
            await counting.taken_off(tx, task.store_id, heard.sku, who, alone)
    return heard


async def _judged(
    tx: Tx, task: PickTask, known: Known, said: Said, *, mine: bool, hands: Hands
) -> tuple[Heard, _Change]:
    is_scan = said.kind in {ScanKind.ITEM, ScanKind.STAGE}
    if is_scan or (said.kind is ScanKind.LOOK and said.place is None):
        heard, change = await _scanned(tx, task, known, said, mine=mine, hands=hands)
        if heard.outcome is not ScanOutcome.APPLIED or not said.was_told_no:
            return heard, change
    if said.was_told_no:  # on the spot: they have put it aside, and gone on
        assert said.told is not None
        code = scanlog.legible(said.code)
        return Heard(said.kind, said.told, line=said.line, code=code), _NOTHING
    if not mine:
        return Heard(said.kind, ScanOutcome.SUPERSEDED, line=said.line), _NOTHING
    if task.state not in WALKING:
        return Heard(said.kind, ScanOutcome.NOT_NOW, line=said.line), _NOTHING
    if said.kind is ScanKind.UNDO:
        return await _undone(tx, task, said)
    return await _about_a_line(tx, task, known.lines, said, hands)


async def _about_a_line(
    tx: Tx, task: PickTask, lines: list[Line], said: Said, hands: Hands
) -> tuple[Heard, _Change]:
    line = next((line for line in lines if line.line == said.line), None)
    if line is not None and said.kind is ScanKind.ZERO_CHECK and said.empty is not None:
        return await _checked(tx, task, line, said)
    if line is None or line.left == 0:
        return Heard(said.kind, ScanOutcome.NOT_NOW, line=said.line), _NOTHING
    if await _is_unlooked(tx, task, line, said, hands):
        return Heard(said.kind, ScanOutcome.SHELF_FIRST, line.sku, line.line), _NOTHING
    if said.kind is ScanKind.SHORT:
        return await _shorted(tx, task, line, said)
    return _tapped(line, said)


async def _is_unlooked(tx: Tx, task: PickTask, line: Line, said: Said, hands: Hands) -> bool:
    """Return whether the store wants a shelf's label scanned before one says that it is not there.

    What somebody saw was told to count, counts: as with items.
    """
    if hands.how.shelf_first is ShelfFirst.NEVER or said.told is ScanOutcome.APPLIED:
        return False
    is_gone = said.kind is ScanKind.SHORT and (said.reason or ShortReason.NOT_FOUND) in _UNSEEN
    if not is_gone and (said.kind is not ScanKind.MISS or said.place is None):
        return False
    known = (await locations.find(tx, task.store_id, [line.sku]))[line.sku]
    place = await pickings.unproved(tx, task.store_id, hands, line.looks, known)
    return place is not None and (is_gone or said.place == locations.place_of(place))


def _tapped(line: Line, said: Said) -> tuple[Heard, _Change]:
    heard = Heard(said.kind, ScanOutcome.APPLIED, line.sku, line.line)
    if said.kind is ScanKind.SKIP:
        return heard, _Change(skipped=1)
    if said.kind in {ScanKind.LOOK, ScanKind.MISS} and said.place is not None:
        known = {*line.looks.missed, *line.looks.found}  # its last unit was taken: it was here
        return heard, _Change(
            spot=said.place, spot_kind=said.place_kind, teaches=said.place not in known
        )
    return replace(heard, outcome=ScanOutcome.NOT_NOW, sku=None), _NOTHING


async def _shorted(tx: Tx, task: PickTask, line: Line, said: Said) -> tuple[Heard, _Change]:
    quantity = min(said.quantity or line.left, line.left)
    reason = said.reason or ShortReason.NOT_FOUND
    spot = None
    if reason in {ShortReason.NOT_FOUND, ShortReason.WRONG_ITEM_AT_LOCATION}:
        spot = await _here(tx, task, line)
    return (
        Heard(said.kind, ScanOutcome.APPLIED, line.sku, line.line, quantity),
        _Change(short=quantity, reason=reason, spot=spot),
    )


async def _checked(tx: Tx, task: PickTask, line: Line, said: Said) -> tuple[Heard, _Change]:
    """Compare the shelf with the record; the quantity of the answer says whether a count is due."""
    assert said.empty is not None
    away = await counts.away(tx, task.store_id, line.sku)
    left = await counting.left(tx, task.store_id, line.sku, away=away)
    is_asked = left is not None and await counting.shelf_checked(
        tx,
        task.store_id,
        line.sku,
        empty=said.empty,
        record=left.units,
        cause=said.scan_id,
    )
    heard = Heard(said.kind, ScanOutcome.APPLIED, line.sku, line.line, int(is_asked))
    return heard, _Change(empty=said.empty)


async def _here(tx: Tx, task: PickTask, line: Line) -> Spot | None:
    """Return where the associate stands: where they say to be, else where the screen sent them.

    None: that place has told us already in this walk, or nobody knows which it is.
    """
    spot = line.looks.at
    if spot is None:
        known = await locations.find(tx, task.store_id, [line.sku])
        spot = line.looks.here([locations.place_of(place) for place in known[line.sku]])
    return None if spot in line.looks.found else spot


async def _scanned(
    tx: Tx, task: PickTask, known: Known, said: Said, *, mine: bool, hands: Hands
) -> tuple[Heard, _Change]:
    lines = known.lines
    at_hand = {line.sku for line in lines}
    read = await reading.read(tx, said.code, known=at_hand, codes=known.codes)
    if isinstance(read, ItemCode) and said.quantity:
        read = replace(read, quantity=said.quantity)  # one was scanned, the number keyed in
    verdict = judge(task.state, lines, read, mine=mine, at=said.line, task_id=task.id)
    if mine and isinstance(read, ToteCode):
        at = hands.loose.line if hands.loose else None
        verdict = replace(verdict, outcome=picking.into(hands.loose, read.number), line=at)
    elif why := await _not_yet(tx, task, lines, verdict, said, hands):
        verdict = replace(verdict, outcome=why, quantity=0)
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
    if isinstance(read, ToteCode):
        return heard, _NOTHING
    if isinstance(read, PlaceCode):
        return await _put_down(tx, task, read, said, heard)
    if isinstance(read, ShelfCode):
        return heard, _Change(spot=read.place, spot_kind=read.kind)
    line = next(line for line in lines if line.line == verdict.line)
    spot = None
    is_elsewhere = said.kind is ScanKind.LOOK  # and it is the item, so we do not know where
    if not is_elsewhere and (line.found == 0 or line.looks.at or line.looks.missed):
        spot = await _here(tx, task, line)
    return heard, _Change(found=verdict.quantity, spot=spot, spot_kind=line.looks.kind)


async def _not_yet(  # noqa: PLR0917 -- what was scanned, and what it is judged by
    tx: Tx, task: PickTask, lines: list[Line], verdict: Verdict, said: Said, hands: Hands
) -> ScanOutcome | None:
    """Return what the store wants scanned before this; None: nothing.

    Whoever was told that it counts, while nobody could be asked, has it in the tote by now: it is
    not judged away. Whoever sees the item elsewhere proves by it where they are.
    """
    is_free = said.told is ScanOutcome.APPLIED or said.kind is ScanKind.LOOK
    if verdict.outcome is not ScanOutcome.APPLIED or is_free:
        return None
    if verdict.kind is ScanKind.STAGE:
        return picking.first(hands.loose, TaskId(task.id), None)
    if verdict.kind is not ScanKind.ITEM:
        return None
    line = next(line for line in lines if line.line == verdict.line)
    return await pickings.before_item(tx, task.store_id, hands, TaskId(task.id), line)


async def _put_down(
    tx: Tx, task: PickTask, place: PlaceCode, said: Said, heard: Heard
) -> tuple[Heard, _Change]:
    """Put the order down, or some of its bags: it is ready when every bag is at a place."""
    down = await bags.put_down(tx, task, place.code, said.bags, said.scan_id)
    if down.refused is not None:
        return replace(heard, outcome=down.refused, quantity=0), _NOTHING
    if down.left:
        return replace(heard, quantity=down.moved), _NOTHING
    return heard, _Change(place=down.place, proofs=down.proofs)


_UNDOABLE: Final = """
    SELECT id, kind, sku, line, quantity, place, received_at FROM scans
     WHERE store_id = $1 AND task_id = $2 AND outcome = 'applied'
       AND kind IN ('item', 'short', 'skip', 'look', 'miss', 'zero_check')
       AND ($3::uuid IS NULL OR id = $3)
     ORDER BY received_at DESC, device_seq DESC LIMIT 1
"""
_TAKE_BACK: Final = "UPDATE scans SET outcome = 'undone' WHERE store_id = $1 AND id = $2"


async def _undone(tx: Tx, task: PickTask, said: Said) -> tuple[Heard, _Change]:
    """Take back what was done last, or what is named."""
    row = await tx.row(_UNDOABLE, task.store_id, task.id, said.undoes)
    if row is None:
        return Heard(ScanKind.UNDO, ScanOutcome.NOT_NOW), _NOTHING
    await tx.run(_TAKE_BACK, task.store_id, row["id"])
    kind, quantity, sku = ScanKind(row["kind"]), row["quantity"], Sku(row["sku"])
    if row["place"] and kind is not ScanKind.LOOK:
        await locations.unlearn(tx, task.store_id, sku, tuple(row["place"]), row["received_at"])
    if kind in {ScanKind.SHORT, ScanKind.ZERO_CHECK}:
        await counting.withdraw(tx, task.store_id, row["id"])
    heard = Heard(ScanKind.UNDO, ScanOutcome.APPLIED, sku, row["line"], quantity)
    return heard, _Change(
        found=-quantity if kind is ScanKind.ITEM else 0,
        short=-quantity if kind is ScanKind.SHORT else 0,
        skipped=-1 if kind is ScanKind.SKIP else 0,
        undoes=row["id"],
    )


def _step(  # noqa: PLR0917 -- what is, what was said, by whom
    tx: Tx, task: PickTask, lines: list[Line], heard: Heard, change: _Change, holder: Holder
) -> Step:
    """Return what changes, and renew the lease: whatever was scanned, somebody is at it."""
    state = task.state
    if change.place is not None:
        state = TaskState.STAGED
    elif change is not _NOTHING:
        state = after_pick([_moved(line, heard, change) for line in lines])
    is_live = state in WALKING
    return Step(
        TaskId(task.id),
        state,
        found=change.found,
        short=change.short,
        skipped=change.skipped,
        reason=change.reason,
        lease_until=machine_clock() + claims.LEASE if is_live else None,
        assigned_to=holder.associate_id if is_live or change.place else task.assigned_to,
        staging_code=change.place or task.staging_code,
        staged_at=tx.now if change.place is not None else task.staged_at,
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


async def _announce(
    tx: Tx, task: PickTask, heard: Heard, change: _Change, said: Said, *, line: Line | None
) -> int:
    """Say what happened, do to the stock what follows; return how many units that wrote off."""
    gone = 0
    about = {"store_id": task.store_id, "order_id": task.order_id, "task_id": task.id}
    if change.place is not None:
        await tx.emit(
            PickStaged(**about, place=change.place, scan_id=said.scan_id, proofs=change.proofs)
        )
        return gone
    if heard.kind is ScanKind.MISS and change.spot is not None and change.teaches:
        assert heard.sku is not None
        await locations.missed_at(tx, task.store_id, heard.sku, change.spot)
    if change.found == change.short == 0:
        return gone  # skipped, or looked elsewhere: a matter of the walk alone
    assert heard.sku is not None
    assert line is not None
    about |= {"line": heard.line, "sku": heard.sku, "scan_id": said.scan_id}
    if change.found > 0:
        await tx.emit(PickLineFound(**about, quantity=change.found))
        tx.finally_do(  # it locks the item's stock, for which others wait
            partial(
                beliefs.found,
                *(tx, task.store_id, heard.sku, change.found),
                elsewhere=bool(line.looks.missed),
                picked=line.found,
            )
        )
        if change.spot is not None:
            await locations.found_at(
                tx, task.store_id, heard.sku, change.spot, LocationKind(change.spot_kind)
            )
    elif change.short > 0:
        assert change.reason is not None
        await tx.emit(PickLineShort(**about, quantity=change.short, reason=change.reason))
        picked = await counts.away(tx, task.store_id, heard.sku)
        if change.reason in _UNSEEN:
            looked = len(line.looks.missed) + 1
            await beliefs.missed(tx, task.store_id, heard.sku, looked=looked, picked=picked)
        gone = await stock.short(
            tx,
            task.store_id,
            task.order_id,
            heard.sku,
            change.short,
            change.reason,
            said.scan_id,
            picked=picked,
        )
        if change.spot is not None:
            await locations.missed_at(tx, task.store_id, heard.sku, change.spot)
    else:
        was_short = change.short < 0
        quantity = -(change.short + change.found)
        await tx.emit(PickLineUndone(**about, quantity=quantity, was_short=was_short))
        if was_short:
            assert change.undoes is not None
            cause = change.undoes
            await stock.unshort(tx, task.store_id, task.order_id, heard.sku, quantity, cause)
    return gone
