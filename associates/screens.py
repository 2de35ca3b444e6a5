"""What the handheld shows next: reads, and the shape that the page renders."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from asyncpg import Record

from associates import (
    bag,
    bags,
    count_screens,
    hands,
    parts,
    place_wording,
    put_backs,
    walks,
    wording,
)
from associates.bag import Bag
from associates.devices import Holder
from associates.hands import Hand
from associates.models import PutBackDuty
from associates.scans import Heard, Looks, ScanKind, ScanOutcome, TaskState
from associates.schemas import (
    Answer,
    BagOut,
    Duty,
    Place,
    Question,
    ReasonOut,
    Receipt,
    StageData,
    StagedData,
    TaskCard,
    TaskHead,
    TasksData,
    Together,
    Units,
    WalkData,
)
from associates.walk import Stop, serpentine
from associates.wave import Candidate, together
from associates.wording import Message, Scene
from bopis.kernel.clock import machine_clock
from bopis.kernel.database import Tx
from bopis.kernel.ids import OrderId, Sku, StoreId, TaskId, outward
from inventory import floors, items, locations, stores
from inventory.models import Location, Store

SHOWN: Final = 50
OTHERS: Final = 3
"""Places of an item that are shown beside the one to look at."""

_DUE: Final = """
    SELECT t.id, t.number, t.due_at, t.state, t.fence, t.assigned_to, t.lease_until, t.here_since,
           t.is_at_risk, t.slow_minutes, t.tote, a.name,
           sum(l.asked - l.found - l.short)::int AS units, count(*) OVER () AS total
      FROM pick_tasks AS t
      JOIN pick_lines AS l ON l.store_id = t.store_id AND l.task_id = t.id
      LEFT JOIN associates AS a ON a.store_id = t.store_id AND a.id = t.assigned_to
     WHERE t.store_id = $1 AND t.state IN ('open', 'claimed', 'picked')
     GROUP BY t.store_id, t.id, a.name
     ORDER BY t.assigned_to IS NOT DISTINCT FROM $2 DESC,
              (t.is_at_risk OR t.here_since IS NOT NULL) DESC, t.due_at, t.id
     LIMIT $3
"""


async def tasks(tx: Tx, holder: Holder) -> TasksData:
    """Return what is due: one's own first, then whose customer is here or may get it late."""
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
        together=_together(store, holder, rows, tx),
    )


def _together(store: Store, holder: Holder, rows: Sequence[Record], tx: Tx) -> Together | None:
    """Return what may be walked as one; nothing, while something is in these hands."""
    if any(row["assigned_to"] == holder.associate_id and _is_held(row) for row in rows):
        return None
    waiting = [
        Candidate(TaskId(row["id"]), row["due_at"], row["slow_minutes"], row["is_at_risk"])
        for row in rows
        if row["state"] == TaskState.OPEN
    ]
    offered = [one.task_id for one in together(waiting, tx.now)]
    shown = [row for row in rows if row["id"] in offered]
    if not shown:
        return None
    first = min(row["due_at"] for row in shown)
    return Together(
        task_ids=[outward(store.store_id, row["id"]) for row in shown],
        words=f"{len(shown)} orders together",
        units=sum(row["units"] for row in shown),
        due=wording.when(first, ZoneInfo(store.time_zone), tx.now),
    )


def _is_held(row: Record) -> bool:
    return row["lease_until"] is not None and row["lease_until"] > machine_clock()


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
    shown = head(tx, store, row).model_dump() | {"units": row["units"]}
    shown |= {"at_risk": row["is_at_risk"]}
    shown["guest"] = wording.here(row["here_since"], ZoneInfo(store.time_zone))
    is_held = _is_held(row)
    if row["assigned_to"] == holder.associate_id and is_held:
        word = wording.CARRY_ON if row["units"] else wording.CARRY_ON_STAGING
        return TaskCard(**shown, state="yours", word=word, tote=row["tote"])
    if is_held:
        return TaskCard(**shown, state="taken", word=f"{row['name']} has it")
    if row["state"] == TaskState.PICKED:
        return TaskCard(**shown, state="to_stage", word="Found: to be put at a pickup place")
    word = "At risk: walk it first" if row["is_at_risk"] else ""
    return TaskCard(**shown, state="open", word=word)


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


async def task(
    tx: Tx, task_id: TaskId, holder: Holder, *, message: Message | None = None
) -> Answer:
    """Return what comes next in one task; the list of what is due, if it is not in these hands."""
    hand = await hands.read(tx, task_id, holder)
    return await _shown(tx, holder, hand, message)


async def wave(
    tx: Tx, wanted: Sequence[TaskId], holder: Holder, *, message: Message | None = None
) -> Answer:
    """Return what comes next in some tasks: of those that are in these hands."""
    for task_id in wanted:
        hand = await hands.read(tx, task_id, holder)
        if hand.held:
            return await _shown(tx, holder, hand, message)
    return Answer(next_state="tasks", data=await tasks(tx, holder), message=message)


