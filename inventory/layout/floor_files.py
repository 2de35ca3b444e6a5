"""A floor as a file: one line for each aisle, cross aisle and point. Read and written."""

from collections.abc import Mapping
from functools import partial
from math import hypot, isfinite
from typing import Any, Final, TypeVar

from bopis.kernel.database import Database
from bopis.kernel.ids import StoreId
from inventory import stores
from inventory.catalog import bulk, sheets
from inventory.catalog.bulk import Sheet
from inventory.catalog.loading import Loaded
from inventory.feeds import values
from inventory.feeds.intake import File
from inventory.feeds.rejects import Bad, Reason, Reject
from inventory.layout import floors
from inventory.layout.floor import Floor, Point, PointKind, Way
from inventory.stores import StoreUnknown

K = TypeVar("K")
V = TypeVar("V")

FARTHEST: Final = 10_000.0
"""Meters from the origin of a plan. What lies farther away was not measured in meters."""

SHORTEST: Final = 0.2
MOST: Final = 500
"""Ways of one floor, or points."""

WAYS: Final = frozenset({"aisle", "cross"})


def _kind(name: str, text: str) -> str:
    kind = text.strip().lower()
    if kind not in {*WAYS, *PointKind}:
        raise Bad(name, Reason.NOT_A_CHOICE)
    return kind


def _meters(name: str, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        raise Bad(name, Reason.NOT_A_NUMBER) from None
    if not isfinite(value) or abs(value) > FARTHEST:
        raise Bad(name, Reason.OUT_OF_RANGE)
    return value


def _maybe_meters(name: str, text: str) -> float | None:
    return _meters(name, text) if text.strip() else None


def _bay(name: str, text: str) -> int | None:
    return values.whole(name, text, 0, 10_000) if text.strip() else None


def _flag(name: str, text: str) -> bool:
    answers = {"": False, "no": False, "false": False, "0": False}
    answers |= {"yes": True, "true": True, "1": True}
    if text.strip().lower() not in answers:
        raise Bad(name, Reason.NOT_A_CHOICE)
    return answers[text.strip().lower()]


_SIGN: Final = partial(values.words, longest=40)

SHEET: Final = Sheet(
    required={"store_id": bulk.store, "kind": _kind, "x": _meters, "y": _meters},
    optional={
        "name": _SIGN,
        "zone": _SIGN,
        "x2": _maybe_meters,
        "y2": _maybe_meters,
        "first_bay": _bay,
        "last_bay": _bay,
        "one_way": _flag,
    },
)
Entry = Mapping[str, Any]


async def load(
    db: Database, file: File, *, actor: str, only_store: StoreId | None = None
) -> Loaded:
    """Take in a plan: it replaces the floor of each store that it names.

    Half a floor is worse than none, so one bad line is enough and nothing of its file is written.

    Raises:
        FileUnreadable: Nothing in the file can be understood; nothing was done.
    """
    loaded = Loaded()
    plans: dict[StoreId, list[tuple[int, Entry]]] = {}
    async with sheets.read(db, file, f"{__name__}:SHEET") as pages:
        async for page in pages:
            loaded.rows += len(page.rows) + len(page.rejects)
            loaded.reject(page.rejects)
            for line, entry in page.rows:
                plans.setdefault(StoreId(entry["store_id"]), []).append((line, entry))
    made: dict[StoreId, Floor] = {}
    for store_id, rows in sorted(plans.items()):
        floor, bad = understood(rows)
        if only_store not in {None, store_id} or not await _is_known(db, store_id):
            bad = [Reject(line, "store_id", Reason.UNKNOWN_STORE, store_id) for line, _ in rows]
        loaded.reject(bad)
        made[store_id] = floor
    if loaded.rejected:
        return loaded
    for store_id, floor in made.items():
        async with db.transaction(store_id, actor=actor) as tx:
            if await floors.put(tx, store_id, floor):
                loaded.written += len(floor.ways) + len(floor.points)
    return loaded


async def _is_known(db: Database, store_id: StoreId) -> bool:
    async with db.transaction(store_id) as tx:
        try:
            await stores.get(tx, store_id)
        except StoreUnknown:
            return False
    return True


def understood(rows: list[tuple[int, Entry]]) -> tuple[Floor, list[Reject]]:
    """Return the floor that some lines describe, and the lines that describe none."""
    ways: dict[tuple[str, str], Way] = {}
    points: dict[tuple[PointKind, str], Point] = {}
    bad: list[Reject] = []
    for line, entry in rows:
        try:
            if entry["kind"] in WAYS:
                way = _way(entry)
                _once(ways, (way.zone, way.aisle), way)
            else:
                kind, label = PointKind(entry["kind"]), entry.get("name") or ""
                _once(points, (kind, label), Point(kind, entry["x"], entry["y"], label))
        except Bad as fault:
            bad.append(Reject(line, fault.field, fault.reason, str(entry.get(fault.field, ""))))
    if not ways and not bad:
        bad.append(Reject(rows[0][0], "kind", Reason.MISSING, "a plan needs an aisle"))
    return Floor(tuple(ways.values()), tuple(points.values())), bad


def _once(known: dict[K, V], key: K, value: V) -> None:
    if key in known or len(known) == MOST:
        raise Bad("name", Reason.CONTRADICTED)
    known[key] = value


def _way(entry: Entry) -> Way:
    for name in ("name", "x2", "y2"):
        if entry.get(name) in {None, ""}:
            raise Bad(name, Reason.MISSING)
    bays = entry.get("first_bay"), entry.get("last_bay")
    if (bays[0] is None) is not (bays[1] is None):
        raise Bad("last_bay" if bays[1] is None else "first_bay", Reason.MISSING)
    if hypot(entry["x2"] - entry["x"], entry["y2"] - entry["y"]) < SHORTEST:
        raise Bad("x2", Reason.OUT_OF_RANGE)
    return Way(
        entry["name"],
        (entry["x"], entry["y"]),
        (entry["x2"], entry["y2"]),
        zone=entry.get("zone") or "",
        bays=None if bays[0] is None or bays[1] is None else (bays[0], bays[1]),
        is_one_way=bool(entry.get("one_way")),
        is_cross=entry["kind"] == "cross",
    )
