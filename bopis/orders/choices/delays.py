"""An order is late, and its shopper is told: what they may choose, in the same breath."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from associates.picking import second_looks
from bopis.kernel.database import Tx
from bopis.kernel.ids import OrderId, StoreId
from bopis.orders.choices import cases
from bopis.orders.choices.choice import LATE as LATE  # noqa: PLC0414 -- what kind of case this is
from bopis.orders.choices.choice import CaseState, Cause, Outcome, offer_late
from bopis.orders.choices.choice_models import ChoiceCase
from bopis.orders.choices.settling import offered
from bopis.orders.models import Order
from bopis.orders.orders import Held, hold, save
from bopis.orders.states import LIVE, PROMISED, TO_DO, Attention, Bucket
from inventory.opening import hours
from notifications.facts import DelayReason

SHUT: Final = frozenset({DelayReason.STORE_CLOSES, DelayReason.STORE_INCIDENT})
"""Delays that are the whole store's, and no matter of this order."""


async def delayed(
    tx: Tx,
    store_id: StoreId,
    order_id: OrderId,
    *,
    promised_at: datetime | None,
    elsewhere: Sequence[Mapping[str, Any]],
    reason: DelayReason = DelayReason.UNKNOWN,
) -> ChoiceCase | None:
    """Open the case of a delay that is being told; return it, or whichever is open already.

    Whoever misses an item is asked about that, and about nothing beside it. A second delay is a
    case of its own: it says that it is the second, and its default is another.

    Shapes:
        promised_at: the new promise; until then they may choose. None: nobody knows when, and they
            may choose for as long as that is so. Then nothing can be collected meanwhile, either.
        elsewhere: as from ``moving.elsewhere``.
        returns: None: the order has ended, or is ready.
    """
    await second_looks.lock(tx, store_id, order_id)
    held = await hold(tx, store_id, order_id)
    order = held.order
    until = promised_at or tx.now + hours.HORIZON
    if order.state not in PROMISED or order.awaits_basket or until <= tx.now:
        return None
    case = await cases.live(tx, store_id, order_id)
    if case is not None and (case.cause not in LATE or _is_same(case, order, promised_at)):
        return case
    if case is not None:
        await cases.close(tx, order, case, CaseState.WITHDRAWN, Outcome.KEPT)
    cause = Cause.CLOSED if reason in SHUT else Cause.DELAYED
    lines = [
        cases.missing(line, sum(getattr(line, b) for b in LIVE), recount=False)
        for line in held.lines
        if any(getattr(line, b) for b in LIVE)
    ]
    case = await cases.opened(tx, order, cause, lines)
    case.delays = order.promise_version - 1
    made = offer_late(
        part=promised_at is not None and _is_part_there(held),
        elsewhere=bool(elsewhere),
        delays=case.delays,
        answer_by=until,
    )
    case.state, case.offered_at = CaseState.OFFERED, tx.now
    case.options, case.default_choice = list(made.options), made.default
    case.answer_by, case.elsewhere = made.answer_by, [dict(x) for x in elsewhere]
    if order.attention is Attention.NONE:
        order.attention = Attention.AWAITING_SHOPPER_CHOICE
    await save(tx, order)
    await cases.save(tx, case)
    await tx.emit(offered(held, case))
    return case


def _is_same(case: ChoiceCase, order: Order, promised_at: datetime | None) -> bool:
    """Say whether this is what they are being asked already."""
    if promised_at is None:
        return cases.has_no_time(case, order.promised_at)
    return case.answer_by == promised_at


def _is_part_there(held: Held) -> bool:
    there = held.units(Bucket.PICKED, Bucket.STAGED)
    return bool(there) and bool(held.units(*(TO_DO - {Bucket.PICKED})))
