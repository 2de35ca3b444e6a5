"""Bags of orders: labelled, put down at places, and handed over one by one.

Called with the order's task locked: whoever moves a bag holds the walk that it belongs to.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from asyncpg import Record

from associates.bagging import bag
from associates.bagging.bag import Bag, BagState
from associates.bagging.bag_models import Bagging
from associates.models import PickTask
from associates.picking.scans import ScanOutcome
from bopis.kernel.database import Tx
from bopis.kernel.ids import OrderId, StoreId, TaskId

_SETTINGS: Final = "SELECT * FROM bagging WHERE store_id = $1"


async def settings(tx: Tx, store_id: StoreId) -> Bagging:
    """Return how a store bags; one that has said nothing labels nothing."""
    row = await tx.row(_SETTINGS, store_id)
    return Bagging(store_id=store_id) if row is None else Bagging.of(row)


_SET: Final = """
    INSERT INTO bagging (store_id, labels, label_size, printer_host, printer_port, look_over,
                         look_for)
    VALUES ($1, $2, $3, $4, $5, $6, $7)
    ON CONFLICT (store_id) DO UPDATE
       SET labels = EXCLUDED.labels, label_size = EXCLUDED.label_size,
           printer_host = EXCLUDED.printer_host, printer_port = EXCLUDED.printer_port,
           look_over = EXCLUDED.look_over, look_for = EXCLUDED.look_for
"""


async def configure(tx: Tx, wanted: Bagging) -> None:
    """Say how a store bags from now on."""
    await tx.run(
        _SET,
        wanted.store_id,
        wanted.labels,
        wanted.label_size,
        wanted.printer_host,
        wanted.printer_port,
        wanted.look_over,
        wanted.look_for,
    )


_OF_ORDER: Final = """
    SELECT code, number, state, task_id, staging_code AS place FROM bags
     WHERE store_id = $1 AND order_id = $2 AND state <> 'emptied'
     ORDER BY number, code LIMIT 100
"""


async def of_order(tx: Tx, store_id: StoreId, order_id: OrderId) -> list[Bag]:
    """Return the bags that an order is in, or was handed over in."""
    return [_bag(row) for row in await tx.rows(_OF_ORDER, store_id, order_id)]


_OF_ORDERS: Final = """
    SELECT order_id, code, number, state, task_id, staging_code AS place FROM bags
     WHERE store_id = $1 AND order_id = ANY ($2::uuid[]) AND state <> 'emptied'
     ORDER BY order_id, number, code LIMIT 1000
"""


async def of_orders(
    tx: Tx, store_id: StoreId, order_ids: Collection[OrderId]
) -> dict[OrderId, list[Bag]]:
    """Return the bags of several orders."""
    found: dict[OrderId, list[Bag]] = {order_id: [] for order_id in order_ids}
    for row in await tx.rows(_OF_ORDERS, store_id, list(order_ids)):
        found[OrderId(row["order_id"])].append(_bag(row))
    return found


_FIND: Final = """
    SELECT b.code, b.number, b.state, b.task_id, b.staging_code AS place, t.number AS of_order,
           t.state = 'cancelled' AS is_over
      FROM bags AS b JOIN pick_tasks AS t ON t.store_id = $1 AND t.id = b.task_id
     WHERE b.store_id = $1 AND b.code = $2
"""


@dataclass(frozen=True, slots=True)
class Found:
    bag: Bag
    order_number: str
    is_over: bool
    """Nobody will collect its order: what is in it goes back on its shelf."""


async def find(tx: Tx, store_id: StoreId, code: str) -> Found | None:
    """Return the bag that wears a label, whatever has become of it."""
    row = await tx.row(_FIND, store_id, code)
    return None if row is None else Found(_bag(row), row["of_order"], row["is_over"])


def _bag(row: Record) -> Bag:
    return Bag(
        code=row["code"],
        number=row["number"],
        state=BagState(row["state"]),
        task_id=TaskId(row["task_id"]),
        place=row["place"],
    )


_MAKE: Final = """
    INSERT INTO bags (store_id, code, task_id, order_id, number, made_at)
    SELECT $1, w.code, $2, $3, w.number, $4
      FROM unnest($5::text[], $6::int[]) AS w (code, number)
"""
_EMPTY: Final = """
    UPDATE bags SET state = 'emptied', given_by = NULL
     WHERE store_id = $1 AND order_id = $2 AND code = ANY ($3::text[])
