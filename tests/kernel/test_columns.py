"""A row read is the row that a constructor would have made; it can be changed and compared."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from bopis.kernel.ids import OrderId, Sku, StoreId
from bopis.orders.models import Order, OrderLine
from bopis.orders.states import OrderState

NOON = datetime(2026, 3, 6, 18, 0, tzinfo=UTC)
LINE: dict[str, Any] = {
    "store_id": StoreId("S1"),
    "order_id": OrderId(UUID(int=1)),
    "line": 1,
    "sku": Sku("oats"),
    "name": "Oats",
    "ordered": 2,
}


def test_a_row_read_is_the_row_that_was_made() -> None:
    read, made = OrderLine.of(LINE), OrderLine(**LINE)

    assert read == made
    assert read.reserved == 0
    assert read.model_dump() == made.model_dump()


def test_words_become_the_enums_they_are() -> None:
    order = Order.of({"state": "picking", "promised_at": NOON, "number": "7QK-4M2"})

    assert order.state is OrderState.PICKING
    assert order.promised_at == NOON
    assert order.hold_until is None
    assert order.channel is None


def test_a_row_read_can_be_changed_and_another_stays() -> None:
    one, other = OrderLine.of(LINE), OrderLine.of(LINE)

    one.reserved += 1

    assert (one.reserved, other.reserved) == (1, 0)
    assert one != other
