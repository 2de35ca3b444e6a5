"""The rows of moves: read and written under the lock of the order that gives something up."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from bopis.kernel.database import Tx
from bopis.kernel.ids import OrderId, StoreId
from bopis.orders.choices.choice import MoveState
from bopis.orders.moving.move_models import Move

_GET: Final = "SELECT * FROM moves WHERE store_id = $1 AND order_id = $2 AND number = $3"


async def get(tx: Tx, store_id: StoreId, order_id: OrderId, number: int) -> Move:
    row = await tx.row(_GET, store_id, order_id, number)
    assert row is not None, "a move that was never begun"
    return Move.of(row)


_OF: Final = """
    SELECT * FROM moves WHERE store_id = $1 AND order_id = $2 ORDER BY number LIMIT 100
"""


async def of(tx: Tx, store_id: StoreId, order_id: OrderId) -> list[Move]:
    """Return all that has moved of an order, or was to move, oldest first."""
    return [Move.of(row) for row in await tx.rows(_OF, store_id, order_id)]


_BEGIN: Final = """
    INSERT INTO moves (store_id, order_id, number, case_number, to_store, lines, whole, begun_at)
    SELECT $1, $2, coalesce(max(number), 0) + 1, $3, $4, $5, $6, $7
      FROM moves WHERE store_id = $1 AND order_id = $2
    RETURNING *
"""


async def begin(
    tx: Tx,
    store_id: StoreId,
    order_id: OrderId,
    *,
    case: int,
    to_store: StoreId,
    lines: Sequence[dict[str, Any]],
    whole: bool,
) -> Move:
    """Write down what is to move, of an order that is locked."""
    row = await tx.row(_BEGIN, store_id, order_id, case, to_store, list(lines), whole, tx.now)
    assert row is not None
    return Move.of(row)


_DECIDE: Final = """
    UPDATE moves SET state = $4, to_order = $5, to_number = $6, promised_at = $7, reason = $8,
                     decided_at = $9
     WHERE store_id = $1 AND order_id = $2 AND number = $3 AND state = 'open'
"""


async def done(tx: Tx, move: Move, to_order: UUID, to_number: str, promised_at: datetime) -> None:
    """Decide that it has moved: from here on the new order is the one that counts."""
    await tx.run(
        _DECIDE,
        move.store_id,
        move.order_id,
        move.number,
        MoveState.DONE,
        to_order,
        to_number,
        promised_at,
        None,
        tx.now,
    )


async def void(tx: Tx, move: Move, reason: str) -> None:
    """Decide that nothing moves."""
    await tx.run(
        _DECIDE,
        move.store_id,
        move.order_id,
        move.number,
        MoveState.VOID,
        None,
        None,
        None,
        reason,
        tx.now,
    )
