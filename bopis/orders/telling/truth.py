"""Asked once more before words leave: is it still so?"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Final

from bopis.kernel.database import Tx
from bopis.kernel.ids import OrderId, StoreId
from bopis.orders import orders
from bopis.orders.choices.choice import is_enough
from bopis.orders.models import Order
from bopis.orders.states import PROMISED, WAITING, Attention, OrderState
from bopis.orders.telling import links
from notifications import messages
from notifications.models import Message, MessageKind

_K, _S = MessageKind, OrderState


async def still_true(tx: Tx, message: Message) -> str | None:
    """Return why a message must not leave any more, or None: it is still true."""
    order = await orders.get(tx, message.store_id, message.order_id)
    reason = why_not(order, message, tx.now)
    on_time = message.kind is _K.NEWS_DUE and message.facts.get("promised_at")
    if reason is None and on_time and not await messages.has_named(tx, message):
        return "They had not heard of the time in it."
    return reason


PAST: Final = "The time in it had passed before it could leave."
"""Why a message was held back that has to be said anew: see ``retelling``."""

HURRIED: Final = "There was too little time left to answer."
"""Why a question was held back that is put anew: see ``unheard``."""


def why_not(order: Order, message: Message, now: datetime | None = None) -> str | None:
    """Return why a message is not true of an order, in words that its shopper may read. Pure.

    What was true when it was written may not be when it leaves: a mail server was down meanwhile.
    """
    if _SO[message.kind](order, message):
        return None if now is None else _too_late(message, now)
    if message.kind is _K.CHOICE_NEEDED and order.closed_at is None:
        return "It was settled meanwhile."
    if order.state in WAITING and message.kind in _OF_READY:
        return "The order was ready at another time."
    if order.state in PROMISED:
        return "The time in it has changed." if message.kind in _OF_TIME else "It was not ready."
    return _NOW[order.state]


async def link_for(tx: Tx, store_id: StoreId, order_id: OrderId) -> str:
    """Return the address of an order's page, made with the keys of today."""
    order = await orders.get(tx, store_id, order_id)
    return links.status_url(store_id, order_id, order.link_version)


_AHEAD: Final[Mapping[MessageKind, Sequence[str]]] = {
    _K.ORDER_RECEIVED: ("promised_at", "next_news_at", "confirm_by"),
    _K.DELAY_APOLOGY: ("promised_at", "next_news_at"),
    _K.NEWS_DUE: ("promised_at", "next_news_at"),
    _K.CHOICE_NEEDED: ("answer_by",),
    _K.CHOICE_SETTLED: ("promised_at",),
    _K.ITEMS_CONFIRMED: ("promised_at",),
    _K.ORDER_READY: ("hold_until",),
    _K.READY_WITHDRAWN: ("promised_at", "next_news_at"),
    _K.PICKUP_REMINDER: ("hold_until",),
}
"""Instants that a message names as still to come."""


def _has_passed(message: Message, now: datetime) -> bool:
    named = (message.facts.get(name) for name in _AHEAD.get(message.kind, ()))
    return any(datetime.fromisoformat(moment) <= now for moment in named if moment)


def _too_late(message: Message, now: datetime) -> str | None:
    if _has_passed(message, now):
        return PAST
    if message.kind is _K.CHOICE_NEEDED:
        until = datetime.fromisoformat(message.facts["answer_by"])
        return None if is_enough(message.created_at, now, until) else HURRIED
    return None


def _promised(order: Order, message: Message) -> bool:
    return order.state in PROMISED and order.promise_version == message.promise_version


def _newest(order: Order, message: Message) -> bool:
    """News of an hour ago is none: whoever gets both would not know which to believe."""
    due = message.facts.get("next_news_at")
    newest = due is None or order.next_update_due_at == datetime.fromisoformat(due)
    return _promised(order, message) and newest


def _waited_for(order: Order, message: Message) -> bool:
    """Ready, and still the same *ready*: one that was retracted and came back is another."""
    held = datetime.fromisoformat(message.facts["hold_until"])
    return order.state in WAITING and order.hold_until == held


_OF_TIME: Final = frozenset(
    {_K.ORDER_RECEIVED, _K.ORDER_MOVED, _K.DELAY_APOLOGY, _K.NEWS_DUE, _K.ITEMS_CONFIRMED}
)
_OF_READY: Final = frozenset({_K.ORDER_READY, _K.PICKUP_REMINDER})
_NOW: Final[Mapping[OrderState, str]] = {
    _S.READY_FOR_PICKUP: "The order was ready.",
    _S.PARTIALLY_PICKED_UP: "Part of the order was picked up.",
    _S.PICKED_UP: "The order was picked up.",
    _S.CANCELLED: "The order was cancelled.",
    _S.REJECTED: "The order was cancelled.",
    _S.EXPIRED: "The order was no longer held.",
    _S.REROUTED: "Another store took the order.",
}

_SO: Final[Mapping[MessageKind, Callable[[Order, Message], bool]]] = {
    _K.ORDER_RECEIVED: _promised,
    _K.ORDER_MOVED: _promised,
    _K.DELAY_APOLOGY: _promised,
    _K.NEWS_DUE: _newest,
    _K.ITEM_SHORT: lambda order, message: order.state in PROMISED,
    _K.CHOICE_NEEDED: lambda order, message: (
        order.attention is Attention.AWAITING_SHOPPER_CHOICE and order.closed_at is None
    ),
    _K.CHOICE_SETTLED: lambda order, message: order.state in PROMISED | WAITING,
    _K.ITEMS_CONFIRMED: _promised,
    _K.ORDER_READY: _waited_for,
    _K.READY_WITHDRAWN: lambda order, message: order.state in PROMISED,
    _K.PICKUP_REMINDER: _waited_for,
    _K.ORDER_EXPIRED: lambda order, message: order.state is _S.EXPIRED,
    _K.ORDER_CANCELLED: lambda order, message: order.state in {_S.CANCELLED, _S.REJECTED},
    _K.PICKED_UP: lambda order, message: order.state is _S.PICKED_UP,
}
