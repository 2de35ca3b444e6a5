"""What web shops ask for, and what they are answered: an order taken in, or a reasoned no."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from associates.walking.walk import effort
from bopis.kernel.errors import Conflict, Invalid, Problem, Unavailable
from bopis.kernel.ids import OrderId, Sku, StoreId
from bopis.orders.amends.credit import Money
from bopis.orders.choices.consent import Consented
from bopis.orders.placing.basket_models import BasketId
from bopis.promises.outlook import Offer
from inventory.hold_models import HoldId
from notifications.recipients import Person

SCOPE: Final = "orders"
FASTER: Final = "Others were faster with what this order needs. Nothing was ordered; try again."


class ItemsShort(Conflict):
    title = "The store has too few of some items"


class ItemsUnknown(Invalid):
    title = "Some items are not in the catalogue"


class ReferenceReused(Invalid):
    title = "This reference belongs to another order"


class HoldTooSmall(Conflict):
    title = "The hold does not cover this order"


class HoldUse(StrEnum):
    """What became of the hold that an order came with."""

    USED = "used"
    LAPSED = "lapsed"  # it had ended: the order was taken as one without


class DoesNotFit(Unavailable):
    """Somebody was faster with something these orders need: try again, one by one."""

    title = "Many are buying the same at this moment"


@dataclass(frozen=True, slots=True)
class NewOrder:
    """What a web shop asks for.

    Shapes:
        lines: 1..100, each SKU once, each quantity at least 1.
        fingerprint: of the request's body: what tells a repetition from another request.
        key: the caller's ``Idempotency-Key``, if it sent one.
        hold_id: what the caller has kept for it, in this store.
        total: what was paid for it, if the shop says so.
        basket: where the purchase that this is a part of is written down, and its id.
        consents: of items for which something else may be given; the others: never.
    """

    channel: str
    reference: str
    fingerprint: str
    lines: Sequence[tuple[Sku, int]]
    customer: Person
    key: str | None = None
    hold_id: HoldId | None = None
    basket: tuple[StoreId, BasketId] | None = None
    total: Money | None = None
    consents: Mapping[Sku, Consented] = field(default_factory=dict)

    @property
    def name(self) -> tuple[str, str]:
        return self.channel, self.reference

    @property
    def units(self) -> int:
        """What it adds to the work of its store (see ``walk.effort``)."""
        return effort(quantity for _, quantity in self.lines)

    @property
    def scope(self) -> str:
        return f"{SCOPE}/{self.channel}"


@dataclass(frozen=True, slots=True)
class Receipt:
    """What we answered when we took an order. Asked again, it is the same answer."""

    store_id: StoreId
    order_id: OrderId
    number: str
    link_version: int
    accepted_at: datetime
    offer: Offer
    next_update_due_at: datetime
    lines: Sequence[tuple[Sku, str, int]]
    hold: HoldUse | None = None


Outcome = Receipt | Problem


def use_of(order: NewOrder, used: HoldId | None) -> HoldUse | None:
    if order.hold_id is None:
        return None
    return HoldUse.LAPSED if used is None else HoldUse.USED


def unknown(skus: Sequence[Sku]) -> ItemsUnknown:
    """Return the refusal of items that nobody has ever heard of."""
    listed = ", ".join(skus[:5])
    return ItemsUnknown(f"No item has the SKU {listed}. Nothing was ordered.", skus=list(skus))


_SHORT_LINE: Final = ("sku", "wanted", "available", "stores")


def short_of(lines: Sequence[dict[str, Any]]) -> ItemsShort:
    """Return the refusal of an order, in words and line by line, to the byte the same."""
    lines = [{key: line[key] for key in _SHORT_LINE if key in line} for line in lines]
    listed = "; ".join(f"{x['sku']}: {x['available']} of {x['wanted']}" for x in lines[:5])
    detail = f"The store cannot give all of this ({listed}). Nothing was ordered."
    return ItemsShort(detail, lines=lines)
