"""How a pause is said to somebody outside: until when, and why if that is theirs to know. Pure."""

from collections.abc import Sequence
from datetime import datetime

from inventory.opening import hours, pause
from inventory.opening.hours import Calendar
from inventory.opening.pause import BECAUSE, Pause
from notifications.wording import Clock


def of_doors(calendar: Calendar, pauses: Sequence[Pause], clock: Clock, now: datetime) -> str:
    """Return why the doors are shut although the hours on them say otherwise; "": they are not.

    Until when, is until they open again by all that we know: after the last of several pauses, and
    not in the middle of a night.
    """
    on = pause.live((one for one in pauses if one.closes), now)
    if on is None:
        return ""
    return _sentence("The store is closed", calendar, on, clock, now)


def of_orders(calendar: Calendar, pauses: Sequence[Pause], clock: Clock, now: datetime) -> str:
    """Return why no new order is taken now; "": it is."""
    on = pause.refusing(pauses, now)
    if on is None:
        return ""
    return _sentence("The store takes no new orders", calendar, on, clock, now)


def _sentence(what: str, calendar: Calendar, on: Pause, clock: Clock, now: datetime) -> str:
    ends = ends_at(calendar, on, now)
    until = f"until {_when(ends, clock)}" if ends else "until further notice"
    return " ".join(filter(None, (what, until, BECAUSE[on.reason]))) + "."


def ends_at(calendar: Calendar, on: Pause, now: datetime) -> datetime | None:
    """Return when a pause is over for somebody at the door; None: nobody knows."""
    if not pause.is_known(on.ends_at, now):
        return None
    if hours.is_open(calendar, on.ends_at):
        return on.ends_at
    return hours.next_opening(calendar, on.ends_at)


def _when(moment: datetime, clock: Clock) -> str:
    """Return a time as one says it at the door: today needs no name."""
    return clock.at(moment) if clock.day(moment) == "today" else clock.when(moment)


def ahead(calendar: Calendar, pauses: Sequence[Pause], clock: Clock, now: datetime) -> str:
    """Return the next closing that a shopper should know of before it begins; "": there is none."""
    coming = [one for one in pauses if one.closes and one.begins_at > now]
    first = min(coming, key=lambda one: one.begins_at, default=None)
    if first is None:
        return ""
    ends = ends_at(calendar, first, now)
    one_day = ends is not None and clock.day(first.begins_at) == clock.day(ends)
    since = clock.at(first.begins_at) if one_day else clock.when(first.begins_at)
    until = f"to {clock.when(ends)}" if ends else "until further notice"
    words = f"The store will be closed from {since} {until}"
    return f"{words} {BECAUSE[first.reason]}".rstrip() + "."
