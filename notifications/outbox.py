"""How a message leaves the line: claimed, asked once more, and settled with what became of it.

``messages`` puts them in. Between ``claim`` and ``settle`` no transaction is open and the words are
on their way; a process that dies there leaves rows that say ``sending``, and after their lease
nobody can know whether they arrived. What happens then is decided per kind.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from bopis.kernel.database import Tx
from bopis.kernel.ids import MessageId, StoreId
from notifications.events import MessageSettled
from notifications.models import Message, MessageKind, MessageState
from notifications.smtp import Outcome, Verdict

AT_LEAST_ONCE: Final = frozenset(
    {
        MessageKind.DELAY_APOLOGY,
        MessageKind.CHOICE_NEEDED,
        MessageKind.ORDER_READY,
        MessageKind.READY_WITHDRAWN,
        MessageKind.ORDER_CANCELLED,
    }
)
"""Better heard twice than never: somebody would wait or set off in vain. The rest: never twice."""

DOWN: Final = "The mail server cannot be reached."
"""Why a message waits that could leave; a person is told of the server, not of each message."""

AGAIN: Final = timedelta(seconds=10)
"""How soon a server that was down is tried again."""

LEASE: Final = timedelta(minutes=4)
"""Machine time in which a claimed batch is sent and settled, or taken for lost."""

_DUE_STORES: Final = """
    SELECT store_id FROM messages  /* fanout: sender */
     WHERE state IN ('queued', 'sending') AND send_after <= $1
       AND (claimed_until IS NULL OR claimed_until < clock_timestamp())
     GROUP BY store_id ORDER BY min(send_after), store_id LIMIT 50
"""


async def due_stores(tx: Tx) -> list[StoreId]:
    return [StoreId(row["store_id"]) for row in await tx.rows(_DUE_STORES, tx.now)]


_LOST: Final = """
    UPDATE messages SET state = CASE WHEN kind = ANY($2::text[]) THEN 'queued' ELSE 'unknown' END,
           reason = 'The sender stopped in the middle.',
           settled_at = CASE WHEN kind = ANY($2::text[]) THEN NULL ELSE $3::timestamptz END
     WHERE store_id = $1 AND state = 'sending' AND id IN (
           SELECT id FROM messages
            WHERE store_id = $1 AND state = 'sending' AND claimed_until < clock_timestamp()
            ORDER BY id LIMIT 100 FOR UPDATE SKIP LOCKED)
    RETURNING *
"""
_CLAIM: Final = """
    SELECT * FROM messages
     WHERE store_id = $1 AND state = 'queued' AND send_after <= $2
       AND (claimed_until IS NULL OR claimed_until < clock_timestamp())
     ORDER BY created_at, id
     LIMIT $3
       FOR UPDATE SKIP LOCKED
"""
_UNPROVEN: Final = """
    SELECT m.id FROM messages AS m
     WHERE m.store_id = $1 AND m.id = ANY($2::uuid[])
       AND (NOT EXISTS (
                SELECT FROM message_claims AS c WHERE c.store_id = $1 AND c.message_id = m.id)
         OR EXISTS (
                SELECT FROM message_claims AS c
                 WHERE c.store_id = $1 AND c.message_id = m.id AND NOT EXISTS (
                       SELECT FROM events AS e
                        WHERE e.store_id = $1 AND e.subject = m.order_id
                          AND e.id = ANY(c.evidence))))
"""


async def claim(tx: Tx, store_id: StoreId, *, limit: int) -> list[Message]:
    """Return what is due in one store, locked, in the sequence in which it was said.

    Rows that a dead sender left behind are first put back in line or given up as unknown. A
    message without proof is held back here, whoever wrote it.
    """
    for row in await tx.rows(_LOST, store_id, list(AT_LEAST_ONCE), tx.now):
        lost = Message.of(row)
        if lost.state is MessageState.UNKNOWN:
            await _announce(tx, lost)
    due = [Message.of(row) for row in await tx.rows(_CLAIM, store_id, tx.now, limit)]
    unproven = await tx.rows(_UNPROVEN, store_id, [message.id for message in due])
    without_proof = {row["id"] for row in unproven}
    for message in due:
        if message.id in without_proof:
            await hold_back(tx, message, "Nothing on record proves it.")
    return [message for message in due if message.id not in without_proof]


_SENDING: Final = """
    UPDATE messages
       SET state = 'sending', attempts = attempts + 1, claimed_until = $3,
           attempted_at = coalesce(attempted_at, $4)
     WHERE store_id = $1 AND id = ANY($2::uuid[]) AND state = 'queued'
