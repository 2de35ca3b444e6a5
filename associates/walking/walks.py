"""The order of a walk, written down when somebody takes it on: so it stays while they walk."""

from collections.abc import Sequence
from typing import Final

from asyncpg import Record

from associates.picking import pickings
from associates.picking.scans import Looks
from associates.walking import burden
from associates.walking.walk import Place, Stop, planned
from bopis.kernel.database import Tx
from bopis.kernel.ids import Sku, StoreId, TaskId
from inventory import items
from inventory.layout import floors, locations
from inventory.models import Location

_LINES: Final = """
    SELECT l.task_id, l.line, l.sku, l.asked, l.turn, l.found + l.short >= l.asked AS is_done,
           (SELECT max(s.received_at) FROM scans AS s
             WHERE s.store_id = $1 AND s.task_id = l.task_id AND s.line = l.line
               AND s.outcome = 'applied') AS seen_at,
           (SELECT jsonb_agg(to_jsonb(s.kind || s.place) ORDER BY s.received_at, s.device_seq)
              FROM scans AS s
             WHERE s.store_id = $1 AND s.task_id = l.task_id AND s.line = l.line
               AND s.outcome = 'applied' AND s.kind IN ('look', 'miss', 'item')
               AND s.place IS NOT NULL) AS looks
      FROM pick_lines AS l
      JOIN pick_tasks AS t ON t.store_id = $1 AND t.id = l.task_id
     WHERE l.store_id = $1 AND l.task_id = ANY ($2::uuid[])
     ORDER BY t.tote, t.due_at, l.task_id, l.line
"""
_TURNS: Final = """
    UPDATE pick_lines AS l SET turn = n.turn, is_cut_off = n.is_cut_off
      FROM unnest($2::uuid[], $3::int[], $4::int[], $5::bool[])
           AS n (task_id, line, turn, is_cut_off)
     WHERE l.store_id = $1 AND l.task_id = n.task_id AND l.line = n.line
"""


async def plan(
    tx: Tx, store_id: StoreId, tasks: Sequence[TaskId], *, is_under_way: bool = False
) -> None:
    """Write in which order the lines of some tasks are walked, all of them in one walk.

    Args:
        tx: Of one store.
        store_id: Which.
        tasks: One, or a wave of them.
        is_under_way: What is done stays as it was walked; the rest is walked from the place where
            something was scanned last.
    """
    lines = await tx.rows(_LINES, store_id, list(tasks))
    skus = [Sku(line["sku"]) for line in lines]
    known = await locations.find(tx, store_id, skus)
    about = await items.known(tx, skus)
    places = [at(line, known[Sku(line["sku"])]) for line in lines]
    behind = [n for n, line in enumerate(lines) if is_under_way and line["is_done"]]
    behind.sort(key=lambda n: lines[n]["turn"] or 0)
    seen = [n for n, line in enumerate(lines) if is_under_way and line["seen_at"]]
    last = max(seen, key=lambda n: lines[n]["seen_at"], default=None)
    stops = [
        Stop(
            number,
            places[number],
            is_heavy=line["sku"] in about
            and burden.is_heavy(about[Sku(line["sku"])].size, line["asked"]),
        )
        for number, line in enumerate(lines)
        if number not in behind
    ]
    how = await pickings.of(tx, store_id)
    walk = planned(
        stops,
        await floors.of(tx, store_id),
        heavy_first=how.heavy_first,
        here=None if last is None else places[last],
    )
    order = [*behind, *(stop.line for stop in walk.stops)]
    await tx.run(
        _TURNS,
        store_id,
        [lines[n]["task_id"] for n in order],
        [lines[n]["line"] for n in order],
        list(range(len(order))),
        [n in walk.cut_off for n in order],
    )


def at(line: Record, known: list[Location]) -> Place | None:
    """Return where the walk passes for a line: where the looking began.

    So a look elsewhere does not send the walker off to another item.
    """
    first = Looks.of(line["looks"] or ()).first
    spots = [first] if first else [locations.place_of(place) for place in known[:1]]
    return Place(*spots[0]) if spots else None


_LIVE: Final = """
    SELECT id, wave_id FROM pick_tasks
     WHERE store_id = $1 AND state = 'claimed' ORDER BY id LIMIT 1000 FOR UPDATE
"""


async def plan_again(tx: Tx, store_id: StoreId) -> None:
    """Plan every walk that is under way anew, from where it is now: the floor is another.

    Whoever scans meanwhile goes first: tasks are locked before their lines, as scans do it.
    """
    hands: dict[object, list[TaskId]] = {}
    for row in await tx.rows(_LIVE, store_id):
        hands.setdefault(row["wave_id"] or row["id"], []).append(TaskId(row["id"]))
    for tasks in hands.values():
        await plan(tx, store_id, tasks, is_under_way=True)
