"""What became of our words."""

from typing import ClassVar
from uuid import UUID

from bopis.kernel.events import Event
from bopis.kernel.ids import MessageId, OrderId
from notifications.models import MessageKind, MessageState


class MessageSettled(Event):
    """A message was sent, failed, or was held back: what a shopper has heard has changed."""

    name: ClassVar[str] = "message.settled"

    order_id: OrderId
    message_id: MessageId
    kind: MessageKind
    state: MessageState
    promise_version: int | None = None

    @property
    def subject(self) -> UUID:
        return self.order_id