async def _shown(
    tx: Tx, holder: Holder, hand: Hand, message: Message | None, asked: Record | None = None
) -> Answer:
    """Return the next screen; ``asked`` is a line whose shelf may be empty now."""
    if not hand.held:
        return Answer(next_state="tasks", data=await tasks(tx, holder), message=message)
    store = await stores.get(tx, holder.store_id)
    question = await _question(tx, store, hand, asked) if asked else None
    if not hand.is_picked:
        walk = await _walk(tx, store, hand)
        walk.question = question
        return Answer(next_state="walk", data=walk, message=message)
    row = hand.staged_next
    lines = hand.lines_of(row["id"])
    how = await bags.settings(tx, holder.store_id)
    data = StageData(
        **head(tx, store, row).model_dump(),
        **hand.told(row),
        items=[Units(name=x["name"], quantity=x["found"]) for x in lines if x["found"]],
        missing=[Units(name=x["name"], quantity=x["short"]) for x in lines if x["short"]],
        can_undo=hand.can_undo,
        question=question,
        labels=how.labels,
        printer=how.printer_host is not None,
        bags=await _bags(tx, row) if how.labels else [],
        asked_by=row["asked_by"] or "",
    )
    return Answer(next_state="stage", data=data, message=message)


async def _question(tx: Tx, store: Store, hand: Hand, asked: Record) -> Question | None:
    sku = Sku(asked["sku"])
    question = await count_screens.question(tx, store, asked["line"], sku, asked["name"])
    task = next(one for one in hand.wave if one["id"] == asked["task_id"])
    about = {"task_id": outward(store.store_id, task["id"]), "fence": task["fence"]}
    return question and question.model_copy(update=about)


async def _bags(tx: Tx, row: Record) -> list[BagOut]:
    here = await bags.of_order(tx, row["store_id"], row["order_id"])
    labels = {"": ""} | {one.place: await label_of(tx, one.place) for one in here if one.place}
    return [BagOut(number=one.number, code=one.code, place=labels[one.place or ""]) for one in here]


async def _walk(tx: Tx, store: Store, hand: Hand) -> WalkData:
    todo = await _in_turn(tx, store, hand)
    line = todo[0]
    row = next(task for task in hand.held if task["id"] == line["task_id"])
    sku = Sku(line["sku"])
    known = (await locations.find(tx, store.store_id, [sku]))[sku]
    here, others = _places(store, tx, line, known)
    about = await parts.about(tx, [sku], {sku: line["name"]})
    stops = len(hand.walking)
    return WalkData(
        **head(tx, store, row).model_dump(),
        **hand.told(row),
        line=line["line"],
        item=about[sku],
        place=here,
        other_places=others[:OTHERS],
        nowhere=place_wording.LOOKED_EVERYWHERE if known else place_wording.UNKNOWN,
        in_the_way=await _in_the_way(tx, store, here) if line["is_cut_off"] else "",
        asked=line["asked"],
        found=line["found"],
        n_of_m=(stops - len(todo) + 1, stops),
        reasons=[ReasonOut(code=code, text=text) for code, text in wording.REASONS.items()],
        can_undo=hand.can_undo,
        can_skip=len(todo) > 1,
        asked_by=row["asked_by"] or "",
    )


async def _in_turn(tx: Tx, store: Store, hand: Hand) -> list[Record]:
    """Return what is still to be found, in the order of the walk."""
    lines = hand.walking
    if any(line["turn"] is None for line in lines):  # taken on before walks were written down
        known = await locations.find(tx, store.store_id, [line["sku"] for line in lines])
        stops = [Stop(n, walks.at(x, known[Sku(x["sku"])])) for n, x in enumerate(lines)]
        turns = [stop.line for stop in serpentine(stops)]
    else:
        turns = sorted(range(len(lines)), key=lambda n: lines[n]["turn"])
    todo = [lines[n] for n in turns if lines[n]["left"] > 0]
    return sorted(todo, key=lambda line: line["skipped"])


async def _in_the_way(tx: Tx, store: Store, here: Place | None) -> str:
    floor = await floors.of(tx, store.store_id)
    way = floor.way(here.zone, here.aisle) if floor and here else None
    return place_wording.in_the_way(way.block if way else None, ZoneInfo(store.time_zone), tx.now)


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
    hand = await hands.read(tx, task_id, holder)
    whose = next((one for one in hand.wave if one["id"] == heard.task_id), hand.asked)
    lines = hand.lines_of(whose["id"])
    scene = replace(await _scene(tx, whose, lines, heard), tote=hands.tote_words(whose))
    if whose["assigned_to"] not in {None, holder.associate_id}:
        scene = replace(scene, who=whose["holder"])
    message = wording.say(heard, scene)
    if heard.kind is ScanKind.STAGE and whose["state"] == TaskState.STAGED and not hand.held:
        due = await tasks(tx, holder)
        data = StagedData(**due.model_dump(), number=whose["number"], place=scene.place)
        return Answer(next_state="staged", data=data, message=message)
    return await _shown(tx, holder, hand, message, _emptied(heard, lines))


def _emptied(heard: Heard, lines: list[Record]) -> Record | None:
    """Return the line of which a scan took the last unit asked for: its shelf may be empty now."""
    if heard.kind is not ScanKind.ITEM or heard.outcome is not ScanOutcome.APPLIED:
        return None
    line = next(line for line in lines if line["line"] == heard.line)
    return line if line["left"] == 0 else None


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
    return wording.listed(parts_)


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
