"""One order and all that its page may show, read in one statement."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time
from typing import Any, Final
from zoneinfo import ZoneInfo

from asyncpg import Record as Row

from bopis.kernel.database import Tx
from bopis.kernel.ids import OrderId, StoreId
from bopis.orders.states import OrderState
from bopis.shopper.status import Fact, Line, Person, Promise, Record, Said, Shop
from inventory.hours import Calendar, Hours, WeeklyHours

_READ: Final = """
    SELECT o.link_version, o.number, o.pickup_code, o.state, o.version, o.promise_status,
           o.promised_at, o.next_update_due_at, o.accepted_at, o.picking_since, o.ready_at,
           o.hold_until, o.closed_at, o.close_reason,
           s.name AS store_name, s.time_zone, s.street, s.city, s.postal_code, s.latitude,
           s.longitude, s.phone AS store_phone, s.pickup_instructions,
           r.first_name, r.last_name, r.email, r.phone, r.locale,
           (SELECT jsonb_agg(to_jsonb(l) ORDER BY l.line)
              FROM order_lines AS l WHERE l.store_id = $1 AND l.order_id = $2) AS lines,
           (SELECT jsonb_agg(jsonb_build_array(p.version, p.latest, p.confidence, p.sample_size,
                                               p.basis, p.reason) ORDER BY p.version)
              FROM promises AS p WHERE p.store_id = $1 AND p.order_id = $2) AS promises,
           (SELECT jsonb_agg(jsonb_build_array(e.seq, e.name, e.occurred_at, e.payload)
                             ORDER BY e.seq)
              FROM (SELECT seq, name, occurred_at, payload FROM events
                     WHERE store_id = $1 AND subject = $2
                     ORDER BY seq DESC LIMIT 300) AS e) AS facts,
           (SELECT jsonb_agg(jsonb_build_array(m.kind, m.state, m.reason, m.facts,
                                   coalesce(m.settled_at, m.created_at))
                             ORDER BY m.created_at, m.id)
              FROM (SELECT * FROM messages WHERE store_id = $1 AND order_id = $2
                     ORDER BY created_at DESC LIMIT 50) AS m) AS said,
           (SELECT jsonb_agg(jsonb_build_array(h.weekday, h.opens, h.closes))
              FROM store_hours AS h WHERE h.store_id = $1) AS weekly,
           (SELECT jsonb_agg(jsonb_build_array(x.day, x.opens, x.closes))
              FROM (SELECT * FROM store_hours_exceptions
                     WHERE store_id = $1 AND day >= $3 ORDER BY day LIMIT 100) AS x) AS exceptions
      FROM orders AS o
      JOIN stores AS s ON s.store_id = o.store_id
      LEFT JOIN recipients AS r ON r.store_id = $1 AND r.order_id = o.id
     WHERE o.store_id = $1 AND o.id = $2
"""


async def read(tx: Tx, store_id: StoreId, order_id: OrderId) -> Record | None:
    """Return what is on record about an order, or None where there is no such order."""
    yesterday = date.fromordinal(tx.now.date().toordinal() - 2).isoformat()
    row = await tx.row(_READ, store_id, order_id, yesterday)
    return _record(row, store_id, order_id) if row is not None else None


def _record(row: Row, store_id: StoreId, order_id: OrderId) -> Record:
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
        lines=tuple(_line(line) for line in row["lines"] or ()),
        promises=tuple(_promise(values) for values in row["promises"] or ()),
        facts=tuple(
            Fact(seq=seq, name=name, at=datetime.fromisoformat(at), payload=payload)
            for seq, name, at, payload in row["facts"] or ()
        ),
        said=tuple(
            Said(kind=kind, state=state, reason=why, facts=facts, at=datetime.fromisoformat(at))
            for kind, state, why, facts, at in row["said"] or ()
        ),
        shop=_shop(row),
        person=Person(
            first_name=row["first_name"] or "",
            last_name=row["last_name"] or "",
            email=row["email"] or "",
            phone=row["phone"] or "",
            locale=row["locale"] or "en",
        ),
    )


def _line(row: dict[str, Any]) -> Line:
    return Line(**{name: row[name] for name in Line.__slots__})


def _promise(values: Sequence[Any]) -> Promise:
    version, latest, confidence, sample_size, basis, reason = values
    return Promise(
        version=version,
        latest=datetime.fromisoformat(latest),
        confidence=confidence,
        sample_size=sample_size,
        basis=basis,
        reason=reason,
    )


def _shop(row: Row) -> Shop:
    return Shop(
        name=row["store_name"],
        zone=ZoneInfo(row["time_zone"]),
        calendar=_calendar(row["time_zone"], row["weekly"] or (), row["exceptions"] or ()),
        instructions=row["pickup_instructions"],
        street=row["street"],
        city=row["city"],
        postal_code=row["postal_code"],
        phone=row["store_phone"],
        latitude=row["latitude"],
        longitude=row["longitude"],
    )


def _calendar(
    zone: str, weekly: Iterable[tuple[int, str, str]], exceptions: Iterable[tuple[str, str, str]]
) -> Calendar:
    """Return the hours of a store from its rows; a date marked closed has no hours at all."""
    dated: dict[date, tuple[Hours, ...]] = {}
    for day, opens, closes in exceptions:
        on = date.fromisoformat(day)
        dated.setdefault(on, ())
        if opens != "closed":
            dated[on] += ((time.fromisoformat(opens), time.fromisoformat(closes)),)
    return Calendar(
        ZoneInfo(zone),
        tuple(
            WeeklyHours(weekday, time.fromisoformat(opens), time.fromisoformat(closes))
            for weekday, opens, closes in weekly
        ),
        dated,
    )
