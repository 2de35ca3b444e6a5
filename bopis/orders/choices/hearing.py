"""An open question of a customer, for whoever stands before them; and what became of the answer."""

from typing import Final
from zoneinfo import ZoneInfo

from associates.bagging.bag_schemas import AskOut
from bopis.kernel.database import Tx
from bopis.kernel.ids import StoreId
from bopis.kernel.speech import phrase
from bopis.orders.choices import cases, spoken
from bopis.orders.choices.choices import Taken
from bopis.orders.models import Order
from inventory import stores

WHY: Final = {
    Taken.LATE: phrase(
        "Its time was over, and what we had said has happened. Nothing was changed."
    ),
    Taken.OVER: phrase(
        "It was settled before, by another answer or by a find. Nothing was changed."
    ),
    Taken.NOT_OFFERED: phrase("This was not asked, or not like this. Load the order again."),
}
"""Why an answer changes nothing."""


async def question(tx: Tx, order: Order) -> AskOut | None:
    """Return what a customer may answer just now; None: nothing."""
    case = await cases.live(tx, order.store_id, order.id)
    if case is None or not spoken.is_open(about := case.model_dump()):
        return None
    store = await stores.known(tx, order.store_id)
    return spoken.asked(about, ZoneInfo(store.time_zone), order.promised_at)


_BY_NUMBER: Final = """
    SELECT o.* FROM orders AS o
     WHERE o.store_id = $1 AND o.number = $2 AND o.closed_at IS NULL
       AND EXISTS (SELECT FROM choice_cases AS c
                    WHERE c.store_id = $1 AND c.order_id = o.id AND c.closed_at IS NULL)
"""


async def by_number(tx: Tx, store_id: StoreId, text: str) -> Order | None:
    """Return the order of this number, if its customer is asked something.

    A number is no pickup code, and opens nothing: all that it leads to is the question.
    """
    row = await tx.row(_BY_NUMBER, store_id, text.strip().upper())
    return Order.of(row) if row is not None else None
