"""What the handheld shows next: reads, and the shape that the page renders."""

from dataclasses import replace
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from asyncpg import Record

from associates import bag, bags, count_screens, parts, place_wording, put_backs, wording
from associates.bag import Bag
from associates.devices import Holder
from associates.models import PutBackDuty
from associates.scans import Heard, Looks, ScanKind, ScanOutcome, TaskState
from associates.schemas import (
    Answer,
    BagOut,
    Duty,
    Place,
    ReasonOut,
    Receipt,
    StageData,
    StagedData,
    TaskCard,
    TaskHead,
    TasksData,
    Units,
    WalkData,
)
from associates.walk import Place as At
from associates.walk import Stop, serpentine
from associates.wording import Message, Scene
from bopis.kernel.clock import machine_clock
from bopis.kernel.database import Tx
from bopis.kernel.ids import OrderId, Sku, StoreId, TaskId, outward
from inventory import items, locations, stores
from inventory.models import Location, Store

SHOWN: Final = 50
OTHERS: Final = 3
"""Places of an item that are shown beside the one to look at."""

_DUE: Final = """
    SELECT t.id, t.number, t.due_at, t.state, t.fence, t.assigned_to, t.lease_until, a.name,
           sum(l.asked - l.found - l.short)::int AS units, count(*) OVER () AS total
      FROM pick_tasks AS t
      JOIN pick_lines AS l ON l.store_id = t.store_id AND l.task_id = t.id
      LEFT JOIN associates AS a ON a.store_id = t.store_id AND a.id = t.assigned_to
     WHERE t.store_id = $1 AND t.state IN ('open', 'claimed', 'picked')
     GROUP BY t.store_id, t.id, a.name
     ORDER BY t.assigned_to IS NOT DISTINCT FROM $2 DESC, t.due_at, t.id
     LIMIT $3
"""


async def tasks(tx: Tx, holder: Holder) -> TasksData:
    """Return what is due: one's own first, then by promise."""
    store = await stores.get(tx, holder.store_id)
    rows = await tx.rows(_DUE, holder.store_id, holder.associate_id, SHOWN)
    duties = await put_backs.listed(tx, holder.store_id)
    return TasksData(
        store=store.name,
        store_id=holder.store_id,
        name=holder.name,
        tasks=[_card(tx, store, holder, row) for row in rows],
        more=max(0, rows[0]["total"] - SHOWN) if rows else 0,
        put_backs=await _duties(tx, store, duties),
        counts=await count_screens.cards(tx, store, holder),
    )


def head(tx: Tx, store: Store, row: Record) -> TaskHead:
    return TaskHead(
        task_id=outward(store.store_id, row["id"]),
        number=row["number"],
        due_at=row["due_at"],
        due=wording.when(row["due_at"], ZoneInfo(store.time_zone), tx.now),
        late=row["due_at"] < tx.now,
        fence=row["fence"],
    )


def _card(tx: Tx, store: Store, holder: Holder, row: Record) -> TaskCard:
    shown = head(tx, store, row).model_dump()
    is_held = row["lease_until"] is not None and row["lease_until"] > machine_clock()
    if row["assigned_to"] == holder.associate_id and is_held:
        word = wording.CARRY_ON if row["units"] else wording.CARRY_ON_STAGING
        return TaskCard(**shown, units=row["units"], state="yours", word=word)
    if is_held:
        return TaskCard(**shown, units=row["units"], state="taken", word=f"{row['name']} has it")
    if row["state"] == TaskState.PICKED:
        word = "Found: to be put at a pickup place"
        return TaskCard(**shown, units=0, state="to_stage", word=word)
    return TaskCard(**shown, units=row["units"], state="open", word="")


