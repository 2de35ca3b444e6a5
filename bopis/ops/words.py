"""Amounts and ages as a person at a desk would say them. Pure."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def counted(number: int, one: str, many: str | None = None) -> str:
    """Return "1 order", "2 orders", "no orders"."""
    noun = one if number == 1 else many or f"{one}s"
    return f"{number or 'no':,} {noun}" if number else f"no {noun}"


def age(span: timedelta) -> str:
    """Return how long, in the two largest units that still matter to whoever must act on it."""
    if span < MINUTE:
        return "less than a minute"
    if span < HOUR:
        return counted(span // MINUTE, "minute")
    if span < DAY:
        hours, minutes = span // HOUR, span % HOUR // MINUTE
        return f"{hours} h {minutes} min" if minutes else counted(hours, "hour")
    return counted(span // DAY, "day")


def share(part: int, whole: int) -> str:
    """Return "94 %", or why there is no figure yet: a share of nothing is not 0 or 100."""
    return f"{100 * part / whole:.0f} %" if whole else "none yet"


def clock(moment: datetime, zone: str, today: datetime) -> str:
    """Return the time on the store's wall, with its day where that is not today."""
    local, now = moment.astimezone(ZoneInfo(zone)), today.astimezone(ZoneInfo(zone))
    wall = f"{local:%I:%M %p}".lstrip("0")
    if local.date() == now.date():
        return wall
    return f"{local:%a} {wall}" if abs(local - now) < 6 * DAY else f"{local:%b} {local.day} {wall}"


def headline(needs: int) -> str:
    """Return the answer to the one question that this page is opened with."""
    if not needs:
        return "Nothing needs a person right now"
    return f"{counted(needs, 'thing')} need{'s' if needs == 1 else ''} a person"
