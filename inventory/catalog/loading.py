"""How a file about the chain runs: page by page, store by store. The same again changes nothing."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import asyncpg

from bopis.kernel.database import Database
from bopis.kernel.ids import StoreId
from inventory.catalog import bulk, catalog, sheets
from inventory.catalog.bulk import BulkPage, Catalog
from inventory.feeds import intake
from inventory.feeds.intake import File
from inventory.feeds.rejects import Reason, Reject

SHOWN: Final = 100
"""Rejects of one file that are shown. They are not kept: whoever sent the file has it."""


@dataclass(slots=True)
class Loaded:
    """What became of a file.

    Units:
        rows: records in the file, good and bad.
        written: stores, items, codes or places that were new, changed or removed.
    """

    rows: int = 0
    written: int = 0
    rejected: int = 0
    rejects: list[Reject] = field(default_factory=list)

    def reject(self, found: list[Reject]) -> None:
        self.rejected += len(found)
        self.rejects.extend(found[: SHOWN - len(self.rejects)])


async def load(
    db: Database,
    kind: Catalog,
    file: File,
    *,
    actor: str,
    only_store: StoreId | None = None,
) -> Loaded:
    """Take in a file about stores, items or locations.

    Raises:
        FileUnreadable: Nothing in the file can be understood; nothing was done.
    """
    loaded = Loaded()
    if kind is Catalog.LOCATIONS:
        await _locations(db, file, loaded, actor, only_store)
        return loaded
    async with sheets.read(db, file, f"{bulk.__name__}:{kind.name}") as pages:
        async for page in pages:
            loaded.rows += len(page.rows) + len(page.rejects)
            loaded.reject(page.rejects)
            if kind is Catalog.ITEMS:
                async with db.transaction(actor=actor) as tx:
                    loaded.written += await catalog.put_items(tx, [entry for _, entry in page.rows])
            else:
                await _stores(db, page, loaded, actor, only_store)
    return loaded


async def _stores(
    db: Database, page: BulkPage, loaded: Loaded, actor: str, only_store: StoreId | None
) -> None:
    for line, entry in page.rows:
        store_id = StoreId(entry["store_id"])
        if only_store not in {None, store_id}:
            loaded.reject([Reject(line, "store_id", Reason.UNKNOWN_STORE, str(store_id))])
            continue
        async with db.transaction(store_id, actor=actor) as tx:
            loaded.written += await catalog.put_store(tx, entry)


COLUMNS: Final = """
    line int, store_id text COLLATE "C", sku text COLLATE "C", zone text COLLATE "C",
    aisle text COLLATE "C", bay text COLLATE "C", shelf text COLLATE "C", kind text COLLATE "C",
    label text COLLATE "C"
"""
_NAMES: Final = ("store_id", "sku", "zone", "aisle", "bay", "shelf", "kind", "label")
_STRANGE: Final = """
    WITH gone AS (
        DELETE FROM location_stage AS l
         WHERE NOT EXISTS (SELECT FROM items WHERE items.sku = l.sku)
            OR NOT EXISTS (SELECT FROM stores WHERE stores.store_id = l.store_id)
            OR l.store_id <> $1::text
        RETURNING line, store_id, sku
    )
    SELECT line, store_id, sku, count(*) OVER () AS total,
           EXISTS (SELECT FROM items WHERE items.sku = gone.sku) AS is_item
      FROM gone ORDER BY line LIMIT 100
"""


async def _locations(
    db: Database, file: File, loaded: Loaded, actor: str, only_store: StoreId | None
) -> None:
    async with intake.staging(db, "location_stage", COLUMNS) as connection:
        async with sheets.read(db, file, f"{bulk.__name__}:{Catalog.LOCATIONS.name}") as pages:
            async for page in pages:
                loaded.rows += len(page.rows) + len(page.rejects)
                loaded.reject(page.rejects)
                await _copy(connection, page)
        strange = await connection.fetch(_STRANGE, only_store)
        if strange:
            loaded.reject([_stranger(row) for row in strange])
            loaded.rejected += strange[0]["total"] - len(strange)
        await connection.execute("CREATE INDEX ON location_stage (store_id, sku)")
        await connection.execute("ANALYZE location_stage")
        for row in await connection.fetch("SELECT DISTINCT store_id FROM location_stage"):
            store_id = StoreId(row["store_id"])
            async with db.transaction(store_id, actor=actor, on=connection) as tx:
                loaded.written += await catalog.put_locations(tx, store_id)


_BLANK: Final[Mapping[str, Any]] = {
    "zone": "",
    "bay": "",
    "shelf": "",
    "kind": "shelf",
    "label": "",
}


async def _copy(connection: asyncpg.Connection, page: BulkPage) -> None:
    records = [
        (line, *(entry.get(name, _BLANK.get(name)) for name in _NAMES)) for line, entry in page.rows
    ]
    await connection.copy_records_to_table(
        "location_stage", records=records, columns=("line", *_NAMES)
    )


def _stranger(row: asyncpg.Record) -> Reject:
    raw = f"{row['store_id']},{row['sku']}"
    if row["is_item"]:
        return Reject(row["line"], "store_id", Reason.UNKNOWN_STORE, raw)
    return Reject(row["line"], "sku", Reason.UNKNOWN_ITEM, raw)
