"""What waits to be collected, as a handheld takes it along: orders by number, and no names.

Their pickup codes stay here. Who steals a handheld finds where bags stand, and cannot show a code.
"""

from collections.abc import Mapping
from typing import Final

from associates.bagging import bags
from associates.bagging.bag_schemas import BagOut
from associates.handheld.devices import Holder
from associates.offline.package_schemas import PackReady
from bopis.kernel.database import Tx
from bopis.kernel.ids import OrderId

TAKEN_ALONG: Final = 200
"""Orders, those that were put down last."""

_READY: Final = """
    SELECT order_id, number, staging_code FROM pick_tasks
     WHERE store_id = $1 AND state = 'staged' AND state NOT IN ('done', 'cancelled')
     ORDER BY staged_at DESC, id DESC LIMIT $2
"""


async def ready(tx: Tx, holder: Holder, staging: Mapping[str, str]) -> list[PackReady]:
    """Return what waits to be collected, by number.

    Shapes:
        staging: labels of pickup places, by code.
    """
    rows = await tx.rows(_READY, holder.store_id, TAKEN_ALONG)
    found = await bags.of_orders(tx, holder.store_id, [OrderId(row["order_id"]) for row in rows])
    waiting = []
    for row in sorted(rows, key=lambda row: str(row["number"])):
        here = found[OrderId(row["order_id"])]
        spots = dict.fromkeys(one.place or row["staging_code"] for one in here)
        labels = {spot: staging.get(spot, spot) for spot in spots or [row["staging_code"]]}
        bags_ = [
            BagOut(number=one.number, code=one.code, place=labels[one.place or row["staging_code"]])
            for one in here
        ]
        waiting.append(PackReady(number=row["number"], places=list(labels.values()), bags=bags_))
    return waiting
