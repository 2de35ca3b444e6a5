"""The catalog: what can be bought, and the codes that are printed on it."""

from collections.abc import Collection, Sequence
from typing import Final

from bopis.kernel.database import Tx
from bopis.kernel.ids import Sku
from inventory.models import Item

_KNOWN: Final = "SELECT * FROM items WHERE sku = ANY ($1::text[]) LIMIT 10000"


async def known(tx: Tx, skus: Collection[Sku]) -> dict[Sku, Item]:
    """Return those of the items that are in the catalog."""
    return {Sku(row["sku"]): Item.of(row) for row in await tx.rows(_KNOWN, list(skus))}


_NAMES: Final = "SELECT sku, name FROM items WHERE sku = ANY ($1::text[]) LIMIT 10000"


async def names(tx: Tx, skus: Collection[Sku]) -> dict[Sku, str]:
    """Return the names of those of the items that are in the catalog."""
    return {row["sku"]: row["name"] for row in await tx.rows(_NAMES, list(skus))}


_BY_GTINS: Final = """
    SELECT sku, quantity FROM item_gtins WHERE gtin = ANY ($1::text[])
     ORDER BY array_position($1::text[], gtin) LIMIT 1
"""


async def by_gtins(tx: Tx, gtins14: Sequence[str]) -> tuple[Sku, int] | None:
    """Return the item with the first of these codes that is known, and how many it holds."""
    row = await tx.row(_BY_GTINS, list(gtins14))
    return None if row is None else (Sku(row["sku"]), row["quantity"])


async def by_gtin(tx: Tx, gtin14: str) -> tuple[Sku, int] | None:
    """Return the item with this code, and how many of it one such package holds."""
    row = await tx.row("SELECT sku, quantity FROM item_gtins WHERE gtin = $1", gtin14)
    return None if row is None else (Sku(row["sku"]), row["quantity"])


_GTINS: Final = """
    SELECT sku, gtin FROM item_gtins WHERE sku = ANY ($1::text[])
     ORDER BY sku, quantity, gtin LIMIT 10000
"""


async def gtins(tx: Tx, skus: Collection[Sku]) -> dict[Sku, list[str]]:
    """Return the codes of each item, single units before cases; an item may have none."""
    found: dict[Sku, list[str]] = {sku: [] for sku in skus}
    for row in await tx.rows(_GTINS, list(skus)):
        found[Sku(row["sku"])].append(row["gtin"])
    return found


_CODES: Final = """
    SELECT gtin, sku, quantity FROM item_gtins WHERE sku = ANY ($1::text[])
     ORDER BY gtin LIMIT 10000
"""


async def codes(tx: Tx, skus: Collection[Sku]) -> list[tuple[str, Sku, int]]:
    """Return every code of these items, and how many units each stands for."""
    rows = await tx.rows(_CODES, list(skus))
    return [(row["gtin"], Sku(row["sku"]), row["quantity"]) for row in rows]
