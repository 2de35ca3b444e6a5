"""Who works here: by badge, or by number and PIN.

A PIN is slow to check on purpose, so it is checked between two short transactions, in a thread. The
try is counted before it is judged: a hundred guesses at once are a hundred guesses.
"""

import asyncio
import secrets
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import argon2
from sqlmodel import col, select

from associates.crew import badges, lockout
from associates.handheld import locking
from associates.handheld.devices import Credentials, Holder, digest
from associates.models import Associate, AssociateSession
from associates.picking import claims
from bopis.kernel.clock import machine_clock
from bopis.kernel.database import Tx
from bopis.kernel.errors import Conflict, Invalid, TooMany, Unauthenticated
from bopis.kernel.ids import AssociateId, StoreId
from bopis.kernel.speech import n, phrase, t

SHIFT: Final = timedelta(hours=12)
PIN_DIGITS: Final = range(6, 13)
LONG: Final = 60
"""Seconds of waiting from which on it is worth fetching somebody."""
FEW: Final = 3
"""Tries that are left before a handheld locks itself, from which on that is said."""
_BADGES: Final = "*badge"  # no associate's number: tries with badges are counted together

# OWASP's small profile: about 70 ms, where the library's default takes 250.
_HASHER: Final = argon2.PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_NOBODY: Final = _HASHER.hash(secrets.token_hex())  # so that an unknown number takes as long
_hashing = ThreadPoolExecutor(max_workers=2, thread_name_prefix="pin")  # 19 MiB each


class SignInWrong(Unauthenticated):
    title = phrase("We could not sign you in")


class SignInLocked(TooMany):
    title = phrase("Too many wrong tries")


class PinTooWeak(Invalid):
    title = "This PIN will not do"


class NumberTaken(Conflict):
    title = "Somebody has this number"


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try at signing in, already counted as a failure."""

    account: str
    associate_id: AssociateId | None
    name: str
    pin_hash: str | None
    """None: nothing more to check, the badge was the proof."""
    failures: int
    badge_digest: bytes | None = None
    """What is to be kept of the badge from now on, if that is not what we have."""
    tries: int = 1
    """On this device since somebody last signed in there, with this one."""


async def hash_pin(pin: str) -> str:
    """Return what we keep of a PIN.

    Raises:
        PinTooWeak: Fewer than six digits, or something else than digits.
    """
    if len(pin) not in PIN_DIGITS or not pin.isascii() or not pin.isdigit():
        raise PinTooWeak("A PIN has 6 to 12 digits.")
    return await asyncio.get_running_loop().run_in_executor(_hashing, _HASHER.hash, pin)


_ADD: Final = """
    INSERT INTO associates (store_id, id, number, name, badge_digest, pin_hash)
    VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (store_id, number) DO NOTHING
"""


async def add(
    tx: Tx,
    store_id: StoreId,
    *,
    number: str,
    name: str,
    badge: str | None = None,
    pin_hash: str | None = None,
) -> AssociateId:
    """Take somebody on. ``pin_hash`` comes from ``hash_pin``, before the transaction.

    Raises:
        NumberTaken: By somebody of this store, who may have left: it is theirs until their name is
            forgotten.
    """
    associate_id = AssociateId(tx.new_id())
    kept = badges.digests(store_id, badge)[0] if badge else None
    if not await tx.run(_ADD, store_id, associate_id, number, name, kept, pin_hash):
        raise NumberTaken(f"Number {number} is or was somebody else's in this store.")
    return associate_id


_NEW_BADGE: Final = """
    UPDATE associates SET badge_digest = $3 WHERE store_id = $1 AND id = $2 AND is_active
"""


async def new_badge(tx: Tx, store_id: StoreId, associate_id: AssociateId) -> str | None:
    """Give somebody a new badge, which is shown this once; the one before opens nothing.

    None: nobody who works here has this id.
    """
    badge = badges.make()
    kept = badges.digests(store_id, badge)[0]
    return badge if await tx.run(_NEW_BADGE, store_id, associate_id, kept) else None


async def find(tx: Tx, store_id: StoreId, number: str) -> AssociateId | None:
    """Return who of those who work in a store has this number."""
    row = await tx.row(_BY_NUMBER, store_id, number)
    return AssociateId(row["id"]) if row is not None else None


async def listed(tx: Tx, store_id: StoreId) -> list[Associate]:
    query = select(Associate).where(col(Associate.store_id) == store_id)
    return await tx.select(query.order_by(col(Associate.number)).limit(500))


_COUNTER: Final = """
    INSERT INTO sign_in_failures (store_id, device_id, number, failures)
    VALUES ($1, $2, $3, 0) ON CONFLICT (store_id, device_id, number) DO NOTHING
"""
_LOCK: Final = """
    SELECT failures, locked_until FROM sign_in_failures
     WHERE store_id = $1 AND device_id = $2 AND number = $3 FOR UPDATE
"""
_COUNT: Final = """
    UPDATE sign_in_failures SET failures = $4, locked_until = $5
     WHERE store_id = $1 AND device_id = $2 AND number = $3
"""
_BY_BADGE: Final = """
    SELECT id, name, badge_digest FROM associates
     WHERE store_id = $1 AND badge_digest = ANY ($2::bytea[]) AND is_active
"""
_BY_NUMBER: Final = """
    SELECT id, name, pin_hash FROM associates
     WHERE store_id = $1 AND number = $2 AND is_active
