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


_CODES: Final = """
    SELECT sku, gtin, quantity FROM item_gtins WHERE sku = ANY ($1::text[])
     ORDER BY sku, quantity, gtin LIMIT 10000
"""


async def codes(tx: Tx, skus: Collection[Sku]) -> dict[Sku, dict[str, int]]:
    """Return the codes of each item with how many units each holds, single units before cases.

    Shapes:
        returns: every item that was asked for; one that has no code has none here.
    """
    found: dict[Sku, dict[str, int]] = {sku: {} for sku in skus}
    for row in await tx.rows(_CODES, list(skus)):
        found[Sku(row["sku"])][row["gtin"]] = row["quantity"]
    return found