async def _duties(tx: Tx, store: Store, duties: list[PutBackDuty]) -> list[Duty]:
    skus = list({duty.sku for duty in duties})
    if not skus:
        return []
    known = await parts.about(tx, skus, {duty.sku: duty.name for duty in duties})
    places = await locations.find(tx, store.store_id, skus)
    bagged = await bags.of_orders(tx, store.store_id, {OrderId(d.order_id) for d in duties})
    spots: dict[tuple[str, ...], str] = {}
    shown = []
    for duty in duties:
        here = bagged[OrderId(duty.order_id)]
        key = (duty.from_code or "", *(one.code for one in here))
        if key not in spots:
            spots[key] = await where(tx, here, duty.from_code) if duty.from_code else ""
        shown.append(
            Duty(
                duty_id=duty.id,
                number=duty.number,
                quantity=put_backs.left(duty),
                from_place=spots[key],
                bags=[one.code for one in here],
                places=parts.homes(places[duty.sku]),
                **known[duty.sku].model_dump(),
            )
        )
    return shown


async def label_of(tx: Tx, code: str) -> str:
    """Return what is written at a staging place; its code, if it is there no longer."""
    assert tx.store_id is not None
    place = await locations.staging_place(tx, tx.store_id, code)
    return place.label if place else code


_TASK: Final = """
    SELECT t.*, EXISTS (
               SELECT FROM scans AS s
                WHERE s.store_id = $1 AND s.task_id = $2 AND s.outcome = 'applied'
                  AND s.kind IN ('item', 'short', 'skip', 'look', 'miss', 'zero_check')
           ) AS can_undo,
           (SELECT a.name FROM associates AS a
             WHERE a.store_id = $1 AND a.id = t.assigned_to) AS holder,
           (SELECT a.name FROM take_overs AS o
              JOIN associates AS a ON a.store_id = $1 AND a.id = o.asked_by
             WHERE o.store_id = $1 AND o.task_id = $2 AND o.fence = t.fence
               AND o.answered_at IS NULL) AS asked_by
      FROM pick_tasks AS t WHERE t.store_id = $1 AND t.id = $2
"""
_LINES: Final = """
    SELECT l.line, l.sku, l.name, l.asked, l.found, l.short, l.skipped,
           l.asked - l.found - l.short AS "left",
           (SELECT jsonb_agg(to_jsonb(s.kind || s.place) ORDER BY s.received_at, s.device_seq)
              FROM scans AS s
             WHERE s.store_id = $1 AND s.task_id = $2 AND s.line = l.line
               AND s.outcome = 'applied' AND s.kind IN ('look', 'miss', 'item')
               AND s.place IS NOT NULL) AS looks
      FROM pick_lines AS l
     WHERE l.store_id = $1 AND l.task_id = $2 ORDER BY l.line
"""


async def task(
    tx: Tx, task_id: TaskId, holder: Holder, *, message: Message | None = None
) -> Answer:
    """Return what comes next in one task; the list of what is due, if it is not in these hands."""
    row, lines = await _read(tx, task_id, holder)
    return await _shown(tx, holder, row, lines, message)


_Asked = tuple[int, Sku, str]
"""A line, its item and its name: of which to ask whether the shelf is empty now."""


async def _read(tx: Tx, task_id: TaskId, holder: Holder) -> tuple[Record, list[Record]]:
    row = await tx.row(_TASK, holder.store_id, task_id)
    assert row is not None, "whoever calls has locked it"
    return row, await tx.rows(_LINES, holder.store_id, task_id)


async def _shown(  # noqa: PLR0917 -- what it shows, in the order it is read
    tx: Tx,
    holder: Holder,
    row: Record,
    lines: list[Record],
    message: Message | None,
    asked: _Asked | None = None,
) -> Answer:
    is_here = (row["assigned_to"], row["device_id"]) == (holder.associate_id, holder.device_id)
    if not is_here or row["state"] not in {TaskState.CLAIMED, TaskState.PICKED}:
        return Answer(next_state="tasks", data=await tasks(tx, holder), message=message)
    store = await stores.get(tx, holder.store_id)
    about = head(tx, store, row)
    question = await count_screens.question(tx, store, *asked) if asked else None
    if row["state"] == TaskState.PICKED:
        how = await bags.settings(tx, holder.store_id)
        data = StageData(
            **about.model_dump(),
            items=[Units(name=x["name"], quantity=x["found"]) for x in lines if x["found"]],
            missing=[Units(name=x["name"], quantity=x["short"]) for x in lines if x["short"]],
            can_undo=row["can_undo"],
            question=question,
            labels=how.labels,
            printer=how.printer_host is not None,
            bags=await _bags(tx, row) if how.labels else [],
            asked_by=row["asked_by"] or "",
        )
        return Answer(next_state="stage", data=data, message=message)
    walk = await _walk(tx, store, about, lines, can_undo=row["can_undo"])
    walk.question = question
    walk.asked_by = row["asked_by"] or ""
    return Answer(next_state="walk", data=walk, message=message)


