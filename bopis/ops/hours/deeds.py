"""What a person may decide about a store's hours today. Each leaves a fact with a reason."""

from datetime import datetime
from uuid import UUID

from bopis.kernel.database import Tx
from bopis.kernel.ids import StoreId
from bopis.ops.events import OpsNoted
from inventory.opening import pauses
from inventory.opening.pause import Pause, PauseReason


async def pause(
    tx: Tx,
    store_id: StoreId,
    *,
    until: datetime | None,
    reason: PauseReason,
    takes_orders: bool,
    closes: bool,
    since: datetime | None = None,
    note: str = "",
) -> Pause:
    """Pause a store, or a stretch of its day; every open order is looked at again at once.

    Raises:
        StoreUnknown: There is no such store.
        PauseImpossible: It ends before it begins, lies in the past or too far ahead, or would
            change nothing.
    """
    made = await pauses.pause(
        tx,
        store_id,
        since=since,
        until=until,
        reason=reason,
        takes_orders=takes_orders,
        closes=closes,
        note=note,
    )
    await _note(tx, store_id, made.id, f"pause the store {_until(until)}", note)
    return made


async def move(
    tx: Tx, store_id: StoreId, pause_id: UUID, *, until: datetime | None, note: str
) -> Pause:
    """Let a pause end later, or sooner; or when nobody knows.

    Raises:
        PauseUnknown: There is none with this id, or it has ended.
        PauseImpossible: The new end has passed, or lies too far ahead.
    """
    made = await pauses.move(tx, store_id, pause_id, until=until)
    await _note(tx, store_id, pause_id, f"let the pause go on {_until(until)}", note)
    return made


async def end(tx: Tx, store_id: StoreId, pause_id: UUID, *, note: str) -> Pause:
    """End a pause now; one that has not begun does not take place.

    Raises:
        PauseUnknown: There is none with this id, or it has ended.
    """
    was = await pauses.end(tx, store_id, pause_id)
    await _note(tx, store_id, pause_id, "end the pause now", note)
    return was


async def resume(tx: Tx, store_id: StoreId, *, note: str) -> list[Pause]:
    """End every pause that is on. That none is, is no error: it is what was wanted."""
    ended = await pauses.resume(tx, store_id)
    for one in ended:
        await _note(tx, store_id, one.id, "go on with the store's day", note)
    return ended


def _until(until: datetime | None) -> str:
    return f"until {until.isoformat()}" if until else "until further notice"


async def _note(tx: Tx, store_id: StoreId, about: UUID, act: str, note: str) -> None:
    await tx.emit(OpsNoted(store_id=store_id, about=about, act=act, note=note))
