"""The job that sends: claim · no transaction: send · settle.

Before words leave, two questions: is it still true (``Truth``, which the orders answer), and is
there somebody to tell. The log knows a message by its id alone, never by an address.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Final
from zoneinfo import ZoneInfo

import structlog
from sqlmodel import col, select

from bopis.kernel.clock import machine_clock
from bopis.kernel.database import Database, Tx
from bopis.kernel.errors import Unavailable
from bopis.kernel.ids import OrderId, StoreId
from inventory.models import Store
from notifications import facts, outbox, recipients, smtp
from notifications.models import Message, Recipient
from notifications.settings import NotificationSettings
from notifications.smtp import Letter, Outcome, Verdict
from notifications.wording import render

Post = Callable[[Sequence[Letter]], Awaitable[list[Outcome]]]
"""Takes letters, tells what became of each, in the same sequence."""

Truth = Callable[[Tx, Message], Awaitable[str | None]]
"""Returns why a message must not leave any more, or None: it is still true."""

LinkFor = Callable[[Tx, StoreId, OrderId], Awaitable[str]]
"""Returns the address of an order's own page, made with the keys of today."""

NO_ADDRESS: Final = "There is no address to send it to."
NO_MORE: Final = "They asked for no more e-mail."
NOBODY: Final = frozenset({NO_ADDRESS, NO_MORE})
"""Why a message was held back that will not reach anybody later either."""

ROUNDS: Final = 20
"""Batches of one store in a sweep; what is left then waits for the next."""

_log = structlog.get_logger(__name__)


class SenderDown(Unavailable):
    title = "Messages cannot be sent"


class NotConfigured(RuntimeError):
    """The process was started without a way to send."""


@dataclass
class Means:
    """What the roof hands to this job at start-up: how to send, whom to ask, how to link."""

    post: Post | None = None
    still_true: Truth | None = None
    link_for: LinkFor | None = None
    batch: int = 50
    retry_for: timedelta = timedelta(minutes=30)
    warned: bool = field(default=False, compare=False)


_means = Means()


def configure(
    *,
    settings: NotificationSettings | None = None,
    post: Post | None = None,
    still_true: Truth,
    link_for: LinkFor,
) -> None:
    """Set how messages leave: by the SMTP server of ``settings``, or through ``post``."""
    _means.post = post or (partial(smtp.send, settings) if settings is not None else None)
    _means.still_true = still_true
    _means.link_for = link_for
    if settings is not None:
        _means.batch, _means.retry_for = settings.batch, settings.retry_for


async def sweep(db: Database) -> int:
    """Send what is due, in turn of stores; return how many letters the next server took.

    A crowd leaves in one sweep, as far as its rounds go: at opening time news may be due for all
    orders of a busy evening at once.

    Raises:
        NotConfigured: Nobody said how to send; the lease of this job shows it.
        SenderDown: The next server is not there. So the lease shows since when, for all to see.
    """
    if _means.post is None:
        raise NotConfigured("No way to send messages is configured.")
    taken = 0
    for _ in range(ROUNDS):
        async with db.transaction() as tx:
            due = await outbox.due_stores(tx)
        if not due:
            break
        for store_id in due:
            taken += await _send_batch(db, store_id, _means.post)
    async with db.transaction() as tx:
        waiting = await outbox.waiting(tx)
    if waiting:
        raise SenderDown(f"{outbox.DOWN} Messages that wait for it: {waiting}.", waiting=waiting)
    return taken


async def _send_batch(db: Database, store_id: StoreId, post: Post) -> int:
    async with db.transaction(store_id, actor="job:notifications.send") as tx:
        letters = await _collect(tx, store_id)
    if not letters:
        return 0

    outcomes = await post([letter for _, letter in letters])

    async with db.transaction(store_id, actor="job:notifications.send") as tx:
        for (message, _), outcome in zip(letters, outcomes, strict=True):
            if outcome.verdict is not Verdict.ACCEPTED:
                _log.warning(
                    "message_not_taken", message_id=str(message.id), verdict=outcome.verdict
                )
            await outbox.settle(
                tx, message, outcome, retry_for=_means.retry_for, machine_now=machine_clock()
            )
    return sum(outcome.verdict is Verdict.ACCEPTED for outcome in outcomes)


async def _collect(tx: Tx, store_id: StoreId) -> list[tuple[Message, Letter]]:
    """Claim what is due, and turn what may leave into letters."""
    due = await outbox.claim(tx, store_id, limit=_means.batch)
    if not due:
        return []
    [store] = await tx.select(select(Store).where(col(Store.store_id) == store_id))
    people = await recipients.of(tx, store_id, [message.order_id for message in due])
    letters = []
    for message in due:
        reason = await _why_not(tx, message, people.get(message.order_id))
        if reason is not None:
            await outbox.hold_back(tx, message, reason)
            continue
        letter = await _write(tx, message, people[message.order_id], store)
        if letter is not None:
            letters.append((message, letter))
    await outbox.take(tx, store_id, [m.id for m, _ in letters], machine_now=machine_clock())
    return letters


async def _why_not(tx: Tx, message: Message, person: Recipient | None) -> str | None:
    if person is None or person.forgotten_at is not None or not person.email:
        return NO_ADDRESS
    if person.opted_out_at is not None:
        return NO_MORE
    assert _means.still_true is not None
    return await _means.still_true(tx, message)


async def _write(tx: Tx, message: Message, person: Recipient, store: Store) -> Letter | None:
    assert person.email
    assert _means.link_for is not None
    url = await _means.link_for(tx, message.store_id, message.order_id)
    try:
        said = facts.load(
            message.kind, message.facts, first_name=person.first_name or "", status_url=url
        )
        words = render(said, ZoneInfo(store.time_zone), person.locale, now=tx.now)
    except Exception:  # noqa: BLE001 -- the row keeps the reason; the rest of the batch goes on
        _log.exception("message_unwritable", message_id=str(message.id))
        await outbox.give_up(tx, message, "Our words for it do not fit its facts.")
        return None
    return Letter(message.id, person.email, store.name, words, tx.now)
