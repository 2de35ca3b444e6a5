"""Somebody else collects: the shopper names them, and gives them a code that can be taken back."""

from typing import Annotated, Final

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response
from pydantic import AfterValidator, BaseModel, Field

from bopis.kernel.database import Tx
from bopis.kernel.http import Db, problems
from bopis.kernel.ids import OrderId, StoreId
from bopis.orders import numbers, orders
from bopis.orders.counter import collectors
from bopis.orders.states import FINAL
from bopis.orders.telling import links
from bopis.shopper import pages, records, status
from bopis.shopper.router import FromElsewhere, _back, _same_origin
from inventory import stores
from notifications import recipients

router: Final = APIRouter(include_in_schema=False)


def _a_name(text: str) -> str:
    if not text.isprintable():
        raise ValueError("holds a character that cannot be printed")
    return text.strip()


class Named(BaseModel):
    """What the form sends: a name, or that nobody else is to come."""

    first_name: Annotated[str, Field(max_length=40), AfterValidator(_a_name)] = ""
    withdraw: bool = False


@router.get("/o/{token}/collector")
async def who_collects(token: str, db: Db) -> Response:
    """Show who else may collect, with their code; or ask who it is."""
    key = links.opened(token)
    if key is None:
        return pages.unknown_page()
    async with db.transaction(key[0], actor="shopper") as tx:
        if not await _is_good(tx, *key):
            return pages.unknown_page()
        order = await orders.get(tx, key[0], key[1])
        person = await recipients.get(tx, key[0], key[1])
        store = await stores.get(tx, key[0])
    return pages.collector_page(
        f"/o/{token}",
        number=order.number,
        shop=store.name,
        is_open=order.state not in FINAL,
        name=(person.other_first_name if person else None) or "Somebody else",
        code=numbers.shown(order.other_code) if order.other_code else "",
    )


@router.post("/o/{token}/collector", responses=problems(FromElsewhere))
async def name_collector(
    token: str, request: Request, db: Db, named: Annotated[Named, Form()]
) -> Response:
    """Let somebody else collect, or nobody any more."""
    _same_origin(request)
    key = links.opened(token)
    if key is None:
        return pages.unknown_page()
    async with db.transaction(key[0], actor="shopper") as tx:
        if not await _is_good(tx, *key):
            return pages.unknown_page()
        if named.withdraw:
            await collectors.withdraw(tx, key[0], key[1])
        elif named.first_name:
            await collectors.name(tx, key[0], key[1], named.first_name)
    return _back(token, "/collector")


async def _is_good(tx: Tx, store_id: StoreId, order_id: OrderId, link_version: int) -> bool:
    row = await records.find(tx, store_id, order_id)
    if row is None or row["link_version"] % 256 != link_version:
        return False
    return not status.link_has_expired(row["closed_at"], tx.now)
