"""What the handheld says, in words. Pure.

Short enough to read at arm's length, and never to blame: *This is barley drink. We need oat drink.*
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Final, Literal
from zoneinfo import ZoneInfo

from associates.bagging.bag import Bag, BagState
from associates.picking.scans import (
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
from bopis.kernel.speech import current, phrase, said, t


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
        elsewhere: the place whose label was scanned, if we had asked for another one; else empty.
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
    elsewhere: str = ""


_SCENE: Final = tuple(field.name for field in fields(Scene))

CARRY_ON: Final = phrase("Yours: carry on")
CARRY_ON_STAGING: Final = phrase("Yours: put it at a pickup place")

REASONS: Final = {
    ShortReason.NOT_FOUND: phrase("It is nowhere to be found"),
    ShortReason.SHORT_QUANTITY: phrase("There are fewer than we need"),
    ShortReason.DAMAGED: phrase("It is damaged or worn"),
    ShortReason.WRONG_ITEM_AT_LOCATION: phrase("Something else is in its place"),
    ShortReason.RECALLED_OR_NOT_SELLABLE: phrase("It is recalled or past its date"),
}

_GOOD: Final = {
    ScanKind.STAGE: phrase("Ready at {place}."),
    ScanKind.PUT_BACK: phrase("Back on its shelf: {quantity} of {wanted}."),
    ScanKind.HAND_OVER: phrase("Handed over."),
    ScanKind.COUNT: phrase("Counted: {quantity} of {wanted}."),
    ScanKind.TOTE: phrase("In {tote}."),
}
_NOTED: Final = {
    ScanKind.SHORT: phrase("Noted: {quantity} of {wanted} not here."),
    ScanKind.SKIP: phrase("Later: {wanted}."),
    ScanKind.UNDO: phrase("Taken back: {wanted}."),
    ScanKind.LOOK: phrase("Noted. Scan {wanted} when you have it."),
    ScanKind.MISS: "{place}",
    ScanKind.BAGS: phrase("Put a label on each bag. Then scan a place."),
    ScanKind.RETRACT: (
        phrase(
            "To be found again: {quantity}. We tell the customer that it is not ready after all."
        )
    ),
}
_WRONG: Final = {
    ScanOutcome.WRONG_ITEM: phrase("This is {scanned}. We need {wanted}."),
    ScanOutcome.TOO_MANY: phrase("We have all {asked} of {scanned}. Put this one back."),
    ScanOutcome.PAST_DATE: phrase("This one is past its date: take another."),
    ScanOutcome.UNKNOWN_CODE: phrase("We do not know this code. Scan the bars on the item itself."),
    ScanOutcome.NOT_A_CODE: phrase("That was not a code. Scan it again."),
    ScanOutcome.SUPERSEDED: phrase("Somebody else has this order now. Give them what you have."),
    ScanOutcome.COUNT_AGAIN: phrase(
        "You counted {quantity}, the record says {record}. Count once more."
    ),
    ScanOutcome.SECOND_PERSON: phrase(
        "Kept: {quantity}. That takes much off the record, so somebody else counts it too."
    ),
    ScanOutcome.SAME_PERSON: phrase(
        "You have looked already. Somebody else has to count this, with their own badge."
    ),
    ScanOutcome.WRONG_BAG: phrase("One bag here belongs to another order. Look at the labels."),
    ScanOutcome.BAGS_FIRST: phrase("Say first how many bags there are."),
    ScanOutcome.BAGS_LEFT: phrase(
        "Not every bag was scanned. Scan the rest, or press Not all here."
    ),
    ScanOutcome.LOOK_FIRST: phrase("Look at their ID first. Then press Handed over again."),
    ScanOutcome.SHELF_FIRST: "{place}",
    ScanOutcome.TOTE_FIRST: phrase("First put what you have in {tote}, and scan the tote."),
    ScanOutcome.WRONG_TOTE: phrase("This is {scanned}. It goes into {tote}."),
    ScanOutcome.STALE: phrase("Some of it may have moved since you counted. Count it again."),
}
_BY_THE_CASE: Final = phrase("This is {scanned} by the case. We need {left} more, one by one.")
_NOTED_SHORT: Final = phrase("We noted that {scanned} is not here. Press Undo if it is.")
_ALL_FOUND: Final = {
    ScanOutcome.WRONG_ITEM: phrase("This is not in the order. Scan the label of the pickup place."),
    ScanOutcome.UNKNOWN_CODE: phrase(
        "This is no pickup place of ours. Scan the label of the place."
    ),
}
_CHECKED: Final = {
    False: phrase("Thank you. That is what we thought."),
    True: phrase("Thank you. We thought otherwise, so it is on the list to be counted."),
}
_NOT_COUNTED: Final = {
    ScanOutcome.WRONG_ITEM: phrase("This is {scanned}. Count {wanted}."),
    ScanOutcome.UNKNOWN_CODE: phrase("We do not know this code. Scan one of {wanted}."),
}
_NOT_NOW: Final = {
    ScanKind.UNDO: phrase("There is nothing to take back."),
    ScanKind.STAGE: phrase("Not yet: something is still to be found."),
    ScanKind.BAGS: phrase("Not yet: something is still to be found."),
    ScanKind.PUT_BACK: phrase("This is back on its shelf already."),
    ScanKind.COUNT: phrase("Somebody has counted this meanwhile. Nothing was changed."),
    ScanKind.TOTE: phrase("Nothing waits to be put into a tote. Scan the next thing."),
}
_NO_SHELF: Final = phrase("This is the label of a shelf. Scan the label of the pickup place.")
_GONE: Final = {
    TaskState.OPEN: phrase("This order is not yours just now. Take it from the list."),
    TaskState.STAGED: phrase("This order is at its pickup place already."),
    TaskState.DONE: phrase("The customer has this order already."),
    TaskState.CANCELLED: phrase("This order was cancelled. Stop here: what you have goes back."),
}
_INTO_TOTE: Final = phrase(" Put it in {tote}.")
_NOT_IN_ORDER: Final = phrase("This is {scanned}. It is not in this order.")
_TAKEN: Final = phrase("{who} has this order just now.")
_BAG: Final = phrase("bag {number}")
_BAGS: Final = phrase("bags {numbers}")
_PUT_DOWN: Final = phrase("Down at {place}. Now {bags}.")
_THIS_IS_IT: Final = phrase("This is it.")
_OTHER: Final = {
    "last": phrase("That was the last one."),
    "last_of_tote": phrase("That was the last one of this order."),
    "into_tote": _INTO_TOTE,
    "found_some": phrase("Found {found} of {asked}."),
    "found_one": phrase("Found."),
    "found_all": phrase("Found all {asked}."),
    "have_it": phrase("We have {scanned} already. Put this one back."),
    "not_in_order": _NOT_IN_ORDER,
    "nothing_here": phrase("Nothing was found, so there is nothing to put here."),
    "done_already": phrase("This is done already."),
    "taken": _TAKEN,
    "elsewhere": phrase(
        "This is {elsewhere}, not the shelf we sent you to. Scan {wanted} if it is here."
    ),
    "who_has_it": phrase("{who} has this order now. Give them what you have."),
    "bag": _BAG,
    "bags": _BAGS,
    "put_down": _PUT_DOWN,
    "not_this_bag": phrase("This is {bag} of order {other}. Put it with that order."),
    "its_place_next": phrase("This is {bag}. Now scan its place."),
    "none_back": phrase("Noted: none of it goes back on its shelf."),
    "this_is_it": _THIS_IS_IT,
}


def this_is_it() -> Message:
    """Return that what was scanned is the item to be counted."""
    return Message("good", t(_THIS_IS_IT))


def sentences() -> dict[str, object]:
    """Return what a handheld says of scans by itself, before we have heard of them."""
    return {
        **said(_OTHER),
        "and": listed(["{most}", "{last}"]),
        "good": said(_GOOD),
        "noted": said(_NOTED),
        "wrong": said(_WRONG),
        "by_the_case": t(_BY_THE_CASE),
        "noted_short": t(_NOTED_SHORT),
        "all_found": said(_ALL_FOUND),
        "as_we_thought": t(_CHECKED[False]),
        "to_be_counted": t(_CHECKED[True]),
        "not_now": said(_NOT_NOW),
        "not_counted": said(_NOT_COUNTED),
        "no_shelf": t(_NO_SHELF),
        "gone": said(_GONE),
        "carry_on": t(CARRY_ON),
        "carry_on_staging": t(CARRY_ON_STAGING),
    }


def say(heard: Heard, scene: Scene) -> Message:
    """Return the answer to one scan."""
    values = {name: getattr(scene, name) for name in _SCENE} | {"quantity": heard.quantity}
    if heard.outcome is not ScanOutcome.APPLIED:
        is_kept = heard.outcome is ScanOutcome.SECOND_PERSON
        return Message("info" if is_kept else "wrong", t(_refused(heard, scene), **values))
    if heard.kind is ScanKind.SHORT and scene.state is TaskState.CANCELLED:
        return Message("info", t("Noted. That was all of this order: the customer is told."))
    if heard.kind is ScanKind.ZERO_CHECK:
        return Message("info", t(_CHECKED[heard.quantity > 0]))
    if heard.kind is ScanKind.STAGE and scene.bags and scene.state is TaskState.PICKED:
        return Message("good", t(_PUT_DOWN, **values))
    noted = _OTHER["elsewhere"] if scene.elsewhere else _NOTED.get(heard.kind)
    if heard.kind is ScanKind.PUT_BACK and heard.quantity == 0:
        noted = _OTHER["none_back"]
    if noted is not None:
        return Message("info", t(noted, **values))
    into = t(_INTO_TOTE, **values) if scene.tote and heard.kind not in _GOOD else ""
    return Message("good", t(_GOOD.get(heard.kind, _counted(scene)), **values) + into)


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
        return _NOT_IN_ORDER
    return _WRONG[heard.outcome]


def _not_now(heard: Heard, scene: Scene) -> str:
    if heard.kind is ScanKind.RETRACT and scene.state is TaskState.STAGED:
        return phrase("None of this was in the bag.")
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
        return t(_BAG, number=numbers[0])
    return t(_BAGS, numbers=listed([str(number) for number in numbers]))


def listed(several: Sequence[str]) -> str:
    """Return words as one: ``1, 2 and 3``."""
    return current().every(several)


def taken(who: str) -> Message:
    return Message("wrong", t(_TAKEN, who=who))


def handed_on(who: str, items: Sequence[tuple[str, int]]) -> Message:
    """Return what somebody reads who gives a walk away: what is in the tote goes with it."""
    tote = ", ".join(
        t("{quantity} of {name}", quantity=quantity, name=name) for name, quantity in items
    )
    given = " " + t("Give them the tote: {items}.", items=tote) if tote else ""
    return Message("info", t("{who} has it now.", who=who) + given)


def nobody_asks() -> Message:
    return Message("info", t("Nobody asks for this order any more."))


def taken_beside(taken: Mapping[str, str]) -> Message:
    """Return who has the orders that somebody wanted to take on together with others."""
    return Message(
        "info",
        " ".join(
            t("{who} has order {number} just now.", who=who, number=number)
            for number, who in taken.items()
        ),
    )


def not_taken(others: Mapping[str, str]) -> Message:
    """Return what became of orders that were taken on together while nobody could be asked.

    Shapes:
        others: of those that are not in these hands: the number, and who has it; blank: nobody.
    """
    held = {number: who for number, who in others.items() if who}
    gone = [
        t("Order {number} is not yours just now.", number=number)
        for number in others
        if number not in held
    ]
    said = [taken_beside(held).text] if held else []
    return Message("wrong", " ".join([*said, *gone, t("Give its tote to whoever has it.")]))


def cancelled_beside(number: str, tote: str) -> str:
    """Return what to do about an order that was cancelled while others are walked with it."""
    return t(
        "Order {number} was cancelled. What is in {tote}, goes back to its shelf.",
        number=number,
        tote=tote,
    )


def given_up(number: str) -> Message:
    return Message(
        "info",
        t("Order {number} is on the list again. Put its tote where it is found.", number=number),
    )


def counting(who: str) -> Message:
    return Message("wrong", t("{who} counts this just now.", who=who))


def beside_bag(reading: Reading, *, name: str, place: str, is_its_place: bool) -> Message:
    """Return what a scan says that was made while a bag was on the screen, and is none of it.

    Shapes:
        name: of the item or the place that was scanned; empty if it is neither.
        place: where the bag is.
    """
    if isinstance(reading, ItemCode):
        return Message("wrong", t(_NOT_IN_ORDER, scanned=name))
    if isinstance(reading, BagCode):
        whose = _whose(reading.number, reading.order_number)
        stop = t("Do not hand it over: put it back where it was.")
        return Message("wrong", f"{whose} {stop}")
    if isinstance(reading, PlaceCode) and is_its_place:
        return Message("good", t("This is the place: {place}.", place=place))
    if isinstance(reading, PlaceCode):
        return Message("wrong", t("This is {name}. The bag is at {place}.", name=name, place=place))
    noise = isinstance(reading, Noise)
    wrong = _WRONG[ScanOutcome.NOT_A_CODE if noise else ScanOutcome.UNKNOWN_CODE]
    return Message("wrong", t(wrong))


def _whose(bag_number: int, order: str) -> str:
    return t("This is {bag} of order {order}.", bag=bags([bag_number]), order=order)


def lone_bag(one: Bag, number: str, place: str, *, is_over: bool) -> Message:
    """Return whose bag it is that was scanned by itself, and where it belongs."""
    which = _whose(one.number, number)
    if is_over and one.state in {BagState.PACKED, BagState.WAITING}:
        return Message("info", f"{which} {t('Nobody will collect it. Press Put back.')}")
    match one.state:
        case BagState.WAITING:
            return Message("info", f"{which} {t('It belongs at {place}.', place=place)}")
        case BagState.PACKED:
            return Message("info", f"{which} {t('It is still to be put at a place.')}")
        case BagState.GIVEN:
            told = t("That was handed over. Ask who brought it back.")
            return Message("wrong", f"{which} {told}")
        case BagState.EMPTIED:
            told = t("This label counts no more: what is in it goes back.")
            return Message("wrong", f"{which} {told}")


def when(moment: datetime, zone: ZoneInfo, now: datetime) -> str:
    """Return a time as the store's own clock shows it; with the day, if that is not today."""
    local = moment.astimezone(zone)
    if local.date() == now.astimezone(zone).date():
        return current().time(local)
    return current().weekday_and_time(local)


def here(since: datetime | None, zone: ZoneInfo) -> str:
    """Return that a customer is here, and since when: a time of day, and no clock that runs."""
    if since is None:
        return ""
    return t("Customer is here since {time}", time=current().time(since.astimezone(zone)))