async def _bags(tx: Tx, row: Record) -> list[BagOut]:
    here = await bags.of_order(tx, row["store_id"], row["order_id"])
    labels = {"": ""} | {one.place: await label_of(tx, one.place) for one in here if one.place}
    return [BagOut(number=one.number, code=one.code, place=labels[one.place or ""]) for one in here]


async def _walk(
    tx: Tx, store: Store, about: TaskHead, lines: list[Record], *, can_undo: bool
) -> WalkData:
    known = await locations.find(tx, store.store_id, [line["sku"] for line in lines])
    stops = [Stop(line["line"], _at(line, known[line["sku"]]), line["skipped"]) for line in lines]
    by_line = {line["line"]: line for line in lines}
    todo = [stop.line for stop in serpentine(stops) if by_line[stop.line]["left"] > 0]
    line = by_line[todo[0]]
    sku = Sku(line["sku"])
    here, others = _places(store, tx, line, known[sku])
    item = await parts.about(tx, [sku], {sku: line["name"]})
    return WalkData(
        **about.model_dump(),
        line=line["line"],
        item=item[sku],
        place=here,
        other_places=others[:OTHERS],
        nowhere=place_wording.LOOKED_EVERYWHERE if known[sku] else place_wording.UNKNOWN,
        asked=line["asked"],
        found=line["found"],
        n_of_m=(len(lines) - len(todo) + 1, len(lines)),
        reasons=[ReasonOut(code=code, text=text) for code, text in wording.REASONS.items()],
        can_undo=can_undo,
        can_skip=len(todo) > 1,
    )


def _at(line: Record, known: list[Location]) -> At | None:
    """Return where the walk passes for a line: where the looking began.

    So a look elsewhere does not send the walker off to another item.
    """
    first = Looks.of(line["looks"] or ()).first
    spots = [first] if first else [locations.place_of(place) for place in known[:1]]
    return At(*spots[0]) if spots else None


def _places(
    store: Store, tx: Tx, line: Record, known: list[Location]
) -> tuple[Place | None, list[Place]]:
    """Return where to look now, and the other places that were not looked at in vain."""
    looks, zone = Looks.of(line["looks"] or ()), ZoneInfo(store.time_zone)
    by_spot = {locations.place_of(place): place for place in known}
    shown = {spot: parts.place(place, zone, tx.now) for spot, place in by_spot.items()}
    here = looks.here(list(by_spot))
    others = [place for spot, place in shown.items() if spot not in {here, *looks.missed}]
    if here is None:
        return None, others
    return shown.get(here) or parts.said(here, looks.kind), others


async def after_scan(tx: Tx, task_id: TaskId, holder: Holder, heard: Heard) -> Answer:
    """Return what a scan meant, in words, and what comes next."""
    row, lines = await _read(tx, task_id, holder)
    scene = await _scene(tx, row, lines, heard)
    if row["assigned_to"] not in {None, holder.associate_id}:
        scene = replace(scene, who=row["holder"])
    message = wording.say(heard, scene)
    if heard.kind is ScanKind.STAGE and row["state"] == TaskState.STAGED:
        due = await tasks(tx, holder)
        data = StagedData(**due.model_dump(), number=row["number"], place=scene.place)
        return Answer(next_state="staged", data=data, message=message)
    return await _shown(tx, holder, row, lines, message, _emptied(heard, lines))


