"""What the handheld says, in words. Pure.

Short enough to read at arm's length, and never to blame: *This is barley drink. We need oat drink.*
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Final, Literal
from zoneinfo import ZoneInfo

from babel.dates import format_datetime, format_time

from associates.bag import Bag, BagState
from associates.scans import (
    BagCode,
    Heard,
    ItemCode,
    Noise,
    PlaceCode,
    Reading,
    ScanKind,
    ScanOutcome,
    ShortReason,
    TaskState,
)


@dataclass(frozen=True, slots=True)
class Message:
    kind: Literal["good", "wrong", "info"]
    text: str


@dataclass(frozen=True, slots=True)
class Scene:
    """What a scan fell into, after it was taken in.

    Shapes:
        wanted: the name of the line concerned; empty if none is.
        scanned: the name of what was scanned; empty if it is none of ours.
        place: where the bag is; after a miss, where to look next, as a sentence.
        record: units that we believed to be on shelf and in the back room.
        bags: those that stand nowhere yet, in words.
        bag: the one that was scanned, in words; other: the order it belongs to, if another.
        tote: which one the item goes into; empty: there is only one.
        who: has the order just now, if it is another person; else empty.
    """

    state: TaskState
    wanted: str = ""
    scanned: str = ""
    asked: int = 0
    found: int = 0
    short: int = 0
    left: int = 0
    nothing_found: bool = False
    place: str = ""
    record: int = 0
    bags: str = ""
    bag: str = ""
    other: str = ""
    tote: str = ""
    who: str = ""


CARRY_ON: Final = "Yours: carry on"
CARRY_ON_STAGING: Final = "Yours: put it at a pickup place"

REASONS: Final = {
    ShortReason.NOT_FOUND: "It is nowhere to be found",
    ShortReason.SHORT_QUANTITY: "There are fewer than we need",
    ShortReason.DAMAGED: "It is damaged or worn",
    ShortReason.WRONG_ITEM_AT_LOCATION: "Something else is in its place",
    ShortReason.RECALLED_OR_NOT_SELLABLE: "It is recalled or past its date",
}

_GOOD: Final = {
    ScanKind.STAGE: "Ready at {place}.",
    ScanKind.PUT_BACK: "Back on its shelf: {quantity} of {wanted}.",
    ScanKind.HAND_OVER: "Handed over.",
    ScanKind.COUNT: "Counted: {quantity} of {wanted}.",
}
_NOTED: Final = {
    ScanKind.SHORT: "Noted: {quantity} of {wanted} not here.",
    ScanKind.SKIP: "Later: {wanted}.",
    ScanKind.UNDO: "Taken back: {wanted}.",
    ScanKind.LOOK: "Noted. Scan {wanted} when you have it.",
    ScanKind.MISS: "{place}",
    ScanKind.BAGS: "Put a label on each bag. Then scan a place.",
    ScanKind.RETRACT: (
        "To be found again: {quantity}. We tell the customer that it is not ready after all."
    ),
}
_WRONG: Final = {
    ScanOutcome.WRONG_ITEM: "This is {scanned}. We need {wanted}.",
    ScanOutcome.TOO_MANY: "We have all {asked} of {scanned}. Put this one back.",
    ScanOutcome.PAST_DATE: "This one is past its date: take another.",
    ScanOutcome.UNKNOWN_CODE: "We do not know this code. Scan the bars on the item itself.",
    ScanOutcome.NOT_A_CODE: "That was not a code. Scan it again.",
    ScanOutcome.SUPERSEDED: "Somebody else has this order now. Give them what you have.",
    ScanOutcome.COUNT_AGAIN: "You counted {quantity}, the record says {record}. Count once more.",
    ScanOutcome.WRONG_BAG: "One bag here belongs to another order. Look at the labels.",
    ScanOutcome.BAGS_FIRST: "Say first how many bags there are.",
    ScanOutcome.BAGS_LEFT: "Not every bag was scanned. Scan the rest, or press Not all here.",
    ScanOutcome.LOOK_FIRST: "Look at their ID first. Then press Handed over again.",
    ScanOutcome.STALE: "Some of it may have moved since you counted. Count it again.",
}
_BY_THE_CASE: Final = "This is {scanned} by the case. We need {left} more, one by one."
_NOTED_SHORT: Final = "We noted that {scanned} is not here. Press Undo if it is."
_ALL_FOUND: Final = {
    ScanOutcome.WRONG_ITEM: "This is not in the order. Scan the label of the pickup place.",
    ScanOutcome.UNKNOWN_CODE: "This is no pickup place of ours. Scan the label of the place.",
}
_CHECKED: Final = {
    False: "Thank you. That is what we thought.",
    True: "Thank you. We thought otherwise, so it is on the list to be counted.",
}
_NOT_COUNTED: Final = {
    ScanOutcome.WRONG_ITEM: "This is {scanned}. Count {wanted}.",
    ScanOutcome.UNKNOWN_CODE: "We do not know this code. Scan one of {wanted}.",
}
_NOT_NOW: Final = {
    ScanKind.UNDO: "There is nothing to take back.",
    ScanKind.STAGE: "Not yet: something is still to be found.",
    ScanKind.BAGS: "Not yet: something is still to be found.",
    ScanKind.PUT_BACK: "This is back on its shelf already.",
    ScanKind.COUNT: "Somebody has counted this meanwhile. Nothing was changed.",
}
_NO_SHELF: Final = "This is the label of a shelf. Scan the label of the pickup place."
_GONE: Final = {
    TaskState.OPEN: "This order is not yours just now. Take it from the list.",
    TaskState.STAGED: "This order is at its pickup place already.",
    TaskState.DONE: "The customer has this order already.",
    TaskState.CANCELLED: "This order was cancelled. Stop here: what you have goes back.",
}


_OTHER: Final = {
    "last": "That was the last one.",
    "last_of_tote": "That was the last one of this order.",
    "into_tote": " Put it in {tote}.",
    "found_some": "Found {found} of {asked}.",
    "found_one": "Found.",
    "found_all": "Found all {asked}.",
    "have_it": "We have {scanned} already. Put this one back.",
    "not_in_order": "This is {scanned}. It is not in this order.",
    "nothing_here": "Nothing was found, so there is nothing to put here.",
    "done_already": "This is done already.",
    "taken": "{who} has this order just now.",
    "who_has_it": "{who} has this order now. Give them what you have.",
    "bag": "bag {number}",
    "bags": "bags {numbers}",
    "and": "{most} and {last}",
    "put_down": "Down at {place}. Now {bags}.",
    "not_this_bag": "This is {bag} of order {other}. Put it with that order.",
    "its_place_next": "This is {bag}. Now scan its place.",
    "none_back": "Noted: none of it goes back on its shelf.",
    "this_is_it": "This is it.",
}


THIS_IS_IT: Final = Message("good", _OTHER["this_is_it"])


def sentences() -> dict[str, object]:
    """Return what a handheld says of scans by itself, before we have heard of them."""
    return {
        **_OTHER,
        "good": _GOOD,
        "noted": _NOTED,
        "wrong": _WRONG,
        "by_the_case": _BY_THE_CASE,
        "noted_short": _NOTED_SHORT,
        "all_found": _ALL_FOUND,
        "as_we_thought": _CHECKED[False],
        "to_be_counted": _CHECKED[True],
        "not_now": _NOT_NOW,
        "not_counted": _NOT_COUNTED,
        "no_shelf": _NO_SHELF,
        "gone": _GONE,
        "carry_on": CARRY_ON,
        "carry_on_staging": CARRY_ON_STAGING,
    }


def say(heard: Heard, scene: Scene) -> Message:
    """Return the answer to one scan."""
    values = {**asdict(scene), "quantity": heard.quantity}
    if heard.outcome is not ScanOutcome.APPLIED:
        return Message("wrong", _refused(heard, scene).format_map(values))
    if heard.kind is ScanKind.SHORT and scene.state is TaskState.CANCELLED:
        return Message("info", "Noted. That was all of this order: the customer is told.")
    if heard.kind is ScanKind.ZERO_CHECK:
        return Message("info", _CHECKED[heard.quantity > 0])
    if heard.kind is ScanKind.STAGE and scene.bags and scene.state is TaskState.PICKED:
        return Message("good", _OTHER["put_down"].format_map(values))
    noted = _NOTED.get(heard.kind)
    if heard.kind is ScanKind.PUT_BACK and heard.quantity == 0:
        noted = _OTHER["none_back"]
    if noted is not None:
        return Message("info", noted.format_map(values))
    return Message("good", _GOOD.get(heard.kind, _found(scene)).format_map(values))


def _found(scene: Scene) -> str:
    return _counted(scene) + (_OTHER["into_tote"] if scene.tote else "")


def _counted(scene: Scene) -> str:
    if scene.state is TaskState.PICKED:
        return _OTHER["last_of_tote" if scene.tote else "last"]
    if scene.left > 0:
        return _OTHER["found_some"]
    return _OTHER["found_one" if scene.asked == 1 else "found_all"]


def _refused(heard: Heard, scene: Scene) -> str:
    if heard.outcome is ScanOutcome.NOT_NOW:
        return _not_now(heard, scene)
    if heard.outcome is ScanOutcome.WRONG_BAG:
        return _OTHER["not_this_bag"] if scene.other else _WRONG[heard.outcome]
    if heard.outcome is ScanOutcome.SUPERSEDED and scene.who:
        return _OTHER["who_has_it"]
    return _strange(heard, scene)


def _strange(heard: Heard, scene: Scene) -> str:
    if heard.outcome is ScanOutcome.TOO_MANY and (scene.left > 0 or scene.short > 0):
        return _BY_THE_CASE if scene.left > 0 else _NOTED_SHORT
    if heard.outcome is ScanOutcome.TOO_MANY and scene.asked == 1:
        return _OTHER["have_it"]
    is_count = heard.kind is ScanKind.COUNT
    special = _NOT_COUNTED if is_count else _ALL_FOUND if scene.state is TaskState.PICKED else {}
    if heard.outcome in special:
        return special[heard.outcome]
    if heard.outcome is ScanOutcome.WRONG_ITEM and not scene.wanted:
        return _OTHER["not_in_order"]
    return _WRONG[heard.outcome]


def _not_now(heard: Heard, scene: Scene) -> str:
    if heard.kind is ScanKind.RETRACT and scene.state is TaskState.STAGED:
        return "None of this was in the bag."
    nothing = scene.nothing_found and scene.state is TaskState.PICKED
    if heard.kind is ScanKind.STAGE and nothing:
        return _OTHER["nothing_here"]
    if heard.kind not in {ScanKind.PUT_BACK, ScanKind.COUNT} and scene.state in _GONE:
        return _GONE[scene.state]
    if heard.kind is ScanKind.LOOK and scene.state is TaskState.PICKED:
        return _NO_SHELF
    if heard.kind is ScanKind.STAGE and scene.bag and scene.state is TaskState.PICKED:
        return _OTHER["its_place_next"]
    return _NOT_NOW.get(heard.kind, _OTHER["done_already"])


def bags(numbers: Sequence[int]) -> str:
    """Return bags by their numbers: ``bag 2``, ``bags 1, 2 and 3``; blank for none."""
    if not numbers:
        return ""
    if len(numbers) == 1:
        return _OTHER["bag"].format(number=numbers[0])
    return _OTHER["bags"].format(numbers=listed([str(number) for number in numbers]))


def listed(several: Sequence[str]) -> str:
    """Return two words or more as one: ``1, 2 and 3``."""
    *most, last = several
    return _OTHER["and"].format(most=", ".join(most), last=last)


def taken(who: str) -> Message:
    return Message("wrong", f"{who} has this order just now.")


def handed_on(who: str, items: Sequence[tuple[str, int]]) -> Message:
    """Return what somebody reads who gives a walk away: what is in the tote goes with it."""
    tote = ", ".join(f"{quantity} of {name}" for name, quantity in items)
    return Message("info", f"{who} has it now." + (f" Give them the tote: {tote}." if tote else ""))


def taken_beside(taken: Mapping[str, str]) -> Message:
    """Return who has the orders that somebody wanted to take on together with others."""
    said = " ".join(f"{who} has order {number} just now." for number, who in taken.items())
    return Message("info", said)


def not_taken(others: Mapping[str, str]) -> Message:
    """Return what became of orders that were taken on together while nobody could be asked.

    Shapes:
        others: of those that are not in these hands: the number, and who has it; blank: nobody.
    """
    held = {number: who for number, who in others.items() if who}
    gone = "".join(
        f" Order {number} is not yours just now." for number in others if number not in held
    )
    said = f"{taken_beside(held).text}{gone}".strip()
    return Message("wrong", f"{said} Give its tote to whoever has it.")


def cancelled_beside(number: str, tote: str) -> str:
    """Return what to do about an order that was cancelled while others are walked with it."""
    return f"Order {number} was cancelled. What is in {tote}, goes back to its shelf."


def given_up(number: str) -> Message:
    return Message("info", f"Order {number} is on the list again. Put its tote where it is found.")


def counting(who: str) -> Message:
    return Message("wrong", f"{who} counts this just now.")


def beside_bag(reading: Reading, *, name: str, place: str, is_its_place: bool) -> Message:
    """Return what a scan says that was made while a bag was on the screen, and is none of it.

    Shapes:
        name: of the item or the place that was scanned; empty if it is neither.
        place: where the bag is.
    """
    if isinstance(reading, ItemCode):
        return Message("wrong", f"This is {name}. It is not in this order.")
    if isinstance(reading, BagCode):
        whose = f"This is {bags([reading.number])} of order {reading.order_number}."
        return Message("wrong", f"{whose} Do not hand it over: put it back where it was.")
    if isinstance(reading, PlaceCode) and is_its_place:
        return Message("good", f"This is the place: {place}.")
    if isinstance(reading, PlaceCode):
        return Message("wrong", f"This is {name}. The bag is at {place}.")
    noise = isinstance(reading, Noise)
    return Message("wrong", _WRONG[ScanOutcome.NOT_A_CODE if noise else ScanOutcome.UNKNOWN_CODE])


def lone_bag(one: Bag, number: str, place: str, *, is_over: bool) -> Message:
    """Return whose bag it is that was scanned by itself, and where it belongs."""
    which = f"This is {bags([one.number])} of order {number}."
    if is_over and one.state in {BagState.PACKED, BagState.WAITING}:
        return Message("info", f"{which} Nobody will collect it. Press Put back.")
    match one.state:
        case BagState.WAITING:
            return Message("info", f"{which} It belongs at {place}.")
        case BagState.PACKED:
            return Message("info", f"{which} It is still to be put at a place.")
        case BagState.GIVEN:
            return Message("wrong", f"{which} That was handed over. Ask who brought it back.")
        case BagState.EMPTIED:
            return Message("wrong", f"{which} This label counts no more: what is in it goes back.")


def when(moment: datetime, zone: ZoneInfo, now: datetime) -> str:
    """Return a time as the store's own clock shows it; with the day, if that is not today."""
    local = moment.astimezone(zone)
    if local.date() == now.astimezone(zone).date():
        return format_time(local, "short", locale="en_US")
    return format_datetime(local, "EEE h:mm a", locale="en_US")


def here(since: datetime | None, zone: ZoneInfo) -> str:
    """Return that a customer is here, and since when: a time of day, and no clock that runs."""
    if since is None:
        return ""
    return f"Customer is here since {format_time(since.astimezone(zone), 'short', locale='en_US')}"
