"""Taking orders in: stock set aside and a promise made in one transaction, or a reasoned no.

Written for sets: what waits for one store is taken in together, because twenty orders in one
transaction cost the database little more than one.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from bopis.kernel import idempotency
from bopis.kernel.database import Tx
from bopis.kernel.idempotency import KeyReused
from bopis.kernel.ids import OrderId, Sku, StoreId
from bopis.orders import numbers
from bopis.orders.events import OrderAccepted
from bopis.orders.placing import reserving
from bopis.orders.placing.asked import (
    FASTER,
    DoesNotFit,
    ItemsShort,
    NewOrder,
    Outcome,
    Receipt,
    ReferenceReused,
    short_of,
    unknown,
    use_of,
)
from bopis.orders.placing.reserving import Own, Refusals
from bopis.promises import promise, promises
from bopis.promises.outlook import Offer, Outlook
from bopis.promises.promise import Basis
from inventory import items
from inventory.stock import Shortfall
from notifications import recipients


async def accept(
    tx: Tx, store_id: StoreId, asked: Sequence[NewOrder], *, outlook: Outlook
) -> list[Outcome]:
    """Take in orders of one store, each with all its lines or not at all; answer each.

    An order that we have already is answered as it was. One that cannot be had is a problem in
    its place, and is kept as a refusal.

    Shapes:
        asked: 1..32 orders, no two with the same channel and reference, or the same key.
        returns: one outcome for each, in the same order.

    Raises:
        DoesNotFit: Another process took one of these orders, some of their stock or a number at
            this very moment. Nothing may be kept: roll back, then try again.
    """
    outcomes = await _known(tx, store_id, asked, outlook)
    new = [order for order in asked if order.name not in outcomes]
    names = await items.names(tx, sorted({sku for order in new for sku, _ in order.lines}))
    for order in new:
        missing = [sku for sku, _ in order.lines if sku not in names]
        if missing:
            outcomes[order.name] = unknown(missing)
    own, misfits = await reserving.claim(tx, store_id, [o for o in new if o.name not in outcomes])
    outcomes |= misfits
    left = [(OrderId(tx.new_id()), order) for order in new if order.name not in outcomes]
    placed: list[tuple[OrderId, NewOrder]] = []
    short: list[tuple[NewOrder, Sequence[Shortfall]]] = []
    for some in (
        [one for one in left if one[1].name in own],
        [x for x in left if x[1].name not in own],
    ):
        had, lacked = await reserving.reserve(tx, store_id, some, own)
        placed += had
        short += lacked
    if short:
        outcomes |= await _refuse(tx, store_id, short)
    if placed:
        outcomes |= await write(tx, store_id, placed, names, outlook, own=own)
    return [outcomes[order.name] for order in asked]


_KNOWN: Final = """
    SELECT o.channel, o.reference, o.fingerprint, o.id, o.number, o.link_version, o.accepted_at,
           o.hold_id, p.latest, p.earliest, p.confidence, p.sample_size, p.basis, p.base_minutes,
           p.kept
      FROM unnest($2::text[], $3::text[]) AS a (channel, reference)
      JOIN orders AS o ON o.store_id = $1 AND o.channel = a.channel AND o.reference = a.reference
      JOIN promises AS p ON p.store_id = $1 AND p.order_id = o.id AND p.version = 1
     WHERE o.store_id = $1
"""
_KNOWN_LINES: Final = """
    SELECT order_id, sku, name, ordered FROM order_lines
     WHERE store_id = $1 AND order_id = ANY($2::uuid[]) ORDER BY order_id, line
