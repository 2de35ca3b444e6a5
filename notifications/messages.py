"""What we say about an order: queued with its facts and its proof, withdrawn when it turns false.

A message is a statement to somebody. It names what it claims, and every claim names the recorded
facts that prove it. What lacks proof cannot be queued; ``outbox`` asks again before it leaves.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from bopis.kernel.database import Tx
from bopis.kernel.errors import Conflict
from bopis.kernel.ids import MessageId, OrderId, StoreId
from notifications import facts as sayable
from notifications.events import MessageSettled
from notifications.facts import DelayReason, Facts
from notifications.models import ClaimKind, Message, MessageKind, MessageState

_K, _C = MessageKind, ClaimKind

OWED: Final[Mapping[MessageKind, ClaimKind]] = {
    _K.ORDER_RECEIVED: _C.READY_BY,
    _K.DELAY_APOLOGY: _C.DELAY,
    _K.NEWS_DUE: _C.NEWS_BY,
    _K.ITEM_SHORT: _C.SHORT,
    _K.CHOICE_NEEDED: _C.CHOICE,
    _K.CHOICE_SETTLED: _C.SETTLED,
    _K.ORDER_MOVED: _C.READY_BY,
    _K.ITEMS_CONFIRMED: _C.CONFIRMED,
    _K.ORDER_READY: _C.READY,
    _K.READY_WITHDRAWN: _C.NOT_READY,
    _K.PICKUP_REMINDER: _C.HELD_UNTIL,
    _K.ORDER_EXPIRED: _C.EXPIRED,
    _K.ORDER_CANCELLED: _C.CANCELLED,
    _K.PICKED_UP: _C.COLLECTED,
}
"""What a message of each kind cannot help claiming. It may claim more."""


class ClaimUnproven(Conflict):
    title = "This cannot be said: nothing on record proves it"


@dataclass(frozen=True, slots=True)
class ClaimIn:
    """One statement, and the ids of the facts about the same order that prove it."""

    kind: ClaimKind
    value: str
    evidence: Sequence[UUID]


_RECORDED: Final = """
    SELECT id FROM events WHERE store_id = $1 AND subject = $2 AND id = ANY($3::uuid[])
"""
_QUEUE: Final = """
    WITH queued AS (
        INSERT INTO messages (store_id, id, order_id, kind, dedupe_key, order_version,
                              promise_version, corrects, facts, created_at, send_after)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
        ON CONFLICT (store_id, dedupe_key) DO NOTHING
        RETURNING id
    )
    INSERT INTO message_claims (store_id, message_id, kind, value, evidence)
    SELECT $1, queued.id, c.kind, c.value, c.evidence
      FROM queued, jsonb_to_recordset($12) AS c (kind text, value text, evidence uuid[])
    RETURNING message_id
"""


async def queue(
    tx: Tx,
    store_id: StoreId,
    order_id: OrderId,
    facts: Facts,
    *,
    order_version: int,
    claims: Sequence[ClaimIn],
    dedupe: str,
    promise_version: int | None = None,
    corrects: MessageId | None = None,
    send_after: datetime | None = None,
) -> MessageId | None:
    """Put a message in line, once; return its id, or None if it has been said before.

    ``dedupe`` tells one occasion from another among messages of one kind about one order: the
    promise's version, the line that is short. Whoever says the same thing twice is heard once.

    Raises:
        ClaimUnproven: A claim has no evidence, or evidence that is not on this order's record; or
            the message does not make the claim that its kind cannot help making.
    """
    kind = MessageKind(facts.kind)
    await _prove(tx, store_id, order_id, kind, claims)
    return await tx.value(  # type: ignore[no-any-return]
        _QUEUE,
        store_id,
        tx.new_id(),
        order_id,
        kind,
        f"{kind}/{order_id.hex}/{dedupe}",
        order_version,
        promise_version,
        corrects,
        sayable.dump(facts),
        tx.now,
        send_after or tx.now,
        [
            {"kind": c.kind, "value": c.value, "evidence": [str(id_) for id_ in c.evidence]}
            for c in claims
        ],
    )


async def _prove(
    tx: Tx, store_id: StoreId, order_id: OrderId, kind: MessageKind, claims: Sequence[ClaimIn]
) -> None:
    await tx.flush()  # what this transaction itself has just recorded is proof too
    cited = {id_ for claim in claims for id_ in claim.evidence}
    recorded = {row["id"] for row in await tx.rows(_RECORDED, store_id, order_id, list(cited))}
    for claim in claims:
        if not claim.evidence or not recorded.issuperset(claim.evidence):
            raise ClaimUnproven(f"A message cannot claim “{claim.kind}” without proof.", kind=kind)
    if OWED[kind] not in {claim.kind for claim in claims}:
        raise ClaimUnproven(f"A message of kind {kind} has to prove “{OWED[kind]}”.", kind=kind)


_EVIDENCE: Final = """
    SELECT DISTINCT ON (name) id FROM events
     WHERE store_id = $1 AND subject = $2 AND name = ANY($3::text[])
     ORDER BY name, seq DESC
