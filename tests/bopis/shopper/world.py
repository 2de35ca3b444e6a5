"""An order with its store, its people and its facts in a database: for tests of its page."""

from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from associates.events import PickLineFound, PickStarted
from bopis.kernel.database import Database, Tx
from bopis.kernel.ids import OrderId, Sku, StoreId, TaskId
from bopis.orders.models import Order, OrderLine
from bopis.orders.telling import links
from bopis.promises.models import Promise as PromiseRow
from bopis.promises.promise import Basis
from inventory import stock
from inventory.models import Store, StoreHours
from inventory.stock import Want
from notifications import recipients
from notifications.recipients import Person
from tests.notifications.letters import pm
from tests.notifications.world import Recorded, a_message

STORE: Final = StoreId("S0042")
ORDER: Final = OrderId(UUID(int=7))


_STOCK: Final = """
    INSERT INTO stock (store_id, sku, on_hand, changed_at)
    VALUES ($1, 'oat', 50, $2), ($1, 'rye', 50, $2) ON CONFLICT DO NOTHING
"""


async def a_store(tx: Tx, store_id: StoreId = STORE) -> None:
    await tx.add(
        Store(
            store_id=store_id,
            name="Riverside",
            time_zone="America/Chicago",
            street="3400 N Halsted St",
            city="Chicago",
            postal_code="60657",
            phone="+1 555 0100",
            pickup_instructions="Pickup counter, left of the entrance",
            latitude=41.9436,
            longitude=-87.6494,
        ),
        *(
            StoreHours(store_id=store_id, weekday=day, opens="09:00", closes="21:00")
            for day in range(7)
        ),
    )


async def an_order(tx: Tx, order_id: OrderId = ORDER, **changes: Any) -> Order:
    """Insert an order that was accepted just now, as ``changes`` say otherwise."""
    values: dict[str, Any] = {
        "store_id": STORE,
        "id": order_id,
        "channel": "test",
        "reference": order_id.hex,
        "fingerprint": "",
        "number": f"R-{order_id.int}",
        "pickup_code": f"7QK44M{order_id.int:02}",
        "promised_at": pm(5),
        "next_update_due_at": tx.now + timedelta(hours=1),
        "accepted_at": tx.now,
    }
    order = Order(**(values | changes))
    await tx.add(
        order,
        OrderLine(
            store_id=STORE, order_id=order_id, line=1, sku=Sku("oat"), name="Oat drink, 1 l",
            ordered=2, reserved=2,
        ),
        OrderLine(
            store_id=STORE, order_id=order_id, line=2, sku=Sku("rye"), name="Rye bread",
            ordered=1, reserved=1,
        ),
        PromiseRow(
            store_id=STORE, order_id=order_id, version=1, latest=pm(5), confidence=0.9,
            sample_size=212, basis=Basis.STORE, base_minutes=12, kept=197, made_at=tx.now,
        ),
    )  # fmt: skip
    await tx.run(_STOCK, STORE, tx.now)
    await stock.reserve(tx, STORE, [Want(order_id, Sku("oat"), 2), Want(order_id, Sku("rye"), 1)])
    await recipients.put_all(tx, STORE, {order_id: Person("Ada", "Shopper", "ada@shopper.example")})
    await a_message(tx, order_id=order_id)
    return order


async def found(db: Database, order_id: OrderId = ORDER) -> None:
    """Let an associate begin and find the first item; the order follows by itself."""
    about: Any = {"store_id": STORE, "order_id": order_id, "task_id": TaskId(UUID(int=1))}
    async with db.transaction(STORE) as tx:
        await tx.emit(PickStarted(**about))
        await tx.emit(
            PickLineFound(
                **about, line=1, sku=Sku("oat"), quantity=2, scan_id=UUID(int=order_id.int)
            )
        )


async def something(db: Database, order_id: OrderId = ORDER) -> None:
    """Record a fact that changes nothing."""
    async with db.transaction(STORE) as tx:
        await tx.emit(Recorded(store_id=STORE, order_id=order_id))


def path(order_id: OrderId = ORDER, link_version: int = 1) -> str:
    url = links.status_url(STORE, order_id, link_version)
    return url[url.index("/o/") :]
