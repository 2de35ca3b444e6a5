"""The chain as its owner describes it: stores, items, and where items are.

Only what a file speaks of is looked at, and only what differs is written.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

from bopis.kernel.database import Tx
from bopis.kernel.ids import StoreId
from inventory import stores
from inventory.catalog import times

Entry = Mapping[str, Any]

_STORE: Final = """
    INSERT INTO stores (store_id, name, time_zone, street, city, postal_code, country, latitude,
                        longitude, phone, pickup_instructions, hold_days, safety, is_active)
    SELECT $1, r.name, r.time_zone, r.street, r.city, r.postal_code, r.country, r.latitude,
           r.longitude, r.phone, r.pickup_instructions, r.hold_days, r.safety, r.is_active
      FROM jsonb_to_record($2) AS r (
           name text, time_zone text, street text, city text, postal_code text, country text,
           latitude float, longitude float, phone text, pickup_instructions text, hold_days int,
           safety int, is_active bool)
    ON CONFLICT (store_id) DO UPDATE
    SET name = EXCLUDED.name, time_zone = EXCLUDED.time_zone, street = EXCLUDED.street,
        city = EXCLUDED.city, postal_code = EXCLUDED.postal_code, country = EXCLUDED.country,
        latitude = EXCLUDED.latitude, longitude = EXCLUDED.longitude, phone = EXCLUDED.phone,
        pickup_instructions = EXCLUDED.pickup_instructions, hold_days = EXCLUDED.hold_days,
        safety = EXCLUDED.safety, is_active = EXCLUDED.is_active
"""
_BLANK: Final[Entry] = {
    "street": "",
    "city": "",
    "postal_code": "",
    "country": "",
    "latitude": None,
    "longitude": None,
    "phone": "",
    "pickup_instructions": "",
    "hold_days": 3,
    "safety": 0,
    "is_active": True,
}
_SAFETY: Final = """
    UPDATE stock SET safety = $2, changed_at = $3 WHERE store_id = $1 AND safety = $4
"""


async def put_store(tx: Tx, entry: Entry) -> bool:
    """Write one store, its hours and its staging places; return whether anything was new."""
    store_id = StoreId(entry["store_id"])
    found = await tx.row("SELECT * FROM stores WHERE store_id = $1", store_id)
    was: Entry = dict(found) if found else {}
    now = {name: entry.get(name, was.get(name, _BLANK.get(name))) for name in _COLUMNS}
    changed = any(name not in was or was[name] != now[name] for name in _COLUMNS)
    if changed:
        await tx.run(_STORE, store_id, now)
    if found and now["safety"] != was["safety"]:
        await tx.run(_SAFETY, store_id, now["safety"], tx.now, was["safety"])
    for part, put in _PARTS.items():
        if part in entry and await put(tx, store_id, entry[part]):
            changed = True
    stores.forget(tx, store_id)
    return changed


_COLUMNS: Final = ("name", "time_zone", *_BLANK)


_STAGING: Final = """
    INSERT INTO staging_places (store_id, code, label)
    SELECT $1, p.code, p.label FROM unnest($2::text[], $3::text[]) AS p (code, label)
    ON CONFLICT (store_id, code) DO UPDATE SET label = EXCLUDED.label, is_active = true
     WHERE staging_places.label <> EXCLUDED.label OR NOT staging_places.is_active
"""
_RETIRE: Final = """
    UPDATE staging_places SET is_active = false
     WHERE store_id = $1 AND is_active AND code <> ALL ($2::text[])
"""


async def _staging(tx: Tx, store_id: StoreId, places: list[tuple[str, str]]) -> bool:
    """Write the places; one that is not named is retired, not dropped: a bag may wait there."""
    codes = [code for code, _ in places]
    written = await tx.run(_STAGING, store_id, codes, [label for _, label in places])
    return bool(written + await tx.run(_RETIRE, store_id, codes))


_PARTS: Final[Mapping[str, Callable[[Tx, StoreId, Any], Awaitable[bool]]]] = {
    "hours": times.hours,
    "exceptions": times.exceptions,
    "pickup_hours": times.pickup_hours,
    "pickup_exceptions": times.pickup_exceptions,
    "slots": times.slots,
    "staging": _staging,
}


_ITEMS: Final = """
    INSERT INTO items (sku, name, size, department)
    SELECT w.sku, w.name, COALESCE(w.size, i.size, ''), COALESCE(w.department, i.department, '')
      FROM unnest($1::text[], $2::text[], $3::text[], $4::text[])
           AS w (sku, name, size, department)
      LEFT JOIN items AS i ON i.sku = w.sku
     WHERE i.sku IS NULL OR (i.name, i.size, i.department) IS DISTINCT FROM
           (w.name, COALESCE(w.size, i.size), COALESCE(w.department, i.department))
     ORDER BY w.sku
    ON CONFLICT (sku) DO UPDATE
    SET name = EXCLUDED.name, size = EXCLUDED.size, department = EXCLUDED.department
