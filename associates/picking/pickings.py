"""How a store picks, as it is kept; and what a walk has shown of where somebody stands."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from associates.picking import picking
from associates.picking.picking import USUAL, How, Loose, ShelfFirst
from associates.picking.scans import Line, Looks, ScanOutcome, Spot
from bopis.kernel.database import Tx
from bopis.kernel.ids import StoreId, TaskId
from inventory import stores
from inventory.layout import locations, whereabouts
from inventory.layout.whereabouts import Known, Sure
from inventory.models import Location

REMEMBERED: Final = 10.0
"""Seconds for which a process remembers how a store picks: every scan asks."""

_READ: Final = """
    SELECT shelf_first, scan_totes, heavy_first, alone, language FROM picking WHERE store_id = $1
"""


async def of(tx: Tx, store_id: StoreId) -> How:
    """Return how a store picks, from memory for a few seconds."""
    return await tx.memory.lately(("picking", store_id), REMEMBERED, lambda: _read(tx, store_id))


async def _read(tx: Tx, store_id: StoreId) -> How:
    row = await tx.row(_READ, store_id)
    if row is None:
        return USUAL
    shelf = ShelfFirst(row["shelf_first"])
    return How(shelf, row["scan_totes"], row["heavy_first"], row["alone"], row["language"])


_SET: Final = """
    INSERT INTO picking (store_id, shelf_first, scan_totes, heavy_first, alone, language)
    VALUES ($1, $2, $3, $4, $5, $6)
    ON CONFLICT (store_id) DO UPDATE
       SET shelf_first = EXCLUDED.shelf_first, scan_totes = EXCLUDED.scan_totes,
           heavy_first = EXCLUDED.heavy_first, alone = EXCLUDED.alone,
           language = EXCLUDED.language
"""


async def configure(tx: Tx, store_id: StoreId, how: How) -> None:
    """Say how a store picks from now on: the next scan, and the next walk that is planned."""
    said = (how.shelf_first, how.totes, how.heavy_first, how.alone, how.language)
    await tx.run(_SET, store_id, *said)
    forget(tx, store_id)


async def language(tx: Tx, store_id: StoreId) -> str:
    """Return what is spoken in a store, for what everybody there reads: as it says, or its country.

    Raises:
        StoreUnknown: There is no such store.
    """
    how = await of(tx, store_id)
    return how.language or stores.language(await stores.known(tx, store_id))


def forget(tx: Tx, store_id: StoreId) -> None:
    """Drop what is remembered of how a store picks."""
    tx.memory.forget(("picking", store_id))


_AT: Final = """
    SELECT place FROM scans
     WHERE store_id = $1 AND task_id = ANY ($2::uuid[]) AND outcome = 'applied'
       AND kind = 'look' AND code <> ''
     ORDER BY received_at DESC, device_seq DESC LIMIT 1
"""


async def at(tx: Tx, store_id: StoreId, tasks: Sequence[TaskId]) -> Spot | None:
    """Return the shelf whose label was scanned last in these walks; None: none was."""
    place = await tx.value(_AT, store_id, list(tasks))
    return (place[0], place[1], place[2], place[3]) if place else None


_LOOSE: Final = """
    SELECT s.task_id, s.kind, s.line, t.tote
      FROM scans AS s JOIN pick_tasks AS t ON t.store_id = $1 AND t.id = s.task_id
     WHERE s.store_id = $1 AND s.task_id = ANY ($2::uuid[]) AND s.outcome = 'applied'
       AND s.kind IN ('item', 'tote') AND t.tote IS NOT NULL
     ORDER BY s.received_at DESC, s.device_seq DESC LIMIT 1
"""


async def loose(tx: Tx, store_id: StoreId, tasks: Sequence[TaskId]) -> Loose | None:
    """Return what was scanned last for a tote, if the tote was not scanned since."""
    row = await tx.row(_LOOSE, store_id, list(tasks))
    if row is None or row["kind"] != "item":
        return None
    return Loose(TaskId(row["task_id"]), row["line"], row["tote"])


@dataclass(frozen=True, slots=True)
class Hands:
    """How a store picks, and what these hands have shown of it.

    Shapes:
        tasks: all that is in these hands.
        loose: what was scanned last for a tote that nobody has scanned since.
    """

    how: How
    tasks: Sequence[TaskId]
    loose: Loose | None = None


async def in_hand(tx: Tx, store_id: StoreId, tasks: Sequence[TaskId], *, totes: bool) -> Hands:
    """Return what the next scan of somebody is judged by.

    Shapes:
        totes: what they have in hand goes into more than one.
    """
    how = await of(tx, store_id)
    if not (how.totes and totes and tasks):
        return Hands(how, tasks)
    return Hands(how, tasks, await loose(tx, store_id, tasks))


async def before_item(
    tx: Tx, store_id: StoreId, hands: Hands, task_id: TaskId, line: Line
) -> ScanOutcome | None:
    """Return why an item does not count yet; None: it does."""
    if why := picking.first(hands.loose, task_id, line.line):
        return why
    if hands.how.shelf_first is ShelfFirst.NEVER:
        return None
    known = (await locations.find(tx, store_id, [line.sku]))[line.sku]
    place = await unproved(tx, store_id, hands, line.looks, known)
    return None if place is None else ScanOutcome.SHELF_FIRST


async def unproved(
    tx: Tx, store_id: StoreId, hands: Hands, looks: Looks, known: Sequence[Location]
) -> Location | None:
    """Return the place whose label is to be scanned before an item of it; None: none is.

    Shapes:
        known: the places of the item, the likeliest first.
    """
    spot = looks.here([locations.place_of(place) for place in known])
    place = next((place for place in known if locations.place_of(place) == spot), None)
    if place is None or not wants(hands.how, place, tx.now, labelled=bool(place.label)):
        return None
    there = await at(tx, store_id, hands.tasks)
    return None if picking.is_there(locations.place_of(place), there, looks.found) else place


def wants(how: How, place: Known, now: datetime, *, labelled: bool) -> bool:
    """Return whether the label of a place is scanned first, by how sure we are of it."""
    sure = whereabouts.sure(place, now) is Sure.SURE
    return picking.wants_shelf(how, labelled=labelled, sure=sure)
