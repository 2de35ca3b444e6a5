"""How a message about an order is put in line: its proof, its items, its place."""

from uuid import UUID

from bopis.kernel.database import Tx
from bopis.kernel.ids import MessageId
from bopis.orders.events import OrderFact
from bopis.orders.models import Order, OrderLine
from bopis.orders.states import Bucket
from inventory import hours, stores
from inventory.models import Store
from notifications import facts, messages
from notifications.facts import Item, Place
from notifications.messages import ClaimIn


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