"""


def _news(outlook: Outlook, latest: datetime, accepted_at: datetime) -> datetime:
    return promise.next_news_by(latest, accepted_at, outlook.opens_at(accepted_at))


async def _known(
    tx: Tx, store_id: StoreId, asked: Sequence[NewOrder], outlook: Outlook
) -> dict[tuple[str, str], Outcome]:
    """Return what some of these were answered before: by their key, or by their reference."""
    known: dict[tuple[str, str], Outcome] = {}
    keyed = [order for order in asked if order.key is not None]
    if keyed:
        answers = await idempotency.answers(
            tx, store_id, [(order.scope, order.key or "") for order in keyed]
        )
        for order in keyed:
            answer = answers.get((order.scope, order.key or ""))
            if answer is not None:
                known |= _answered(order, answer)
    rows = await tx.rows(_KNOWN, store_id, *zip(*(order.name for order in asked), strict=True))
    if not rows:
        return known
    lines: dict[OrderId, list[tuple[Sku, str, int]]] = {row["id"]: [] for row in rows}
    for line in await tx.rows(_KNOWN_LINES, store_id, list(lines)):
        lines[line["order_id"]].append((line["sku"], line["name"], line["ordered"]))
    by_name = {order.name: order for order in asked}
    for row in rows:
        name = (row["channel"], row["reference"])
        if name in known:
            continue
        if row["fingerprint"] != by_name[name].fingerprint:
            known[name] = ReferenceReused(
                f"Reference {row['reference']} was used for another order. Use a new one.",
                reference=row["reference"],
            )
            continue
        known[name] = Receipt(
            store_id=store_id,
            order_id=row["id"],
            number=row["number"],
            link_version=row["link_version"],
            accepted_at=row["accepted_at"],
            offer=Offer(
                earliest=row["earliest"],
                latest=row["latest"],
                confidence=row["confidence"],
                sample_size=row["sample_size"],
                basis=Basis(row["basis"]),
                base_minutes=row["base_minutes"],
                kept=row["kept"],
            ),
            next_update_due_at=_news(outlook, row["latest"], row["accepted_at"]),
            lines=lines[row["id"]],
            hold=use_of(by_name[name], row["hold_id"]),
        )
    return known


def _answered(order: NewOrder, answer: idempotency.Answer) -> dict[tuple[str, str], Outcome]:
    """Read a saved answer: another request, a refusal, or nothing more than "see the order"."""
    if answer.fingerprint != order.fingerprint:
        reused = KeyReused("This Idempotency-Key came with another body before. Use a new key.")
        return {order.name: reused}
    if answer.status == ItemsShort.status:
        return {order.name: short_of(answer.body["lines"])}
    return {}


_INSERT: Final = """
    WITH placed AS (
        INSERT INTO orders (store_id, id, channel, reference, fingerprint, number, pickup_code,
                            state, promised_at, next_update_due_at, accepted_at, hold_id,
                            basket_store, basket_id, awaits_basket, total, currency)
        SELECT $1, o.id, o.channel, o.reference, o.fingerprint, o.number, o.code,
               'accepted', o.promised_at, o.next_update_due_at, $2, o.hold_id,
               o.basket_store, o.basket_id, o.basket_id IS NOT NULL, o.total, o.currency
          FROM unnest($3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
                      $9::timestamptz[], $10::timestamptz[], $16::uuid[], $17::text[],
                      $18::uuid[], $19::numeric[], $20::text[])
               AS o (id, channel, reference, fingerprint, number, code, promised_at,
                     next_update_due_at, hold_id, basket_store, basket_id, total, currency)
         ORDER BY o.channel, o.reference  -- for every caller alike: no deadlocks
            ON CONFLICT DO NOTHING
        RETURNING id
    ),
    lines AS (
        INSERT INTO order_lines (store_id, order_id, line, sku, name, ordered, reserved)
        SELECT $1, l.order_id, l.line, l.sku, l.name, l.quantity, l.quantity
          FROM unnest($11::uuid[], $12::int[], $13::text[], $14::text[], $15::int[])
               AS l (order_id, line, sku, name, quantity)
          JOIN placed ON placed.id = l.order_id
    )
    SELECT count(*) FROM placed
"""


_CONSENTS: Final = """
    UPDATE order_lines AS l SET consent = c.consent, accepts = c.said -> 'accepts'
      FROM unnest($2::uuid[], $3::text[], $4::text[], $5::jsonb[])
           AS c (order_id, sku, consent, said)
     WHERE l.store_id = $1 AND l.order_id = c.order_id AND l.sku = c.sku
