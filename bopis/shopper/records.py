"""One order and all that its page may show, read in one statement.

What hangs on the order comes as JSON text, so that a row is cheap to compare with the one that a
page was last made of, and is only taken apart when they differ.
"""

from datetime import date
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

import msgspec
from asyncpg import Record as Row

from bopis.kernel.database import Tx
from bopis.kernel.ids import OrderId, StoreId
from bopis.orders.states import OrderState
from bopis.shopper.coming import Coming
from bopis.shopper.record import (
    Asked,
    Fact,
    Line,
    Moved,
    Person,
    Promise,
    Record,
    Said,
    Shop,
    Unsure,
)
from inventory import stores
from inventory.stores import StoreTime

_READ: Final = """
    SELECT o.link_version, o.number, o.pickup_code, o.state, o.version, o.promise_status,
           o.promised_at, o.next_update_due_at, o.accepted_at, o.picking_since, o.ready_at,
           o.hold_until, o.closed_at, o.close_reason, o.moved_from, f.name AS from_store,
           s.name AS store_name, s.time_zone, s.street, s.city, s.postal_code, s.latitude,
           s.longitude, s.phone AS store_phone, s.pickup_instructions,
           r.first_name, r.last_name, r.email, r.phone, r.locale,
           (SELECT json_agg(l ORDER BY l.line)
              FROM order_lines AS l WHERE l.store_id = $1 AND l.order_id = $2) AS lines,
           (SELECT json_agg(json_build_object(
                       'version', p.version, 'latest', p.latest, 'confidence', p.confidence,
                       'sample_size', p.sample_size, 'basis', p.basis, 'kept', p.kept,
                       'reason', p.reason)
                   ORDER BY p.version)
              FROM promises AS p WHERE p.store_id = $1 AND p.order_id = $2) AS promises,
           (SELECT json_agg(json_build_object(
                       'seq', e.seq, 'name', e.name, 'at', e.occurred_at, 'payload', e.payload)
                   ORDER BY e.seq)
              FROM (SELECT seq, name, occurred_at, payload FROM events
                     WHERE store_id = $1 AND subject = $2
                     ORDER BY seq DESC LIMIT 300) AS e) AS facts,
           (SELECT json_agg(json_build_object(
                       'kind', m.kind, 'state', m.state, 'reason', m.reason, 'facts', m.facts,
                       'at', coalesce(m.settled_at, m.created_at))
                   ORDER BY m.created_at, m.id)
              FROM (SELECT * FROM messages WHERE store_id = $1 AND order_id = $2
                     ORDER BY created_at DESC LIMIT 50) AS m) AS said,
           (SELECT json_build_object(
                       'number', c.number, 'state', c.state, 'cause', c.cause, 'lines', c.lines,
                       'options', c.options, 'default', c.default_choice,
                       'answer_by', c.answer_by, 'wait_until', c.wait_until,
                       'elsewhere', c.elsewhere, 'answer', c.answer, 'outcome', c.outcome,
                       'target', c.target, 'delays', c.delays)
              FROM choice_cases AS c
             WHERE c.store_id = $1 AND c.order_id = $2 AND c.offered_at IS NOT NULL
             ORDER BY c.number DESC LIMIT 1) AS choice,
           (SELECT json_agg(json_build_object(
                       'store_id', m.to_store, 'name', t.name, 'order_id', m.to_order,
                       'number', m.to_number, 'promised_at', m.promised_at, 'state', m.state,
                       'lines', m.lines)
                   ORDER BY m.number)
              FROM moves AS m JOIN stores AS t ON t.store_id = m.to_store
             WHERE m.store_id = $1 AND m.order_id = $2) AS moves,
           (SELECT json_object_agg(i.sku, i.name)
              FROM order_lines AS l, jsonb_array_elements_text(l.accepts) AS a (sku)
              JOIN items AS i ON i.sku = a.sku
             WHERE l.store_id = $1 AND l.order_id = $2) AS accepted,
           (SELECT json_build_object(
                       'lines', k.lines, 'confirm_by', k.confirm_by, 'closed_at', k.closed_at,
                       'is_found', k.is_found)
              FROM confirmations AS k
             WHERE k.store_id = $1 AND k.order_id = $2) AS unsure,
           (SELECT json_build_object(
                       'state', a.state, 'expected_at', a.expected_at,
                       'arrived_at', a.arrived_at, 'waits_at', a.waits_at, 'spot', a.spot,
                       'changes', a.changes, 'said_at', a.said_at)
              FROM arrivals AS a
             WHERE a.store_id = $1 AND a.order_id = $2) AS coming,
           (SELECT json_agg(json_build_array(h.weekday, h.opens, h.closes))
              FROM store_hours AS h WHERE h.store_id = $1) AS weekly,
           (SELECT json_agg(json_build_array(x.day, x.opens, x.closes))
              FROM (SELECT * FROM store_hours_exceptions
                     WHERE store_id = $1 AND day >= $3 ORDER BY day LIMIT 100) AS x) AS exceptions,
           (SELECT json_agg(json_build_array(h.weekday, h.opens, h.closes))
              FROM pickup_hours AS h WHERE h.store_id = $1) AS pickup_weekly,
           (SELECT json_agg(json_build_array(x.day, x.opens, x.closes))
              FROM (SELECT * FROM pickup_hours_exceptions
                     WHERE store_id = $1 AND day >= $3 ORDER BY day LIMIT 100) AS x)
               AS pickup_exceptions,
           (SELECT json_agg(json_build_array(p.id, p.begins_at, p.ends_at, p.reason,
                                             p.takes_orders, p.closes))
              FROM (SELECT * FROM pauses WHERE store_id = $1 AND ends_at > $4
                     ORDER BY begins_at, id LIMIT 100) AS p) AS pauses
      FROM orders AS o
      JOIN stores AS s ON s.store_id = o.store_id
      LEFT JOIN stores AS f ON f.store_id = o.moved_store
      LEFT JOIN recipients AS r ON r.store_id = $1 AND r.order_id = o.id
     WHERE o.store_id = $1 AND o.id = $2
"""

