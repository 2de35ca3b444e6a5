"""How a store bags, for programs: its labels, its label printer, and when an ID is looked at."""

from decimal import Decimal
from ipaddress import ip_address
from typing import Annotated, Final

from fastapi import APIRouter
from pydantic import AfterValidator, Field

from associates.bagging import bags
from associates.bagging.bag_models import Bagging
from associates.bagging.label import Size
from associates.handheld.bodies import Word
from bopis.kernel.bodies import Body
from bopis.kernel.http import Db, OpsKey, problems
from bopis.kernel.ids import StoreId
from bopis.ops.scope import NotYours, allow
from inventory import stores
from inventory.stores import StoreUnknown

router: Final = APIRouter(prefix="/v1/ops", tags=["store operations"])


def _in_the_store(text: str) -> str:
    """Return an address inside a building; a name is none: it may mean something else tomorrow.

    Whatever is sent to a printer is sent from within our network, so nobody may point us at the
    internet, at this machine, or at what clouds answer on a link of their own.
    """
    try:
        address = ip_address(text.strip())
    except ValueError:
        raise ValueError("is not an IP address") from None
    barred = (
        address.is_loopback
        or address.is_link_local
        or address.is_multicast
        or address.is_unspecified
        or address.is_reserved
    )
    if barred or not address.is_private:
        raise ValueError("is not a private address of the store's own network")
    return str(address)


class BaggingIn(Body):
    """Whatever is left out is as it was before anybody said something."""

    labels: bool = False
    """Every bag wears a label, and is scanned when it is handed over."""
    label_size: Size = "62x29"
    """Millimeters."""
    printer_host: Annotated[str, Field(max_length=45), AfterValidator(_in_the_store)] | None = None
    """A private IP address; null: labels are shown on the handheld, and printed from there."""
    printer_port: int = Field(default=9100, ge=9100, le=9109)
    look_over: Decimal | None = Field(default=None, ge=0, max_digits=12, decimal_places=2)
    """An ID is looked at for orders worth more than this, in their own currency."""
    look_for: list[Annotated[Word, Field(max_length=60)]] = Field(default=[], max_length=200)
    """Item numbers, and departments, for which an ID is looked at."""


@router.get("/stores/{store_id}/bagging", responses=problems(NotYours, StoreUnknown))
async def bagging(store_id: StoreId, db: Db, key: OpsKey) -> BaggingIn:
    """Say how a store bags."""
    allow(key.only_store, store_id)
    async with db.transaction(store_id) as tx:
        await stores.get(tx, store_id)
        found = await bags.settings(tx, store_id)
    return BaggingIn.model_construct(**found.model_dump(exclude={"store_id"}))


@router.put("/stores/{store_id}/bagging", responses=problems(NotYours, StoreUnknown))
async def bag_so(store_id: StoreId, body: BaggingIn, db: Db, key: OpsKey) -> BaggingIn:
    """Say how a store bags from now on. Orders that wait are handed over in the bags they have."""
    allow(key.only_store, store_id)
    async with db.transaction(store_id, actor=f"ops:{key.name}") as tx:
        await stores.get(tx, store_id)
        await bags.configure(tx, Bagging(store_id=store_id, **body.model_dump()))
    return body