"""


async def _consents(tx: Tx, store_id: StoreId, new: Sequence[tuple[OrderId, NewOrder]]) -> None:
    """Keep what shoppers have said about substitutes; who said nothing costs nothing."""
    said = [(id_, sku, one) for id_, order in new for sku, one in order.consents.items()]
    if said:
        await tx.run(
            _CONSENTS,
            store_id,
            [order_id for order_id, _, _ in said],
            [sku for _, sku, _ in said],
            [one.consent for _, _, one in said],
            [{"accepts": list(one.accepts) or None} for _, _, one in said],
        )


async def write(
    tx: Tx,
    store_id: StoreId,
    new: Sequence[tuple[OrderId, NewOrder]],
    titles: dict[Sku, str],
    outlook: Outlook,
    *,
    own: Own,
) -> dict[tuple[str, str], Receipt]:
    """Write orders whose stock is set aside, with their promises and whom to tell.

    Raises:
        DoesNotFit: Another process took one of these orders or a number at this very moment.
    """
    receipts: list[Receipt] = []
    outlook = await promises.with_slots(tx, outlook)
    for order_id, order in new:
        receipt = _receipt(tx, order_id, order, titles, outlook)
        receipts.append(replace(receipt, hold=use_of(order, own.get(order.name))))
        outlook = outlook.with_more(1, order.units, [receipt.offer.latest])
    rows = [
        (receipt.order_id, n, *line)
        for receipt in receipts
        for n, line in enumerate(receipt.lines, start=1)
    ]
    placed = await tx.value(
        _INSERT,
        store_id,
        tx.now,
        [order_id for order_id, _ in new],
        [order.channel for _, order in new],
        [order.reference for _, order in new],
        [order.fingerprint for _, order in new],
        [receipt.number for receipt in receipts],
        [numbers.code(tx.new_id()) for _ in receipts],
        [receipt.offer.latest for receipt in receipts],
        [receipt.next_update_due_at for receipt in receipts],
        *([row[n] for row in rows] for n in range(5)),
        [own.get(order.name) for _, order in new],
        [order.basket and order.basket[0] for _, order in new],
        [order.basket and order.basket[1] for _, order in new],
        [order.total and order.total.amount for _, order in new],
        [order.total and order.total.currency for _, order in new],
    )
    if placed < len(new):
        raise DoesNotFit(FASTER)
    await _consents(tx, store_id, new)
    await promises.make(tx, store_id, {x.order_id: x.offer for x in receipts})
    await recipients.put_all(tx, store_id, {id_: order.customer for id_, order in new})
    for receipt in receipts:
        await tx.emit(
            OrderAccepted(
                store_id=store_id,
                order_id=receipt.order_id,
                version=1,
                promised_at=receipt.offer.latest,
            )
        )
    if await remember(tx, store_id, [(order, {}) for _, order in new], status=201):
        raise DoesNotFit(FASTER)
    return {order.name: receipt for (_, order), receipt in zip(new, receipts, strict=True)}


def _receipt(
    tx: Tx, order_id: OrderId, order: NewOrder, titles: dict[Sku, str], outlook: Outlook
) -> Receipt:
    offer = outlook.offer(order.units, tx.now)
    return Receipt(
        store_id=outlook.store_id,
        order_id=order_id,
        number=numbers.number(tx.new_id()),
        link_version=1,
        accepted_at=tx.now,
        offer=offer,
        next_update_due_at=_news(outlook, offer.latest, tx.now),
        lines=[(sku, titles[sku], quantity) for sku, quantity in order.lines],
    )


async def remember(
    tx: Tx, store_id: StoreId, answered: Iterable[tuple[NewOrder, dict[str, Any]]], *, status: int
) -> int:
    """Save what was answered under keys; return how many keys somebody else has used meanwhile.

    An acceptance stands in the order itself, so nothing of it is kept here, no link above all.
    """
    keyed = [(o.scope, o.key, o.fingerprint, body) for o, body in answered if o.key is not None]
    if not keyed:
        return 0
    return len(keyed) - await idempotency.save_all(tx, store_id, keyed, status=status)


_REFUSE: Final = """
    INSERT INTO refusals (store_id, id, channel, reference, reason, lines, at)
    SELECT $1, r.id, r.channel, r.reference, 'items_short', r.said -> 'lines', $2
      FROM unnest($3::uuid[], $4::text[], $5::text[], $6::jsonb[])
           AS r (id, channel, reference, said)
"""


async def _refuse(
    tx: Tx, store_id: StoreId, refusals: Refusals
) -> dict[tuple[str, str], ItemsShort]:
    """Keep that we could not take some orders, and say which lines were short.

    The stores that could are found by the edge: they are not this transaction's to look at.
    """
    lines = [
        [{"sku": x.sku, "wanted": x.wanted, "available": x.available} for x in short]
        for _, short in refusals
    ]
    await tx.run(
        _REFUSE,
        store_id,
        tx.now,
        [tx.new_id() for _ in refusals],
        [order.channel for order, _ in refusals],
        [order.reference for order, _ in refusals],
        [{"lines": x} for x in lines],  # a bare list in a list would be read as two dimensions
    )
    return {order.name: short_of(x) for (order, _), x in zip(refusals, lines, strict=True)}