_LINES: Final = msgspec.json.Decoder(tuple[Line, ...])
_PROMISES: Final = msgspec.json.Decoder(tuple[Promise, ...])
_FACTS: Final = msgspec.json.Decoder(tuple[Fact, ...])
_SAID: Final = msgspec.json.Decoder(tuple[Said, ...])
_ASKED: Final = msgspec.json.Decoder(Asked)
_MOVES: Final = msgspec.json.Decoder(tuple[Moved, ...])
_NAMES: Final = msgspec.json.Decoder(dict[str, str])
_UNSURE: Final = msgspec.json.Decoder(Unsure)
_COMING: Final = msgspec.json.Decoder(Coming)


async def find(tx: Tx, store_id: StoreId, order_id: OrderId) -> Row | None:
    """Return the row of an order, or None where there is no such order."""
    yesterday = date.fromordinal(tx.now.date().toordinal() - 2).isoformat()
    return await tx.row(_READ, store_id, order_id, yesterday, tx.now)


def read(row: Row, store_id: StoreId, order_id: OrderId) -> Record:
    """Return what a row says."""
    return Record(
        store_id=store_id,
        order_id=order_id,
        link_version=row["link_version"],
        number=row["number"],
        pickup_code=row["pickup_code"],
        state=OrderState(row["state"]),
        version=row["version"],
        promise_status=row["promise_status"],
        promised_at=row["promised_at"],
        next_update_due_at=row["next_update_due_at"],
        accepted_at=row["accepted_at"],
        picking_since=row["picking_since"],
        ready_at=row["ready_at"],
        hold_until=row["hold_until"],
        closed_at=row["closed_at"],
        close_reason=row["close_reason"],
        lines=_LINES.decode(row["lines"] or "[]"),
        promises=_PROMISES.decode(row["promises"] or "[]"),
        facts=_FACTS.decode(row["facts"] or "[]"),
        said=_SAID.decode(row["said"] or "[]"),
        asked=_ASKED.decode(row["choice"]) if row["choice"] else None,
        moves=_MOVES.decode(row["moves"] or "[]"),
        accepted=_NAMES.decode(row["accepted"] or "{}"),
        from_number=row["moved_from"],
        from_store=row["from_store"],
        unsure=_UNSURE.decode(row["unsure"]) if row["unsure"] else None,
        coming=_COMING.decode(row["coming"]) if row["coming"] else Coming(),
        shop=_shop(row),
        person=Person(
            first_name=row["first_name"] or "",
            last_name=row["last_name"] or "",
            email=row["email"] or "",
            phone=row["phone"] or "",
            locale=row["locale"] or "en",
        ),
    )


def _shop(row: Row) -> Shop:
    known = _time(row["time_zone"], *(row[name] or "[]" for name in _TIMES))
    return Shop(
        name=row["store_name"],
        zone=ZoneInfo(row["time_zone"]),
        calendar=known.opening,
        pickup=known.pickup,
        pauses=known.pauses,
        instructions=row["pickup_instructions"],
        street=row["street"],
        city=row["city"],
        postal_code=row["postal_code"],
        phone=row["store_phone"],
        latitude=row["latitude"],
        longitude=row["longitude"],
    )


_TIMES: Final = ("weekly", "exceptions", "pickup_weekly", "pickup_exceptions", "pauses")


@lru_cache(maxsize=256)
def _time(zone: str, *texts: str) -> StoreTime:
    """Return the time of a store from its rows.

    Remembered, because a calendar remembers the days that it has worked out.
    """
    weekly, dated, pickup_weekly, pickup_dated, pauses = map(msgspec.json.decode, texts)
    return stores.time_from(
        zone,
        weekly=weekly,
        dated=dated,
        pickup_weekly=pickup_weekly,
        pickup_dated=pickup_dated,
        pauses=pauses,
    )
