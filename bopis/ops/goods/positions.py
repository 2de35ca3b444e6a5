"""What we know of one item, store by store, and why. Nothing here changes anything."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from bopis.kernel.database import Tx
from bopis.kernel.ids import Sku, StoreId
from bopis.ops.reads import Scope
from bopis.ops.views import Rows
from inventory import holds, items, sellable, stores
from inventory.belief import beliefs
from inventory.belief.odds import Odds
from inventory.codes import gtin
from inventory.feeds.models import BooksPickup
from inventory.layout import locations
from inventory.models import Item, Location, Store
from inventory.sellable import Availability

Row = dict[str, Any]

ENTRIES: Final = 200
"""Of the ledger, the newest; what is older is added up and not listed."""

MATCHES: Final = 50

_EXACT: Final = "SELECT sku, name, size, department FROM items WHERE sku = $1"
_NAMED: Final = """
    SELECT sku, name, size, department FROM items
     WHERE position(lower($1) IN lower(name)) > 0 OR starts_with(sku, $1)
     LIMIT $2
"""


async def search(tx: Tx, text: str) -> Rows:
    """Return the items that somebody may mean: by its number or barcode the one, else by name.

    One more than ``MATCHES`` says that there are others. A name is looked for in all of them: the
    catalog is small beside everything that is asked of it here.
    """
    scanned = gtin.scanned(text)
    packed = await items.by_gtins(tx, scanned.gtins) if scanned.gtin else None
    exact = await tx.row(_EXACT, packed[0] if packed else text)
    if exact is not None:
        return [dict(exact)]
    rows = [dict(row) for row in await tx.rows(_NAMED, text, MATCHES + 1)]
    return sorted(rows, key=lambda row: (row["name"].lower(), row["sku"]))


async def item(tx: Tx, sku: Sku) -> Item | None:
    return (await items.known(tx, [sku])).get(sku)


_STORES: Final = """
    SELECT s.store_id, s.name AS store, s.time_zone, k.on_hand, k.unsellable, k.reserved,
           k.feed_source, GREATEST(k.feed_as_of, k.counted_at) AS as_of,
           coalesce(k.counted_at >= coalesce(k.feed_as_of, k.counted_at), false) AS by_person,
           EXISTS (SELECT FROM stock_conflicts c WHERE c.store_id = k.store_id AND c.sku = k.sku
                      AND c.closed_at IS NULL) AS in_conflict
      FROM stores s  /* fanout: ops */
      JOIN stock k ON k.store_id = s.store_id AND k.sku = $2
     WHERE s.is_active AND ($1::text IS NULL OR s.store_id = $1)
     ORDER BY in_conflict DESC, s.name, s.store_id LIMIT 501
"""


async def in_stores(tx: Tx, scope: Scope, sku: Sku) -> Rows:
    """Return what each store has of an item, those in conflict first. One more than 500: others."""
    return [dict(row) for row in await tx.rows(_STORES, scope, sku)]


@dataclass(frozen=True, slots=True)
class Position:
    """One item in one store, with everything that its number is made of.

    Shapes:
        moves: sums of the ledger since the last word of a feed or a count, one for each kind.
        entries: of the ledger, newest first, at most ``ENTRIES``.
        holders: the orders that units are reserved for, the oldest first.
    """

    item: Item
    store: Store
    stock: Row
    known: Availability
    moves: Rows
    entries: Rows
    holders: Rows
    places: list[Location]
    counts: Rows
    codes: Mapping[str, int]
    """How many units each barcode holds, single units first."""
    source: Row | None = None
    conflict: Row | None = None
    doubt: Row | None = None
    """What is not sold until somebody else has counted: how many units, and until when."""
    odds: Odds | None = None
    """Of finding one unit more than is promised."""


_STOCK: Final = "SELECT * FROM stock WHERE store_id = $1 AND sku = $2"
_MOVES: Final = """
    SELECT kind, sum(on_hand)::int AS on_hand, count(*)::int AS entries
      FROM stock_ledger
     WHERE store_id = $1 AND sku = $2 AND effective_at > $3
     GROUP BY kind ORDER BY kind LIMIT 20