"""


_IS_TAKEN: Final = (
    "SELECT EXISTS (SELECT FROM bags WHERE store_id = $1 AND code = ANY ($2::text[]))"
)


async def count(tx: Tx, task: PickTask, wanted: int, scan_id: UUID) -> list[Bag]:
    """Let an order be in so many bags; return those that are new.

    Bags that are no longer needed go, the last one first: its label opens nothing from then on.

    Shapes:
        scan_id: of the act that says so: the codes of the new bags are made of it.
    """
    had = await of_order(tx, task.store_id, task.order_id)
    if gone := had[wanted:]:
        codes = [one.code for one in gone]
        await tx.run(_EMPTY, task.store_id, task.order_id, codes)
    first = had[-1].number + 1 if had else 1
    numbers = range(first, first + wanted - len(had))
    codes = [bag.code(scan_id, number) for number in numbers]
    if codes and await tx.value(_IS_TAKEN, task.store_id, codes):
        chance = tx.new_id()  # somebody plays with a device: no two bags wear one label
        codes = [bag.code(chance, number) for number in numbers]
    new = [
        Bag(code, number, BagState.PACKED, task.id)
        for code, number in zip(codes, numbers, strict=True)
    ]
    if new:
        await tx.run(
            _MAKE,
            task.store_id,
            task.id,
            task.order_id,
            tx.now,
            [one.code for one in new],
            [one.number for one in new],
        )
    return new


@dataclass(frozen=True, slots=True)
class Down:
    """What it did to put bags down at a place.

    Shapes:
        refused: why nothing was put down; None: it was.
        left: bags that stand nowhere yet.
        proofs: the scans that put the others at their places, this one not among them.
    """

    refused: ScanOutcome | None = None
    moved: int = 0
    left: int = 0
    place: str = ""
    proofs: tuple[UUID, ...] = ()


_PUT_DOWN: Final = """
    UPDATE bags SET state = 'waiting', staging_code = $4, placed_by = $5
     WHERE store_id = $1 AND order_id = $2 AND code = ANY ($3::text[])
       AND state IN ('packed', 'waiting')
"""
_PROOFS: Final = """
    SELECT DISTINCT placed_by FROM bags
     WHERE store_id = $1 AND order_id = $2 AND state = 'waiting' AND placed_by <> $3
"""


async def put_down(tx: Tx, task: PickTask, place: str, codes: Sequence[str], scan_id: UUID) -> Down:
    """Put bags down at a place that was scanned; without codes, all that stand nowhere yet.

    Where bags wear no labels, the one scan says where all of the order is.
    """
    here = await of_order(tx, task.store_id, task.order_id)
    if not here:
        labels = (await settings(tx, task.store_id)).labels
        return Down(ScanOutcome.BAGS_FIRST if labels else None, place=place)
    if bag.strangers(here, codes):
        return Down(ScanOutcome.WRONG_BAG)
    meant = {bag.read(code) for code in codes}
    unplaced = [one for one in here if one.place is None]
    moved = [one for one in here if one.code in meant] if codes else unplaced or here
    await tx.run(
        _PUT_DOWN, task.store_id, task.order_id, [one.code for one in moved], place, scan_id
    )
    rows = await tx.rows(_PROOFS, task.store_id, task.order_id, scan_id)
    left = [one for one in unplaced if one not in moved]
    first = next((place if one in moved else one.place for one in here), place)
    return Down(None, len(moved), len(left), first or place, tuple(r["placed_by"] for r in rows))


_TAKE_DOWN: Final = """
    UPDATE bags SET state = 'packed', staging_code = NULL, placed_by = NULL
     WHERE store_id = $1 AND order_id = $2 AND state = 'waiting'
"""
_EMPTY_ALL: Final = """
    UPDATE bags SET state = 'emptied'
     WHERE store_id = $1 AND order_id = $2 AND state IN ('packed', 'waiting')
"""


async def take_down(tx: Tx, store_id: StoreId, order_id: OrderId) -> None:
    """Note that an order is staged no more: its bags keep their labels, and stand nowhere."""
    await tx.run(_TAKE_DOWN, store_id, order_id)


async def empty(tx: Tx, store_id: StoreId, order_id: OrderId) -> None:
    """Note that nothing of an order is in its bags any more, or that nobody finds them."""
    await tx.run(_EMPTY_ALL, store_id, order_id)


_GIVE: Final = """
    UPDATE bags SET state = 'given', given_by = $3, by_hand = number = ANY ($4::int[])
     WHERE store_id = $1 AND order_id = $2 AND state IN ('packed', 'waiting')
"""


async def give(
    tx: Tx, store_id: StoreId, order_id: OrderId, given: bag.Given, scan_id: UUID
) -> ScanOutcome:
    """Hand an order's bags over, if every one of them was scanned or vouched for.

    A store that labels nothing hands over what it has, and nobody scans a bag.
    """
    here = await of_order(tx, store_id, order_id)
    if not here:
        return ScanOutcome.APPLIED
    if bag.strangers(here, given.codes):
        return ScanOutcome.WRONG_BAG
    left = bag.left(here, given)
    if left and (await settings(tx, store_id)).labels:
        return ScanOutcome.BAGS_LEFT
    scanned = {bag.read(code) for code in given.codes}
    by_hand = [one.number for one in here if one.code not in scanned]
    await tx.run(_GIVE, store_id, order_id, scan_id, by_hand)
    return ScanOutcome.APPLIED