def _emptied(heard: Heard, lines: list[Record]) -> _Asked | None:
    """Return the line of which a scan took the last unit asked for: its shelf may be empty now."""
    if heard.kind is not ScanKind.ITEM or heard.outcome is not ScanOutcome.APPLIED:
        return None
    line = next(line for line in lines if line["line"] == heard.line)
    return (line["line"], Sku(line["sku"]), line["name"]) if line["left"] == 0 else None


async def _scene(tx: Tx, row: Record, lines: list[Record], heard: Heard) -> Scene:
    line = next((line for line in lines if line["line"] == heard.line), None)
    names = {line["sku"]: line["name"] for line in lines}
    place = ""
    if heard.kind in {ScanKind.STAGE, ScanKind.BAGS}:
        return await _staging_scene(tx, row, lines, heard)
    if heard.kind is ScanKind.MISS and line is not None:
        place = await _look_next(tx, row["store_id"], line)
    return Scene(
        state=TaskState(row["state"]),
        wanted=line["name"] if line and _is_open(line, heard) else "",
        scanned=names[heard.sku] if heard.sku in names else await name_of(tx, heard.sku),
        asked=line["asked"] if line else 0,
        found=line["found"] if line else 0,
        short=line["short"] if line else 0,
        left=line["left"] if line else 0,
        nothing_found=not any(line["found"] for line in lines),
        place=place,
    )


async def _staging_scene(tx: Tx, row: Record, lines: list[Record], heard: Heard) -> Scene:
    """Return where the bags are, and which of them are still in somebody's hands."""
    scene = Scene(
        state=TaskState(row["state"]),
        nothing_found=not any(line["found"] for line in lines),
    )
    here = await bags.of_order(tx, row["store_id"], row["order_id"])
    if code := bag.read(heard.code):
        found = await bags.find(tx, row["store_id"], code)
        if found is not None:
            is_own = found.bag.task_id == row["id"]
            other = "" if is_own else found.order_number
            scene = replace(scene, bag=wording.bags([found.bag.number]), other=other)
    if scene.state is not TaskState.STAGED:
        place = await label_of(tx, heard.code) if heard.outcome is ScanOutcome.APPLIED else ""
        left = wording.bags([one.number for one in here if one.place is None])
        return replace(scene, place=place, bags=left)
    return replace(scene, place=await where(tx, here, row["staging_code"]))


async def where(tx: Tx, here: list[Bag], staging_code: str) -> str:
    """Return where an order waits: its place, or each bag's, if they are at several."""
    spots: dict[str, list[int]] = {}
    for one in here:
        spots.setdefault(one.place or staging_code, []).append(one.number)
    if len(spots) <= 1:
        return await label_of(tx, next(iter(spots), staging_code))
    parts_ = [f"{await label_of(tx, code)} ({wording.bags(n)})" for code, n in spots.items()]
    return f"{', '.join(parts_[:-1])} and {parts_[-1]}"


async def _look_next(tx: Tx, store_id: StoreId, line: Record) -> str:
    store = await stores.get(tx, store_id)
    known = (await locations.find(tx, store_id, [Sku(line["sku"])]))[Sku(line["sku"])]
    here = Looks.of(line["looks"] or ()).here([locations.place_of(place) for place in known])
    place = next((place for place in known if locations.place_of(place) == here), None)
    return place_wording.look_next(place, ZoneInfo(store.time_zone), tx.now)


def _is_open(line: Record, heard: Heard) -> bool:
    return heard.outcome is not ScanOutcome.WRONG_ITEM or line["left"] > 0


async def name_of(tx: Tx, sku: Sku | None) -> str:
    if sku is None:
        return ""
    known = await items.known(tx, [sku])
    return known[sku].name if sku in known else sku


def receipt(answer: Answer, scan_id: UUID, heard: Heard) -> Answer:
    return answer.model_copy(
        update={
            "receipt": Receipt(
                scan_id=scan_id,
                kind=heard.kind,
                outcome=heard.outcome,
                line=heard.line,
                quantity=heard.quantity,
            )
        }
    )
