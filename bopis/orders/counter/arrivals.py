"""Customers who are on their way, or here: what they say, and what follows from it on the floor.

No message leaves because of it: whoever stands there is told on the page they hold, and somebody on
the floor knows. What is decided is in ``arrival``.
"""

from collections.abc import Mapping
from typing import Any, Final

from associates.picking import second_looks
from bopis.kernel.database import Database, Tx
from bopis.kernel.ids import OrderId, StoreId
from bopis.orders import orders
from bopis.orders.counter import arrival
from bopis.orders.counter.arrival import LEAVES, Heard, Saying, Standing, Where, Word
from bopis.orders.events import CustomerArrived, CustomerLeft, CustomerSetOff, CustomerTookBack
from bopis.orders.models import Order
from bopis.orders.states import WAITING, Arrival
from inventory import stores

_LOCK: Final = """
    SELECT state, expected_at, arrived_at, waits_at, spot, changes FROM arrivals
     WHERE store_id = $1 AND order_id = $2 FOR UPDATE
"""
_PUT: Final = """
    INSERT INTO arrivals (store_id, order_id, state, expected_at, arrived_at, was_ready, waits_at,
                          spot, changes, said_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
    ON CONFLICT (store_id, order_id) DO UPDATE
       SET state = EXCLUDED.state, expected_at = EXCLUDED.expected_at,
           arrived_at = EXCLUDED.arrived_at, was_ready = EXCLUDED.was_ready,
           waits_at = EXCLUDED.waits_at, spot = EXCLUDED.spot, changes = EXCLUDED.changes,
           said_at = EXCLUDED.said_at
"""


async def say(tx: Tx, store_id: StoreId, order_id: OrderId, said: Saying) -> Heard:
    """Take in what a customer says of their coming; said again, it changes nothing.

    Raises:
        OrderUnknown: There is none with this id in this store.
    """
    await second_looks.lock(tx, store_id, order_id)
    order = await orders.lock(tx, store_id, order_id)
    row = await tx.row(_LOCK, store_id, order_id)
    before = _standing(row) if row is not None else Standing()
    calendar = await stores.pickup_calendar(tx, store_id)
    heard, after = arrival.hear(
        before,
        said,
        order=order.state,
        door=arrival.doors(calendar, tx.now),
        now=tx.now,
    )
    if heard is not Heard.TAKEN:
        return heard
    is_here = after.state is Arrival.ARRIVED
    await tx.run(
        _PUT,
        store_id,
        order_id,
        after.state,
        after.expected_at,
        after.arrived_at,
        order.state in WAITING if is_here else None,
        after.where,
        after.spot,
        after.changes,
        tx.now,
    )
    await tell_floor(tx, store_id, order_id)
    if not (is_here and before.state is Arrival.ARRIVED):  # another spot is no other arrival
        await _announce(tx, order, said.word, after)
    return heard


def _standing(row: Mapping[str, Any]) -> Standing:
    return Standing(
        state=Arrival(row["state"]),
        expected_at=row["expected_at"],
        arrived_at=row["arrived_at"],
        where=Where(row["waits_at"]) if row["waits_at"] else None,
        spot=row["spot"],
        changes=row["changes"],
    )


async def _announce(tx: Tx, order: Order, word: Word, after: Standing) -> None:
    about: Any = {"store_id": order.store_id, "order_id": order.id, "version": order.version}
    match word:
        case Word.ON_MY_WAY:
            await tx.emit(CustomerSetOff(**about, expected_at=after.expected_at))
        case Word.HERE:
            await tx.emit(CustomerArrived(**about, was_ready=order.state in WAITING))
        case Word.NOT_YET:
            await tx.emit(CustomerTookBack(**about))


_TELL_FLOOR: Final = """
    UPDATE pick_tasks AS t
       SET here_since = CASE a.state WHEN 'arrived' THEN a.arrived_at END
      FROM arrivals AS a
     WHERE t.store_id = $1 AND t.order_id = $2 AND t.state NOT IN ('done', 'cancelled')
       AND a.store_id = $1 AND a.order_id = $2
       AND t.here_since IS DISTINCT FROM CASE a.state WHEN 'arrived' THEN a.arrived_at END
"""


async def tell_floor(tx: Tx, store_id: StoreId, order_id: OrderId) -> None:
    """Note on an order's walk that its customer is here, or is no longer: it is due at once."""
    await tx.run(_TELL_FLOOR, store_id, order_id)


_SERVE: Final = """
    UPDATE arrivals SET state = 'served', served_at = $3, spot = ''
     WHERE store_id = $1 AND order_id = $2 AND state <> 'served'
"""


async def serve(tx: Tx, store_id: StoreId, order_id: OrderId) -> None:
    """The customer has it. Whoever never said a word has no row, and no wait that we know of."""
    await tx.run(_SERVE, store_id, order_id, tx.now)


_LEAVE: Final = """
    UPDATE arrivals SET state = 'left', spot = ''
     WHERE store_id = $1 AND order_id = $2 AND state IN ('on_my_way', 'arrived')
"""


async def leave(tx: Tx, store_id: StoreId, order_id: OrderId) -> None:
    """The order has ended otherwise: nobody waits for it."""
    await tx.run(_LEAVE, store_id, order_id)


_GONE_STORES: Final = """
    SELECT DISTINCT store_id FROM arrivals  /* fanout: watch */
     WHERE state IN ('on_my_way', 'arrived')
       AND greatest(said_at, expected_at) <= $1 LIMIT 1000
"""
_GONE: Final = """
    SELECT order_id FROM arrivals
     WHERE store_id = $1 AND state IN ('on_my_way', 'arrived')
       AND greatest(said_at, expected_at) <= $2
     ORDER BY order_id LIMIT 500
"""


async def sweep(db: Database) -> int:
    """Believe no longer that somebody waits who said so hours ago; return how many."""
    async with db.transaction() as tx:
        rows = await tx.rows(_GONE_STORES, tx.now - LEAVES)
    gone = 0
    for row in rows:
        store_id = StoreId(row["store_id"])
        async with db.transaction(store_id, actor="job:orders.arrivals") as tx:
            for one in await tx.rows(_GONE, store_id, tx.now - LEAVES):
                gone += await _go(tx, store_id, OrderId(one["order_id"]))
    return gone


async def _go(tx: Tx, store_id: StoreId, order_id: OrderId) -> int:
    await second_looks.lock(tx, store_id, order_id)
    order = await orders.lock(tx, store_id, order_id)
    row = await tx.row(_LOCK, store_id, order_id)
    assert row is not None
    if row["state"] not in {Arrival.ON_MY_WAY, Arrival.ARRIVED}:
        return 0
    await leave(tx, store_id, order_id)
    await tell_floor(tx, store_id, order_id)
    await tx.emit(CustomerLeft(store_id=store_id, order_id=order_id, version=order.version))
    return 1
