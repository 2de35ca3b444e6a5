"""Something else is given for what is not there: proposed by prior consent, given on a yes."""

from collections.abc import Sequence
from typing import Any, Final

from associates.picking import second_looks
from bopis.kernel.database import Tx
from bopis.kernel.ids import Sku, StoreId
from bopis.orders.choices import refinding
from bopis.orders.choices.choice_models import ChoiceCase
from bopis.orders.choices.consent import Consent, proposal
from bopis.orders.models import OrderLine
from bopis.orders.orders import Held
from bopis.orders.states import Bucket
from inventory import items, stock
from inventory.stock import Want

_LIKE: Final = """
    SELECT i.sku, i.name
      FROM items AS gone
      JOIN items AS i ON i.department = gone.department AND i.sku <> gone.sku
       AND string_to_array(lower(i.name), ' ') && string_to_array(lower(gone.name), ' ')
      JOIN stock AS s ON s.store_id = $1 AND s.sku = i.sku
       AND LEAST(s.on_hand - s.unsellable - s.safety, s.cap, s.ceiling) - s.reserved - s.held >= $3
     WHERE gone.sku = $2 AND gone.department <> ''
     ORDER BY i.sku LIMIT 500
"""
_LISTED: Final = """
    SELECT i.sku, i.name
      FROM items AS i
      JOIN stock AS s ON s.store_id = $1 AND s.sku = i.sku
       AND LEAST(s.on_hand - s.unsellable - s.safety, s.cap, s.ceiling) - s.reserved - s.held >= $3
     WHERE i.sku = ANY ($2::text[]) LIMIT 100
"""


async def propose(
    tx: Tx, store_id: StoreId, held: Held, missing: Sequence[dict[str, Any]]
) -> bool | None:
    """Note for each missing line what could be given for it; say whether all of it was agreed to.

    By their consent and from what this store has now: all or nothing, for who is asked about three
    items wants one answer that settles them.

    Shapes:
        missing: as a case keeps them; ``instead`` is put in, or taken out.
        returns: None: not for all of them; True: they have named each of them themselves.
    """
    lines = {line.line: line for line in held.lines}
    taken = {line.sku for line in held.lines}
    found: dict[int, dict[str, str]] = {}
    for one in missing:
        one.pop("instead", None)
        line = lines[one["line"]]
        instead = await _for(tx, store_id, line, one["quantity"], taken)
        if instead is not None:
            found[line.line] = instead
            taken.add(Sku(instead["sku"]))
    if len(found) < len(missing):
        return None
    for one in missing:
        one["instead"] = found[one["line"]]
    return all(lines[number].consent is Consent.LISTED for number in found)


async def _for(
    tx: Tx, store_id: StoreId, line: OrderLine, quantity: int, taken: set[Sku]
) -> dict[str, str] | None:
    if line.consent is Consent.NEVER:
        return None
    named = [Sku(sku) for sku in line.accepts or ()]
    listed = line.consent is Consent.LISTED
    rows = (
        await tx.rows(_LISTED, store_id, named, quantity)
        if listed
        else await tx.rows(_LIKE, store_id, line.sku, quantity)
    )
    at_hand = {Sku(row["sku"]): row["name"] for row in rows if row["sku"] not in taken}
    sku = proposal(line.name, line.consent, named, list(at_hand.items()))
    return None if sku is None else {"sku": sku, "name": at_hand[sku]}


_ADD: Final = """
    INSERT INTO order_lines (store_id, order_id, line, sku, name, ordered, reserved, stands_for)
    SELECT $1, $2, n.line, n.sku, n.name, n.quantity, n.quantity, n.stands_for
      FROM unnest($3::int[], $4::text[], $5::text[], $6::int[], $7::int[])
           AS n (line, sku, name, quantity, stands_for)
"""


async def give(tx: Tx, held: Held, case: ChoiceCase) -> bool:
    """Give what was proposed: set it aside, and have it fetched; return whether it was still there.

    The line that is not there says so for ever; what is given is a line of its own that names it.
    """
    order = held.order
    short = {line.line: line for line in held.lines if line.short}
    asked = [x for x in case.lines if x["line"] in short and x.get("instead")]
    if not asked or len(asked) < len(case.lines):
        return False
    names = await items.names(tx, [Sku(x["instead"]["sku"]) for x in asked])
    wants = [Want(order.id, Sku(x["instead"]["sku"]), short[x["line"]].short) for x in asked]
    if len(names) < len(wants) or await stock.reserve(tx, order.store_id, wants):
        return False
    last = max(line.line for line in held.lines)
    new = [
        OrderLine(
            store_id=order.store_id,
            order_id=order.id,
            line=last + n,
            sku=want.sku,
            name=names[want.sku],
            ordered=want.quantity,
            reserved=want.quantity,
            stands_for=x["line"],
        )
        for n, (x, want) in enumerate(zip(asked, wants, strict=True), start=1)
    ]
    await tx.run(
        _ADD,
        order.store_id,
        order.id,
        [line.line for line in new],
        [line.sku for line in new],
        [line.name for line in new],
        [line.ordered for line in new],
        [line.stands_for for line in new],
    )
    held.move(Bucket.SHORT, Bucket.SUBSTITUTED, lines={x["line"] for x in asked})
    task = await second_looks.lock(tx, order.store_id, order.id)
    more = Held(order, [*held.lines, *new])
    await refinding.send(tx, more, task, {line.line: line.reserved for line in new})
    return True
