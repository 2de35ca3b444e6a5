"""What the handheld shows of counting: the list, one count, and the question after a pick."""

from collections.abc import Mapping
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from associates.counting import counts
from associates.counting.count_schemas import CountCard, CountData, CountsOut, Group
from associates.handheld import parts, place_wording, wording
from associates.handheld.devices import Holder
from associates.handheld.walk_schemas import Question
from bopis.kernel.clock import machine_clock
from bopis.kernel.database import Tx
from bopis.kernel.ids import Sku, StoreId
from bopis.kernel.speech import t
from inventory.layout import locations, sought
from inventory.looking import counting
from inventory.looking.counting import CountTask
from inventory.models import CountPriority, Store

PER_PLACE: Final = 1
"""Minutes that one place takes."""

_GROUPS: Final[Mapping[CountPriority, Group]] = {
    CountPriority.LOW_RECORD: "low_record",
    CountPriority.AT_RANDOM: "at_random",
}
"""All others are of what somebody did not find."""

_NAMES: Final = "SELECT id, name FROM associates WHERE store_id = $1 AND id = ANY ($2::uuid[])"


async def cards(tx: Tx, store: Store, holder: Holder) -> list[CountCard]:
    """Return what is to be counted, the most urgent first."""
    waiting = await counting.listed(tx, holder.store_id)
    return await _cards(tx, store, holder, waiting) if waiting else []


async def _cards(tx: Tx, store: Store, holder: Holder, waiting: list[CountTask]) -> list[CountCard]:
    skus = [task.sku for task in waiting]
    known = await sought.find(tx, store.store_id, skus)
    about = parts.about(known, {task.sku: task.name for task in waiting})
    zone, now = ZoneInfo(store.time_zone), machine_clock()
    held = [task for task in waiting if task.claimed_until and task.claimed_until > now]
    names = await _names(tx, store.store_id, [task.claimed_by for task in held])
    made = []
    for task in waiting:
        who = names.get(task.claimed_by, "") if task in held else ""
        mine = task.claimed_by == holder.associate_id
        made.append(
            CountCard(
                count_id=task.id,
                group=_GROUPS.get(task.priority, "failed_pick"),
                reason=place_wording.why_count(task.reason),
                due=wording.when(task.due_at, zone, tx.now) if task.due_at else "",
                minutes=max(len(known[task.sku].places), 1) * PER_PLACE,
                word=_word(task, who, holder, mine=mine),
                places=[parts.place(one, zone, tx.now) for one in known[task.sku].places],
                again=task.first_count is not None,
                another=task.first_by == holder.associate_id,
                **about[task.sku].model_dump(),
            )
        )
    return made


def _word(task: CountTask, who: str, holder: Holder, *, mine: bool) -> str:
    if who:
        return t("Yours: carry on") if mine else t("{who} counts it", who=who)
    if task.first_by == holder.associate_id:
        return t(place_wording.BY_ANOTHER)
    return ""


async def _names(tx: Tx, store_id: StoreId, who: list[UUID | None]) -> dict[UUID | None, str]:
    if not who:
        return {}
    return {row["id"]: row["name"] for row in await tx.rows(_NAMES, store_id, who)}


async def one(
    tx: Tx, store: Store, holder: Holder, task: CountTask, *, scanned: str = ""
) -> CountData:
    """Return one count as whoever makes it sees it: without what the record says."""
    [card] = await _cards(tx, store, holder, [task])
    return CountData(**card.model_dump(), scanned=scanned)


def in_two(found: list[CountCard]) -> CountsOut:
    return CountsOut(
        failed_picks=[card for card in found if card.group == "failed_pick"],
        low_record=[card for card in found if card.group == "low_record"],
        at_random=[card for card in found if card.group == "at_random"],
    )


async def question(tx: Tx, store: Store, line: int, sku: Sku, name: str) -> Question | None:
    """Return the question about the shelf that a pick has left; None: there is no need to ask."""
    away = await counts.away(tx, store.store_id, sku)
    left = await counting.left(tx, store.store_id, sku, away=away)
    if left is None or not left.is_worth_asking:
        return None
    known = (await locations.find(tx, store.store_id, [sku]))[sku]
    found = [place for place in known if place.last_found_at is not None]
    last = max(found, key=lambda place: place.last_found_at or tx.now, default=None)
    return Question(
        line=line,
        text=place_wording.is_empty(last.kind if last else "shelf"),
        item=name,
        place=parts.place(last, ZoneInfo(store.time_zone), tx.now) if last else None,
    )
