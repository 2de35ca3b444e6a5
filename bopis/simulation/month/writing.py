"""Puts a simulated month into our own tables, in bulk, as the line would have left it."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, Final

import asyncpg

from bopis.simulation.month.kept import COLUMNS, FEED
from bopis.simulation.month.nature import Month, Nature
from bopis.simulation.month.shelves import DEPARTMENTS, ITEMS
from bopis.simulation.month.store import Played

_STORE: Final = "store_id name time_zone hold_days country"
_HOURS: Final = "store_id weekday opens closes"
_EXCEPTIONS: Final = "store_id day opens closes note"


async def write(dsn: str, month: Month, stores: Sequence[Played]) -> None:
    """Write all stores of a month into an empty, migrated database."""
    connection = await asyncpg.connect(dsn)
    try:
        await _catalogue(connection, month)
        await _planned(connection, stores)
        for store in stores:
            for table, columns in COLUMNS.items():
                if rows := store.rows.get(table):
                    await _copy(connection, table, columns, rows)
        await connection.execute("ANALYZE")
    finally:
        await connection.close()


async def _copy(
    connection: asyncpg.Connection, table: str, columns: str, rows: list[tuple[Any, ...]]
) -> None:
    await connection.copy_records_to_table(table, records=rows, columns=columns.split())


async def _catalogue(connection: asyncpg.Connection, month: Month) -> None:
    natures = month.stores
    stores = [(n.store, n.name, n.zone.key, month.hold_days, _country(n)) for n in natures]
    await _copy(connection, "stores", _STORE, stores)
    await _copy(connection, "feed_sources", "source books_pickup", [(FEED, "at_handover")])
    items = [(f"I{n:04}", f"Item I{n:04}", _department(n)) for n in range(ITEMS)]
    await _copy(connection, "items", "sku name department", items)
    weekly = [
        (n.store, row.weekday, f"{row.opens:%H:%M}", f"{row.closes:%H:%M}")
        for n in natures
        for row in n.weekly()
    ]
    await _copy(connection, "store_hours", _HOURS, weekly)
    dated = [
        (n.store, day.isoformat(), opens, closes, "Holiday")
        for n in natures
        for day, spans in n.exceptions.items()
        for opens, closes in (
            [(f"{a:%H:%M}", f"{b:%H:%M}") for a, b in spans] if spans else [("closed", "")]
        )
    ]
    await _copy(connection, "store_hours_exceptions", _EXCEPTIONS, dated)


_SHIFTS: Final = "store_id begins_at ends_at people"


async def _planned(connection: asyncpg.Connection, stores: Iterable[Played]) -> None:
    """Two people of one shift are one row."""
    found: Counter[tuple[Any, ...]] = Counter()
    for store in stores:
        for one in store.shifts:
            found[store.store, one.begins, one.ends] += one.people
    await _copy(connection, "planned_shifts", _SHIFTS, [(*key, n) for key, n in found.items()])


def _department(item: int) -> str:
    return DEPARTMENTS[item % len(DEPARTMENTS)]


def _country(nature: Nature) -> str:
    return "FR" if nature.zone.key == "Europe/Paris" else "US"
