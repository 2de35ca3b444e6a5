"""What the handheld shows next: reads, and the shape that the page renders."""

from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from asyncpg import Record

from associates import put_backs, wording
from associates.devices import Holder
from associates.models import PutBackDuty
from associates.scans import Heard, ScanKind, ScanOutcome, TaskState
from associates.schemas import (
    Answer,
    Duty,
    ItemOut,
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
from bopis.kernel.ids import Sku, TaskId, outward
from inventory import items, locations, stores
from inventory.models import Location, Store

SHOWN: Final = 50
_TAIL: Final = 4

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
        put_backs=await _duties(tx, holder, duties),
    )


def _head(tx: Tx, store: Store, row: Record) -> TaskHead:
    return TaskHead(
        task_id=outward(store.store_id, row["id"]),
        number=row["number"],
        due_at=row["due_at"],
        due=wording.when(row["due_at"], ZoneInfo(store.time_zone), tx.now),
        late=row["due_at"] < tx.now,
        fence=row["fence"],
    )


def _card(tx: Tx, store: Store, holder: Holder, row: Record) -> TaskCard:
    head = _head(tx, store, row).model_dump()
    is_held = row["lease_until"] is not None and row["lease_until"] > machine_clock()
    if row["assigned_to"] == holder.associate_id and is_held:
        word = "Yours: carry on" if row["units"] else "Yours: put it at a pickup place"
        return TaskCard(**head, units=row["units"], state="yours", word=word)
    if is_held:
        return TaskCard(**head, units=row["units"], state="taken", word=f"{row['name']} has it")
    if row["state"] == TaskState.PICKED:
        word = "Found: to be put at a pickup place"
        return TaskCard(**head, units=0, state="to_stage", word=word)
    return TaskCard(**head, units=row["units"], state="open", word="")


async def _duties(tx: Tx, holder: Holder, duties: list[PutBackDuty]) -> list[Duty]:
    skus = list({duty.sku for duty in duties})
    if not skus:
        return []
    known = await _about(tx, skus, {duty.sku: duty.name for duty in duties})
    places = await locations.find(tx, holder.store_id, skus)
    labels: dict[str, str] = {}
    for code in {duty.from_code for duty in duties if duty.from_code}:
        labels[code] = await label_of(tx, code)
    return [
        Duty(
            duty_id=duty.id,
            number=duty.number,
            quantity=duty.quantity,
            from_place=labels.get(duty.from_code or "", ""),
            places=[_place(location) for location in places.get(duty.sku, [])],
            **known[duty.sku].model_dump(),
        )
        for duty in duties
    ]


async def _about(tx: Tx, skus: list[Sku], names: dict[Sku, str]) -> dict[Sku, ItemOut]:
    known = await items.known(tx, skus)
    codes = await items.gtins(tx, skus)
    return {
        sku: ItemOut(
            sku=sku,
            name=names[sku],
            size=known[sku].size if sku in known else "",
            gtin_tail=(codes.get(sku) or [sku])[0][-_TAIL:],
        )
        for sku in skus
    }


def _place(location: Location) -> Place:
    return Place(zone=location.zone, aisle=location.aisle, bay=location.bay, shelf=location.shelf)


async def label_of(tx: Tx, code: str) -> str:
    """Return what is written at a staging place; its code, if it is there no longer."""
    assert tx.store_id is not None
    place = await locations.staging_place(tx, tx.store_id, code)
    return place.label if place else code


_TASK: Final = """
    SELECT t.*, EXISTS (
               SELECT FROM scans AS s
                WHERE s.store_id = $1 AND s.task_id = $2 AND s.outcome = 'applied'
                  AND s.kind IN ('item', 'short', 'skip')) AS can_undo
      FROM pick_tasks AS t WHERE t.store_id = $1 AND t.id = $2
"""
_LINES: Final = """
    SELECT line, sku, name, asked, found, short, skipped, asked - found - short AS "left"
      FROM pick_lines WHERE store_id = $1 AND task_id = $2 ORDER BY line
"""