"""


async def evidence(tx: Tx, store_id: StoreId, order_id: OrderId, *names: str) -> list[UUID]:
    """Return the ids of the newest fact of each name on an order's record; of none, where none."""
    await tx.flush()
    return [row["id"] for row in await tx.rows(_EVIDENCE, store_id, order_id, list(names))]


_WITHDRAW: Final = """
    UPDATE messages SET state = 'suppressed', reason = $3, settled_at = $4
     WHERE store_id = $1 AND order_id = $2 AND state = 'queued'
       AND ($5::text[] IS NULL OR kind = ANY($5::text[]))
    RETURNING id, kind, promise_version
"""


async def withdraw(
    tx: Tx,
    store_id: StoreId,
    order_id: OrderId,
    *,
    kinds: Collection[MessageKind] | None = None,
    reason: str,
) -> int:
    """Hold back what has not left yet and is no longer true; return how many.

    Called in the transaction of the change that made it false. What is being sent at this very
    moment can only be corrected, by another message.
    """
    chosen = None if kinds is None else list(kinds)
    rows = await tx.rows(_WITHDRAW, store_id, order_id, reason, tx.now, chosen)
    for row in rows:
        await tx.emit(
            MessageSettled(
                store_id=store_id,
                order_id=order_id,
                message_id=row["id"],
                kind=row["kind"],
                state=MessageState.SUPPRESSED,
                promise_version=row["promise_version"],
            )
        )
    return len(rows)


_TOLD: Final = """
    SELECT (facts->>'promised_at')::timestamptz FROM messages
     WHERE store_id = $1 AND order_id = $2 AND state = 'sent' AND facts ? 'promised_at'
     ORDER BY created_at DESC, id DESC LIMIT 1
"""


async def told(tx: Tx, store_id: StoreId, order_id: OrderId) -> datetime | None:
    """Return the time that the shopper last heard from us; unsent is untold.

    None if they have heard none, or if the last thing they heard was that we do not know.
    """
    return await tx.value(_TOLD, store_id, order_id)  # type: ignore[no-any-return]


_APOLOGIZED: Final = """
    SELECT facts ->> 'reason' FROM messages
     WHERE store_id = $1 AND order_id = $2 AND kind = 'delay_apology' AND promise_version = $3
       AND state IN ('sending', 'sent', 'unknown')
     LIMIT 1
"""


async def apologized(
    tx: Tx, store_id: StoreId, order_id: OrderId, *, promise_version: int
) -> DelayReason | None:
    """Return the cause that the shopper was given when this promise replaced another, if any."""
    reason = await tx.value(_APOLOGIZED, store_id, order_id, promise_version)
    return None if reason is None else DelayReason(reason)


_ONE: Final = "SELECT * FROM messages WHERE store_id = $1 AND id = $2"
_CLAIMS: Final = "SELECT * FROM message_claims WHERE store_id = $1 AND message_id = $2"
_IN_TIME: Final = {ClaimKind.READY_BY: "promised_at", ClaimKind.NEWS_BY: "next_news_at"}


async def get(tx: Tx, store_id: StoreId, message_id: MessageId) -> Message | None:
    row = await tx.row(_ONE, store_id, message_id)
    return None if row is None else Message.of(row)


_NAMED: Final = """
    SELECT EXISTS (SELECT FROM messages
                    WHERE store_id = $1 AND order_id = $2 AND facts ->> 'promised_at' = $3
                      AND state NOT IN ('queued', 'suppressed'))
"""


async def has_named(tx: Tx, message: Message) -> bool:
    """Say whether the time that a message speaks of has been named before, in one that left."""
    at = message.facts["promised_at"]
    return await tx.value(_NAMED, message.store_id, message.order_id, at)  # type: ignore[no-any-return]


async def renew(
    tx: Tx, message: Message, times: Mapping[str, datetime | None], *, order_version: int
) -> MessageId | None:
    """Say again what was held back, with the times that are true now, and on the same proof."""
    said = message.facts | {name: at and at.isoformat() for name, at in times.items()}
    claims = []
    for row in await tx.rows(_CLAIMS, message.store_id, message.id):
        kind, value = ClaimKind(row["kind"]), row["value"]
        if kind in _IN_TIME and _IN_TIME[kind] in times:
            at = times[_IN_TIME[kind]]
            if at is None:
                continue
            value = at.isoformat()
        claims.append(ClaimIn(kind, value, row["evidence"]))
    return await queue(
        tx,
        message.store_id,
        message.order_id,
        sayable.load(message.kind, said),
        order_version=order_version,
        promise_version=message.promise_version,
        claims=claims,
        dedupe=f"{message.dedupe_key.rsplit('/', 1)[-1]}/after-{message.id.hex}",
        corrects=message.corrects,
    )


_HISTORY: Final = """
    SELECT * FROM messages WHERE store_id = $1 AND order_id = $2 ORDER BY created_at, id LIMIT 200
"""


async def history(tx: Tx, store_id: StoreId, order_id: OrderId) -> list[Message]:
    """Return everything we said, or meant to say, about an order, oldest first."""
    return [Message.of(row) for row in await tx.rows(_HISTORY, store_id, order_id)]
