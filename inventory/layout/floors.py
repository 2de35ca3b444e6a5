"""Floors as they are kept: read, replaced, blocked and freed."""

from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from bopis.kernel.database import Database, Tx
from bopis.kernel.errors import Invalid, NotFound
from bopis.kernel.ids import StoreId
from inventory import stores
from inventory.events import FloorChanged
from inventory.layout.floor import Block, Direction, Floor, Point, PointKind, Way
from inventory.layout.ways import net

LONGEST_REASON: Final = 100


class AisleUnknown(NotFound):
    title = "The plan of this store has no such aisle"


class BlockImpossible(Invalid):
    title = "This aisle cannot be blocked so"


_READ: Final = """
    SELECT (SELECT jsonb_agg(to_jsonb(w) ORDER BY w.number, w.zone, w.aisle)
              FROM floor_ways AS w WHERE w.store_id = $1) AS ways,
           (SELECT jsonb_agg(to_jsonb(p) ORDER BY p.number, p.kind, p.label)
              FROM floor_points AS p WHERE p.store_id = $1) AS points
"""


async def of(tx: Tx, store_id: StoreId) -> Floor | None:
    """Return a store's floor as it is blocked now; None: nobody has told us what it is like."""
    floor = await kept(tx, store_id)
    return None if floor is None else floor.now(tx.now)


async def kept(tx: Tx, store_id: StoreId) -> Floor | None:
    """Return a store's floor with every block; never from memory: nobody walks into a new one."""
    row = await tx.row(_READ, store_id)
    assert row is not None
    if not row["ways"]:
        return None
    return Floor(tuple(map(_way, row["ways"])), tuple(map(_point, row["points"] or ())))


_MARK: Final = """
    SELECT md5(string_agg(concat_ws(':', zone, aisle, x1, y1, x2, y2, is_one_way, blocked_reason,
                                    blocked_until, blocked_from, blocked_to, blocked_direction),
                          ',' ORDER BY number))
      FROM floor_ways WHERE store_id = $1
"""


async def mark(tx: Tx, store_id: StoreId) -> str:
    """Return what differs when a floor, or what is blocked there, does; blank: there is no plan."""
    return await tx.value(_MARK, store_id) or ""


def _way(row: Mapping[str, Any]) -> Way:
    block = None
    if row["blocked_reason"] is not None:
        until = row["blocked_until"]
        block = Block(
            row["blocked_reason"],
            datetime.fromisoformat(until) if until else None,
            None if row["blocked_from"] is None else (row["blocked_from"], row["blocked_to"]),
            Direction(row["blocked_direction"] or Direction.BOTH),
        )
    return Way(
        row["aisle"],
        (row["x1"], row["y1"]),
        (row["x2"], row["y2"]),
        zone=row["zone"],
        bays=None if row["first_bay"] is None else (row["first_bay"], row["last_bay"]),
        is_one_way=row["is_one_way"],
        is_cross=row["kind"] == "cross",
        block=block,
    )


def _point(row: Mapping[str, Any]) -> Point:
    return Point(PointKind(row["kind"]), row["x"], row["y"], row["label"])


_NO_WAYS: Final = "DELETE FROM floor_ways WHERE store_id = $1"
_WAYS: Final = """
    INSERT INTO floor_ways (store_id, number, zone, aisle, kind, x1, y1, x2, y2, first_bay,
                            last_bay, is_one_way, blocked_reason, blocked_until, blocked_from,
                            blocked_to, blocked_direction)
    SELECT $1, w.number, w.zone, w.aisle, w.kind, w.x1, w.y1, w.x2, w.y2, w.first_bay,
           w.last_bay, w.is_one_way, w.blocked_reason, w.blocked_until, w.blocked_from,
           w.blocked_to, w.blocked_direction
      FROM jsonb_to_recordset($2) AS w (
           number int, zone text, aisle text, kind text, x1 float, y1 float, x2 float, y2 float,
           first_bay int, last_bay int, is_one_way bool, blocked_reason text,
           blocked_until timestamptz, blocked_from int, blocked_to int, blocked_direction text)
"""
_NO_POINTS: Final = "DELETE FROM floor_points WHERE store_id = $1"
_POINTS: Final = """
    INSERT INTO floor_points (store_id, number, kind, label, x, y)
    SELECT $1, p.number, p.kind, p.label, p.x, p.y
      FROM jsonb_to_recordset($2) AS p (number int, kind text, label text, x float, y float)
"""


