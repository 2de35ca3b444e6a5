"""What the handheld shows next: reads, and the shape that the page renders."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from asyncpg import Record

from associates.bagging import bags
from associates.bagging.bag_schemas import BagOut
from associates.counting import count_screens
from associates.handheld import list_screens, parts, place_wording, scenes, wording
from associates.handheld.devices import Holder
from associates.handheld.part_schemas import Place, Units
from associates.handheld.schemas import Answer, Receipt
from associates.handheld.task_schemas import StagedData
from associates.handheld.walk_schemas import Question, ReasonOut, StageData, WalkData
from associates.handheld.wording import Message
from associates.picking import hands, pickings, proving
from associates.picking.hands import Hand
from associates.picking.pickings import Hands
from associates.picking.scans import Heard, Looks, ScanKind, ScanOutcome, TaskState
from associates.walking import walks
from associates.walking.walk import Stop, serpentine
from bopis.kernel.database import Tx
from bopis.kernel.ids import Sku, TaskId, outward
from bopis.kernel.speech import t
from inventory import stores
from inventory.layout import floors, locations, sought
from inventory.models import Location, Store

OTHERS: Final = 3
"""Places of an item that are shown beside the one to look at."""


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
    return Answer(next_state="tasks", data=await list_screens.tasks(tx, holder), message=message)


async def _shown(
    tx: Tx, holder: Holder, hand: Hand, message: Message | None, asked: Record | None = None
) -> Answer:
    """Return the next screen; ``asked`` is a line whose shelf may be empty now."""
    if not hand.held:
        return Answer(
            next_state="tasks", data=await list_screens.tasks(tx, holder), message=message
        )
    store = await stores.known(tx, holder.store_id)
    question = await _question(tx, store, hand, asked) if asked else None
    shown = await pickings.in_hand(tx, holder.store_id, hand.ids, totes=hand.has_totes)
    if not hand.is_picked:
        walk = await _walk(tx, store, hand, shown)
        walk.question = question
        return Answer(next_state="walk", data=walk, message=message)
    row = hand.staged_next
    lines = hand.lines_of(row["id"])
    how = await bags.settings(tx, holder.store_id)
    data = StageData(
        **parts.head(tx, store, row).model_dump(),
        **hand.told(row),
        items=[Units(name=x["name"], quantity=x["found"]) for x in lines if x["found"]],
        missing=[Units(name=x["name"], quantity=x["short"]) for x in lines if x["short"]],
        can_undo=hand.can_undo,
        question=question,
        labels=how.labels,
        printer=how.printer_host is not None,
        bags=await _bags(tx, row) if how.labels else [],
        asked_by=row["asked_by"] or "",
        into=proving.into(shown),
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
    labels = {"": ""} | {
        one.place: await scenes.label_of(tx, one.place) for one in here if one.place
    }
    return [BagOut(number=one.number, code=one.code, place=labels[one.place or ""]) for one in here]


async def _walk(tx: Tx, store: Store, hand: Hand, shown: Hands) -> WalkData:
    todo = await _in_turn(tx, store, hand)
    line = todo[0]
    row = next(task for task in hand.held if task["id"] == line["task_id"])
    sku = Sku(line["sku"])
    wanted = await sought.find(tx, store.store_id, [sku])
    known = wanted[sku].places
    here, others = _places(store, tx, line, known)
    looks = Looks.of(line["looks"] or ())
    first = await pickings.unproved(tx, store.store_id, shown, looks, known)
    stops = len(hand.walking)
    return WalkData(
        **parts.head(tx, store, row).model_dump(),
        **hand.told(row),
        line=line["line"],
        item=parts.about(wanted, {sku: line["name"]})[sku],
        place=here,
        other_places=others[:OTHERS],
        nowhere=t(place_wording.LOOKED_EVERYWHERE if known else place_wording.UNKNOWN),
        in_the_way=await _in_the_way(tx, store, here) if line["is_cut_off"] else "",
        first=place_wording.scan_first(first) if first else "",
        into=proving.into(shown, line),
        asked=line["asked"],
        found=line["found"],
        n_of_m=(stops - len(todo) + 1, stops),
        reasons=[ReasonOut(code=code, text=t(text)) for code, text in wording.REASONS.items()],
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
    scene = replace(await scenes.after(tx, whose, lines, heard), tote=hands.tote_words(whose))
    if heard.kind is ScanKind.TOTE or heard.outcome is ScanOutcome.TOTE_FIRST:
        scene = await proving.totes(tx, hand, heard, scene)
    if whose["assigned_to"] not in {None, holder.associate_id}:
        scene = replace(scene, who=whose["holder"])
    message = wording.say(heard, scene)
    if heard.kind is ScanKind.STAGE and whose["state"] == TaskState.STAGED and not hand.held:
        due = await list_screens.tasks(tx, holder)
        data = StagedData(**due.model_dump(), number=whose["number"], place=scene.place)
        return Answer(next_state="staged", data=data, message=message)
    return await _shown(tx, holder, hand, message, _emptied(heard, lines))


def _emptied(heard: Heard, lines: list[Record]) -> Record | None:
    """Return the line of which a scan took the last unit asked for: its shelf may be empty now."""
    if heard.kind is not ScanKind.ITEM or heard.outcome is not ScanOutcome.APPLIED:
        return None
    line = next(line for line in lines if line["line"] == heard.line)
    return line if line["left"] == 0 else None


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
