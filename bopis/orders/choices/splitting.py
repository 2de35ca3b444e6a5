"""What is in hand can be collected now, and the rest follows: as an order of its own, linked."""

from typing import Final

from associates.picking import second_looks
from bopis.kernel import idempotency
from bopis.kernel.database import Tx
from bopis.kernel.ids import OrderId
from bopis.orders.amends import paid
from bopis.orders.choices.choice_models import ChoiceCase
from bopis.orders.events import OrderRerouted
from bopis.orders.moving import moves
from bopis.orders.orders import Held, save_held, take_down
from bopis.orders.placing import outlooks, placing
from bopis.orders.placing.asked import NewOrder
from bopis.orders.states import Bucket
from bopis.promises import promises
from inventory import stock
from notifications import recipients
from notifications.recipients import Person

B: Final = Bucket
_LINK: Final = """
    UPDATE orders SET moved_store = $1, moved_order = $3, moved_number = $4, moved_from = $5
     WHERE store_id = $1 AND id = $2
"""


async def split(tx: Tx, held: Held, case: ChoiceCase) -> bool:
    """Make an order of its own of what has still to be found; return whether there was any.

    One store, so one transaction. What is set aside stays so, under another order: nobody else can
    take it in between, and nobody is asked whether there is enough of it. What is in hand is
    brought to the counter next, and is then ready.
    """
    order = held.order
    rest = {line.line: line.reserved for line in held.lines if line.reserved}
    if not rest or not held.units(B.PICKED, B.STAGED):
        return False
    lines = [
        {"line": line.line, "sku": line.sku, "name": line.name, "quantity": line.reserved}
        for line in held.lines
        if line.reserved
    ]
    move = await moves.begin(
        tx,
        order.store_id,
        order.id,
        case=case.number,
        to_store=order.store_id,
        lines=lines,
        whole=False,
    )
    share = await paid.take_along(tx, order, held.lines, sum(rest.values()))
    new = NewOrder(
        channel=order.channel,
        reference=f"{order.reference}/rest-{move.number}",
        fingerprint=idempotency.fingerprint({"rest": order.id.hex, "number": move.number}),
        lines=[(line.sku, line.reserved) for line in held.lines if line.reserved],
        customer=await _person(tx, held),
        total=share,
    )
    order_id = OrderId(tx.new_id())
    await stock.pass_on(tx, order.store_id, order.id, order_id, dict(new.lines))
    outlook = await promises.outlook(tx, order.store_id, outlooks.remembered(tx))
    names = {line.sku: line.name for line in held.lines}
    written = await placing.write(tx, order.store_id, [(order_id, new)], names, outlook, own={})
    receipt = written[new.name]
    await tx.run(_LINK, order.store_id, order_id, order.id, move.number, order.number)
    await moves.done(tx, move, order_id, receipt.number, receipt.offer.latest)
    held.move(B.RESERVED, B.REROUTED)
    take_down(held)
    held.roll_up()
    await save_held(tx, held)
    task = await second_looks.lock(tx, order.store_id, order.id)
    assert task is not None, "units in hand, and no walk"
    await second_looks.leave(tx, task, rest)
    await tx.emit(
        OrderRerouted(
            store_id=order.store_id,
            order_id=order.id,
            version=order.version,
            case=case.number,
            to_store=order.store_id,
            to_order=order_id,
            lines=list(rest),
            whole=False,
        )
    )
    return True


async def _person(tx: Tx, held: Held) -> Person:
    known = await recipients.get(tx, held.order.store_id, held.order.id)
    if known is None:
        return Person(None)
    return Person(known.first_name, known.last_name, known.email, known.phone, known.locale)
