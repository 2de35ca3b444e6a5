"""API keys: one per channel, per feed source, per operator. Stored hashed, shown once."""

import asyncio
import hashlib
import secrets
import time
from enum import StrEnum
from typing import Final
from uuid import UUID

from sqlalchemy import LargeBinary, UniqueConstraint
from sqlmodel import Field, select

from bopis.kernel.columns import Table, datetime, identity, instant, key_text, one_of, placed
from bopis.kernel.database import Database, Tx
from bopis.kernel.errors import Unauthenticated
from bopis.kernel.ids import StoreId

REMEMBERED: Final = 5.0
"""Seconds for which a process remembers a key it has seen: how long a revoked one may live on."""


class KeyKind(StrEnum):
    CHANNEL = "channel"  # a web shop: quotes and orders
    FEED = "feed"  # a stock system: feeds and catalogue; the name is the source
    OPS = "ops"  # store operations: everything to read, and what a person may decide


class ApiKey(Table, table=True):
    __tablename__ = "api_keys"
    __table_args__ = (
        UniqueConstraint("digest"),
        one_of("kind", KeyKind),
        placed("reference"),
    )

    id: UUID = identity(key=True)
    kind: KeyKind = key_text()
    name: str = key_text()
    only_store: StoreId | None = key_text(default=None)
    """Set: the key sees this store and no other."""
    digest: bytes = Field(sa_type=LargeBinary)
    created_at: datetime = instant()
    revoked_at: datetime | None = instant(default=None)


class KeyUnknown(Unauthenticated):
    title = "We do not know this key"


_BY_DIGEST: Final = "SELECT * FROM api_keys WHERE digest = $1 AND revoked_at IS NULL"


async def add(
    tx: Tx, kind: KeyKind, name: str, *, only_store: StoreId | None = None
) -> tuple[ApiKey, str]:
    """Make a key; return its row, and the secret, which nobody can read again."""
    secret = f"bk_{kind}_{secrets.token_urlsafe(32)}"
    key = ApiKey(
        id=tx.new_id(),
        kind=kind,
        name=name,
        only_store=only_store,
        digest=digest(secret),
        created_at=tx.now,
    )
    await tx.add(key)
    return key, secret


async def revoke(tx: Tx, key_id: UUID) -> None:
    await tx.run("UPDATE api_keys SET revoked_at = $2 WHERE id = $1", key_id, tx.now)


async def listed(tx: Tx) -> list[ApiKey]:
    return await tx.select(select(ApiKey).order_by("kind", "name").limit(500))


def digest(secret: str) -> bytes:
    """Return what we store. A plain hash is enough for 256 random bits (OWASP ASVS 5, 6.5.2)."""
    return hashlib.sha256(secret.encode()).digest()


class Keyring:
    """Finds the key behind a secret, and remembers it for a few seconds."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._seen: dict[bytes, tuple[float, ApiKey]] = {}
        self._asked: dict[bytes, asyncio.Task[ApiKey]] = {}

    async def find(self, secret: str) -> ApiKey:
        """Return the live key with this secret.

        A crowd that comes with one key asks the database once: or its hundreds would take all the
        connections there are, and be told that we are busy.

        Raises:
            KeyUnknown: There is none, or it was revoked.
        """
        hashed = digest(secret)
        seen = self._seen.get(hashed)
        if seen is not None and seen[0] > time.monotonic():
            return seen[1]
        asked = self._asked.get(hashed)
        if asked is None:
            asked = self._asked[hashed] = asyncio.create_task(self._ask(hashed))
            asked.add_done_callback(lambda _: self._asked.pop(hashed, None))
        return await asyncio.shield(asked)  # one caller that hangs up does not end it for others

    async def _ask(self, hashed: bytes) -> ApiKey:
        async with self._db.transaction() as tx:
            row = await tx.row(_BY_DIGEST, hashed)
        if row is None:
            self._seen.pop(hashed, None)
            raise KeyUnknown("No key of ours has this secret, or it was revoked.")
        key = ApiKey.of(row)
        if len(self._seen) > 1000:  # noqa: PLR2004 -- a bound, not a tuning
            self._seen.clear()
        self._seen[hashed] = (time.monotonic() + REMEMBERED, key)
        return key