"""


async def begin(
    tx: Tx, shown: Credentials, *, badge: str | None = None, number: str = ""
) -> Attempt:
    """Count a try at signing in, and find whom it is about.

    Raises:
        SignInLocked: This account has to wait on this device.
        DeviceLocked: Too many tries were wrong on it, whoever they named.
        SignInWrong: What was scanned is no badge at all, so it was no try either.
    """
    if badge is not None and not badges.is_badge(badge.strip()):
        raise SignInWrong(t("This is not a badge. Scan the code on yours."))
    store_id, now = shown.store_id, machine_clock()
    tries = await locking.count_try(tx, shown)
    account = _BADGES if badge is not None else number
    key = (store_id, shown.device_id, account)
    await tx.run(_COUNTER, *key)
    counted = await tx.row(_LOCK, *key)
    assert counted is not None, "written by the statement before"
    until = counted["locked_until"]
    if until is not None and until > now:
        seconds = max(1, round((until - now).total_seconds()))
        again = t("Try again in {time}.", time=_words(seconds))
        raise SignInLocked(f"{again} {_unlocked(seconds)}".strip(), retry_after=seconds)
    failures = counted["failures"] + 1
    await tx.run(_COUNT, *key, failures, now + lockout.wait(failures))
    if badge is not None:
        kept = badges.digests(store_id, badge.strip())
        row = await tx.row(_BY_BADGE, store_id, kept)
        if row is None:
            return Attempt(account, None, "", None, failures, tries=tries)
        newest = kept[0] if row["badge_digest"] != kept[0] else None
        return Attempt(account, row["id"], row["name"], None, failures, newest, tries)
    row = await tx.row(_BY_NUMBER, store_id, number)
    pin_hash = (row and row["pin_hash"]) or _NOBODY
    who, name = (row["id"], row["name"]) if row else (None, "")
    return Attempt(account, who, name, pin_hash, failures, tries=tries)


async def matches(attempt: Attempt, pin: str) -> bool:
    """Tell whether the try was right. Opens no transaction, and must not be called in one."""
    if attempt.pin_hash is None:
        return attempt.associate_id is not None
    try:
        await asyncio.get_running_loop().run_in_executor(
            _hashing, _HASHER.verify, attempt.pin_hash, pin
        )
    except argon2.exceptions.VerifyMismatchError:
        return False
    return attempt.associate_id is not None


_FORGIVE: Final = """
    DELETE FROM sign_in_failures WHERE store_id = $1 AND device_id = $2 AND number = $3
"""
_STILL_HERE: Final = """
    SELECT true FROM associates WHERE store_id = $1 AND id = $2 AND is_active FOR SHARE
"""
_END_OTHERS: Final = """
    UPDATE associate_sessions SET ends_at = $3
     WHERE store_id = $1 AND device_id = $2 AND ends_at > $3
"""


async def finish(tx: Tx, shown: Credentials, attempt: Attempt) -> tuple[str, Holder]:
    """Give the device to whoever has just signed in; return the session's token, and them.

    Raises:
        SignInWrong: They have left while their PIN was checked.
    """
    assert attempt.associate_id is not None
    now = machine_clock()
    await locking.forgive(tx, shown.store_id, shown.device_id)
    await claims.put_away(tx, shown.store_id, shown.device_id, but=attempt.associate_id)
    if not await tx.value(_STILL_HERE, shown.store_id, attempt.associate_id):
        raise wrong(attempt)
    await tx.run(_FORGIVE, shown.store_id, shown.device_id, attempt.account)
    await tx.run(_END_OTHERS, shown.store_id, shown.device_id, now)
    if attempt.badge_digest is not None:
        await tx.run(_NEW_BADGE, shown.store_id, attempt.associate_id, attempt.badge_digest)
    secret = secrets.token_urlsafe(32)
    session = AssociateSession(
        store_id=shown.store_id,
        id=tx.new_id(),
        device_id=shown.device_id,
        associate_id=attempt.associate_id,
        token_digest=digest(secret),
        started_at=now,
        ends_at=now + SHIFT,
    )
    await tx.add(session)
    holder = Holder(shown.store_id, shown.device_id, attempt.associate_id, attempt.name)
    return f"{session.id.hex}.{secret}", holder


def wrong(attempt: Attempt) -> SignInWrong:
    """Return what to say to a wrong try: the same whether the number exists or not."""
    wait = round(lockout.wait(attempt.failures).total_seconds())
    again = t("Try again in {time}.", time=_words(wait)) if wait else t("Try again.")
    what = t(_NO_MATCH) if attempt.pin_hash is not None else t("We do not know this badge.")
    said = f"{what} {again} {_unlocked(wait) or _locks(attempt.tries)}".strip()
    return SignInWrong(said, retry_after=wait)


def _unlocked(seconds: int) -> str:
    """Return who helps whoever would have to wait for long."""
    if seconds < LONG:
        return ""
    return t("Whoever runs the store can unlock you at once, on the page Floor.")


def _locks(tries: int) -> str:
    """Return how many more tries there are, once they are few."""
    left = locking.TRIES - tries
    if left > FEW:
        return ""
    return n(
        "After 1 more wrong try this handheld locks itself.",
        "After {count} more wrong tries this handheld locks itself.",
        left,
    )


_NO_MATCH: Final = phrase("This number and this PIN do not belong together.")


def _words(seconds: int) -> str:
    if seconds < 60:  # noqa: PLR2004 -- a minute
        return n("1 second", "{count} seconds", seconds)
    minutes = -(-seconds // 60)
    return n("1 minute", "{count} minutes", minutes)


_END: Final = """
    UPDATE associate_sessions SET ends_at = $4
     WHERE store_id = $1 AND id = $2 AND device_id = $3 AND token_digest = $5 AND ends_at > $4
"""


async def sign_out(tx: Tx, shown: Credentials) -> None:
    """End the session that the device shows, if it is one; what it had in hand is free."""
    await claims.put_away(tx, shown.store_id, shown.device_id)
    session = (shown.session_id, shown.device_id, machine_clock(), digest(shown.session_secret))
    await tx.run(_END, shown.store_id, *session)
