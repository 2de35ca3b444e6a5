"""Amounts and ages as a person at a desk would say them. Pure."""

from datetime import UTC, date, datetime, time, timedelta
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


def every(span: timedelta) -> str:
    """Return "every hour", "every 15 minutes"."""
    said = age(span)
    return f"every {said.removeprefix('1 ')}"


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


def clock_to_the_second(moment: datetime, zone: str) -> str:
    """Return day and time on the store's wall, for a timeline."""
    local = moment.astimezone(ZoneInfo(zone))
    return f"{local:%b} {local.day}, " + f"{local:%I:%M:%S %p}".lstrip("0")


def day_span(day: date, zone: str) -> tuple[datetime, datetime]:
    """Return the instants of a day's two midnights: 23, 24 or 25 hours apart."""
    ends = (day, day + timedelta(days=1))
    first, last = (datetime.combine(one, time(0), ZoneInfo(zone)).astimezone(UTC) for one in ends)
    return first, last


def local_day(moment: datetime, zone: str) -> date:
    return moment.astimezone(ZoneInfo(zone)).date()


def units(number: int) -> str:
    """Return a signed number as a person writes it, with a true minus."""
    return f"\N{MINUS SIGN}{-number:,}" if number < 0 else f"{number:,}"


def signed(number: int) -> str:
    return f"+{number:,}" if number > 0 else units(number) if number else ""