async def put(tx: Tx, store_id: StoreId, floor: Floor) -> bool:
    """Write a store's floor in place of what we had; return whether anything is new.

    What stands in an aisle that stays is still there: a new plan moves no pallet.
    """
    was = await kept(tx, store_id)
    blocks = {(way.zone, way.aisle): way.block for way in was.ways} if was else {}
    now = Floor(
        tuple(way.blocked(blocks.get((way.zone, way.aisle))) for way in floor.ways), floor.points
    )
    if was == now:
        return False
    await tx.run(_NO_WAYS, store_id)
    await tx.run(_NO_POINTS, store_id)
    await tx.run(_WAYS, store_id, [_row(n, way) for n, way in enumerate(now.ways)])
    await tx.run(
        _POINTS,
        store_id,
        [
            {"number": n, "kind": one.kind, "label": one.label, "x": one.x, "y": one.y}
            for n, one in enumerate(now.points)
        ],
    )
    await _announce(tx, store_id)
    return True


def _row(number: int, way: Way) -> dict[str, Any]:
    (x1, y1), (x2, y2) = way.start, way.end
    first, last = way.bays or (None, None)
    block = way.block
    blocked = block.bays if block and block.bays else (None, None)
    return {
        "number": number, "zone": way.zone, "aisle": way.aisle,
        "kind": "cross" if way.is_cross else "aisle",
        "x1": x1, "y1": y1, "x2": x2, "y2": y2, "first_bay": first, "last_bay": last,
        "is_one_way": way.is_one_way,
        "blocked_reason": block.reason if block else None,
        "blocked_until": block.until.isoformat() if block and block.until else None,
        "blocked_from": blocked[0], "blocked_to": blocked[1],
        "blocked_direction": block.direction if block else None,
    }  # fmt: skip


_BLOCK: Final = """
    UPDATE floor_ways
       SET blocked_reason = $4, blocked_until = $5, blocked_from = $6, blocked_to = $7,
           blocked_direction = $8
     WHERE store_id = $1 AND zone = $2 AND aisle = $3
"""


async def block(tx: Tx, store_id: StoreId, aisle: str, block: Block, *, zone: str = "") -> Way:
    """Note that something stands in an aisle: walks lead round it from now on.

    Raises:
        AisleUnknown: The plan has none of this name, or there is no plan.
        BlockImpossible: It names bays that the aisle has not, gives no reason, is over already, or
            shuts a one-way aisle in the direction in which nobody walks it.
    """
    way = await _named(tx, store_id, zone, aisle)
    if not block.reason.strip() or len(block.reason) > LONGEST_REASON:
        raise BlockImpossible("Say in a few words what stands in the way.")
    if block.until is not None and block.until <= tx.now:
        raise BlockImpossible("This time has passed. Say until when it will stand there.")
    if block.bays is not None:
        known = way.bays and range(min(way.bays), max(way.bays) + 1)
        if not known or not all(bay in known for bay in block.bays):
            raise BlockImpossible(f"Aisle {way.aisle} has no such bays.", bays=way.bays)
    if way.is_one_way and block.direction is Direction.BACK:
        raise BlockImpossible(f"Nobody walks aisle {way.aisle} that way: it is one-way.")
    await tx.run(
        _BLOCK,
        store_id,
        way.zone,
        way.aisle,
        block.reason.strip(),
        block.until,
        *(sorted(block.bays) if block.bays else (None, None)),
        Direction.BOTH if way.is_one_way else block.direction,
    )
    await _announce(tx, store_id)
    return way