"""
_ENTRIES: Final = """
    SELECT l.kind, l.on_hand, l.reserved, l.unsellable, l.staged, l.cause, l.source, l.note,
           l.effective_at, l.recorded_at, o.number, o.channel
      FROM stock_ledger l
      LEFT JOIN orders o ON o.store_id = $1 AND o.id = l.cause
     WHERE l.store_id = $1 AND l.sku = $2
     ORDER BY l.effective_at DESC, l.id DESC LIMIT $3
"""
_HOLDERS: Final = """
    SELECT r.order_id AS id, r.store_id, r.quantity, r.staged, r.reserved_at, o.number, o.state,
           o.promised_at
      FROM reservations r
      JOIN orders o ON o.store_id = $1 AND o.id = r.order_id
     WHERE r.store_id = $1 AND r.sku = $2 AND r.quantity > 0
     ORDER BY o.accepted_at, o.id LIMIT 200
"""
_COUNTS: Final = """
    SELECT id, reason, opened_at, done_at, counted, first_count, first_by IS NOT NULL AS by_another
      FROM count_requests
     WHERE store_id = $1 AND sku = $2 AND done_at IS NULL LIMIT 1
"""
_DOUBT: Final = """
    SELECT l.quantity AS units, l.until
      FROM hold_lines AS l JOIN holds AS h ON h.store_id = $1 AND h.id = l.hold_id
     WHERE l.store_id = $1 AND l.sku = $2 AND l.until > $3 AND h.owner = $4
     ORDER BY l.until DESC LIMIT 1
"""
_CONFLICT: Final = """
    SELECT id, on_hand, reserved, opened_at FROM stock_conflicts
     WHERE store_id = $1 AND sku = $2 AND closed_at IS NULL
"""
_SOURCE: Final = "SELECT * FROM feed_sources WHERE source = $1"
_NEVER: Final = datetime.fromisoformat("1970-01-01T00:00:00+00:00")


async def explain(tx: Tx, store_id: StoreId, sku: Sku) -> Position | None:
    """Return everything that a store's number for an item is made of; None: it never had any.

    Raises:
        StoreUnknown: There is no such store.
    """
    store = await stores.get(tx, store_id)
    found = await item(tx, sku)
    row = await tx.row(_STOCK, store_id, sku)
    if found is None or row is None:
        return None
    known = (await sellable.availability(tx, store_id, [sku]))[sku]
    key = (store_id, sku)
    source = await tx.row(_SOURCE, row["feed_source"])
    conflict = await tx.row(_CONFLICT, *key)
    doubt = await tx.row(_DOUBT, *key, tx.now, holds.DOUBT)
    return Position(
        item=found,
        store=store,
        stock=dict(row),
        known=known,
        moves=await _rows(tx, _MOVES, *key, known.as_of or _NEVER),
        entries=await _rows(tx, _ENTRIES, *key, ENTRIES),
        holders=await _rows(tx, _HOLDERS, *key),
        places=(await locations.find(tx, store_id, [sku]))[sku],
        counts=await _rows(tx, _COUNTS, *key),
        codes=(await items.codes(tx, [sku]))[sku],
        source=dict(source) if source else None,
        conflict=dict(conflict) if conflict else None,
        doubt=dict(doubt) if doubt else None,
        odds=(await beliefs.odds(tx, store_id, {sku: 1})).get(sku),
    )


async def _rows(tx: Tx, sql: str, *values: Any) -> Rows:
    return [dict(row) for row in await tx.rows(sql, *values)]


def books_early(position: Position) -> bool:
    """Say whether the source takes a pickup off its number before it leaves the building."""
    source = position.source
    return source is not None and source["books_pickup"] != BooksPickup.AT_HANDOVER
