"""The same request again gives the same answer: for callers who send an ``Idempotency-Key``.

The answer is saved in the transaction that did the work. Natural keys come first (an order is
unique by its reference, a scan by its id); this is for answers that have none, such as a refusal.

Source: IETF draft-ietf-httpapi-idempotency-key-header-07 (422 for the same key with another body).
"""

import hashlib
from typing import Any, Final

import msgspec
from sqlmodel import Field

from bopis.kernel.columns import Table, datetime, document, instant, key_text, placed
from bopis.kernel.database import Tx
from bopis.kernel.errors import Invalid
from bopis.kernel.ids import StoreId


class IdempotencyKey(Table, table=True):
    __tablename__ = "idempotency_keys"
    __table_args__ = (placed("distributed"),)

    store_id: StoreId = key_text(key=True)
    scope: str = key_text(key=True)
    """Who asked, and for what: two callers may use one key and never meet."""
    key: str = key_text(key=True)
    fingerprint: str = key_text()
    status: int = Field()
    body: dict[str, Any] = document()
    created_at: datetime = instant()


class KeyReused(Invalid):
    title = "This key was used for another request"


_FIND: Final = """
    SELECT fingerprint, status, body FROM idempotency_keys
     WHERE store_id = $1 AND scope = $2 AND key = $3
"""
_SAVE: Final = """
    INSERT INTO idempotency_keys (store_id, scope, key, fingerprint, status, body, created_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7)
    ON CONFLICT (store_id, scope, key) DO NOTHING
"""


def fingerprint(body: object) -> str:
    """Return what tells one request body from another, whatever the order of its members."""
    return hashlib.sha256(msgspec.json.encode(body, order="sorted")).hexdigest()


async def answer(
    tx: Tx, store_id: StoreId, scope: str, key: str, print_: str
) -> tuple[int, dict[str, Any]] | None:
    """Return the status and body that this key was answered with, or None if it is new.

    Raises:
        KeyReused: The key came with another body before.
    """
    row = await tx.row(_FIND, store_id, scope, key)
    if row is None:
        return None
    if row["fingerprint"] != print_:
        raise KeyReused("This Idempotency-Key came with another body before. Use a new key.")
    return row["status"], row["body"]


async def save(
    tx: Tx,
    store_id: StoreId,
    scope: str,
    key: str,
    print_: str,
    *,
    status: int,
    body: dict[str, Any],
) -> None:
    await tx.run(_SAVE, store_id, scope, key, print_, status, body, tx.now)
