"""Credits: granted once for an incident, announced to the shop, and settled by it.

We take no money and give none back. A credit is a row and a fact; whoever took the money reads it
with the order (``GET /v1/orders/{id}``), pays it out, and says so.
"""

from decimal import Decimal
from pathlib import Path
from typing import Final

from bopis.kernel.database import Tx
from bopis.kernel.errors import NotFound
from bopis.kernel.ids import OrderId, StoreId
from bopis.orders.amends import credit
from bopis.orders.amends.apology_models import Credit, OrderIncident
from bopis.orders.amends.credit import Incident, Money, Policy
from bopis.orders.events import CreditGranted, CreditSettled
from bopis.orders.models import Order

_chosen: dict[str, Policy] = {}


class CreditUnknown(NotFound):
    title = "There is no such credit"


def configure(path: Path | None) -> None:
    """Set by which policy credits are granted: of a file, or the one that we ship with.

    Raises:
        ValueError: The file holds no policy.
        OSError: There is no such file.
    """
    _chosen["policy"] = credit.load(path.read_text("utf-8")) if path else credit.DEFAULT


def policy() -> Policy:
    return _chosen.get("policy", credit.DEFAULT)


_ALREADY: Final = """
    SELECT coalesce(sum(c.amount), 0) FROM credits AS c
      JOIN incidents AS i ON i.store_id = $1 AND i.order_id = c.order_id AND i.number = c.incident
     WHERE c.store_id = $1 AND c.order_id = $2 AND i.what <> 'not_ready'
"""
_GRANT: Final = """
    INSERT INTO credits (store_id, order_id, incident, tier, amount, currency, granted_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7)
    ON CONFLICT DO NOTHING
    RETURNING *
"""


async def grant(tx: Tx, order: Order, incident: OrderIncident) -> Credit | None:
    """Grant what an incident is worth by the policy, once; return it, or None where nothing is.

    The caller holds the order's lock. A trip in vain is credited each time; of delays and their
    end the order as a whole gets no more than its worst line says.
    """
    already = Decimal(0)
    if incident.what is not Incident.NOT_READY:
        already = await tx.value(_ALREADY, order.store_id, order.id)
    total = None
    if order.total is not None and order.currency is not None:
        total = Money(order.total, order.currency)
    owed = credit.owed(policy(), incident.tier, total, already)
    if owed is None:
        return None
    row = await tx.row(
        _GRANT,
        order.store_id,
        order.id,
        incident.number,
        incident.tier,
        owed.amount,
        owed.currency,
        tx.now,
    )
    if row is None:
        return await of_incident(tx, incident)
    await tx.emit(
        CreditGranted(
            store_id=order.store_id,
            order_id=order.id,
            version=order.version,
            incident=incident.number,
            tier=incident.tier,
            amount=owed.amount,
            currency=owed.currency,
        )
    )
    return Credit.of(row)


_OF_INCIDENT: Final = """
    SELECT * FROM credits WHERE store_id = $1 AND order_id = $2 AND incident = $3
"""


async def of_incident(tx: Tx, incident: OrderIncident) -> Credit | None:
    row = await tx.row(_OF_INCIDENT, incident.store_id, incident.order_id, incident.number)
    return None if row is None else Credit.of(row)


_OF_ORDER: Final = """
    SELECT * FROM credits WHERE store_id = $1 AND order_id = $2 ORDER BY incident LIMIT 100
"""


async def of_order(tx: Tx, store_id: StoreId, order_id: OrderId) -> list[Credit]:
    return [Credit.of(row) for row in await tx.rows(_OF_ORDER, store_id, order_id)]


_SETTLE: Final = """
    UPDATE credits SET settled_at = $4
     WHERE store_id = $1 AND order_id = $2 AND incident = $3 AND settled_at IS NULL
    RETURNING *
"""


async def settle(tx: Tx, order: Order, incident: int) -> None:
    """Take in that the shop has paid a credit out. Said again it changes nothing.

    Raises:
        CreditUnknown: This order has no such credit.
    """
    row = await tx.row(_SETTLE, order.store_id, order.id, incident, tx.now)
    if row is None:
        if await tx.row(_OF_INCIDENT, order.store_id, order.id, incident) is None:
            raise CreditUnknown(f"The order has no credit {incident}.")
        return
    await tx.emit(
        CreditSettled(
            store_id=order.store_id,
            order_id=order.id,
            version=order.version,
            incident=incident,
            amount=row["amount"],
            currency=row["currency"],
        )
    )


_LISTED: Final = """
    SELECT c.*, o.number FROM credits AS c  /* fanout: report */
      JOIN orders AS o ON o.store_id = c.store_id AND o.id = c.order_id
     WHERE ($1::text IS NULL OR c.store_id = $1)
       AND (NOT $2 OR c.settled_at IS NULL)
     ORDER BY c.granted_at DESC, c.store_id, c.order_id LIMIT $3
"""


async def listed(
    tx: Tx, store_id: StoreId | None, *, unsettled: bool, limit: int
) -> list[tuple[str, Credit]]:
    """Return the newest credits, each with the number of its order; for people and reports."""
    rows = await tx.rows(_LISTED, store_id, unsettled, limit)
    return [
        (row["number"], Credit.of({k: v for k, v in row.items() if k != "number"})) for row in rows
    ]