async def task(
    tx: Tx, task_id: TaskId, holder: Holder, *, message: Message | None = None
) -> Answer:
    """Return what comes next in one task; the list of what is due, if it is not in these hands."""
    row, lines = await _read(tx, task_id, holder)
    return await _shown(tx, holder, row, lines, message)


async def _read(tx: Tx, task_id: TaskId, holder: Holder) -> tuple[Record, list[Record]]:
    row = await tx.row(_TASK, holder.store_id, task_id)
    assert row is not None, "whoever calls has locked it"
    return row, await tx.rows(_LINES, holder.store_id, task_id)


async def _shown(
    tx: Tx, holder: Holder, row: Record, lines: list[Record], message: Message | None
) -> Answer:
    is_here = (row["assigned_to"], row["device_id"]) == (holder.associate_id, holder.device_id)
    if not is_here or row["state"] not in {TaskState.CLAIMED, TaskState.PICKED}:
        return Answer(next_state="tasks", data=await tasks(tx, holder), message=message)
    store = await stores.get(tx, holder.store_id)
    head = _head(tx, store, row)
    if row["state"] == TaskState.PICKED:
        data = StageData(
            **head.model_dump(),
            items=[Units(name=x["name"], quantity=x["found"]) for x in lines if x["found"]],
            missing=[Units(name=x["name"], quantity=x["short"]) for x in lines if x["short"]],
            can_undo=row["can_undo"],
        )
        return Answer(next_state="stage", data=data, message=message)
    walk = await _walk(tx, holder, head, lines, can_undo=row["can_undo"])
    return Answer(next_state="walk", data=walk, message=message)


async def _walk(
    tx: Tx, holder: Holder, head: TaskHead, lines: list[Record], *, can_undo: bool
) -> WalkData:
    known = await locations.find(tx, holder.store_id, [line["sku"] for line in lines])
    stops = [Stop(line["line"], _at(known.get(line["sku"], [])), line["skipped"]) for line in lines]
    by_line = {line["line"]: line for line in lines}
    todo = [stop.line for stop in serpentine(stops) if by_line[stop.line]["left"] > 0]
    line = by_line[todo[0]]
    sku = Sku(line["sku"])
    places = [_place(location) for location in known.get(sku, [])]
    about = await _about(tx, [sku], {sku: line["name"]})
    return WalkData(
        **head.model_dump(),
        line=line["line"],
        item=about[sku],
        place=places[0] if places else None,
        other_places=places[1:4],
        asked=line["asked"],
        found=line["found"],
        n_of_m=(len(lines) - len(todo) + 1, len(lines)),
        reasons=[ReasonOut(code=code, text=text) for code, text in wording.REASONS.items()],
        can_undo=can_undo,
        can_skip=len(todo) > 1,
    )


def _at(known: list[Location]) -> At | None:
    if not known:
        return None
    first = known[0]
    return At(first.zone, first.aisle, first.bay, first.shelf)


async def after_scan(tx: Tx, task_id: TaskId, holder: Holder, heard: Heard) -> Answer:
    """Return what a scan meant, in words, and what comes next."""
    row, lines = await _read(tx, task_id, holder)
    scene = await _scene(tx, row, lines, heard)
    message = wording.say(heard, scene)
    if heard.kind is ScanKind.STAGE and row["state"] == TaskState.STAGED:
        due = await tasks(tx, holder)
        data = StagedData(**due.model_dump(), number=row["number"], place=scene.place)
        return Answer(next_state="staged", data=data, message=message)
    return await _shown(tx, holder, row, lines, message)


async def _scene(tx: Tx, row: Record, lines: list[Record], heard: Heard) -> Scene:
    line = next((line for line in lines if line["line"] == heard.line), None)
    names = {line["sku"]: line["name"] for line in lines}
    place = ""
    if heard.kind is ScanKind.STAGE and row["staging_code"]:
        place = await label_of(tx, row["staging_code"])
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
