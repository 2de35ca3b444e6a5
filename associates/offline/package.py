"""What a handheld takes along into a dead spot, read in a handful of statements."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from asyncpg import Record

from associates.bagging import bags
from associates.bagging.bag import Bag
from associates.bagging.bag_schemas import BagOut
from associates.counting import counts
from associates.handheld import list_screens, parts, place_wording, wording
from associates.handheld.devices import Holder
from associates.handheld.task_schemas import TaskCard, TasksData
from associates.handheld.walk_schemas import ReasonOut
from associates.offline import package_ready, package_walks
from associates.offline.package_schemas import (
    PackAct,
    Package,
    PackBagging,
    PackCode,
    PackItem,
    PackLine,
    PackPlace,
    PackTask,
    PackTogether,
    PackTotes,
    PackWave,
    ShelfLabel,
    Stop,
)
from associates.offline.package_walks import Leg
from associates.picking import hands, pickings
from associates.picking.picking import How
from associates.picking.scans import TaskState
from associates.walking import maps, wave
from associates.walking.maps import Call
from associates.walking.wave import TOTES
from bopis.kernel.database import Tx
from bopis.kernel.ids import OrderId, Sku, inward, outward
from bopis.kernel.speech import t
from inventory import items, stores
from inventory.layout import floors, locations, sought
from inventory.layout.floor import Floor
from inventory.layout.sought import Sought
from inventory.looking import counting
from inventory.models import Location

TAKEN_ALONG: Final = 20
"""Tasks. It is the soonest due of them that somebody without a network can go on with."""

_TASKS: Final = """
    SELECT t.id, t.order_id, t.number, t.state, t.device_id, t.assigned_to, t.wave_id, t.tote,
           a.name AS who,
           (SELECT b.name FROM take_overs AS o
              JOIN associates AS b ON b.store_id = $1 AND b.id = o.asked_by
             WHERE o.store_id = $1 AND o.task_id = t.id AND o.fence = t.fence
               AND o.answered_at IS NULL) AS asked_by
      FROM pick_tasks AS t
      LEFT JOIN associates AS a ON a.store_id = $1 AND a.id = t.assigned_to
     WHERE t.store_id = $1 AND t.id = ANY ($2::uuid[])
"""
_LINES: Final = """
    SELECT task_id, line, sku, name, asked, found, short, skipped, turn, is_cut_off FROM pick_lines
     WHERE store_id = $1 AND task_id = ANY ($2::uuid[]) ORDER BY task_id, line
"""
_ACTS: Final = """
    SELECT task_id, id AS scan_id, kind, line, sku, quantity, place,
           extract(epoch FROM received_at)::float8 AS at,
           kind = 'look' AND code <> '' AS scanned,
           row_number() OVER (ORDER BY received_at, device_seq)::int AS nth
      FROM scans
     WHERE store_id = $1 AND task_id = ANY ($2::uuid[]) AND outcome = 'applied'
       AND kind IN ('item', 'short', 'skip', 'look', 'miss', 'zero_check', 'tote')
     ORDER BY received_at, device_seq LIMIT 5000
