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

_UNTRIED: Final = phrase("The plan says that it is here. Nobody has looked yet.")
_SURE_SINCE: Final = phrase("{sure}: {since}.")
_FOUND: Final = phrase("found {day}")
_MISSED: Final = phrase("not found {day}")
_MISSED_SINCE: Final = phrase("found {before}, then not found {day}")
_LOOK_NEXT: Final = phrase("Look {where} next: {why}.")
_FOUND_THERE: Final = phrase("it was found there {day}")
_PLANNED_THERE: Final = phrase("the plan has it there too")
_MAYBE_THERE: Final = phrase("it may be there")
_WHERE: Final = {
    "shelf": phrase("in {signs}"),
    "display": phrase("at the display in {signs}"),
    "backroom": phrase("in the back room"),
}
_SIGNS: Final = {
    "aisle": phrase("aisle {aisle}"),
    "bay": phrase("bay {bay}"),
    "shelf": phrase("shelf {shelf}"),
}
_SCAN_FIRST: Final = phrase("Scan the shelf first: {signs}.")
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
        return t(_UNTRIED)
    since = _since(place, zone, now)
    if not since:
        return f"{t(_SURE[word])}."
    return t(_SURE_SINCE, sure=t(_SURE[word]), since=since)


def _since(place: Known, zone: ZoneInfo, now: datetime) -> str:
    found, missed = place.last_found_at, place.last_missed_at
    if missed is not None and (found is None or missed > found):
        lately = day(missed, zone, now)
        if found is None:
            return t(_MISSED, day=lately)
        return t(_MISSED_SINCE, day=lately, before=day(found, zone, now))
    return t(_FOUND, day=day(found, zone, now)) if found else ""


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
        why = t(_FOUND_THERE, day=day(found, zone, now))
    else:
        why = t(_PLANNED_THERE) if place.planned else t(_MAYBE_THERE)
    return t(_LOOK_NEXT, where=_where(place), why=why)


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
    return t(_WHERE[place.kind], signs=signs(place))


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
    return t(_SCAN_FIRST, signs=signs(place))


def signs(place: Signed) -> str:
    """Return a place as its signs name it: aisle 12, bay 4, shelf 2."""
    named = {name: getattr(place, name) for name in _SIGNS}
    return ", ".join(t(_SIGNS[name], **named) for name, word in named.items() if word)


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
        "untried": t(_UNTRIED),
        "sure": said(_SURE),
        "sure_since": t(_SURE_SINCE),
        "found_day": t(_FOUND),
        "missed_day": t(_MISSED),
        "missed_since": t(_MISSED_SINCE),
        "look_next": t(_LOOK_NEXT),
        "found_there": t(_FOUND_THERE),
        "planned_there": t(_PLANNED_THERE),
        "maybe_there": t(_MAYBE_THERE),
        "today": t("today"),
        "where": said(_WHERE),
        "signs": said(_SIGNS),
        "scan_first": t(_SCAN_FIRST),
        "is_empty": said(_EMPTY),
        "why_count": said(REASONS),
        "by_another": t(BY_ANOTHER),
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


BY_ANOTHER: Final = phrase("You have looked: somebody else counts it")
ASKED_FOR: Final = phrase("Store operations asks for it")


def why_count(reason: str) -> str:
    """Return why something should be counted; for a reason of another's, that one was asked."""
    return t(REASONS.get(reason, ASKED_FOR))