"""


async def take(
    tx: Tx, store_id: StoreId, message_ids: Sequence[MessageId], *, machine_now: datetime
) -> None:
    """Mark claimed messages as on their way: from the commit on, they may have left."""
    await tx.run(_SENDING, store_id, list(message_ids), machine_now + LEASE, tx.now)


_SETTLE: Final = """
    UPDATE messages
       SET state = $4, reason = $5, claimed_until = $6,
           settled_at = CASE WHEN $4 = 'queued' THEN NULL ELSE $7::timestamptz END
     WHERE store_id = $1 AND id = $2 AND attempts = $3 AND state IN ('queued', 'sending')
    RETURNING *
"""
_WAIT: Final = """
    UPDATE messages SET state = 'queued', attempts = attempts - 1, reason = $4, claimed_until = $5
     WHERE store_id = $1 AND id = $2 AND attempts = $3 AND state = 'sending'
"""
_WAITING: Final = """
    SELECT count(*) FROM messages  /* fanout: sender */
     WHERE state = 'queued' AND reason = $1 AND claimed_until > clock_timestamp()
"""


async def waiting(tx: Tx) -> int:
    """Return how many messages wait for a server that was not there a moment ago."""
    return await tx.value(_WAITING, DOWN)  # type: ignore[no-any-return]


_OVERTAKEN: Final = """
    UPDATE messages
       SET state = 'suppressed', reason = 'Newer news was sent first.', settled_at = $5
     WHERE store_id = $1 AND order_id = $2 AND state = 'queued' AND (created_at, id) < ($3, $4)
    RETURNING *
"""


async def hold_back(tx: Tx, message: Message, reason: str) -> None:
    """Settle a claimed message that must not leave."""
    await _settle(tx, message, message.attempts, MessageState.SUPPRESSED, reason=reason)


async def give_up(tx: Tx, message: Message, reason: str) -> None:
    """Settle a message that cannot be sent, through a fault of ours."""
    await _settle(tx, message, message.attempts, MessageState.FAILED, reason=reason)


async def settle(
    tx: Tx, message: Message, outcome: Outcome, *, retry_for: timedelta, machine_now: datetime
) -> None:
    """Write down what became of a message that was on its way.

    ``message`` is as it was claimed. If its lease has run out meanwhile and somebody else has
    taken it up, what we know is no longer news, and nothing is written.

    A server that is down costs no message a try: it waits, and whether it is still true is asked
    again before it leaves.

    When newer news has left, older news that is still waiting for a second try stays: an order
    never goes back in its shopper's inbox.
    """
    attempts = message.attempts + 1
    if outcome.verdict is Verdict.DOWN:
        again = machine_now + AGAIN
        await tx.run(_WAIT, message.store_id, message.id, attempts, DOWN, again)
        return
    state = _state_after(message.kind, outcome.verdict)
    until = None
    if state is MessageState.QUEUED:
        if waited(attempts) >= retry_for:
            unknown = outcome.verdict is Verdict.UNKNOWN
            state = MessageState.UNKNOWN if unknown else MessageState.FAILED
        else:
            until = machine_now + backoff(attempts)
    reason = None if state is MessageState.SENT else outcome.detail[:500]
    await _settle(tx, message, attempts, state, reason=reason, until=until)
    if state is MessageState.SENT:
        older = await tx.rows(
            _OVERTAKEN,
            message.store_id,
            message.order_id,
            message.created_at,
            message.id,
            tx.now,
        )
        for row in older:
            await _announce(tx, Message.of(row))


def _state_after(kind: MessageKind, verdict: Verdict) -> MessageState:
    if verdict is Verdict.ACCEPTED:
        return MessageState.SENT
    if verdict is Verdict.REFUSED:
        return MessageState.FAILED
    if verdict is Verdict.UNKNOWN and kind not in AT_LEAST_ONCE:
        return MessageState.UNKNOWN
    return MessageState.QUEUED


def backoff(attempts: int) -> timedelta:
    """Return how long to wait after the n-th try, on the machine's clock."""
    return timedelta(seconds=min(2**attempts, 300))


def waited(attempts: int) -> timedelta:
    """Return how long all tries before the n-th have waited, together."""
    return sum((backoff(n) for n in range(1, attempts)), timedelta(0))


async def _settle(
    tx: Tx,
    message: Message,
    attempts: int,
    state: MessageState,
    *,
    reason: str | None,
    until: datetime | None = None,
) -> None:
    row = await tx.row(
        _SETTLE, message.store_id, message.id, attempts, state, reason, until, tx.now
    )
    if row is not None and state is not MessageState.QUEUED:
        await _announce(tx, Message.of(row))


async def _announce(tx: Tx, message: Message) -> None:
    await tx.emit(
        MessageSettled(
            store_id=message.store_id,
            order_id=message.order_id,
            message_id=message.id,
            kind=message.kind,
            state=message.state,
            promise_version=message.promise_version,
        )
    )
