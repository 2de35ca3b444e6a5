"""Where an item is, how sure we are, and what to count there, in words. Pure.

A find has a day and no name: it is about the shelf, never about who stood before it.
"""

from datetime import datetime, timedelta
from typing import Final, Protocol
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime

from inventory import whereabouts
from inventory.floor import Block
from inventory.whereabouts import Known, Sure

LOOKED_EVERYWHERE: Final = "You have looked at every place we know."
UNKNOWN: Final = "We do not know its place. Look where things like it stand."
NOWHERE_LEFT: Final = f"{LOOKED_EVERYWHERE} If it is nowhere, press Not here and say so."
SAID: Final = "You said that it is here."

_SURE: Final = {
    Sure.SURE: "It should be here",
    Sure.LIKELY: "It is probably here",
    Sure.MAYBE: "It may be here",
    Sure.HARDLY: "It is probably not here",
}
_WEEK: Final = timedelta(days=7)


def how_sure(place: Known, zone: ZoneInfo, now: datetime) -> str:
    """Return how sure we are that an item is here, and since when."""
    word = whereabouts.sure(place, now)
    if word is Sure.UNTRIED:
        return "The plan says that it is here. Nobody has looked yet."
    since = _since(place, zone, now)
    return f"{_SURE[word]}: {since}." if since else f"{_SURE[word]}."


def _since(place: Known, zone: ZoneInfo, now: datetime) -> str:
    found, missed = place.last_found_at, place.last_missed_at
    if missed is not None and (found is None or missed > found):
        before = f", but found {day(found, zone, now)}" if found else ""
        return f"not found {day(missed, zone, now)}{before}"
    return f"found {day(found, zone, now)}" if found else ""


def day(moment: datetime, zone: ZoneInfo, now: datetime) -> str:
    """Return a past day as one says it: today, yesterday, on Tuesday, on March 3."""
    date, today = moment.astimezone(zone).date(), now.astimezone(zone).date()
    if date >= today:
        return "today"
    if date == today - timedelta(days=1):
        return "yesterday"
    return "on " + format_date(date, "EEEE" if today - date < _WEEK else "MMMM d", locale="en_US")


def look_next(place: Known | None, zone: ZoneInfo, now: datetime) -> str:
    """Return where to look next, and why; None: there is nowhere left."""
    if place is None:
        return NOWHERE_LEFT
    found = place.last_found_at
    if found is not None:
        why = f"it was found there {day(found, zone, now)}"
    else:
        why = "the plan has it there too" if place.planned else "it may be there"
    return f"Look {_where(place)} next: {why}."


def in_the_way(block: Block | None, zone: ZoneInfo, now: datetime) -> str:
    """Return why no way leads to a place, and what to do about it."""
    if block is None:
        return "By the plan no way leads there just now. Skip it if you cannot get there."
    until = f" until {clock(block.until, zone, now)}" if block.until else ""
    return f"The aisle is blocked{until}: {block.reason}. Skip it if you cannot get there."


def clock(moment: datetime, zone: ZoneInfo, now: datetime) -> str:
    """Return a time as the store's clock shows it; with the day, if that is not today."""
    local = moment.astimezone(zone)
    is_today = local.date() == now.astimezone(zone).date()
    return format_datetime(local, "h:mm a" if is_today else "EEE h:mm a", locale="en_US")


def _where(place: Known) -> str:
    if place.kind == "backroom":
        return "in the back room"
    return f"at the display in {signs(place)}" if place.kind == "display" else f"in {signs(place)}"


class Signed(Protocol):
    """What has signs: a place of an item, or its label."""

    @property
    def aisle(self) -> str: ...
    @property
    def bay(self) -> str: ...
    @property
    def shelf(self) -> str: ...


def scan_first(place: Signed) -> str:
    """Return what to do before an item of this place is scanned."""
    return f"Scan the shelf first: {signs(place)}."


def signs(place: Signed) -> str:
    """Return a place as its signs name it: aisle 12, bay 4, shelf 2."""
    words = (("aisle", place.aisle), ("bay", place.bay), ("shelf", place.shelf))
    return ", ".join(f"{sign} {word}" for sign, word in words if word)


_EMPTY: Final = {
    "shelf": "Is the shelf empty now?",
    "display": "Is the display empty now?",
    "backroom": "Is its place in the back room empty now?",
}


def is_empty(kind: str) -> str:
    """Return the question after a pick, by where the last unit was taken."""
    return _EMPTY[kind]


def sentences() -> dict[str, object]:
    """Return what a handheld says of places by itself."""
    return {
        "looked_everywhere": LOOKED_EVERYWHERE,
        "unknown_place": UNKNOWN,
        "nowhere_left": NOWHERE_LEFT,
        "you_said": SAID,
        "you_found": f"{_SURE[Sure.LIKELY]}: found today.",
        "is_empty": _EMPTY,
    }


REASONS: Final = {
    "not_found": "Nobody found it",
    "short_quantity": "There were fewer than an order needs",
    "wrong_item_at_location": "Something else was in its place",
    "shelf_empty": "Its shelf is empty, and the record says otherwise",
    "shelf_not_empty": "There is some, and the record says there is none",
    "low_record": "It sells well, and by the record it is nearly gone",
}


def why_count(reason: str) -> str:
    """Return why something should be counted; for a reason of another's, that one was asked."""
    return REASONS.get(reason, "Store operations asks for it")
