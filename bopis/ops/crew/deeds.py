"""What a person may decide about who works in a store. Each leaves a fact with a reason."""

from associates.crew import leaving, people, staff
from associates.crew.staff import Staff
from associates.handheld import locking
from bopis.kernel.database import Tx
from bopis.kernel.errors import NotFound
from bopis.kernel.ids import AssociateId, StoreId
from bopis.ops.events import OpsNoted
from bopis.ops.handhelds.deeds import NotLocked


class AssociateGone(NotFound):
    title = "Nobody here has this id"


async def unlock_person(tx: Tx, store_id: StoreId, associate_id: AssociateId, *, note: str) -> None:
    """Let somebody sign in at once who had to wait after wrong tries, on whichever handheld.

    Raises:
        NotLocked: They need not wait.
    """
    if not await locking.unlock_person(tx, store_id, associate_id):
        raise NotLocked("They need not wait anywhere. Let them try again.")
    act = "let an associate try again"
    await tx.emit(OpsNoted(store_id=store_id, about=associate_id, act=act, note=note))


async def deactivate(tx: Tx, store_id: StoreId, associate_id: AssociateId, *, note: str) -> None:
    """Let somebody who has left in no more; their walk is free for another.

    Raises:
        AssociateGone: Nobody who works in this store has this id.
    """
    if not await leaving.leave(tx, store_id, associate_id):
        raise AssociateGone("Nobody who works here has this id: they have left, or never came.")
    act = "let an associate in no more"
    await tx.emit(OpsNoted(store_id=store_id, about=associate_id, act=act, note=note))


async def take_in_staff(tx: Tx, store_id: StoreId, sent: Staff, leavers: str) -> None:
    """Write who works in a store; those whose code is ``leavers`` have left.

    Raises:
        LeaversDiffer: It stands for others than those who are missing; nothing was done.
    """
    await staff.put(tx, store_id, sent, leavers)
    act, note = "let an associate in no more", "not in the file of who works here"
    for one in sent.missing if sent.left else ():
        await tx.emit(OpsNoted(store_id=store_id, about=one.id, act=act, note=note))


async def new_badge(tx: Tx, store_id: StoreId, associate_id: AssociateId, *, note: str) -> str:
    """Replace a badge that was lost; return the new one.

    Raises:
        AssociateGone: Nobody who works in this store has this id.
    """
    badge = await people.new_badge(tx, store_id, associate_id)
    if badge is None:
        raise AssociateGone("Nobody who works here has this id: they have left, or never came.")
    await tx.emit(OpsNoted(store_id=store_id, about=associate_id, act="replace a badge", note=note))
    return badge
