"""What would change if a batch were released, and whose order would lose. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from bopis.ops import words
from bopis.ops.feeds.reads import Tried
from bopis.ops.present import item_href, order_href
from bopis.ops.views import Cell, Column, Table
from inventory.feeds.models import BatchState
from inventory.feeds.previews import SHOWN, StorePreview

MOST = 200
"""Rows of a table: a chain has more stores than a page."""


@dataclass(frozen=True, slots=True)
class Trial:
    sentence: str
    stores: Table
    losing: Table
    changes: Table


def trial(tried: Tried) -> Trial:
    stores = sorted(tried.preview.stores, key=lambda s: (-s.conflicts, -s.applied, s.store_id))
    return Trial(
        sentence=_sentence(tried),
        stores=_stores_table(tried, stores),
        losing=_losing_table(tried, stores),
        changes=_changes_table(tried, stores),
    )


def _sentence(tried: Tried) -> str:
    stores = [store for store in tried.preview.stores if store.applied]
    if tried.preview.would_be is BatchState.SUPERSEDED or not stores:
        return "If you release it, nothing changes: we know all that it says, or something newer."
    news = sum(store.applied for store in stores)
    conflicts = sum(store.conflicts for store in stores)
    where = words.counted(len(stores), "store")
    said = f"If you release it, {words.counted(news, 'number')} in {where} would change"
    if not conflicts:
        return f"{said}, and nobody would lose by it."
    losing = {(store.store_id, one.order_id) for store in stores for one in store.losing}
    least = "at least " if any(len(store.losing) >= SHOWN for store in stores) else ""
    orders = f"{least}{words.counted(len(losing), 'order')} would lose"
    short = f"{words.counted(conflicts, 'item')} would be short of what is promised"
    return f"{said}; {short}, and {orders}."


def _stores_table(tried: Tried, stores: Sequence[StorePreview]) -> Table:
    return Table(
        name="would",
        caption="Store by store, those with conflicts first",
        columns=(
            Column("Store"),
            Column("Would change", number=True),
            Column("Known already", number=True),
            Column("Too old", number=True),
            Column("Unknown items", number=True),
            Column("New conflicts", number=True),
        ),
        rows=[
            (
                Cell(tried.stores.get(store.store_id, store.store_id), note=store.store_id),
                *(
                    Cell(f"{n:,}" if n else "", sort=n)
                    for n in (
                        store.applied,
                        store.unchanged,
                        store.stale,
                        store.unknown,
                        store.conflicts,
                    )
                ),
            )
            for store in stores[:MOST]
        ],
        why_empty="No row of it is about a store of ours.",
        more=f"The first {MOST} stores." if len(stores) > MOST else "",
    )


def _losing_table(tried: Tried, stores: Sequence[StorePreview]) -> Table:
    losing = [(store.store_id, one) for store in stores for one in store.losing]
    return Table(
        name="losing",
        caption="Whose order would lose: the first promise is served first",
        columns=(Column("Order"), Column("Store"), Column("Item"), Column("Short of", number=True)),
        rows=[
            (
                Cell(
                    tried.orders.get((store_id, one.order_id), "an order"),
                    href=order_href({"store_id": store_id, "id": one.order_id}),
                ),
                Cell(tried.stores.get(store_id, store_id)),
                Cell(tried.items.get(one.sku, one.sku), href=item_href(one.sku, store_id)),
                Cell(f"{one.missing:,}", sort=one.missing),
            )
            for store_id, one in losing[:MOST]
        ],
        why_empty="No order would lose by it.",
        more=f"The first {MOST}." if len(losing) > MOST else "",
    )


def _changes_table(tried: Tried, stores: Sequence[StorePreview]) -> Table:
    changes = [(store.store_id, change) for store in stores for change in store.changes]
    return Table(
        name="changes",
        caption="The first numbers that would change in each store",
        columns=(
            Column("Item"),
            Column("Store"),
            Column("Now", number=True),
            Column("Then", number=True),
            Column("Change", number=True),
        ),
        rows=[
            (
                Cell(tried.items.get(sku, sku), note=sku, href=item_href(sku, store_id)),
                Cell(tried.stores.get(store_id, store_id)),
                Cell(words.units(was), sort=was),
                Cell(words.units(after), sort=after),
                Cell(words.signed(after - was), sort=after - was),
            )
            for store_id, (sku, was, after) in changes[:MOST]
        ],
        why_empty="No number of units would change.",
        more=f"The first {MOST}." if len(changes) > MOST else "",
    )