"""
_OTHER_GTINS: Final = """
    DELETE FROM item_gtins WHERE sku = ANY ($1::text[]) AND gtin <> ALL ($2::text[])
"""
_GTINS: Final = """
    INSERT INTO item_gtins (gtin, sku, quantity)
    SELECT gtin, sku, quantity
      FROM unnest($1::text[], $2::text[], $3::int[]) AS w (gtin, sku, quantity)
     ORDER BY gtin
    ON CONFLICT (gtin) DO UPDATE SET sku = EXCLUDED.sku, quantity = EXCLUDED.quantity
     WHERE item_gtins.sku <> EXCLUDED.sku OR item_gtins.quantity <> EXCLUDED.quantity
"""


async def put_items(tx: Tx, entries: Sequence[Entry]) -> int:
    """Write items and their codes; return how many items or codes were new or changed.

    A code that was on another item moves: manufacturers do reuse them.

    Shapes:
        entries: of one item, the last one counts.
    """
    items = {entry["sku"]: entry for entry in entries}
    rows = list(items.values())
    written = await tx.run(
        _ITEMS,
        list(items),
        [row["name"] for row in rows],
        [row.get("size") for row in rows],
        [row.get("department") for row in rows],
    )
    coded = [row for row in rows if "gtins" in row]
    if coded:
        codes = {gtin: (row["sku"], units) for row in coded for gtin, units in row["gtins"]}
        written += await tx.run(_OTHER_GTINS, [row["sku"] for row in coded], list(codes))
        skus, units = [sku for sku, _ in codes.values()], [n for _, n in codes.values()]
        written += await tx.run(_GTINS, list(codes), skus, units)
    return written


_PLACES: Final = """
    INSERT INTO locations (store_id, sku, zone, aisle, bay, shelf, kind, label, planned)
    SELECT DISTINCT ON (s.sku, s.zone, s.aisle, s.bay, s.shelf)
           s.store_id, s.sku, s.zone, s.aisle, s.bay, s.shelf, s.kind,
           coalesce(nullif(s.label, ''), l.label, ''), true
      FROM location_stage AS s
      LEFT JOIN locations AS l
        ON l.store_id = $1 AND l.sku = s.sku AND l.zone = s.zone AND l.aisle = s.aisle
           AND l.bay = s.bay AND l.shelf = s.shelf
     WHERE s.store_id = $1
     ORDER BY s.sku, s.zone, s.aisle, s.bay, s.shelf, s.line DESC
    ON CONFLICT (store_id, sku, zone, aisle, bay, shelf)
    DO UPDATE SET kind = EXCLUDED.kind, label = EXCLUDED.label, planned = EXCLUDED.planned
     WHERE locations.kind <> EXCLUDED.kind OR locations.label <> EXCLUDED.label
        OR NOT locations.planned
"""
_GONE: Final = """
    DELETE FROM locations AS l
     WHERE l.store_id = $1 AND l.sku IN (SELECT sku FROM location_stage WHERE store_id = $1)
       AND (l.last_found_at IS NULL OR l.last_missed_at > l.last_found_at
            OR l.last_found_at < $2)
       AND NOT EXISTS (
           SELECT FROM location_stage AS s
            WHERE s.store_id = $1 AND s.sku = l.sku AND s.zone = l.zone AND s.aisle = l.aisle
              AND s.bay = l.bay AND s.shelf = l.shelf)
"""
_LEARNED: Final = """
    UPDATE locations AS l SET planned = false, found = least(l.found, 1)
     WHERE l.store_id = $1 AND l.planned
       AND l.sku IN (SELECT sku FROM location_stage WHERE store_id = $1)
       AND NOT EXISTS (
           SELECT FROM location_stage AS s
            WHERE s.store_id = $1 AND s.sku = l.sku AND s.zone = l.zone AND s.aisle = l.aisle
              AND s.bay = l.bay AND s.shelf = l.shelf)
"""
FORGOTTEN: Final = timedelta(days=90)
"""A place that is in no plan, and where nothing was found for so long, is none any more."""


async def put_locations(tx: Tx, store_id: StoreId) -> int:
    """Write the places that wait in ``location_stage``; return how many came, changed or went.

    A file is the plan of the items that it names: it replaces the plan, and not what hands have
    learned. A place that stays keeps its history. One that is no longer planned goes, unless
    something was found there and has not been missed there since: then it stays, as a place that
    was learned, below a planned one until it is found there again.
    """
    written = await tx.run(_PLACES, store_id)
    written += await tx.run(_GONE, store_id, tx.now - FORGOTTEN)
    return written + await tx.run(_LEARNED, store_id)
