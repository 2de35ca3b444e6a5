"""How a message about an order is put in line: its proof, its items, its place."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from bopis.kernel.database import Tx
from bopis.kernel.ids import MessageId
from bopis.orders.amends.apology_models import Credit
from bopis.orders.events import CreditGranted, OrderFact
from bopis.orders.models import Order, OrderLine
from bopis.orders.states import Bucket
from inventory import stores
from inventory.models import Store
from inventory.opening import hours
from notifications import facts, messages
from notifications.facts import Elsewhere, Item, Place
from notifications.messages import ClaimIn
from notifications.models import ClaimKind, Message, MessageKind, MessageState


async def proof(tx: Tx, event: OrderFact) -> list[UUID]:
    """Return the id under which this very fact is on the order's record."""
    return await messages.evidence(tx, event.store_id, event.order_id, event.name)


async def queue(
    tx: Tx,
    order: Order,
    said: facts.Facts,
    claims: list[ClaimIn],
    *,
    dedupe: str,
    corrects: MessageId | None = None,
) -> None:
    await messages.queue(
        tx,
        order.store_id,
        order.id,
        said,
        order_version=order.version,
        promise_version=order.promise_version,
        claims=claims,
        dedupe=dedupe,
        corrects=corrects,
    )


def items(lines: list[OrderLine], *buckets: Bucket) -> tuple[Item, ...]:
    counted = ((line.name, sum(getattr(line, bucket) for bucket in buckets)) for line in lines)
    return tuple(Item(name, quantity) for name, quantity in counted if quantity)


def elsewhere(known: Sequence[Mapping[str, Any]]) -> tuple[Elsewhere, ...]:
    """Return other stores as a message names them, from what a case keeps of them."""
    return tuple(
        Elsewhere(
            name=x["name"],
            km=x["km"],
            store_id=x.get("store_id", ""),
            ready_by=datetime.fromisoformat(x["ready_by"]) if x.get("ready_by") else None,
            odds=x.get("odds", ""),
        )
        for x in known
    )


async def place(tx: Tx, store: Store) -> Place:
    calendar = await stores.pickup_calendar(tx, store.store_id)
    is_open = hours.is_open(calendar, tx.now)
    opens_at = tx.now if is_open else hours.next_opening(calendar, tx.now)
    return Place(
        name=store.pickup_instructions or "Pickup counter",
        address=", ".join(part for part in (store.street, store.city) if part),
        opens_at=opens_at,
        closes_at=hours.closing_after(calendar, tx.now) if opens_at else None,
    )


LEFT: Final = frozenset({MessageState.SENT, MessageState.SENDING, MessageState.UNKNOWN})
"""A message that somebody has heard, or may have."""


async def heard(tx: Tx, order: Order) -> bool:
    """Say whether an order's customer has heard from us at all."""
    said = await messages.history(tx, order.store_id, order.id)
    return any(message.state in LEFT for message in said)


async def last(tx: Tx, order: Order, kind: MessageKind) -> Message | None:
    """Return the last message of a kind that has left."""
    said = await messages.history(tx, order.store_id, order.id)
    left = [message for message in said if message.kind is kind and message.state in LEFT]
    return left[-1] if left else None


def owed(credit: Credit | None) -> facts.Credit | None:
    """Return a credit as a message tells of it."""
    if credit is None:
        return None
    return facts.Credit(credit.amount, credit.currency, settled=credit.settled_at is not None)


async def credited(tx: Tx, order: Order, credit: Credit | None) -> list[ClaimIn]:
    """Return what a message claims that tells of a credit: the grant itself proves it."""
    if credit is None:
        return []
    granted = await messages.evidence(tx, order.store_id, order.id, CreditGranted.name)
    return [ClaimIn(ClaimKind.CREDIT, f"{credit.amount} {credit.currency}", granted)]
