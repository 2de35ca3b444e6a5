"""Handhelds, and who holds one just now.

A device is tied to its store by a code that works once. What it shows from then on is kept hashed,
and carries its store, so that finding it asks one store and no other.
"""

import hashlib
import hmac
import re
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Final
from uuid import UUID

from fastapi import Depends, Header
from sqlmodel import col, select

from associates.models import Device, EnrolmentCode
from bopis.kernel.clock import machine_clock
from bopis.kernel.database import Tx
from bopis.kernel.errors import NotFound, Unauthenticated
from bopis.kernel.http import refusing
from bopis.kernel.ids import STORE_ID_PATTERN, AssociateId, DeviceId, StoreId
from bopis.kernel.speech import phrase, t

CODE_LIVES: Final = timedelta(minutes=15)
_ALPHABET: Final = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # nothing that reads like something else
_STORE: Final = re.compile(STORE_ID_PATTERN)
_CODE: Final = re.compile(r"([A-Za-z0-9_-]{1,32})-([A-Za-z0-9]{4})-([A-Za-z0-9]{4})")
_HEX: Final = re.compile(r"[0-9a-f]{32}")
_LONGEST: Final = 300
"""Characters of a token; ours are shorter."""


class EnrolmentCodeUnknown(NotFound):
    title = phrase("This set-up code does not work")


class DeviceUnknown(Unauthenticated):
    title = phrase("We do not know this handheld")


class SignedOut(Unauthenticated):
    title = phrase("Nobody is signed in on this handheld")


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a handheld shows: itself, and who holds it. Read, not yet believed."""

    store_id: StoreId
    device_id: DeviceId
    device_secret: str
    session_id: UUID | None
    session_secret: str

    @property
    def actor(self) -> str:
        return f"device:{self.device_id.hex}"


@dataclass(frozen=True, slots=True)
class Holder:
    store_id: StoreId
    device_id: DeviceId
    associate_id: AssociateId
    name: str


def digest(secret: str) -> bytes:
    """Return what we store: a plain hash is enough for 256 random bits (ASVS 5, 6.5.2)."""
    return hashlib.sha256(secret.encode()).digest()


@refusing(DeviceUnknown)
async def shown(
    authorization: Annotated[str, Header()] = "",
    x_associate_session: Annotated[str, Header()] = "",
) -> Credentials:
    """Read the two headers of a handheld; nothing is looked up here.

    Raises:
        DeviceUnknown: There is no device token, or none of ours.
    """
    scheme, _, token = authorization.partition(" ")
    store_id, device, secret = ("", "", *token.strip().rsplit(".", 2))[-3:]
    is_ours = (
        _STORE.fullmatch(store_id) and secret and _HEX.fullmatch(device) and len(token) <= _LONGEST
    )
    if scheme.lower() != "bearer" or not is_ours:
        raise DeviceUnknown(t("Set this handheld up with a code from store operations."))
    session, _, session_secret = x_associate_session.strip().partition(".")
    return Credentials(
        store_id=StoreId(store_id),
        device_id=DeviceId(UUID(hex=device)),
        device_secret=secret,
        session_id=UUID(hex=session) if _HEX.fullmatch(session) else None,
        session_secret=session_secret,
    )


Shown = Annotated[Credentials, Depends(shown)]


async def new_code(tx: Tx, store_id: StoreId) -> str:
    """Make a code that enrols one device within a quarter of an hour; it is not readable again."""
    letters = "".join(secrets.choice(_ALPHABET) for _ in range(8))
    code = f"{store_id}-{letters[:4]}-{letters[4:]}"
    await tx.add(
        EnrolmentCode(
            store_id=store_id, digest=digest(code), expires_at=machine_clock() + CODE_LIVES
        )
    )
    return code


def store_of_code(code: str) -> StoreId:
    """Return the store that a set-up code belongs to.

    Raises:
        EnrolmentCodeUnknown: It has not the form of one.
    """
    return StoreId(_read(code)[1])


def _read(code: str) -> re.Match[str]:
    found = _CODE.fullmatch(code.strip())
    if found is None:
        raise EnrolmentCodeUnknown(t("This is no set-up code. Check it, or ask for a new one."))
    return found


_USE_CODE: Final = """
    UPDATE enrolment_codes SET used_at = $3
     WHERE store_id = $1 AND digest = $2 AND used_at IS NULL AND expires_at > $3
"""


async def enrol(tx: Tx, code: str, name: str) -> tuple[Device, str]:
    """Tie a device to the store of its code; return it, and the token that it shows from now on.

    Raises:
        EnrolmentCodeUnknown: Never made, used before, or too old: the three look alike.
    """
    assert tx.store_id is not None
    store, *letters = _read(code).groups()
    normal = "-".join([store, *(part.upper() for part in letters)])
    if not await tx.run(_USE_CODE, tx.store_id, digest(normal), machine_clock()):
        raise EnrolmentCodeUnknown(
            t("This set-up code was used, or is too old. Ask for a new one.")
        )
    secret = secrets.token_urlsafe(32)
    device = Device(
        store_id=tx.store_id,
        id=DeviceId(tx.new_id()),
        name=name,
        token_digest=digest(secret),
        enrolled_at=tx.now,
    )
    await tx.add(device)
    return device, f"{tx.store_id}.{device.id.hex}.{secret}"


_FIND: Final = """
    SELECT d.token_digest, d.revoked_at, s.token_digest AS session_digest, s.ends_at,
           a.id AS associate_id, a.name, a.is_active
      FROM devices AS d
      LEFT JOIN associate_sessions AS s
        ON s.store_id = $1 AND s.device_id = d.id AND s.id = $3
      LEFT JOIN associates AS a ON a.store_id = $1 AND a.id = s.associate_id
     WHERE d.store_id = $1 AND d.id = $2
