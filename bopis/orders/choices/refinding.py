"""What was given up is there after all, or something else is given for it: somebody fetches it."""

from collections.abc import Mapping
from typing import Final

from associates.models import PickTask
from associates.picking import second_looks, tasks
from associates.picking.tasks import Wanted
from associates.walking.walk import effort
from bopis.kernel.database import Tx
from bopis.kernel.ids import OrderId, StoreId
from bopis.orders import our_word
from bopis.orders.choices import cases
from bopis.orders.choices.choice import CaseState, Cause, Outcome
from bopis.orders.orders import Held, hold, move, save, save_held
from bopis.orders.placing import outlooks
from bopis.orders.states import FINAL, TO_DO, WAITING, Attention, Bucket
from bopis.promises import predictor, promise, promises
from bopis.promises.outlook import opens_at
from bopis.promises.promise import PromiseStatus
from inventory import stock
from inventory.stock import Want
from notifications.facts import Choice, DelayReason

B: Final = Bucket


async def found(tx: Tx, store_id: StoreId, order_id: OrderId) -> None:
    """What we asked about is there after all: it is set aside again, and somebody fetches it.

    Whoever has a bag waiting is not made to wait for it anew, unless they chose to.
    """
    task = await second_looks.lock(tx, store_id, order_id)
    held = await hold(tx, store_id, order_id)
    case = await cases.live(tx, store_id, order_id)
    if case is None or held.order.state in FINAL:
        return
    if case.cause is Cause.DOUBTED:
        await _free(tx, held)
        await cases.close(tx, held.order, case, CaseState.WITHDRAWN, Outcome.FOUND)
        return
    if held.order.state in WAITING and case.answer is not Choice.WAIT:
        return
    back: dict[int, int] = {}
    for line in held.lines:
        if line.short and not await stock.reserve(
            tx, store_id, [Want(order_id, line.sku, line.short)]
        ):
            back[line.line] = move(line, B.SHORT, B.RESERVED, line.short)
    if back:
        await send(tx, held, task, back)
        await cases.follow(tx, held.order, held.lines)


async def _free(tx: Tx, held: Held) -> None:
    if held.order.attention is Attention.AWAITING_SHOPPER_CHOICE:
        held.order.attention = Attention.NONE
        await save(tx, held.order)


async def send(tx: Tx, held: Held, task: PickTask | None, back: Mapping[int, int]) -> None:
    """Send somebody for units that are set aside anew; what waits at the counter waits for them.

    The order is locked, and written here.

    Shapes:
        task: its walk, locked; None: none is live.
        back: units for each line, in hand nowhere yet: given up before, or never asked for.
    """
    order = held.order
    if order.state in WAITING:
        staged = held.units(B.STAGED)
        await stock.stage(tx, order.store_id, order.id, {sku: -n for sku, n in staged.items()})
        order.ready_at = order.hold_until = None
    held.roll_up()
    if not any(line.short for line in held.lines):
        order.attention = Attention.NONE
    outlook = await promises.outlook(tx, order.store_id, outlooks.remembered(tx))
    base = outlook.of_order(effort(held.units(*TO_DO).values()))
    share = predictor.confidence(order.promise_version + 1)
    ready_by = outlook.ready_by(base, tx.now, share=share)
    later = promise.revise(order.promised_at, ready_by, tx.now)
    kept = order.promise_status
    if later is not None:
        await our_word.move_promise(
            tx,
            order,
            await our_word.collectable(tx, order.store_id, later) or later,
            calendar=outlook.calendar,
            reason=DelayReason.SEARCHING_ITEM,
            base_minutes=base,
        )
    else:
        order.next_update_due_at = promise.next_news_by(
            order.promised_at, tx.now, opens_at(outlook.calendar, tx.now)
        )
    if kept in {PromiseStatus.MET, PromiseStatus.MISSED}:
        order.promise_status = kept  # judged when it was ready, and that was true
    await save_held(tx, held)
    wanted = [
        Wanted(line.line, line.sku, line.name, back[line.line])
        for line in held.lines
        if line.line in back
    ]
    if task is not None:
        await second_looks.again(tx, task, wanted)
        return
    await tasks.open(
        tx,
        order.store_id,
        order.id,
        number=order.number,
        due_at=await promises.first(tx, order.store_id, order.id),
        lines=wanted,
    )