async def free(tx: Tx, store_id: StoreId, aisle: str, *, zone: str = "") -> Way:
    """Note that an aisle can be walked again; if nothing was in the way, nothing happens.

    Raises:
        AisleUnknown: The plan has none of this name, or there is no plan.
    """
    way = await _named(tx, store_id, zone, aisle)
    if way.block is not None:
        await tx.run(_BLOCK, store_id, way.zone, way.aisle, *[None] * 5)
        await _announce(tx, store_id)
    return way


_OVER: Final = """
    SELECT DISTINCT store_id FROM floor_ways  /* fanout: watch */
     WHERE blocked_until <= $1 LIMIT 1000
"""
_LAPSE: Final = """
    UPDATE floor_ways
       SET blocked_reason = NULL, blocked_until = NULL, blocked_from = NULL, blocked_to = NULL,
           blocked_direction = NULL
     WHERE store_id = $1 AND blocked_until <= $2
"""


async def lapse(db: Database) -> int:
    """Free every aisle whose time has come; return of how many stores."""
    async with db.transaction() as tx:
        over = [StoreId(row["store_id"]) for row in await tx.rows(_OVER, tx.now)]
    for store_id in over:
        async with db.transaction(store_id) as tx:
            if await tx.run(_LAPSE, store_id, tx.now):
                await _announce(tx, store_id)
    return len(over)


async def _named(tx: Tx, store_id: StoreId, zone: str, aisle: str) -> Way:
    floor = await kept(tx, store_id)
    if floor is None:
        raise AisleUnknown(f"We have no plan of the floor of store {store_id}.")
    found = floor.way(zone, aisle) or next(
        (way for way in floor.ways if way.is_cross and way.aisle == aisle), None
    )
    if found is None:
        names = ", ".join(way.aisle for way in floor.ways)
        raise AisleUnknown(f"The plan has no aisle {aisle}. It has {names}.", aisle=aisle)
    return found


async def _announce(tx: Tx, store_id: StoreId) -> None:
    await tx.emit(FloorChanged(store_id=store_id))


def moment(text: str, zone: str, now: datetime) -> datetime:
    """Return a time as somebody in the store writes it: 15:00 is the next one on its wall.

    Raises:
        ValueError: It is neither a time of the day nor an instant.
    """
    if len(text) > len("15:00"):
        return stores.instant(datetime.fromisoformat(text), zone)
    here = now.astimezone(ZoneInfo(zone))
    wall = datetime.combine(here.date(), time.fromisoformat(text))
    found = stores.instant(wall, zone)
    return found if found > now else stores.instant(wall + timedelta(days=1), zone)


def bays(text: str) -> tuple[int, int] | None:
    """Return bays as somebody writes them: ``4-6``, or ``4``; blank: none.

    Raises:
        BlockImpossible: It is neither.
    """
    if not text.strip():
        return None
    first, _, last = (part.strip() for part in text.partition("-"))
    if not first.isdecimal() or not (last or first).isdecimal():
        raise BlockImpossible(f"Write the bays as 4-6, or as 4. {text!r} is neither.")
    return int(first), int(last or first)


def unreached(floor: Floor) -> list[Way]:
    """Return the aisles to which no way leads from the counter.

    Shapes:
        floor: as it is blocked now; without any block, they show where the plan is wrong.
    """
    made = net(floor)
    counter = floor.point(PointKind.COUNTER)
    begins = made.beside(counter) if counter else None
    middles = [made.at((way.zone, way.aisle, "", "")) for way in floor.ways if not way.is_cross]
    begins = begins or next((spot for spot in middles if spot), None)
    aisles: Sequence[Way] = [way for way in floor.ways if not way.is_cross]
    return [
        way
        for way, spot in zip(aisles, middles, strict=True)
        if begins is None or spot is None or made.distance(begins, spot) == float("inf")
    ]
