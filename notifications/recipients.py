"""Who a person is: one row an order, and the only place that knows a name or an address."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from bopis.kernel.database import Tx
from bopis.kernel.ids import OrderId, StoreId
from notifications.models import Recipient

_GET: Final = "SELECT * FROM recipients WHERE store_id = $1 AND order_id = $2"


async def get(tx: Tx, store_id: StoreId, order_id: OrderId) -> Recipient | None:
    row = await tx.row(_GET, store_id, order_id)
    return Recipient.of(row) if row else None


_NAME_OTHER: Final = """
    UPDATE recipients SET other_first_name = $3
     WHERE store_id = $1 AND order_id = $2 AND forgotten_at IS NULL
"""


async def name_other(tx: Tx, store_id: StoreId, order_id: OrderId, first_name: str | None) -> None:
    """Write down the first name of somebody else who may collect; None: nobody may."""
    await tx.run(_NAME_OTHER, store_id, order_id, first_name)


_OF: Final = "SELECT * FROM recipients WHERE store_id = $1 AND order_id = ANY($2)"


async def of(tx: Tx, store_id: StoreId, order_ids: list[OrderId]) -> dict[OrderId, Recipient]:
    """Return the recipients of several orders; an order without one is absent."""
    rows = await tx.rows(_OF, store_id, order_ids)
    return {row["order_id"]: Recipient.of(row) for row in rows}


_SAME: Final = """
    SELECT r.order_id FROM recipients AS r
      JOIN recipients AS me
        ON me.store_id = $1 AND me.order_id = $2 AND lower(me.email) = lower(r.email)
     WHERE r.store_id = $1 AND r.order_id = ANY($3::uuid[])
"""


async def same_person(
    tx: Tx, store_id: StoreId, order_id: OrderId, among: Collection[OrderId]
) -> set[OrderId]:
    """Return which of these orders are for the same address as an order. Nothing of it is kept."""
    rows = await tx.rows(_SAME, store_id, order_id, list(among))
    return {OrderId(row["order_id"]) for row in rows}


_ADDRESSES: Final = """
    SELECT order_id, lower(email) AS email FROM recipients
     WHERE store_id = $1 AND order_id = ANY($2::uuid[]) AND email IS NOT NULL
"""


async def addresses(
    tx: Tx, store_id: StoreId, order_ids: Collection[OrderId]
) -> dict[OrderId, str]:
    """Return by what orders of one person are known, in whatever store. Nothing of it is kept."""
    rows = await tx.rows(_ADDRESSES, store_id, list(order_ids))
    return {OrderId(row["order_id"]): row["email"] for row in rows}


@dataclass(frozen=True, slots=True)
class Person:
    """Who is to be told."""

    first_name: str | None
    last_name: str | None = None
    email: str | None = None
    phone: str | None = None
    locale: str = "en"


_PUT: Final = """
    INSERT INTO recipients (store_id, order_id, first_name, last_name, email, phone, locale)
    SELECT $1, p.order_id, p.first_name, p.last_name, p.email, p.phone, p.locale
      FROM unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[])
           AS p (order_id, first_name, last_name, email, phone, locale)
"""


async def put_all(tx: Tx, store_id: StoreId, people: Mapping[OrderId, Person]) -> None:
    """Write down whom to tell about orders that are new."""
    who = people.values()
    await tx.run(
        _PUT,
        store_id,
        list(people),
        [person.first_name for person in who],
        [person.last_name for person in who],
        [person.email for person in who],
        [person.phone for person in who],
        [person.locale for person in who],
    )
