"""The same request again gives the same answer: for callers who send an ``Idempotency-Key``.

The answer is saved in the transaction that did the work. Natural keys come first (an order is
unique by its reference, a scan by its id); this is for answers that have none, such as a refusal.

Source: IETF draft-ietf-httpapi-idempotency-key-header-07 (422 for the same key with another body).
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class Answer:
    """What a key was answered with."""

    fingerprint: str
    status: int
    body: dict[str, Any]


_FIND: Final = """
    SELECT i.scope, i.key, i.fingerprint, i.status, i.body
      FROM unnest($2::text[], $3::text[]) AS a (scope, key)
      JOIN idempotency_keys AS i ON i.store_id = $1 AND i.scope = a.scope AND i.key = a.key
     WHERE i.store_id = $1
"""
_SAVE: Final = """
    INSERT INTO idempotency_keys (store_id, scope, key, fingerprint, status, body, created_at)
    SELECT $1, k.scope, k.key, k.fingerprint, $2, k.body, $3
      FROM unnest($4::text[], $5::text[], $6::text[], $7::jsonb[])
           AS k (scope, key, fingerprint, body)
     ORDER BY k.scope, k.key
    ON CONFLICT (store_id, scope, key) DO NOTHING
"""


def fingerprint(body: object) -> str:
    """Return what tells one request body from another, whatever the order of its members."""
    return hashlib.sha256(msgspec.json.encode(body, order="sorted")).hexdigest()


async def answers(
    tx: Tx, store_id: StoreId, asked: Sequence[tuple[str, str]]
) -> dict[tuple[str, str], Answer]:
    """Return what each (scope, key) was answered with; one that is new is absent."""
    rows = await tx.rows(_FIND, store_id, [scope for scope, _ in asked], [key for _, key in asked])
    return {
        (row["scope"], row["key"]): Answer(row["fingerprint"], row["status"], row["body"])
        for row in rows
    }


async def save_all(
    tx: Tx,
    store_id: StoreId,
    given: Sequence[tuple[str, str, str, dict[str, Any]]],
    *,
    status: int,
) -> int:
    """Save answers: (scope, key, fingerprint, body); return how many keys were still free."""
    return await tx.run(
        _SAVE,
        store_id,
        status,
        tx.now,
        *([answer[n] for answer in given] for n in range(4)),
    )
