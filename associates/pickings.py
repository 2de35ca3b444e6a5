"""How a store picks, as it is kept; and what a walk has shown of where somebody stands."""

import time as machine
from collections.abc import Sequence
from typing import Final, cast

from associates.picking import USUAL, How, Loose, ShelfFirst
from associates.scans import Spot
from bopis.kernel.database import Tx
from bopis.kernel.ids import StoreId, TaskId

REMEMBERED: Final = 10.0
"""Seconds for which a process remembers how a store picks: every scan asks."""

_READ: Final = "SELECT shelf_first, scan_totes, heavy_first FROM picking WHERE store_id = $1"


async def of(tx: Tx, store_id: StoreId) -> How:
    """Return how a store picks, from memory for a few seconds."""
    until, known = tx.memory.get(("picking", store_id), (0.0, USUAL))
    if until > machine.monotonic():
        return cast("How", known)
    row = await tx.row(_READ, store_id)
    how = USUAL
    if row is not None:
        how = How(ShelfFirst(row["shelf_first"]), row["scan_totes"], row["heavy_first"])
    tx.memory["picking", store_id] = (machine.monotonic() + REMEMBERED, how)
    return how


_SET: Final = """
    INSERT INTO picking (store_id, shelf_first, scan_totes, heavy_first) VALUES ($1, $2, $3, $4)
    ON CONFLICT (store_id) DO UPDATE
       SET shelf_first = EXCLUDED.shelf_first, scan_totes = EXCLUDED.scan_totes,
           heavy_first = EXCLUDED.heavy_first
"""


async def configure(tx: Tx, store_id: StoreId, how: How) -> None:
    """Say how a store picks from now on: the next scan, and the next walk that is planned."""
    await tx.run(_SET, store_id, how.shelf_first, how.totes, how.heavy_first)
    tx.memory.pop(("picking", store_id), None)


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