"""


async def package(tx: Tx, holder: Holder) -> Package:
    """Return what one handheld needs to go on by itself."""
    listed = await list_screens.tasks(tx, holder)
    cards = {inward(card.task_id)[1]: card for card in listed.tasks[:TAKEN_ALONG]}
    found = await _found(tx, holder, list(cards))
    skus = {line["sku"]: line["name"] for lines in found.lines.values() for line in lines}
    skus |= {duty.sku: duty.name for duty in listed.put_backs}
    skus |= {card.sku: card.name for card in listed.counts}
    wanted = await sought.find(tx, holder.store_id, [Sku(sku) for sku in skus])
    known = {sku: one.places for sku, one in wanted.items()}
    floor = await floors.of(tx, holder.store_id)
    picks = await pickings.of(tx, holder.store_id)
    by = _walked_by(wanted, floor, picks)
    walks = [
        package_walks.legs(ids, found.lines, found.acts, by)
        for ids in package_walks.together(found.tasks)
    ]
    offered = _offered(listed, found)
    joint = package_walks.legs(offered, found.lines, found.acts, by, anew=True)
    drawn = [*walks, joint] if joint else walks
    store = await stores.get(tx, holder.store_id)
    zone = ZoneInfo(store.time_zone)
    found = replace(found, blocked=_blocked(tx, walks, floor, zone))
    how = await bags.settings(tx, holder.store_id)
    staging = {
        place.code: place.label for place in await locations.staging_places(tx, holder.store_id)
    }
    return Package(
        as_of=tx.now,
        today=tx.now.astimezone(zone).date(),
        due=listed,
        tasks=[
            _task(holder, found, task_id, card, staging=staging) for task_id, card in cards.items()
        ],
        walk=[stop for walk in walks for stop in _stops(holder, walk)],
        together=PackTogether(
            totes=[hands.tote(number) for number, _ in enumerate(offered, 1)],
            walk=_stops(holder, joint),
        )
        if offered
        else None,
        waves={
            id_.hex: PackWave(orders=orders, notice=notice)
            for id_, (orders, notice) in (await hands.waves(tx, holder, found.waves)).items()
        },
        ready=await package_ready.ready(tx, holder, staging),
        floor=maps.drawn(floor, _calls(holder, drawn)) if floor else None,
        floor_mark=await floors.mark(tx, holder.store_id) if floor else "",
        items=await _items(tx, holder, skus, wanted, zone),
        codes={
            gtin: PackCode(sku=sku, quantity=quantity)
            for sku, codes in (await items.codes(tx, [Sku(sku) for sku in skus])).items()
            for gtin, quantity in codes.items()
        },
        labels=_labels(known),
        shelf_first=picks.shelf_first,
        alone=picks.alone,
        staging=staging,
        totes=PackTotes(
            scan=picks.totes, labels={wave.label(number): hands.tote(number) for number in TOTES}
        ),
        bagging=PackBagging(labels=how.labels, printer=how.printer_host is not None),
        reasons=[ReasonOut(code=code, text=t(text)) for code, text in wording.REASONS.items()],
        sentences=wording.sentences() | place_wording.sentences(),
    )


@dataclass(frozen=True, slots=True)
class _Found:
    tasks: Mapping[UUID, Record]
    lines: Mapping[UUID, Sequence[Record]]
    acts: Mapping[UUID, Sequence[Record]]
    bags: Mapping[OrderId, Sequence[Bag]]
    blocked: Mapping[tuple[UUID, int], str] = field(default_factory=dict)
    """Why no way leads to some lines."""

    @property
    def waves(self) -> set[UUID]:
        return {row["wave_id"] for row in self.tasks.values() if row["wave_id"] is not None}


async def _found(tx: Tx, holder: Holder, ids: list[UUID]) -> _Found:
    key = (holder.store_id, ids)
    tasks = {row["id"]: row for row in await tx.rows(_TASKS, *key)}
    orders = [OrderId(row["order_id"]) for row in tasks.values()]
    return _Found(
        tasks,
        _by_task(await tx.rows(_LINES, *key)),
        _by_task(await tx.rows(_ACTS, *key)),
        await bags.of_orders(tx, holder.store_id, orders),
    )


def _by_task(rows: Sequence[Record]) -> dict[UUID, list[Record]]:
    found: dict[UUID, list[Record]] = defaultdict(list)
    for row in rows:
        found[row["task_id"]].append(row)
    return found


def _walked_by(wanted: Mapping[Sku, Sought], floor: Floor | None, how: How) -> package_walks.Known:
    return package_walks.Known(
        {sku: locations.place_of(one.places[0]) for sku, one in wanted.items() if one.places},
        {sku: one.size for sku, one in wanted.items()},
        floor,
        how.heavy_first,
    )


def _offered(listed: TasksData, found: _Found) -> list[UUID]:
    """Return what may be taken on as one walk, if all of it is taken along."""
    ids = [inward(one)[1] for one in (listed.together.task_ids if listed.together else ())]
    return ids if all(task_id in found.tasks for task_id in ids) else []


def _stops(holder: Holder, walk: Sequence[Leg]) -> list[Stop]:
    return [Stop(task_id=outward(holder.store_id, leg.task_id), line=leg.line) for leg in walk]


def _calls(holder: Holder, walks: Sequence[Sequence[Leg]]) -> list[list[Call]]:
    return [
        [(outward(holder.store_id, leg.task_id), leg.line, leg.place) for leg in walk]
        for walk in walks
    ]


def _blocked(
    tx: Tx, walks: Sequence[Sequence[Leg]], floor: Floor | None, zone: ZoneInfo
) -> dict[tuple[UUID, int], str]:
    """Return why no way leads to some lines of some tasks."""
    said = {}
    for leg in (one for walk in walks for one in walk if one.is_cut_off):
        way = floor.way(leg.place.zone, leg.place.aisle) if floor and leg.place else None
        words = place_wording.in_the_way(way.block if way else None, zone, tx.now)
        said[leg.task_id, leg.line] = words
    return said


def _task(
    holder: Holder,
    found: _Found,
    task_id: UUID,
    card: TaskCard,
    *,
    staging: Mapping[str, str],
) -> PackTask:
    row = found.tasks[task_id]
    lines = [
        {name: line[name] for name in PackLine.model_fields if name != "in_the_way"}
        for line in found.lines[task_id]
    ]
    return PackTask(
        **card.model_dump(),
        stage=TaskState(row["state"]),
        here=row["device_id"] == holder.device_id,
        who=row["who"] if card.state in {"yours", "taken"} else "",
        wave=row["wave_id"].hex if row["wave_id"] else None,
        lines=[
            PackLine(**line, in_the_way=found.blocked.get((task_id, line["line"]), ""))
            for line in lines
        ],
        acts=[
            PackAct(**{name: act[name] for name in PackAct.model_fields})
            for act in found.acts[task_id]
        ],
        bags=[
            BagOut(
                number=one.number,
                code=one.code,
                place=staging.get(one.place, one.place) if one.place else "",
            )
            for one in found.bags[OrderId(row["order_id"])]
        ],
        asked_by=row["asked_by"] or "",
    )


async def _items(
    tx: Tx,
    holder: Holder,
    names: Mapping[str, str],
    wanted: Mapping[Sku, Sought],
    zone: ZoneInfo,
) -> dict[str, PackItem]:
    skus = [Sku(sku) for sku in names]
    about = parts.about(wanted, {Sku(sku): name for sku, name in names.items()})
    away = await counts.away_of(tx, holder.store_id, skus)
    left = await counting.left_of(tx, holder.store_id, away)
    off = await counting.off(tx, holder.store_id, skus)
    return {
        sku: PackItem(
            **about[sku].model_dump(),
            places=[_place(place, zone, tx.now) for place in wanted[sku].places],
            left=left[sku].units if sku in left else None,
            promised=left[sku].promised if sku in left else 0,
            off=off[sku],
            asks=sku in left and left[sku].is_unknown,
        )
        for sku in skus
    }


def _place(place: Location, zone: ZoneInfo, now: datetime) -> PackPlace:
    found_at, missed_at = place.last_found_at, place.last_missed_at
    return PackPlace(
        **parts.place(place, zone, now).model_dump(),
        planned=place.planned,
        is_labelled=bool(place.label),
        found=place.found,
        missed=place.missed,
        learned_at=_seconds(place.learned_at),
        found_at=_seconds(found_at),
        missed_at=_seconds(missed_at),
        found_day=place_wording.day(found_at, zone, now) if found_at else "",
        missed_day=place_wording.day(missed_at, zone, now) if missed_at else "",
    )


def _seconds(moment: datetime | None) -> float | None:
    return None if moment is None else moment.timestamp()


def _labels(known: Mapping[Sku, Collection[Location]]) -> dict[str, ShelfLabel]:
    return {
        place.label: ShelfLabel(
            zone=place.zone,
            aisle=place.aisle,
            bay=place.bay,
            shelf=place.shelf,
            kind=place.kind,
            words=place_wording.signs(place),
        )
        for places in known.values()
        for place in places
        if place.label
    }
