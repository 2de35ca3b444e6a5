"""What a person may decide about a handheld. Each leaves a fact with a reason."""

from associates.handheld import devices, locking
from associates.offline import cases
from bopis.kernel.database import Tx
from bopis.kernel.errors import Conflict, NotFound
from bopis.kernel.ids import DeviceId, StoreId
from bopis.ops.events import OpsNoted


class DeviceGone(NotFound):
    title = "There is no such handheld"


class NotLocked(Conflict):
    title = "Nothing is locked here"


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


async def look_at_cases(tx: Tx, store_id: StoreId, device_id: DeviceId, *, note: str) -> None:
    """Note that somebody has looked into all that one handheld had shown otherwise."""
    if await cases.close(tx, store_id, device_id):
        act = "look into what a handheld had shown otherwise"
        await tx.emit(OpsNoted(store_id=store_id, about=device_id, act=act, note=note))
