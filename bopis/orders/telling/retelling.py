"""What could not leave in time is said as it is now: the mail server was down, the hour has passed.

Most of it the watchdog says anyhow: a promise that ends is moved, news that are due are written,
a question that nobody answered is settled. Three kinds of message carry more than their times, and
would be missed: that we have an order, that it is late, and that it is not ready after all.
"""

from typing import Final

from bopis.kernel.database import Tx
from bopis.orders import orders
from bopis.orders.states import PROMISED
from bopis.orders.telling.truth import PAST
from bopis.promises import promise
from notifications import messages
from notifications.events import MessageSettled
from notifications.models import MessageKind, MessageState

MISSED: Final = frozenset(
    {MessageKind.ORDER_RECEIVED, MessageKind.DELAY_APOLOGY, MessageKind.READY_WITHDRAWN}
)


async def say_as_it_is_now(tx: Tx, event: MessageSettled) -> None:
    """Say anew what was held back because its time had passed; unless that is overtaken.

    In the transaction that holds it back, so that nobody can see the one without the other. A time
    that has passed is not named: then the news is when we write next. The order is not locked,
    since its message is already: whether this is true is asked again before it leaves.
    """
    if event.state is not MessageState.SUPPRESSED or event.kind not in MISSED:
        return
    message = await messages.get(tx, event.store_id, event.message_id)
    if message is None or message.reason != PAST:
        return
    order = await orders.get(tx, event.store_id, event.order_id)
    if order.state not in PROMISED or order.promise_version != message.promise_version:
        return
    in_time = order.promised_at > tx.now
    if not in_time and message.kind is not MessageKind.READY_WITHDRAWN:
        return  # what is owed now is an apology or "we do not know": the watchdog says it
    soon = promise.round_up(tx.now + promise.END_TOLD_WITHIN, promise.FIRST_STEP)
    due = orders.due(order)
    times = {
        "next_news_at": due if due > tx.now else soon,  # overdue: the next sweep sees to it
        "promised_at": order.promised_at if in_time else None,
    }
    if message.facts.get("confirm_by"):
        times["confirm_by"] = None
    await messages.renew(tx, message, times, order_version=order.version)
