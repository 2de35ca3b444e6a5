"""What a person may decide about an order. Each leaves a fact with a reason."""

from associates.picking import retractions
from bopis.kernel.database import Tx
from bopis.kernel.errors import Conflict
from bopis.kernel.ids import OrderId, StoreId
from bopis.ops.events import OpsNoted


class NotReady(Conflict):
    title = "The order is not ready"


async def retract_ready(tx: Tx, store_id: StoreId, order_id: OrderId, *, note: str) -> None:
    """Take back a *ready* that was wrong: the bag cannot be found, so all of it is picked again.

    The shopper gets a correction, and it counts against the store's record.

    Raises:
        NotReady: There is nothing to take back.
    """
    if not await retractions.disprove(tx, store_id, order_id):
        raise NotReady("Only an order that is ready can be taken back. Look at it again.")
    await tx.emit(OpsNoted(store_id=store_id, about=order_id, act="take ready back", note=note))
