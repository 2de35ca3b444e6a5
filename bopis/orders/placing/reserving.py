"""Who gets what there is: stock for orders that come together, each with all its lines or none."""

from collections.abc import Sequence

from bopis.kernel.database import Tx
from bopis.kernel.ids import OrderId, Sku, StoreId
from bopis.orders.placing.asked import FASTER, DoesNotFit, HoldTooSmall, NewOrder, Outcome
from inventory import holds, stock
from inventory.hold_models import HoldId
from inventory.holds import Held
from inventory.stock import Shortfall, Want

Own = dict[tuple[str, str], HoldId]
"""By the order's name: the hold that is its own and lives."""


async def claim(
    tx: Tx, store_id: StoreId, asked: Sequence[NewOrder]
) -> tuple[Own, dict[tuple[str, str], Outcome]]:
    """Return whose holds live, and refuse orders that want more than theirs.

    Their items, and all that these orders want, are locked at once: from here on nobody else ends
    a hold of theirs, and nothing is locked out of order.
    """
    held = [order for order in asked if order.hold_id is not None]
    if not held:
        return {}, {}
    live = await holds.claim(
        tx,
        store_id,
        [order.hold_id for order in held if order.hold_id is not None],
        beside={sku for order in asked for sku, _ in order.lines},
    )
    own: Own = {}
    misfits: dict[tuple[str, str], Outcome] = {}
    for order in held:
        assert order.hold_id is not None
        kept = live.pop(order.hold_id, None)  # of two with one hold, the first has it
        if kept is None or kept.owner != order.channel:
            continue
        if lacking := _beyond(kept, order):
            misfits[order.name] = HoldTooSmall(
                f"The hold does not cover all of this ({', '.join(lacking[:5])}). Nothing was"
                " ordered, and the hold stands: order what it has, or without it.",
                skus=lacking,
            )
            live[order.hold_id] = kept
            continue
        own[order.name] = order.hold_id
    return own, misfits


def _beyond(kept: Held, order: NewOrder) -> list[Sku]:
    return [sku for sku, quantity in order.lines if quantity > kept.quantities.get(sku, 0)]


Refusals = Sequence[tuple[NewOrder, Sequence[Shortfall]]]


async def reserve(
    tx: Tx, store_id: StoreId, new: Sequence[tuple[OrderId, NewOrder]], own: Own
) -> tuple[Sequence[tuple[OrderId, NewOrder]], Refusals]:
    """Set aside what these orders want; return those that got all of it, and those that cannot.

    Mostly everything fits at once. Where it does not, first come, first served, by the numbers
    that the first try came back with: their rows are locked, so however many wait for an item
    that is gone, two statements decide about all of them. Only where a row is new has somebody
    else been faster.
    """
    short = await _try(tx, store_id, new, own)
    if not short:
        return new, []
    left = {line.sku: line.available for line in short}
    fitting: list[tuple[OrderId, NewOrder]] = []
    refused: list[tuple[NewOrder, Sequence[Shortfall]]] = []
    for order_id, order in new:
        lacking = [
            Shortfall(sku, quantity, max(left[sku], 0))
            for sku, quantity in order.lines
            if quantity > left.get(sku, quantity)
        ]
        if lacking:
            refused.append((order, lacking))
            continue
        fitting.append((order_id, order))
        for sku, quantity in order.lines:
            if sku in left:
                left[sku] -= quantity
    if fitting and await _try(tx, store_id, fitting, own):
        raise DoesNotFit(FASTER)
    return fitting, refused


async def _try(
    tx: Tx, store_id: StoreId, new: Sequence[tuple[OrderId, NewOrder]], own: Own
) -> list[Shortfall]:
    wants = [
        Want(order_id, sku, quantity) for order_id, order in new for sku, quantity in order.lines
    ]
    used = [own[order.name] for _, order in new if order.name in own]
    return await stock.reserve(tx, store_id, wants, holds=used) if wants else []
