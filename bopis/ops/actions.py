"""What a person may decide here. Each leaves a fact with a reason; none does it in silence."""

from typing import Final
from uuid import UUID, uuid5

from associates.crew import leaving, people, staff
from associates.crew.staff import Staff
from associates.handheld import devices, locking
from associates.offline import cases
from associates.picking import retractions
from bopis.kernel.database import Tx
from bopis.kernel.errors import Conflict, NotFound
from bopis.kernel.ids import AssociateId, DeviceId, OrderId, Sku, StoreId
from bopis.ops.events import OpsNoted
from inventory import stock
from inventory.events import StockConflictClosed
from inventory.looking import conflicts
from inventory.models import CountPriority

_ITEMS: Final = UUID("0a0c5b6e-5c0e-5b57-8d5d-0c6d6a0f7b11")


class DeadLetterUnknown(NotFound):
    title = "There is no such dead letter"


class ConflictUnknown(NotFound):
    title = "There is no such conflict"


class ConflictClosed(Conflict):
    title = "The conflict is closed already"


class CountUnknown(NotFound):
    title = "There is nothing to count here"


class ItemUnknown(NotFound):
    title = "The store does not know this item"


class NotReady(Conflict):
    title = "The order is not ready"


class DeviceGone(NotFound):
    title = "There is no such handheld"


class AssociateGone(NotFound):
    title = "Nobody here has this id"


class NotLocked(Conflict):
    title = "Nothing is locked here"


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


_SKU: Final = "SELECT sku FROM stock_conflicts WHERE store_id = $1 AND id = $2"
_CLOSED: Final = "SELECT closed_at IS NOT NULL FROM stock_conflicts WHERE store_id = $1 AND id = $2"
_CLOSE: Final = """
    UPDATE stock_conflicts SET closed_at = $3, resolution = $4
     WHERE store_id = $1 AND id = $2 AND closed_at IS NULL
    RETURNING sku
"""


async def count_conflict(
    tx: Tx, store_id: StoreId, conflict_id: UUID, *, counted: int, note: str = ""
) -> bool:
    """Take in what somebody counted because of a conflict; return whether that has closed it.

    A count is believed over every older feed. One that shows enough closes the conflict; one that
    shows too few confirms it, and it stays open: whoever would lose by it has not been helped yet.

    Raises:
        ConflictUnknown: This store has none with this id.
    """
    sku = await _in_conflict(tx, store_id, conflict_id)
    await stock.count(tx, store_id, sku, counted, cause=conflict_id, source=tx.actor)
    await tx.emit(OpsNoted(store_id=store_id, about=conflict_id, act=f"count {counted}", note=note))
    return bool(await tx.value(_CLOSED, store_id, conflict_id))


async def close_conflict(tx: Tx, store_id: StoreId, conflict_id: UUID, *, note: str) -> None:
    """Close a conflict because a person knows better than the numbers, and says how.

    Should the next change of this item contradict itself again, a new conflict opens.

    Raises:
        ConflictUnknown: This store has none with this id.
        ConflictClosed: Somebody else, or a feed, was faster.
    """
    await _in_conflict(tx, store_id, conflict_id)
    sku = await tx.value(_CLOSE, store_id, conflict_id, tx.now, note)
    if sku is None:
        raise ConflictClosed("The conflict is closed already. Look at the list again.")
    await tx.emit(
        StockConflictClosed(store_id=store_id, conflict_id=conflict_id, sku=sku, resolution=note)
    )
    act = "close a conflict"
    await tx.emit(OpsNoted(store_id=store_id, about=conflict_id, act=act, note=note))


async def _in_conflict(tx: Tx, store_id: StoreId, conflict_id: UUID) -> Sku:
    sku = await tx.value(_SKU, store_id, conflict_id)
    if sku is None:
        raise ConflictUnknown("There is no such conflict. Look at the list again.")
    return Sku(sku)


