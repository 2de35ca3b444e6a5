"""What a handheld may ask about counting. A count is blind: the record is not shown before it."""

from typing import Final
from uuid import UUID

from fastapi import APIRouter

from associates.counting import count_screens, counts
from associates.counting.count_schemas import CountsOut
from associates.counting.counts import CountGone
from associates.handheld import devices, list_screens, scenes, screens, wording
from associates.handheld.bodies import CountIn
from associates.handheld.devices import DeviceUnknown, Holder, Shown, SignedOut
from associates.handheld.schemas import Answer
from associates.handheld.wording import Message, Scene
from associates.picking import acts
from associates.picking.scanlog import ScanNumberUsed
from associates.picking.scans import Heard, ScanOutcome, TaskState
from bopis.kernel.database import Tx
from bopis.kernel.http import Db, problems
from inventory import stores
from inventory.looking import counting
from inventory.looking.counting import CountTask

router: Final = APIRouter(prefix="/v1/handheld/counts", tags=["handheld"])
_NOBODY: Final = (DeviceUnknown, SignedOut)
_OVER: Final = frozenset(
    {
        ScanOutcome.APPLIED,
        ScanOutcome.NOT_NOW,
        ScanOutcome.SECOND_PERSON,
        ScanOutcome.SAME_PERSON,
    }
)
"""Nothing more is to be counted by whoever counted."""


@router.get("", responses=problems(*_NOBODY))
async def what_to_count(shown: Shown, db: Db) -> CountsOut:
    """List what is to be counted in this store: after failed picks, then what is nearly gone."""
    async with db.transaction(shown.store_id, actor=shown.actor) as tx:
        holder = await devices.holder(tx, shown)
        store = await stores.get(tx, holder.store_id)
        return count_screens.in_two(await count_screens.cards(tx, store, holder))


@router.post("/{count_id}/claim", responses=problems(CountGone, *_NOBODY))
async def claim_count(count_id: UUID, shown: Shown, db: Db) -> Answer:
    """Take a count on. Taken by somebody else: an answer, not an error."""
    async with db.transaction(shown.store_id, actor=shown.actor) as tx:
        holder = await devices.holder(tx, shown)
        who = await counts.claim(tx, count_id, holder)
        if who is not None:
            return await _at_rest(tx, holder, wording.counting(who))
        return await _counting(tx, holder, count_id)


@router.get("/{count_id}", responses=problems(*_NOBODY))
async def look_at_count(count_id: UUID, shown: Shown, db: Db, scanned: str = "") -> Answer:
    """Return one count, and say whether what was scanned is the item. Nothing is written."""
    async with db.transaction(shown.store_id, actor=shown.actor) as tx:
        holder = await devices.holder(tx, shown)
        return await _counting(tx, holder, count_id, scanned=scanned)


@router.post("/{count_id}/done", responses=problems(ScanNumberUsed, *_NOBODY))
async def enter_count(count_id: UUID, entry: CountIn, shown: Shown, db: Db) -> Answer:
    """Take in what is on the shelf and in the back room.

    What is picked, staged or set aside is not to be counted: it is known, and added here. A count
    far from the record is asked for once more, and the second one is believed. One that takes off
    more than the store lets one person write off is believed once somebody else has counted it,
    too; the same person is refused (``second_person``, ``same_person``). Sending a ``scan_id``
    again records nothing and gives the same receipt.
    """
    return await acts.alone(db, shown, counted, entry, count_id=count_id)


@acts.act("counts/{count_id}/done", CountIn)
async def counted(tx: Tx, holder: Holder, entry: CountIn, *, count_id: UUID) -> Answer:
    task = await counting.get(tx, holder.store_id, count_id)
    heard, record = await counts.done(
        tx, count_id, entry.said(), holder, counted=entry.counted, age=entry.age
    )
    message = await _said(tx, heard, task, record)
    is_open = heard.outcome not in _OVER
    answer = (
        await _counting(tx, holder, count_id, message=message)
        if is_open
        else await _at_rest(tx, holder, message)
    )
    return screens.receipt(answer, entry.scan_id, heard)


async def _counting(
    tx: Tx,
    holder: Holder,
    count_id: UUID,
    *,
    scanned: str = "",
    message: Message | None = None,
) -> Answer:
    task = await counting.get(tx, holder.store_id, count_id)
    if task is None:
        heard = Heard(counts.KIND, ScanOutcome.NOT_NOW)
        return await _at_rest(tx, holder, message or await _said(tx, heard, None, 0))
    is_it = False
    if scanned:
        heard = await counts.check(tx, task, scanned)
        is_it = heard.outcome is ScanOutcome.APPLIED
        message = wording.this_is_it() if is_it else await _said(tx, heard, task, 0)
    store = await stores.get(tx, holder.store_id)
    data = await count_screens.one(tx, store, holder, task, scanned=scanned if is_it else "")
    return Answer(next_state="count", data=data, message=message)


async def _said(tx: Tx, heard: Heard, task: CountTask | None, record: int) -> Message:
    scanned = await scenes.name_of(tx, heard.sku)
    wanted = task.name if task is not None else scanned
    return wording.say(
        heard, Scene(TaskState.CLAIMED, wanted=wanted, scanned=scanned, record=record)
    )


async def _at_rest(tx: Tx, holder: Holder, message: Message) -> Answer:
    return Answer(next_state="tasks", data=await list_screens.tasks(tx, holder), message=message)
