"""Pausing a store, or a stretch of its day: now or ahead, and going on again."""

from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from bopis.kernel.database import Tx
from bopis.kernel.errors import Invalid, NotFound
from bopis.kernel.ids import StoreId
from inventory import stores
from inventory.events import StorePaused, StorePauseMoved, StoreResumed
from inventory.opening import pause as rule
from inventory.opening.hours_models import PauseRow
from inventory.opening.pause import Pause, PauseReason

MOST: Final = timedelta(days=30)
"""How far ahead a pause may end: well within what we look ahead, so that an opening after it is
known and everybody can be told a time."""

KEPT: Final = timedelta(days=400)
"""How long a pause that is over is kept: it explains what was late because of it."""


class PauseImpossible(Invalid):
    title = "A store cannot be paused like that"


class PauseUnknown(NotFound):
    title = "There is no such pause"


async def live(tx: Tx, store_id: StoreId) -> Pause | None:
    """Return the pause that is on now, as the database has it; None: nothing is paused."""
    return rule.live(await ahead(tx, store_id), tx.now)


_AHEAD: Final = """
    SELECT id, begins_at, ends_at, reason, takes_orders, closes FROM pauses
     WHERE store_id = $1 AND ends_at > $2 ORDER BY begins_at, id LIMIT 200
"""


async def ahead(tx: Tx, store_id: StoreId) -> list[Pause]:
    """Return the pauses that are on or still to come."""
    return [_pause(row) for row in await tx.rows(_AHEAD, store_id, tx.now)]


_FORGET: Final = "DELETE FROM pauses WHERE store_id = $1 AND ends_at < $2"


async def pause(
    tx: Tx,
    store_id: StoreId,
    *,
    until: datetime | None,
    reason: PauseReason,
    takes_orders: bool,
    since: datetime | None = None,
    closes: bool = True,
    note: str = "",
) -> Pause:
    """Pause a store from now, or from ``since``. Orders that it touches are looked at again.

    A pause for the same reason that is on already, or begins at the same instant, is moved and not
    doubled: two people may press the same button.

    Shapes:
        until: None: nobody knows. It is on until somebody ends it, or says when it will.

    Raises:
        StoreUnknown: There is no such store.
        PauseImpossible: It ends before it begins, lies in the past or beyond 30 days, or would
            change nothing.
    """
    await stores.get(tx, store_id)
    begins_at = tx.now if since is None else since
    ends_at = _check(begins_at, until, tx.now)
    if takes_orders and not closes:
        raise PauseImpossible(
            "A pause either closes the store or refuses new orders. Choose one of the two."
        )
    for known in await ahead(tx, store_id):
        same = (known.reason, known.takes_orders, known.closes) == (reason, takes_orders, closes)
        if same and (known.begins_at == begins_at or (since is None and known.is_on(tx.now))):
            return await move(tx, store_id, known.id, until=until)
    await tx.run(_FORGET, store_id, tx.now - KEPT)
    made = Pause(tx.new_id(), begins_at, ends_at, reason, takes_orders, closes)
    await tx.add(
        PauseRow(
            store_id=store_id,
            id=made.id,
            begins_at=begins_at,
            ends_at=ends_at,
            reason=reason,
            takes_orders=takes_orders,
            closes=closes,
            note=note,
            made_at=tx.now,
        )
    )
    stores.forget(tx, store_id)
    await tx.emit(
        StorePaused(
            store_id=store_id,
            pause_id=made.id,
            since=begins_at,
            until=ends_at,
            reason=reason,
            takes_orders=takes_orders,
            closes=closes,
        )
    )
    return made


def _check(begins_at: datetime, until: datetime | None, now: datetime) -> datetime:
    """Return when a pause ends on record."""
    if begins_at.tzinfo is None or (until is not None and until.tzinfo is None):
        raise PauseImpossible("Say the zone of both times: end them with Z or an offset.")
    if until is not None and until <= begins_at:
        raise PauseImpossible("A pause has to end after it begins.")
    if begins_at < now:
        raise PauseImpossible("A pause cannot begin in the past. Leave the beginning out for now.")
    if until is not None and until > now + MOST:
        raise PauseImpossible(
            "A pause ends within 30 days. For longer, give the store other hours, or switch it off"
            " with is_active. Where nobody knows the end, leave it out."
        )
    return begins_at + rule.NOBODY_KNOWS if until is None else until


_LOCK: Final = """
    SELECT id, begins_at, ends_at, reason, takes_orders, closes FROM pauses
     WHERE store_id = $1 AND id = $2 FOR UPDATE
"""
_MOVE: Final = "UPDATE pauses SET ends_at = $3 WHERE store_id = $1 AND id = $2"


async def move(tx: Tx, store_id: StoreId, pause_id: UUID, *, until: datetime | None) -> Pause:
    """Lengthen or shorten a pause that has not ended.

    Shapes:
        until: None: nobody knows any more.

    Raises:
        PauseUnknown: There is none with this id, or it has ended.
        PauseImpossible: The new end has passed, or lies beyond 30 days.
    """
    was = await _held(tx, store_id, pause_id)
    if until is not None and until.tzinfo is not None and until <= tx.now:
        raise PauseImpossible("This end has passed. To end the pause now, resume.")
    ends_at = _check(max(was.begins_at, tx.now), until, tx.now)
    if ends_at == was.ends_at or (until is None and not rule.is_known(was.ends_at, tx.now)):
        return was
    await tx.run(_MOVE, store_id, pause_id, ends_at)
    stores.forget(tx, store_id)
    await tx.emit(
        StorePauseMoved(store_id=store_id, pause_id=pause_id, previously=was.ends_at, until=ends_at)
    )
    return Pause(pause_id, was.begins_at, ends_at, was.reason, was.takes_orders, was.closes)


async def resume(tx: Tx, store_id: StoreId) -> list[Pause]:
    """End every pause that is on; return those that were. What is planned ahead stays planned."""
    on = [one for one in await ahead(tx, store_id) if one.is_on(tx.now)]
    for one in on:
        await end(tx, store_id, one.id)
    return on


_DROP: Final = "DELETE FROM pauses WHERE store_id = $1 AND id = $2"


async def end(tx: Tx, store_id: StoreId, pause_id: UUID) -> Pause:
    """End a pause now; one that has not begun does not take place.

    Raises:
        PauseUnknown: There is none with this id, or it has ended.
    """
    was = await _held(tx, store_id, pause_id)
    if was.begins_at < tx.now:
        await tx.run(_MOVE, store_id, pause_id, tx.now)
    else:
        await tx.run(_DROP, store_id, pause_id)
    stores.forget(tx, store_id)
    await tx.emit(
        StoreResumed(store_id=store_id, pause_id=pause_id, until=was.ends_at, reason=was.reason)
    )
    return was


async def _held(tx: Tx, store_id: StoreId, pause_id: UUID) -> Pause:
    row = await tx.row(_LOCK, store_id, pause_id)
    if row is None or row["ends_at"] <= tx.now:
        raise PauseUnknown("This pause has ended, or was taken back. Look at the list again.")
    return _pause(row)


def _pause(row: Any) -> Pause:
    return Pause(
        id=row["id"],
        begins_at=row["begins_at"],
        ends_at=row["ends_at"],
        reason=PauseReason(row["reason"]),
        takes_orders=row["takes_orders"],
        closes=row["closes"],
    )