_REQUEST: Final = """
    SELECT sku FROM count_requests WHERE store_id = $1 AND id = $2 AND done_at IS NULL
"""


async def enter_count(
    tx: Tx, store_id: StoreId, request_id: UUID, *, counted: int, note: str = ""
) -> None:
    """Take in what somebody counted because we asked; it is believed over every older feed.

    Raises:
        CountUnknown: Nobody is asked to count this, or somebody has counted it since.
    """
    sku = await tx.value(_REQUEST, store_id, request_id)
    if sku is None:
        raise CountUnknown("It has been counted, or was never asked for. Look at the list again.")
    await stock.count(tx, store_id, Sku(sku), counted, cause=request_id, source=tx.actor)
    act = f"enter a count of {counted}"
    await tx.emit(OpsNoted(store_id=store_id, about=request_id, act=act, note=note))


async def ask_for_count(tx: Tx, store_id: StoreId, sku: Sku) -> None:
    """Put an item on the store's list of what to count.

    Raises:
        ItemUnknown: This store has never had it.
    """
    if not await stock.availability(tx, store_id, [sku]):
        raise ItemUnknown("This store has never had the item, as far as we know.")
    await conflicts.request_count(tx, store_id, sku, "asked", CountPriority.DOUBT)
    about = uuid5(_ITEMS, f"{store_id}/{sku}")
    await tx.emit(OpsNoted(store_id=store_id, about=about, act=f"ask to count {sku}", note=""))


async def retract_ready(tx: Tx, store_id: StoreId, order_id: OrderId, *, note: str) -> None:
    """Take back a *ready* that was wrong: the bag cannot be found, so all of it is picked again.

    The shopper gets a correction, and it counts against the store's record.

    Raises:
        NotReady: There is nothing to take back.
    """
    if not await retractions.disprove(tx, store_id, order_id):
        raise NotReady("Only an order that is ready can be taken back. Look at it again.")
    await tx.emit(OpsNoted(store_id=store_id, about=order_id, act="take ready back", note=note))


async def revoke_device(tx: Tx, store_id: StoreId, device_id: DeviceId, *, note: str) -> None:
    """Shut a handheld out from its next request on.

    Raises:
        DeviceGone: This store has none with this id that is still let in.
    """
    if not await devices.revoke(tx, store_id, device_id):
        raise DeviceGone("This handheld is shut out already, or was never let in.")
    await tx.emit(
        OpsNoted(store_id=store_id, about=device_id, act="shut a handheld out", note=note)
    )


async def unlock_device(tx: Tx, store_id: StoreId, device_id: DeviceId, *, note: str) -> None:
    """Let people sign in on a handheld at once that wrong tries had locked.

    Raises:
        NotLocked: Nobody has to wait on it, or it is shut out, which is another thing.
    """
    if not await locking.unlock(tx, store_id, device_id):
        raise NotLocked("Nobody has to wait on this handheld. Let them try again.")
    await tx.emit(OpsNoted(store_id=store_id, about=device_id, act="unlock a handheld", note=note))


async def unlock_person(tx: Tx, store_id: StoreId, associate_id: AssociateId, *, note: str) -> None:
    """Let somebody sign in at once who had to wait after wrong tries, on whichever handheld.

    Raises:
        NotLocked: They need not wait.
    """
    if not await locking.unlock_person(tx, store_id, associate_id):
        raise NotLocked("They need not wait anywhere. Let them try again.")
    act = "let an associate try again"
    await tx.emit(OpsNoted(store_id=store_id, about=associate_id, act=act, note=note))


async def look_at_cases(tx: Tx, store_id: StoreId, device_id: DeviceId, *, note: str) -> None:
    """Note that somebody has looked into all that one handheld had shown otherwise."""
    if await cases.close(tx, store_id, device_id):
        act = "look into what a handheld had shown otherwise"
        await tx.emit(OpsNoted(store_id=store_id, about=device_id, act=act, note=note))


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
