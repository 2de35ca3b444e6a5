"""Handhelds that somebody has guessed at: locked until a person unlocks them.

Whoever holds one device can lock that one and no other. What it has not sent yet stays on it and is
taken in when somebody signs in again: it is the work of whoever had it before.
"""

from typing import Final

from associates.events import HandheldLocked
from associates.handheld.devices import Credentials
from associates.picking import claims
from bopis.kernel.clock import machine_clock
from bopis.kernel.database import Tx
from bopis.kernel.errors import Refused
from bopis.kernel.ids import DeviceId, StoreId
from bopis.kernel.speech import phrase, t

TRIES: Final = 10
"""Wrong tries to sign in, one after another and whoever they name, after which a device locks."""


class DeviceLocked(Refused):
    title = phrase("This handheld is locked")


_COUNT: Final = """
    UPDATE devices
       SET wrong_tries = wrong_tries + 1,
           locked_at = CASE WHEN wrong_tries + 1 >= $3 THEN $4::timestamptz END
     WHERE store_id = $1 AND id = $2 AND locked_at IS NULL
    RETURNING wrong_tries
"""


async def count_try(tx: Tx, shown: Credentials) -> int:
    """Count a try to sign in as a wrong one, before it is judged; return which one it is.

    Raises:
        DeviceLocked: There were too many before it.
    """
    nth = await tx.value(_COUNT, shown.store_id, shown.device_id, TRIES, tx.now)
    if nth is None:
        raise locked()
    return int(nth)


def locked() -> DeviceLocked:
    return DeviceLocked(
        t(
            "Too many wrong tries: this handheld is locked, and has forgotten what it knew."
            " What was scanned on it is kept. Ask whoever runs the store: they can unlock it"
            " on the page Floor of store operations."
        )
    )


_LOCKED: Final = """
    SELECT wrong_tries FROM devices
     WHERE store_id = $1 AND id = $2 AND locked_at IS NOT NULL FOR UPDATE
"""
_END: Final = """
    UPDATE associate_sessions SET ends_at = $3
     WHERE store_id = $1 AND device_id = $2 AND ends_at > $3
"""


async def shut(tx: Tx, shown: Credentials) -> bool:
    """Take a device out of everybody's hands after its last try; return whether it is locked.

    It is not, if somebody has signed in with the right PIN meanwhile.
    """
    tries = await tx.value(_LOCKED, shown.store_id, shown.device_id)
    if tries is None:
        return False
    await claims.put_away(tx, shown.store_id, shown.device_id)
    await tx.run(_END, shown.store_id, shown.device_id, machine_clock())
    await tx.emit(
        HandheldLocked(store_id=shown.store_id, device_id=shown.device_id, wrong_tries=tries)
    )
    return True


_FORGIVE: Final = """
    UPDATE devices SET wrong_tries = 0, locked_at = NULL
     WHERE store_id = $1 AND id = $2 AND (wrong_tries > 0 OR locked_at IS NOT NULL)
"""


async def forgive(tx: Tx, store_id: StoreId, device_id: DeviceId) -> None:
    """Count the wrong tries on a device from the beginning."""
    await tx.run(_FORGIVE, store_id, device_id)


_WAITS: Final = "DELETE FROM sign_in_failures WHERE store_id = $1 AND device_id = $2"


async def unlock(tx: Tx, store_id: StoreId, device_id: DeviceId) -> bool:
    """Let people sign in on a device at once, whoever had to wait; return whether anybody had to.

    One that is shut out stays shut out.
    """
    waits = await tx.run(_WAITS, store_id, device_id)
    return await tx.run(_FORGIVE, store_id, device_id) + waits > 0


_WAITS_OF: Final = """
    DELETE FROM sign_in_failures AS f USING associates AS a
     WHERE f.store_id = $1 AND a.store_id = $1 AND a.id = $2 AND f.number = a.number
"""


async def unlock_person(tx: Tx, store_id: StoreId, associate_id: object) -> bool:
    """Let somebody sign in at once, on whichever device they had to wait; whether they had to."""
    return await tx.run(_WAITS_OF, store_id, associate_id) > 0
