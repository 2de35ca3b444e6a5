"""Where an item is found: by its name, and then store by store. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from bopis.ops import words
from bopis.ops.goods.positions import MATCHES
from bopis.ops.present import item_href
from bopis.ops.views import Cell, Column, Listing, Rows, Table
from inventory.models import Item

Row = Mapping[str, Any]


def in_stores(item: Item, rows: Rows, now: datetime) -> Listing:
    """Return the page of an item in all stores that have had it."""
    name = ", ".join(part for part in (item.name, item.size) if part)
    return Listing(
        title=name,
        lead=f"Item {item.sku}. A store opens why we say what we say there, and how fresh it is.",
        tables=(
            Table(
                name="in-stores",
                caption=words.counted(len(rows), "store") + ", those in conflict first",
                columns=(
                    Column("Store"),
                    Column("In the building", number=True),
                    Column("Promised", number=True),
                    Column("Not to be sold", number=True),
                    Column("Number from"),
                    Column("Told by"),
                    Column("State"),
                ),
                rows=[_in_store(item, row, now) for row in rows[:500]],
                why_empty="No store has ever had it, as far as we know: no feed has named it, and"
                " nobody has counted it.",
                more="The first 500 stores." if len(rows) > 500 else "",  # noqa: PLR2004
            ),
        ),
    )


def _in_store(item: Item, row: Row, now: datetime) -> Sequence[Cell]:
    as_of = row["as_of"]
    return (
        Cell(row["store"], note=row["store_id"], href=item_href(item.sku, row["store_id"])),
        Cell(words.units(row["on_hand"]), sort=row["on_hand"]),
        Cell(f"{row['reserved']:,}", sort=row["reserved"]),
        Cell(f"{row['unsellable']:,}" if row["unsellable"] else "", sort=row["unsellable"]),
        Cell(f"{words.age(now - as_of)} ago" if as_of else "never", sort=str(as_of or "")),
        Cell("a person" if row["by_person"] else row["feed_source"] or ""),
        Cell("in conflict", icon="alert", tone="stop")
        if row["in_conflict"]
        else Cell("no conflict", icon="check", tone="go"),
    )


def matches(rows: Rows, find: str) -> Listing:
    """Return the page on which an item is looked for."""
    return Listing(
        title="Stock, explained",
        lead="Find an item by its number, its barcode or a part of its name. Its page says how many"
        " can be sold in a store, and why we say so.",
        tables=(
            Table(
                name="items",
                caption=f"Items that match “{find}”",
                columns=(Column("Item"), Column("Size"), Column("Department"), Column("Number")),
                rows=[
                    (
                        Cell(row["name"], href=item_href(row["sku"])),
                        Cell(row["size"]),
                        Cell(row["department"]),
                        Cell(row["sku"]),
                    )
                    for row in rows[:MATCHES]
                ],
                why_empty=f"No item has this number, barcode or name: “{find}”.",
                more=f"The first {MATCHES}. Type more of the name." if len(rows) > MATCHES else "",
            ),
        )
        if find
        else (),
        search=find,
        search_words="Item number, barcode or name",
    )
