"""Why a message did not leave, as the shopper reads it on their page."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from bopis.kernel.ids import MessageId, OrderId
from bopis.orders.models import Order
from bopis.orders.states import PROMISED, OrderState
from bopis.orders.telling import truth
from notifications.models import Message, MessageKind
from tests.journeys.day import S1

NOON = datetime(2026, 3, 6, 18, 0, tzinfo=UTC)
HELD = NOON + timedelta(days=3)


def an_order(state: OrderState, **more: Any) -> Order:
    return Order(
        store_id=S1,
        id=OrderId(UUID(int=1)),
        channel="shop",
        reference="W-1",
        fingerprint="",
        number="7QK-4M2",
        pickup_code="",
        state=state,
        promise_version=2,
        promised_at=NOON,
        hold_until=HELD,
        accepted_at=NOON,
        **more,
    )


def a_message(kind: MessageKind, *, promise_version: int = 2) -> Message:
    return Message(
        store_id=S1,
        id=MessageId(UUID(int=2)),
        order_id=OrderId(UUID(int=1)),
        kind=kind,
        dedupe_key="",
        order_version=1,
        promise_version=promise_version,
        facts={"hold_until": HELD.isoformat()},
        created_at=NOON,
        send_after=NOON,
    )


@pytest.mark.parametrize("state", OrderState)
@pytest.mark.parametrize("kind", MessageKind)
def test_every_reason_is_a_plain_sentence(kind: MessageKind, state: OrderState) -> None:
    reason = truth.why_not(an_order(state), a_message(kind, promise_version=1))

    if reason is not None:
        assert re.fullmatch(r"[A-Z][a-z ]+\.", reason), reason


@pytest.mark.parametrize("state", PROMISED)
def test_a_time_that_has_changed_is_not_sent(state: OrderState) -> None:
    order = an_order(state)

    assert truth.why_not(order, a_message(MessageKind.DELAY_APOLOGY)) is None
    old = a_message(MessageKind.DELAY_APOLOGY, promise_version=1)
    assert truth.why_not(order, old) == "The time in it has changed."
    assert truth.why_not(order, a_message(MessageKind.ORDER_READY)) == "It was not ready."


def test_another_ready_is_another_message() -> None:
    again = an_order(OrderState.READY_FOR_PICKUP)
    again.hold_until = HELD + timedelta(days=1)

    reason = truth.why_not(again, a_message(MessageKind.ORDER_READY))

    assert reason == "The order was ready at another time."
