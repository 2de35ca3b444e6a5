"""What a handheld may ask of us. Every answer says what comes next."""

from typing import Final
from uuid import UUID

from fastapi import APIRouter

from associates.bagging import packing
from associates.crew import people
from associates.crew.people import Attempt, SignInLocked, SignInWrong
from associates.handheld import (
    devices,
    list_screens,
    locking,
    presence,
    scenes,
    screens,
    taken_screens,
    wording,
)
from associates.handheld.bodies import (
    AnswerIn,
    BagsIn,
    EnrolIn,
    PutBackIn,
    ScanIn,
    SignInIn,
    TakeIn,
    WaveIn,
    WaveTakeIn,
)
from associates.handheld.devices import (
    DeviceUnknown,
    EnrolmentCodeUnknown,
    Holder,
    Shown,
    SignedOut,
)
from associates.handheld.locking import DeviceLocked
from associates.handheld.schemas import Answer, EnrolledData, NoData
from associates.handheld.task_schemas import SignedInData
from associates.handheld.wording import Scene
from associates.offline import package
from associates.offline.package_schemas import Package
from associates.picking import acts, claims, pickings, put_backs, recording, take_overs, tasks
from associates.picking.put_backs import DutyUnknown, Rest
from associates.picking.scanlog import ScanNumberUsed
from associates.picking.scans import ScanOutcome, TaskState
from associates.picking.tasks import Locked, TaskUnknown
from associates.walking import waves
from associates.walking.waves import NotHeld
from bopis.kernel.database import Tx
from bopis.kernel.errors import Problem
from bopis.kernel.http import Db, problems
from bopis.kernel.ids import TaskId, inward
from bopis.kernel.speech import t
from inventory import stores

router: Final = APIRouter(prefix="/v1/handheld", tags=["handheld"])
_NOBODY: Final = (DeviceUnknown, SignedOut)


@router.post("/enrol", responses=problems(EnrolmentCodeUnknown))
async def enrol(body: EnrolIn, db: Db) -> Answer:
    """Tie a new handheld to the store of its code. The token is shown this once."""
    store_id = devices.store_of_code(body.code)
    async with db.transaction(store_id, actor="device:new") as tx:
        _, token = await devices.enrol(tx, body.code, body.name)
        store, how = await stores.get(tx, store_id), await pickings.of(tx, store_id)
    data = EnrolledData(
        device_token=token, store_id=store_id, store=store.name, language=how.language
    )
    return Answer(next_state="sign_in", data=data)


@router.post("/sign-in", responses=problems(DeviceUnknown, SignInWrong, SignInLocked, DeviceLocked))
async def sign_in(body: SignInIn, shown: Shown, db: Db) -> Answer:
    """Sign somebody in by badge, or by number and PIN; whoever was signed in here no longer is.

    After ten wrong tries the handheld is locked: it erases what it knows but what it has not sent,
    and nobody signs in on it until a person has unlocked it.
    """
    async with db.transaction(shown.store_id, actor=shown.actor) as tx:
        await devices.check(tx, shown)
        attempt = await people.begin(tx, shown, badge=body.badge, number=body.number or "")
    if not await people.matches(attempt, body.pin or ""):
        raise await _not_let_in(db, shown, attempt)
    async with db.transaction(shown.store_id, actor=shown.actor) as tx:
        await devices.check(tx, shown)  # again: it may have been shut out meanwhile
        session, holder = await people.finish(tx, shown, attempt)
        due = await list_screens.tasks(tx, holder)
        how = await pickings.of(tx, holder.store_id)
    await presence.seen(db, shown, body.unsent)
    data = SignedInData(**due.model_dump(), session=session, language=how.language)
    return Answer(next_state="tasks", data=data)


async def _not_let_in(db: Db, shown: Shown, attempt: Attempt) -> Problem:
    if attempt.tries < locking.TRIES:
        return people.wrong(attempt)
    async with db.transaction(shown.store_id, actor=shown.actor) as tx:
        is_shut = await locking.shut(tx, shown)
    return locking.locked() if is_shut else people.wrong(attempt)


@router.post("/sign-out", responses=problems(DeviceUnknown))
async def sign_out(shown: Shown, db: Db) -> Answer:
    async with db.transaction(shown.store_id, actor=shown.actor) as tx:
        await devices.check(tx, shown)
        if shown.session_id is not None:
            await people.sign_out(tx, shown)
    return Answer(next_state="sign_in", data=NoData())


