"""Where an item is, how sure we are, and what to count there, in words. Pure.

A find has a day and no name: it is about the shelf, never about who stood before it.
"""

from datetime import datetime, timedelta
from typing import Final, Protocol
from zoneinfo import ZoneInfo

from bopis.kernel.speech import current, phrase, said, t
from inventory.layout import whereabouts
from inventory.layout.floor import Block
from inventory.layout.whereabouts import Known, Sure

LOOKED_EVERYWHERE: Final = phrase("You have looked at every place we know.")
UNKNOWN: Final = phrase("We do not know its place. Look where things like it stand.")
NOWHERE_LEFT: Final = phrase(
    "You have looked at every place we know. If it is nowhere, press Not here and say so."
)
SAID: Final = phrase("You said that it is here.")

_SURE: Final = {
    Sure.SURE: phrase("It should be here"),
    Sure.LIKELY: phrase("It is probably here"),
    Sure.MAYBE: phrase("It may be here"),
    Sure.HARDLY: phrase("It is probably not here"),
}
_WEEK: Final = timedelta(days=7)


def how_sure(place: Known, zone: ZoneInfo, now: datetime) -> str:
    """Return how sure we are that an item is here, and since when."""
    word = whereabouts.sure(place, now)
    if word is Sure.UNTRIED:
        return t("The plan says that it is here. Nobody has looked yet.")
    since = _since(place, zone, now)
    if not since:
        return f"{t(_SURE[word])}."
    return t("{sure}: {since}.", sure=t(_SURE[word]), since=since)


def _since(place: Known, zone: ZoneInfo, now: datetime) -> str:
    found, missed = place.last_found_at, place.last_missed_at
    if missed is not None and (found is None or missed > found):
        lately = day(missed, zone, now)
        if found is None:
            return t("not found {day}", day=lately)
        return t("not found {day}, but found {before}", day=lately, before=day(found, zone, now))
    return t("found {day}", day=day(found, zone, now)) if found else ""


def day(moment: datetime, zone: ZoneInfo, now: datetime) -> str:
    """Return a past day as one says it: today, yesterday, on Tuesday, on March 3."""
    date, today = moment.astimezone(zone).date(), now.astimezone(zone).date()
    if date >= today:
        return t("today")
    if date == today - timedelta(days=1):
        return t("yesterday")
    if today - date < _WEEK:
        return t("on {weekday}", weekday=current().weekday(date))
    return t("on {date}", date=current().day_of_month(date))


def look_next(place: Known | None, zone: ZoneInfo, now: datetime) -> str:
    """Return where to look next, and why; None: there is nowhere left."""
    if place is None:
        return t(NOWHERE_LEFT)
    found = place.last_found_at
    if found is not None:
        why = t("it was found there {day}", day=day(found, zone, now))
    else:
        why = t("the plan has it there too") if place.planned else t("it may be there")
    return t("Look {where} next: {why}.", where=_where(place), why=why)


def in_the_way(block: Block | None, zone: ZoneInfo, now: datetime) -> str:
    """Return why no way leads to a place, and what to do about it."""
    if block is None:
        return t("By the plan no way leads there just now. Skip it if you cannot get there.")
    if block.until is None:
        return t(
            "The aisle is blocked: {reason}. Skip it if you cannot get there.", reason=block.reason
        )
    return t(
        "The aisle is blocked until {time}: {reason}. Skip it if you cannot get there.",
        time=clock(block.until, zone, now),
        reason=block.reason,
    )


def clock(moment: datetime, zone: ZoneInfo, now: datetime) -> str:
    """Return a time as the store's clock shows it; with the day, if that is not today."""
    local = moment.astimezone(zone)
    is_today = local.date() == now.astimezone(zone).date()
    return current().time(local) if is_today else current().weekday_and_time(local)


def _where(place: Known) -> str:
    if place.kind == "backroom":
        return t("in the back room")
    if place.kind == "display":
        return t("at the display in {signs}", signs=signs(place))
    return t("in {signs}", signs=signs(place))


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
    return t("Scan the shelf first: {signs}.", signs=signs(place))


def signs(place: Signed) -> str:
    """Return a place as its signs name it: aisle 12, bay 4, shelf 2."""
    words = (
        place.aisle and t("aisle {aisle}", aisle=place.aisle),
        place.bay and t("bay {bay}", bay=place.bay),
        place.shelf and t("shelf {shelf}", shelf=place.shelf),
    )
    return ", ".join(word for word in words if word)


_EMPTY: Final = {
    "shelf": phrase("Is the shelf empty now?"),
    "display": phrase("Is the display empty now?"),
    "backroom": phrase("Is its place in the back room empty now?"),
}


def is_empty(kind: str) -> str:
    """Return the question after a pick, by where the last unit was taken."""
    return t(_EMPTY[kind])


def sentences() -> dict[str, object]:
    """Return what a handheld says of places by itself."""
    return {
        "looked_everywhere": t(LOOKED_EVERYWHERE),
        "unknown_place": t(UNKNOWN),
        "nowhere_left": t(NOWHERE_LEFT),
        "you_said": t(SAID),
        "you_found": t(
            "{sure}: {since}.", sure=t(_SURE[Sure.LIKELY]), since=t("found {day}", day=t("today"))
        ),
        "is_empty": said(_EMPTY),
    }


REASONS: Final = {
    "not_found": phrase("Nobody found it"),
    "short_quantity": phrase("There were fewer than an order needs"),
    "wrong_item_at_location": phrase("Something else was in its place"),
    "shelf_empty": phrase("Its shelf is empty, and the record says otherwise"),
    "shelf_not_empty": phrase("There is some, and the record says there is none"),
    "low_record": phrase("It sells well, and by the record it is nearly gone"),
    "at_random": phrase("Drawn by lot, to see whether the record is right"),
}


ASKED_FOR: Final = phrase("Store operations asks for it")


def why_count(reason: str) -> str:
    """Return why something should be counted; for a reason of another's, that one was asked."""
    return t(REASONS.get(reason, ASKED_FOR))