"""


_NO_SESSION: Final = UUID(int=0)
"""Not NULL: a condition that can never hold makes the planner forget which store it is about."""


async def check(tx: Tx, shown: Credentials) -> None:
    """Make sure that the device is one of ours and not revoked; whoever holds it.

    Raises:
        DeviceUnknown: It is not.
    """
    await _find(tx, shown)


async def holder(tx: Tx, shown: Credentials) -> Holder:
    """Return who holds the device just now: checked in the transaction that acts on it.

    Raises:
        DeviceUnknown: The device is none of ours, or was revoked.
        SignedOut: Nobody is signed in on it, or not any more.
    """
    associate_id, name = await _find(tx, shown)
    if associate_id is None:
        raise SignedOut(t("Sign in with your badge or your number and PIN."))
    return Holder(shown.store_id, shown.device_id, associate_id, name)


async def _find(tx: Tx, shown: Credentials) -> tuple[AssociateId | None, str]:
    session_id = shown.session_id or _NO_SESSION
    row = await tx.row(_FIND, shown.store_id, shown.device_id, session_id)
    if (
        row is None
        or row["revoked_at"] is not None
        or not hmac.compare_digest(row["token_digest"], digest(shown.device_secret))
    ):
        raise DeviceUnknown(
            t(
                "This handheld is not let in any more. Set it up with a new code from store"
                " operations, or take another one."
            )
        )
    if (
        row["session_digest"] is None
        or not hmac.compare_digest(row["session_digest"], digest(shown.session_secret))
        or row["ends_at"] <= machine_clock()
        or not row["is_active"]
    ):
        return None, ""
    return AssociateId(row["associate_id"]), row["name"]


_THEN: Final = """
    SELECT s.associate_id, a.name FROM associate_sessions AS s
      JOIN associates AS a ON a.store_id = $1 AND a.id = s.associate_id
     WHERE s.store_id = $1 AND s.id = $2 AND s.device_id = $3
"""


async def holder_then(tx: Tx, now: Holder, session_id: UUID) -> Holder:
    """Return who held this device under an earlier session; whoever holds it now, if none is known.

    What somebody did is theirs, though it is sent after they have handed the device on.
    """
    row = await tx.row(_THEN, now.store_id, session_id, now.device_id)
    if row is None:
        return now
    return Holder(now.store_id, now.device_id, AssociateId(row["associate_id"]), row["name"])


_REVOKED: Final = """
    SELECT token_digest FROM devices WHERE store_id = $1 AND id = $2 AND revoked_at IS NOT NULL
"""


async def is_revoked(tx: Tx, shown: Credentials) -> bool:
    """Say whether this was one of ours, and is shut out now."""
    secret: bytes | None = await tx.value(_REVOKED, shown.store_id, shown.device_id)
    return secret is not None and hmac.compare_digest(secret, digest(shown.device_secret))


Watching = tuple[DeviceId, UUID | None]
"""A device that watches, and the session under which it does; None: nobody is signed in."""

_BARRED: Final = """
    SELECT w.device_id, w.session_id
      FROM unnest($2::uuid[], $3::uuid[]) AS w (device_id, session_id)
      LEFT JOIN devices AS d ON d.store_id = $1 AND d.id = w.device_id
      LEFT JOIN associate_sessions AS s ON s.store_id = $1 AND s.id = w.session_id
     WHERE d.id IS NULL OR d.revoked_at IS NOT NULL
        OR w.session_id IS NOT NULL AND (s.id IS NULL OR s.ends_at <= $4)
"""


async def barred(tx: Tx, store_id: StoreId, watching: Collection[Watching]) -> set[Watching]:
    """Return who of those who watch may do so no longer: revoked, signed out, or let go."""
    devices, sessions = zip(*watching, strict=True)
    rows = await tx.rows(_BARRED, store_id, devices, sessions, machine_clock())
    return {(DeviceId(row["device_id"]), row["session_id"]) for row in rows}


async def revoke(tx: Tx, store_id: StoreId, device_id: DeviceId) -> bool:
    """Shut a device out from its next request on; return whether there was one to shut out."""
    sql = (
        "UPDATE devices SET revoked_at = $3 WHERE store_id = $1 AND id = $2 AND revoked_at IS NULL"
    )
    return await tx.run(sql, store_id, device_id, tx.now) > 0


async def listed(tx: Tx, store_id: StoreId) -> list[Device]:
    query = select(Device).where(col(Device.store_id) == store_id)
    return await tx.select(query.order_by(col(Device.enrolled_at).desc()).limit(200))
