"""The walks of a package: as they were planned, or as they will be when they are taken on. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from associates.picking.scans import Looks, ScanKind, Spot
from associates.walking import burden
from associates.walking.walk import Place, planned
from associates.walking.walk import Stop as Call
from bopis.kernel.ids import Sku
from inventory.layout.floor import Floor

_LOOKS: Final = {ScanKind.LOOK, ScanKind.MISS, ScanKind.ITEM}

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Leg:
    """A stop of a walk."""

    task_id: UUID
    line: int
    place: Place | None
    is_cut_off: bool


@dataclass(frozen=True, slots=True)
class Known:
    """What walks are planned by.

    Shapes:
        spots: where the likeliest place of each item is; what has none, is left out.
        sizes: as labels say.
    """

    spots: Mapping[Sku, Spot]
    sizes: Mapping[Sku, str]
    floor: Floor | None
    heavy_first: bool = False


def together(tasks: Mapping[UUID, Row]) -> list[list[UUID]]:
    """Return which tasks are one walk, by their totes; most are one by themselves."""
    walks: dict[UUID, list[UUID]] = {}
    for task_id, row in sorted(tasks.items(), key=lambda one: one[1]["tote"] or 0):
        walks.setdefault(row["wave_id"] or task_id, []).append(task_id)
    return list(walks.values())


def legs(
    ids: Iterable[UUID],
    lines: Mapping[UUID, Sequence[Row]],
    acts: Mapping[UUID, Sequence[Row]],
    known: Known,
    *,
    anew: bool = False,
) -> list[Leg]:
    """Return the stops of one walk, done ones too, in the order in which they are walked.

    Args:
        ids: Which tasks, in the order of their totes.
        lines: Of all tasks.
        acts: Of all tasks.
        known: What walks are planned by.
        anew: Nobody walks it yet: however it was planned before.
    """
    rows = [line for task_id in ids for line in lines[task_id]]
    places = [_place(line, acts[line["task_id"]], known) for line in rows]
    cut = {n for n, line in enumerate(rows) if line["is_cut_off"]}
    if anew or any(line["turn"] is None for line in rows):
        walk = planned(
            [
                Call(n, place, is_heavy=_is_heavy(line, known))
                for n, (line, place) in enumerate(zip(rows, places, strict=True))
            ],
            known.floor,
            heavy_first=known.heavy_first,
        )
        order, cut = [call.line for call in walk.stops], set(walk.cut_off)
    else:
        order = sorted(range(len(rows)), key=lambda n: rows[n]["turn"])
    return [Leg(rows[n]["task_id"], rows[n]["line"], places[n], n in cut) for n in order]


def _place(line: Row, acts: Sequence[Row], known: Known) -> Place | None:
    looks = Looks.of(
        (act["kind"], *act["place"])
        for act in acts
        if act["line"] == line["line"] and act["place"] and ScanKind(act["kind"]) in _LOOKS
    )
    spot = looks.first or known.spots.get(Sku(line["sku"]))
    return Place(*spot) if spot else None


def _is_heavy(line: Row, known: Known) -> bool:
    return burden.is_heavy(known.sizes.get(Sku(line["sku"]), ""), line["asked"])