@router.get("/tasks", responses=problems(*_NOBODY))
async def what_is_due(shown: Shown, db: Db) -> Answer:
    """List what is due in this store, soonest first, and what is to be put back."""
    async with db.transaction(shown.store_id, actor=shown.actor) as tx:
        holder = await devices.holder(tx, shown)
        return Answer(next_state="tasks", data=await list_screens.tasks(tx, holder))


@router.post("/tasks/{task_id}/claim", responses=problems(TaskUnknown, *_NOBODY))
async def claim_task(task_id: str, shown: Shown, db: Db) -> Answer:
    """Take a task on, or carry on with it. Taken by somebody else: an answer, not an error."""
    async with db.transaction(shown.store_id, actor=shown.actor) as tx:
        holder = await devices.holder(tx, shown)
        own = _own(task_id, holder)
        task = await tasks.lock(tx, own)
        who = await claims.claim(tx, own, holder)
        if who is not None:
            return await taken_screens.taken(tx, own, holder, who)
        answer = await screens.task(tx, own, holder)
        return await taken_screens.took_over(tx, task, answer)


@router.post("/tasks/{task_id}/ask", responses=problems(TaskUnknown, *_NOBODY))
async def ask_for_task(task_id: str, shown: Shown, db: Db) -> Answer:
    """Ask whoever has a task for it. If nobody has it any more, it is taken on."""
    async with db.transaction(shown.store_id, actor=shown.actor) as tx:
        holder = await devices.holder(tx, shown)
        own = _own(task_id, holder)
        task = await tasks.lock(tx, own)
        who = await take_overs.ask(tx, own, holder)
        if who is not None:
            return await taken_screens.taken(tx, own, holder, who)
        answer = await screens.task(tx, own, holder)
        return await taken_screens.took_over(tx, task, answer)


@router.post("/tasks/{task_id}/answer", responses=problems(TaskUnknown, *_NOBODY))
async def answer_who_asks(task_id: str, body: AnswerIn, shown: Shown, db: Db) -> Answer:
    """Give a task to whoever asks for it, tote and all; or carry on with it."""
    async with db.transaction(shown.store_id, actor=shown.actor) as tx:
        holder = await devices.holder(tx, shown)
        own = _own(task_id, holder)
        task, who = await take_overs.answer(tx, own, holder, yes=body.yes)
        message = await taken_screens.handed_on(tx, task, who) if who else None
        if body.yes and message is None:
            message = wording.nobody_asks()
        return await screens.task(tx, own, holder, message=message)


@router.post("/waves", responses=problems(TaskUnknown, *_NOBODY))
async def claim_wave(body: WaveIn, shown: Shown, db: Db) -> Answer:
    """Take some orders on as one walk, each with a tote of its own.

    What somebody else has taken meanwhile is left to them, and said; the rest is walked.
    """
    async with db.transaction(shown.store_id, actor=shown.actor) as tx:
        holder = await devices.holder(tx, shown)
        wanted = [_own(task_id, holder) for task_id in body.task_ids]
        taken = await waves.claim(tx, wanted, holder)
        message = wording.taken_beside(taken) if taken else None
        return await screens.wave(tx, wanted, holder, message=message)


@router.post("/tasks/{task_id}/give-up", responses=problems(TaskUnknown, NotHeld, *_NOBODY))
async def give_up_task(task_id: str, shown: Shown, db: Db) -> Answer:
    """Hand an order on with what was found for it: it is on the list for everybody again."""
    async with db.transaction(shown.store_id, actor=shown.actor) as tx:
        holder = await devices.holder(tx, shown)
        own = _own(task_id, holder)
        wave, number = await waves.give_up(tx, own, holder)
        message = wording.given_up(number)
        return await screens.wave(tx, wave or [own], holder, message=message)


@acts.act("tasks/{task_id}/take", TakeIn)
async def taken(tx: Tx, holder: Holder, entry: TakeIn, *, task_id: str) -> Answer:
    own = _own(task_id, holder)
    heard = await claims.take(tx, own, entry.said(), holder)
    message = None
    if heard.outcome is not ScanOutcome.APPLIED:
        task = await tasks.lock(tx, own)
        who = await claims.held_by_other(tx, task, holder)
        message = wording.taken(who) if who else wording.say(heard, Scene(state=task.state))
    answer = await screens.task(tx, own, holder, message=message)
    return screens.receipt(answer, entry.scan_id, heard)


@acts.act("waves/take", WaveTakeIn)
async def taken_together(tx: Tx, holder: Holder, entry: WaveTakeIn) -> Answer:
    wanted = {_own(one.task_id, holder): one.fence for one in entry.orders}
    heard, others = await waves.take(tx, wanted, entry.said(), holder)
    message = None
    if heard.outcome is not ScanOutcome.APPLIED:
        alone = Scene(state=TaskState.CLAIMED)  # when it comes again, it is not said who it was
        message = wording.not_taken(others) if others else wording.say(heard, alone)
    answer = await screens.wave(tx, list(wanted), holder, message=message)
    return screens.receipt(answer, entry.scan_id, heard)


@router.get("/package", responses=problems(*_NOBODY))
async def everything(shown: Shown, db: Db) -> Package:
    """Return all that is due, with all that is needed to do it without a network."""
    async with db.transaction(shown.store_id, actor=shown.actor) as tx:
        holder = await devices.holder(tx, shown)
        return await package.package(tx, holder)


@router.get("/tasks/{task_id}", responses=problems(TaskUnknown, *_NOBODY))
async def look_at_task(task_id: str, shown: Shown, db: Db) -> Answer:
    """Return where one's task stands: what a reload shows."""
    async with db.transaction(shown.store_id, actor=shown.actor) as tx:
        holder = await devices.holder(tx, shown)
        own = _own(task_id, holder)
        task = await tasks.lock(tx, own)
        return await taken_screens.looked_at(tx, task, holder)


@router.post("/tasks/{task_id}/scans", responses=problems(TaskUnknown, ScanNumberUsed, *_NOBODY))
async def record_scan(task_id: str, scan: ScanIn, shown: Shown, db: Db) -> Answer:
    """Take in one scan or tap, live or hours late, and answer with what it means.

    A scan is a fact: the wrong item is an outcome (200), not an error. Sending a ``scan_id``
    again records nothing and gives the same receipt, so a handheld that lost its connection
    repeats itself until it hears one.
    """
    return await acts.alone(db, shown, scanned, scan, task_id=task_id)


@acts.act("tasks/{task_id}/scans", ScanIn)
async def scanned(
    tx: Tx, holder: Holder, scan: ScanIn, *, task_id: str, locked: Locked | None = None
) -> Answer:
    own = _own(task_id, holder)
    heard = await recording.record(tx, own, scan.said(), holder, locked)
    answer = await screens.after_scan(tx, own, holder, heard)
    return screens.receipt(answer, scan.scan_id, heard)


@router.post("/tasks/{task_id}/bags", responses=problems(TaskUnknown, ScanNumberUsed, *_NOBODY))
async def count_bags(task_id: str, entry: BagsIn, shown: Shown, db: Db) -> Answer:
    """Take in how many bags the order is in: each gets a label of its own."""
    return await acts.alone(db, shown, counted_bags, entry, task_id=task_id)


@acts.act("tasks/{task_id}/bags", BagsIn)
async def counted_bags(tx: Tx, holder: Holder, entry: BagsIn, *, task_id: str) -> Answer:
    own = _own(task_id, holder)
    heard = await packing.count(tx, own, entry.said(), holder, entry.count)
    answer = await screens.after_scan(tx, own, holder, heard)
    return screens.receipt(answer, entry.scan_id, heard)


@router.post("/put-backs/{duty_id}/done", responses=problems(DutyUnknown, ScanNumberUsed, *_NOBODY))
async def put_back(duty_id: UUID, entry: PutBackIn, shown: Shown, db: Db) -> Answer:
    """Note that units are on their shelf again, proved by a scan of one of them."""
    return await acts.alone(db, shown, returned, entry, duty_id=duty_id)


@acts.act("put-backs/{duty_id}/done", PutBackIn)
async def returned(tx: Tx, holder: Holder, entry: PutBackIn, *, duty_id: UUID) -> Answer:
    duty, heard = await put_backs.done(tx, duty_id, entry.said(), holder, Rest(entry.rest))
    name = await scenes.name_of(tx, heard.sku)
    scene = Scene(state=TaskState.CLAIMED, wanted=duty.name, scanned=name)
    answer = Answer(
        next_state="tasks",
        data=await list_screens.tasks(tx, holder),
        message=wording.say(heard, scene),
    )
    return screens.receipt(answer, entry.scan_id, heard)


def _own(task_id: str, holder: Holder) -> TaskId:
    """Return the task's id, if it is this store's. Another's is no task at all."""
    store_id, own = inward(task_id)
    if store_id != holder.store_id:
        raise TaskUnknown(t("There is no such task in this store. Go back to the list."))
    return TaskId(own)
